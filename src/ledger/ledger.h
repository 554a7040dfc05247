/* ledger.h - credits: what tenants have, what is set aside for work, what was spent.
 *
 * One credit is one US cent. Money moves only inside the caller's transaction, beside the work that it pays for:
 *
 *     hold     set aside when the work is accepted      available falls, held rises
 *     capture  spent when the work has succeeded        held falls, balance falls
 *     release  given back when it failed or ended       held falls, available rises
 *
 * Entries are only ever added; a purse is what its entries sum up to (ledger_audit proves it). What is available
 * (balance + line - held) never falls below zero, also when many ask at once. A hold ends once: capturing or releasing it again
 * is no error and moves nothing, so work that is repeated after a crash is charged once. KEY makes an entry unique for its tenant: the same
 * key again moves nothing.
 */
#pragma once

#include "base/id.h"
#include "db/db.h"

typedef struct Purse {
    int64_t balance; /* credits */
    int64_t held;    /* of it, set aside */
    int64_t line;    /* how far below zero it may go: enterprise, invoiced later */
    int64_t available;
} Purse;

extern const Shape purse_shape;

/* An empty purse for a new tenant. LINE is 0 for those who pay before. */
MUST Err *ledger_open(DbTx *tx, const char *tenant_id, int64_t line);
MUST Err *ledger_purse(DbTx *tx, const char *tenant_id, Purse *ret); /* NOT_FOUND */

/* A LINE below what is in use is set to what is in use. */
MUST Err *ledger_line_set(DbTx *tx, const char *tenant_id, int64_t line);

/* The most that moves at once: ten billion dollars, so that no sum overflows. */
#define LEDGER_MOST ((int64_t)1000000000000)

typedef struct LedgerMove {
    const char *tenant_id;
    const char *key;     /* "grant:2026-11", "run:run_01...": once a tenant */
    const char *reason;  /* for the statement: "Monthly allowance"; may be marked (base/said.h) */
    const char *subject; /* id of what it is for, or NULL */
    int64_t credits;     /* 0 to LEDGER_MOST */
} LedgerMove;

/* Add credits (an allowance, a purchase, a gift). *RET_MOVED is false when KEY was there already. */
MUST Err *ledger_grant(DbTx *tx, const LedgerMove *move, bool *ret_moved);

/* Take credits back that were given by mistake: an entry of kind "take", which counts as nothing that was spent. CONFLICT when there are not as many
 * that are neither held nor of the line. */
MUST Err *ledger_take(DbTx *tx, const LedgerMove *move, bool *ret_moved);

/* Take back what is left of an allowance of CREDITS given at SINCE_MS: what was spent since, and what is held, counts against it
 * first, so credits that were bought stay. Never takes what is held, nor of the line. *RET_TAKEN says how many went. */
MUST Err *ledger_expire(DbTx *tx, const LedgerMove *move, int64_t since_ms, int64_t *ret_taken);

/* CREDITS_SPENT, saying how many are missing, when there is not enough; nothing has moved then. The same key again gives the same hold;
 * CONFLICT when that was asked for other credits. */
MUST Err *ledger_hold(DbTx *tx, const LedgerMove *move, Id *ret_hold);

/* The same for COUNT moves (at most 10,000) of one tenant, whose keys differ, in a few statements: all are held, or nothing has moved. */
MUST Err *ledger_hold_all(DbTx *tx, const LedgerMove *moves, size_t count, Id *ret_holds);

/* CREDITS_SPENT, as ledger_hold says it, when CREDITS are not available. Others may take them before they are held. */
MUST Err *ledger_check(DbTx *tx, const char *tenant_id, int64_t credits);

/* NOT_FOUND when the tenant has no such hold. */
MUST Err *ledger_capture(DbTx *tx, const char *tenant_id, const char *hold_id);
MUST Err *ledger_release(DbTx *tx, const char *tenant_id, const char *hold_id);

/* Credits captured in [FROM_MS, UNTIL_MS). */
MUST Err *
ledger_spent(DbTx *tx, const char *tenant_id, int64_t from_ms, int64_t until_ms, int64_t *ret);

/* ---- the statement ---- */

typedef struct LedgerEntry {
    const char *id, *kind, *key, *reason, *subject,
        *hold_id;                   /* kind: grant, expire, take, hold, capture, release */
    int64_t credits, balance, held; /* the purse after it */
    int64_t at_ms;
} LedgerEntry;

extern const Shape ledger_entry_shape;

/* Newest first, at most LIMIT of them, those before the id BEFORE (NULL for the newest; NOT_FOUND when it is no entry of the tenant). */
MUST Err *ledger_entries(
    DbTx *tx, const char *tenant_id, const char *before, int64_t limit, Arena *mem, List *ret);

/* Does every purse say what its entries and open holds sum up to, entry by entry? What does not is a text in *RET_WRONG, the first
 * hundred of each kind. Reads everything. */
MUST Err *ledger_audit(DbTx *tx, Arena *mem, Texts *ret_wrong);

/* ---- what work has cost us (usage_events) ---- */

typedef struct UsageEvent {
    const char *tenant_id, *project_id, *run_id;
    const char *kind;       /* "job_completed", "compute_seconds", "fal_api_call", ... */
    int64_t cost_micro_usd; /* millionths of a dollar */
    bool
        is_ours; /* what the house pays others out of its own price: an event, but none of the tenant's days */
    const Value *detail; /* {"seconds": 42, "cpu_cores": 2}, or NULL */
} UsageEvent;

MUST Err *usage_add(DbTx *tx, const UsageEvent *event);

typedef struct UsageDay {
    const char *date; /* "2026-11-21", UTC */
    int64_t images, cost_micro_usd;
} UsageDay;

extern const Shape usage_day_shape;

/* Days, from that of FROM_MS to the last before UNTIL_MS, on which something was used, oldest first; whole days, UTC. An image is an
 * event of kind "job_completed". */
MUST Err *usage_days(
    DbTx *tx, const char *tenant_id, int64_t from_ms, int64_t until_ms, Arena *mem, List *ret);
