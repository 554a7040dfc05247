/* Requests for pictures and what they gave, in the database. */
#include "art/art_priv.h"
#include "base/clock.h"

static const Field ArtRow_fields[] = {
    {FIELD_TEXT(ArtRow, id), .help = "Its id"},
    {FIELD_TEXT(ArtRow, user_id), .help = "Who asked: a user, or the key of who comes without one"},
    {FIELD_TEXT(ArtRow, kind), .help = "generate, edit or variation"},
    {FIELD_TEXT(ArtRow, state), .help = "running, completed or failed"},
    {FIELD_TEXT(ArtRow, model), .help = "Model, as asked"},
    {FIELD_TEXT(ArtRow, vendor), .help = "Who drew"},
    {FIELD_TEXT(ArtRow, served), .help = "By which model of its own"},
    {FIELD_TEXT(ArtRow, prompt), .help = "What was asked for"},
    {FIELD_TEXT(ArtRow, size), .help = "Size that was asked for"},
    {FIELD_TEXT(ArtRow, quality), .help = "Quality that was used"},
    {FIELD_TEXT(ArtRow, error), .help = "What went wrong, as a name", .optional = true,
     .nullable = true},
    {FIELD_INT(ArtRow, pictures), .help = "Pictures made"},
    {FIELD_INT(ArtRow, tokens), .help = "Tokens used"},
    {FIELD_INT(ArtRow, cost_micro_usd), .help = "What the vendor took, in millionths of a dollar"},
    {FIELD_INT(ArtRow, credits), .help = "Credits that were charged, a US cent each"},
    {FIELD_INT(ArtRow, took_ms), .help = "How long it took", .unit = "ms"},
    {FIELD_TIME(ArtRow, created_ms), .name = "created_at", .help = "When it was asked for"},
    {FIELD_TIME(ArtRow, expires_ms), .name = "expires_at",
     .help = "When words and pictures are forgotten"},
    {FIELD_END},
};
const Shape art_row_shape = SHAPE(ArtRow);

/* A row as it stands: the wire has other names for times. */
static const Field ArtRowKept_fields[] = {
    {FIELD_TEXT(ArtRow, id), .help = "Id"},
    {FIELD_TEXT(ArtRow, user_id), .help = "Who"},
    {FIELD_TEXT(ArtRow, kind), .help = "Kind"},
    {FIELD_TEXT(ArtRow, state), .help = "State"},
    {FIELD_TEXT(ArtRow, model), .help = "Model"},
    {FIELD_TEXT(ArtRow, vendor), .help = "Vendor"},
    {FIELD_TEXT(ArtRow, served), .help = "Its model"},
    {FIELD_TEXT(ArtRow, prompt), .help = "Prompt"},
    {FIELD_TEXT(ArtRow, size), .help = "Size"},
    {FIELD_TEXT(ArtRow, quality), .help = "Quality"},
    {FIELD_TEXT(ArtRow, error), .help = "Error", .optional = true},
    {FIELD_INT(ArtRow, pictures), .help = "Pictures"},
    {FIELD_INT(ArtRow, tokens), .help = "Tokens"},
    {FIELD_INT(ArtRow, cost_micro_usd), .help = "Cost"},
    {FIELD_INT(ArtRow, credits), .help = "Credits"},
    {FIELD_INT(ArtRow, took_ms), .help = "Time"},
    {FIELD_INT(ArtRow, created_ms), .help = "Begun"},
    {FIELD_INT(ArtRow, expires_ms), .help = "Goes"},
    {FIELD_END},
};
static const Shape row_kept_shape = {"ArtRowKept", sizeof(ArtRow), ArtRowKept_fields};

