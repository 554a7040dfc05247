/* What was made, day by day: /v1/usage. */
#include <string.h>

#include "base/clock.h"
#include "door/studio/studio_priv.h"

#define DAY_MS ((int64_t)24 * 60 * 60 * 1000)

typedef struct UsageIn {
    const char *tenant_id;
    int64_t days;
} UsageIn;

static const Field UsageIn_fields[] = {
    {FIELD_TEXT(UsageIn, tenant_id), .help = "Whose; your own if left out", .optional = true,
     .max = 64},
    {FIELD_INT(UsageIn, days), .help = "How many days, today the last", .preset = "30", .min = 1,
     .max = 366},
    {FIELD_END},
};

typedef struct UsageOut {
    const char *date;
    int64_t images;
} UsageOut;

static const Field UsageOut_fields[] = {
    {FIELD_TEXT(UsageOut, date), .help = "Day, UTC", .format = "date"},
    {FIELD_INT(UsageOut, images), .help = "Pictures made"},
    {FIELD_END},
};
static const Shape usage_out_shape = SHAPE(UsageOut);

typedef struct UsageList {
    List days;
} UsageList;

static const Field UsageList_fields[] = {
    {FIELD_LIST(UsageList, days, &usage_out_shape), .help = "All days asked for, oldest first"},
    {FIELD_END},
};

HANDLER(usage_list, UsageIn, UsageList);

const Endpoint studio_usage_list = {
    .method = GET,
    .path = "/v1/usage",
    .id = "studio_usage_list",
    .summary = "See how many pictures were made, day by day",
    .tag = "Usage",
    .scope = "billing:read",
    .in = SHAPE(UsageIn),
    .out = SHAPE(UsageList),
    .handle = CALLS(usage_list),
};

static int64_t images_of(const List *found, const char *date)
{
    for (size_t i = 0; i < found->count; i++) {
        const UsageDay *day = &((const UsageDay *)found->items)[i];

        if (strcmp(day->date, date) == 0)
            return day->images;
    }
    return 0;
}

static Err *usage_list(Call *call, const UsageIn *in, UsageList *out)
{
    const Clerk clerk = desk_clerk(call);
    int64_t until_ms = (clock_now_ms() / DAY_MS + 1) * DAY_MS;
    int64_t from_ms = until_ms - in->days * DAY_MS;
    UsageOut *days = ARENA_ARRAY(call_arena(call), UsageOut, (size_t)in->days);
    const char *tenant_id;
    List found;

    TRY(desk_tenant(call, in->tenant_id, &tenant_id));
    TRY(office_usage_days(
        &clerk, tenant_id, &(OfficeSpan){from_ms, until_ms}, call_arena(call), &found));
    for (int64_t i = 0; i < in->days; i++) {
        const char *date = desk_day(call, from_ms + i * DAY_MS);

        days[i] = (UsageOut){date, images_of(&found, date)};
    }
    out->days = (List){days, (size_t)in->days};
    return NULL;
}
