/* Purses, holds and entries in the database. */
#include "base/clock.h"
#include "ledger/ledger_priv.h"

/* ---- purses ---- */

static const Field PurseStep_fields[] = {
    {FIELD_INT(PurseStep, balance), .help = "Credits"},
    {FIELD_INT(PurseStep, held), .help = "Set aside"},
    {FIELD_INT(PurseStep, line), .help = "How far below zero"},
    {FIELD_INT(PurseStep, number), .help = "Of the entry"},
    {FIELD_END},
};
static const Shape purse_step_shape = SHAPE(PurseStep);

static const Field Purse_fields[] = {
    {FIELD_INT(Purse, balance), .help = "Credits there are"},
    {FIELD_INT(Purse, held), .help = "Credits set aside for work in hand"},
    {FIELD_INT(Purse, line), .help = "How far below zero the balance may go"},
    {FIELD_INT(Purse, available), .help = "Credits that may be spent"},
    {FIELD_END},
};
const Shape purse_shape = SHAPE(Purse);

Err *purse_insert(DbTx *tx, const char *tenant_id, int64_t line)
{
    return db_run(
        tx, "INSERT INTO purses (tenant_id, balance, held, line, entries) VALUES (?1, 0, 0, ?2, 0)",
        DB_ARGS(DB_TEXT(tenant_id), DB_INT(line)), NULL);
}

Err *purse_select(DbTx *tx, const char *tenant_id, Purse *ret)
{
    AUTO(arena_free) Arena *mem = arena_new();

    return db_one(
        tx,
        "SELECT balance, held, line, balance + line - held AS available FROM purses"
        " WHERE tenant_id = ?1",
        DB_ARGS(DB_TEXT(tenant_id)), &purse_shape, mem, ret);
}

Err *purse_line_set(DbTx *tx, const char *tenant_id, int64_t line, bool *ret_found)
{
    int64_t changed;

    TRY(db_run(
        tx,
        "UPDATE purses SET line = CASE WHEN balance - held + ?2 < 0 THEN held - balance ELSE ?2 END"
        " WHERE tenant_id = ?1",
        DB_ARGS(DB_TEXT(tenant_id), DB_INT(line)), &changed));
    *ret_found = changed > 0;
    return NULL;
}

Err *purse_change(
    DbTx *tx, const char *tenant_id, PurseChange change, PurseStep *ret, bool *ret_done)
{
    AUTO(arena_free) Arena *mem = arena_new();
    bool is_missing;

    TRY(err_expect(
        db_one(
            tx,
            "UPDATE purses SET balance = balance + ?2, held = held + ?3, entries = entries + ?4"
            " WHERE tenant_id = ?1 AND balance + ?2 + line - held - ?3 >= 0 AND held + ?3 >= 0"
            " RETURNING balance, held, line, entries AS number",
            DB_ARGS(
                DB_TEXT(tenant_id), DB_INT(change.balance), DB_INT(change.held),
                DB_INT(change.entries)),
            &purse_step_shape, mem, ret),
        ERR_NOT_FOUND, &is_missing));
    *ret_done = !is_missing;
    return NULL;
}

Err *purse_unchange(DbTx *tx, const char *tenant_id, PurseChange change)
{
    return db_run(
        tx,
        "UPDATE purses SET balance = balance - ?2, held = held - ?3, entries = entries - ?4"
        " WHERE tenant_id = ?1",
        DB_ARGS(
            DB_TEXT(tenant_id), DB_INT(change.balance), DB_INT(change.held),
            DB_INT(change.entries)),
        NULL);
}

/* ---- entries ---- */

static const Field LedgerEntry_fields[] = {
    {FIELD_TEXT(LedgerEntry, id), .help = "Id"},
    {FIELD_TEXT(LedgerEntry, kind), .help = "grant, expire, take, hold, capture or release"},
    {FIELD_TEXT(LedgerEntry, key), .help = "Once a tenant"},
    {FIELD_TEXT(LedgerEntry, reason), .help = "What for, in words"},
    {FIELD_TEXT(LedgerEntry, subject), .help = "Id of what it is for", .optional = true},
    {FIELD_TEXT(LedgerEntry, hold_id), .help = "Hold that it makes or ends", .optional = true},
    {FIELD_INT(LedgerEntry, credits), .help = "Credits that moved"},
    {FIELD_INT(LedgerEntry, balance), .help = "Credits there were after it"},
    {FIELD_INT(LedgerEntry, held), .help = "Credits set aside after it"},
    {FIELD_INT(LedgerEntry, at_ms), .help = "When, milliseconds since 1970"},
    {FIELD_END},
};
const Shape ledger_entry_shape = SHAPE(LedgerEntry);

