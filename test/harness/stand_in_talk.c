/* What the stand-in was asked. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/base64.h"
#include "harness/stand_in_priv.h"

/* The content of the form's field NAME. */
static const char *form_find(const Talk *talk, const char *name, size_t *ret_size)
{
    const PeerAsked *asked = talk->asked;
    const char *wanted = arena_print(talk->mem, "; name=\"%s\"", name);
    const char *end =
        arena_print(talk->mem, "\r\n%.*s", (int)strcspn(asked->body, "\r\n"), asked->body);
    const char *found = memmem(asked->body, asked->body_bytes, wanted, strlen(wanted));
    const char *from = found ? strstr(found, "\r\n\r\n") : NULL;
    if (!from)
        return NULL;

    from += 4;
    size_t left = asked->body_bytes - (size_t)(from - asked->body);
    const char *stop = memmem(from, left, end, strlen(end));
    *ret_size = stop ? (size_t)(stop - from) : left;
    return from;
}

const Value *talk_json(const Talk *talk, const char *name)
{
    const Value *input = value_get(talk->json, "input"); /* replicate's */
    const Value *own = value_get(input ? input : talk->json, name);

    return own ? own : value_get(talk->json, name);
}

const char *talk_text(const Talk *talk, const char *name)
{
    size_t size = 0;
    const Value *value = talk_json(talk, name);

    if (talk->json)
        return value_kind(value) == VALUE_INT
                   ? arena_print(talk->mem, "%lld", (long long)value_int(value))
                   : value_text(value);
    const char *content = form_find(talk, name, &size);
    return content ? arena_text_n(talk->mem, content, size) : NULL;
}

int talk_number(const Talk *talk, const char *name, int otherwise)
{
    const char *text = talk_text(talk, name);

    return text && *text ? (int)strtol(text, NULL, 10) : otherwise;
}

static void picture_decode(Talk *talk, const char *text)
{
    AUTO(buf_done) Buf bytes = BUF(PICTURE_BYTES_MAX);
    const char *comma = strncmp(text, "data:", 5) == 0 ? strchr(text, ',') : NULL;

    err_free(base64_read(comma ? comma + 1 : text, &bytes));
    talk->picture_size = bytes.size;
    talk->picture = bytes.bytes;
    arena_keep(talk->mem, free, TAKE(bytes.bytes));
}

static void picture_find(Talk *talk)
{
    static const char *const names[] = {"image",     "image[]",        "image_file",
                                        "image_url", "image_file_b64", "input_image"};

    for (size_t i = 0; i < COUNT(names) && !talk->picture_size; i++) {
        const char *text = value_text(talk_json(talk, names[i]));

        if (!talk->json)
            talk->picture = form_find(talk, names[i], &talk->picture_size);
        else if (text && strncmp(text, "http", 4) != 0)
            picture_decode(talk, text);
    }
    if (!talk->picture_size)
        return;
    Err *err = image_probe(talk->picture, talk->picture_size, &image_limits_default, &talk->facts);
    if (err)
        talk->picture_size = 0;
    err_free(err);
}

void talk_read(Talk *talk)
{
    Value *json = NULL;

    if (strstr(peer_header(talk->asked, "Content-Type"), "json")) {
        err_free(value_parse(talk->asked->body, talk->asked->body_bytes, &json));
        if (json)
            arena_keep(talk->mem, (void (*)(void *))value_free, json);
        talk->json = json;
    }
    const char *prompt = talk_text(talk, "prompt");
    talk->prompt = prompt ? prompt : "";
    picture_find(talk);
}

/* The path's part after BEFORE, up to the next slash. */
const char *talk_part(const Talk *talk, const char *before)
{
    const char *found = strstr(talk->path, before);

    found = found ? found + strlen(before) : "";
    return arena_text_n(talk->mem, found, strcspn(found, "/"));
}

void talk_wait(const Talk *talk)
{
    usleep((useconds_t)talk->house->latency_ms * 1000);
}
