/* Names in a pack: from what the product is called, safe on every system that unpacks it. */
#include <ctype.h>
#include <string.h>
#include <time.h>

#include "base/file.h"
#include "pack/pack_priv.h"

enum {
    NAME_BYTES_MAX = 80
};

/* Letters as they are, whatever the script; all else that a file system minds, and blanks, are dashes. */
static void word_add(Buf *name, const char *word)
{
    static const char refused[] = "<>:\"/\\|?*%#&{}$!'`@+= ";

    for (const char *at = word; *at; at++) {
        bool is_dash = (unsigned char)*at <= ' ' || *at == 0x7f || strchr(refused, *at);
        char letter = is_dash ? '-' : *at;

        if (is_dash && (!name->size || name->bytes[name->size - 1] == '-'))
            continue;
        err_free(buf_add(name, &letter, 1)); /* what is too long is cut */
    }
}

/* Names of old devices, which Windows refuses whatever follows a dot. */
static bool is_device(const char *name)
{
    static const char *const devices[] = {"con", "prn", "aux", "nul", "conin$", "conout$"};
    size_t length = strcspn(name, ".");
    char small[8] = "";

    if (length >= sizeof(small))
        return false;
    for (size_t i = 0; i < length; i++)
        small[i] = (char)tolower((unsigned char)name[i]);
    for (size_t i = 0; i < COUNT(devices); i++)
        if (strcmp(small, devices[i]) == 0)
            return true;
    return length == 4 && isdigit((unsigned char)small[3]) &&
           (strncmp(small, "com", 3) == 0 || strncmp(small, "lpt", 3) == 0);
}

/* Ends with no dot or dash, in no half letter, and is never empty. */
static const char *name_settle(Buf *name, Arena *mem)
{
    size_t size = name->size;

    if (size >= NAME_BYTES_MAX - 4)
        while (size > 0 && ((unsigned char)name->bytes[size - 1] & 0xc0) == 0x80)
            size--;
    if (size > 0 && size < name->size && (unsigned char)name->bytes[size - 1] >= 0xc0)
        size--;
    while (size > 0 && strchr(".-", name->bytes[size - 1]))
        size--;
    const char *text = size ? arena_text_n(mem, (const char *)name->bytes, size) : "picture";

    while (*text == '.' || *text == '-')
        text++;
    if (!*text)
        return "picture";
    return is_device(text) ? arena_print(mem, "_%s", text) : text;
}

static bool is_alike(const char *a, const char *b)
{
    while (*a && tolower((unsigned char)*a) == tolower((unsigned char)*b)) {
        a++;
        b++;
    }
    return *a == *b;
}

static bool is_used(const PackNames *names, const char *name)
{
    for (size_t i = 0; i < names->count; i++)
        if (is_alike(names->used[i], name))
            return true;
    return false;
}

const char *pack_name(PackNames *names, const PackPicture *picture)
{
    AUTO(buf_done) Buf text = BUF(NAME_BYTES_MAX);
    bool has_name = picture->product_name && *picture->product_name;
    bool has_sku = picture->product_sku && *picture->product_sku;

    if (has_name)
        word_add(&text, picture->product_name);
    if (has_name && has_sku)
        word_add(&text, "-");
    if (has_sku)
        word_add(&text, picture->product_sku);
    if (!text.size)
        word_add(&text, path_stem(names->mem, picture->filename));
    const char *base = name_settle(&text, names->mem), *name = base;

    if (is_used(names, base) && picture->title) {
        word_add(&text, "-");
        word_add(&text, picture->title);
        base = name = name_settle(&text, names->mem);
    }
    for (int i = 2; is_used(names, name); i++)
        name = arena_print(names->mem, "%s-%d", base, i);
    if (names->count < names->room)
        names->used[names->count++] = name;
    return name;
}

static const char *day_of(int64_t wall_ms, Arena *mem)
{
    time_t seconds = (time_t)(wall_ms / 1000);
    struct tm at;

    gmtime_r(&seconds, &at);
    return arena_print(mem, "%04d-%02d-%02d", at.tm_year + 1900, at.tm_mon + 1, at.tm_mday);
}

const char *pack_path(
    int folders, const PackForm *form, const PackPicture *picture, const char *name,
    const char *ending, bool has_forms, Arena *mem)
{
    switch ((PackFolders)folders) {
    case PACK_BY_FORMAT:
        return has_forms ? arena_print(mem, "%s/%s/%s.%s", ending, form->label, name, ending)
                         : arena_print(mem, "%s/%s.%s", ending, name, ending);
    case PACK_BY_PLATFORM:
        return arena_print(mem, "%s/%s.%s", form->label, name, ending);
    case PACK_BY_DATE:
        return has_forms
                   ? arena_print(
                         mem, "%s/%s/%s.%s", day_of(picture->ended_ms, mem), form->label, name,
                         ending)
                   : arena_print(mem, "%s/%s.%s", day_of(picture->ended_ms, mem), name, ending);
    case PACK_FLAT:
        break;
    }
    return has_forms ? arena_print(mem, "%s-%s.%s", name, form->label, ending)
                     : arena_print(mem, "%s.%s", name, ending);
}