#define ENTRY_COLUMNS "id, kind, key, reason, subject, hold_id, credits, balance, held, at_ms"

Err *ledger_entry_insert(
    DbTx *tx, const char *tenant_id, const LedgerEntry *entry, int64_t number, bool *ret_new)
{
    int64_t changed;

    TRY(db_run(
        tx,
        "INSERT INTO ledger_entries (" ENTRY_COLUMNS ", tenant_id, number)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)"
        " ON CONFLICT (tenant_id, key) DO NOTHING",
        DB_ARGS(
            DB_TEXT(entry->id), DB_TEXT(entry->kind), DB_TEXT(entry->key), DB_TEXT(entry->reason),
            DB_TEXT(entry->subject), DB_TEXT(entry->hold_id), DB_INT(entry->credits),
            DB_INT(entry->balance), DB_INT(entry->held), DB_INT(entry->at_ms), DB_TEXT(tenant_id),
            DB_INT(number)),
        &changed));
    *ret_new = changed > 0;
    return NULL;
}

Err *ledger_entry_by_key(
    DbTx *tx, const char *tenant_id, const char *key, Arena *mem, LedgerEntry *ret)
{
    return db_one(
        tx, "SELECT " ENTRY_COLUMNS " FROM ledger_entries WHERE tenant_id = ?1 AND key = ?2",
        DB_ARGS(DB_TEXT(tenant_id), DB_TEXT(key)), &ledger_entry_shape, mem, ret);
}

#define SQL_BY_KEYS(keys) \
    "SELECT " ENTRY_COLUMNS " FROM ledger_entries WHERE tenant_id = ?2 AND key IN " keys

Err *ledger_entries_by_keys(
    DbTx *tx, const char *tenant_id, const Texts *keys, Arena *mem, List *ret)
{
    const char *list;

    TRY(db_texts(keys, mem, &list));
    return db_all(
        tx, DB_AMONG(tx, SQL_BY_KEYS), DB_ARGS(DB_TEXT(list), DB_TEXT(tenant_id)),
        &ledger_entry_shape, mem, ret);
}

Err *ledger_entries(
    DbTx *tx, const char *tenant_id, const char *before, int64_t limit, Arena *mem, List *ret)
{
    int64_t number = INT64_MAX;

    if (before) {
        TRY(db_number(
            tx, "SELECT number FROM ledger_entries WHERE id = ?1 AND tenant_id = ?2",
            DB_ARGS(DB_TEXT(before), DB_TEXT(tenant_id)), &number));
        if (!number)
            return err_new(ERR_NOT_FOUND, "no entry '%s'", before);
    }
    return db_all(
        tx,
        "SELECT " ENTRY_COLUMNS " FROM ledger_entries WHERE tenant_id = ?1 AND number < ?2"
        " ORDER BY number DESC LIMIT ?3",
        DB_ARGS(DB_TEXT(tenant_id), DB_INT(number), DB_INT(limit)), &ledger_entry_shape, mem, ret);
}

Err *ledger_spent(DbTx *tx, const char *tenant_id, int64_t from_ms, int64_t until_ms, int64_t *ret)
{
    return db_number(
        tx,
        "SELECT CAST(SUM(credits) AS BIGINT) FROM ledger_entries"
        " WHERE tenant_id = ?1 AND kind = 'capture' AND at_ms >= ?2 AND at_ms < ?3",
        DB_ARGS(DB_TEXT(tenant_id), DB_INT(from_ms), DB_INT(until_ms)), ret);
}

/* ---- holds ---- */

static const Field LedgerHold_fields[] = {
    {FIELD_TEXT(LedgerHold, id), .help = "Id"},
    {FIELD_TEXT(LedgerHold, reason), .help = "What for, in words"},
    {FIELD_TEXT(LedgerHold, subject), .help = "Id of what it is for", .optional = true},
    {FIELD_INT(LedgerHold, credits), .help = "Credits set aside"},
    {FIELD_END},
};
static const Shape ledger_hold_shape = SHAPE(LedgerHold);

