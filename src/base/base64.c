/* Bytes as letters, six bits each. */
#include "base/base64.h"

#include <stdint.h>
#include <string.h>

static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char for_urls[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static void triple_write(uint32_t bits, const char *alphabet, char *to)
{
    to[0] = alphabet[bits >> 18];
    to[1] = alphabet[bits >> 12 & 63];
    to[2] = alphabet[bits >> 6 & 63];
    to[3] = alphabet[bits & 63];
}

static const char *
letters(const unsigned char *bytes, size_t size, const char *alphabet, bool is_padded, Arena *mem)
{
    size_t whole = size / 3 * 3, left = size - whole;
    char *text = arena_take(mem, (size + 2) / 3 * 4 + 1);
    char *at = text;

    for (size_t i = 0; i < whole; i += 3, at += 4)
        triple_write(
            (uint32_t)bytes[i] << 16 | (uint32_t)bytes[i + 1] << 8 | bytes[i + 2], alphabet, at);
    if (left) {
        uint32_t second = left > 1 ? bytes[whole + 1] : 0;

        triple_write((uint32_t)bytes[whole] << 16 | second << 8, alphabet, at);
        memset(at + left + 1, is_padded ? '=' : 0, 3 - left);
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

/* What a letter of either alphabet stands for, and one; 0 for the others. */
static const unsigned char values[256] = {
    ['A'] = 1,  ['B'] = 2,  ['C'] = 3,  ['D'] = 4,  ['E'] = 5,  ['F'] = 6,  ['G'] = 7,  ['H'] = 8,
    ['I'] = 9,  ['J'] = 10, ['K'] = 11, ['L'] = 12, ['M'] = 13, ['N'] = 14, ['O'] = 15, ['P'] = 16,
    ['Q'] = 17, ['R'] = 18, ['S'] = 19, ['T'] = 20, ['U'] = 21, ['V'] = 22, ['W'] = 23, ['X'] = 24,
    ['Y'] = 25, ['Z'] = 26, ['a'] = 27, ['b'] = 28, ['c'] = 29, ['d'] = 30, ['e'] = 31, ['f'] = 32,
    ['g'] = 33, ['h'] = 34, ['i'] = 35, ['j'] = 36, ['k'] = 37, ['l'] = 38, ['m'] = 39, ['n'] = 40,
    ['o'] = 41, ['p'] = 42, ['q'] = 43, ['r'] = 44, ['s'] = 45, ['t'] = 46, ['u'] = 47, ['v'] = 48,
    ['w'] = 49, ['x'] = 50, ['y'] = 51, ['z'] = 52, ['0'] = 53, ['1'] = 54, ['2'] = 55, ['3'] = 56,
    ['4'] = 57, ['5'] = 58, ['6'] = 59, ['7'] = 60, ['8'] = 61, ['9'] = 62, ['+'] = 63, ['-'] = 63,
    ['/'] = 64, ['_'] = 64,
};

/* COUNT letters, at most four, as the bytes they stand for; -1, or which letter is none. */
static int letters_read(const unsigned char *text, size_t count, unsigned char *to)
{
    uint32_t bits = 0;

    for (size_t i = 0; i < count; i++) {
        unsigned value = values[text[i]];

        if (!value)
            return (int)i;
        bits |= (uint32_t)(value - 1) << (18 - 6 * i);
    }
    for (size_t i = 0; i + 1 < count; i++)
        to[i] = (unsigned char)(bits >> (16 - 8 * i));
    return -1;
}

/* Four letters at a time, up to one that is none: their number. Pictures come and go as letters, so this is quick. */
static size_t fours_read(const unsigned char *text, size_t length, unsigned char *to)
{
    size_t i = 0;

    for (; i + 4 <= length; i += 4, to += 3) {
        uint32_t a = values[text[i]], b = values[text[i + 1]];
        uint32_t c = values[text[i + 2]], d = values[text[i + 3]];

        if (!a || !b || !c || !d)
            break;
        uint32_t bits = (a - 1) << 18 | (b - 1) << 12 | (c - 1) << 6 | (d - 1);

        to[0] = (unsigned char)(bits >> 16);
        to[1] = (unsigned char)(bits >> 8);
        to[2] = (unsigned char)bits;
    }
    return i;
}

Err *base64_read(const char *text, Buf *buf)
{
    size_t length = strlen(text), size = buf->size;

    if (length % 4 == 0)
        for (int pads = 0; pads < 2 && length > 0 && text[length - 1] == '='; pads++)
            length--;
    if (length % 4 == 1)
        return err_new(ERR_INPUT_INVALID, "base64 cannot be %zu letters long", length);

    TRY(buf_reserve(buf, length / 4 * 3 + length % 4 * 3 / 4));
    size_t done = fours_read((const unsigned char *)text, length, buf->bytes + size);
    size_t left = MIN(length - done, (size_t)4);

    size += done / 4 * 3;
    if (left) {
        int wrong = letters_read((const unsigned char *)text + done, left, buf->bytes + size);

        if (wrong >= 0)
            return err_new(
                ERR_INPUT_INVALID, "base64 has a letter it cannot have, number %zu",
                done + (size_t)wrong);
        size += left - 1;
    }
    buf->size = size;
    buf->bytes[size] = 0;
    return NULL;
}
