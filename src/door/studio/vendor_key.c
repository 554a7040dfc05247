/* Tenants' own keys at vendors: /v1/vendor-keys. */
#include "door/studio/studio_priv.h"

typedef struct VendorKeyOut {
    const char *vendor, *hint;
    int64_t created_at, used_at;
} VendorKeyOut;

static const Field VendorKeyOut_fields[] = {
    {FIELD_TEXT(VendorKeyOut, vendor), .help = "Whose key it is"},
    {FIELD_TEXT(VendorKeyOut, hint), .help = "Its last four letters"},
    {FIELD_TIME(VendorKeyOut, created_at), .help = "When it was set"},
    {FIELD_TIME(VendorKeyOut, used_at), .help = "When it was used last, to the hour",
     .optional = true, .nullable = true},
    {FIELD_END},
};

static const Shape vendor_key_shape = SHAPE(VendorKeyOut);

static VendorKeyOut key_of(const TenantKey *key)
{
    return (VendorKeyOut){
        .vendor = key->vendor,
        .hint = key->hint,
        .created_at = key->created_ms,
        .used_at = key->used_ms ? key->used_ms : FIELD_NONE,
    };
}

typedef struct VendorKeyListIn {
    const char *tenant_id;
} VendorKeyListIn;

static const Field VendorKeyListIn_fields[] = {
    {FIELD_TEXT(VendorKeyListIn, tenant_id), .help = "Whose; your own if left out",
     .optional = true, .max = 64},
    {FIELD_END},
};

typedef struct VendorKeyList {
    List keys;
} VendorKeyList;

static const Field VendorKeyList_fields[] = {
    {FIELD_LIST(VendorKeyList, keys, &vendor_key_shape), .help = "Keys, by vendor"},
    {FIELD_END},
};

HANDLER(vendor_key_list, VendorKeyListIn, VendorKeyList);

const Endpoint studio_vendor_key_list = {
    .method = GET,
    .path = "/v1/vendor-keys",
    .id = "studio_vendor_key_list",
    .summary = "List your own keys at vendors",
    .about = "Their secrets are never shown.",
    .tag = "Vendors",
    .scope = "vendor-keys:read",
    .in = SHAPE(VendorKeyListIn),
    .out = SHAPE(VendorKeyList),
    .errors = ERRORS(ERR_NOT_FOUND),
    .handle = CALLS(vendor_key_list),
};

static Err *vendor_key_list(Call *call, const VendorKeyListIn *in, VendorKeyList *out)
{
    const char *tenant_id;
    List keys;

    TRY(desk_tenant(call, in->tenant_id, &tenant_id));
    TRY(tenant_key_list(desk_of(call)->errands, tenant_id, call_arena(call), &keys));
    VendorKeyOut *shown = ARENA_ARRAY(call_arena(call), VendorKeyOut, keys.count);
    for (size_t i = 0; i < keys.count; i++)
        shown[i] = key_of(&((const TenantKey *)keys.items)[i]);
    out->keys = (List){shown, keys.count};
    return NULL;
}

typedef struct VendorKeyIn {
    const char *vendor, *tenant_id, *secret;
} VendorKeyIn;

static const Field VendorKeyIn_fields[] = {
    {FIELD_TEXT(VendorKeyIn, vendor), .help = "Name of the vendor: openai, fal, replicate, ...",
     .max = 40},
    {FIELD_TEXT(VendorKeyIn, tenant_id), .help = "Whose; your own if left out", .optional = true,
     .max = 64},
    {FIELD_TEXT(VendorKeyIn, secret), .help = "The key, as the vendor shows it", .max = 500},
    {FIELD_END},
};

HANDLER(vendor_key_set, VendorKeyIn, VendorKeyOut);

const Endpoint studio_vendor_key_set = {
    .method = PUT,
    .path = "/v1/vendor-keys/{vendor}",
    .id = "studio_vendor_key_set",
    .summary = "Set your own key at a vendor",
    .about = "From now on that vendor is asked with this key, and what it costs is on your account "
             "there. The key is kept "
             "sealed and never shown again.",
    .tag = "Vendors",
    .scope = "vendor-keys:write",
    .in = SHAPE(VendorKeyIn),
    .out = SHAPE(VendorKeyOut),
    .errors = ERRORS(ERR_NOT_FOUND, ERR_CONFLICT),
    .handle = CALLS(vendor_key_set),
};

static Err *vendor_key_set(Call *call, const VendorKeyIn *in, VendorKeyOut *out)
{
    const Clerk clerk = desk_clerk(call);
    TenantKeyWish wish = {.vendor = in->vendor, .secret = in->secret};
    TenantKey key;

    TRY(desk_tenant(call, in->tenant_id, &wish.tenant_id));
    TRY(tenant_key_set(desk_of(call)->errands, &clerk, &wish, call_arena(call), &key));
    *out = key_of(&key);
    return NULL;
}

typedef struct VendorKeyNamed {
    const char *vendor, *tenant_id;
} VendorKeyNamed;

static const Field VendorKeyNamed_fields[] = {
    {FIELD_TEXT(VendorKeyNamed, vendor), .help = "Name of the vendor", .max = 40},
    {FIELD_TEXT(VendorKeyNamed, tenant_id), .help = "Whose; your own if left out", .optional = true,
     .max = 64},
    {FIELD_END},
};

HANDLER(vendor_key_drop, VendorKeyNamed, void);

const Endpoint studio_vendor_key_drop = {
    .method = DELETE,
    .path = "/v1/vendor-keys/{vendor}",
    .id = "studio_vendor_key_drop",
    .summary = "Forget your own key at a vendor",
    .about = "The studio's own key is used again, where there is one.",
    .tag = "Vendors",
    .scope = "vendor-keys:write",
    .ok = 204,
    .in = SHAPE(VendorKeyNamed),
    .errors = ERRORS(ERR_NOT_FOUND),
    .handle = CALLS(vendor_key_drop),
};

static Err *vendor_key_drop(Call *call, const VendorKeyNamed *in, void *out)
{
    const Clerk clerk = desk_clerk(call);
    const char *tenant_id;

    (void)out;
    TRY(desk_tenant(call, in->tenant_id, &tenant_id));
    return tenant_key_drop(desk_of(call)->errands, &clerk, tenant_id, in->vendor);
}
