/* All pictures of a project in one ZIP. */
#include "run/run_priv.h"

typedef struct ExportWork {
    const char *tenant_id, *project_id, *id;
    Arena *mem;
    Export *ret;
} ExportWork;

static Err *begin_work(DbTx *tx, void *work_any)
{
    ExportWork *work = work_any;
    Id id = id_new("export"), job;
    List fitting = {0};
    Project project;

    TRY(db_lock(tx, work->project_id));
    TRY(project_get(tx, work->tenant_id, work->project_id, work->mem, &project));
    if (!project.completed)
        return err_public(
            err_new(ERR_CONFLICT, "project '%s' has no pictures", project.id),
            "There are no pictures yet.");
    TRY(export_row_fitting(tx, project.id, project.completed, work->mem, &fitting));
    if (fitting.count) {
        *work->ret = *(const Export *)fitting.items;
        return NULL;
    }
    TRY(export_row_add(
        tx, &(Export){
                .id = id.text,
                .tenant_id = work->tenant_id,
                .project_id = project.id,
                .pictures = project.completed}));
    TRY(job_enqueue(
        tx,
        &(JobOrder){
            .queue = export_work.queue,
            .tenant_id = work->tenant_id,
            .subject = id.text,
            .key = id.text},
        &job));
    return export_get(tx, work->tenant_id, id.text, work->mem, work->ret);
}

Err *export_begin(
    const Studio *studio, const char *tenant_id, const char *project_id, Arena *mem, Export *ret)
{
    ExportWork work = {.tenant_id = tenant_id, .project_id = project_id, .mem = mem, .ret = ret};

    return db_write(studio->shelf.db, begin_work, &work);
}

static Err *find_work(DbTx *tx, void *work_any)
{
    ExportWork *work = work_any;

    return export_get(tx, work->tenant_id, work->id, work->mem, work->ret);
}

Err *export_find(
    const Studio *studio, const char *tenant_id, const char *id, Arena *mem, Export *ret)
{
    ExportWork work = {.tenant_id = tenant_id, .id = id, .mem = mem, .ret = ret};

    return db_read(studio->shelf.db, find_work, &work);
}

Err *export_link(const Studio *studio, const char *tenant_id, const char *id, Arena *mem, Link *ret)
{
    Export export;

    TRY(export_find(studio, tenant_id, id, mem, &export));
    if (export.state == EXPORT_READY && !export.key)
        return err_public(
            err_new(ERR_NOT_FOUND, "export '%s' has gone", id),
            "This ZIP is no longer kept. Ask for it again.");
    if (export.state != EXPORT_READY)
        return err_public(
            err_new(ERR_CONFLICT, "export '%s' is %s", id, export_state_names[export.state]),
            "This ZIP is not there: it is %s.", export_state_names[export.state]);
    return link_make(
        &studio->shelf,
        &(LinkWish){.key = export.key, .save_as = arena_print(mem, "%s.zip", export.project_id)},
        mem, ret);
}

/* ---- a worker makes it ---- */

typedef struct Exporting {
    const Studio *studio;
    JobLease *lease;
    const Job *job;
    Arena *mem;
    Export export;
    List runs;
    BlobWritten written;
} Exporting;

static Err *pictures_find(DbTx *tx, void *exporting_any)
{
    Exporting *exporting = exporting_any;

    TRY(export_get(
        tx, exporting->job->tenant_id, exporting->job->subject, exporting->mem,
        &exporting->export));
    return run_rows_with_picture(
        tx, exporting->export.project_id, exporting->mem, &exporting->runs);
}

/* Several photos may have one name, so the place in the project stands before it; that also keeps them in order. */
static const char *entry_name(const Run *run, Arena *mem)
{
    return arena_print(mem, "%05jd-%s", (intmax_t)run->position + 1, run_picture_name(run, mem));
}

static MUST Err *pictures_pack(Exporting *exporting)
{
    const Studio *studio = exporting->studio;
    const Run *runs = exporting->runs.items;
    AUTO(zip_free) Zip *zip = NULL;

    TRY(zip_open(
        studio->shelf.blob,
        &(BlobPut){
            .key = exporting->export.key,
            .type = "application/zip",
            .cancel = job_lease_cancel(exporting->lease),
        },
        &zip));
    for (size_t i = 0; i < exporting->runs.count; i++)
        TRY(zip_add(
            zip, &(ZipEntry){
                     .key = runs[i].output_key,
                     .name = entry_name(&runs[i], exporting->mem),
                     .changed_ms = runs[i].ended_ms}));
    return zip_end(zip, &exporting->written);
}

static Err *export_keep(DbTx *tx, void *exporting_any)
{
    Exporting *exporting = exporting_any;
    Export *export = &exporting->export;
    char sha256[HASH_TEXT_SIZE];
    int64_t expires_ms;

    hash_text(exporting->written.sha256, sha256);
    TRY(asset_expiry(tx, export->tenant_id, &expires_ms));
    TRY(asset_add(
        tx,
        &(Asset){
            .tenant_id = export->tenant_id,
            .project_id = export->project_id,
            .owner = export->id,
            .key = export->key,
            .sha256 = sha256,
            .format = "zip",
            .purpose = PURPOSE_EXPORT,
            .bytes = exporting->written.bytes,
            .expires_ms = expires_ms,
        },
        exporting->mem, NULL));
    export->bytes = exporting->written.bytes;
    export->pictures = (int64_t)exporting->runs.count;
    TRY(export_row_ready(tx, export));
    TRY(news_signal(tx, export->project_id));
    return job_done(tx, exporting->lease);
}

static Err *export_make(void *studio, JobLease *lease, const Job *job)
{
    AUTO(arena_free) Arena *mem = arena_new();
    Exporting exporting = {.studio = studio, .lease = lease, .job = job, .mem = mem};
    Db *db = exporting.studio->shelf.db;
    Export *export = &exporting.export;

    TRY(db_read(db, pictures_find, &exporting));
    if (!exporting.runs.count)
        return err_public(
            err_new(ERR_CONFLICT, "export '%s' has no pictures left", job->subject),
            "The pictures are no longer kept.");
    export->key =
        arena_print(mem, "outputs/%s/%s/%s.zip", export->tenant_id, export->project_id, export->id);
    TRY(pictures_pack(&exporting));
    return db_write(db, export_keep, &exporting);
}

static Err *export_give_up(void *studio, DbTx *tx, const Job *job, const Err *why)
{
    (void)studio;
    return export_row_failed(tx, job->subject, run_failure_text(why));
}

static Err *export_take_up(void *studio, DbTx *tx, const Job *job, JobAnew *ret)
{
    AUTO(arena_free) Arena *mem = arena_new();
    bool is_gone;
    Export export;

    (void)studio;
    *ret = JOB_ANEW_NEVER;
    TRY(err_expect(
        export_get(tx, job->tenant_id, job->subject, mem, &export), ERR_NOT_FOUND, &is_gone));
    if (is_gone || export.state != EXPORT_FAILED)
        return NULL;
    *ret = JOB_ANEW_HERE;
    return export_row_again(tx, export.id);
}

const JobKind export_work = {
    .queue = "exports",
    .summary = "Pack a project's pictures into a ZIP",
    .tenant_running_most = 2,
    .work = export_make,
    .give_up = export_give_up,
    .take_up = export_take_up,
};
