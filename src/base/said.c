/* What is said to people: values between marks. */
#include "base/said.h"

#include <stdio.h>
#include <string.h>

enum {
    FORMAT_MOST = 1024
};

static const char mark = SAID_MARK[0];

/* FORMAT with a mark on both sides of each conversion. */
static void format_mark(const char *format, char *ret)
{
    size_t length = 0;

    while (*format && length + 1 < FORMAT_MOST) {
        size_t plain = strcspn(format, "%");
        size_t conversion = 0;

        if (format[plain] == '%' && format[plain + 1] == '%')
            plain += 2;
        else if (format[plain] == '%')
            conversion = 2 + strcspn(format + plain + 1, "diouxXeEfFgGaAcsp");
        length += (size_t)snprintf(
            ret + length, FORMAT_MOST - length, conversion ? "%.*s%c%.*s%c" : "%.*s", (int)plain,
            format, mark, (int)conversion, format + plain, mark);
        format += plain + conversion;
    }
}

static const char *marked_format(const char *format, char *room)
{
    if (strcmp(format, "%s") == 0 || strlen(format) > FORMAT_MOST / 2)
        return format;
    format_mark(format, room);
    return room;
}

/* The marked format has the conversions of FORMAT, which whoever calls has had checked. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
void said_write(char *ret, size_t size, const char *format, va_list args)
{
    char room[FORMAT_MOST] = "";

    vsnprintf(ret, size, marked_format(format, room), args);
}
#pragma GCC diagnostic pop

const char *said_print(Arena *mem, const char *format, ...)
{
    char text[FORMAT_MOST];
    va_list args;

    va_start(args, format);
    said_write(text, sizeof(text), format, args);
    va_end(args);
    return arena_text(mem, text);
}

void said_unmark(char *said)
{
    char *to = said;

    for (const char *from = said; *from; from++)
        if (*from != mark)
            *to++ = *from;
    *to = '\0';
}

const char *said_plain(const char *said, Arena *mem)
{
    char *plain = arena_text(mem, said);

    if (plain)
        said_unmark(plain);
    return plain;
}

static size_t marks_count(const char *said)
{
    size_t count = 0;

    for (; *said; said++)
        count += *said == mark;
    return count;
}

const char *
said_split(const char *said, Arena *mem, const char *const **ret_values, size_t *ret_count)
{
    size_t marks = marks_count(said), count = marks / 2;
    const char **values = ARENA_ARRAY(mem, const char *, count + 1);
    char *sentence = "";

    *ret_values = values;
    *ret_count = 0;
    if (marks % 2 || count > SAID_VALUES_MOST)
        return said_plain(said, mem);
    for (size_t i = 0; i < count; i++) {
        const char *value = strchr(said, mark) + 1, *end = strchr(value, mark);

        values[i] = arena_text_n(mem, value, (size_t)(end - value));
        sentence = arena_print(mem, "%s%.*s{%zu}", sentence, (int)(value - 1 - said), said, i + 1);
        said = end + 1;
    }
    *ret_count = count;
    return arena_print(mem, "%s%s", sentence, said);
}
