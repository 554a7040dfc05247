/* cyclorama compliance: a finished picture against a shop's rules, and mended where that can be done. */
#include <string.h>

#include "app/command.h"
#include "app/photos.h"
#include "app/plan.h"
#include "app/remedy.h"
#include "app/rig.h"
#include "app/version.h"
#include "base/clock.h"
#include "base/file.h"
#include "market/market.h"
#include "recipe/recipe.h"

typedef struct ComplianceOptions {
    const char *platform, *output, *on;
    int slot;
    bool fix, json, strict;
} ComplianceOptions;

typedef enum SlotWish {
    SLOT_WISH_AUTO,
    SLOT_WISH_MAIN,
    SLOT_WISH_SECOND,
} SlotWish;

static const char *const slot_wish_names[] = {"auto", "main", "second", NULL};

static const Field ComplianceOptions_fields[] = {
    {FIELD_TEXT(ComplianceOptions, platform),
     .help = "Whose rules: amazon, ebay, etsy, google, instagram, lazada, shopee, shopify, "
             "tiktok_shop, tokopedia, or all",
     .max = 40, .format = "name", .letter = 'p'},
    {FIELD_NAME(ComplianceOptions, slot, slot_wish_names),
     .help = "As which picture of a listing: the main one, or one behind it; auto is main, but for "
             "pictures made by a template that is no main picture",
     .preset = "auto"},
    {FIELD_BOOL(ComplianceOptions, fix),
     .help = "Mend what can be mended, and say what cannot; needs -o", .preset = "false"},
    {FIELD_TEXT(ComplianceOptions, output),
     .help = "Where the mended picture goes: a file, or a folder for several", .format = "OUT",
     .letter = 'o', .preset = "", .max = 4096},
    {FIELD_TEXT(ComplianceOptions, on),
     .help = "Judge as on this day, such as 2027-01-31; today when left out", .preset = "",
     .max = 10, .format = "day"},
    {FIELD_BOOL(ComplianceOptions, strict), .help = "Warnings count as failures, too",
     .preset = "false"},
    {FIELD_BOOL(ComplianceOptions, json),
     .help = "Write one JSON line for each picture and platform", .preset = "false"},
    {FIELD_END},
};

/* A shop may be asked about files larger than a photo may be. */
static const ImageLimits limits = {
    .bytes = 64 << 20, .pixels = 200 * 1000 * 1000, .side_px = 30000, .time_ms = 60000};

typedef struct Inspection {
    App *app;
    const ComplianceOptions *options;
    Listing listing;
    const char *folder; /* of the operator's own platforms */
    Rig *rig;
    Photos photos;  /* named, when they are to be mended */
    bool is_folder; /* the output */
    size_t number;  /* of the photo at hand */
    const char *path;
    Exit *exit;
} Inspection;

/* A picture as it lies there, with everything that is measured of it. */
typedef struct Sample {
    ImageDecoded decoded;
    Subject subject;
    Facts facts;
    const char *unclear; /* why the product was not found, a sentence; or NULL */
} Sample;

static void sample_done(Sample *sample)
{
    image_decoded_done(&sample->decoded);
    market_subject_done(&sample->subject);
}
DEFINE_AUTO_DONE(Sample, sample_done);

/* ---- measuring ---- */

/* The product by the network, where the background is not plain. */
static MUST Err *subject_cut_out(const Inspection *work, const Buf *bytes, Subject *ret)
{
    const RecipeContext context = {
        .models = work->rig->models,
        .cache = work->rig->cache,
        .threads = work->rig->threads,
        .cancel = work->app->cancel,
    };
    AUTO(recipe_free) Recipe *recipe = NULL;
    AUTO(shot_done) Shot shot = {0};

    TRY(recipe_find("cutout-preview", &recipe));
    TRY(shot_open(&shot, bytes->bytes, bytes->size, &limits, work->app->cancel));
    TRY(recipe_perform(recipe, &context, &shot));
    return market_find_subject(shot.source, shot_picture(&shot), ret);
}

