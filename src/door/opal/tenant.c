/* Tenants: for the administrator. */
#include "door/opal/opal_priv.h"

typedef struct TenantOut {
    const char *tenant_id, *name, *email;
    int plan;
    const char *tier;
    bool is_tier_of_plan;
    int64_t monthly_quota, images_this_month;
    const char *quota_reset_date;
    int64_t retention_days, requests_per_minute;
    bool suspended;
    int64_t created_at;
    const char *api_key;
} TenantOut;

static const Field TenantOut_fields[] = {
    {FIELD_TEXT(TenantOut, tenant_id), .help = "Name of the tenant, for programs"},
    {FIELD_TEXT(TenantOut, name), .help = "Name of the tenant"},
    {FIELD_TEXT(TenantOut, email), .help = "Address of its owner", .nullable = true},
    {FIELD_NAME(TenantOut, plan, plan_names), .help = "What it has booked"},
    {FIELD_TEXT(TenantOut, tier), .help = "Its plan of the product photo studio", .nullable = true},
    {FIELD_BOOL(TenantOut, is_tier_of_plan), .name = "tier_of_plan",
     .help = "That is what its plan stands for"},
    {FIELD_INT(TenantOut, monthly_quota), .help = "Images a month; null for no limit",
     .nullable = true},
    {FIELD_INT(TenantOut, images_this_month), .help = "Images made or begun this month"},
    {FIELD_TEXT(TenantOut, quota_reset_date), .help = "Day on which a new month begins",
     .format = "date"},
    {FIELD_INT(TenantOut, retention_days), .help = "How long photos and pictures are kept",
     .unit = "days"},
    {FIELD_INT(TenantOut, requests_per_minute),
     .help = "Of its keys and people together; null for as many as its plan allows",
     .nullable = true},
    {FIELD_BOOL(TenantOut, suspended), .help = "Its keys and sessions are refused"},
    {FIELD_TIME(TenantOut, created_at), .help = "When it was made"},
    {FIELD_TEXT(TenantOut, api_key), .help = "Its first key; shown this once", .omit = true},
    {FIELD_END},
};

static TenantOut tenant_out(Call *call, const Tenant *tenant)
{
    return (TenantOut){
        .tenant_id = tenant->id,
        .name = tenant->name,
        .email = *tenant->email ? tenant->email : NULL,
        .plan = tenant->plan,
        .tier = tier_names[tenant_tier(tenant)],
        .is_tier_of_plan = !tenant->tier,
        .monthly_quota = tenant->quota < 0 ? FIELD_NONE : tenant->quota,
        .images_this_month = tenant->used,
        .quota_reset_date = desk_day(call, tenant->reset_ms),
        .retention_days = tenant->retention_days,
        .requests_per_minute = tenant->requests_a_minute ? tenant->requests_a_minute : FIELD_NONE,
        .suspended = tenant->is_suspended,
        .created_at = tenant->created_ms,
    };
}

typedef struct TenantIn {
    const char *name, *email;
    int plan, tier;
    int64_t monthly_quota, credits, retention_days;
} TenantIn;

static const Field TenantIn_fields[] = {
    {FIELD_TEXT(TenantIn, name), .help = "Name of the tenant", .min = 1, .max = 200},
    {FIELD_TEXT(TenantIn, email), .help = "Address of its owner", .optional = true, .max = 254,
     .format = "email"},
    {FIELD_NAME(TenantIn, plan, plan_names),
     .help = "Free has 10 images a month, pro 500, enterprise no limit", .preset = "free"},
    {FIELD_NAME(TenantIn, tier, tier_names),
     .help = "Plan of the product photo studio, with its credits a month in place of the plan's; "
             "if left out, what the plan stands for",
     .optional = true, .nullable = true},
    {FIELD_INT(TenantIn, monthly_quota),
     .help = "Images a month; the plan's if left out, -1 for no limit", .preset = "0", .min = -1,
     .max = 1e9},
    {FIELD_INT(TenantIn, credits), .help = "Credits (US cents) to begin with, besides the plan's",
     .preset = "0", .max = 1e9},
    {FIELD_INT(TenantIn, retention_days), .help = "How long photos and pictures are kept",
     .preset = "30", .min = 1, .max = 3650, .unit = "days"},
    {FIELD_END},
};