Err *art_row_add(DbTx *tx, const ArtRecord *record, bool *ret)
{
    int64_t added;

    TRY(db_run(
        tx,
        "INSERT INTO arts (id, tenant_id, user_id, door, kind, state, model, vendor, served, "
        "prompt, size, quality, is_downgraded, hold_id, credits, month_ms, reserved_tokens, "
        "pictures, text_tokens_in, image_tokens_in, text_tokens_out, image_tokens_out, tokens, "
        "cost_micro_usd, took_ms, created_ms, until_ms, expires_ms, request_key, request) "
        "VALUES (?1, ?2, ?3, ?4, ?5, 'running', ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, "
        "0, 0, 0, 0, 0, 0, 0, 0, ?17, ?18, ?19, ?20, ?21) "
        "ON CONFLICT (tenant_id, request_key) DO NOTHING",
        DB_ARGS(
            DB_TEXT(record->id), DB_TEXT(record->tenant_id), DB_TEXT(record->user_id),
            DB_TEXT(record->door), DB_TEXT(record->kind), DB_TEXT(record->model),
            DB_TEXT(record->vendor), DB_TEXT(record->served), DB_TEXT(record->prompt),
            DB_TEXT(record->size), DB_TEXT(record->quality), DB_INT(record->is_downgraded),
            DB_TEXT(record->hold_id), DB_INT(record->credits), DB_INT(record->month_ms),
            DB_INT(record->reserved_tokens), DB_INT(record->created_ms), DB_INT(record->until_ms),
            DB_INT(record->expires_ms), DB_TEXT(record->request_key), DB_TEXT(record->request)),
        &added));
    *ret = added > 0;
    return NULL;
}

static const Field ArtFound_fields[] = {
    {FIELD_TEXT(ArtFound, id), .help = "Id"},
    {FIELD_TEXT(ArtFound, state), .help = "State"},
    {FIELD_TEXT(ArtFound, request), .help = "What was asked"},
    {FIELD_END},
};
static const Shape art_found_shape = SHAPE(ArtFound);

Err *art_row_of_request(
    DbTx *tx, const char *tenant_id, const char *request_key, Arena *mem, ArtFound *ret,
    bool *ret_found)
{
    bool is_missing;

    TRY(err_expect(
        db_one(
            tx, "SELECT id, state, request FROM arts WHERE tenant_id = ?1 AND request_key = ?2",
            DB_ARGS(DB_TEXT(tenant_id), DB_TEXT(request_key)), &art_found_shape, mem, ret),
        ERR_NOT_FOUND, &is_missing));
    *ret_found = !is_missing;
    return NULL;
}

Err *art_row_completed(DbTx *tx, const Art *art, bool *ret)
{
    int64_t changed;

    TRY(db_run(
        tx,
        "UPDATE arts SET state = 'completed', vendor = ?2, served = ?3, quality = ?4, words = ?5, "
        "note = ?6, pictures = ?7, text_tokens_in = ?8, image_tokens_in = ?9, "
        "text_tokens_out = ?10, image_tokens_out = ?11, tokens = ?12, cost_micro_usd = ?13, "
        "took_ms = ?14 WHERE id = ?1 AND state = 'running'",
        DB_ARGS(
            DB_TEXT(art->id), DB_TEXT(art->vendor), DB_TEXT(art->served),
            DB_TEXT(art->quality ? art->quality : ""), DB_TEXT(art->words), DB_TEXT(art->note),
            DB_INT((int64_t)art->count), DB_INT(art->usage.text_tokens_in),
            DB_INT(art->usage.image_tokens_in), DB_INT(art->usage.text_tokens_out),
            DB_INT(art->usage.image_tokens_out), DB_INT(art->usage.tokens),
            DB_INT(art->cost_micro_usd), DB_INT(art->took_ms)),
        &changed));
    *ret = changed > 0;
    return NULL;
}

static const Field ArtLost_fields[] = {
    {FIELD_TEXT(ArtLost, id), .help = "Id"},
    {FIELD_TEXT(ArtLost, tenant_id), .help = "Tenant"},
    {FIELD_TEXT(ArtLost, user_id), .help = "Who"},
    {FIELD_TEXT(ArtLost, model), .help = "Model"},
    {FIELD_TEXT(ArtLost, hold_id), .help = "Hold"},
    {FIELD_INT(ArtLost, credits), .help = "Credits held"},
    {FIELD_INT(ArtLost, month_ms), .help = "Month"},
    {FIELD_INT(ArtLost, reserved_tokens), .help = "Tokens reserved"},
    {FIELD_INT(ArtLost, created_ms), .help = "Begun"},
    {FIELD_END},
};
static const Shape art_lost_shape = SHAPE(ArtLost);

