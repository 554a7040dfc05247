/* Keys for programs: /v1/keys. */
#include "base/clock.h"
#include "door/studio/studio_priv.h"

#define DAY_MS ((int64_t)24 * 60 * 60 * 1000)

typedef struct KeyOut {
    const char *id, *name, *hint;
    int role;
    Texts scopes;
    int64_t created_at, expires_at, used_at, revoked_at;
    const char *secret;
} KeyOut;

static const Field KeyOut_fields[] = {
    {FIELD_TEXT(KeyOut, id), .help = "Id"},
    {FIELD_TEXT(KeyOut, name), .help = "What it is for"},
    {FIELD_TEXT(KeyOut, hint), .help = "Its first letters, to know it by"},
    {FIELD_NAME(KeyOut, role, role_names), .help = "Role"},
    {FIELD_TEXTS(KeyOut, scopes), .help = "What of its role it may do; empty for all"},
    {FIELD_TIME(KeyOut, created_at), .help = "When it was made"},
    {FIELD_TIME(KeyOut, expires_at), .help = "When it ends; null for never", .nullable = true},
    {FIELD_TIME(KeyOut, used_at), .help = "When it was used last; null for never",
     .nullable = true},
    {FIELD_TIME(KeyOut, revoked_at), .help = "When it was revoked; null for never",
     .nullable = true},
    {FIELD_TEXT(KeyOut, secret), .help = "The key itself; shown this once", .omit = true},
    {FIELD_END},
};
static const Shape key_out_shape = SHAPE(KeyOut);

static int64_t time_or_none(int64_t at_ms)
{
    return at_ms ? at_ms : FIELD_NONE;
}

static KeyOut key_out(const Key *key, const char *secret)
{
    return (KeyOut){
        .id = key->id,
        .name = key->name,
        .hint = key->hint,
        .role = key->role,
        .scopes = key->scopes,
        .created_at = key->created_ms,
        .expires_at = time_or_none(key->expires_ms),
        .used_at = time_or_none(key->used_ms),
        .revoked_at = time_or_none(key->revoked_ms),
        .secret = secret,
    };
}

/* ---- list ---- */

typedef struct KeyListIn {
    const char *tenant_id, *after;
    int64_t limit;
} KeyListIn;

static const Field KeyListIn_fields[] = {
    {FIELD_TEXT(KeyListIn, tenant_id), .help = STUDIO_WHOSE, .optional = true, .max = 64},
    {FIELD_TEXT(KeyListIn, after), .help = "Go on after this key", .optional = true, .max = 64},
    {FIELD_INT(KeyListIn, limit), .help = "How many at most", .preset = "100", .min = 1,
     .max = 1000},
    {FIELD_END},
};

typedef struct KeyList {
    List keys;
} KeyList;

static const Field KeyList_fields[] = {
    {FIELD_LIST(KeyList, keys, &key_out_shape), .help = "Keys, by age"},
    {FIELD_END},
};

HANDLER(key_list_handle, KeyListIn, KeyList);

const Endpoint studio_key_list = {
    .method = GET,
    .path = "/v1/keys",
    .id = "studio_key_list",
    .summary = "List keys",
    .about = "Their secrets are never shown. When there are more, the header `Link` says where.",
    .tag = "Keys",
    .scope = "keys:read",
    .in = SHAPE(KeyListIn),
    .out = SHAPE(KeyList),
    .handle = CALLS(key_list_handle),
};

static Err *key_list_handle(Call *call, const KeyListIn *in, KeyList *out)
{
    const Clerk clerk = desk_clerk(call);
    const char *tenant_id;
    List found;

    TRY(studio_owner(call, in->tenant_id, &tenant_id));
    TRY(office_key_list(
        &clerk, tenant_id, (OfficePage){in->after, in->limit + 1}, call_arena(call), &found));

    KeyOut *keys = ARENA_ARRAY(call_arena(call), KeyOut, found.count + 1);
    size_t shown = MIN(found.count, (size_t)in->limit);
    for (size_t i = 0; i < shown; i++)
        keys[i] = key_out(&((const Key *)found.items)[i], NULL);
    if (found.count > shown)
        desk_next_page(call, "after", keys[shown - 1].id, in->limit);
    out->keys = (List){keys, shown};
    return NULL;
}