HANDLER(tenant_create_handle, TenantIn, TenantOut);

const Endpoint opal_tenant_create = {
    .method = POST,
    .path = "/v1/tenants",
    .id = "opal_tenant_create",
    .summary = "Make a tenant and its first key",
    .about = "The key is shown this once and cannot be had again.",
    .tag = "Tenants",
    .scope = "tenants:admin",
    .ok = 201,
    .in = SHAPE(TenantIn),
    .out = SHAPE(TenantOut),
    .handle = CALLS(tenant_create_handle),
};

static Err *tenant_create_handle(Call *call, const TenantIn *in, TenantOut *out)
{
    const Clerk clerk = desk_clerk(call);
    const TenantWish wish = {
        .name = in->name,
        .email = in->email,
        .plan = in->plan,
        .tier = in->tier < 0 ? NULL : tier_names[in->tier],
        .quota = in->monthly_quota,
        .credits = in->credits,
        .retention_days = in->retention_days,
    };
    const char *key;
    Tenant tenant;

    TRY(office_tenant_create(&clerk, &wish, call_arena(call), &tenant, &key));
    *out = tenant_out(call, &tenant);
    out->api_key = key;
    return NULL;
}

typedef struct TenantListIn {
    const char *after;
    int64_t limit;
} TenantListIn;

static const Field TenantListIn_fields[] = {
    {FIELD_TEXT(TenantListIn, after), .help = "Go on after this tenant", .optional = true,
     .max = 64},
    {FIELD_INT(TenantListIn, limit), .help = "How many at most", .preset = "100", .min = 1,
     .max = 1000},
    {FIELD_END},
};

typedef struct TenantList {
    List tenants;
} TenantList;

static const Shape tenant_out_shape = SHAPE(TenantOut);

static const Field TenantList_fields[] = {
    {FIELD_LIST(TenantList, tenants, &tenant_out_shape), .help = "Tenants, by age"},
    {FIELD_END},
};

HANDLER(tenant_list_handle, TenantListIn, TenantList);

const Endpoint opal_tenant_list = {
    .method = GET,
    .path = "/v1/tenants",
    .id = "opal_tenant_list",
    .summary = "List tenants",
    .about = "When there are more, the header `Link` says where.",
    .tag = "Tenants",
    .scope = "tenants:admin",
    .in = SHAPE(TenantListIn),
    .out = SHAPE_BARE(TenantList),
    .handle = CALLS(tenant_list_handle),
};

static Err *tenant_list_handle(Call *call, const TenantListIn *in, TenantList *out)
{
    const Clerk clerk = desk_clerk(call);
    List found;

    TRY(office_tenant_list(
        &clerk, (OfficePage){in->after, in->limit + 1}, call_arena(call), &found));

    TenantOut *tenants = ARENA_ARRAY(call_arena(call), TenantOut, found.count);
    size_t shown = MIN(found.count, (size_t)in->limit);
    for (size_t i = 0; i < shown; i++)
        tenants[i] = tenant_out(call, &((const Tenant *)found.items)[i]);
    if (found.count > shown)
        desk_next_page(call, "after", tenants[shown - 1].tenant_id, in->limit);
    out->tenants = (List){tenants, shown};
    return NULL;
}

typedef struct TenantNamed {
    const char *id;
} TenantNamed;

static const Field TenantNamed_fields[] = {
    {FIELD_TEXT(TenantNamed, id), .help = "Name of the tenant", .max = 64},
    {FIELD_END},
};

