/* cyclorama doctor: what is installed, what is missing, what to do. */
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "app/command.h"
#include "app/fetch.h"
#include "app/needs.h"
#include "app/providers.h"
#include "app/rig.h"
#include "app/store_rule.h"
#include "app/version.h"
#include "base/embed.h"
#include "base/file.h"
#include "model/model.h"

enum {
    WIDTH = 90,
    NAME_WIDTH = 22,
    CHECKS_MAX = 100,
    DISK_LEAST_MB = 1000,
    MEMORY_LEAST_MB = 2000
};

extern const Embedded embedded_samples[];

typedef enum Verdict {
    VERDICT_FINE,
    VERDICT_NOTE, /* can be done without */
    VERDICT_BAD
} Verdict;

typedef struct Check {
    const char *name;
    Verdict verdict;
    const char *found;  /* what was found */
    const char *advice; /* what to do; NULL when fine */
} Check;

typedef struct Doctor {
    App *app;
    Models *models;
    Check checks[CHECKS_MAX];
    size_t count;
} Doctor;

typedef struct DoctorOptions {
    bool json;
} DoctorOptions;

static const Field DoctorOptions_fields[] = {
    {FIELD_BOOL(DoctorOptions, json), .help = "Write JSON", .preset = "false"},
    {FIELD_END},
};

static void check_add(Doctor *doctor, Check check)
{
    if (doctor->count < CHECKS_MAX)
        doctor->checks[doctor->count++] = check;
}

/* What an Err says is both what was found and what to do. */
static void check_add_err(Doctor *doctor, const char *name, Err *err, const char *found)
{
    AUTO(err_free) Err *freed = err;

    check_add(
        doctor, (Check){
                    .name = name,
                    .verdict = freed ? VERDICT_BAD : VERDICT_FINE,
                    .found = freed ? "not usable" : found,
                    .advice = freed ? arena_text(doctor->app->mem, err_text(freed)) : NULL,
                });
}

/* ---- models ---- */

static void runtime_check(Doctor *doctor)
{
    const char *version = NULL;
    Err *err = models_runtime(doctor->models, &version);

    check_add_err(
        doctor, "runtime", err,
        version ? arena_print(doctor->app->mem, "ONNX Runtime %s, self test passed", version)
                : NULL);
}

static void model_check(Doctor *doctor, const ModelRow *row)
{
    Arena *mem = doctor->app->mem;
    ModelState state = models_state(doctor->models, row);
    const char *name = arena_print(mem, "model %s", row->name);
    bool is_needed = needs_model(doctor->models, row);

    if (state == MODEL_STATE_INSTALLED || state == MODEL_STATE_DAMAGED) {
        check_add_err(doctor, name, models_verify(doctor->models, row), "intact");
        return;
    }
    if (state == MODEL_STATE_REFUSED) {
        check_add(doctor, (Check){name, VERDICT_NOTE, "refused by CYCLORAMA_MODEL_LICENCES", NULL});
        return;
    }
    check_add(
        doctor,
        (Check){
            .name = name,
            .verdict = is_needed ? VERDICT_BAD : VERDICT_NOTE,
            .found = is_needed ? "missing" : "not installed; no built-in template needs it",
            .advice =
                is_needed ? arena_print(mem, "Run 'cyclorama models fetch %s'.", row->name) : NULL,
        });
}

static void models_check(Doctor *doctor)
{
    const char *folder = models_folder(doctor->models);

    check_add(
        doctor, (Check){
                    "model folder", folder_exists(folder) ? VERDICT_FINE : VERDICT_NOTE,
                    arena_print(
                        doctor->app->mem, "%s%s", folder,
                        folder_exists(folder) ? "" : " (made by 'cyclorama models fetch')"),
                    NULL});
    runtime_check(doctor);
    for (size_t i = 0; i < models_count(doctor->models); i++)
        model_check(doctor, models_at(doctor->models, i));
    if (!models_default(doctor->models, MODEL_MATTE))
        check_add(
            doctor, (Check){
                        "cut-out", VERDICT_BAD, "every model for it is refused",
                        "Allow the licence of one in CYCLORAMA_MODEL_LICENCES."});
}

/* ---- pictures ---- */

/* HEIC is only read, so it is tried on a picture that came along. */
static MUST Err *heic_try(void)
{
    const Embedded *sample = embed_find(embedded_samples, "heic");
    AUTO(image_decoded_done) ImageDecoded decoded = {0};

    return image_decode(sample->bytes, sample->size, &image_limits_default, NULL, &decoded);
}

