/* cyclorama admin: queues, dead jobs, and who did what. */
#include "app/admin_priv.h"
#include "app/house.h"
#include "run/queues.h"

typedef struct Task {
    const AdminOptions *options;
    const char *name; /* of a queue or a job */
    Arena *mem;
    List rows;
} Task;

/* ---- queues ---- */

static Err *queues_work(DbTx *tx, void *task_any)
{
    Task *task = task_any;

    return job_queues(tx, task->mem, &task->rows);
}

Err *admin_queue_list(App *app, const AdminOptions *options, const Texts *words, Exit *exit)
{
    static const Table table = {
        &job_queue_facts_shape, "queue ready waiting running dead oldest_ms is_paused",
        "No queue has been used yet."};
    AUTO(admin_close) AdminHouse *house = NULL;
    Task task = {.mem = app->mem};

    (void)words;
    (void)exit;
    TRY(admin_open(app, &house));
    TRY(db_read(house->db, queues_work, &task));
    return table_print(app, &table, &task.rows, options->json);
}

static Err *pause_work(DbTx *tx, void *task_any)
{
    const Task *task = task_any;

    TRY(job_queue_pause(tx, task->name, true));
    return admin_note(tx, "queue.pause", task->name);
}

static Err *resume_work(DbTx *tx, void *task_any)
{
    const Task *task = task_any;

    TRY(job_queue_pause(tx, task->name, false));
    return admin_note(tx, "queue.resume", task->name);
}

/* Do WORK to the queue or job called by the first of WORDS, and say so. */
static MUST Err *task_do(App *app, const AdminOptions *options, const Texts *words, DbWork *work)
{
    AUTO(admin_close) AdminHouse *house = NULL;
    Task task = {.name = words->items[0], .mem = app->mem};

    TRY(admin_open(app, &house));
    TRY(db_write(house->db, work, &task));
    if (!options->json) {
        fprintf(app->out, "Done.\n");
        return NULL;
    }
    AUTO(value_free) Value *value = value_object();
    value_set(value, "is_done", value_of_bool(true));
    return print_json(app->out, value);
}

Err *admin_queue_pause(App *app, const AdminOptions *options, const Texts *words, Exit *exit)
{
    (void)exit;
    return task_do(app, options, words, pause_work);
}

Err *admin_queue_resume(App *app, const AdminOptions *options, const Texts *words, Exit *exit)
{
    (void)exit;
    return task_do(app, options, words, resume_work);
}

/* ---- the dead ---- */

static Err *dead_work(DbTx *tx, void *task_any)
{
    Task *task = task_any;
    OfficePage page = admin_page(task->options);

    return job_dead(tx, task->options->queue, page.after, page.limit, task->mem, &task->rows);
}

Err *admin_dead_list(App *app, const AdminOptions *options, const Texts *words, Exit *exit)
{
    static const Table table = {
        &dead_job_shape, "id queue tenant_id attempts died_ms reason", "No job is dead."};
    AUTO(admin_close) AdminHouse *house = NULL;
    Task task = {.options = options, .mem = app->mem};

    (void)words;
    (void)exit;
    TRY(admin_open(app, &house));
    TRY(db_read(house->db, dead_work, &task));
    return table_print(app, &table, &task.rows, options->json);
}

static Err *drop_work(DbTx *tx, void *task_any)
{
    const Task *task = task_any;

    TRY(job_drop(tx, task->name));
    return admin_note(tx, "job.drop", task->name);
}

/* What operators look after, over the records of HOUSE: nothing is worked on here. */
static Studio studio_of(const AdminHouse *house, Arena *mem)
{
    return (Studio){.shelf = {.db = house->db}, .kinds = house_kinds(mem)};
}

Err *admin_dead_revive(App *app, const AdminOptions *options, const Texts *words, Exit *exit)
{
    AUTO(admin_close) AdminHouse *house = NULL;
    bool is_begun;

    (void)exit;
    TRY(admin_open(app, &house));
    const Studio studio = studio_of(house, app->mem);
    TRY(queues_retry_one(&studio, &house->clerk, words->items[0], &is_begun));
    if (!options->json) {
        fprintf(
            app->out, is_begun ? "It is begun anew; its credits are held again.\n"
                               : "There was nothing left to do: it is forgotten.\n");
        return NULL;
    }
    AUTO(value_free) Value *value = value_object();
    value_set(value, "is_done", value_of_bool(true));
    value_set(value, "is_begun", value_of_bool(is_begun));
    return print_json(app->out, value);
}

static MUST Err *retry_json(App *app, const QueueRetry *sum)
{
    AUTO(value_free) Value *value = value_object();

    value_set(value, "retried", value_of_int(sum->retried));
    value_set(value, "forgotten", value_of_int(sum->forgotten));
    value_set(value, "left", value_of_int(sum->left));
    value_set(value, "why", value_of_text(sum->why));
    return print_json(app->out, value);
}

Err *admin_dead_retry(App *app, const AdminOptions *options, const Texts *words, Exit *exit)
{
    AUTO(admin_close) AdminHouse *house = NULL;
    QueueRetry sum;

    TRY(admin_open(app, &house));
    const Studio studio = studio_of(house, app->mem);
    TRY(queues_retry(
        &studio, &house->clerk, &(QueueRetryWish){words->items[0], options->reason}, app->mem,
        &sum));
    if (sum.left)
        *exit = EXIT_PART;
    if (options->json)
        return retry_json(app, &sum);
    fprintf(
        app->out, "%jd begun anew, %jd forgotten as nothing was left to do, %jd left.\n",
        (intmax_t)sum.retried, (intmax_t)sum.forgotten, (intmax_t)sum.left);
    if (sum.why)
        fprintf(app->out, "%s\n", sum.why);
    return NULL;
}

static Err *reasons_work(DbTx *tx, void *task_any)
{
    Task *task = task_any;

    return queue_reasons(tx, task->options->queue, task->mem, &task->rows);
}

Err *admin_dead_reasons(App *app, const AdminOptions *options, const Texts *words, Exit *exit)
{
    static const Table table = {
        &queue_reason_shape, "queue reason count oldest_ms newest_ms example", "No job is dead."};
    AUTO(admin_close) AdminHouse *house = NULL;
    Task task = {.options = options, .mem = app->mem};

    (void)words;
    (void)exit;
    TRY(admin_open(app, &house));
    TRY(db_read(house->db, reasons_work, &task));
    return table_print(app, &table, &task.rows, options->json);
}

Err *admin_dead_drop(App *app, const AdminOptions *options, const Texts *words, Exit *exit)
{
    (void)exit;
    return task_do(app, options, words, drop_work);
}

/* ---- who did what ---- */

Err *admin_audit_list(App *app, const AdminOptions *options, const Texts *words, Exit *exit)
{
    static const Table table = {
        &audit_row_shape, "at_ms actor action subject tenant_id address detail", "Nothing yet."};
    AUTO(admin_close) AdminHouse *house = NULL;
    List rows;

    (void)words;
    (void)exit;
    TRY(admin_open(app, &house));
    TRY(office_audit_list(
        &house->clerk, options->tenant, admin_page_back(options), app->mem, &rows));
    return table_print(app, &table, &rows, options->json);
}
