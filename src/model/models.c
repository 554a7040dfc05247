/* The house of models: rows from the program and from the model folder, and their loading. */
#include <string.h>
#include <sys/stat.h>

#include "base/embed.h"
#include "base/file.h"
#include "model/model_priv.h"

extern const Embedded embedded_models[];

enum {
    DESCRIPTOR_BYTES_MAX = 256 * 1024
};

struct Models {
    Arena *mem;
    const char *folder, *runtime_path;
    int threads;
    ModelLicences licences;
    Model *models; /* sorted; their addresses stay */
    size_t count;
    Value **sources; /* parsed descriptors, which rows borrow from */
    size_t sources_count;
    pthread_mutex_t runtime_mutex;
    Ort *runtime; /* NULL until first needed */
};

/* ---- rows ---- */

static MUST Err *
descriptor_read(Models *models, const char *text, size_t size, const char *name, ModelRow *ret)
{
    Value *value = NULL;

    TRY(value_parse(text, size, &value));
    models->sources[models->sources_count++] = value;
    return row_read(value, name, models->mem, ret);
}

/* A row of a name that is there already takes its place. */
static void row_put(Models *models, const ModelRow *row)
{
    size_t at = 0;

    while (at < models->count && strcmp(models->models[at].row.name, row->name) != 0)
        at++;
    models->models[at].row = *row;
    models->count = MAX(models->count, at + 1);
}

static MUST Err *rows_of_program(Models *models)
{
    for (const Embedded *file = embedded_models; file->name; file++) {
        ModelRow row;

        TRY(err_under(
            descriptor_read(models, (const char *)file->bytes, file->size, file->name, &row),
            "/%s.json", file->name));
        row_put(models, &row);
    }
    return NULL;
}

static MUST Err *row_of_file(Models *models, const char *stem)
{
    const char *path =
        path_join(models->mem, models->folder, arena_print(models->mem, "%s.json", stem));
    AUTO(buf_done) Buf text = BUF(DESCRIPTOR_BYTES_MAX);
    ModelRow row;

    TRY(file_read(path, &text));
    Err *err = descriptor_read(models, buf_text(&text), text.size, stem, &row);
    if (err) {
        const char *why = arena_text(models->mem, err_text(err));

        return err_under(err_public(err, "%s.json: %s", stem, why), "/%s.json", stem);
    }
    row.is_own = true;
    row_put(models, &row);
    return NULL;
}

/* Stems of the descriptors in the folder: other JSON may lie there, so only those with a network beside them. */
static MUST Err *stems_of_folder(Models *models, const char *const **ret)
{
    const char *const *names = NULL;
    size_t count = 0, kept = 0;

    if (folder_exists(models->folder))
        TRY(folder_list(models->mem, models->folder, &names));
    while (names && names[count])
        count++;

    const char **stems = ARENA_ARRAY(models->mem, const char *, count + 1);
    for (size_t i = 0; i < count; i++) {
        const char *stem = path_stem(models->mem, names[i]);
        const char *network = arena_print(models->mem, "%s/%s.onnx", models->folder, stem);

        if (strcmp(path_ending(names[i]), "json") == 0 && file_exists(network))
            stems[kept++] = stem;
    }
    *ret = stems;
    return NULL;
}

static int models_compare(const void *a_any, const void *b_any)
{
    const ModelRow *a = &((const Model *)a_any)->row, *b = &((const Model *)b_any)->row;

    if (a->task != b->task)
        return a->task < b->task ? -1 : 1;
    if (a->rank != b->rank)
        return a->rank < b->rank ? -1 : 1;
    return strcmp(a->name, b->name);
}

static MUST Err *rows_read(Models *models)
{
    const char *const *stems = NULL;
    size_t most = 0;

    TRY(stems_of_folder(models, &stems));
    for (const Embedded *file = embedded_models; file->name; file++)
        most++;
    for (const char *const *stem = stems; *stem; stem++)
        most++;
    models->models = ARENA_ARRAY(models->mem, Model, most + 1);
    models->sources = ARENA_ARRAY(models->mem, Value *, most + 1);

    TRY(rows_of_program(models));
    for (const char *const *stem = stems; *stem; stem++)
        TRY(row_of_file(models, *stem));
    qsort(models->models, models->count, sizeof(*models->models), models_compare);
    for (size_t i = 0; i < models->count; i++)
        pthread_mutex_init(&models->models[i].mutex, NULL);
    return NULL;
}

/* ---- the house ---- */

Err *models_open(const ModelsOptions *options, Models **ret)
{
    Arena *mem = arena_new();
    AUTO(models_close) Models *models = arena_take(mem, sizeof(*models));

    models->mem = mem;
    models->folder = arena_text(mem, options->folder ? options->folder : ".");
    models->runtime_path = options->runtime
                               ? arena_text(mem, options->runtime)
                               : path_join(mem, models->folder, "runtime/libonnxruntime.so.1");
    models->threads = MAX(options->threads, 1);
    models->licences = options->licences ? options->licences : MODEL_LICENCES_ALL;
    pthread_mutex_init(&models->runtime_mutex, NULL);
    TRY(rows_read(models));
    *ret = TAKE(models);
    return NULL;
}

void models_close(Models *models)
{
    if (!models)
        return;
    for (size_t i = 0; i < models->count; i++) {
        ort_network_free(models->models[i].network);
        pthread_mutex_destroy(&models->models[i].mutex);
    }
    for (size_t i = 0; i < models->sources_count; i++)
        value_free(models->sources[i]);
    ort_close(models->runtime);
    pthread_mutex_destroy(&models->runtime_mutex);
    arena_free(models->mem);
}

