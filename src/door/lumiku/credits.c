/* Credits: what there are, what became of them, and what was done with them. */
#include <string.h>

#include "base/clock.h"
#include "base/id.h"
#include "door/lumiku/lumiku_priv.h"
#include "run/batch.h"

/* ---- what there are ---- */

typedef struct CreditPriceOut {
    const char *feature, *description;
    int64_t credits;
    bool available;
} CreditPriceOut;

typedef struct CreditsOut {
    bool success;
    int64_t balance, held, available;
    const char *tier, *tier_name;
    int64_t monthly_credits, used_this_month, reset_at, volume_discount_percent;
    List prices;
} CreditsOut;

static const Field CreditPriceOut_fields[] = {
    {FIELD_TEXT(CreditPriceOut, feature), .help = "What is bought"},
    {FIELD_TEXT(CreditPriceOut, description), .help = "The same in words"},
    {FIELD_INT(CreditPriceOut, credits), .help = "Price, before discounts"},
    {FIELD_BOOL(CreditPriceOut, available), .help = "Does your plan have it?"},
    {FIELD_END},
};
static const Shape credit_price_shape = SHAPE(CreditPriceOut);

static const Field CreditsOut_fields[] = {
    {FIELD_BOOL(CreditsOut, success), .help = "Always true"},
    {FIELD_INT(CreditsOut, balance), .help = "Credits there are"},
    {FIELD_INT(CreditsOut, held), .help = "Of these, set aside for work under way"},
    {FIELD_INT(CreditsOut, available), .help = "Credits that may be spent"},
    {FIELD_TEXT(CreditsOut, tier), .help = "Your plan: free, standard, professional or premium"},
    {FIELD_TEXT(CreditsOut, tier_name), .name = "tierName", .help = "Its name for people"},
    {FIELD_INT(CreditsOut, monthly_credits), .name = "monthlyCredits",
     .help = "Credits that came with this month"},
    {FIELD_INT(CreditsOut, used_this_month), .name = "usedThisMonth",
     .help = "Credits taken this month"},
    {FIELD_TIME(CreditsOut, reset_at), .name = "resetAt", .help = "When the next month begins"},
    {FIELD_INT(CreditsOut, volume_discount_percent), .name = "volumeDiscountPercent",
     .help = "Off all prices by now, for what was used this month", .unit = "%"},
    {FIELD_LIST(CreditsOut, prices, &credit_price_shape), .help = "What there is to buy"},
    {FIELD_END},
};

HANDLER(credits, void, CreditsOut);

const Endpoint lumiku_credits = {
    .method = GET,
    .path = "/api/credits",
    .id = "lumiku_credits",
    .summary = "See how many credits there are, and what they buy",
    .tag = "Credits",
    .scope = "billing:read",
    .out = SHAPE(CreditsOut),
    .handle = CALLS(credits),
};

static List prices_of(TierId tier, Arena *mem)
{
    CreditPriceOut *prices = ARENA_ARRAY(mem, CreditPriceOut, PRICE_MAX_);

    for (Price price = 0; price < PRICE_MAX_; price++)
        prices[price] = (CreditPriceOut){
            .feature = price_name(price),
            .description = price_words(price),
            .credits = price_credits(price),
            .available = tier_has_price(tier, price),
        };
    return (List){prices, PRICE_MAX_};
}

static Err *credits(Call *call, const void *in, CreditsOut *out)
{
    Arena *mem = call_arena(call);
    const Clerk clerk = desk_clerk(call);
    Tenant tenant;
    Buyer buyer;
    Purse purse;

    (void)in;
    TRY(lumiku_buyer(call, &buyer));
    TRY(office_purse_find(&clerk, buyer.tenant_id, &purse));
    TRY(office_tenant_find(&clerk, buyer.tenant_id, mem, &tenant));
    *out = (CreditsOut){
        .success = true,
        .balance = purse.balance,
        .held = purse.held,
        .available = purse.available,
        .tier = tier_names[buyer.tier],
        .tier_name = tiers[buyer.tier].title,
        .monthly_credits = tenant.allowance,
        .used_this_month = buyer.used,
        .reset_at = tenant.reset_ms,
        .volume_discount_percent = price_volume_percent(buyer.used),
        .prices = prices_of((TierId)buyer.tier, mem),
    };
    return NULL;
}

/* ---- what became of them ---- */

typedef struct PageIn {
    const char *before;
    int64_t limit;
} PageIn;

static const Field PageIn_fields[] = {
    {FIELD_TEXT(PageIn, before), .help = "Go on with those older than this one", .optional = true,
     .max = 64},
    {FIELD_INT(PageIn, limit), .help = "How many at most", .preset = "50", .min = 1, .max = 200},
    {FIELD_END},
};

