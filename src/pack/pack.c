/* Packs as customers see them: wished, looked at, fetched. */
#include "pack/pack.h"

#include <string.h>

#include "ledger/ledger.h"
#include "pack/pack_priv.h"
#include "run/news.h"

enum {
    WISH_BYTES_MAX = 128 << 10
};

/* ---- which pictures ---- */

/* Every one that was named must be there. */
static MUST Err *named_check(const Texts *ids, const List *picks, bool are_runs, const char *field)
{
    for (size_t i = 0; i < ids->count; i++) {
        bool is_there = false;

        for (size_t j = 0; j < picks->count; j++) {
            const PackPick *pick = (const PackPick *)picks->items + j;

            is_there =
                is_there || strcmp(are_runs ? pick->run_id : pick->photo_id, ids->items[i]) == 0;
        }
        if (!is_there)
            return err_field(
                err_public(
                    err_new(ERR_CONFLICT, "'%s' has no picture here", ids->items[i]),
                    "There is no picture of %s in this project yet.", ids->items[i]),
                "%s/%zu", field, i);
    }
    return NULL;
}

static MUST Err *
picks_choose(DbTx *tx, const char *tenant_id, const PackWish *wish, Arena *mem, Texts *ret)
{
    bool are_runs = wish->run_ids.count > 0;
    const Texts *ids = are_runs ? &wish->run_ids : &wish->photo_ids;
    Texts chosen = {0};
    List picks = {0};

    TRY(pack_picks(tx, tenant_id, wish, mem, &picks));
    TRY(named_check(ids, &picks, are_runs, are_runs ? "/run_ids" : "/photo_ids"));
    chosen.items = ARENA_ARRAY(mem, const char *, picks.count + 1);
    for (size_t i = 0; i < picks.count; i++)
        chosen.items[chosen.count++] = ((const PackPick *)picks.items)[i].run_id;
    if (!chosen.count)
        return err_public(
            err_new(ERR_CONFLICT, "project '%s' has no pictures", wish->project_id),
            "There are no pictures in this project yet. Process some photos first.");
    if (chosen.count > PACK_PICTURES_MOST)
        return err_public(
            err_new(ERR_INPUT_INVALID, "a pack of %zu pictures", chosen.count),
            "A ZIP can hold up to %d pictures. Choose some of them.", PACK_PICTURES_MOST);
    *ret = chosen;
    return NULL;
}

/* ---- beginning ---- */

/* What is kept of a wish names the pictures, so that later ones do not slip in. */
static MUST Err *wish_text(const PackWish *wish, const Texts *runs, Arena *mem, const char **ret)
{
    AUTO(buf_done) Buf text = BUF(WISH_BYTES_MAX);
    PackWish kept = *wish;

    kept.run_ids = *runs;
    AUTO(value_free) Value *json = shape_write(&pack_wish_shape, &kept);
    TRY(value_write(json, VALUE_COMPACT, &text));
    *ret = arena_text(mem, buf_text(&text));
    return NULL;
}

static MUST Err *money_hold(
    DbTx *tx, const char *tenant_id, const PackWish *wish, const char *id, Arena *mem,
    const char **ret_hold_id)
{
    Id hold;

    *ret_hold_id = NULL;
    if (!wish->credits)
        return NULL;
    TRY(ledger_hold(
        tx,
        &(LedgerMove){
            .tenant_id = tenant_id,
            .key = arena_print(mem, "pack:%s", id),
            .reason = wish->reason ? wish->reason : "ZIP export",
            .subject = id,
            .credits = wish->credits},
        &hold));
    *ret_hold_id = arena_text(mem, hold.text);
    return NULL;
}

