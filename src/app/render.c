/* cyclorama render: photos become pictures. */
#include <string.h>
#include <unistd.h>

#include "app/batch.h"
#include "app/command.h"
#include "app/plan.h"
#include "app/progress.h"
#include "app/providers.h"
#include "app/quote.h"
#include "app/review.h"
#include "app/rig.h"
#include "app/signals.h"
#include "app/version.h"
#include "base/file.h"
#include "watch/watch.h"

enum {
    NUMBERED_TOLD = 5,
    ODD_TOLD = 20
};

static const Field RenderOptions_fields[] = {
    {FIELD_TEXT(RenderOptions, output),
     .help =
         "Where the pictures go: a folder, or for one photo a file whose ending says the format",
     .format = "OUT", .letter = 'o', .preset = "", .max = 4096},
    {FIELD_TEXT(RenderOptions, template),
     .help = "Template to use; marketplace-white when nothing is named", .preset = "", .max = 100,
     .format = "template", .letter = 't'},
    {FIELD_TEXT(RenderOptions, recipe),
     .help = "Recipe to use instead: a file, or the name of a built-in one", .preset = "",
     .max = 4096, .format = "recipe"},
    {FIELD_TEXT(RenderOptions, scene),
     .help =
         "Describe the set in plain words, English or Indonesian: a built-in scene is chosen and "
         "tuned to them; with a template or recipe they tune its scene",
     .preset = "", .max = 400, .format = "words"},
    {FIELD_TEXTS(RenderOptions, set),
     .help = "Set an option of a step, such as place.fill=70; may be given again", .preset = "",
     .max = 100, .format = "step.option=value"},
    {FIELD_INT(RenderOptions, seed),
     .help = "0 is the look as designed; every other number is another one, always the same",
     .preset = "0", .max = 999999999999999},
    {FIELD_TEXT(RenderOptions, size), .help = "Size of the pictures in pixels", .preset = "",
     .max = 20, .format = "WxH"},
    {FIELD_NAME(RenderOptions, format, plan_formats),
     .help = "Kind of file; auto is what the recipe says", .preset = "auto"},
    {FIELD_INT(RenderOptions, quality), .help = "JPEG, WebP and AVIF quality", .optional = true,
     .min = 1, .max = 100},
    {FIELD_INT(RenderOptions, jobs),
     .help = "Photos to work on at once; 0 is as many as cores and memory allow", .preset = "0",
     .max = 64, .letter = 'j'},
    {FIELD_BOOL(RenderOptions, recursive),
     .help = "Look into the folders of folders too, and keep them in the output", .preset = "false",
     .letter = 'r'},
    {FIELD_BOOL(RenderOptions, resume), .help = "Make only what is missing or has changed",
     .preset = "false"},
    {FIELD_BOOL(RenderOptions, cache), .help = "Neither use nor keep results of steps",
     .preset = "true"},
    {FIELD_BOOL(RenderOptions, preview), .help = "Cut out faster and coarser: to try things out",
     .preset = "false"},
    {FIELD_BOOL(RenderOptions, quote),
     .help = "Say what it would cost at the vendors that were chosen, and make nothing",
     .preset = "false"},
    {FIELD_TEXT(RenderOptions, review),
     .help = "Write which pictures want a second look to this file, as JSON", .format = "file",
     .preset = "", .max = 4096},
    {FIELD_BOOL(RenderOptions, json),
     .help = "Write one JSON line a photo, and one for them all, to standard output",
     .preset = "false"},
    {FIELD_BOOL(RenderOptions, quiet), .help = "Say nothing but what failed", .preset = "false",
     .letter = 'q'},
    {FIELD_END},
};

static void start_tell(const App *app, const Plan *plan, Screen *screen)
{
    Arena *mem = app->mem;
    const char *advice = providers_advice(&app->settings, mem);
    size_t numbered = 0;

    if (plan->chosen_by_us)
        screen_say(
            screen, arena_print(
                        mem, "Template: %s (none was named; 'cyclorama templates' shows them all)",
                        plan->chosen_by_us));
    if (advice)
        screen_say(screen, advice);
    if (plan->scene_words)
        screen_say(screen, print_safe(plan->scene_words, mem));
    for (size_t i = 0; i < plan->photos.count; i++) {
        const Photo *photo = &plan->photos.items[i];

        if (photo->is_numbered && ++numbered <= NUMBERED_TOLD)
            screen_say(
                screen, arena_print(
                            mem, "%s becomes %s: another photo has that name already",
                            print_safe(photo->path, mem), print_safe(photo->output, mem)));
    }
    if (numbered > NUMBERED_TOLD)
        screen_say(
            screen, arena_print(mem, "... and %zu more are numbered so", numbered - NUMBERED_TOLD));
}