/* What the network finds takes the place of what was not found without it. */
static MUST Err *subject_look_again(const Inspection *work, const Buf *bytes, Sample *sample)
{
    AUTO(market_subject_done) Subject seen = {0};
    AUTO(err_free) Err *err = subject_cut_out(work, bytes, &seen);

    if (err && err_code(err) == ERR_CANCELLED)
        return TAKE(err);
    if (err || !seen.by) {
        sample->unclear = err ? arena_text(work->app->mem, err_text(err)) : "it is not clear.";
        return NULL;
    }
    market_subject_done(&sample->subject);
    sample->subject = seen;
    seen.map = NULL;
    return NULL;
}

/* Whether the file says that it was made by a template of ours that is for no main picture. */
static bool is_of_second_template(const ImageRights *rights)
{
    AUTO(recipe_free) Recipe *recipe = NULL;
    AUTO(err_free) Err *err = rights->recipe ? recipe_find(rights->recipe, &recipe) : NULL;

    if (err || !recipe)
        return false;
    const RecipeFacts *facts = recipe_facts(recipe);
    bool is_second = facts->category && *facts->category;
    for (size_t i = 0; i < facts->tags.count; i++)
        is_second &= strcmp(facts->tags.items[i], "main picture") != 0;
    return is_second;
}

static Slot slot_of(const Inspection *work, const Sample *sample)
{
    switch ((SlotWish)work->options->slot) {
    case SLOT_WISH_MAIN:
        return SLOT_MAIN;
    case SLOT_WISH_SECOND:
        return SLOT_SECOND;
    case SLOT_WISH_AUTO:
        break;
    }
    return is_of_second_template(&sample->decoded.rights) ? SLOT_SECOND : SLOT_MAIN;
}

static MUST Err *
sample_take(const Inspection *work, const Buf *bytes, const char *path, Sample *ret)
{
    TRY(image_decode(bytes->bytes, bytes->size, &limits, work->app->cancel, &ret->decoded));
    TRY(market_find_subject(ret->decoded.image, NULL, &ret->subject));
    if (!ret->subject.by || ret->subject.is_doubtful)
        TRY(subject_look_again(work, bytes, ret));

    const Origin *origin = origin_find(ret->decoded.rights.source_type);
    return market_measure(
        &(MarketPicture){
            .path = path,
            .bytes = (int64_t)bytes->size,
            .facts = &ret->decoded.facts,
            .source_type = origin ? origin->word : NULL,
            .image = ret->decoded.image,
            .subject = &ret->subject,
        },
        &ret->facts);
}

/* ---- telling ---- */

enum {
    WIDTH = 80,
    INDENT = 10,
    ABOUT_INDENT = 2
};

static Verdict worst_of(const Findings *findings)
{
    return findings->counts[VERDICT_FAIL]   ? VERDICT_FAIL
           : findings->counts[VERDICT_WARN] ? VERDICT_WARN
                                            : VERDICT_PASS;
}

static const char *where_words(const Fact *fact, Arena *mem)
{
    return fact->where.width ? arena_print(
                                   mem, " Look at %d, %d (%d x %d px).", fact->where.left,
                                   fact->where.top, fact->where.width, fact->where.height)
                             : "";
}

/* Who would have it as a main picture, and cannot, is told when it would do behind one. */
static bool would_do_second(
    const Inspection *work, const Platform *platform, const Sample *sample,
    const Findings *findings)
{
    const Listing listing = {work->listing.day, SLOT_SECOND};
    Findings other;

    if (work->listing.slot == SLOT_SECOND || !findings->counts[VERDICT_FAIL])
        return false;
    market_judge(platform, &sample->facts, &listing, work->app->mem, &other);
    return !other.counts[VERDICT_FAIL];
}

