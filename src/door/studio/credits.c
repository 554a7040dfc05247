/* A tenant's credits, for the administrator: /v1/tenants/{id}/credits. */
#include <inttypes.h>

#include "base/said.h"
#include "door/studio/studio_priv.h"
#include "http/said.h"

typedef struct CreditEntry {
    const char *id, *kind, *reason, *subject;
    Said *said;
    int64_t credits, balance, held, at;
} CreditEntry;

static const Field CreditEntry_fields[] = {
    {FIELD_TEXT(CreditEntry, id), .help = "Its id"},
    {FIELD_TEXT(CreditEntry, kind),
     .help =
         "grant, expire (what is left of an allowance), take (back, by an administrator), hold, "
         "capture or release"},
    {FIELD_TEXT(CreditEntry, reason), .help = "What for"},
    {FIELD_MAYBE(CreditEntry, said, Said, &said_shape), .help = "The same for translators"},
    {FIELD_TEXT(CreditEntry, subject), .help = "Id of what it is for", .nullable = true},
    {FIELD_INT(CreditEntry, credits), .help = "Credits that moved"},
    {FIELD_INT(CreditEntry, balance), .help = "Credits there were after it"},
    {FIELD_INT(CreditEntry, held), .help = "Credits set aside after it"},
    {FIELD_TIME(CreditEntry, at), .help = "When"},
    {FIELD_END},
};
static const Shape credit_entry_shape = SHAPE(CreditEntry);

typedef struct TenantCredits {
    int64_t available, balance, held, line;
    List entries;
} TenantCredits;

static const Field TenantCredits_fields[] = {
    {FIELD_INT(TenantCredits, available), .help = "Credits that may be spent"},
    {FIELD_INT(TenantCredits, balance), .help = "Credits there are"},
    {FIELD_INT(TenantCredits, held), .help = "Of them, set aside for work under way"},
    {FIELD_INT(TenantCredits, line), .help = "How far below zero it may go"},
    {FIELD_LIST(TenantCredits, entries, &credit_entry_shape), .help = "Newest first"},
    {FIELD_END},
};

typedef struct CreditsIn {
    const char *id, *before;
    int64_t limit;
} CreditsIn;

static const Field CreditsIn_fields[] = {
    {FIELD_TEXT(CreditsIn, id), .help = "Name of the tenant, for programs", .max = 64},
    {FIELD_TEXT(CreditsIn, before), .help = "Go on with those older than this one",
     .optional = true, .max = 64},
    {FIELD_INT(CreditsIn, limit), .help = "How many at most", .preset = "20", .min = 1, .max = 500},
    {FIELD_END},
};

HANDLER(credits_get, CreditsIn, TenantCredits);

const Endpoint studio_credits_get = {
    .method = GET,
    .path = "/v1/tenants/{id}/credits",
    .id = "studio_credits_get",
    .summary = "See a tenant's credits, and what became of them",
    .about = "When there are more entries, the header `Link` says where.",
    .tag = "Credits",
    .scope = "tenants:admin",
    .in = SHAPE(CreditsIn),
    .out = SHAPE(TenantCredits),
    .errors = ERRORS(ERR_NOT_FOUND),
    .handle = CALLS(credits_get),
};

static MUST Err *
credits_tell(Call *call, const char *tenant_id, OfficePage page, TenantCredits *out)
{
    const Clerk clerk = desk_clerk(call);
    Purse purse;
    List found;

    TRY(office_purse_find(&clerk, tenant_id, &purse));
    page.limit++;
    TRY(office_statement(&clerk, tenant_id, page, call_arena(call), &found));
    page.limit--;

    CreditEntry *entries = ARENA_ARRAY(call_arena(call), CreditEntry, found.count + 1);
    size_t shown = MIN(found.count, (size_t)page.limit);
    for (size_t i = 0; i < shown; i++) {
        const LedgerEntry *entry = &((const LedgerEntry *)found.items)[i];

        entries[i] = (CreditEntry){
            .id = entry->id,
            .kind = entry->kind,
            .reason = said_plain(entry->reason, call_arena(call)),
            .said = said_of(entry->reason, call_arena(call)),
            .subject = entry->subject,
            .credits = entry->credits,
            .balance = entry->balance,
            .held = entry->held,
            .at = entry->at_ms,
        };
    }
    if (found.count > shown)
        desk_next_page(call, "before", entries[shown - 1].id, page.limit);
    *out =
        (TenantCredits){purse.available, purse.balance, purse.held, purse.line, {entries, shown}};
    return NULL;
}

static Err *credits_get(Call *call, const CreditsIn *in, TenantCredits *out)
{
    return credits_tell(call, in->id, (OfficePage){in->before, in->limit}, out);
}

/* ---- given, taken ---- */

typedef struct CreditsMove {
    const char *id, *reason;
    int64_t credits;
} CreditsMove;

static const Field CreditsMove_fields[] = {
    {FIELD_TEXT(CreditsMove, id), .help = "Name of the tenant, for programs", .max = 64},
    {FIELD_INT(CreditsMove, credits), .help = "How many are given; fewer than 0 are taken",
     .min = -1e9, .max = 1e9},
    {FIELD_TEXT(CreditsMove, reason), .help = "Why; stands in the tenant's statement", .min = 1,
     .max = 200},
    {FIELD_END},
};

HANDLER(credits_move, CreditsMove, TenantCredits);

const Endpoint studio_credits_move = {
    .method = POST,
    .path = "/v1/tenants/{id}/credits",
    .id = "studio_credits_move",
    .summary = "Give a tenant credits, or take some",
    .about = "A credit is a US cent. What is set aside for work under way cannot be taken. Send an "
             "`Idempotency-Key`, and a request that comes twice moves them once.",
    .tag = "Credits",
    .scope = "tenants:admin",
    .in = SHAPE(CreditsMove),
    .out = SHAPE(TenantCredits),
    .errors = ERRORS(ERR_NOT_FOUND, ERR_CONFLICT),
    .retried = true,
    .handle = CALLS(credits_move),
};

static MUST Err *nothing_moves(void)
{
    return err_field(
        err_public(
            err_new(ERR_INPUT_INVALID, "no credits are to move"),
            "credits must be more than 0 to give some, or less to take some."),
        "/credits");
}

static Err *credits_move(Call *call, const CreditsMove *in, TenantCredits *out)
{
    const Clerk clerk = desk_clerk(call);
    const Id id = id_new(in->credits < 0 ? "take" : "grant");
    const LedgerMove move = {
        .tenant_id = in->id,
        .key = id.text,
        .reason = in->reason,
        .credits = in->credits < 0 ? -in->credits : in->credits,
    };
    bool is_moved;

    if (!in->credits)
        return nothing_moves();
    TRY(in->credits < 0 ? office_credits_take(&clerk, &move, &is_moved)
                        : office_credits_grant(&clerk, &move, &is_moved));
    return credits_tell(call, in->id, (OfficePage){.limit = 20}, out);
}