/* Shorten ROWS, which were asked for one too many, and say where the next page begins; NULL when there is none. */
static const char *page_end(Call *call, const PageIn *in, List *rows, size_t row_size)
{
    if (rows->count <= (size_t)in->limit)
        return NULL;
    rows->count = (size_t)in->limit;
    const char *last = *(const char *const *)((char *)rows->items + (rows->count - 1) * row_size);
    desk_next_page(call, "before", last, in->limit);
    return last;
}

typedef struct CreditEntryOut {
    const char *id, *type, *description, *reference_id, *generation_id;
    Said *said;
    int64_t credits, change, balance, held, created_at;
} CreditEntryOut;

typedef struct CreditHistoryOut {
    bool success;
    List entries;
    const char *next_before;
} CreditHistoryOut;

static const Field CreditEntryOut_fields[] = {
    {FIELD_TEXT(CreditEntryOut, id), .help = "Its id"},
    {FIELD_TEXT(CreditEntryOut, type),
     .help =
         "granted, expired, taken (back, by the people who run the studio), reserved, charged or "
         "returned"},
    {FIELD_TEXT(CreditEntryOut, description), .help = "What for, in words"},
    {FIELD_MAYBE(CreditEntryOut, said, Said, &said_shape),
     .help = "What for, without its kind, for translators"},
    {FIELD_TEXT(CreditEntryOut, reference_id), .name = "referenceId",
     .help = "Of the picture, project or export that it is for", .nullable = true},
    {FIELD_TEXT(CreditEntryOut, generation_id), .name = "generationId",
     .help = "The generation that it is for, which may be of many pictures", .nullable = true},
    {FIELD_INT(CreditEntryOut, credits), .help = "Credits that moved"},
    {FIELD_INT(CreditEntryOut, change),
     .help = "Of the balance: what is reserved is not spent yet, so that is 0"},
    {FIELD_INT(CreditEntryOut, balance), .help = "Credits there were after it"},
    {FIELD_INT(CreditEntryOut, held), .help = "Credits set aside after it"},
    {FIELD_TIME(CreditEntryOut, created_at), .name = "createdAt", .help = "When"},
    {FIELD_END},
};
static const Shape credit_entry_shape = SHAPE(CreditEntryOut);

static const Field CreditHistoryOut_fields[] = {
    {FIELD_BOOL(CreditHistoryOut, success), .help = "Always true"},
    {FIELD_LIST(CreditHistoryOut, entries, &credit_entry_shape), .help = "Newest first"},
    {FIELD_TEXT(CreditHistoryOut, next_before), .name = "nextBefore",
     .help = "What `before` takes for the next page; null when this is the last", .nullable = true},
    {FIELD_END},
};

HANDLER(credits_history, PageIn, CreditHistoryOut);

const Endpoint lumiku_credits_history = {
    .method = GET,
    .path = "/api/credits/history",
    .id = "lumiku_credits_history",
    .summary = "See what became of the credits",
    .about = "Every credit that came, was set aside, taken or given back; it sums up to the "
             "balance. When there are more, the header `Link` says where.",
    .tag = "Credits",
    .scope = "billing:read",
    .in = SHAPE(PageIn),
    .out = SHAPE(CreditHistoryOut),
    .errors = ERRORS(ERR_NOT_FOUND),
    .handle = CALLS(credits_history),
};

/* The ledger's words, and a customer's. */
static const struct EntryKind {
    const char *kind, *type, *before; /* before: its reason */
    int sign;
} kinds[] = {
    {"grant", "granted", "", 1},    {"expire", "expired", "", -1},
    {"take", "taken", "", -1},      {"hold", "reserved", "Set aside: ", 0},
    {"capture", "charged", "", -1}, {"release", "returned", "Given back: ", 0},
};

static CreditEntryOut entry_out(const LedgerEntry *entry, Arena *mem)
{
    const struct EntryKind *kind = kinds;

    while (kind < kinds + COUNT(kinds) - 1 && strcmp(kind->kind, entry->kind) != 0)
        kind++;
    return (CreditEntryOut){
        .id = entry->id,
        .type = kind->type,
        .description = arena_print(mem, "%s%s", kind->before, said_plain(entry->reason, mem)),
        .said = said_of(entry->reason, mem),
        .reference_id = entry->subject,
        .credits = entry->credits,
        .change = kind->sign * entry->credits,
        .balance = entry->balance,
        .held = entry->held,
        .created_at = entry->at_ms,
    };
}