static void finding_print(const Finding *finding, const Facts *facts, App *app)
{
    const Rule *rule = finding->rule;
    const MeasureRow *row = &market_measures[rule->measure];

    fprintf(
        app->out, "  %-7s %s: %s%s; %s\n", market_verdict_names[finding->verdict], row->meaning,
        finding->measured, row->is_suspicion ? " suspected" : "", finding->limit);
    fprintf(app->out, "%*s", INDENT, "");
    help_wrap(
        app->out, INDENT, WIDTH,
        arena_print(
            app->mem, "%s%s%s%s", finding->is_later ? "From " : "",
            finding->is_later ? arena_print(app->mem, "%s: ", rule->from) : "", rule->say,
            where_words(&facts->of[rule->measure], app->mem)));
    fprintf(app->out, "%*s", INDENT, "");
    help_wrap(
        app->out, INDENT, WIDTH,
        arena_print(
            app->mem, "(%s; %s, read on %s)", rule->source, market_grade_names[rule->grade],
            rule->checked_on));
}

/* " as the main picture", where the platform asks something else of those behind it. */
static const char *slot_words(const Platform *platform, Slot slot)
{
    const Rule *rules = platform->rules.items;

    for (size_t i = 0; i < platform->rules.count; i++)
        if (rules[i].slot != SLOT_ANY)
            return slot == SLOT_MAIN ? " as the main picture" : " behind the main picture";
    return "";
}

static void findings_print(
    const Inspection *work, const Platform *platform, const Sample *sample,
    const Findings *findings)
{
    FILE *out = work->app->out;

    fprintf(
        out, "%s for %s%s: %s. %zu kept, %zu broken, %zu to look at, %zu unknown.\n",
        print_safe(work->path, work->app->mem), platform->title,
        slot_words(platform, work->listing.slot), market_verdict_names[worst_of(findings)],
        findings->counts[VERDICT_PASS], findings->counts[VERDICT_FAIL],
        findings->counts[VERDICT_WARN], findings->counts[VERDICT_UNKNOWN]);
    for (int verdict = VERDICT_FAIL; verdict > VERDICT_PASS; verdict--)
        for (size_t i = 0; i < findings->count; i++)
            if ((int)findings->items[i].verdict == verdict)
                finding_print(&findings->items[i], &sample->facts, work->app);
    if (sample->unclear)
        fprintf(out, "  The product was not found: %s\n", sample->unclear);
    if (would_do_second(work, platform, sample, findings))
        fprintf(out, "  It would do as a picture behind the main one (--slot second).\n");
    if (*platform->about) {
        fprintf(out, "%*s", ABOUT_INDENT, "");
        help_wrap(out, ABOUT_INDENT, WIDTH, platform->about);
    }
}

static Value *box_value(Box box)
{
    Value *list = value_list();

    value_add(list, value_of_int(box.left));
    value_add(list, value_of_int(box.top));
    value_add(list, value_of_int(box.width));
    value_add(list, value_of_int(box.height));
    return list;
}

static Value *fact_value(const Fact *fact)
{
    return !fact->is_known ? value_of_null()
           : fact->word    ? value_of_text(fact->word)
                           : value_of_number(fact->number);
}

static Value *finding_value(const Finding *finding, const Facts *facts)
{
    const Rule *rule = finding->rule;
    const Fact *fact = &facts->of[rule->measure];
    Value *line = value_object();

    value_set(line, "rule", value_of_text(rule->rule));
    value_set(line, "verdict", value_of_text(market_verdict_names[finding->verdict]));
    value_set(line, "severity", value_of_text(market_severity_names[rule->severity]));
    value_set(line, "measure", value_of_text(market_measure_names[rule->measure]));
    value_set(line, "measured", fact_value(fact));
    value_set(line, "limit", value_of_text(finding->limit));
    value_set(line, "suspected", value_of_bool(market_measures[rule->measure].is_suspicion));
    if (fact->where.width)
        value_set(line, "where", box_value(fact->where));
    value_set(line, "say", value_of_text(rule->say));
    value_set(line, "source", value_of_text(rule->source));
    value_set(line, "grade", value_of_text(market_grade_names[rule->grade]));
    value_set(line, "checked_on", value_of_text(rule->checked_on));
    if (*rule->from)
        value_set(line, "from", value_of_text(rule->from));
    if (*rule->until)
        value_set(line, "until", value_of_text(rule->until));
    return line;
}

