/* Credits: how they move. */
#include "ledger/ledger.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "ledger/ledger_priv.h"

enum {
    HOLDS_MOST = 10000
};

Err *ledger_open(DbTx *tx, const char *tenant_id, int64_t line)
{
    return purse_insert(tx, tenant_id, line);
}

Err *ledger_purse(DbTx *tx, const char *tenant_id, Purse *ret)
{
    return purse_select(tx, tenant_id, ret);
}

static MUST Err *purse_missing(const char *tenant_id)
{
    return err_public(
        err_new(ERR_NOT_FOUND, "no purse of '%s'", tenant_id), "There is no such account.");
}

Err *ledger_line_set(DbTx *tx, const char *tenant_id, int64_t line)
{
    bool is_there;

    if (line < 0 || line > LEDGER_MOST)
        return err_new(ERR_BUG, "a line of %" PRId64 " credits", line);
    TRY(purse_line_set(tx, tenant_id, line, &is_there));
    return is_there ? NULL : purse_missing(tenant_id);
}

static MUST Err *credits_check(const LedgerMove *move)
{
    if (move->credits >= 0 && move->credits <= LEDGER_MOST)
        return NULL;
    return err_public(
        err_new(ERR_INPUT_INVALID, "a move of %" PRId64 " credits", move->credits),
        "That is no number of credits.");
}

/* ---- moves without a hold ---- */

/* Write down what PURSE has gone through, or undo CHANGE when that was written down before. */
static MUST Err *move_write(
    DbTx *tx, const LedgerMove *move, const char *kind, PurseChange change, PurseStep purse,
    bool *ret_moved)
{
    const Id id = id_new("entry");
    const LedgerEntry entry = {
        .id = id.text,
        .kind = kind,
        .key = move->key,
        .reason = move->reason,
        .subject = move->subject,
        .credits = change.balance < 0 ? -change.balance : change.balance,
        .balance = purse.balance,
        .held = purse.held,
        .at_ms = clock_now_ms(),
    };
    bool is_new;

    TRY(ledger_entry_insert(tx, move->tenant_id, &entry, purse.number, &is_new));
    if (!is_new)
        TRY(purse_unchange(tx, move->tenant_id, change));
    *ret_moved = is_new;
    return NULL;
}

Err *ledger_grant(DbTx *tx, const LedgerMove *move, bool *ret_moved)
{
    const PurseChange change = {.balance = move->credits, .entries = 1};
    PurseStep purse;
    bool is_done;

    TRY(credits_check(move));
    TRY(purse_change(tx, move->tenant_id, change, &purse, &is_done));
    if (!is_done)
        return purse_missing(move->tenant_id);
    return move_write(tx, move, "grant", change, purse, ret_moved);
}

Err *ledger_expire(DbTx *tx, const LedgerMove *move, int64_t since_ms, int64_t *ret_taken)
{
    PurseStep purse;
    int64_t spent;
    bool is_done, is_moved;

    TRY(credits_check(move));

    /* The purse is ours from here on, so nothing is spent between the sums below and the taking. */
    TRY(purse_change(tx, move->tenant_id, (PurseChange){0}, &purse, &is_done));
    if (!is_done)
        return purse_missing(move->tenant_id);
    TRY(ledger_spent(tx, move->tenant_id, since_ms, INT64_MAX, &spent));

    int64_t left = MAX(move->credits - spent - purse.held, (int64_t)0);
    int64_t taken = MIN(left, MAX(purse.balance - purse.held, (int64_t)0));

    const PurseChange change = {.balance = -taken, .entries = 1};
    TRY(purse_change(tx, move->tenant_id, change, &purse, &is_done));
    if (!is_done)
        return err_new(ERR_BUG, "unable to take %" PRId64 " credits that are there", taken);
    TRY(move_write(tx, move, "expire", change, purse, &is_moved));
    *ret_taken = is_moved ? taken : 0;
    return NULL;
}

