/* cyclorama check: is that still the same person, or the same product? */
#include "recipe/check.h"

#include "app/command.h"
#include "app/photos.h"
#include "app/rig.h"

typedef struct CheckOptions {
    const char *against;
    CheckDemand demand;
    bool json;
} CheckOptions;

static const Field CheckOptions_fields[] = {
    {FIELD_TEXT(CheckOptions, against),
     .help = "The reference: the photo as it was taken, or the product cut out", .format = "file",
     .max = 4096},
    CHECK_FIELDS(CheckOptions),
    {FIELD_BOOL(CheckOptions, json), .help = "Write one JSON line a picture", .preset = "false"},
    {FIELD_END},
};

static MUST Err *picture_read(const char *path, Cancel *cancel, Image **ret)
{
    AUTO(buf_done) Buf bytes = BUF((size_t)image_limits_default.bytes);
    AUTO(image_decoded_done) ImageDecoded decoded = {0};

    TRY(photo_read(path, &bytes));
    TRY(image_decode(bytes.bytes, bytes.size, &image_limits_default, cancel, &decoded));
    *ret = TAKE(decoded.image);
    return NULL;
}

static void person_print(FILE *out, const CheckResult *result)
{
    fprintf(
        out, "  identity %.2f (cosine %.3f; %zu face%s in the reference, %zu in the picture)\n",
        result->likeness, result->cosine, result->reference_faces,
        result->reference_faces == 1 ? "" : "s", result->picture_faces);
}

static void product_print(FILE *out, const CheckResult *result)
{
    fprintf(
        out, "  structure %.3f (worst part %.2f), colour difference %.1f, light %+.1f EV\n",
        result->product.ssim, result->product.ssim_worst, result->product.delta_e,
        result->relit_ev);
}

static void result_print(FILE *out, const char *path, CheckSubject asked, const CheckResult *result)
{
    fprintf(
        out, "%s: the %s %s\n", path, check_subject_names[result->subject],
        result->passed ? "is the same" : "is NOT the same");
    if (!result->passed)
        fprintf(out, "  %s\n", check_sentence(result));
    if (result->subject == CHECK_PERSON)
        person_print(out, result);
    else
        product_print(out, result);
    if (asked == CHECK_AUTO && !result->faces_sought)
        fputs(
            "  Compared as a product: no network that finds faces is installed. For pictures of "
            "people, see 'cyclorama models'.\n",
            out);
}

static MUST Err *
result_json(FILE *out, const char *path, const CheckResult *result, const CheckDemand *demand)
{
    AUTO(value_free) Value *line = value_object();
    AUTO(buf_done) Buf text = BUF(1 << 16);

    value_set(line, "picture", value_of_text(path));
    value_set(line, "check", check_value(result, demand));
    TRY(value_write(line, VALUE_COMPACT, &text));
    fprintf(out, "%s\n", buf_text(&text));
    return NULL;
}

static Err *check_run(App *app, const void *options_any, const Texts *words, Exit *exit)
{
    const CheckOptions *options = options_any;
    AUTO(rig_done) Rig rig = {0};
    AUTO(image_free) Image *reference = NULL;
    CheckWish wish = {
        .demand = options->demand,
        .cancel = app->cancel,
    };

    TRY(rig_start(&(RigWish){.settings = &app->settings, .jobs = 1, .photos = 1}, &rig));
    TRY(photo_blame(picture_read(options->against, app->cancel, &reference), options->against));
    wish.models = rig.models;
    wish.threads = rig.threads;
    wish.reference = reference;
    for (size_t i = 0; i < words->count; i++) {
        AUTO(image_free) Image *picture = NULL;
        const char *path = words->items[i];
        CheckResult result;

        TRY(photo_blame(picture_read(path, app->cancel, &picture), path));
        wish.picture = picture;
        TRY(check_pictures(&wish, &result));
        if (options->json)
            TRY(result_json(app->out, path, &result, &wish.demand));
        else
            result_print(
                app->out, print_safe(path, app->mem), (CheckSubject)wish.demand.subject, &result);
        if (!result.passed)
            *exit = EXIT_PART;
    }
    return NULL;
}

static const char *const check_about[] = {
    "A person is known by the face: the reference's largest against every face in the picture, the "
    "best one counts. Identity runs from 0 (strangers) to 1 (the same photo). This takes networks "
    "that the rest of the program does not need; while none that finds faces is installed, auto "
    "compares products.",
    "A product is found in the picture wherever it was put. Encoding again, another size and "
    "evenly "
    "lighter or darker light pass; another colour, a blurred or missing print and another shape do "
    "not. A reference with a transparent background says itself what the product is; from others "
    "it is cut out.",
    "The exit status is 1 when a picture does not pass.",
    NULL,
};

static const Example check_examples[] = {
    {"cyclorama check shoe-scene.jpg --against shoe.jpg", "Is the shoe still the same shoe?"},
    {"cyclorama check model-7.jpg --against model.jpg --subject person --json",
     "Is it the same model? Scores as JSON"},
    {NULL, NULL},
};

const Command command_check = {
    .name = "check",
    .summary = "Check that pictures still show the same person or product",
    .usage = "PICTURE... --against REFERENCE [options]",
    .about = check_about,
    .examples = check_examples,
    .options = SHAPE(CheckOptions),
    .words = "photo",
    .least_words = 1,
    .most_words = 1000,
    .run = check_run,
};
