/* Write forms into the folder given: what the form fuzzer starts from. */
#include "base/file.h"

static const char *const forms[] = {
    "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\ntext\r\n--b--\r\n",
    "--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"C:\\x\\p.png\"\r\n"
    "Content-Type: image/png\r\nContent-Transfer-Encoding: "
    "binary\r\n\r\n\x89PNG\r\n--x\r\r\n-\r\n--b\r\n"
    "Content-Disposition: form-data; name=f; filename*=UTF-8''x; filename=y\r\n\r\n\r\n--b--",
    "preamble\r\n--b \t\r\nContent-Disposition: form-data; name=\"a\\\"b\"\r\nX: "
    "y\r\n\r\n\r\n--b--epilogue",
};

static Err *seeds_write(const char *folder)
{
    AUTO(arena_free) Arena *arena = arena_new();

    TRY(folder_make(folder));
    for (size_t i = 0; i < COUNT(forms); i++)
        TRY(file_write(
            path_join(arena, folder, arena_print(arena, "form-%zu", i)), forms[i],
            strlen(forms[i])));
    return NULL;
}

int main(int argc, char **argv)
{
    AUTO(err_free) Err *err = seeds_write(argc > 1 ? argv[1] : "seeds");

    if (err)
        fprintf(stderr, "%s\n", err_message(err));
    return err != NULL;
}