Err *ledger_take(DbTx *tx, const LedgerMove *move, bool *ret_moved)
{
    const PurseChange change = {.balance = -move->credits, .entries = 1};
    PurseStep purse;
    bool is_done;

    TRY(credits_check(move));

    /* The purse is ours from here on. */
    TRY(purse_change(tx, move->tenant_id, (PurseChange){0}, &purse, &is_done));
    if (!is_done)
        return purse_missing(move->tenant_id);
    int64_t free = MAX(purse.balance - purse.held, (int64_t)0);
    if (move->credits > free)
        return err_public(
            err_new(
                ERR_CONFLICT, "%" PRId64 " credits to be taken of %" PRId64, move->credits, free),
            "Only %" PRId64 " credits can be taken: what is set aside for work under way stays.",
            free);
    TRY(purse_change(tx, move->tenant_id, change, &purse, &is_done));
    if (!is_done)
        return err_new(ERR_BUG, "unable to take %" PRId64 " credits that are there", move->credits);
    return move_write(tx, move, "take", change, purse, ret_moved);
}

/* ---- holds ---- */

static MUST Err *credits_missing(DbTx *tx, const LedgerMove *move)
{
    Purse purse;

    TRY(purse_select(tx, move->tenant_id, &purse));
    int64_t missing = move->credits - purse.available;
    return err_public(
        err_new(
            ERR_CREDITS_SPENT, "%" PRId64 " credits wanted, %" PRId64 " available", move->credits,
            purse.available),
        "This takes %" PRId64 " credits and %" PRId64 " are available: %" PRId64
        " are missing. Add credits and try again.",
        move->credits, purse.available, missing);
}

Err *ledger_check(DbTx *tx, const char *tenant_id, int64_t credits)
{
    Purse purse;

    TRY(purse_select(tx, tenant_id, &purse));
    return purse.available >= credits
               ? NULL
               : credits_missing(tx, &(LedgerMove){.tenant_id = tenant_id, .credits = credits});
}

/* The hold of ENTRY, which has the key of MOVE. */
static MUST Err *hold_of_entry(const LedgerMove *move, const LedgerEntry *entry, Id *ret_hold)
{
    if (strcmp(entry->kind, "hold") != 0 || entry->credits != move->credits)
        return err_new(
            ERR_CONFLICT, "the key '%s' stands for a %s of %" PRId64 " credits", move->key,
            entry->kind, entry->credits);
    snprintf(ret_hold->text, sizeof(ret_hold->text), "%s", entry->hold_id);
    return NULL;
}

/* The hold that was made by MOVE's key before. NOT_FOUND when there is none. */
static MUST Err *hold_again(DbTx *tx, const LedgerMove *move, Id *ret_hold)
{
    AUTO(arena_free) Arena *mem = arena_new();
    LedgerEntry entry;

    TRY(ledger_entry_by_key(tx, move->tenant_id, move->key, mem, &entry));
    return hold_of_entry(move, &entry, ret_hold);
}

/* The purse has no room for MOVE: either it was made before, or there is not enough. */
static MUST Err *hold_refused(DbTx *tx, const LedgerMove *move, Id *ret_hold)
{
    bool is_missing;

    TRY(err_expect(hold_again(tx, move, ret_hold), ERR_NOT_FOUND, &is_missing));
    return is_missing ? credits_missing(tx, move) : NULL;
}