static MUST Err *findings_json(
    const Inspection *work, const Platform *platform, const Sample *sample,
    const Findings *findings)
{
    static const char *const by_names[] = {
        [SUBJECT_UNKNOWN] = "unknown",
        [SUBJECT_BY_ALPHA] = "alpha",
        [SUBJECT_BY_GROUND] = "background",
        [SUBJECT_BY_CUTOUT] = "cutout",
    };
    AUTO(value_free) Value *line = value_object();
    AUTO(buf_done) Buf text = BUF(1 << 20);
    Value *facts = value_object(), *product = value_object(), *list = value_list();

    for (int i = 0; i < MEASURE_MAX_; i++)
        value_set(facts, market_measures[i].name, fact_value(&sample->facts.of[i]));
    value_set(product, "found_by", value_of_text(by_names[sample->subject.by]));
    if (sample->subject.by)
        value_set(product, "box", box_value(sample->subject.box));
    for (size_t i = 0; i < findings->count; i++)
        value_add(list, finding_value(&findings->items[i], &sample->facts));
    value_set(line, "picture", value_of_text(work->path));
    value_set(line, "platform", value_of_text(platform->name));
    value_set(line, "rules_version", value_of_int(platform->version));
    value_set(line, "slot", value_of_text(market_slot_names[work->listing.slot]));
    value_set(line, "day", value_of_text(work->listing.day));
    value_set(line, "verdict", value_of_text(market_verdict_names[worst_of(findings)]));
    value_set(line, "product", product);
    value_set(line, "facts", facts);
    value_set(line, "rules", list);
    TRY(value_write(line, VALUE_COMPACT, &text));
    fprintf(work->app->out, "%s\n", buf_text(&text));
    return NULL;
}

static MUST Err *
sample_judge(const Inspection *work, const Platform *platform, const Sample *sample)
{
    Findings findings;

    market_judge(platform, &sample->facts, &work->listing, work->app->mem, &findings);
    if (findings.counts[VERDICT_FAIL] || (work->options->strict && findings.counts[VERDICT_WARN]))
        *work->exit = EXIT_PART;
    if (work->options->json)
        return findings_json(work, platform, sample, &findings);
    findings_print(work, platform, sample, &findings);
    return NULL;
}

/* ---- mending ---- */

/* The output itself, or a file in that folder that no other picture of this run is written to. */
static MUST Err *output_path(const Inspection *work, ImageFormat format, const char **ret)
{
    Arena *mem = work->app->mem;
    const char *output = work->options->output;
    const char *name = path_stem(mem, work->photos.items[work->number].output);
    ImageFormat named = format;

    if (work->is_folder)
        output =
            path_join(mem, output, arena_print(mem, "%s.%s", name, image_format_ending(format)));
    else
        (void)plan_format_of_ending(output, &named);
    if (named != format)
        return err_public(
            err_new(ERR_INPUT_INVALID, "'%s' would be %s", output, image_format_name(format)),
            "The mended picture has to be a %s file, as the platform asks. End its name in .%s.",
            image_format_name(format), image_format_ending(format));
    TRY(folder_make(work->is_folder ? work->options->output : path_folder(mem, output)));
    TRY(photos_check_spared(&work->photos, output));
    *ret = output;
    return NULL;
}