/* What is for a picture says of which generation that is. */
static MUST Err *generations_fill(Call *call, const char *tenant_id, const List *entries)
{
    Arena *mem = call_arena(call);
    CreditEntryOut *all = entries->items;
    Texts runs = {ARENA_ARRAY(mem, const char *, entries->count + 1), 0}, batches;

    for (size_t i = 0; i < entries->count; i++)
        if (all[i].reference_id && id_is(all[i].reference_id, "batch"))
            all[i].generation_id = all[i].reference_id;
        else if (all[i].reference_id && id_is(all[i].reference_id, "run"))
            runs.items[runs.count++] = all[i].reference_id;
    if (!runs.count)
        return NULL;
    TRY(batch_of_runs(desk_of(call)->studio, tenant_id, &runs, mem, &batches));
    for (size_t i = 0, at = 0; i < entries->count; i++)
        if (at < runs.count && all[i].reference_id == runs.items[at])
            all[i].generation_id = batches.items[at++];
    return NULL;
}

static Err *credits_history(Call *call, const PageIn *in, CreditHistoryOut *out)
{
    Arena *mem = call_arena(call);
    const Clerk clerk = desk_clerk(call);
    const char *tenant_id;
    List found;

    TRY(desk_tenant(call, NULL, &tenant_id));
    TRY(office_statement(&clerk, tenant_id, (OfficePage){in->before, in->limit + 1}, mem, &found));
    CreditEntryOut *entries = ARENA_ARRAY(mem, CreditEntryOut, found.count + 1);
    for (size_t i = 0; i < found.count; i++)
        entries[i] = entry_out(&((const LedgerEntry *)found.items)[i], mem);
    out->success = true;
    out->entries = (List){entries, found.count};
    TRY(generations_fill(call, tenant_id, &out->entries));
    out->next_before = page_end(call, in, &out->entries, sizeof(CreditEntryOut));
    return NULL;
}

/* ---- what was done with them ---- */

typedef struct UseOut {
    const char *id, *action, *feature, *reference_id, *template_id, *integrated_with, *user_id;
    int64_t pictures, credits_used, created_at;
} UseOut;

typedef struct UsesOut {
    bool success;
    List usage;
    const char *next_before;
} UsesOut;

static const Field UseOut_fields[] = {
    {FIELD_TEXT(UseOut, id), .help = "Its id"},
    {FIELD_TEXT(UseOut, action),
     .help = "upload, process, template, batch, preview, export, cutout, upscale or carousel"},
    {FIELD_TEXT(UseOut, feature), .help = "What it is counted under"},
    {FIELD_TEXT(UseOut, reference_id), .name = "referenceId",
     .help = "Of the generation, export or project", .nullable = true},
    {FIELD_TEXT(UseOut, template_id), .name = "templateId", .help = "Template it was done with",
     .nullable = true},
    {FIELD_TEXT(UseOut, integrated_with), .name = "integratedWith",
     .help = "Sibling app that it was handed over to", .nullable = true},
    {FIELD_TEXT(UseOut, user_id), .name = "userId", .help = "Who did it: a user, or a key"},
    {FIELD_INT(UseOut, pictures), .help = "Photos, pictures or files"},
    {FIELD_INT(UseOut, credits_used), .name = "creditUsed",
     .help = "Credits taken for it by now; work that failed takes none"},
    {FIELD_TIME(UseOut, created_at), .name = "createdAt", .help = "When"},
    {FIELD_END},
};
static const Shape use_shape = SHAPE(UseOut);

static const Field UsesOut_fields[] = {
    {FIELD_BOOL(UsesOut, success), .help = "Always true"},
    {FIELD_LIST(UsesOut, usage, &use_shape), .help = "Newest first"},
    {FIELD_TEXT(UsesOut, next_before), .name = "nextBefore",
     .help = "What `before` takes for the next page; null when this is the last", .nullable = true},
    {FIELD_END},
};

HANDLER(usage, PageIn, UsesOut);

const Endpoint lumiku_usage = {
    .method = GET,
    .path = LUMIKU "/usage",
    .id = "lumiku_usage",
    .summary = "See what was done, and what it cost",
    .tag = "Credits",
    .scope = "billing:read",
    .in = SHAPE(PageIn),
    .out = SHAPE(UsesOut),
    .handle = CALLS(usage),
};

