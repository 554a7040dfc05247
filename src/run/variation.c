/* Pictures of one photo: all are kept, one stands for it. */
#include <string.h>

#include "run/batch_priv.h"

typedef struct VariationWork {
    const Studio *studio;
    const char *tenant_id, *id; /* of the photo, or of the run */
    Arena *mem;
    Run *ret;
    List *ret_list;
    Run run;
} VariationWork;

static Err *list_work(DbTx *tx, void *work_any)
{
    VariationWork *work = work_any;
    Photo photo;

    TRY(photo_get(tx, work->tenant_id, work->id, work->mem, &photo));
    return variation_rows(tx, work->tenant_id, work->id, work->mem, work->ret_list);
}

Err *variation_list(
    const Studio *studio, const char *tenant_id, const char *photo_id, Arena *mem, List *ret)
{
    VariationWork work = {.tenant_id = tenant_id, .id = photo_id, .mem = mem, .ret_list = ret};

    return db_read(studio->shelf.db, list_work, &work);
}

static MUST Err *variation_check(const Run *run)
{
    if (run->is_preview)
        return err_public(
            err_new(ERR_CONFLICT, "run '%s' is a preview", run->id),
            "A preview cannot stand for its photo. Make the picture first.");
    if (run->state == RUN_COMPLETED && run->asset_id)
        return NULL;
    return err_public(
        err_new(ERR_CONFLICT, "run '%s' has no picture", run->id),
        "There is no picture: this is %s.",
        run->state == RUN_COMPLETED ? "no longer kept" : run_state_names[run->state]);
}

static Err *select_work(DbTx *tx, void *work_any)
{
    VariationWork *work = work_any;

    TRY(run_get(tx, work->tenant_id, work->id, work->mem, work->ret));
    TRY(db_lock(tx, work->ret->project_id));
    TRY(run_get(tx, work->tenant_id, work->id, work->mem, work->ret));
    TRY(variation_check(work->ret));
    TRY(photo_selected_set(tx, work->ret->photo_id, work->id));
    work->ret->is_selected = true;
    return NULL;
}

Err *variation_select(
    const Studio *studio, const char *tenant_id, const char *run_id, Arena *mem, Run *ret)
{
    VariationWork work = {.tenant_id = tenant_id, .id = run_id, .mem = mem, .ret = ret};

    return db_write(studio->shelf.db, select_work, &work);
}

static Err *of_photo_work(DbTx *tx, void *work_any)
{
    VariationWork *work = work_any;
    List list = {0};
    Photo photo;

    TRY(photo_get(tx, work->tenant_id, work->id, work->mem, &photo));
    TRY(variation_rows(tx, work->tenant_id, work->id, work->mem, &list));
    const Run *runs = list.items;
    if (!list.count)
        return err_public(
            err_new(ERR_CONFLICT, "photo '%s' has no picture", photo.id),
            "No picture has been made of %s yet.", photo.filename);
    *work->ret = runs[0];
    for (size_t i = 0; i < list.count; i++)
        if (runs[i].is_selected)
            *work->ret = runs[i];
    return NULL;
}

Err *variation_of_photo(
    const Studio *studio, const char *tenant_id, const char *photo_id, Arena *mem, Run *ret)
{
    VariationWork work = {.tenant_id = tenant_id, .id = photo_id, .mem = mem, .ret = ret};

    return db_read(studio->shelf.db, of_photo_work, &work);
}

/* ---- one less ---- */

static Err *delete_work(DbTx *tx, void *work_any)
{
    VariationWork *work = work_any;
    Run *run = &work->run;
    bool is_source;

    TRY(run_get(tx, work->tenant_id, work->id, work->mem, run));
    TRY(db_lock(tx, run->project_id));
    TRY(run_get(tx, work->tenant_id, work->id, work->mem, run));
    TRY(variation_check(run));
    TRY(run_row_is_source(tx, run->id, &is_source));
    if (is_source)
        return err_public(
            err_new(ERR_CONFLICT, "run '%s' is being worked from", run->id),
            "Another picture is just being made of this one. Delete it when that is done.");
    TRY(photo_selected_clear(tx, run->photo_id, run->id));
    TRY(run_row_asset_gone(tx, run->id));
    if (run->thumb_key)
        TRY(asset_forget_key(tx, run->thumb_key));
    TRY(run_row_thumb_gone(tx, run->id));
    return asset_forget(tx, run->asset_id);
}

/* A crash between the two leaves bytes that nobody names, which are swept. */
Err *variation_delete(const Studio *studio, const char *tenant_id, const char *run_id)
{
    AUTO(arena_free) Arena *mem = arena_new();
    VariationWork work = {.tenant_id = tenant_id, .id = run_id, .mem = mem};

    TRY(db_write(studio->shelf.db, delete_work, &work));
    if (work.run.thumb_key)
        TRY(blob_delete(studio->shelf.blob, work.run.thumb_key, NULL));
    return blob_delete(studio->shelf.blob, work.run.output_key, NULL);
}
