/* One recipe on many photos. */
#include "app/batch.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "app/command.h"
#include "app/progress.h"
#include "base/clock.h"
#include "base/crew.h"
#include "base/file.h"
#include "watch/watch.h"

enum {
    JSON_LINE_BYTES_MAX = 1 << 20
};

typedef struct Batch {
    const BatchSetup *setup;
    atomic_size_t next;
    atomic_bool is_stopped;
    pthread_mutex_t mutex; /* of what follows */
    Arena *mem;
    BatchSum sum;
} Batch;

typedef struct Worker {
    Batch *batch;
    int number;
} Worker;

/* What became of one photo. */
typedef struct Outcome {
    const Photo *photo;
    ScreenEnd end;
    Err *err;
    size_t bytes;
    int width_px, height_px;
    Value *notes; /* of the shot; NULL when there was none */
    int64_t took_ms, cpu_ms;
} Outcome;

static const char *const end_names[] = {
    [SCREEN_DONE] = "done",
    [SCREEN_SKIPPED] = "skipped",
    [SCREEN_FAILED] = "failed",
    [SCREEN_CANCELLED] = "cancelled",
};

static void step_shown(void *worker_any, const Step *step, double done)
{
    const Worker *worker = worker_any;

    screen_step(worker->batch->setup->screen, worker->number, step->name, done);
}

static const char *picture_path(const Batch *batch, const Photo *photo, Arena *mem)
{
    const char *folder = batch->setup->folder;

    return strcmp(folder, ".") == 0 ? photo->output : path_join(mem, folder, photo->output);
}

static MUST Err *picture_write(const Batch *batch, const Photo *photo, const Shot *shot)
{
    AUTO(arena_free) Arena *mem = arena_new();
    const char *path = picture_path(batch, photo, mem);

    TRY(folder_make(path_folder(mem, path)));
    return file_write(path, shot->encoded.bytes, shot->encoded.size);
}

static MUST Err *photo_perform(Worker *worker, const Photo *photo, Outcome *outcome)
{
    const Batch *batch = worker->batch;
    const BatchSetup *setup = batch->setup;
    RecipeContext context = setup->context;
    AUTO(buf_done) Buf bytes = BUF((size_t)image_limits_default.bytes);
    AUTO(shot_done) Shot shot = {0};

    context.progress = step_shown;
    context.watcher = worker;
    screen_step(setup->screen, worker->number, "open", 0);
    TRY(photo_read(photo->path, &bytes));

    Hash key = recipe_key(setup->recipe, &context, hash_bytes(bytes.bytes, bytes.size));
    if (setup->is_resumed && journal_has(setup->journal, photo->output, key)) {
        outcome->end = SCREEN_SKIPPED;
        return NULL;
    }

    TRY(shot_open(&shot, bytes.bytes, bytes.size, &image_limits_default, context.cancel));
    buf_done(&bytes);
    TRY(recipe_perform(setup->recipe, &context, &shot));
    TRY(picture_write(batch, photo, &shot));

    outcome->bytes = shot.encoded.size;
    outcome->width_px = shot.width_px;
    outcome->height_px = shot.height_px;
    outcome->notes = TAKE(shot.notes);
    if (!setup->journal)
        return NULL;
    return journal_add(
        setup->journal,
        &(JournalLine){photo->path, photo->output, .key = key, .bytes = shot.encoded.size});
}

/* Failures that befall every photo alike: going on would only repeat them. */
static bool failure_is_general(const Batch *batch, ErrCode code)
{
    static const ErrCode general[] = {
        ERR_MODEL_MISSING, ERR_MODEL_REFUSED, ERR_MODEL_BROKEN, ERR_RUNTIME_MISSING, ERR_DISK_FULL,
    };

    /* One picture's name may be taken by a folder; a closed output folder takes none at all. */
    if (code == ERR_FILE_UNWRITABLE)
        return access(batch->setup->folder, W_OK | X_OK) != 0;

    for (size_t i = 0; i < COUNT(general); i++)
        if (general[i] == code)
            return true;
    return false;
}

