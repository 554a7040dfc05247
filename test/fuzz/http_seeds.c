/* Write requests into the folder given: what the HTTP fuzzer starts from. */
#include "base/file.h"

#define ORDER \
    "POST /v1/shops/1/orders?dry=1 HTTP/1.1\r\nHost: a\r\nX-API-Key: good\r\n" \
    "Content-Type: application/json\r\n"

static const char *const requests[] = {
    ORDER "Content-Length: 12\r\n\r\n{\"name\":\"a\"}",
    ORDER "Transfer-Encoding: chunked\r\n\r\nc;x=y\r\n{\"name\":\"a\"}\r\n0\r\nX: y\r\n\r\n",
    "GET /v1/words?limit=2 HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 1.2.3.4, ::1\r\n\r\n"
    "DELETE /v1/words HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer good\r\n\r\n",
    "GET /v1/files/fetched HTTP/1.0\r\nRange: bytes=1-2\r\nIf-None-Match: \"abc\"\r\n\r\n",
    "HEAD http://a/docs HTTP/1.1\r\nHost: a\r\nAccept-Encoding: br\r\nOrigin: x\r\n\r\n",
    "OPTIONS /v1/words HTTP/1.1\r\nHost: a\r\n\r\n",
    "PUT /store/a/b%20c HTTP/1.1\r\nHost: a\r\nX-API-Key: good\r\nContent-Type: image/png\r\n"
    "Content-Length: 4\r\nExpect: 100-continue\r\n\r\nPNG!",
    "POST /v1/albums HTTP/1.1\r\nHost: a\r\nX-API-Key: good\r\n"
    "Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 145\r\n\r\n"
    "--b\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nT\r\n"
    "--b\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"a\"\r\n\r\n1\r\n--b--\r\n   "
    "  ",
    "GET /v1/news HTTP/1.1\r\nHost: a\r\nLast-Event-ID: 3\r\n\r\n",
};

static Err *seeds_write(const char *folder)
{
    AUTO(arena_free) Arena *arena = arena_new();

    TRY(folder_make(folder));
    for (size_t i = 0; i < COUNT(requests); i++)
        TRY(file_write(
            path_join(arena, folder, arena_print(arena, "request-%zu", i)), requests[i],
            strlen(requests[i])));
    return NULL;
}

int main(int argc, char **argv)
{
    AUTO(err_free) Err *err = seeds_write(argc > 1 ? argv[1] : "seeds");

    if (err)
        fprintf(stderr, "%s\n", err_message(err));
    return err != NULL;
}
