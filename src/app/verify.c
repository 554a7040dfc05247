/* cyclorama verify: what a picture says about itself, in plain words. */
#include <string.h>

#include "app/command.h"
#include "app/photos.h"
#include "image/image.h"
#include "recipe/origin.h"

typedef struct VerifyOptions {
    bool json;
} VerifyOptions;

static const Field VerifyOptions_fields[] = {
    {FIELD_BOOL(VerifyOptions, json), .help = "Write one JSON line a picture", .preset = "false"},
    {FIELD_END},
};

typedef struct Verified {
    const char *path;
    ImageTraces traces;
    size_t bytes;
} Verified;

static void verified_done(Verified *verified)
{
    image_traces_done(&verified->traces);
}
DEFINE_AUTO_DONE(Verified, verified_done);

static MUST Err *picture_verify(const char *path, Verified *ret)
{
    AUTO(buf_done) Buf bytes = BUF((size_t)image_limits_default.bytes);

    TRY(photo_read(path, &bytes));
    ret->path = path;
    ret->bytes = bytes.size;
    return image_inspect(bytes.bytes, bytes.size, NULL, &ret->traces);
}

/* ---- for people ---- */

enum {
    LABEL_WIDTH = 16,
    WIDTH = 80
};

static void line_print(FILE *out, const char *label, const char *text)
{
    fprintf(out, "  %-*s ", LABEL_WIDTH, label);
    help_wrap(out, LABEL_WIDTH + 3, WIDTH, text);
}

static const char *origin_words(const char *said, Arena *mem)
{
    const Origin *origin = origin_find(said);

    if (!said)
        return "it does not say how it came about";
    if (!origin)
        return arena_print(mem, "an unknown word: %s", print_safe(said, mem));
    return arena_print(mem, "%s (%s).", origin->meaning, origin->word);
}

static const char *maker_words(const ImageRights *rights, Arena *mem)
{
    if (!rights->program)
        return "not said";
    if (!rights->recipe || !rights->key)
        return print_safe(rights->program, mem);
    return arena_print(
        mem, "%s, recipe '%s', key %.12s", print_safe(rights->program, mem),
        print_safe(rights->recipe, mem), print_safe(rights->key, mem));
}

static const char *rights_words(const ImageRights *rights, Arena *mem)
{
    const char *const parts[] = {
        rights->copyright, rights->creator, rights->credit, rights->usage_terms};
    const char *words = "";

    for (size_t i = 0; i < COUNT(parts); i++)
        if (parts[i])
            words =
                arena_print(mem, "%s%s%s", words, *words ? "; " : "", print_safe(parts[i], mem));
    return *words ? words : "none are claimed";
}

static const char *personal_words(const ImageTraces *traces, Arena *mem)
{
    const struct {
        bool is_there;
        const char *what;
    } rows[] = {
        {traces->has_place, "where it was taken"},
        {traces->has_owner, "a person's name"},
        {traces->has_serial, "a camera's serial number"},
    };
    const char *words = "";

    for (size_t i = 0; i < COUNT(rows); i++)
        if (rows[i].is_there)
            words = arena_print(mem, "%s%s%s", words, *words ? ", " : "", rows[i].what);
    return *words ? arena_print(mem, "it gives away %s", words) : "none is left";
}

static void verified_print(FILE *out, const Verified *verified, Arena *mem)
{
    const ImageTraces *traces = &verified->traces;
    const ImageFacts *facts = &traces->facts;

    fprintf(
        out, "%s: %s, %d x %d pixels, %zu kB\n", print_safe(verified->path, mem),
        image_format_name(facts->format), facts->width_px, facts->height_px,
        (verified->bytes + 999) / 1000);
    line_print(out, "What it is", origin_words(traces->rights.source_type, mem));
    line_print(out, "Made by", maker_words(&traces->rights, mem));
    line_print(out, "Rights", rights_words(&traces->rights, mem));
    line_print(out, "Personal data", personal_words(traces, mem));
    line_print(
        out, "Signed",
        traces->has_credentials
            ? "Content Credentials (C2PA) are in the file; they were not checked"
            : "no; all of the above can be changed by anybody");
}