Err *art_row_failed(DbTx *tx, const char *id, const char *error, Arena *mem, ArtLost *ret)
{
    return db_one(
        tx,
        "UPDATE arts SET state = 'failed', error = ?2, took_ms = ?3 - created_ms, "
        "request_key = NULL WHERE id = ?1 AND state = 'running' RETURNING id, tenant_id, user_id, "
        "model, hold_id, credits, month_ms, reserved_tokens, created_ms",
        DB_ARGS(DB_TEXT(id), DB_TEXT(error), DB_INT(clock_now_ms())), &art_lost_shape, mem, ret);
}

Err *art_rows_dead(DbTx *tx, int64_t now_ms, int64_t limit, Arena *mem, List *ret)
{
    return db_all(
        tx,
        "SELECT id, tenant_id, user_id, model, hold_id, credits, month_ms, reserved_tokens, "
        "created_ms FROM arts WHERE state = 'running' AND until_ms < ?1 ORDER BY until_ms LIMIT ?2",
        DB_ARGS(DB_INT(now_ms), DB_INT(limit)), &art_lost_shape, mem, ret);
}

Err *art_rows_forget(DbTx *tx, int64_t now_ms, int64_t *ret)
{
    return db_run(
        tx,
        "DELETE FROM arts WHERE id IN (SELECT id FROM arts WHERE expires_ms < ?1 AND "
        "state <> 'running' ORDER BY expires_ms LIMIT 500)",
        DB_ARGS(DB_INT(now_ms)), ret);
}

/* ---- the whole of one ---- */

typedef struct ArtKept {
    const char *id, *model, *vendor, *served, *quality, *words, *note;
    bool is_downgraded;
    int64_t created_ms, credits, cost_micro_usd, took_ms;
    int64_t text_tokens_in, image_tokens_in, text_tokens_out, image_tokens_out, tokens;
} ArtKept;

static const Field ArtKept_fields[] = {
    {FIELD_TEXT(ArtKept, id), .help = "Id"},
    {FIELD_TEXT(ArtKept, model), .help = "Model"},
    {FIELD_TEXT(ArtKept, vendor), .help = "Vendor"},
    {FIELD_TEXT(ArtKept, served), .help = "Its model"},
    {FIELD_TEXT(ArtKept, quality), .help = "Quality"},
    {FIELD_TEXT(ArtKept, words), .help = "Words", .optional = true},
    {FIELD_TEXT(ArtKept, note), .help = "Note", .optional = true},
    {FIELD_BOOL(ArtKept, is_downgraded), .help = "For the budget's sake"},
    {FIELD_INT(ArtKept, created_ms), .help = "Begun"},
    {FIELD_INT(ArtKept, credits), .help = "Credits"},
    {FIELD_INT(ArtKept, cost_micro_usd), .help = "Cost"},
    {FIELD_INT(ArtKept, took_ms), .help = "Time"},
    {FIELD_INT(ArtKept, text_tokens_in), .help = "Tokens"},
    {FIELD_INT(ArtKept, image_tokens_in), .help = "Tokens"},
    {FIELD_INT(ArtKept, text_tokens_out), .help = "Tokens"},
    {FIELD_INT(ArtKept, image_tokens_out), .help = "Tokens"},
    {FIELD_INT(ArtKept, tokens), .help = "Tokens"},
    {FIELD_END},
};
static const Shape art_kept_shape = SHAPE(ArtKept);

Err *art_get(DbTx *tx, const char *id, Arena *mem, Art *ret)
{
    ArtKept kept;

    TRY(db_one(
        tx,
        "SELECT id, model, vendor, served, quality, words, note, is_downgraded, created_ms, "
        "credits, cost_micro_usd, took_ms, text_tokens_in, image_tokens_in, text_tokens_out, "
        "image_tokens_out, tokens FROM arts WHERE id = ?1",
        DB_ARGS(DB_TEXT(id)), &art_kept_shape, mem, &kept));
    *ret = (Art){
        .id = kept.id,
        .created_ms = kept.created_ms,
        .model = kept.model,
        .vendor = kept.vendor,
        .served = kept.served,
        .quality = kept.quality,
        .is_downgraded = kept.is_downgraded,
        .words = kept.words,
        .note = kept.note,
        .usage =
            {
                .text_tokens_in = kept.text_tokens_in,
                .image_tokens_in = kept.image_tokens_in,
                .text_tokens_out = kept.text_tokens_out,
                .image_tokens_out = kept.image_tokens_out,
                .tokens = kept.tokens,
            },
        .credits = kept.credits,
        .cost_micro_usd = kept.cost_micro_usd,
        .took_ms = kept.took_ms,
        .vendor_limit = -1,
        .vendor_remaining = -1,
    };
    return NULL;
}

