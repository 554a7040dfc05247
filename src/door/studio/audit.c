/* Who did what: /v1/audit. */
#include <string.h>

#include "door/studio/studio_priv.h"

typedef struct AuditIn {
    const char *tenant_id, *before;
    int64_t limit;
} AuditIn;

static const Field AuditIn_fields[] = {
    {FIELD_TEXT(AuditIn, tenant_id),
     .help = "Whose; your own if left out, all for every account, for administrators",
     .optional = true, .max = 64},
    {FIELD_TEXT(AuditIn, before), .help = "Go on with those older than this one", .optional = true,
     .max = 64},
    {FIELD_INT(AuditIn, limit), .help = "How many at most", .preset = "50", .min = 1, .max = 500},
    {FIELD_END},
};

typedef struct AuditOut {
    const char *id, *action, *tenant_id, *tenant_name, *actor, *actor_name, *subject, *subject_name,
        *address;
    const Value *detail;
    int64_t at;
} AuditOut;

static const Field AuditOut_fields[] = {
    {FIELD_TEXT(AuditOut, id), .help = "Its id"},
    {FIELD_TIME(AuditOut, at), .help = "When"},
    {FIELD_TEXT(AuditOut, action), .help = "What was done, such as tenant.suspend or key.revoke"},
    {FIELD_TEXT(AuditOut, actor),
     .help = "Who did it: id of a user or key; house for an operator at the machine, or the studio "
             "itself"},
    {FIELD_TEXT(AuditOut, actor_name), .help = "Its address or name, as it is now",
     .nullable = true},
    {FIELD_TEXT(AuditOut, tenant_id), .help = "Account it befell; null for the studio itself",
     .nullable = true},
    {FIELD_TEXT(AuditOut, tenant_name), .help = "What that is called now", .nullable = true},
    {FIELD_TEXT(AuditOut, subject), .help = "Id of what it was done to", .nullable = true},
    {FIELD_TEXT(AuditOut, subject_name), .help = "What that is called now", .nullable = true},
    {FIELD_TEXT(AuditOut, address), .help = "Where it came from", .nullable = true},
    {FIELD_MAP(AuditOut, detail), .help = "More of it; never a secret", .nullable = true},
    {FIELD_END},
};
static const Shape audit_out_shape = SHAPE(AuditOut);

typedef struct AuditList {
    List entries;
} AuditList;

static const Field AuditList_fields[] = {
    {FIELD_LIST(AuditList, entries, &audit_out_shape), .help = "Newest first"},
    {FIELD_END},
};

HANDLER(audit_list_handle, AuditIn, AuditList);

const Endpoint studio_audit_list = {
    .method = GET,
    .path = "/v1/audit",
    .id = "studio_audit_list",
    .summary = "See who did what",
    .about =
        "What was changed of accounts, people, keys, credits and queues. It is only ever added "
        "to. When there are more, the header `Link` says where.",
    .tag = "Audit",
    .scope = "audit:read",
    .in = SHAPE(AuditIn),
    .out = SHAPE(AuditList),
    .handle = CALLS(audit_list_handle),
};

static AuditOut audit_out(const AuditRow *row)
{
    return (AuditOut){
        .id = row->id,
        .at = row->at_ms,
        .action = row->action,
        .actor = row->actor,
        .actor_name = row->actor_name,
        .tenant_id = row->tenant_id,
        .tenant_name = row->tenant_name,
        .subject = row->subject,
        .subject_name = row->subject_name,
        .address = row->address,
        .detail = row->detail,
    };
}

static MUST Err *reach_find(const Call *call, const char *asked, const char **ret)
{
    *ret = NULL;
    if (asked && strcmp(asked, "all") == 0 && desk_caller(call)->role == ROLE_ADMIN)
        return NULL;
    return desk_tenant(call, asked, ret);
}

static Err *audit_list_handle(Call *call, const AuditIn *in, AuditList *out)
{
    const Clerk clerk = desk_clerk(call);
    const char *tenant_id;
    List found;

    TRY(reach_find(call, in->tenant_id, &tenant_id));
    TRY(office_audit_list(
        &clerk, tenant_id, (OfficePage){in->before, in->limit + 1}, call_arena(call), &found));

    AuditOut *entries = ARENA_ARRAY(call_arena(call), AuditOut, found.count + 1);
    size_t shown = MIN(found.count, (size_t)in->limit);
    for (size_t i = 0; i < shown; i++)
        entries[i] = audit_out(&((const AuditRow *)found.items)[i]);
    if (found.count > shown)
        desk_next_page(call, "before", entries[shown - 1].id, in->limit);
    out->entries = (List){entries, shown};
    return NULL;
}