static void failure_keep(Batch *batch, const Outcome *outcome)
{
    BatchSum *sum = &batch->sum;

    /* Kept for the closing words; the room for all of them was taken at the start. */
    sum->failures[sum->failed++] = (BatchFailure){
        .photo = outcome->photo->path,
        .text = arena_text(batch->mem, err_text(outcome->err)),
        .index = (size_t)(outcome->photo - batch->setup->photos->items),
    };
    if (!failure_is_general(batch, err_code(outcome->err)))
        return;
    if (!sum->stopped)
        sum->stopped = arena_text(batch->mem, err_text(outcome->err));
    atomic_store(&batch->is_stopped, true);
}

static Value *error_value(const Err *err)
{
    Value *error = value_object();

    value_set(error, "code", value_of_text(err_name(err_code(err))));
    value_set(error, "message", value_of_text(err_text(err)));
    if (err_where(err))
        value_set(error, "field", value_of_text(err_where(err)));
    return error;
}

static Value *outcome_value(const Batch *batch, const Outcome *outcome)
{
    AUTO(arena_free) Arena *mem = arena_new();
    Value *line = value_object();
    const char *output = picture_path(batch, outcome->photo, mem);

    value_set(line, "photo", value_of_text(outcome->photo->path));
    value_set(line, "output", value_of_text(outcome->end <= SCREEN_SKIPPED ? output : NULL));
    value_set(line, "state", value_of_text(end_names[outcome->end]));
    value_set(line, "seconds", value_of_number((double)outcome->took_ms / 1000));
    /* Processor time is counted for the whole process: it is one photo's only while one is worked on. */
    if (batch->setup->jobs == 1)
        value_set(line, "cpu_seconds", value_of_number((double)outcome->cpu_ms / 1000));
    if (outcome->end == SCREEN_DONE) {
        value_set(line, "bytes", value_of_int((int64_t)outcome->bytes));
        value_set(line, "width_px", value_of_int(outcome->width_px));
        value_set(line, "height_px", value_of_int(outcome->height_px));
    }
    if (outcome->notes)
        value_set(line, "notes", value_ref(outcome->notes));
    if (outcome->err)
        value_set(line, "error", error_value(outcome->err));
    return line;
}

static void json_write(FILE *out, Value *taken)
{
    AUTO(value_free) Value *line = taken;
    AUTO(buf_done) Buf text = BUF(JSON_LINE_BYTES_MAX);
    Err *err = value_write(line, VALUE_COMPACT, &text);

    if (!err) {
        fprintf(out, "%s\n", buf_text(&text));
        fflush(out);
    }
    err_free(err);
}

static const char *outcome_words(const Batch *batch, const Outcome *outcome, Arena *mem)
{
    const char *photo = print_safe(outcome->photo->path, mem);
    const char *output = print_safe(picture_path(batch, outcome->photo, mem), mem);
    char took[PROGRESS_DURATION_SIZE];

    progress_duration(outcome->took_ms, took);
    switch (outcome->end) {
    case SCREEN_DONE:
        return arena_print(mem, "%s -> %s %s", photo, output, took);
    case SCREEN_SKIPPED:
        return arena_print(mem, "%s -> %s was there already", photo, output);
    case SCREEN_CANCELLED:
        return arena_print(mem, "%s: stopped", photo);
    case SCREEN_FAILED:
        break;
    }
    return arena_print(mem, "%s: %s", photo, err_text(outcome->err));
}

static void outcome_log(const Outcome *outcome)
{
    if (outcome->end == SCREEN_FAILED)
        watch_err("photo.failed", outcome->err, outcome->photo->path);
    else
        watch(
            WATCH_INFO, "photo.done", WATCH_TEXT("photo", outcome->photo->path),
            WATCH_TEXT("output", outcome->photo->output),
            WATCH_TEXT("state", end_names[outcome->end]), WATCH_INT("took_ms", outcome->took_ms));
}

