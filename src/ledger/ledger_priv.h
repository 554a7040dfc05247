/* ledger_priv.h - the ledger's rows. Not for other folders.
 *
 * A purse is changed first in every transaction that moves credits: its row is what those who move the same tenant's credits wait for.
 */
#pragma once

#include "ledger/ledger.h"

/* A purse after it was changed; NUMBER is the entry's that says so. */
typedef struct PurseStep {
    int64_t balance, held, line, number;
} PurseStep;

typedef struct PurseChange {
    int64_t balance, held; /* to add */
    int64_t entries;       /* that will say so; 0 of a change of nothing, which is there to wait */
} PurseChange;

MUST Err *purse_insert(DbTx *tx, const char *tenant_id, int64_t line);
MUST Err *purse_select(DbTx *tx, const char *tenant_id, Purse *ret);
MUST Err *purse_line_set(DbTx *tx, const char *tenant_id, int64_t line, bool *ret_found);

/* *RET_DONE is false, and nothing has changed, when there is no such purse or it would fall below zero. */
MUST Err *
purse_change(DbTx *tx, const char *tenant_id, PurseChange change, PurseStep *ret, bool *ret_done);

/* As if purse_change had not been: its numbers are free again. */
MUST Err *purse_unchange(DbTx *tx, const char *tenant_id, PurseChange change);

/* *RET_NEW is false when the tenant has an entry by that key; nothing has changed then. */
MUST Err *ledger_entry_insert(
    DbTx *tx, const char *tenant_id, const LedgerEntry *entry, int64_t number, bool *ret_new);

/* NOT_FOUND */
MUST Err *
ledger_entry_by_key(DbTx *tx, const char *tenant_id, const char *key, Arena *mem, LedgerEntry *ret);

/* Those of the tenant with one of KEYS, at most 10,000: a List of LedgerEntry. */
MUST Err *
ledger_entries_by_keys(DbTx *tx, const char *tenant_id, const Texts *keys, Arena *mem, List *ret);

typedef struct LedgerHold {
    const char *id, *reason, *subject;
    int64_t credits;
} LedgerHold;

MUST Err *ledger_hold_insert(DbTx *tx, const char *tenant_id, const LedgerHold *hold);

/* A hold and the entry that makes it. */
typedef struct HoldRow {
    const char *id, *entry_id, *key, *reason, *subject;
    int64_t credits, held, number; /* the purse after it, and its place in it */
} HoldRow;

/* ROWS are of HoldRow. ROW_TAKEN when a key is there. */
MUST Err *ledger_holds_insert(DbTx *tx, const char *tenant_id, const List *rows, int64_t balance);
MUST Err *ledger_hold_delete(DbTx *tx, const char *hold_id);

/* *RET_DONE is false when it was ended before. NOT_FOUND. */
MUST Err *ledger_hold_end(
    DbTx *tx, const char *tenant_id, const char *hold_id, const char *state, Arena *mem,
    LedgerHold *ret, bool *ret_done);

/* ---- the audit ---- */

/* Something that is not as it should be: what of, and the two numbers that should be one. */
typedef struct LedgerFault {
    const char *tenant_id, *subject;
    int64_t said, summed;
} LedgerFault;

typedef struct LedgerCheck {
    const char *sql;  /* rows of LedgerFault */
    const char *what; /* is wrong, in words before the subject */
} LedgerCheck;

extern const LedgerCheck ledger_checks[]; /* ended by one without SQL */

MUST Err *ledger_check_run(DbTx *tx, const LedgerCheck *check, Arena *mem, List *ret);