HANDLER(tenant_get_handle, TenantNamed, TenantOut);

const Endpoint opal_tenant_get = {
    .method = GET,
    .path = "/v1/tenants/{id}",
    .id = "opal_tenant_get",
    .summary = "See a tenant",
    .tag = "Tenants",
    .scope = "tenants:admin",
    .in = SHAPE(TenantNamed),
    .out = SHAPE(TenantOut),
    .errors = ERRORS(ERR_NOT_FOUND),
    .handle = CALLS(tenant_get_handle),
};

static Err *tenant_get_handle(Call *call, const TenantNamed *in, TenantOut *out)
{
    const Clerk clerk = desk_clerk(call);
    Tenant tenant;

    TRY(office_tenant_find(&clerk, in->id, call_arena(call), &tenant));
    *out = tenant_out(call, &tenant);
    return NULL;
}

typedef struct QuotaChange {
    const char *id;
    int64_t monthly_quota;
} QuotaChange;

static const Field QuotaChange_fields[] = {
    {FIELD_TEXT(QuotaChange, id), .help = "Name of the tenant", .max = 64},
    {FIELD_INT(QuotaChange, monthly_quota), .help = "Images a month; null or -1 for no limit",
     .nullable = true, .min = -1, .max = 1e9},
    {FIELD_END},
};

HANDLER(tenant_quota_handle, QuotaChange, TenantOut);

const Endpoint opal_tenant_quota = {
    .method = PUT,
    .path = "/v1/tenants/{id}/quota",
    .id = "opal_tenant_quota",
    .summary = "Change how many images a tenant has a month",
    .tag = "Tenants",
    .scope = "tenants:admin",
    .in = SHAPE(QuotaChange),
    .out = SHAPE(TenantOut),
    .errors = ERRORS(ERR_NOT_FOUND),
    .handle = CALLS(tenant_quota_handle),
};

static Err *tenant_quota_handle(Call *call, const QuotaChange *in, TenantOut *out)
{
    const Clerk clerk = desk_clerk(call);
    const int64_t quota = in->monthly_quota == FIELD_NONE ? -1 : in->monthly_quota;
    Tenant tenant;

    TRY(office_tenant_change(
        &clerk, in->id, &(TenantChange){.quota = &quota}, call_arena(call), &tenant));
    *out = tenant_out(call, &tenant);
    return NULL;
}

/* ---- the rest of it ---- */

/* The first stands for none of its own; the others are tier_names. */
static const char *const tier_choices[] = {"plan",         "free",    "standard",
                                           "professional", "premium", NULL};

typedef struct TenantChangeIn {
    const char *id, *name, *email;
    int plan, tier;
    int64_t monthly_quota, requests_per_minute, retention_days;
} TenantChangeIn;

static const Field TenantChangeIn_fields[] = {
    {FIELD_TEXT(TenantChangeIn, id), .help = "Name of the tenant, for programs", .max = 64},
    {FIELD_TEXT(TenantChangeIn, name), .help = "What it is called", .optional = true, .min = 1,
     .max = 200},
    {FIELD_TEXT(TenantChangeIn, email), .help = "Address of its owner; empty for none",
     .optional = true, .max = 254},
    {FIELD_NAME(TenantChangeIn, plan, plan_names),
     .help = "Another plan, with its quota unless monthly_quota says otherwise", .optional = true,
     .nullable = true},
    {FIELD_NAME(TenantChangeIn, tier, tier_choices),
     .help = "Another plan of the product photo studio; plan for what its plan stands for",
     .optional = true, .nullable = true},
    {FIELD_INT(TenantChangeIn, monthly_quota), .help = "Images a month; -1 for no limit",
     .optional = true, .nullable = true, .min = -1, .max = 1e8},
    {FIELD_INT(TenantChangeIn, requests_per_minute),
     .help = "Of its keys and people together; 0 for what its plan allows", .optional = true,
     .nullable = true, .min = 0, .max = 1e6},
    {FIELD_INT(TenantChangeIn, retention_days),
     .help = "How long photos and pictures are kept that are made from now on", .optional = true,
     .nullable = true, .min = 1, .max = 3650, .unit = "days"},
    {FIELD_END},
};