static Err *usage(Call *call, const PageIn *in, UsesOut *out)
{
    Arena *mem = call_arena(call);
    const char *tenant_id;
    List found;

    TRY(desk_tenant(call, NULL, &tenant_id));
    TRY(deed_list(desk_of(call)->studio, tenant_id, in->before, in->limit + 1, mem, &found));
    UseOut *uses = ARENA_ARRAY(mem, UseOut, found.count + 1);
    for (size_t i = 0; i < found.count; i++) {
        const Deed *deed = &((const Deed *)found.items)[i];

        uses[i] = (UseOut){
            .id = deed->id,
            .action = deed->action,
            .feature = deed->feature,
            .reference_id = deed->subject,
            .template_id = deed->template,
            .integrated_with = deed->partner,
            .user_id = deed->user_id,
            .pictures = deed->pictures,
            .credits_used = deed->credits,
            .created_at = deed->at_ms,
        };
    }
    out->success = true;
    out->usage = (List){uses, found.count};
    out->next_before = page_end(call, in, &out->usage, sizeof(UseOut));
    return NULL;
}

/* ---- statistics ---- */

typedef struct StatsOut {
    bool success;
    int64_t total_projects, total_photos, total_processed, total_exported;
    int64_t credits_used, credits_used_this_month, completed, failed;
    double success_rate, average_seconds;
    List features, templates;
} StatsOut;

static const Field ShopFeature_fields[] = {
    {FIELD_TEXT(ShopFeature, feature), .help = "What was bought"},
    {FIELD_INT(ShopFeature, count), .help = "How often"},
    {FIELD_INT(ShopFeature, credits), .help = "Credits taken for it"},
    {FIELD_END},
};
static const Shape stats_feature_shape = {"StatsFeature", sizeof(ShopFeature), ShopFeature_fields};

static const Field ShopTemplate_fields[] = {
    {FIELD_TEXT(ShopTemplate, id), .name = "templateId", .help = "Template"},
    {FIELD_TEXT(ShopTemplate, name), .help = "Its name"},
    {FIELD_INT(ShopTemplate, count), .help = "Photos made with it"},
    {FIELD_END},
};
static const Shape stats_template_shape = {
    "StatsTemplate", sizeof(ShopTemplate), ShopTemplate_fields};

static const Field StatsOut_fields[] = {
    {FIELD_BOOL(StatsOut, success), .help = "Always true"},
    {FIELD_INT(StatsOut, total_projects), .name = "totalProjects", .help = "Projects there are"},
    {FIELD_INT(StatsOut, total_photos), .name = "totalPhotos", .help = "Photos in them"},
    {FIELD_INT(StatsOut, total_processed), .name = "totalProcessed",
     .help = "Photos with a finished picture"},
    {FIELD_INT(StatsOut, total_exported), .name = "totalExported", .help = "Files in exports"},
    {FIELD_INT(StatsOut, credits_used), .name = "creditsUsed", .help = "Credits ever taken"},
    {FIELD_INT(StatsOut, credits_used_this_month), .name = "creditsUsedThisMonth",
     .help = "Credits taken this month"},
    {FIELD_INT(StatsOut, completed), .help = "Pictures made"},
    {FIELD_INT(StatsOut, failed), .help = "Pictures that failed"},
    {FIELD_NUMBER(StatsOut, success_rate), .name = "successRate", .help = "Of 1"},
    {FIELD_NUMBER(StatsOut, average_seconds), .name = "averageSeconds",
     .help = "That a picture took", .unit = "s"},
    {FIELD_LIST(StatsOut, features, &stats_feature_shape),
     .help = "What credits were taken for, the most first"},
    {FIELD_LIST(StatsOut, templates, &stats_template_shape),
     .help = "Templates used most, up to ten"},
    {FIELD_END},
};

HANDLER(stats, void, StatsOut);

const Endpoint lumiku_stats = {
    .method = GET,
    .path = LUMIKU "/stats",
    .id = "lumiku_stats",
    .summary = "See what was made and what it cost, in numbers",
    .tag = "Credits",
    .scope = "billing:read",
    .out = SHAPE(StatsOut),
    .handle = CALLS(stats),
};

static Err *stats(Call *call, const void *in, StatsOut *out)
{
    const char *tenant_id;
    ShopStats found;

    (void)in;
    TRY(desk_tenant(call, NULL, &tenant_id));
    TRY(shop_stats(desk_of(call)->studio, tenant_id, LUMIKU_DOOR, call_arena(call), &found));
    *out = (StatsOut){
        .success = true,
        .total_projects = found.projects,
        .total_photos = found.photos,
        .total_processed = found.processed,
        .total_exported = found.exported,
        .credits_used = found.credits_used,
        .credits_used_this_month = found.credits_used_month,
        .completed = found.completed,
        .failed = found.failed,
        .success_rate = found.success_rate,
        .average_seconds = found.seconds_a_picture,
        .features = found.features,
        .templates = found.templates,
    };
    return NULL;
}
