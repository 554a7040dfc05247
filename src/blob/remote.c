/* What S3 and Azure have in common. */
#include <ctype.h>
#include <string.h>
#include <time.h>

#include "blob/remote_priv.h"

/* ---- writing ---- */

void remote_pieces_init(Pieces *pieces)
{
    *pieces = (Pieces){.held = BUF(BLOB_CHUNK_BYTES)};
}

void remote_pieces_done(Pieces *pieces)
{
    buf_done(&pieces->held);
}

Err *remote_pieces_flush(BlobWriter *writer, Pieces *pieces, PieceSend *send)
{
    TRY(send(writer, &pieces->held));
    pieces->sent++;
    pieces->held.size = 0;
    return NULL;
}

Err *remote_pieces_add(
    BlobWriter *writer, Pieces *pieces, const void *bytes, size_t size, PieceSend *send)
{
    for (const char *from = bytes; size > 0;) {
        /* Only when more comes, so that what fits into one piece is sent as a whole. */
        if (pieces->held.size == pieces->held.limit)
            TRY(remote_pieces_flush(writer, pieces, send));

        size_t part = MIN(size, pieces->held.limit - pieces->held.size);
        TRY(buf_add(&pieces->held, from, part));
        from += part;
        size -= part;
    }
    return NULL;
}

/* ---- reading ---- */

Err *remote_take(BlobReader *reader, void *bytes, size_t room, size_t *ret_size)
{
    *ret_size = 0;
    return reader->at ? net_stream_read(reader->at, bytes, room, ret_size) : NULL;
}

void remote_leave(BlobReader *reader)
{
    net_stream_free(reader->at);
}

const char *remote_range(const BlobGet *get, Arena *mem)
{
    if (get->bytes > 0)
        return arena_print(
            mem, "bytes=%lld-%lld", (long long)get->from,
            (long long)(get->bytes > INT64_MAX - get->from ? INT64_MAX : get->from + get->bytes - 1));
    return get->from > 0 ? arena_print(mem, "bytes=%lld-", (long long)get->from) : NULL;
}

int64_t remote_time_ms(const char *text)
{
    struct tm parts = {0};

    if (!text || (!strptime(text, "%a, %d %b %Y %H:%M:%S GMT", &parts) &&
                  !strptime(text, "%Y-%m-%dT%H:%M:%S", &parts)))
        return 0;
    return (int64_t)timegm(&parts) * 1000;
}

BlobFacts remote_facts(const NetReply *reply, Arena *mem)
{
    const char *range = net_reply_header(reply, "content-range");
    const char *slash = range ? strchr(range, '/') : NULL;
    const char *type = net_reply_header(reply, "content-type");
    const char *etag = net_reply_header(reply, "etag");

    return (BlobFacts){
        .bytes = slash && isdigit((unsigned char)slash[1]) ? strtoll(slash + 1, NULL, 10)
                                                           : reply->body_bytes,
        .changed_ms = remote_time_ms(net_reply_header(reply, "last-modified")),
        .type = arena_text(mem, type ? type : "application/octet-stream"),
        .etag = !etag            ? "\"\""
                : etag[0] == '"' ? arena_text(mem, etag)
                                 : arena_print(mem, "\"%s\"", etag),
    };
}

/* ---- XML ---- */

const char *remote_xml_next(const char *text, const char *tag, Arena *mem, const char **ret_after)
{
    const char *opening = arena_print(mem, "<%s>", tag);
    const char *closing = arena_print(mem, "</%s>", tag);
    const char *from = strstr(text, opening);
    const char *end = from ? strstr(from, closing) : NULL;

    if (!end)
        return NULL;
    from += strlen(opening);
    *ret_after = end + strlen(closing);
    return arena_text_n(mem, from, (size_t)(end - from));
}

const char *remote_xml_text(const char *text, const char *tag, Arena *mem)
{
    static const struct {
        const char *code;
        char letter;
    } entities[] = {{"&amp;", '&'}, {"&lt;", '<'},    {"&gt;", '>'},  {"&quot;", '"'},
                    {"&#34;", '"'}, {"&apos;", '\''}, {"&#39;", '\''}};
    const char *after;
    char *inside = (char *)remote_xml_next(text, tag, mem, &after), *to = inside;
    if (!inside)
        return "";

    for (const char *from = inside; *from;) {
        size_t used = 1;
        char letter = *from;

        for (size_t i = 0; i < COUNT(entities); i++)
            if (strncmp(from, entities[i].code, strlen(entities[i].code)) == 0) {
                used = strlen(entities[i].code);
                letter = entities[i].letter;
            }
        *to++ = letter;
        from += used;
    }
    *to = 0;
    return inside;
}

/* ---- settings ---- */

Err *remote_endpoint(const char *text, Arena *mem, const char **ret_endpoint, const char **ret_host)
{
    const char *host = strncmp(text, "https://", 8) == 0  ? text + 8
                       : strncmp(text, "http://", 7) == 0 ? text + 7
                                                          : NULL;
    size_t length = strlen(text);

    while (length > 0 && text[length - 1] == '/')
        length--;
    if (!host || length <= (size_t)(host - text) || strpbrk(host, "?#@ "))
        return err_new(ERR_INPUT_INVALID, "the address of a store is no http or https url");
    *ret_endpoint = arena_text_n(mem, text, length);
    *ret_host = *ret_endpoint + (host - text);
    return NULL;
}