static Value *sum_value(const Plan *plan, const BatchSum *sum)
{
    Value *counts = value_object(), *line = value_object();

    value_set(counts, "photos", value_of_int((int64_t)plan->photos.count));
    value_set(counts, "done", value_of_int((int64_t)sum->done));
    value_set(counts, "skipped", value_of_int((int64_t)sum->skipped));
    value_set(counts, "failed", value_of_int((int64_t)sum->failed));
    value_set(counts, "cancelled", value_of_int((int64_t)sum->cancelled));
    value_set(counts, "seconds", value_of_number((double)sum->took_ms / 1000));
    value_set(counts, "cpu_seconds", value_of_number((double)sum->cpu_ms / 1000));
    value_set(line, "summary", counts);
    return line;
}

/* A single photo's failure has just been said, and what stopped the run is said once, below. */
static void failures_print(const Plan *plan, const BatchSum *sum, const char *stopped, FILE *out)
{
    AUTO(arena_free) Arena *mem = arena_new();
    size_t printed = 0;

    for (size_t i = 0; i < sum->failed && plan->photos.count > 1; i++) {
        const BatchFailure *failure = &sum->failures[i];

        if (stopped && strcmp(failure->text, stopped) == 0)
            continue;
        if (!printed++)
            fprintf(out, "Failed:\n");
        fprintf(out, "  %s: %s\n", print_safe(failure->photo, mem), failure->text);
    }
}

/* "97 of 100 pictures made, 3 failed, in 5 min 12 s." and what to do about the rest. */
static void sum_print(const Plan *plan, const BatchSum *sum, FILE *out)
{
    size_t total = plan->photos.count, left = total - sum->done - sum->skipped - sum->failed;
    const char *stopped = left ? sum->stopped : NULL;
    char took[PROGRESS_DURATION_SIZE];

    progress_duration(sum->took_ms, took);
    fprintf(out, "%zu of %zu picture%s made", sum->done, total, total == 1 ? "" : "s");
    if (sum->skipped)
        fprintf(out, ", %zu were there already", sum->skipped);
    if (sum->failed)
        fprintf(out, ", %zu failed", sum->failed);
    if (left)
        fprintf(out, ", %zu not begun or not finished", left);
    fprintf(out, ", in %s.\n", took);
    failures_print(plan, sum, stopped, out);
    if (stopped)
        fprintf(out, "Stopped, because the others would fail in the same way: %s\n", stopped);
    if (left && !plan->is_one_file)
        fprintf(out, "What is finished stays. Add --resume to the same command to go on.\n");
}

static MUST Err *
sum_tell(App *app, const RenderOptions *options, const Plan *plan, const BatchSum *sum)
{
    if (options->json) {
        AUTO(value_free) Value *line = sum_value(plan, sum);
        AUTO(buf_done) Buf text = BUF(4096);

        TRY(value_write(line, VALUE_COMPACT, &text));
        fprintf(app->out, "%s\n", buf_text(&text));
    } else if (!options->quiet || sum->failed || sum->cancelled) {
        sum_print(plan, sum, stderr);
    }
    watch(
        WATCH_INFO, "render.done", WATCH_INT("photos", (int64_t)plan->photos.count),
        WATCH_INT("done", (int64_t)sum->done), WATCH_INT("skipped", (int64_t)sum->skipped),
        WATCH_INT("failed", (int64_t)sum->failed), WATCH_INT("took_ms", sum->took_ms));
    return NULL;
}

static void odd_print(const Value *odd, FILE *out)
{
    AUTO(arena_free) Arena *mem = arena_new();

    fprintf(out, "Look again at:\n");
    for (size_t i = 0; i < value_count(odd) && i < ODD_TOLD; i++) {
        const Value *row = value_at(odd, i);

        fprintf(
            out, "  %s, %s: %s\n", print_safe(value_text(value_get(row, "picture")), mem),
            value_text(value_get(row, "what")), value_text(value_get(row, "say")));
    }
    if (value_count(odd) > ODD_TOLD)
        fprintf(
            out, "  ... and %zu more; --review FILE lists them all\n", value_count(odd) - ODD_TOLD);
}

/* Pictures that want a second look; nothing is said when there are none. */
static MUST Err *review_tell(App *app, const RenderOptions *options, const Review *review)
{
    AUTO(value_free) Value *line = value_object();
    AUTO(buf_done) Buf text = BUF((size_t)64 << 20);
    Value *found = review_value(review);
    const Value *odd = value_get(found, "odd");

    value_set(line, "review", found);
    if (*options->review) {
        TRY(value_write(found, VALUE_PRETTY, &text));
        TRY(buf_add_text(&text, "\n"));
        TRY(file_write(options->review, text.bytes, text.size));
        text.size = 0;
    }
    if (value_count(odd) == 0 || (options->quiet && !options->json))
        return NULL;
    if (!options->json) {
        odd_print(odd, stderr);
        return NULL;
    }
    TRY(value_write(line, VALUE_COMPACT, &text));
    fprintf(app->out, "%s\n", buf_text(&text));
    return NULL;
}