/* What a step thinks its owner should look at. */
static void notes_say(const Batch *batch, const Outcome *outcome, Arena *mem)
{
    if (outcome->end != SCREEN_DONE || !outcome->notes)
        return;
    for (ValueMember m = value_first(outcome->notes); m.name; m = value_next(outcome->notes, m)) {
        const char *words = value_text(value_get(m.value, "note"));
        if (words)
            screen_say(
                batch->setup->screen,
                arena_print(mem, "%s: %s", print_safe(outcome->photo->path, mem), words));
    }
}

static void outcome_tell(Worker *worker, const Outcome *outcome)
{
    Batch *batch = worker->batch;
    AUTO(arena_free) Arena *mem = arena_new();

    outcome_log(outcome);
    pthread_mutex_lock(&batch->mutex);
    switch (outcome->end) {
    case SCREEN_DONE:
        batch->sum.done++;
        if (batch->setup->review)
            review_add(
                batch->setup->review, (size_t)(outcome->photo - batch->setup->photos->items),
                outcome->photo->output, outcome->notes);
        break;
    case SCREEN_SKIPPED:
        batch->sum.skipped++;
        break;
    case SCREEN_CANCELLED:
        batch->sum.cancelled++;
        break;
    case SCREEN_FAILED:
        failure_keep(batch, outcome);
        break;
    }
    if (batch->setup->json)
        json_write(batch->setup->json, outcome_value(batch, outcome));
    screen_photo(
        batch->setup->screen, worker->number, outcome->end, outcome_words(batch, outcome, mem));
    notes_say(batch, outcome, mem);
    pthread_mutex_unlock(&batch->mutex);
}

static void photo_work(Worker *worker, const Photo *photo)
{
    Outcome outcome = {.photo = photo, .end = SCREEN_DONE};
    int64_t started_ms = clock_ticks_ms(), cpu_ms = clock_cpu_ms();

    outcome.err = photo_perform(worker, photo, &outcome);
    outcome.took_ms = clock_ticks_ms() - started_ms;
    outcome.cpu_ms = clock_cpu_ms() - cpu_ms;
    if (outcome.err)
        outcome.end = err_code(outcome.err) == ERR_CANCELLED ? SCREEN_CANCELLED : SCREEN_FAILED;
    outcome_tell(worker, &outcome);
    err_free(outcome.err);
    value_free(outcome.notes);
}

/* One item of the crew is one worker: it takes photos until there are no more. */
static void worker_run(void *batch_any, size_t number)
{
    Batch *batch = batch_any;
    Worker worker = {batch, (int)number};
    const Photos *photos = batch->setup->photos;

    while (!atomic_load(&batch->is_stopped) && !cancel_is_asked(batch->setup->context.cancel)) {
        size_t index = atomic_fetch_add(&batch->next, 1);

        if (index >= photos->count)
            break;
        photo_work(&worker, &photos->items[index]);
    }
    image_leave_thread();
}

static int failures_compare(const void *a, const void *b)
{
    const BatchFailure *first = a, *second = b;

    return (first->index > second->index) - (first->index < second->index);
}

void batch_run(const BatchSetup *setup, Arena *mem, BatchSum *ret)
{
    Batch batch = {.setup = setup, .mutex = PTHREAD_MUTEX_INITIALIZER, .mem = mem};
    int64_t started_ms = clock_ticks_ms(), cpu_ms = clock_cpu_ms();

    batch.sum.failures = ARENA_ARRAY(mem, BatchFailure, setup->photos->count);
    crew_run(setup->jobs, (size_t)setup->jobs, worker_run, &batch);
    pthread_mutex_destroy(&batch.mutex);

    batch.sum.took_ms = clock_ticks_ms() - started_ms;
    batch.sum.cpu_ms = clock_cpu_ms() - cpu_ms;
    qsort(batch.sum.failures, batch.sum.failed, sizeof(BatchFailure), failures_compare);
    *ret = batch.sum;
}
