/* GET /v1/quota. */
#include "door/opal/opal_priv.h"

typedef struct QuotaIn {
    const char *tenant_id;
} QuotaIn;

static const Field QuotaIn_fields[] = {
    {FIELD_TEXT(QuotaIn, tenant_id), .help = "Whose; your own if left out", .optional = true,
     .max = 64},
    {FIELD_END},
};

typedef struct QuotaOut {
    int64_t quota, used, remaining;
    const char *reset_date;
} QuotaOut;

static const Field QuotaOut_fields[] = {
    {FIELD_INT(QuotaOut, quota), .help = "Images a month; null for no limit", .nullable = true},
    {FIELD_INT(QuotaOut, used), .help = "Images made or begun this month"},
    {FIELD_INT(QuotaOut, remaining), .help = "Images left this month; null for no limit",
     .nullable = true},
    {FIELD_TEXT(QuotaOut, reset_date), .help = "Day on which a new month begins", .format = "date"},
    {FIELD_END},
};

HANDLER(quota_get, QuotaIn, QuotaOut);

const Endpoint opal_quota_get = {
    .method = GET,
    .path = "/v1/quota",
    .id = "opal_quota_get",
    .summary = "See how many images are left this month",
    .tag = "Quota",
    .scope = "quota:read",
    .in = SHAPE(QuotaIn),
    .out = SHAPE(QuotaOut),
    .errors = ERRORS(ERR_NOT_FOUND),
    .handle = CALLS(quota_get),
};

static Err *quota_get(Call *call, const QuotaIn *in, QuotaOut *out)
{
    const Clerk clerk = desk_clerk(call);
    const char *tenant_id;
    Quota quota;

    TRY(desk_tenant(call, in->tenant_id, &tenant_id));
    TRY(office_quota_find(&clerk, tenant_id, &quota));
    bool is_limited = quota.quota >= 0;
    *out = (QuotaOut){
        .quota = is_limited ? quota.quota : FIELD_NONE,
        .used = quota.used,
        .remaining = is_limited ? quota.remaining : FIELD_NONE,
        .reset_date = desk_day(call, quota.reset_ms),
    };
    return NULL;
}
