/* Addresses, taken apart and held to the strictest reading. */
#include <stdint.h>
#include <string.h>

#include "http/uri_priv.h"

bool uri_is_utf8(const char *text)
{
    const unsigned char *at = (const unsigned char *)text;

    while (*at) {
        int more = *at < 0x80             ? 0
                   : (*at & 0xe0) == 0xc0 ? 1
                   : (*at & 0xf0) == 0xe0 ? 2
                   : (*at & 0xf8) == 0xf0 ? 3
                                          : -1;
        uint32_t letter = more <= 0 ? *at : *at & (0x3f >> more);

        if (more < 0)
            return false;
        at++;
        for (int i = 0; i < more; i++, at++) {
            if ((*at & 0xc0) != 0x80)
                return false;
            letter = letter << 6 | (*at & 0x3f);
        }

        static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};
        if (letter < least[more] || letter > 0x10ffff || (letter >= 0xd800 && letter < 0xe000))
            return false;
    }
    return true;
}

static MUST Err *refused(const char *why)
{
    return err_public(
        err_new(ERR_REQUEST_INVALID, "address: %s", why), "The address cannot be understood: %s.",
        why);
}

static int hex_digit(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    if (digit >= 'a' && digit <= 'f')
        return digit - 'a' + 10;
    if (digit >= 'A' && digit <= 'F')
        return digit - 'A' + 10;
    return -1;
}

Err *uri_decode(const UriCoded *coded, Arena *mem, const char **ret)
{
    char *decoded = arena_take(mem, coded->length + 1);
    size_t size = 0;

    for (size_t i = 0; i < coded->length; i++) {
        char letter = coded->text[i];

        if (letter == '+' && coded->plus_is_blank)
            letter = ' ';
        if (letter == '%') {
            int high = i + 2 < coded->length ? hex_digit(coded->text[i + 1]) : -1;
            int low = high >= 0 ? hex_digit(coded->text[i + 2]) : -1;

            if (low < 0)
                return refused("a percent sign is not followed by two hexadecimal digits");
            letter = (char)(high << 4 | low);
            i += 2;
        }
        if (letter == '\0')
            return refused("it holds a NUL");
        decoded[size++] = letter;
    }
    if (!uri_is_utf8(decoded))
        return refused("it is not UTF-8");
    *ret = decoded;
    return NULL;
}

static MUST Err *segment_check(const char *decoded)
{
    if (strcmp(decoded, ".") == 0 || strcmp(decoded, "..") == 0)
        return refused("it holds a path of dots");
    for (const char *at = decoded; *at; at++) {
        if (*at == '/' || *at == '\\')
            return refused("a slash or backslash is hidden in it");
        if ((unsigned char)*at < 0x20 || *at == 0x7f)
            return refused("it holds a control character");
    }
    return NULL;
}

/* "/v1/jobs" is two segments, "/" none, "/v1/" two of which the last is empty. */
static MUST Err *segments_read(Uri *uri, Arena *mem)
{
    const char *at = uri->path;

    while (*at == '/' && !(at == uri->path && !at[1])) {
        size_t length = strcspn(++at, "/");

        if (uri->segment_count == URI_SEGMENTS_MAX)
            return refused("its path has too many parts");
        if (!length && at[0])
            return refused("its path has an empty part");

        const char **segment = &uri->segments[uri->segment_count++];
        TRY(uri_decode(&(UriCoded){.text = at, .length = length}, mem, segment));
        TRY(segment_check(*segment));
        at += length;
    }
    return NULL;
}

static MUST Err *pairs_read(const char *query, Arena *mem, Uri *uri)
{
    while (*query) {
        size_t length = strcspn(query, "&");
        size_t name = strcspn(query, "=&");
        UriPair *pair = &uri->pairs[uri->pair_count];
        UriCoded coded = {.text = query, .length = name, .plus_is_blank = true};

        if (length && uri->pair_count == URI_PAIRS_MAX)
            return refused("it has too many parameters");
        if (length) {
            TRY(uri_decode(&coded, mem, &pair->name));
            coded.text = query + MIN(name + 1, length);
            coded.length = length - MIN(name + 1, length);
            TRY(uri_decode(&coded, mem, &pair->value));
            uri->pair_count++;
        }
        query += length + (query[length] == '&');
    }
    return NULL;
}

/* A proxy may be sent the whole address; its host was checked against the Host header by whoever sent it on. */
static const char *authority_skipped(const char *text, bool *ret_has)
{
    static const char *const schemes[] = {"http://", "https://"};

    for (size_t i = 0; i < COUNT(schemes); i++)
        if (strncasecmp(text, schemes[i], strlen(schemes[i])) == 0) {
            *ret_has = true;
            text += strlen(schemes[i]);
            return text + strcspn(text, "/?");
        }
    return text;
}

Err *uri_read(const char *text, Arena *mem, Uri *ret)
{
    *ret = (Uri){.path = ""};
    if (strlen(text) > URI_BYTES_MAX)
        return refused("it is too long");
    for (const char *at = text; *at; at++)
        if ((unsigned char)*at <= 0x20 || *at == 0x7f || *at == '#')
            return refused("it holds a blank, a control character or a fragment");

    const char *at = authority_skipped(text, &ret->has_authority);
    size_t path = strcspn(at, "?");

    ret->path = path || !ret->has_authority ? arena_text_n(mem, at, path) : "/";
    if (*ret->path != '/')
        return refused("it does not begin with a slash");
    ret->query = at[path] ? arena_text(mem, at + path + 1) : "";
    TRY(segments_read(ret, mem));
    return at[path] ? pairs_read(at + path + 1, mem, ret) : NULL;
}
