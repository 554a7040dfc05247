/* Any bytes as a form, whole and cut into pieces: the same texts and files, or the same refusal; and no sink is left open. */
#include <string.h>

#include "http/form_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

typedef struct Taken {
    Buf bytes;
    int open;
} Taken;

static void must(bool holds)
{
    if (!holds)
        abort();
}

static Err *taken_write(void *taken_any, const void *bytes, size_t size)
{
    Taken *taken = taken_any;

    return buf_add(&taken->bytes, bytes, size);
}

static void taken_free(void *taken_any)
{
    Taken *taken = taken_any;

    taken->open--;
}

static Err *
file_open(void *taken_any, const Part *part, int number, int64_t *ret_max_bytes, Sink *ret)
{
    Taken *taken = taken_any;

    must(*part->name && !strchr(part->filename, '/') && !strchr(part->filename, '\\'));
    must(strlen(part->filename) <= 255 && number >= 0);
    taken->open++;
    *ret_max_bytes = 4096;
    *ret = (Sink){.context = taken, .write = taken_write, .free = taken_free};
    return buf_print(&taken->bytes, "[%s|%s|%s]", part->name, part->filename, part->type);
}

/* Read in pieces of STEP bytes; true when it was a form. */
static bool form_read(const uint8_t *bytes, size_t size, size_t step, Taken *taken)
{
    AUTO(arena_free) Arena *mem = arena_new();
    FormSetup setup = {
        .content_type = "multipart/form-data; boundary=b",
        .mem = mem,
        .open = file_open,
        .context = taken,
        .parts_max = 8,
    };
    Form *form = NULL;
    Err *err = form_new(&setup, &form);
    size_t count;

    for (size_t at = 0; at < size && !err; at += step)
        err = form_feed(form, bytes + at, MIN(step, size - at));
    if (!err)
        err = form_end(form);

    const FormText *texts = form_texts(form, &count);
    for (size_t i = 0; i < count && !err; i++)
        must(!buf_print(&taken->bytes, "(%s=%s)", texts[i].name, texts[i].value));
    form_free(form);
    must(taken->open == 0);

    bool is_form = !err;
    err_free(err);
    return is_form;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const size_t steps[] = {1, 2, 7};
    Taken whole = {.bytes = BUF(1 << 20)};
    bool is_form = form_read(bytes, size, size + 1, &whole);

    for (size_t i = 0; i < COUNT(steps); i++) {
        Taken cut = {.bytes = BUF(1 << 20)};

        must(form_read(bytes, size, steps[i], &cut) == is_form);
        must(!is_form || strcmp(buf_text(&whole.bytes), buf_text(&cut.bytes)) == 0);
        buf_done(&cut.bytes);
    }
    buf_done(&whole.bytes);
    return 0;
}
