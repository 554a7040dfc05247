/* What is done to credits from outside, with its line in the audit; and the audit itself. */
#include "account/office.h"

typedef struct Errand {
    const Clerk *clerk;
    const char *tenant_id;
    OfficePage page;
    OfficeSpan span;
    const LedgerMove *move;
    Arena *mem;
    bool *moved;
    Purse *purse;
    List *rows;
    Texts *wrong;
} Errand;

typedef Err *LedgerMoving(DbTx *tx, const LedgerMove *move, bool *ret_moved);

static MUST Err *
credits_move(DbTx *tx, const Errand *errand, const char *action, LedgerMoving *ledger_move)
{
    const LedgerMove *move = errand->move;
    const Once *once = &errand->clerk->once;
    AUTO(value_free) Value *detail = value_object();
    const char *made;

    *errand->moved = false;
    TRY(once_claim(tx, once, errand->mem, &made));
    if (made)
        return NULL;
    TRY(ledger_move(tx, move, errand->moved));
    TRY(once_keep(tx, once, move->key));
    value_set(detail, "credits", value_of_int(move->credits));
    value_set(detail, "key", value_of_text(move->key));
    value_set(detail, "reason", value_of_text(move->reason));
    if (!*errand->moved)
        return NULL;
    return audit_add(
        tx, &(Audit){
                .tenant_id = move->tenant_id,
                .caller = errand->clerk->caller,
                .action = action,
                .subject = move->tenant_id,
                .detail = detail,
                .address = errand->clerk->address,
            });
}

static Err *grant_work(DbTx *tx, void *errand)
{
    return credits_move(tx, errand, "credits.grant", ledger_grant);
}

static Err *take_work(DbTx *tx, void *errand)
{
    return credits_move(tx, errand, "credits.take", ledger_take);
}

Err *office_credits_take(const Clerk *clerk, const LedgerMove *move, bool *ret_moved)
{
    AUTO(arena_free) Arena *mem = arena_new();

    return db_write(
        accounts_db(clerk->accounts), take_work,
        &(Errand){.clerk = clerk, .move = move, .moved = ret_moved, .mem = mem});
}

Err *office_credits_grant(const Clerk *clerk, const LedgerMove *move, bool *ret_moved)
{
    AUTO(arena_free) Arena *mem = arena_new();

    return db_write(
        accounts_db(clerk->accounts), grant_work,
        &(Errand){.clerk = clerk, .move = move, .moved = ret_moved, .mem = mem});
}

static Err *purse_work(DbTx *tx, void *context)
{
    const Errand *errand = context;

    return ledger_purse(tx, errand->tenant_id, errand->purse);
}

Err *office_purse_find(const Clerk *clerk, const char *tenant_id, Purse *ret)
{
    return db_read(
        accounts_db(clerk->accounts), purse_work, &(Errand){.tenant_id = tenant_id, .purse = ret});
}

static Err *statement_work(DbTx *tx, void *context)
{
    const Errand *errand = context;
    Purse purse;

    TRY(ledger_purse(tx, errand->tenant_id, &purse)); /* NOT_FOUND rather than an empty list */
    return ledger_entries(
        tx, errand->tenant_id, errand->page.after, errand->page.limit, errand->mem, errand->rows);
}

Err *office_statement(
    const Clerk *clerk, const char *tenant_id, OfficePage page, Arena *mem, List *ret)
{
    return db_read(
        accounts_db(clerk->accounts), statement_work,
        &(Errand){.tenant_id = tenant_id, .page = page, .mem = mem, .rows = ret});
}

static Err *usage_days_work(DbTx *tx, void *context)
{
    const Errand *errand = context;

    return usage_days(
        tx, errand->tenant_id, errand->span.from_ms, errand->span.until_ms, errand->mem,
        errand->rows);
}

Err *office_usage_days(
    const Clerk *clerk, const char *tenant_id, const OfficeSpan *span, Arena *mem, List *ret)
{
    return db_read(
        accounts_db(clerk->accounts), usage_days_work,
        &(Errand){.tenant_id = tenant_id, .span = *span, .mem = mem, .rows = ret});
}

static Err *ledger_audit_work(DbTx *tx, void *context)
{
    const Errand *errand = context;

    return ledger_audit(tx, errand->mem, errand->wrong);
}

Err *office_ledger_audit(const Clerk *clerk, Arena *mem, Texts *ret_wrong)
{
    return db_read(
        accounts_db(clerk->accounts), ledger_audit_work, &(Errand){.mem = mem, .wrong = ret_wrong});
}

static Err *audit_list_work(DbTx *tx, void *context)
{
    const Errand *errand = context;

    return audit_list(
        tx, errand->tenant_id, errand->page.after, errand->page.limit, errand->mem, errand->rows);
}

Err *office_audit_list(
    const Clerk *clerk, const char *tenant_id, OfficePage page, Arena *mem, List *ret)
{
    return db_read(
        accounts_db(clerk->accounts), audit_list_work,
        &(Errand){.tenant_id = tenant_id, .page = page, .mem = mem, .rows = ret});
}