static MUST Err *format_try(ImageFormat format)
{
    AUTO(image_free) Image *image = NULL;
    AUTO(buf_done) Buf bytes = BUF(1 << 20);
    AUTO(image_decoded_done) ImageDecoded decoded = {0};

    if (format == IMAGE_HEIC)
        return heic_try();
    TRY(image_flat(32, 32, (Colour){200, 100, 50, 255}, &image));
    TRY(image_encode(image, &(ImageEncoding){.format = format, .quality = 90}, &bytes));
    return image_decode(bytes.bytes, bytes.size, &image_limits_default, NULL, &decoded);
}

static void formats_check(Doctor *doctor)
{
    for (int format = 0; format < IMAGE_FORMAT_MAX_; format++) {
        const char *name =
            arena_print(doctor->app->mem, "format %s", image_format_name((ImageFormat)format));

        check_add_err(
            doctor, name, format_try((ImageFormat)format),
            format == IMAGE_HEIC ? "read" : "written and read");
    }
}

static void fonts_check(Doctor *doctor)
{
    AUTO(image_free) Image *mask = NULL;

    check_add_err(
        doctor, "fonts", image_text("Cyclorama", "sans bold", 24, &mask), "text can be drawn");
}

/* ---- the machine ---- */

static void program_check(Doctor *doctor, const char *program, const char *advice)
{
    const char *path = fetch_find_program(program, doctor->app->mem);

    check_add(
        doctor,
        (Check){
            program, path ? VERDICT_FINE : VERDICT_NOTE,
            path ? path : "not installed; only needed to fetch models", path ? NULL : advice});
}

static MUST Err *folder_try(const char *folder, Arena *mem)
{
    const char *probe = path_join(mem, folder, ".doctor");

    TRY(folder_make(folder));
    TRY(file_write(probe, "", 0));
    unlink(probe);
    return NULL;
}

static void folder_check(Doctor *doctor, const char *name, const char *folder, const char *variable)
{
    Arena *mem = doctor->app->mem;
    AUTO(err_free) Err *err = folder_try(folder, mem);

    check_add(
        doctor,
        (Check){
            name, err ? VERDICT_BAD : VERDICT_FINE,
            arena_print(mem, "%s%s", folder, err ? " cannot be written to" : ""),
            err ? arena_print(mem, "Change the folder's rights, or set %s.", variable) : NULL});
}

static void disk_check(Doctor *doctor)
{
    Arena *mem = doctor->app->mem;
    struct statvfs facts;

    if (statvfs(doctor->app->settings.data, &facts) != 0)
        return;
    int64_t free_mb = (int64_t)facts.f_bavail * (int64_t)facts.f_frsize / 1000000;
    bool is_low = free_mb < DISK_LEAST_MB;
    check_add(
        doctor, (Check){
                    "free disk", is_low ? VERDICT_NOTE : VERDICT_FINE,
                    arena_print(mem, "%.1f GB", (double)free_mb / 1000),
                    is_low ? "Models and cached results want 1 GB." : NULL});
}

static void machine_check(Doctor *doctor)
{
    const Settings *settings = &doctor->app->settings;
    Arena *mem = doctor->app->mem;
    int64_t memory_mb = rig_memory_mb(settings);
    bool is_low = memory_mb < MEMORY_LEAST_MB;

    check_add(
        doctor, (Check){
                    "memory", is_low ? VERDICT_NOTE : VERDICT_FINE,
                    arena_print(mem, "%.1f GB may be used", (double)memory_mb / 1000),
                    is_low ? "Cut-outs want 2 GB: free some, or expect a slow machine." : NULL});
    check_add(
        doctor, (Check){"cores", VERDICT_FINE, arena_print(mem, "%d", rig_cores(settings)), NULL});
}

/* ---- who does what ---- */

static void providers_check(Doctor *doctor)
{
    const Settings *settings = &doctor->app->settings;
    Arena *mem = doctor->app->mem;
    const char *unused;
    List facts;
    Err *err = providers_look(settings, mem, &facts);

    if (err) {
        check_add_err(doctor, "providers", err, NULL);
        return;
    }
    for (size_t i = 0; i < facts.count; i++) {
        const ProviderFacts *row = &((const ProviderFacts *)facts.items)[i];

        check_add(
            doctor, (Check){
                        row->work, row->advice ? VERDICT_NOTE : VERDICT_FINE,
                        arena_print(mem, "%s (%s)", row->by, row->variable), row->advice});
    }
    const char *keys = providers_keys(settings, mem, &unused);
    check_add(
        doctor, (Check){
                    "keys of vendors", unused ? VERDICT_NOTE : VERDICT_FINE, keys,
                    unused ? arena_print(
                                 mem,
                                 "No provider variable names the vendor of %s: it is asked "
                                 "only for its own models.",
                                 unused)
                           : NULL});
}

