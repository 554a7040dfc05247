/* Long plain texts in JSON, such as pictures in base64, go around the JSON library: it looks at each letter several times, which for a
 * picture takes longer than all else that is done with it. What is left for it is the same document with short stand-ins.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/chance.h"
#include "base/value_priv.h"

enum {
    DOCUMENT_LEAST = 64 * 1024, /* smaller ones are quick enough */
    TEXT_LEAST = 16 * 1024,
    TEXTS_MOST = 32,
    STAND_IN_SIZE = 25 /* 16 letters by chance, 8 of its number, an end */
};

typedef struct Lifted {
    const char *texts[TEXTS_MOST];
    size_t sizes[TEXTS_MOST];
    size_t count;
    uint64_t nonce;
} Lifted;

static void stand_in_write(const Lifted *lifted, size_t number, char text[STAND_IN_SIZE])
{
    snprintf(text, STAND_IN_SIZE, "%016" PRIx64 "%08zx", lifted->nonce, number);
}

/* ASCII that stands in JSON as it is. */
static bool is_plain(const char *text, size_t size)
{
    unsigned char odd = 0;

    for (size_t i = 0; i < size; i++) {
        unsigned char letter = (unsigned char)text[i];

        odd |=
            (unsigned char)((letter < 0x20) | (letter > 0x7e) | (letter == '"') | (letter == '\\'));
    }
    return !odd;
}

/* ---- reading ---- */

/* The quote that ends the text at START; NULL when none does. */
static const char *text_end(const char *start, const char *end)
{
    for (const char *at = start; (at = memchr(at, '"', (size_t)(end - at))); at++) {
        const char *slash = at;

        while (slash > start && slash[-1] == '\\')
            slash--;
        if ((at - slash) % 2 == 0)
            return at;
    }
    return NULL;
}

static bool is_key(const char *after, const char *end)
{
    while (after < end && strchr(" \t\r\n", *after) && *after)
        after++;
    return after < end && *after == ':';
}

static bool is_lifted(const Lifted *lifted, const char *start, const char *close, const char *end)
{
    return (size_t)(close - start) >= TEXT_LEAST && lifted->count < TEXTS_MOST &&
           is_plain(start, (size_t)(close - start)) && !is_key(close + 1, end);
}

/* The document with stand-ins, in SMALL, which has room for it; its length, or 0 when its quotes do not pair. */
static size_t lift(const char *text, size_t size, Lifted *lifted, char *small)
{
    const char *at = text, *end = text + size, *quote;
    char *to = small;

    while ((quote = memchr(at, '"', (size_t)(end - at)))) {
        const char *start = quote + 1, *close = text_end(start, end);

        if (!close)
            return 0;
        memcpy(to, at, (size_t)(start - at));
        to += start - at;
        if (is_lifted(lifted, start, close, end)) {
            stand_in_write(lifted, lifted->count, to);
            to += STAND_IN_SIZE - 1;
            lifted->texts[lifted->count] = start;
            lifted->sizes[lifted->count++] = (size_t)(close - start);
        } else {
            memcpy(to, start, (size_t)(close - start));
            to += close - start;
        }
        *to++ = '"';
        at = close + 1;
    }
    memcpy(to, at, (size_t)(end - at));
    return (size_t)(to - small) + (size_t)(end - at);
}

/* The text that NODE stands in for, as a value of its own; NULL when it stands for itself. */
static json_t *stood_for(const Lifted *lifted, const json_t *node)
{
    char stand_in[STAND_IN_SIZE];

    if (!json_is_string(node) || json_string_length(node) != STAND_IN_SIZE - 1)
        return NULL;
    for (size_t i = 0; i < lifted->count; i++) {
        stand_in_write(lifted, i, stand_in);
        if (memcmp(json_string_value(node), stand_in, STAND_IN_SIZE - 1) == 0) {
            json_t *text = json_stringn_nocheck(lifted->texts[i], lifted->sizes[i]);

            if (!text)
                abort();
            return text;
        }
    }
    return NULL;
}

static void put_back(const Lifted *lifted, json_t *node)
{
    for (void *member = json_object_iter(node); member;
         member = json_object_iter_next(node, member)) {
        json_t *text = stood_for(lifted, json_object_iter_value(member));

        if (text)
            json_object_iter_set_new(node, member, text);
        else
            put_back(lifted, json_object_iter_value(member));
    }
    for (size_t i = 0; i < json_array_size(node); i++) {
        json_t *text = stood_for(lifted, json_array_get(node, i));

        if (text)
            json_array_set_new(node, i, text);
        else
            put_back(lifted, json_array_get(node, i));
    }
}

json_t *value_lift_read(const char *text, size_t size, size_t flags)
{
    Lifted lifted = {.count = 0};
    json_t *parsed = NULL;

    if (size < DOCUMENT_LEAST)
        return NULL;
    char *small = malloc(size);
    if (!small)
        return NULL;
    chance_bytes(&lifted.nonce, sizeof(lifted.nonce));
    size_t length = lift(text, size, &lifted, small);
    if (length && lifted.count)
        parsed = json_loadb(small, length, flags, NULL);
    free(small);
    if (json_is_string(parsed)) { /* a text alone is no document worth it */
        json_decref(parsed);
        return NULL;
    }
    put_back(&lifted, parsed);
    return parsed;
}

/* ---- writing ---- */

static MUST Err *text_write(const json_t *text, Buf *buf)
{
    const char *letters = json_string_value(text);
    size_t size = json_string_length(text);

    if (!is_plain(letters, size))
        return value_leaf_write(text, 0, buf);
    TRY(buf_reserve(buf, size + 2));
    TRY(buf_add(buf, "\"", 1));
    TRY(buf_add(buf, letters, size));
    return buf_add(buf, "\"", 1);
}

static MUST Err *object_write(const json_t *object, Buf *buf)
{
    json_t *node = (json_t *)(uintptr_t)object;
    const char *before = "{";

    for (void *member = json_object_iter(node); member;
         member = json_object_iter_next(node, member), before = ",") {
        const char *key = json_object_iter_key(member);
        json_t *name = json_string_nocheck(key);

        TRY(buf_add(buf, before, 1));
        Err *err = name ? text_write(name, buf) : err_new(ERR_MEMORY_SPENT, "no room for a name");
        json_decref(name);
        TRY(err);
        TRY(buf_add(buf, ":", 1));
        TRY(value_lift_write(json_object_iter_value(member), buf));
    }
    return json_object_size(object) ? buf_add(buf, "}", 1) : buf_add(buf, "{}", 2);
}

static MUST Err *list_write(const json_t *list, Buf *buf)
{
    TRY(buf_add(buf, "[", 1));
    for (size_t i = 0; i < json_array_size(list); i++) {
        if (i > 0)
            TRY(buf_add(buf, ",", 1));
        TRY(value_lift_write(json_array_get(list, i), buf));
    }
    return buf_add(buf, "]", 1);
}

Err *value_lift_write(const json_t *value, Buf *buf)
{
    if (json_is_object(value))
        return object_write(value, buf);
    if (json_is_array(value))
        return list_write(value, buf);
    return json_is_string(value) ? text_write(value, buf) : value_leaf_write(value, 0, buf);
}