Err *ledger_hold(DbTx *tx, const LedgerMove *move, Id *ret_hold)
{
    const PurseChange change = {.held = move->credits, .entries = 1};
    const Id hold_id = id_new("hold"), entry_id = id_new("entry");
    const LedgerHold hold = {
        .id = hold_id.text,
        .reason = move->reason,
        .subject = move->subject,
        .credits = move->credits,
    };
    PurseStep purse;
    bool is_done, is_new;

    TRY(credits_check(move));
    TRY(purse_change(tx, move->tenant_id, change, &purse, &is_done));
    if (!is_done)
        return hold_refused(tx, move, ret_hold);

    const LedgerEntry entry = {
        .id = entry_id.text,
        .kind = "hold",
        .key = move->key,
        .reason = move->reason,
        .subject = move->subject,
        .hold_id = hold_id.text,
        .credits = move->credits,
        .balance = purse.balance,
        .held = purse.held,
        .at_ms = clock_now_ms(),
    };
    TRY(ledger_hold_insert(tx, move->tenant_id, &hold));
    TRY(ledger_entry_insert(tx, move->tenant_id, &entry, purse.number, &is_new));
    if (!is_new) {
        TRY(ledger_hold_delete(tx, hold_id.text));
        TRY(purse_unchange(tx, move->tenant_id, change));
        return hold_again(tx, move, ret_hold);
    }
    *ret_hold = hold_id;
    return NULL;
}

/* ---- many holds ---- */

typedef struct Holding {
    const char *tenant_id;
    const LedgerMove *moves;
    size_t count;
    Arena *mem;
    Id *ids; /* of the holds; "" where there is none yet */
} Holding;

static MUST Err *moves_check(const LedgerMove *moves, size_t count)
{
    if (count > HOLDS_MOST)
        return err_new(ERR_BUG, "%zu holds at once", count);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(moves[i].tenant_id, moves->tenant_id) != 0)
            return err_new(ERR_BUG, "holds of several tenants at once");
        TRY(credits_check(&moves[i]));
    }
    return NULL;
}

/* Holds that were made by the same keys before. */
static MUST Err *holds_find(DbTx *tx, const Holding *holding)
{
    Texts keys = {ARENA_ARRAY(holding->mem, const char *, holding->count), holding->count};
    List found;

    for (size_t i = 0; i < holding->count; i++)
        keys.items[i] = holding->moves[i].key;
    TRY(ledger_entries_by_keys(tx, holding->tenant_id, &keys, holding->mem, &found));
    for (size_t n = 0; n < found.count; n++) {
        const LedgerEntry *entry = (const LedgerEntry *)found.items + n;
        size_t i = 0;

        while (strcmp(keys.items[i], entry->key) != 0)
            i++;
        TRY(hold_of_entry(&holding->moves[i], entry, &holding->ids[i]));
    }
    return NULL;
}

/* The others; held and number count from 0. */
static List holds_new(Holding *holding, PurseChange *ret_change)
{
    HoldRow *rows = ARENA_ARRAY(holding->mem, HoldRow, holding->count);
    PurseChange change = {0};

    for (size_t i = 0; i < holding->count; i++) {
        const LedgerMove *move = &holding->moves[i];
        const Id entry_id = id_new("entry");

        if (*holding->ids[i].text)
            continue;
        holding->ids[i] = id_new("hold");
        change.held += move->credits;
        change.entries++;
        rows[change.entries - 1] = (HoldRow){
            .id = holding->ids[i].text,
            .entry_id = arena_text(holding->mem, entry_id.text),
            .key = move->key,
            .reason = move->reason,
            .subject = move->subject,
            .credits = move->credits,
            .held = change.held,
            .number = change.entries,
        };
    }
    *ret_change = change;
    return (List){rows, (size_t)change.entries};
}

static MUST Err *holds_make(DbTx *tx, Holding *holding)
{
    PurseChange change;
    const List made = holds_new(holding, &change);
    PurseStep purse;
    bool is_done;

    if (!made.count)
        return NULL;
    TRY(purse_change(tx, holding->tenant_id, change, &purse, &is_done));
    if (!is_done)
        return credits_missing(
            tx, &(LedgerMove){.tenant_id = holding->tenant_id, .credits = change.held});

    HoldRow *rows = made.items;
    for (size_t i = 0; i < made.count; i++) {
        rows[i].held += purse.held - change.held;
        rows[i].number += purse.number - change.entries;
    }
    return ledger_holds_insert(tx, holding->tenant_id, &made, purse.balance);
}

