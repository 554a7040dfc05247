/* A form with files, byte by byte. */
#include <string.h>

#include "http/form_priv.h"
#include "http/uri_priv.h"

enum {
    BOUNDARY_MAX = 70, /* RFC 2046, 5.1.1 */
    HEAD_MAX = 8 * 1024,
    TEXT_MAX = 64 * 1024,
    TEXTS_MAX = 128,
    FILENAME_MAX_BYTES = 255
};

typedef enum FormStage {
    FORM_PREAMBLE, /* before the first boundary */
    FORM_MARK,     /* after a boundary: a line end, or the two dashes of the end */
    FORM_HEAD,
    FORM_BODY,
    FORM_DONE /* what follows is not looked at */
} FormStage;

struct Form {
    FormSetup setup;
    FormStage stage;
    char delimiter[BOUNDARY_MAX + 5]; /* CR LF -- and the boundary */
    size_t delimiter_size, matched;
    char mark[2];
    size_t mark_size;
    Buf head, text;
    FormHead part;
    int64_t max_bytes;

    FormText texts[TEXTS_MAX];
    size_t text_count;
    Part *parts;
    Sink *sinks;
    size_t part_count;
    bool is_file; /* the part being read */
    int64_t said; /* bytes of it that were hashed */
    Hasher *hasher;
};

static MUST Err *refused(const char *why)
{
    return err_public(
        err_new(ERR_REQUEST_INVALID, "form: %s", why), "The form cannot be understood: %s.", why);
}

/* The value of `name=` in a header's text, quoted or bare, into MEM; NULL when it is not there. Browsers write a quote inside as %22. */
static const char *parameter_find(const char *header, const char *name, Arena *mem)
{
    size_t length = strlen(name);

    for (const char *at = strchr(header, ';'); at; at = strchr(at, ';')) {
        at += 1 + strspn(at + 1, " \t");

        bool is_it = strncasecmp(at, name, length) == 0 && at[length] == '=';
        const char *value = at + strcspn(at, "=;");

        if (*value != '=')
            continue;
        value++;
        bool is_quoted = *value == '"';
        const char *end = is_quoted ? value + 1 : value + strcspn(value, "; \t");
        while (is_quoted && *end && *end != '"')
            end += *end == '\\' && end[1] ? 2 : 1;
        if (is_it && is_quoted && !*end)
            return NULL;
        if (is_it)
            return arena_text_n(mem, value + is_quoted, (size_t)(end - value) - is_quoted);
        at = end;
    }
    return NULL;
}

static bool is_boundary(const char *boundary)
{
    static const char letters[] = "'()+_,-./:=? 0123456789"
                                  "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    size_t length = boundary ? strlen(boundary) : 0;

    return length > 0 && length <= BOUNDARY_MAX && !boundary[strspn(boundary, letters)] &&
           boundary[length - 1] != ' ';
}

Err *form_new(const FormSetup *setup, Form **ret)
{
    const char *boundary = parameter_find(setup->content_type, "boundary", setup->mem);
    AUTO(form_free) Form *form = calloc(1, sizeof(*form));

    if (!form)
        abort();
    if (!is_boundary(boundary))
        return refused("its Content-Type has no boundary");
    form->setup = *setup;
    form->hasher = setup->is_hashed ? hasher_new() : NULL;
    form->head.limit = HEAD_MAX;
    form->text.limit = TEXT_MAX;
    form->delimiter_size =
        (size_t)snprintf(form->delimiter, sizeof(form->delimiter), "\r\n--%s", boundary);
    form->matched =
        2; /* the first boundary may stand at the very beginning, without a line end before it */
    form->parts = ARENA_ARRAY(setup->mem, Part, (size_t)setup->parts_max);
    form->sinks = ARENA_ARRAY(setup->mem, Sink, (size_t)setup->parts_max);
    *ret = TAKE(form);
    return NULL;
}

void form_free(Form *form)
{
    if (!form)
        return;
    for (size_t i = 0; i < form->part_count; i++)
        if (form->sinks[i].free)
            form->sinks[i].free(form->sinks[i].context);
    buf_done(&form->head);
    buf_done(&form->text);
    hasher_free(form->hasher);
    free(form);
}

/* ---- what it says, as a number ---- */

static void hash_begin(Form *form)
{
    form->said = 0;
    if (!form->hasher)
        return;
    hasher_add_text(form->hasher, form->part.name);
    hasher_add_number(form->hasher, form->is_file);
    hasher_add_text(form->hasher, form->is_file ? form->part.filename : "");
}