Err *ledger_hold_insert(DbTx *tx, const char *tenant_id, const LedgerHold *hold)
{
    return db_run(
        tx,
        "INSERT INTO ledger_holds (id, tenant_id, credits, reason, subject, state, made_ms, "
        "ended_ms)"
        " VALUES (?1, ?2, ?3, ?4, ?5, 'open', ?6, 0)",
        DB_ARGS(
            DB_TEXT(hold->id), DB_TEXT(tenant_id), DB_INT(hold->credits), DB_TEXT(hold->reason),
            DB_TEXT(hold->subject), DB_INT(clock_now_ms())),
        NULL);
}

static const Field HoldRow_fields[] = {
    {FIELD_TEXT(HoldRow, id), .help = "Id"},
    {FIELD_TEXT(HoldRow, entry_id), .help = "Id of its entry"},
    {FIELD_TEXT(HoldRow, key), .help = "Once a tenant"},
    {FIELD_TEXT(HoldRow, reason), .help = "What for, in words"},
    {FIELD_TEXT(HoldRow, subject), .help = "Id of what it is for"},
    {FIELD_INT(HoldRow, credits), .help = "Credits set aside"},
    {FIELD_INT(HoldRow, held), .help = "Credits set aside after it"},
    {FIELD_INT(HoldRow, number), .help = "Number of its entry"},
    {FIELD_END},
};
static const Shape hold_row_shape = SHAPE(HoldRow);

#define SQL_HOLD_EACH(each) \
    "INSERT INTO ledger_holds (id, tenant_id, credits, reason, subject, state, made_ms, ended_ms)" \
    " SELECT each.value ->> 'id', ?2, CAST(each.value ->> 'credits' AS BIGINT)," \
    " each.value ->> 'reason', each.value ->> 'subject', 'open', ?3, 0 FROM " each

#define SQL_HOLD_ENTRY_EACH(each) \
    "INSERT INTO ledger_entries (" ENTRY_COLUMNS ", tenant_id, number)" \
    " SELECT each.value ->> 'entry_id', 'hold', each.value ->> 'key', each.value ->> 'reason'," \
    " each.value ->> 'subject', each.value ->> 'id', CAST(each.value ->> 'credits' AS BIGINT)," \
    " ?4, CAST(each.value ->> 'held' AS BIGINT), ?3, ?2," \
    " CAST(each.value ->> 'number' AS BIGINT) FROM " each

Err *ledger_holds_insert(DbTx *tx, const char *tenant_id, const List *rows, int64_t balance)
{
    DbArg tenant = DB_TEXT(tenant_id), now = DB_INT(clock_now_ms());

    TRY(db_run_each(
        tx, DB_EACH(tx, SQL_HOLD_EACH), DB_ARGS(tenant, now), &hold_row_shape, rows, NULL));
    return db_run_each(
        tx, DB_EACH(tx, SQL_HOLD_ENTRY_EACH), DB_ARGS(tenant, now, DB_INT(balance)),
        &hold_row_shape, rows, NULL);
}

Err *ledger_hold_delete(DbTx *tx, const char *hold_id)
{
    return db_run(tx, "DELETE FROM ledger_holds WHERE id = ?1", DB_ARGS(DB_TEXT(hold_id)), NULL);
}

Err *ledger_hold_end(
    DbTx *tx, const char *tenant_id, const char *hold_id, const char *state, Arena *mem,
    LedgerHold *ret, bool *ret_done)
{
    int64_t count;
    bool is_missing;

    TRY(err_expect(
        db_one(
            tx,
            "UPDATE ledger_holds SET state = ?3, ended_ms = ?4"
            " WHERE id = ?1 AND tenant_id = ?2 AND state = 'open'"
            " RETURNING id, reason, subject, credits",
            DB_ARGS(DB_TEXT(hold_id), DB_TEXT(tenant_id), DB_TEXT(state), DB_INT(clock_now_ms())),
            &ledger_hold_shape, mem, ret),
        ERR_NOT_FOUND, &is_missing));
    *ret_done = !is_missing;
    if (!is_missing)
        return NULL;

    TRY(db_number(
        tx, "SELECT COUNT(*) FROM ledger_holds WHERE id = ?1 AND tenant_id = ?2",
        DB_ARGS(DB_TEXT(hold_id), DB_TEXT(tenant_id)), &count));
    return count ? NULL : err_new(ERR_NOT_FOUND, "no hold '%s'", hold_id);
}

/* ---- the audit ---- */