static MUST Err *
picture_mend(Inspection *work, const Platform *platform, const Sample *sample, const Buf *bytes)
{
    Ailment ailment = {
        platform, &sample->facts, &sample->subject, work->listing, sample->decoded.facts.format};

    if (!work->is_folder)
        (void)plan_format_of_ending(work->options->output, &ailment.format);

    AUTO(value_free) Value *json = remedy_recipe(&ailment);
    AUTO(recipe_free) Recipe *recipe = NULL;
    AUTO(shot_done) Shot shot = {0};
    AUTO(sample_done) Sample mended = {0};
    const char *path;

    TRY(recipe_read(json, &recipe));
    TRY(output_path(work, recipe_format(recipe), &path));
    TRY(shot_open(&shot, bytes->bytes, bytes->size, &limits, work->app->cancel));
    TRY(recipe_perform(
        recipe,
        &(RecipeContext){
            .models = work->rig->models,
            .threads = work->rig->threads,
            .cancel = work->app->cancel,
            .program = version_maker,
        },
        &shot));
    TRY(file_write(path, shot.encoded.bytes, shot.encoded.size));
    if (!work->options->json)
        fprintf(
            work->app->out, "%s -> %s\n", print_safe(work->path, work->app->mem),
            print_safe(path, work->app->mem));
    work->path = path;
    TRY(sample_take(work, &shot.encoded, path, &mended));
    return sample_judge(work, platform, &mended);
}

/* ---- the command ---- */

static MUST Err *
platform_judge(Inspection *work, const char *name, const Sample *sample, const Buf *bytes)
{
    AUTO(value_free) Value *json = NULL;
    Platform platform;

    TRY(market_find_platform(name, work->folder, work->app->mem, &json, &platform));
    return work->options->fix ? picture_mend(work, &platform, sample, bytes)
                              : sample_judge(work, &platform, sample);
}

static MUST Err *picture_inspect(Inspection *work)
{
    AUTO(buf_done) Buf bytes = BUF((size_t)limits.bytes);
    AUTO(sample_done) Sample sample = {0};

    TRY(photo_read(work->path, &bytes));
    TRY(sample_take(work, &bytes, work->path, &sample));
    work->listing.slot = slot_of(work, &sample);
    if (strcmp(work->options->platform, "all") != 0)
        return platform_judge(work, work->options->platform, &sample, &bytes);
    for (const char *const *name = market_platform_names(work->app->mem); *name; name++)
        TRY(platform_judge(work, *name, &sample, &bytes));
    return NULL;
}

/* A day that there is: the 31st of February has the right shape, too. */
static bool is_day(const char *day)
{
    int64_t midnight_ms;

    return strlen(day) == strlen("2027-01-31") && clock_parse(day, &midnight_ms);
}

static MUST Err *options_check(const ComplianceOptions *options)
{
    if (*options->on && !is_day(options->on))
        return err_public(
            err_new(ERR_INPUT_INVALID, "'%s' is no day", options->on),
            "--on cannot be '%s'. Write a day that there is as 2027-01-31.", options->on);
    if (options->fix && strcmp(options->platform, "all") == 0)
        return err_public(
            err_new(ERR_INPUT_INVALID, "fix for all platforms"),
            "--fix mends for one platform at a time. Name it with --platform.");
    if (options->fix && !*options->output)
        return err_public(
            err_new(ERR_INPUT_MISSING, "fix without output"),
            "--fix never changes the picture itself. Say with -o where the mended one goes.");
    if (!options->fix && *options->output)
        return err_public(
            err_new(ERR_INPUT_INVALID, "output without fix"),
            "-o is where a mended picture goes. Add --fix, or leave it out.");
    return NULL;
}