/* ---- for programs ---- */

static Value *verified_value(const Verified *verified)
{
    const ImageTraces *traces = &verified->traces;
    const ImageRights *said = &traces->rights;
    const Origin *origin = origin_find(said->source_type);
    Value *line = value_object(), *rights = value_object(), *personal = value_object();

    value_set(line, "picture", value_of_text(verified->path));
    value_set(line, "format", value_of_text(image_format_name(traces->facts.format)));
    value_set(line, "width_px", value_of_int(traces->facts.width_px));
    value_set(line, "height_px", value_of_int(traces->facts.height_px));
    value_set(line, "bytes", value_of_int((int64_t)verified->bytes));
    value_set(line, "digital_source_type", value_of_text(said->source_type));
    value_set(line, "meaning", value_of_text(origin ? origin->meaning : NULL));
    value_set(line, "is_computed", value_of_bool(origin && origin->is_computed));
    value_set(line, "is_generated", value_of_bool(origin && origin->is_generated));
    value_set(line, "program", value_of_text(said->program));
    value_set(line, "recipe", value_of_text(said->recipe));
    value_set(line, "key", value_of_text(said->key));
    value_set(rights, "copyright", value_of_text(said->copyright));
    value_set(rights, "creator", value_of_text(said->creator));
    value_set(rights, "credit", value_of_text(said->credit));
    value_set(rights, "usage_terms", value_of_text(said->usage_terms));
    value_set(line, "rights", rights);
    value_set(personal, "place", value_of_bool(traces->has_place));
    value_set(personal, "owner", value_of_bool(traces->has_owner));
    value_set(personal, "serial", value_of_bool(traces->has_serial));
    value_set(line, "personal_data", personal);
    value_set(
        line, "content_credentials",
        value_of_text(traces->has_credentials ? "present, not verified" : NULL));
    return line;
}

static MUST Err *verified_tell(App *app, const Verified *verified, bool is_json)
{
    AUTO(value_free) Value *line = is_json ? verified_value(verified) : NULL;
    AUTO(buf_done) Buf text = BUF(1 << 20);

    if (!is_json) {
        verified_print(app->out, verified, app->mem);
        return NULL;
    }
    TRY(value_write(line, VALUE_COMPACT, &text));
    fprintf(app->out, "%s\n", buf_text(&text));
    return NULL;
}

static Err *verify_run(App *app, const void *options_any, const Texts *words, Exit *exit)
{
    const VerifyOptions *options = options_any;

    for (size_t i = 0; i < words->count; i++) {
        AUTO(verified_done) Verified verified = {0};
        AUTO(err_free) Err *err =
            photo_blame(picture_verify(words->items[i], &verified), words->items[i]);

        if (err && words->count == 1)
            return TAKE(err);
        if (err) {
            fprintf(stderr, "%s\n", err_text(err));
            *exit = EXIT_PART;
            continue;
        }
        TRY(verified_tell(app, &verified, options->json));
    }
    return NULL;
}

static const char *const verify_about[] = {
    "Reads what is written in the file: how the picture came about (IPTC Digital Source Type), "
    "which program and recipe made it, whose rights it claims, and whether personal data is left "
    "in it. Pictures of this program say all of it; of others it shows what there is.",
    "What a file says is not proof: anybody can write it, and most shops strip it. Pictures of the "
    "same photo, recipe and seed have the same key.",
    NULL,
};

static const Example verify_examples[] = {
    {"cyclorama verify shoe-shop.jpg", "What the picture says about itself"},
    {NULL, NULL},
};

const Command command_verify = {
    .name = "verify",
    .summary = "Say how a picture came about, by what its file says",
    .usage = "PICTURE... [options]",
    .about = verify_about,
    .examples = verify_examples,
    .options = SHAPE(VerifyOptions),
    .words = "file",
    .least_words = 1,
    .most_words = 10000,
    .run = verify_run,
};