Err *ledger_hold_all(DbTx *tx, const LedgerMove *moves, size_t count, Id *ret_holds)
{
    AUTO(arena_free) Arena *mem = arena_new();
    PurseStep purse;
    bool is_done;

    if (!count)
        return NULL;
    TRY(moves_check(moves, count));

    Holding holding = {moves->tenant_id, moves, count, mem, ARENA_ARRAY(mem, Id, count)};
    memset(holding.ids, 0, count * sizeof(Id));

    /* The purse is ours from here on, so no key comes between the look and the making. */
    TRY(purse_change(tx, holding.tenant_id, (PurseChange){0}, &purse, &is_done));
    if (!is_done)
        return purse_missing(holding.tenant_id);
    TRY(holds_find(tx, &holding));
    TRY(holds_make(tx, &holding));
    memcpy(ret_holds, holding.ids, count * sizeof(Id));
    return NULL;
}

/* How a hold may end. */
typedef struct Ending {
    const char *kind, *state;
    int moves_balance; /* -1 when the credits are gone */
} Ending;

static MUST Err *
hold_finish(DbTx *tx, const char *tenant_id, const char *hold_id, const Ending *ending)
{
    AUTO(arena_free) Arena *mem = arena_new();
    const Id entry_id = id_new("entry");
    LedgerHold hold;
    PurseStep purse;
    bool is_done, is_new;

    TRY(ledger_hold_end(tx, tenant_id, hold_id, ending->state, mem, &hold, &is_done));
    if (!is_done)
        return NULL;

    const PurseChange change = {
        .balance = ending->moves_balance * hold.credits, .held = -hold.credits, .entries = 1};
    TRY(purse_change(tx, tenant_id, change, &purse, &is_done));
    if (!is_done)
        return err_new(ERR_BUG, "the purse of '%s' cannot end '%s'", tenant_id, hold_id);

    const LedgerEntry entry = {
        .id = entry_id.text,
        .kind = ending->kind,
        .key = hold_id,
        .reason = hold.reason,
        .subject = hold.subject,
        .hold_id = hold_id,
        .credits = hold.credits,
        .balance = purse.balance,
        .held = purse.held,
        .at_ms = clock_now_ms(),
    };
    TRY(ledger_entry_insert(tx, tenant_id, &entry, purse.number, &is_new));
    return is_new ? NULL : err_new(ERR_BUG, "'%s' has an end without having ended", hold_id);
}

Err *ledger_capture(DbTx *tx, const char *tenant_id, const char *hold_id)
{
    static const Ending spent = {"capture", "captured", -1};

    return hold_finish(tx, tenant_id, hold_id, &spent);
}

Err *ledger_release(DbTx *tx, const char *tenant_id, const char *hold_id)
{
    static const Ending freed = {"release", "released", 0};

    return hold_finish(tx, tenant_id, hold_id, &freed);
}

/* ---- the audit ---- */

Err *ledger_audit(DbTx *tx, Arena *mem, Texts *ret_wrong)
{
    enum {
        MOST = 1024
    };
    Texts wrong = {.items = ARENA_ARRAY(mem, const char *, MOST)};

    for (const LedgerCheck *check = ledger_checks; check->sql; check++) {
        List faults;

        TRY(ledger_check_run(tx, check, mem, &faults));
        for (size_t i = 0; i < faults.count && wrong.count < MOST; i++) {
            const LedgerFault *fault = (const LedgerFault *)faults.items + i;

            wrong.items[wrong.count++] = arena_print(
                mem, "%s: %s %s: %" PRId64 " instead of %" PRId64, fault->tenant_id, check->what,
                fault->subject, fault->said, fault->summed);
        }
    }
    *ret_wrong = wrong;
    return NULL;
}
