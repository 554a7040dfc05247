/* Bytes as letters, six bits each. */
#include "base/base64.h"

#include <stdint.h>
#include <string.h>

static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char for_urls[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static const char *
letters(const unsigned char *bytes, size_t size, const char *alphabet, bool is_padded, Arena *mem)
{
    char *text = arena_take(mem, (size + 2) / 3 * 4 + 1);
    char *at = text;

    for (size_t i = 0; i < size; i += 3) {
        size_t left = MIN(size - i, (size_t)3);
        uint32_t bits = (uint32_t)bytes[i] << 16;

        if (left > 1)
            bits |= (uint32_t)bytes[i + 1] << 8;
        if (left > 2)
            bits |= bytes[i + 2];
        for (size_t k = 0; k < 4; k++, bits <<= 6)
            if (k <= left)
                *at++ = alphabet[bits >> 18 & 63];
            else if (is_padded)
                *at++ = '=';
    }
    return text;
}

const char *base64_text(const void *bytes, size_t size, Arena *mem)
{
    return letters(bytes, size, plain, true, mem);
}

const char *base64_url_text(const void *bytes, size_t size, Arena *mem)
{
    return letters(bytes, size, for_urls, false, mem);
}

static int letter_value(char letter)
{
    const char *found = letter ? strchr(plain, letter) : NULL;

    if (letter == '-')
        return 62;
    if (letter == '_')
        return 63;
    return found ? (int)(found - plain) : -1;
}

Err *base64_read(const char *text, Buf *buf)
{
    size_t length = strlen(text);
    uint32_t bits = 0;

    if (length % 4 == 0)
        for (int pads = 0; pads < 2 && length > 0 && text[length - 1] == '='; pads++)
            length--;
    if (length % 4 == 1)
        return err_new(ERR_INPUT_INVALID, "base64 cannot be %zu letters long", length);

    for (size_t i = 0; i < length; i++) {
        int value = letter_value(text[i]);

        if (value < 0)
            return err_new(ERR_INPUT_INVALID, "base64 has a letter it cannot have, number %zu", i);
        bits = bits << 6 | (uint32_t)value;
        if (i % 4 != 0) {
            unsigned char byte = (unsigned char)(bits >> (6 - 2 * (i % 4)));

            TRY(buf_add(buf, &byte, 1));
        }
    }
    return NULL;
}
