/* Brand profiles: how a shop's pictures look when nothing else is said. */
#include "door/opal/opal_priv.h"

typedef struct Profile {
    const char *brand_profile_id, *tenant_id, *name, *default_scene_prompt;
    Texts style_keywords, color_palette;
    const char *mood;
    int64_t created_at, updated_at;
} Profile;

static const Field Profile_fields[] = {
    {FIELD_TEXT(Profile, brand_profile_id), .help = "Name of the profile, for programs"},
    {FIELD_TEXT(Profile, tenant_id), .help = "Whose it is"},
    {FIELD_TEXT(Profile, name), .help = "Name of the brand"},
    {FIELD_TEXT(Profile, default_scene_prompt), .help = "The scene, when an item names none"},
    {FIELD_TEXTS(Profile, style_keywords), .help = "Words added to every scene"},
    {FIELD_TEXTS(Profile, color_palette), .help = "Colours of the brand"},
    {FIELD_TEXT(Profile, mood), .help = "Mood added to every scene"},
    {FIELD_TIME(Profile, created_at), .help = "When it was made"},
    {FIELD_TIME(Profile, updated_at), .help = "When it was last changed"},
    {FIELD_END},
};

static Profile profile_of(const Brand *brand)
{
    return (Profile){
        .brand_profile_id = brand->id,
        .tenant_id = brand->tenant_id,
        .name = brand->name,
        .default_scene_prompt = brand->scene_prompt,
        .style_keywords = brand->style_keywords,
        .color_palette = brand->color_palette,
        .mood = brand->mood,
        .created_at = brand->created_ms,
        .updated_at = brand->changed_ms,
    };
}

static const Shelf *shelf_of(const Call *call)
{
    return &desk_of(call)->studio->shelf;
}

/* Lists that are absent stay as they are; a Maybe of texts says which is which. */
typedef struct Words {
    Texts words;
} Words;

static const Field Words_fields[] = {
    {FIELD_TEXTS(Words, words), .help = "The words", .max = 20},
    {FIELD_END},
};

static const Shape words_shape = SHAPE_BARE(Words);

typedef struct ProfileIn {
    const char *id, *tenant_id, *name, *default_scene_prompt;
    Words *style_keywords, *color_palette;
    const char *mood;
} ProfileIn;

#define PROFILE_FIELDS \
    {FIELD_TEXT(ProfileIn, tenant_id), .help = "Whose it is; your own if left out", \
     .optional = true, .nullable = true, .max = 64}, \
        {FIELD_TEXT(ProfileIn, name), .help = "Name of the brand", .optional = true, .min = 1, \
         .max = 200}, \
        {FIELD_TEXT(ProfileIn, default_scene_prompt), \
         .help = "The scene, when an item names none", .optional = true, .nullable = true, \
         .max = 400}, \
        {FIELD_MAYBE(ProfileIn, style_keywords, Words, &words_shape), \
         .help = "Words added to every scene, such as minimal or bright", .optional = true, \
         .nullable = true}, \
        {FIELD_MAYBE(ProfileIn, color_palette, Words, &words_shape), \
         .help = "Colours of the brand, such as #f5f5f5", .optional = true, .nullable = true}, \
        {FIELD_TEXT(ProfileIn, mood), \
         .help = "Mood added to every scene: modern, rustic, luxe, playful, ...", \
         .optional = true, .nullable = true, .max = 60}, \
    { \
        FIELD_END \
    }

static const Field ProfileIn_fields[] = {PROFILE_FIELDS};
static const Field ProfileChange_fields[] = {
    {FIELD_TEXT(ProfileIn, id), .help = "Name of the profile", .max = 64},
    PROFILE_FIELDS,
};

static BrandWish wish_of(const ProfileIn *in)
{
    return (BrandWish){
        .name = in->name,
        .scene_prompt = in->default_scene_prompt,
        .style_keywords = in->style_keywords ? &in->style_keywords->words : NULL,
        .color_palette = in->color_palette ? &in->color_palette->words : NULL,
        .mood = in->mood,
    };
}

/* The domain's names of fields, in OPAL's words. */
static MUST Err *brand_err(Err *err)
{
    const char *where = err ? err_where(err) : NULL;

    return where && strcmp(where, "/scene_prompt") == 0 ? err_field(err, "/default_scene_prompt")
                                                        : err;
}

HANDLER(brand_create_handle, ProfileIn, Profile);

const Endpoint opal_brand_create = {
    .method = POST,
    .path = "/v1/brand-profiles",
    .id = "opal_brand_create",
    .summary = "Make a brand profile",
    .tag = "Brand profiles",
    .scope = "brands:write",
    .ok = 201,
    .in = SHAPE(ProfileIn),
    .out = SHAPE(Profile),
    .retried = true,
    .handle = CALLS(brand_create_handle),
};

static Err *brand_create_handle(Call *call, const ProfileIn *in, Profile *out)
{
    BrandWish wish = wish_of(in);
    const char *tenant_id;
    Brand brand;

    wish.once = desk_once(call);
    TRY(desk_tenant(call, in->tenant_id, &tenant_id));
    TRY(brand_err(brand_create(shelf_of(call), tenant_id, &wish, call_arena(call), &brand)));
    *out = profile_of(&brand);
    return NULL;
}

typedef struct ProfileListIn {
    const char *tenant_id, *after;
    int64_t limit;
} ProfileListIn;