/* ---- pictures ---- */

static const Field ArtPictureRow_fields[] = {
    {FIELD_INT(ArtPictureRow, number), .help = "Place"},
    {FIELD_TEXT(ArtPictureRow, key), .help = "In the store"},
    {FIELD_TEXT(ArtPictureRow, sha256), .help = "Of its bytes"},
    {FIELD_TEXT(ArtPictureRow, filetype), .help = "Kind of file"},
    {FIELD_TEXT(ArtPictureRow, thumb_key), .help = "As a small one", .optional = true},
    {FIELD_INT(ArtPictureRow, width_px), .help = "Width"},
    {FIELD_INT(ArtPictureRow, height_px), .help = "Height"},
    {FIELD_NUMBER(ArtPictureRow, changed), .help = "What had to be put back"},
    {FIELD_END},
};
static const Shape art_picture_shape = SHAPE(ArtPictureRow);

Err *art_picture_add(DbTx *tx, const char *art_id, const ArtPictureRow *row)
{
    return db_run(
        tx,
        "INSERT INTO art_pictures (art_id, number, key, sha256, filetype, width_px, height_px, "
        "changed, thumb_key) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        DB_ARGS(
            DB_TEXT(art_id), DB_INT(row->number), DB_TEXT(row->key), DB_TEXT(row->sha256),
            DB_TEXT(row->filetype), DB_INT(row->width_px), DB_INT(row->height_px),
            DB_NUMBER(row->changed), DB_TEXT(row->thumb_key)),
        NULL);
}

Err *art_pictures(DbTx *tx, const char *art_id, Arena *mem, List *ret)
{
    return db_all(
        tx,
        "SELECT number, key, sha256, filetype, width_px, height_px, changed, thumb_key FROM "
        "art_pictures WHERE art_id = ?1 ORDER BY number",
        DB_ARGS(DB_TEXT(art_id)), &art_picture_shape, mem, ret);
}

typedef struct PromptRow {
    const char *prompt;
} PromptRow;

static const Field PromptRow_fields[] = {
    {FIELD_TEXT(PromptRow, prompt), .help = "Words"},
    {FIELD_END},
};
static const Shape prompt_shape = SHAPE(PromptRow);

Err *art_prompt_of(
    DbTx *tx, const char *tenant_id, const char *sha256, Arena *mem, const char **ret)
{
    PromptRow row = {0};
    bool is_missing;

    TRY(err_expect(
        db_one(
            tx,
            "SELECT a.prompt AS prompt FROM art_pictures p JOIN arts a ON a.id = p.art_id "
            "WHERE p.sha256 = ?1 AND a.tenant_id = ?2 AND a.kind = 'generate' LIMIT 1",
            DB_ARGS(DB_TEXT(sha256), DB_TEXT(tenant_id)), &prompt_shape, mem, &row),
        ERR_NOT_FOUND, &is_missing));
    *ret = is_missing ? NULL : row.prompt;
    return NULL;
}

/* ---- the log ---- */

typedef struct ListWork {
    const char *tenant_id, *before;
    int64_t limit;
    Arena *mem;
    List *ret;
} ListWork;

/* After every id of an art. */
static const char past_all[] = "imh";

static Err *list_work(DbTx *tx, void *work_any)
{
    ListWork *work = work_any;

    return db_all(
        tx,
        "SELECT id, user_id, kind, state, model, vendor, served, prompt, size, quality, error, "
        "pictures, tokens, cost_micro_usd, CASE WHEN state = 'failed' THEN 0 ELSE credits END AS "
        "credits, took_ms, created_ms, expires_ms FROM arts WHERE tenant_id = ?1 AND id < ?2 ORDER "
        "BY id DESC LIMIT ?3",
        DB_ARGS(
            DB_TEXT(work->tenant_id), DB_TEXT(work->before ? work->before : past_all),
            DB_INT(work->limit)),
        &row_kept_shape, work->mem, work->ret);
}

Err *art_list(
    const ArtRoom *room, const char *tenant_id, const char *before, int64_t limit, Arena *mem,
    List *ret)
{
    return db_read(room->shelf.db, list_work, &(ListWork){tenant_id, before, limit, mem, ret});
}
