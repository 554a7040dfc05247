/* cyclorama models: which networks there are, under which licence; fetching and verifying them. */
#include <string.h>

#include "app/command.h"
#include "app/fetch.h"
#include "app/needs.h"
#include "app/rig.h"
#include "model/model.h"

typedef struct ModelsCommandOptions {
    bool all, json;
} ModelsCommandOptions;

static const Field ModelsCommandOptions_fields[] = {
    {FIELD_BOOL(ModelsCommandOptions, all), .help = "Fetch every model, and the runtime",
     .preset = "false"},
    {FIELD_BOOL(ModelsCommandOptions, json), .help = "Write JSON", .preset = "false"},
    {FIELD_END},
};

static const char *size_words(int64_t bytes, Arena *mem)
{
    if (!bytes)
        return "?";
    return bytes < 1000000 ? arena_print(mem, "%d kB", (int)((bytes + 999) / 1000))
                           : arena_print(mem, "%.1f MB", (double)bytes / 1e6);
}

static const char *source_words(const ModelRow *row, Arena *mem)
{
    const char *package = value_text(value_get(row->source, "package"));
    const char *version = value_text(value_get(row->source, "version"));

    if (row->is_own)
        return "your own";
    return package ? arena_print(mem, "%s %s", package, version ? version : "") : "unknown";
}

/* ---- list ---- */

static Value *row_value(const Models *models, const ModelRow *row, Arena *mem)
{
    Value *value = value_object(), *licence = value_object();

    value_set(value, "name", value_of_text(row->name));
    value_set(value, "title", value_of_text(row->title));
    value_set(value, "task", value_of_text(model_task_names[row->task]));
    value_set(value, "state", value_of_text(model_state_name(models_state(models, row))));
    value_set(value, "is_needed", value_of_bool(needs_model(models, row)));
    value_set(value, "bytes", value_of_int(row->bytes));
    value_set(value, "file", value_of_text(row->file));
    value_set(licence, "kind", value_of_text(model_licence_kind_names[row->licence.kind]));
    value_set(licence, "name", value_of_text(row->licence.name ? row->licence.name : ""));
    value_set(licence, "weights", value_of_text(row->licence.weights ? row->licence.weights : ""));
    value_set(licence, "url", value_of_text(row->licence.url ? row->licence.url : ""));
    value_set(licence, "note", value_of_text(row->licence.note ? row->licence.note : ""));
    value_set(value, "licence", licence);
    value_set(value, "source", value_of_text(source_words(row, mem)));
    return value;
}

static MUST Err *list_json(const Models *models, App *app)
{
    AUTO(value_free) Value *list = value_list();

    for (size_t i = 0; i < models_count(models); i++)
        value_add(list, row_value(models, models_at(models, i), app->mem));
    return print_json(app->out, list);
}

static void row_print(const Models *models, const ModelRow *row, App *app)
{
    const ModelLicence *licence = &row->licence;
    const char *weights = licence->weights && *licence->weights &&
                                  (!licence->name || strcmp(licence->weights, licence->name) != 0)
                              ? arena_print(app->mem, "; weights: %s", licence->weights)
                              : "";

    fprintf(
        app->out, "%-20s %-10s %9s  %s\n", row->name, model_state_name(models_state(models, row)),
        size_words(row->bytes, app->mem), row->title);
    fprintf(
        app->out, "%20s %s, %s, %s%s\n", "", model_task_names[row->task],
        model_licence_kind_names[row->licence.kind], licence->name ? licence->name : "no licence",
        weights);
    fprintf(app->out, "%20s from %s\n", "", source_words(row, app->mem));
}

static MUST Err *list_show(Models *models, App *app)
{
    const char *version = NULL;
    AUTO(err_free) Err *no_runtime = models_runtime(models, &version);

    for (size_t i = 0; i < models_count(models); i++)
        row_print(models, models_at(models, i), app);
    fprintf(
        app->out, "%-20s %-10s %9s  %s%s\n", "runtime", no_runtime ? "missing" : "installed", "",
        "ONNX Runtime", no_runtime ? "" : arena_print(app->mem, " %s", version));
    fprintf(app->out, "\nModel folder: %s\n", models_folder(models));
    if (no_runtime || needs_missing(models, app->mem).count)
        fprintf(
            app->out, "Run 'cyclorama models fetch' to get what the built-in templates need.\n");
    return NULL;
}

/* ---- fetch ---- */

