/* The bytes of a table as UTF-8, whichever program has saved it: UTF-8, UTF-16 where a mark says so, else Windows-1252. */
#include <string.h>

#include "run/run_priv.h"

typedef struct Reading {
    const unsigned char *at, *end;
    int64_t line; /* that is read, from 1 */
    Buf text;
} Reading;

static void reading_done(Reading *reading)
{
    buf_done(&reading->text);
}
DEFINE_AUTO_DONE(Reading, reading_done);

static MUST Err *unreadable(const Reading *reading, const char *kind)
{
    return err_public(
        err_new(ERR_INPUT_INVALID, "CSV line %jd is no %s", (intmax_t)reading->line, kind),
        "Line %jd: a letter cannot be read as %s. Save the table as \"CSV UTF-8\".",
        (intmax_t)reading->line, kind);
}

/* How long the well-formed character at AT is (the Unicode Standard, table 3-7); 0 when there is none. */
static size_t utf8_length(const unsigned char *at, const unsigned char *end)
{
    static const struct {
        unsigned char first, last, second_low, second_high;
        size_t length;
    } rows[] = {
        {0x00, 0x7f, 0x00, 0x00, 1}, {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
        {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
        {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        size_t length = rows[i].length;

        if (*at < rows[i].first || *at > rows[i].last)
            continue;
        if ((size_t)(end - at) < length)
            return 0;
        if (length > 1 && (at[1] < rows[i].second_low || at[1] > rows[i].second_high))
            return 0;
        for (size_t j = 2; j < length; j++)
            if (at[j] < 0x80 || at[j] > 0xbf)
                return 0;
        return length;
    }
    return 0;
}

static MUST Err *point_add(Buf *text, uint32_t point)
{
    unsigned char bytes[4];
    size_t size = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;

    for (size_t i = size - 1; i > 0; i--, point >>= 6)
        bytes[i] = (unsigned char)(0x80 | (point & 0x3f));
    bytes[0] = (unsigned char)(size == 1 ? point : (0xf00u >> size & 0xffu) | point);
    return buf_add(text, bytes, size);
}

/* True when all of it is UTF-8. Else the line is that of the first byte that is not, and *RET_WIDE says whether letters past ASCII came
 * before or after it: then it is UTF-8 with a fault, and no other kind. */
static bool utf8_check(Reading *reading, bool *ret_wide)
{
    bool is_whole = true;

    *ret_wide = false;
    for (const unsigned char *at = reading->at; at < reading->end;) {
        size_t length = utf8_length(at, reading->end);

        *ret_wide |= length > 1;
        reading->line += is_whole && *at == '\n';
        is_whole &= length > 0;
        at += MAX(length, (size_t)1);
    }
    return is_whole;
}

static MUST Err *utf16_read(Reading *reading, bool is_big)
{
    while (reading->at < reading->end) {
        uint32_t units[2] = {0};
        size_t left = (size_t)(reading->end - reading->at) / 2;

        for (size_t i = 0; i < MIN(left, (size_t)2); i++) {
            const unsigned char *pair = reading->at + 2 * i;
            units[i] =
                is_big ? (uint32_t)(pair[0] << 8 | pair[1]) : (uint32_t)(pair[1] << 8 | pair[0]);
        }
        bool is_high = units[0] >= 0xd800 && units[0] < 0xdc00;
        bool is_low = units[0] >= 0xdc00 && units[0] < 0xe000;
        bool has_low = units[1] >= 0xdc00 && units[1] < 0xe000;

        if (!left || is_low || is_high != (is_high && has_low))
            return unreadable(reading, "UTF-16");
        TRY(point_add(
            &reading->text,
            is_high ? 0x10000 + ((units[0] - 0xd800) << 10) + (units[1] - 0xdc00) : units[0]));
        reading->line += units[0] == '\n';
        reading->at += is_high ? 4 : 2;
    }
    return NULL;
}

static MUST Err *windows_read(Reading *reading)
{
    /* 0x80 to 0x9f, by the WHATWG's Encoding Standard; 0 where Microsoft has no letter. */
    static const uint16_t points[32] = {
        0x20ac, 0,      0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
        0x2039, 0x0152, 0,      0x017d, 0,      0,      0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
        0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0,      0x017e, 0x0178,
    };

    reading->line = 1;
    for (; reading->at < reading->end; reading->at++) {
        unsigned byte = *reading->at;
        uint32_t point = byte >= 0x80 && byte < 0xa0 ? points[byte - 0x80] : byte;

        if (!point && byte)
            return unreadable(reading, "UTF-8 or Windows-1252");
        TRY(point_add(&reading->text, point));
        reading->line += byte == '\n';
    }
    return NULL;
}

static bool begins_with(Reading *reading, const char *mark)
{
    size_t size = strlen(mark);

    if ((size_t)(reading->end - reading->at) < size || memcmp(reading->at, mark, size) != 0)
        return false;
    reading->at += size;
    return true;
}

Err *csv_text(const void *bytes, size_t size, Buf *ret)
{
    AUTO(reading_done) Reading reading = {
        .at = bytes,
        .end = (const unsigned char *)bytes + size,
        .line = 1,
        .text = BUF(3 * size + 1), /* no letter of the other kinds is longer in UTF-8 */
    };
    bool is_wide;

    if (begins_with(&reading, "\xff\xfe"))
        TRY(utf16_read(&reading, false));
    else if (begins_with(&reading, "\xfe\xff"))
        TRY(utf16_read(&reading, true));
    else {
        bool is_marked = begins_with(&reading, "\xef\xbb\xbf");

        if (utf8_check(&reading, &is_wide))
            TRY(buf_add(&reading.text, reading.at, (size_t)(reading.end - reading.at)));
        else if (is_marked || is_wide)
            return unreadable(&reading, "UTF-8");
        else
            TRY(windows_read(&reading));
    }
    *ret = reading.text;
    reading.text = (Buf){0};
    return NULL;
}