static void hash_add(Form *form, const void *bytes, size_t size)
{
    form->said += (int64_t)size;
    if (form->hasher)
        hasher_add_bare(form->hasher, bytes, size);
}

static void hash_end(Form *form)
{
    if (form->hasher)
        hasher_add_number(form->hasher, form->said);
}

Hash form_hash(Form *form)
{
    return hasher_done(form->hasher);
}

/* ---- the head of a part ---- */

/* The last part of what may be a whole path, of either kind; nothing that could be one. */
static const char *filename_clean(const char *given, Arena *mem)
{
    for (const char *at = given; *at; at++)
        if (*at == '/' || *at == '\\')
            given = at + 1;
    if (!uri_is_utf8(given) || strcmp(given, ".") == 0 || strcmp(given, "..") == 0)
        return "";

    size_t length = strlen(given);
    while (length > FILENAME_MAX_BYTES || (length && ((unsigned char)given[length] & 0xc0) == 0x80))
        length--;
    return arena_text_n(mem, given, length);
}

static MUST Err *head_line_read(Form *form, const char *line)
{
    Arena *mem = form->setup.mem;
    const char *value = strchr(line, ':');

    for (const char *at = line; *at; at++)
        if ((unsigned char)*at < 0x20 && *at != '\t')
            return refused("a part's header holds control characters");
    if (!value)
        return refused("a part's header has no colon");
    value += 1 + strspn(value + 1, " \t");
    if (strncasecmp(line, "Content-Disposition:", 20) == 0) {
        if (strncasecmp(value, "form-data", 9) != 0 || form->part.name)
            return refused("a part is not form-data");
        form->part.name = parameter_find(value, "name", mem);
        form->part.filename = parameter_find(value, "filename", mem);
    } else if (strncasecmp(line, "Content-Type:", 13) == 0) {
        form->part.type = arena_text_n(mem, value, strcspn(value, "; \t"));
    } else if (strncasecmp(line, "Content-Transfer-Encoding:", 26) == 0) {
        if (strcasecmp(value, "binary") != 0 && strcasecmp(value, "8bit") != 0 &&
            strcasecmp(value, "7bit") != 0)
            return refused("a part is coded");
    }
    return NULL;
}

static MUST Err *head_read(Form *form)
{
    char *line = (char *)form->head.bytes;

    form->part = (FormHead){0};
    if (strlen(buf_text(&form->head)) != form->head.size)
        return refused("a part's header holds a NUL");
    while (line && *line) {
        char *end = strstr(line, "\r\n");

        if (end)
            *end = '\0';
        TRY(head_line_read(form, line));
        line = end ? end + 2 : NULL;
    }
    if (!form->part.name || !*form->part.name || !uri_is_utf8(form->part.name))
        return refused("a part has no name");
    return NULL;
}

static int files_named(const Form *form, const char *name)
{
    int count = 0;

    for (size_t i = 0; i < form->part_count; i++)
        count += strcmp(form->parts[i].name, name) == 0;
    return count;
}

static MUST Err *part_begin(Form *form)
{
    const FormHead *head = &form->part;

    TRY(head_read(form));
    form->head.size = form->text.size = 0;
    if (form->text.bytes)
        form->text.bytes[0] = '\0'; /* a field that stays empty is not what the one before it was */
    form->is_file = head->filename != NULL;
    hash_begin(form);
    if (!form->is_file)
        return form->text_count < TEXTS_MAX ? NULL : refused("it has too many fields");
    if (form->part_count == (size_t)form->setup.parts_max)
        return refused("it has too many files");

    Part *part = &form->parts[form->part_count];
    *part = (Part){
        .name = head->name,
        .filename = filename_clean(head->filename, form->setup.mem),
        .type = head->type ? head->type : "application/octet-stream",
    };
    int number = files_named(form, head->name);
    Sink sink = {0};

    TRY(form->setup.open(form->setup.context, part, number, &form->max_bytes, &sink));
    part->sink = sink.context;
    form->sinks[form->part_count++] = sink;
    return NULL;
}

/* ---- its bytes ---- */