static const Field ProfileListIn_fields[] = {
    {FIELD_TEXT(ProfileListIn, tenant_id), .help = "Whose; your own if left out", .optional = true,
     .max = 64},
    {FIELD_TEXT(ProfileListIn, after), .help = "Go on after this profile", .optional = true,
     .max = 64},
    {FIELD_INT(ProfileListIn, limit), .help = "How many at most", .preset = "100", .min = 1,
     .max = 1000},
    {FIELD_END},
};

typedef struct ProfileList {
    List profiles;
} ProfileList;

static const Shape profile_shape = SHAPE(Profile);

static const Field ProfileList_fields[] = {
    {FIELD_LIST(ProfileList, profiles, &profile_shape), .help = "Brand profiles, by age"},
    {FIELD_END},
};

HANDLER(brand_list_handle, ProfileListIn, ProfileList);

const Endpoint opal_brand_list = {
    .method = GET,
    .path = "/v1/brand-profiles",
    .id = "opal_brand_list",
    .summary = "List brand profiles",
    .about = "When there are more, the header `Link` says where.",
    .tag = "Brand profiles",
    .scope = "brands:read",
    .in = SHAPE(ProfileListIn),
    .out = SHAPE_BARE(ProfileList),
    .handle = CALLS(brand_list_handle),
};

static Err *brand_list_handle(Call *call, const ProfileListIn *in, ProfileList *out)
{
    const char *tenant_id;
    List brands;

    TRY(desk_tenant(call, in->tenant_id, &tenant_id));
    TRY(brand_list(shelf_of(call), tenant_id, in->after, in->limit + 1, call_arena(call), &brands));

    Profile *profiles = ARENA_ARRAY(call_arena(call), Profile, brands.count);
    size_t shown = MIN(brands.count, (size_t)in->limit);
    for (size_t i = 0; i < shown; i++)
        profiles[i] = profile_of(&((const Brand *)brands.items)[i]);
    if (brands.count > shown)
        desk_next_page(call, "after", profiles[shown - 1].brand_profile_id, in->limit);
    out->profiles = (List){profiles, shown};
    return NULL;
}

typedef struct ProfileNamed {
    const char *id, *tenant_id;
} ProfileNamed;

static const Field ProfileNamed_fields[] = {
    {FIELD_TEXT(ProfileNamed, id), .help = "Name of the profile", .max = 64},
    {FIELD_TEXT(ProfileNamed, tenant_id), .help = "Whose it is; your own if left out",
     .optional = true, .max = 64},
    {FIELD_END},
};

HANDLER(brand_get_handle, ProfileNamed, Profile);

const Endpoint opal_brand_get = {
    .method = GET,
    .path = "/v1/brand-profiles/{id}",
    .id = "opal_brand_get",
    .summary = "See a brand profile",
    .tag = "Brand profiles",
    .scope = "brands:read",
    .in = SHAPE(ProfileNamed),
    .out = SHAPE(Profile),
    .errors = ERRORS(ERR_NOT_FOUND),
    .handle = CALLS(brand_get_handle),
};

static Err *brand_get_handle(Call *call, const ProfileNamed *in, Profile *out)
{
    const char *tenant_id;
    Brand brand;

    TRY(desk_tenant(call, in->tenant_id, &tenant_id));
    TRY(brand_find(shelf_of(call), tenant_id, in->id, call_arena(call), &brand));
    *out = profile_of(&brand);
    return NULL;
}

HANDLER(brand_change_handle, ProfileIn, Profile);

const Endpoint opal_brand_change = {
    .method = PUT,
    .path = "/v1/brand-profiles/{id}",
    .id = "opal_brand_change",
    .summary = "Change a brand profile",
    .about =
        "What is left out stays as it is. What was started already keeps the look it began with.",
    .tag = "Brand profiles",
    .scope = "brands:write",
    .in = {"ProfileChange", sizeof(ProfileIn), ProfileChange_fields},
    .out = SHAPE(Profile),
    .errors = ERRORS(ERR_NOT_FOUND),
    .handle = CALLS(brand_change_handle),
};

static Err *brand_change_handle(Call *call, const ProfileIn *in, Profile *out)
{
    const BrandWish wish = wish_of(in);
    const char *tenant_id;
    Brand brand;

    TRY(desk_tenant(call, in->tenant_id, &tenant_id));
    TRY(brand_err(
        brand_change(shelf_of(call), tenant_id, in->id, &wish, call_arena(call), &brand)));
    *out = profile_of(&brand);
    return NULL;
}

HANDLER(brand_delete_handle, ProfileNamed, void);

const Endpoint opal_brand_delete = {
    .method = DELETE,
    .path = "/v1/brand-profiles/{id}",
    .id = "opal_brand_delete",
    .summary = "Delete a brand profile",
    .about = "Its jobs stay, and go on with the look they began with.",
    .tag = "Brand profiles",
    .scope = "brands:write",
    .ok = 204,
    .in = SHAPE(ProfileNamed),
    .errors = ERRORS(ERR_NOT_FOUND),
    .handle = CALLS(brand_delete_handle),
};

static Err *brand_delete_handle(Call *call, const ProfileNamed *in, void *out)
{
    const char *tenant_id;

    (void)out;
    TRY(desk_tenant(call, in->tenant_id, &tenant_id));
    return brand_delete(shelf_of(call), tenant_id, in->id);
}