HANDLER(tenant_change_handle, TenantChangeIn, TenantOut);

const Endpoint opal_tenant_change = {
    .method = PATCH,
    .path = "/v1/tenants/{id}",
    .id = "opal_tenant_change",
    .summary = "Change a tenant",
    .about = "What is left out, or null, stays as it is.",
    .tag = "Tenants",
    .scope = "tenants:admin",
    .in = SHAPE(TenantChangeIn),
    .out = SHAPE(TenantOut),
    .errors = ERRORS(ERR_NOT_FOUND),
    .handle = CALLS(tenant_change_handle),
};

static const int64_t *given(const int64_t *number)
{
    return *number == FIELD_NONE ? NULL : number;
}

static Err *tenant_change_handle(Call *call, const TenantChangeIn *in, TenantOut *out)
{
    const Clerk clerk = desk_clerk(call);
    const TenantChange change = {
        .name = in->name,
        .email = in->email,
        .plan = in->plan < 0 ? NULL : &in->plan,
        .tier = in->tier < 0 ? NULL
                : in->tier   ? tier_choices[in->tier]
                             : "",
        .quota = given(&in->monthly_quota),
        .requests_a_minute = given(&in->requests_per_minute),
        .retention_days = given(&in->retention_days),
    };
    Tenant tenant;

    TRY(office_tenant_change(&clerk, in->id, &change, call_arena(call), &tenant));
    *out = tenant_out(call, &tenant);
    return NULL;
}

/* ---- kept out, taken up again ---- */

HANDLER(tenant_suspend_handle, TenantNamed, TenantOut);

const Endpoint opal_tenant_suspend = {
    .method = POST,
    .path = "/v1/tenants/{id}/suspend",
    .id = "opal_tenant_suspend",
    .summary = "Suspend a tenant",
    .about = "From now on its keys and sessions are refused with 403 and a sentence that says why; "
             "streams end within seconds. Work that was accepted before goes on to its end and is "
             "paid for; nothing is deleted. Again is no error.",
    .tag = "Tenants",
    .scope = "tenants:admin",
    .in = SHAPE(TenantNamed),
    .out = SHAPE(TenantOut),
    .errors = ERRORS(ERR_NOT_FOUND, ERR_CONFLICT),
    .handle = CALLS(tenant_suspend_handle),
};

static MUST Err *suspend(Call *call, const char *id, bool is_suspended, TenantOut *out)
{
    const Clerk clerk = desk_clerk(call);
    Tenant tenant;

    TRY(office_tenant_change(
        &clerk, id, &(TenantChange){.is_suspended = &is_suspended}, call_arena(call), &tenant));
    *out = tenant_out(call, &tenant);
    return NULL;
}

static Err *tenant_suspend_handle(Call *call, const TenantNamed *in, TenantOut *out)
{
    return suspend(call, in->id, true, out);
}

HANDLER(tenant_resume_handle, TenantNamed, TenantOut);

const Endpoint opal_tenant_resume = {
    .method = POST,
    .path = "/v1/tenants/{id}/resume",
    .id = "opal_tenant_resume",
    .summary = "Take a suspended tenant up again",
    .about = "Its keys and sessions work as before.",
    .tag = "Tenants",
    .scope = "tenants:admin",
    .in = SHAPE(TenantNamed),
    .out = SHAPE(TenantOut),
    .errors = ERRORS(ERR_NOT_FOUND),
    .handle = CALLS(tenant_resume_handle),
};

static Err *tenant_resume_handle(Call *call, const TenantNamed *in, TenantOut *out)
{
    return suspend(call, in->id, false, out);
}