static MUST Err *part_add(Form *form, const void *bytes, size_t size)
{
    if (!size || form->stage != FORM_BODY)
        return NULL;
    hash_add(form, bytes, size);
    if (!form->is_file) {
        AUTO(err_free) Err *err = buf_add(&form->text, bytes, size);
        return err ? refused("a field is too long") : NULL;
    }

    Part *part = &form->parts[form->part_count - 1];
    const Sink *sink = &form->sinks[form->part_count - 1];
    part->size += (int64_t)size;
    if (part->size > form->max_bytes)
        return err_field(
            err_public(
                err_new(
                    ERR_BODY_TOO_LARGE, "a file of more than %lld bytes",
                    (long long)form->max_bytes),
                "A file of %s may have %lld bytes at most.", part->name,
                (long long)form->max_bytes),
            "/%s", part->name);
    return sink->write(sink->context, bytes, size);
}

static MUST Err *part_end(Form *form)
{
    if (form->stage == FORM_BODY)
        hash_end(form);
    if (form->stage != FORM_BODY || form->is_file)
        return NULL;
    if (strlen(buf_text(&form->text)) != form->text.size || !uri_is_utf8(buf_text(&form->text)))
        return refused("a field is not UTF-8 text");
    form->texts[form->text_count++] = (FormText){
        .name = form->part.name,
        .value = arena_text_n(form->setup.mem, buf_text(&form->text), form->text.size)};
    return NULL;
}

/* Bytes up to the next boundary. The delimiter has a CR at its beginning and nowhere else, so after a false match the search goes on
 * with the byte that did not match. */
static MUST Err *body_feed(Form *form, const char **at, const char *end)
{
    while (*at < end) {
        if (form->matched == 0) {
            const char *mark = memchr(*at, '\r', (size_t)(end - *at));

            TRY(part_add(form, *at, (size_t)((mark ? mark : end) - *at)));
            *at = mark ? mark : end;
            if (!mark)
                return NULL;
        }
        while (*at < end && form->matched < form->delimiter_size &&
               **at == form->delimiter[form->matched]) {
            (*at)++;
            form->matched++;
        }
        if (form->matched == form->delimiter_size) {
            TRY(part_end(form));
            form->stage = FORM_MARK;
            form->matched = form->mark_size = 0;
            return NULL;
        }
        if (*at < end) {
            TRY(part_add(form, form->delimiter, form->matched));
            form->matched = 0;
            if (**at != '\r') {
                TRY(part_add(form, *at, 1));
                (*at)++;
            }
        }
    }
    return NULL;
}

static MUST Err *mark_feed(Form *form, const char **at, const char *end)
{
    while (*at < end && form->mark_size < 2) {
        /* RFC 2046 lets blanks follow a boundary. */
        if (form->mark_size == 0 && (**at == ' ' || **at == '\t')) {
            (*at)++;
            continue;
        }
        form->mark[form->mark_size++] = *(*at)++;
    }
    if (form->mark_size < 2)
        return NULL;
    if (memcmp(form->mark, "--", 2) == 0)
        form->stage = FORM_DONE;
    else if (memcmp(form->mark, "\r\n", 2) == 0)
        form->stage = FORM_HEAD;
    else
        return refused("a boundary is followed by neither a line end nor two dashes");
    return NULL;
}

static MUST Err *head_feed(Form *form, const char **at, const char *end)
{
    while (*at < end) {
        size_t size = form->head.size;
        AUTO(err_free) Err *full = buf_add(&form->head, (*at)++, 1);

        if (full)
            return refused("the headers of a part are too long");
        if (size >= 3 && memcmp(form->head.bytes + size - 3, "\r\n\r\n", 4) == 0) {
            form->head.size -= 4;
            form->head.bytes[form->head.size] = '\0';
            TRY(part_begin(form));
            form->stage = FORM_BODY;
            return NULL;
        }
    }
    return NULL;
}

Err *form_feed(Form *form, const void *bytes, size_t size)
{
    const char *at = bytes, *end = at + size;

    while (at < end && form->stage != FORM_DONE)
        switch (form->stage) {
        case FORM_PREAMBLE:
        case FORM_BODY:
            TRY(body_feed(form, &at, end));
            break;
        case FORM_MARK:
            TRY(mark_feed(form, &at, end));
            break;
        case FORM_HEAD:
            TRY(head_feed(form, &at, end));
            break;
        case FORM_DONE:
            break;
        }
    return NULL;
}

Err *form_end(Form *form)
{
    return form->stage == FORM_DONE ? NULL : refused("it ends before its last boundary");
}

const FormText *form_texts(const Form *form, size_t *ret_count)
{
    *ret_count = form ? form->text_count : 0;
    return form ? form->texts : NULL;
}

const Part *form_parts(const Form *form, size_t *ret_count)
{
    *ret_count = form ? form->part_count : 0;
    return form ? form->parts : NULL;
}
