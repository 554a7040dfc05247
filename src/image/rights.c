/* Rights and provenance: what may stay with a picture.
 *
 * XMP is searched for the few names wanted rather than parsed as XML: no entity is ever expanded and no other element understood, so
 * there is nothing a hostile packet could set in motion.
 */
#include <stddef.h>
#include <string.h>

#include "image/rights_priv.h"

enum {
    TEXT_MAX_BYTES = 2000,
    IPTC_APPLICATION = 2,
    TAG_COPYRIGHT = 33432
};

typedef enum XmpKind {
    XMP_PLAIN,
    XMP_LANGUAGES, /* a list of translations */
    XMP_PEOPLE     /* a list in order */
} XmpKind;

/* The namespaces of the names below, and the prefixes that nearly everybody gives them. */
static const struct {
    const char *prefix, *uri;
} spaces[] = {
    {"dc", "http://purl.org/dc/elements/1.1/"},
    {"photoshop", "http://ns.adobe.com/photoshop/1.0/"},
    {"xmp", "http://ns.adobe.com/xap/1.0/"},
    {"xmpRights", "http://ns.adobe.com/xap/1.0/rights/"},
    {"Iptc4xmpExt", "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"},
    {"cyclorama", "urn:cyclorama:made#"},
};

static const struct {
    const char *name;
    XmpKind kind;
    size_t offset; /* in ImageRights */
    int iptc;      /* record 2's number; 0 for none */
    unsigned tag;  /* of EXIF; 0 for none */
} rows[] = {
    {"dc:rights", XMP_LANGUAGES, offsetof(ImageRights, copyright), 116, TAG_COPYRIGHT},
    {"dc:creator", XMP_PEOPLE, offsetof(ImageRights, creator), 80, 0},
    {"photoshop:Credit", XMP_PLAIN, offsetof(ImageRights, credit), 110, 0},
    {"xmpRights:UsageTerms", XMP_LANGUAGES, offsetof(ImageRights, usage_terms), 0, 0},
    {"Iptc4xmpExt:DigitalSourceType", XMP_PLAIN, offsetof(ImageRights, source_type), 0, 0},
    {"xmp:CreatorTool", XMP_PLAIN, offsetof(ImageRights, program), 0, 0},
    {"cyclorama:Recipe", XMP_PLAIN, offsetof(ImageRights, recipe), 0, 0},
    {"cyclorama:Key", XMP_PLAIN, offsetof(ImageRights, key), 0, 0},
};

static char **field_of(ImageRights *rights, size_t row)
{
    return (char **)(void *)((char *)rights + rows[row].offset);
}

static const char *text_of(const ImageRights *rights, size_t row)
{
    return *(const char *const *)(const void *)((const char *)rights + rows[row].offset);
}

void image_rights_done(ImageRights *rights)
{
    for (size_t i = 0; i < COUNT(rows); i++)
        free(*field_of(rights, i));
    *rights = (ImageRights){0};
}

/* ---- text ---- */

/* The length of the UTF-8 sequence at AT, 0 when it is none. */
static size_t utf8_length(Span text, size_t at)
{
    unsigned char first = text.at[at];
    size_t length = first < 0x80                     ? 1
                    : first >= 0xc2 && first <= 0xdf ? 2
                    : (first & 0xf0) == 0xe0         ? 3
                    : first >= 0xf0 && first <= 0xf4 ? 4
                                                     : 0;

    if (!length || length > text.size - at)
        return 0;
    for (size_t i = 1; i < length; i++)
        if ((text.at[at + i] & 0xc0) != 0x80)
            return 0;
    return length;
}

static char *append_code(char *out, unsigned code)
{
    if (code < 0x80) {
        *out++ = (char)code;
    } else if (code < 0x800) {
        *out++ = (char)(0xc0 | code >> 6);
        *out++ = (char)(0x80 | (code & 63));
    } else {
        *out++ = (char)(0xe0 | code >> 12);
        *out++ = (char)(0x80 | (code >> 6 & 63));
        *out++ = (char)(0x80 | (code & 63));
    }
    return out;
}