static void store_check(Doctor *doctor)
{
    const StoreRule rule = store_rule_look(doctor->app);

    check_add(
        doctor, (Check){
                    .name = "store",
                    .verdict = rule.is_bad    ? VERDICT_BAD
                               : rule.is_note ? VERDICT_NOTE
                                              : VERDICT_FINE,
                    .found = rule.found,
                    .advice = rule.advice,
                });
}

/* ---- telling ---- */

static const char *const verdict_names[] = {"ok", "note", "missing"};

static MUST Err *checks_json(const Doctor *doctor, bool is_fit)
{
    AUTO(value_free) Value *report = value_object();
    Value *list = value_list();

    for (size_t i = 0; i < doctor->count; i++) {
        const Check *check = &doctor->checks[i];
        Value *line = value_object();

        value_set(line, "name", value_of_text(check->name));
        value_set(line, "verdict", value_of_text(verdict_names[check->verdict]));
        value_set(line, "found", value_of_text(check->found));
        if (check->advice)
            value_set(line, "advice", value_of_text(check->advice));
        value_add(list, line);
    }
    value_set(report, "version", value_of_text(version_program));
    value_set(report, "is_fit", value_of_bool(is_fit));
    value_set(report, "checks", list);
    return print_json(doctor->app->out, report);
}

static void checks_print(const Doctor *doctor, bool is_fit)
{
    FILE *out = doctor->app->out;

    for (size_t i = 0; i < doctor->count; i++) {
        const Check *check = &doctor->checks[i];

        fprintf(
            out, "%-8s %-*s %s\n", verdict_names[check->verdict], NAME_WIDTH, check->name,
            check->found);
        if (!check->advice)
            continue;
        fprintf(out, "%*s", NAME_WIDTH + 10, "");
        help_wrap(out, NAME_WIDTH + 10, WIDTH, check->advice);
    }
    fprintf(
        out, "\n%s\n",
        is_fit ? "Everything that is needed is there."
               : "Something is missing: see the lines that begin with 'missing'.");
}

static Err *doctor_run(App *app, const void *options_any, const Texts *words, Exit *exit)
{
    const DoctorOptions *options = options_any;
    AUTO(models_close) Models *models = NULL;
    Doctor doctor = {.app = app};
    bool is_fit = true;

    (void)words;
    TRY(rig_models(&app->settings, 1, &models));
    doctor.models = models;
    image_start(1);
    Err *err = image_open();
    check_add_err(&doctor, "picture library", err, image_library());
    if (!err) {
        formats_check(&doctor);
        fonts_check(&doctor);
        image_stop();
    }
    models_check(&doctor);
    program_check(&doctor, "node", "Install Node.js 18 or newer; on Debian: apt install nodejs.");
    program_check(&doctor, "npm", "On Debian: apt install npm.");
    folder_check(&doctor, "data folder", app->settings.data, "CYCLORAMA_DATA");
    folder_check(
        &doctor, "cache folder", rig_cache_folder(&app->settings, app->mem), "CYCLORAMA_DATA");
    providers_check(&doctor);
    store_check(&doctor);
    disk_check(&doctor);
    machine_check(&doctor);

    for (size_t i = 0; i < doctor.count; i++)
        is_fit = is_fit && doctor.checks[i].verdict != VERDICT_BAD;
    *exit = is_fit ? EXIT_DONE : EXIT_PART;
    if (options->json)
        return checks_json(&doctor, is_fit);
    checks_print(&doctor, is_fit);
    return NULL;
}

static const char *const doctor_about[] = {
    "Checks the picture formats, fonts, models and their runtime, folders, disk and memory, "
    "whether "
    "a store on S3 or Azure lets pages of this studio put and get there (CORS), and says who does "
    "the work: the built-in studio, or vendors by the variables that 'cyclorama help render' "
    "lists. The exit status is 1 "
    "when something that is needed is missing; each such line says what to do.",
    NULL,
};

const Command command_doctor = {
    .name = "doctor",
    .summary = "Check what is installed, what is missing, and what to do",
    .usage = "",
    .about = doctor_about,
    .options = SHAPE(DoctorOptions),
    .run = doctor_run,
};
