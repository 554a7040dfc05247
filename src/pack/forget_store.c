/* Packs of a project that is deleted: forgotten, and their money given back. */
#include "ledger/ledger.h"
#include "pack/pack.h"

typedef struct PackHeld {
    const char *id, *hold_id;
} PackHeld;

static const Field PackHeld_fields[] = {
    {FIELD_TEXT(PackHeld, id), .help = "Its id"},
    {FIELD_TEXT(PackHeld, hold_id), .help = "What was set aside for it", .optional = true},
    {FIELD_END},
};
static const Shape pack_held_shape = SHAPE(PackHeld);

Err *packs_forget(DbTx *tx, const char *tenant_id, const char *project_id)
{
    AUTO(arena_free) Arena *mem = arena_new();
    List open = {0};
    int64_t waiting;

    TRY(db_all(
        tx,
        "SELECT id, hold_id FROM packs WHERE project_id = ?1 AND state IN ('pending', "
        "'processing') ORDER BY id",
        DB_ARGS(DB_TEXT(project_id)), &pack_held_shape, mem, &open));
    for (size_t i = 0; i < open.count; i++) {
        const PackHeld *pack = &((const PackHeld *)open.items)[i];

        if (pack->hold_id)
            TRY(ledger_release(tx, tenant_id, pack->hold_id));
        TRY(job_cancel(tx, pack->id, &waiting));
    }
    return db_run(
        tx, "DELETE FROM packs WHERE project_id = ?1", DB_ARGS(DB_TEXT(project_id)), NULL);
}