static MUST Err *output_choose(Inspection *work, const Texts *words)
{
    const char *output = work->options->output;
    ImageFormat format = IMAGE_JPEG;
    Photos *photos = &work->photos;

    if (!work->options->fix)
        return NULL;
    photos->count = words->count;
    photos->items = ARENA_ARRAY(work->app->mem, Photo, words->count);
    for (size_t i = 0; i < words->count; i++)
        photos->items[i] =
            (Photo){.path = words->items[i], .kept = path_stem(work->app->mem, words->items[i])};
    photos_name(photos, image_format_ending(format), work->app->mem);
    work->is_folder = folder_exists(output) || output[strlen(output) - 1] == '/' ||
                      !plan_format_of_ending(output, &format);
    if (!work->is_folder && words->count > 1)
        return err_public(
            err_new(ERR_INPUT_INVALID, "'%s' is a file for %zu pictures", output, words->count),
            "%zu pictures cannot all become %s. Name a folder with -o.", words->count, output);
    return NULL;
}

static const char *today(Arena *mem)
{
    char text[CLOCK_TEXT_SIZE];

    clock_text(clock_now_ms(), text);
    return arena_text_n(mem, text, 10);
}

static Err *compliance_run(App *app, const void *options_any, const Texts *words, Exit *exit)
{
    const ComplianceOptions *options = options_any;
    AUTO(rig_done) Rig rig = {0};
    Inspection work = {
        .app = app,
        .options = options,
        .listing.day = *options->on ? options->on : today(app->mem),
        .folder = path_join(app->mem, app->settings.data, "platforms"),
        .rig = &rig,
        .exit = exit,
    };

    TRY(options_check(options));
    TRY(output_choose(&work, words));
    TRY(rig_start(
        &(RigWish){.settings = &app->settings, .jobs = 1, .photos = 1, .has_cache = true}, &rig));
    for (size_t i = 0; i < words->count; i++) {
        work.number = i;
        work.path = words->items[i];
        Err *err = picture_inspect(&work);

        /* No other photo would fare better. */
        if (err && (err_code(err) == ERR_CANCELLED || err_code(err) == ERR_NOT_FOUND))
            return err;
        err = photo_blame(err, words->items[i]);
        if (err && words->count == 1)
            return err;
        if (err) {
            fprintf(stderr, "%s\n", err_text(err));
            *exit = EXIT_PART;
        }
        err_free(err);
    }
    return NULL;
}

static const char *const compliance_about[] = {
    "Measures the picture (whiteness of the background, how much the product fills, size, shape, "
    "bytes, format, colours) and looks for writing, watermarks, frames and collages beside the "
    "product. Each rule is passed, failed, warned of or unknown, with what was measured, the "
    "limit, what to do, who says so and when that was read. What is only suspected never fails a "
    "picture. The exit status is 1 when a rule is broken.",
    "Shops ask more of the first picture of a listing than of those behind it. A picture that is "
    "no main one, but would do behind it, is said to; --slot second judges it as such.",
    "Where the background is not plain, the product is found with the cut-out network if it is "
    "installed.",
    "--fix writes a picture that is whitened where a plain background is near white, framed, "
    "sized and encoded as the platform asks, and checks it again. The product's own pixels are not "
    "retouched; what cannot be mended so is said.",
    "Rules change: a file NAME.json in the folder 'platforms' of the data folder replaces or adds "
    "a platform. --json shows all facts.",
    NULL,
};

static const Example compliance_examples[] = {
    {"cyclorama compliance shoe.jpg --platform amazon", "Would it do as a main picture?"},
    {"cyclorama compliance shoe-table.jpg --platform amazon --slot second",
     "Would it do behind the main picture?"},
    {"cyclorama compliance shoe.jpg --platform all --json", "For every shop, for a program"},
    {"cyclorama compliance shoe.jpg --platform shopee --fix -o shoe-shopee.jpg",
     "Mend what can be mended"},
    {NULL, NULL},
};

const Command command_compliance = {
    .name = "compliance",
    .summary = "Hold a finished picture against a shop's rules, and mend it",
    .usage = "PICTURE... --platform NAME [options]",
    .about = compliance_about,
    .examples = compliance_examples,
    .options = SHAPE(ComplianceOptions),
    .words = "photo",
    .least_words = 1,
    .most_words = 10000,
    .run = compliance_run,
};