/* An XML reference at AT; its length, 0 when it is not one that is understood. */
static size_t reference_read(Span text, size_t at, unsigned *ret)
{
    static const struct {
        const char *name;
        unsigned code;
    } known[] = {{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&apos;", '\''}};

    for (size_t i = 0; i < COUNT(known); i++)
        if (span_begins(text, at, known[i].name, strlen(known[i].name))) {
            *ret = known[i].code;
            return strlen(known[i].name);
        }
    if (!span_begins(text, at, "&#", 2))
        return 0;

    bool hex = span_begins(text, at, "&#x", 3);
    size_t end = at + (hex ? 3 : 2);
    unsigned code = 0;
    for (; end < text.size && end < at + 9 && text.at[end] != ';'; end++) {
        const char *digits = "0123456789abcdef", *digit = strchr(digits, text.at[end] | 0x20);
        if (!text.at[end] || !digit || digit - digits >= (hex ? 16 : 10))
            return 0;
        code = code * (hex ? 16 : 10) + (unsigned)(digit - digits);
    }
    if (end >= text.size || text.at[end] != ';' || code < 0x20 || code > 0xffff ||
        (code >= 0xd800 && code < 0xe000))
        return 0;
    *ret = code;
    return end + 1 - at;
}

/* TEXT as a string of valid UTF-8 without control characters; NULL when nothing is left. Latin-1 is taken for what is not UTF-8. */
static char *text_clean(Span text, bool is_xml)
{
    char clean[TEXT_MAX_BYTES + 4], *out = clean;

    for (size_t at = 0; at < text.size && out < clean + TEXT_MAX_BYTES - 4;) {
        size_t length = utf8_length(text, at), used = 0;
        unsigned code = 0;

        if (is_xml && text.at[at] == '&')
            used = reference_read(text, at, &code);
        if (used) {
            out = append_code(out, code);
        } else if (text.at[at] < 0x20 || text.at[at] == 0x7f) {
            if (out > clean && out[-1] != ' ')
                *out++ = ' ';
            used = 1;
        } else if (length) {
            memcpy(out, text.at + at, length);
            out += length;
            used = length;
        } else {
            out = append_code(out, text.at[at]);
            used = 1;
        }
        at += used;
    }
    while (out > clean && out[-1] == ' ')
        out--;
    *out = 0;
    const char *start = clean + strspn(clean, " ");
    return *start ? strdup(start) : NULL;
}

/* ---- XMP ---- */

static size_t find(Span text, size_t from, const char *word)
{
    const unsigned char *found =
        from < text.size ? memmem(text.at + from, text.size - from, word, strlen(word)) : NULL;

    return found ? (size_t)(found - text.at) : SIZE_MAX;
}

static Span between(Span text, size_t from, size_t to)
{
    return from <= to && to <= text.size ? (Span){text.at + from, to - from} : (Span){0};
}

/* What stands in <NAME ...>here</NAME>. */
static Span element_find(Span xmp, const char *name)
{
    char open[64], close[64];

    snprintf(open, sizeof(open), "<%s", name);
    snprintf(close, sizeof(close), "</%s>", name);
    /* Goes over the packet once: it may be made to be slow. */
    for (size_t at = 0; (at = find(xmp, at, open)) != SIZE_MAX; at++) {
        size_t after = at + strlen(open);

        if (after >= xmp.size || !strchr(" \t\r\n>", xmp.at[after]))
            continue;
        at = find(xmp, after, ">");
        if (at == SIZE_MAX)
            break;
        if (xmp.at[at - 1] != '/')
            return between(xmp, at + 1, MIN(find(xmp, at, close), xmp.size));
    }
    return (Span){0};
}

/* What stands in NAME="here". */
static Span attribute_find(Span xmp, const char *name)
{
    char open[64];

    snprintf(open, sizeof(open), " %s=", name);
    size_t at = find(xmp, 0, open);
    if (at == SIZE_MAX || at + strlen(open) >= xmp.size)
        return (Span){0};
    at += strlen(open);
    const char quote[2] = {(char)xmp.at[at], 0};
    if (quote[0] != '"' && quote[0] != '\'')
        return (Span){0};
    size_t end = find(xmp, at + 1, quote);
    return end == SIZE_MAX ? (Span){0} : between(xmp, at + 1, end);
}

enum {
    NAME_SIZE = 64,
    PREFIX_MAX = 24
};

/* "Iptc4xmpExt:Name" as this packet calls it: a prefix is its writer's choice, only the namespace behind it counts. */
static void name_here(Span xmp, const char *name, char ret[NAME_SIZE])
{
    const char *colon = strchr(name, ':');
    size_t prefix = (size_t)(colon - name), quoted_size, at = 0;
    char quoted[NAME_SIZE];

    snprintf(ret, NAME_SIZE, "%s", name);
    for (size_t i = 0; i < COUNT(spaces); i++)
        if (strlen(spaces[i].prefix) == prefix && memcmp(spaces[i].prefix, name, prefix) == 0) {
            snprintf(quoted, sizeof(quoted), "=\"%s\"", spaces[i].uri);
            at = find(xmp, 0, quoted);
            quoted[1] = quoted[(quoted_size = strlen(quoted)) - 1] = '\'';
            at = at != SIZE_MAX ? at : find(xmp, 0, quoted);
            break;
        }
    if (at == 0 || at >= xmp.size)
        return;

    size_t start = at;
    while (start > 0 && at - start <= PREFIX_MAX && xmp.at[start - 1] != ':')
        start--;
    if (start < 6 || at - start > PREFIX_MAX || at == start ||
        !span_begins(xmp, start - 6, "xmlns:", 6))
        return;
    snprintf(ret, NAME_SIZE, "%.*s%s", (int)(at - start), (const char *)xmp.at + start, colon);
}

/* What stands in <NAME rdf:resource="here"/>, as links may be written. */
static Span resource_find(Span xmp, const char *name)
{
    char open[NAME_SIZE + 2];

    snprintf(open, sizeof(open), "<%s ", name);
    size_t at = find(xmp, 0, open);
    size_t end = at == SIZE_MAX ? at : find(xmp, at, ">");
    return end == SIZE_MAX
               ? (Span){0}
               : attribute_find(between(xmp, at + strlen(open) - 1, end), "rdf:resource");
}

static char *xmp_read(Span xmp, const char *usual_name)
{
    char name[NAME_SIZE];

    name_here(xmp, usual_name, name);
    Span found = element_find(xmp, name);
    Span item = found.size ? element_find(found, "rdf:li") : found;

    if (item.size)
        found = item;
    if (!found.size)
        found = attribute_find(xmp, name);
    if (!found.size)
        found = resource_find(xmp, name);
    /* An element of another shape is not text. */
    if (found.size && memchr(found.at, '<', found.size))
        return NULL;
    return text_clean(found, true);
}

/* ---- IPTC and EXIF ---- */

static char *iptc_read(Span iptc, int number)
{
    for (size_t at = 0; span_part(iptc, at, 5).size && iptc.at[at] == 0x1c;) {
        size_t size = span_u16(iptc.at + at + 3);
        Span data = span_part(iptc, at + 5, size);

        if (iptc.at[at + 1] == IPTC_APPLICATION && iptc.at[at + 2] == number)
            return text_clean(data, false);
        at += 5 + size;
    }
    return NULL;
}

static char *exif_read(Span exif, unsigned tag)
{
    Directory directory;
    Entry entry;

    if (!directory_open(exif, &directory) || !directory_find(&directory, tag, &entry))
        return NULL;
    return text_clean(entry.value, false);
}

void rights_read(const Head *head, ImageRights *ret)
{
    for (size_t i = 0; i < COUNT(rows); i++) {
        char *text = xmp_read(head->xmp, rows[i].name);

        if (!text && rows[i].iptc)
            text = iptc_read(head->iptc, rows[i].iptc);
        if (!text && rows[i].tag)
            text = exif_read(head->exif, rows[i].tag);
        *field_of(ret, i) = text;
    }

    /* Cameras and accounts put their owner's name into pictures unasked. It is a right only where somebody claims one. */
    if (!ret->copyright && !ret->credit && !ret->usage_terms) {
        free(ret->creator);
        ret->creator = NULL;
    }
}

/* ---- writing ---- */

static Err *escaped_add(Buf *xmp, const char *text)
{
    for (; *text; text++) {
        const char *as = *text == '&'   ? "&amp;"
                         : *text == '<' ? "&lt;"
                         : *text == '>' ? "&gt;"
                         : *text == '"' ? "&quot;"
                                        : NULL;

        if (as)
            TRY(buf_add_text(xmp, as));
        else
            TRY(buf_add(xmp, (unsigned char)*text < 0x20 ? " " : text, 1));
    }
    return NULL;
}

static Err *row_write(size_t row, const char *text, Buf *xmp)
{
    static const struct {
        const char *open, *close;
    } wraps[] = {
        [XMP_PLAIN] = {"", ""},
        [XMP_LANGUAGES] = {"<rdf:Alt><rdf:li xml:lang=\"x-default\">", "</rdf:li></rdf:Alt>"},
        [XMP_PEOPLE] = {"<rdf:Seq><rdf:li>", "</rdf:li></rdf:Seq>"},
    };

    if (strlen(text) > TEXT_MAX_BYTES)
        return err_public(
            err_new(ERR_INPUT_INVALID, "%s of %zu bytes", rows[row].name, strlen(text)),
            "Texts about rights may have at most %d letters.", TEXT_MAX_BYTES);
    TRY(buf_print(xmp, "<%s>%s", rows[row].name, wraps[rows[row].kind].open));
    TRY(escaped_add(xmp, text));
    return buf_print(xmp, "%s</%s>", wraps[rows[row].kind].close, rows[row].name);
}

static Err *begin_write(Buf *xmp)
{
    static const char begin[] =
        "<?xpacket begin=\"\xef\xbb\xbf\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>"
        "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\">"
        "<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">"
        "<rdf:Description rdf:about=\"\"";

    TRY(buf_add_text(xmp, begin));
    for (size_t i = 0; i < COUNT(spaces); i++)
        TRY(buf_print(xmp, " xmlns:%s=\"%s\"", spaces[i].prefix, spaces[i].uri));
    return buf_add_text(xmp, ">");
}

Err *rights_write(const ImageRights *rights, Buf *xmp)
{
    static const char end[] = "</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end=\"r\"?>";
    bool is_empty = true;

    for (size_t i = 0; i < COUNT(rows); i++) {
        const char *text = text_of(rights, i);

        if (!text || !*text)
            continue;
        if (is_empty)
            TRY(begin_write(xmp));
        is_empty = false;
        TRY(row_write(i, text, xmp));
    }
    return is_empty ? NULL : buf_add_text(xmp, end);
}