static MUST Err *names_check(const Models *models, const Texts *names)
{
    const char *known[128] = {"runtime"};
    size_t count = 1;

    for (size_t i = 0; i < models_count(models) && count < COUNT(known); i++)
        known[count++] = models_at(models, i)->name;
    for (size_t i = 0; i < names->count; i++) {
        const char *name = names->items[i];

        if (strcmp(name, "runtime") == 0 || models_find(models, name))
            continue;
        const char *near = shape_nearest(name, known, count);
        return err_public(
            err_new(ERR_NOT_FOUND, "no model is called '%s'", name),
            "There is no model '%s'.%s%s%s Run 'cyclorama models' to see all.", name,
            near ? " Did you mean '" : "", near ? near : "", near ? "'?" : "");
    }
    return NULL;
}

static MUST Err *models_fetch(
    Models *models, const Texts *names, const ModelsCommandOptions *options, App *app, Exit *exit)
{
    Texts wanted = *names;

    TRY(names_check(models, names));
    if (!wanted.count && !options->all)
        wanted = needs_names(models, app->mem);
    return fetch_run(
        app, &(FetchWish){.names = &wanted, .all = options->all, .as_json = options->json}, exit);
}

/* ---- verify ---- */

static void verify_tell(const char *name, const Err *err, Value *list, App *app)
{
    if (!list) {
        fprintf(app->out, "%-20s %s\n", name, err ? err_text(err) : "intact");
        return;
    }
    Value *line = value_object();
    value_set(line, "name", value_of_text(name));
    value_set(line, "state", value_of_text(err ? err_name(err_code(err)) : "intact"));
    if (err)
        value_set(line, "message", value_of_text(err_text(err)));
    value_add(list, line);
}

static MUST Err *
models_check(Models *models, const Texts *names, bool as_json, App *app, Exit *exit)
{
    AUTO(value_free) Value *list = as_json ? value_list() : NULL;
    const char *version;

    TRY(names_check(models, names));
    for (size_t i = 0; i < models_count(models); i++) {
        const ModelRow *row = models_at(models, i);
        bool is_named = false;

        for (size_t j = 0; j < names->count; j++)
            is_named = is_named || strcmp(names->items[j], row->name) == 0;
        /* Without names, what was never fetched is not damaged. */
        if (!is_named && (names->count || models_state(models, row) == MODEL_STATE_MISSING))
            continue;
        TRY(cancel_check(app->cancel));
        AUTO(err_free) Err *err = models_verify(models, row);
        verify_tell(row->name, err, list, app);
        if (err)
            *exit = EXIT_PART;
    }

    AUTO(err_free) Err *err = models_runtime(models, &version);
    verify_tell("runtime", err, list, app);
    if (err)
        *exit = EXIT_PART;
    return as_json ? print_json(app->out, list) : NULL;
}

static Err *models_run(App *app, const void *options_any, const Texts *words, Exit *exit)
{
    const ModelsCommandOptions *options = options_any;
    AUTO(models_close) Models *models = NULL;
    const char *verb = words->count ? words->items[0] : "list";
    Texts names = {words->items + 1, words->count ? words->count - 1 : 0};

    TRY(rig_models(&app->settings, 1, &models));
    if (strcmp(verb, "list") == 0 && !names.count)
        return options->json ? list_json(models, app) : list_show(models, app);
    if (strcmp(verb, "fetch") == 0)
        return models_fetch(models, &names, options, app, exit);
    if (strcmp(verb, "verify") == 0)
        return models_check(models, &names, options->json, app, exit);
    return err_public(
        err_new(ERR_INPUT_INVALID, "unknown verb '%s'", verb),
        "'cyclorama models %s' is not known. Use list, fetch or verify.", verb);
}

static const char *const models_about[] = {
    "list (the default) shows each model with its state, size, task, licence and source. fetch "
    "brings the models "
    "you name, or those that the built-in templates need, with the runtime; 'runtime' is a name "
    "too. verify "
    "reads every file that is there and compares it with its fingerprint.",
    "A network of your own is added by laying NAME.json beside NAME.onnx in the model folder.",
    NULL,
};

static const Example models_examples[] = {
    {"cyclorama models", "What there is, and what is installed"},
    {"cyclorama models fetch", "Get what the built-in templates need"},
    {"cyclorama models fetch realesr-general-4x", "Get one"},
    {"cyclorama models verify", "Find damaged files"},
    {NULL, NULL},
};

const Command command_models = {
    .name = "models",
    .summary = "Show, fetch and verify the models",
    .usage = "[list | fetch [NAME... | --all] | verify [NAME...]]",
    .about = models_about,
    .examples = models_examples,
    .options = SHAPE(ModelsCommandOptions),
    .words = "model",
    .most_words = 200,
    .run = models_run,
};