static Exit sum_exit(const App *app, const BatchSum *sum)
{
    if (cancel_is_asked(app->cancel))
        return EXIT_INTERRUPTED;
    return sum->failed ? EXIT_PART : EXIT_DONE;
}

static MUST Err *quote_make(App *app, const RenderOptions *options, const Plan *plan)
{
    AUTO(rig_done) Rig rig = {0};

    TRY(rig_start(
        &(RigWish){
            .settings = &app->settings,
            .jobs = 1,
            .photos = 1,
            .is_for_later = true,
            .has_vendors = true},
        &rig));
    return quote_tell(app, options, plan, rig.vendors);
}

static Err *render_run(App *app, const void *options_any, const Texts *words, Exit *exit)
{
    const RenderOptions *options = options_any;
    AUTO(plan_done) Plan plan = {0};
    AUTO(rig_done) Rig rig = {0};
    AUTO(journal_close) Journal *journal = NULL;
    AUTO(review_free) Review *review = NULL;
    BatchSum sum;

    TRY(plan_make(options, words, app->mem, &plan));
    if (options->quote)
        return quote_make(app, options, &plan);
    TRY(photos_check_spared(&plan.photos, options->review));
    review = review_new(plan.photos.count);
    TRY(rig_start(
        &(RigWish){
            .settings = &app->settings,
            .jobs = options->jobs,
            .photos = plan.photos.count,
            .has_cache = options->cache,
            .has_vendors = true,
        },
        &rig));
    if (!plan.is_one_file)
        TRY(journal_open(plan.folder, options->resume, &journal));

    Screen *screen = screen_open(&(ScreenSetup){
        .fd = STDERR_FILENO,
        .total = plan.photos.count,
        .is_quiet = options->quiet,
        .is_mute = options->json,
    });
    start_tell(app, &plan, screen);
    signals_tick(screen_tick, screen);
    batch_run(
        &(BatchSetup){
            .recipe = plan.recipe,
            .context =
                {
                    .models = rig.models,
                    .vendors = rig.vendors,
                    .is_vendor_only = rig.is_vendor_only,
                    .cache = rig.cache,
                    .threads = rig.threads,
                    .seed = (uint64_t)options->seed,
                    .cancel = app->cancel,
                    .program = version_maker,
                },
            .photos = &plan.photos,
            .folder = plan.folder,
            .journal = journal,
            .is_resumed = options->resume,
            .jobs = rig.jobs,
            .screen = screen,
            .json = options->json ? app->out : NULL,
            .review = review,
        },
        app->mem, &sum);
    signals_tick(NULL, NULL);
    screen_close(screen);

    *exit = sum_exit(app, &sum);
    /* The sum is the last line for programs; for people, what wants a second look. */
    if (options->json) {
        TRY(review_tell(app, options, review));
        return sum_tell(app, options, &plan, &sum);
    }
    TRY(sum_tell(app, options, &plan, &sum));
    return review_tell(app, options, review);
}

static const char *const render_about[] = {
    "PHOTO is a file, a folder (its JPEG, PNG, WebP, HEIC, AVIF and TIFF photos) or a quoted "
    "pattern such as "
    "'shoes/*.jpg'. Pictures are named after their photos; when two photos share a name, the later "
    "one is numbered.",
    "A photo that fails is named with the reason and does not stop the others; the exit status is "
    "then 1. "
    "A run that was stopped goes on with --resume: pictures that are there and were made "
    "from the same photo, recipe and seed are left alone.",
    NULL,
};

static const Example render_examples[] = {
    {"cyclorama render shoe.jpg -o shoe-shop.jpg", "Pure white, ready for a marketplace"},
    {"cyclorama render shoe.jpg --recipe cutout -o shoe.png", "The product alone on transparency"},
    {"cyclorama render photos/ -o out/ --template catalogue-grey --size 1200x1200",
     "A whole folder, square"},
    {"cyclorama render photos/ -o out/ --resume", "Go on after a stop"},
    {"cyclorama render shoe.jpg -o out/ --set place.fill=70 --set shadow.opacity=30",
     "A template with options of your own"},
    {"cyclorama render shoe.jpg -o shoe-set.jpg --scene 'sunny kitchen, marble, pastel pink wall'",
     "A set described in words"},
    {"cyclorama render photos/ --quote --scene 'sunny kitchen'",
     "What it would cost at the vendors that were chosen (see 'cyclorama doctor')"},
    {NULL, NULL},
};

const Command command_render = {
    .name = "render",
    .summary = "Turn product photos into finished pictures",
    .usage = "PHOTO... -o OUT [options]",
    .about = render_about,
    .examples = render_examples,
    .options = SHAPE(RenderOptions),
    .words = "photo",
    .least_words = 1,
    .most_words = 100000,
    .asks_vendors = true,
    .run = render_run,
};