/* What an entry does to balance and to what is held. */
#define BALANCE_MOVE \
    "CASE kind WHEN 'grant' THEN credits WHEN 'expire' THEN -credits WHEN 'take' THEN -credits" \
    " WHEN 'capture' THEN -credits ELSE 0 END"
#define HELD_MOVE \
    "CASE kind WHEN 'hold' THEN credits WHEN 'capture' THEN -credits" \
    " WHEN 'release' THEN -credits ELSE 0 END"

/* What stands in a purse against what the rows of SUMS (tenant_id, summed) say. */
#define PURSE_AGAINST(said, sums) \
    "SELECT p.tenant_id AS tenant_id, 'purse' AS subject, p." said " AS said," \
    " COALESCE(s.summed, 0) AS summed FROM purses p LEFT JOIN (" sums ") s" \
    " ON s.tenant_id = p.tenant_id WHERE p." said " <> COALESCE(s.summed, 0)" \
    " ORDER BY p.tenant_id LIMIT 100"
#define SUM_OF(expression, table) \
    "SELECT tenant_id, CAST(SUM(" expression ") AS BIGINT) AS summed FROM " table \
    " GROUP BY tenant_id"

/* What an entry says that the purse held, against the entry before it and its own move. */
#define CHAIN_OF(said, move) \
    "SELECT tenant_id, id AS subject, " said " AS said, earlier + moved AS summed FROM (" \
    "SELECT tenant_id, id, number, " said ", " move " AS moved," \
    " LAG(" said ", 1, 0) OVER (PARTITION BY tenant_id ORDER BY number) AS earlier" \
    " FROM ledger_entries) chain" \
    " WHERE " said " <> earlier + moved ORDER BY tenant_id, number LIMIT 100"

const LedgerCheck ledger_checks[] = {
    {PURSE_AGAINST("balance", SUM_OF(BALANCE_MOVE, "ledger_entries")), "balance of the"},
    {PURSE_AGAINST("held", SUM_OF(HELD_MOVE, "ledger_entries")), "held in the"},
    {PURSE_AGAINST(
         "held", "SELECT tenant_id, CAST(SUM(credits) AS BIGINT) AS summed FROM ledger_holds"
                 " WHERE state = 'open' GROUP BY tenant_id"),
     "held by open holds in the"},
    {PURSE_AGAINST("entries", SUM_OF("1", "ledger_entries")), "entries of the"},
    {"SELECT tenant_id, 'purse' AS subject, balance + line - held AS said, CAST(0 AS BIGINT) AS "
     "summed"
     " FROM purses WHERE balance + line - held < 0 ORDER BY tenant_id LIMIT 100",
     "available in the"},
    {CHAIN_OF("balance", BALANCE_MOVE), "balance after"},
    {CHAIN_OF("held", HELD_MOVE), "held after"},
    {"SELECT h.tenant_id AS tenant_id, h.id AS subject, COUNT(e.id) AS said,"
     " CAST(CASE WHEN h.state = 'open' THEN 1 ELSE 2 END AS BIGINT) AS summed"
     " FROM ledger_holds h LEFT JOIN ledger_entries e ON e.hold_id = h.id AND e.credits = h.credits"
     " AND e.tenant_id = h.tenant_id AND e.kind IN ('hold',"
     " CASE h.state WHEN 'captured' THEN 'capture' WHEN 'released' THEN 'release' ELSE 'hold' END)"
     " GROUP BY h.tenant_id, h.id, h.state"
     " HAVING COUNT(e.id) <> CASE WHEN h.state = 'open' THEN 1 ELSE 2 END"
     " ORDER BY h.tenant_id, h.id LIMIT 100",
     "entries of"},
    {0},
};

static const Field LedgerFault_fields[] = {
    {FIELD_TEXT(LedgerFault, tenant_id), .help = "Whose"},
    {FIELD_TEXT(LedgerFault, subject), .help = "What is wrong"},
    {FIELD_INT(LedgerFault, said), .help = "What it says"},
    {FIELD_INT(LedgerFault, summed), .help = "What it should say"},
    {FIELD_END},
};
static const Shape ledger_fault_shape = SHAPE(LedgerFault);

Err *ledger_check_run(DbTx *tx, const LedgerCheck *check, Arena *mem, List *ret)
{
    return db_all(tx, check->sql, DB_NO_ARGS, &ledger_fault_shape, mem, ret);
}