/* ---- make ---- */

typedef struct KeyIn {
    const char *tenant_id, *name;
    int role;
    Texts scopes;
    int64_t expires_in_days;
} KeyIn;

static const Field KeyIn_fields[] = {
    {FIELD_TEXT(KeyIn, tenant_id), .help = STUDIO_WHOSE, .optional = true, .max = 64},
    {FIELD_TEXT(KeyIn, name), .help = "What it is for", .min = 1, .max = 100},
    {FIELD_NAME(KeyIn, role, role_names), .help = "viewer sees, editor makes, owner also manages",
     .preset = "editor"},
    {FIELD_TEXTS(KeyIn, scopes), .help = "What of its role it may do; all if left out",
     .optional = true},
    {FIELD_INT(KeyIn, expires_in_days), .help = "0 for never", .preset = "0", .max = 3650,
     .unit = "days"},
    {FIELD_END},
};

HANDLER(key_create_handle, KeyIn, KeyOut);

const Endpoint studio_key_create = {
    .method = POST,
    .path = "/v1/keys",
    .id = "studio_key_create",
    .summary = "Make a key",
    .about = "`secret` is shown this once and cannot be had again. Nobody gives more than they may "
             "themselves.",
    .tag = "Keys",
    .scope = "keys:write",
    .ok = 201,
    .in = SHAPE(KeyIn),
    .out = SHAPE(KeyOut),
    .handle = CALLS(key_create_handle),
};

static Err *key_create_handle(Call *call, const KeyIn *in, KeyOut *out)
{
    const Clerk clerk = desk_clerk(call);
    KeyWish wish = {.name = in->name, .role = in->role, .scopes = in->scopes};
    const char *secret;
    Key key;

    TRY(desk_tenant(call, in->tenant_id, &wish.tenant_id));
    if (in->expires_in_days)
        wish.expires_ms = clock_now_ms() + in->expires_in_days * DAY_MS;
    if (!caller_may_grant(clerk.caller, wish.role, &wish.scopes))
        return err_public(
            err_new(ERR_FORBIDDEN, "a key with more rights than its maker"),
            "A key may do no more than you may yourself.");
    TRY(office_key_create(&clerk, &wish, call_arena(call), &key, &secret));
    *out = key_out(&key, secret);
    return NULL;
}

/* ---- revoke ---- */

typedef struct KeyNamed {
    const char *id, *tenant_id;
} KeyNamed;

static const Field KeyNamed_fields[] = {
    {FIELD_TEXT(KeyNamed, id), .help = "Id of the key", .max = 64},
    {FIELD_TEXT(KeyNamed, tenant_id), .help = STUDIO_WHOSE, .optional = true, .max = 64},
    {FIELD_END},
};

HANDLER(key_revoke_handle, KeyNamed, void);

const Endpoint studio_key_revoke = {
    .method = DELETE,
    .path = "/v1/keys/{id}",
    .id = "studio_key_revoke",
    .summary = "Revoke a key",
    .about = "At once and for good.",
    .tag = "Keys",
    .scope = "keys:write",
    .ok = 204,
    .in = SHAPE(KeyNamed),
    .errors = ERRORS(ERR_NOT_FOUND),
    .handle = CALLS(key_revoke_handle),
};

static Err *key_revoke_handle(Call *call, const KeyNamed *in, void *out)
{
    const Clerk clerk = desk_clerk(call);
    const char *tenant_id;

    (void)out;
    TRY(studio_owner(call, in->tenant_id, &tenant_id));
    return office_key_revoke(&clerk, tenant_id, in->id);
}