static MUST Err *
pack_begin(DbTx *tx, const char *tenant_id, const PackWish *wish, Arena *mem, Pack *ret)
{
    Id id = id_new("export"), job;
    PackRow row = {
        .id = id.text,
        .tenant_id = tenant_id,
        .project_id = wish->project_id,
        .email = wish->email,
        .credits = wish->credits,
    };
    Project project;
    Texts runs = {0};
    List forms = {0};

    TRY(db_lock(tx, wish->project_id));
    TRY(project_get(tx, tenant_id, wish->project_id, mem, &project));
    TRY(pack_forms(wish, mem, &forms));
    TRY(picks_choose(tx, tenant_id, wish, mem, &runs));
    TRY(wish_text(wish, &runs, mem, &row.wish));
    row.pictures = (int64_t)(runs.count * forms.count);
    TRY(money_hold(tx, tenant_id, wish, id.text, mem, &row.hold_id));
    TRY(pack_row_add(tx, &row));
    TRY(job_enqueue(
        tx,
        &(JobOrder){
            .queue = pack_export_work.queue,
            .tenant_id = tenant_id,
            .subject = id.text,
            .key = id.text},
        &job));
    TRY(once_keep(tx, &wish->once, id.text));
    return pack_get(tx, tenant_id, id.text, mem, ret);
}

Err *pack_add(
    DbTx *tx, const Studio *studio, const char *tenant_id, const PackWish *wish, Arena *mem,
    Pack *ret)
{
    const char *made;

    (void)studio;
    TRY(pack_check(wish, NULL, NULL));
    if (wish->email) {
        Err *err = mail_address_check(wish->email);

        if (err)
            return err_field(err, "/email");
    }
    TRY(once_claim(tx, &wish->once, mem, &made));
    return made ? pack_get(tx, tenant_id, made, mem, ret)
                : pack_begin(tx, tenant_id, wish, mem, ret);
}

/* ---- looking ---- */

typedef struct PackLook {
    const char *tenant_id, *id;
    const PackPage *page;
    Arena *mem;
    Pack *ret;
    List *ret_list;
} PackLook;

static Err *find_work(DbTx *tx, void *look_any)
{
    PackLook *look = look_any;

    return pack_get(tx, look->tenant_id, look->id, look->mem, look->ret);
}

Err *pack_find(const Studio *studio, const char *tenant_id, const char *id, Arena *mem, Pack *ret)
{
    PackLook look = {.tenant_id = tenant_id, .id = id, .mem = mem, .ret = ret};

    return db_read(studio->shelf.db, find_work, &look);
}

static Err *list_work(DbTx *tx, void *look_any)
{
    PackLook *look = look_any;

    return pack_rows(tx, look->page, look->mem, look->ret_list);
}

Err *pack_list(
    const Studio *studio, const char *tenant_id, const char *project_id, const char *before,
    int64_t limit, Arena *mem, List *ret)
{
    PackPage page = {tenant_id, project_id, before, limit};
    PackLook look = {.page = &page, .mem = mem, .ret_list = ret};

    return db_read(studio->shelf.db, list_work, &look);
}

Err *pack_link(const Studio *studio, const char *tenant_id, const char *id, Arena *mem, Link *ret)
{
    Pack pack;

    TRY(pack_find(studio, tenant_id, id, mem, &pack));
    if (pack.state == PACK_EXPIRED)
        return err_public(
            err_new(ERR_NOT_FOUND, "pack '%s' has expired", id),
            "This ZIP was kept for %d days and has gone. Export again.", PACK_DAYS);
    if (pack.state != PACK_COMPLETED)
        return err_public(
            err_new(ERR_CONFLICT, "pack '%s' is %s", id, pack_state_names[pack.state]),
            "This ZIP is not there: it is %s.", pack_state_names[pack.state]);
    return link_make(
        &studio->shelf,
        &(LinkWish){
            .key = pack.key,
            .until_ms = pack.expires_ms,
            .save_as = arena_print(mem, "%s.zip", pack.id)},
        mem, ret);
}

const JobKind *const pack_kinds[] = {&pack_export_work, &pack_mail_work, &pack_cleanup_work, NULL};