const char *models_folder(const Models *models)
{
    return models->folder;
}

size_t models_count(const Models *models)
{
    return models->count;
}

const ModelRow *models_at(const Models *models, size_t index)
{
    return index < models->count ? &models->models[index].row : NULL;
}

static Model *model_find(const Models *models, const char *name)
{
    for (size_t i = 0; i < models->count; i++)
        if (strcmp(models->models[i].row.name, name) == 0)
            return &models->models[i];
    return NULL;
}

const ModelRow *models_find(const Models *models, const char *name)
{
    const Model *model = model_find(models, name);

    return model ? &model->row : NULL;
}

static bool row_is_refused(const Models *models, const ModelRow *row)
{
    return !(models->licences & 1u << row->licence.kind);
}

const ModelRow *models_default(const Models *models, ModelTask task)
{
    const ModelRow *first = NULL;

    for (size_t i = 0; i < models->count; i++) {
        const ModelRow *row = &models->models[i].row;

        if (row->task != (int)task || row_is_refused(models, row))
            continue;
        if (models_state(models, row) == MODEL_STATE_INSTALLED)
            return row;
        if (!first)
            first = row;
    }
    return first;
}

void model_identify(const Models *models, const ModelRow *row, Hasher *hasher)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(value_free) Value *json = shape_write(&model_row_shape, row);
    AUTO(buf_done) Buf text = BUF(1 << 20);
    AUTO(err_free) Err *err = value_write(json, VALUE_CANONICAL, &text);
    struct stat facts = {0};

    if (!err)
        hasher_add(hasher, text.bytes, text.size);
    if (row->sha256)
        return;
    /* Nobody said what is in the file, so a file that was replaced must count as another. */
    stat(path_join(mem, models->folder, row->file), &facts);
    hasher_add_number(hasher, facts.st_size);
    hasher_add_number(hasher, facts.st_mtim.tv_sec);
    hasher_add_number(hasher, facts.st_mtim.tv_nsec);
}

/* ---- what is there ---- */

const char *model_state_name(ModelState state)
{
    static const char *const names[] = {"installed", "missing", "damaged", "refused"};

    return names[state];
}

ModelState models_state(const Models *models, const ModelRow *row)
{
    AUTO(arena_free) Arena *mem = arena_new();
    const char *path = path_join(mem, models->folder, row->file);

    if (row_is_refused(models, row))
        return MODEL_STATE_REFUSED;
    if (!file_exists(path))
        return MODEL_STATE_MISSING;
    return model_file_is_of_size(path, row->bytes) ? MODEL_STATE_INSTALLED : MODEL_STATE_DAMAGED;
}

Err *models_verify(const Models *models, const ModelRow *row)
{
    AUTO(arena_free) Arena *mem = arena_new();

    return model_file_check(row, path_join(mem, models->folder, row->file), CHECK_ANEW);
}

/* ---- loading ---- */

static MUST Err *runtime_get(Models *models, Ort **ret)
{
    Err *err = NULL;

    pthread_mutex_lock(&models->runtime_mutex);
    if (!models->runtime)
        err = ort_open(models->runtime_path, &models->runtime);
    pthread_mutex_unlock(&models->runtime_mutex);
    if (err)
        return err;
    *ret = models->runtime;
    return NULL;
}

bool models_runtime_is_there(const Models *models)
{
    return !strchr(models->runtime_path, '/') || file_exists(models->runtime_path);
}

Err *models_runtime(Models *models, const char **ret_version)
{
    Ort *runtime = NULL;

    TRY(runtime_get(models, &runtime));
    *ret_version = ort_version(runtime);
    return NULL;
}

static MUST Err *network_load(Models *models, Model *model)
{
    AUTO(arena_free) Arena *mem = arena_new();
    const char *path = path_join(mem, models->folder, model->row.file);
    Ort *runtime = NULL;

    TRY(model_file_check(&model->row, path, CHECK_REMEMBERED));
    TRY(runtime_get(models, &runtime));

    Err *cause = ort_load_file(runtime, path, models->threads, &model->network);
    if (cause)
        return err_because(
            err_new(err_code(cause), "unable to load model '%s'", model->row.name), cause);
    return NULL;
}

static MUST Err *refused(const ModelRow *row)
{
    const char *kind = model_licence_kind_names[row->licence.kind];

    return err_public(
        err_new(
            ERR_MODEL_REFUSED, "model '%s' is under '%s', of a kind refused here: %s", row->name,
            row->licence.name, kind),
        "The model '%s' has a licence of the kind '%s', which is not allowed here.", row->name,
        kind);
}

Err *models_load(Models *models, const char *name, Model **ret)
{
    Model *model = model_find(models, name);
    Err *err = NULL;

    if (!model)
        return err_public(
            err_new(ERR_NOT_FOUND, "there is no model '%s'", name),
            "There is no model called '%s'. Run 'cyclorama models' to see those there are.", name);
    if (row_is_refused(models, &model->row))
        return refused(&model->row);

    pthread_mutex_lock(&model->mutex);
    if (!model->network)
        err = network_load(models, model);
    pthread_mutex_unlock(&model->mutex);
    if (err)
        return err;
    *ret = model;
    return NULL;
}

const ModelRow *model_row(const Model *model)
{
    return &model->row;
}
