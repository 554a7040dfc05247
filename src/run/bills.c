/* What vendors were paid for a run. */
#include <string.h>

#include "run/run_priv.h"

/* "fal_api_call", as OPAL's document has it; in MEM. */
static const char *bill_kind(const char *vendor, Arena *mem)
{
    char *kind = arena_print(mem, "%s_api_call", vendor);

    for (char *at = kind; *at; at++)
        if (*at == '.' || *at == '-')
            *at = '_';
    return kind;
}

Err *bills_note(DbTx *tx, const RunTask *task, const Value *bills)
{
    AUTO(arena_free) Arena *mem = arena_new();

    for (size_t i = 0; i < value_count(bills); i++) {
        const Value *bill = value_at(bills, i);

        TRY(usage_add(
            tx, &(UsageEvent){
                    .tenant_id = task->tenant_id,
                    .project_id = task->project_id,
                    .run_id = task->id,
                    .kind = bill_kind(value_text(value_get(bill, "vendor")), mem),
                    .cost_micro_usd = value_int(value_get(bill, "cost_micro_usd")),
                    .is_ours = true,
                    .detail = bill,
                }));
    }
    return NULL;
}
