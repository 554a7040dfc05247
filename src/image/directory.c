/* TIFF directories, as in EXIF data and TIFF files. Every offset comes from outside and is checked before it is followed. */
#include "image/head_priv.h"

enum {
    TYPE_BYTE = 1,
    TYPE_ASCII = 2,
    TYPE_SHORT = 3,
    TYPE_LONG = 4,
    TYPE_RATIONAL = 5,
    TYPE_UNDEFINED = 7,
    TAG_ORIENTATION = 274,
    TAG_X_RESOLUTION = 282,
    TAG_RESOLUTION_UNIT = 296,
    UNIT_CM = 3
};

static const unsigned char type_bytes[] = {0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8};

static unsigned read_u16(bool little_endian, const unsigned char *at)
{
    return little_endian ? span_u16_le(at) : span_u16(at);
}

static uint32_t read_u32(bool little_endian, const unsigned char *at)
{
    return little_endian ? span_u32_le(at) : span_u32(at);
}

static bool directory_enter(Directory *directory, uint32_t at)
{
    Span head = span_part(directory->file, at, 2);

    if (!head.size || at < 8)
        return false;
    directory->count = read_u16(directory->little_endian, head.at);
    directory->at = (size_t)at + 2;
    return span_part(directory->file, directory->at, (size_t)directory->count * 12).at != NULL;
}

bool directory_open(Span file, Directory *ret)
{
    Directory directory = {.file = file, .little_endian = span_begins(file, 0, "II*\0", 4)};

    if (file.size < 8 || (!directory.little_endian && !span_begins(file, 0, "MM\0*", 4)))
        return false;
    if (!directory_enter(&directory, read_u32(directory.little_endian, file.at + 4)))
        return false;
    *ret = directory;
    return true;
}

bool directory_next(Directory *directory)
{
    Span link = span_part(directory->file, directory->at + (size_t)directory->count * 12, 4);

    return link.size && directory_enter(directory, read_u32(directory->little_endian, link.at));
}

bool directory_find(const Directory *directory, unsigned tag, Entry *ret)
{
    const unsigned char *at = directory->file.at + directory->at;

    for (unsigned i = 0; i < directory->count; i++, at += 12) {
        if (read_u16(directory->little_endian, at) != tag)
            continue;

        Entry entry = {
            .type = read_u16(directory->little_endian, at + 2),
            .count = read_u32(directory->little_endian, at + 4),
            .little_endian = directory->little_endian,
        };
        if (entry.type >= COUNT(type_bytes) || !type_bytes[entry.type])
            return false;

        size_t size = (size_t)entry.count * type_bytes[entry.type];
        entry.value =
            size <= 4
                ? (Span){at + 8, size}
                : span_part(directory->file, read_u32(directory->little_endian, at + 8), size);
        if (!entry.value.size)
            return false;
        *ret = entry;
        return true;
    }
    return false;
}

bool directory_below(const Directory *parent, unsigned tag, Directory *ret)
{
    Directory below = {.file = parent->file, .little_endian = parent->little_endian};

    if (!directory_enter(&below, directory_number(parent, tag, 0)))
        return false;
    *ret = below;
    return true;
}

uint32_t entry_number(const Entry *entry, uint32_t index)
{
    const unsigned char *at = entry->value.at;

    if (index >= entry->count)
        return 0;
    if (entry->type == TYPE_BYTE || entry->type == TYPE_UNDEFINED)
        return at[index];
    if (entry->type == TYPE_SHORT)
        return read_u16(entry->little_endian, at + (size_t)index * 2);
    if (entry->type == TYPE_LONG)
        return read_u32(entry->little_endian, at + (size_t)index * 4);
    return 0;
}

double entry_ratio(const Entry *entry)
{
    if (entry->type != TYPE_RATIONAL)
        return 0;

    uint32_t below = read_u32(entry->little_endian, entry->value.at + 4);
    return below ? (double)read_u32(entry->little_endian, entry->value.at) / below : 0;
}

uint32_t directory_number(const Directory *directory, unsigned tag, uint32_t otherwise)
{
    Entry entry;

    return directory_find(directory, tag, &entry) ? entry_number(&entry, 0) : otherwise;
}

void directory_facts(const Directory *directory, ImageFacts *facts)
{
    uint32_t orientation = directory_number(directory, TAG_ORIENTATION, 1);
    uint32_t unit = directory_number(directory, TAG_RESOLUTION_UNIT, 2);
    Entry resolution;

    facts->orientation = orientation >= 1 && orientation <= 8 ? (int)orientation : 1;
    if (directory_find(directory, TAG_X_RESOLUTION, &resolution)) {
        double dpi = entry_ratio(&resolution) * (unit == UNIT_CM ? 2.54 : 1);

        if (unit >= 2 && dpi > 0 && dpi < 100000)
            facts->dpi = dpi;
    }
}
