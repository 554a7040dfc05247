/* The template gallery: looked through, made, changed, rated. */
#include <string.h>

#include "door/lumiku/lumiku_priv.h"
#include "door/lumiku/workflow.h"

enum {
    TEMPLATES_PAGE = 100,
    TEMPLATES_PAGE_MOST = 200,
    CONFIG_BYTES_MAX = 128 << 10
};

/* What the house calls so has another name here. */
static MUST Err *renamed(Err *err)
{
    const char *where = err ? err_where(err) : NULL;

    if (where && strcmp(where, "/aspect") == 0)
        return err_field(err, "/aspectRatio");
    if (where && strcmp(where, "/recipe") == 0)
        return err_field(err, "/templateConfig");
    if (where && strncmp(where, "/recipe/", 8) == 0)
        return err_under(err, "/templateConfig");
    return err;
}

/* ---- what is answered ---- */

typedef struct TemplateOut {
    const char *id, *name, *description, *category, *platform, *aspect_ratio;
    Texts tags;
    const char *preview_image_url, *thumbnail_url, *template_config;
    const Value *workflow;
    int64_t recommended_width, recommended_height;
    bool is_public, is_featured, is_premium, is_own, is_built_in;
    int64_t usage_count, rating_count;
    double rating;
    int64_t created_at, updated_at;
} TemplateOut;

static const Field TemplateOut_fields[] = {
    {FIELD_TEXT(TemplateOut, id), .help = "Its id"},
    {FIELD_TEXT(TemplateOut, name), .help = "What it is called"},
    {FIELD_TEXT(TemplateOut, description), .help = "What it is for"},
    {FIELD_TEXT(TemplateOut, category), .help = "studio, lifestyle, ecommerce or seasonal"},
    {FIELD_TEXT(TemplateOut, platform), .help = "Shop or network it is made for", .nullable = true},
    {FIELD_TEXT(TemplateOut, aspect_ratio), .name = "aspectRatio", .help = "Shape: 4:5"},
    {FIELD_TEXTS(TemplateOut, tags), .help = "Words to find it by"},
    {FIELD_TEXT(TemplateOut, preview_image_url), .name = "previewImageUrl",
     .help = "A WebP of 800 pixels that shows it, below this server"},
    {FIELD_TEXT(TemplateOut, thumbnail_url), .name = "thumbnailUrl",
     .help = "The same of 400 pixels"},
    {FIELD_TEXT(TemplateOut, template_config), .name = "templateConfig",
     .help = "What it does: a workflow, as JSON text", .nullable = true, .omit = true},
    {FIELD_MAP(TemplateOut, workflow), .help = "The same as an object", .nullable = true,
     .omit = true},
    {FIELD_INT(TemplateOut, recommended_width), .name = "recommendedWidth",
     .help = "0 when the photo decides", .unit = "px"},
    {FIELD_INT(TemplateOut, recommended_height), .name = "recommendedHeight",
     .help = "0 when the photo decides", .unit = "px"},
    {FIELD_BOOL(TemplateOut, is_public), .name = "isPublic", .help = "Everybody sees it"},
    {FIELD_BOOL(TemplateOut, is_featured), .name = "isFeatured", .help = "It is shown first"},
    {FIELD_BOOL(TemplateOut, is_premium), .name = "isPremium",
     .help = "It is for the professional and premium plans"},
    {FIELD_BOOL(TemplateOut, is_own), .name = "isOwn", .help = "It is your own"},
    {FIELD_BOOL(TemplateOut, is_built_in), .name = "isBuiltIn",
     .help = "It came with the studio; only its flags can be changed"},
    {FIELD_INT(TemplateOut, usage_count), .name = "usageCount", .help = "Photos made with it"},
    {FIELD_INT(TemplateOut, rating_count), .name = "ratingCount", .help = "How many have rated it"},
    {FIELD_NUMBER(TemplateOut, rating), .help = "1 to 5; 0 when nobody has rated it"},
    {FIELD_TIME(TemplateOut, created_at), .name = "createdAt",
     .help = "When it was made; null for one that came with the studio", .nullable = true},
    {FIELD_TIME(TemplateOut, updated_at), .name = "updatedAt",
     .help = "When it was changed last; null when it never was", .nullable = true},
    {FIELD_END},
};
static const Shape template_out_shape = SHAPE(TemplateOut);

static TemplateOut out_of(Call *call, const Template *template)
{
    Arena *mem = call_arena(call);
    const char *origin = call_origin(call);

    return (TemplateOut){
        .id = template->id,
        .name = template->name,
        .description = template->description,
        .category = template->category,
        .platform = template->platform,
        .aspect_ratio = template->aspect,
        .tags = template->tags,
        .preview_image_url = arena_print(
            mem, "%s" LUMIKU "/templates/%s/preview?v=%.12s", origin, template->id,
            template->drawing),
        .thumbnail_url = arena_print(
            mem, "%s" LUMIKU "/templates/%s/thumbnail?v=%.12s", origin, template->id,
            template->drawing),
        .recommended_width = template->width_px,
        .recommended_height = template->height_px,
        .is_public = template->is_public,
        .is_featured = template->is_featured,
        .is_premium = template->is_premium,
        .is_own = template->is_own,
        .is_built_in = template->is_built_in,
        .usage_count = template->used,
        .rating_count = template->rated,
        .rating = template->rating,
        .created_at = template->created_ms,
        .updated_at = template->changed_ms,
    };
}

static MUST Err *out_whole(Call *call, const Template *template, TemplateOut *out)
{
    AUTO(buf_done) Buf text = BUF(CONFIG_BYTES_MAX);

    *out = out_of(call, template);
    TRY(workflow_of_recipe(
        template->recipe, template->is_built_in ? template->id : NULL, call_arena(call),
        &out->workflow));
    TRY(value_write(out->workflow, VALUE_COMPACT, &text));
    out->template_config = arena_text(call_arena(call), buf_text(&text));
    return NULL;
}

/* ---- looked through ---- */

typedef struct TemplatesIn {
    const char *category, *platform, *aspect_ratio, *tag, *search, *sort;
    int featured, premium, mine;
    int64_t page, limit;
} TemplatesIn;

static const char *const yes_names[] = {"false", "true", NULL};

#define MAYBE(member_) \
    FIELD_NAME(TemplatesIn, member_, yes_names), .optional = true, .nullable = true

static const Field TemplatesIn_fields[] = {
    {FIELD_TEXT(TemplatesIn, category), .help = "studio, lifestyle, ecommerce or seasonal",
     .optional = true, .max = 40},
    {FIELD_TEXT(TemplatesIn, platform), .help = "Made for this shop or network", .optional = true,
     .max = 40},
    {FIELD_TEXT(TemplatesIn, aspect_ratio), .name = "aspectRatio", .help = "Of this shape: 4:5",
     .optional = true, .max = 10},
    {FIELD_TEXT(TemplatesIn, tag), .help = "With this tag", .optional = true, .max = 40},
    {FIELD_TEXT(TemplatesIn, search), .help = "With all these words somewhere", .optional = true,
     .max = 200},
    {MAYBE(featured), .help = "Only those that are, or are not"},
    {MAYBE(premium), .help = "Only those that are, or are not"},
    {MAYBE(mine), .help = "Only your own, or only the studio's"},
    {FIELD_TEXT(TemplatesIn, sort), .help = "position, popular, rating or newest",
     .preset = "position", .max = 20},
    {FIELD_INT(TemplatesIn, page), .help = "From 1", .preset = "1", .min = 1, .max = 10000},
    {FIELD_INT(TemplatesIn, limit), .help = "Templates on a page", .preset = "100", .min = 1,
     .max = TEMPLATES_PAGE_MOST},
    {FIELD_END},
};

typedef struct TemplatesOut {
    bool success;
    List templates; /* TemplateOut */
    int64_t total, page, limit, pages;
} TemplatesOut;

static const Field TemplatesOut_fields[] = {
    {FIELD_BOOL(TemplatesOut, success), .help = "Always true"},
    {FIELD_LIST(TemplatesOut, templates, &template_out_shape),
     .help = "This page of them, without what they do"},
    {FIELD_INT(TemplatesOut, total), .help = "How many fit"},
    {FIELD_INT(TemplatesOut, page), .help = "Which page this is"},
    {FIELD_INT(TemplatesOut, limit), .help = "Templates on a page"},
    {FIELD_INT(TemplatesOut, pages), .name = "totalPages", .help = "How many pages there are"},
    {FIELD_END},
};

HANDLER(templates_list, TemplatesIn, TemplatesOut);

const Endpoint lumiku_template_list = {
    .method = GET,
    .path = LUMIKU "/templates",
    .id = "lumiku_template_list",
    .summary = "Look through the templates",
    .about = "Your own come first, then the studio's in the order that plans count by: the first "
             "ten belong to every plan, the first thirty to the standard plan.",
    .tag = "Templates",
    .scope = "templates:read",
    .in = SHAPE(TemplatesIn),
    .out = SHAPE(TemplatesOut),
    .handle = CALLS(templates_list),
};

static Err *templates_list(Call *call, const TemplatesIn *in, TemplatesOut *out)
{
    Arena *mem = call_arena(call);
    TemplateQuery query = {
        .category = in->category,
        .platform = in->platform,
        .aspect = in->aspect_ratio,
        .tag = in->tag,
        .search = in->search,
        .featured = in->featured,
        .premium = in->premium,
        .own = in->mine,
        .sort = in->sort,
        .offset = (in->page - 1) * in->limit,
        .limit = in->limit,
    };
    List list;

    TRY(lumiku_viewer(call, &query.tenant_id));
    TRY(template_query(desk_of(call)->studio, &query, mem, &list, &out->total));
    TemplateOut *outs = ARENA_ARRAY(mem, TemplateOut, list.count + 1);
    for (size_t i = 0; i < list.count; i++)
        outs[i] = out_of(call, (const Template *)list.items + i);
    out->success = true;
    out->templates = (List){outs, list.count};
    out->page = in->page;
    out->limit = in->limit;
    out->pages = (out->total + in->limit - 1) / in->limit;
    return NULL;
}

/* ---- one ---- */

typedef struct TemplateIn {
    const char *id;
} TemplateIn;

static const Field TemplateIn_fields[] = {
    {FIELD_TEXT(TemplateIn, id), .help = "Its id", TEMPLATE_ID_LETTERS},
    {FIELD_END},
};

HANDLER(template_show, TemplateIn, TemplateOut);

const Endpoint lumiku_template_get = {
    .method = GET,
    .path = LUMIKU "/templates/{id}",
    .id = "lumiku_template_get",
    .summary = "See a template and what it does",
    .tag = "Templates",
    .scope = "templates:read",
    .in = SHAPE(TemplateIn),
    .out = SHAPE(TemplateOut),
    .errors = ERRORS(ERR_NOT_FOUND),
    .handle = CALLS(template_show),
};

static Err *template_show(Call *call, const TemplateIn *in, TemplateOut *out)
{
    const char *viewer;
    Template template;

    TRY(lumiku_viewer(call, &viewer));
    TRY(template_get(desk_of(call)->studio, viewer, in->id, call_arena(call), &template));
    return out_whole(call, &template, out);
}

/* ---- made, changed, deleted ---- */

typedef struct TemplateWriteIn {
    const char *id, *name, *description, *category, *platform, *aspect_ratio;
    TagsIn *tags;
    const Value *template_config;
    Yes *is_public, *is_featured, *is_premium;
} TemplateWriteIn;

#define FLAG(member_) \
    FIELD_MAYBE(TemplateWriteIn, member_, Yes, &lumiku_yes_shape), .optional = true

#define WRITE_FIELDS \
    {FIELD_TEXT(TemplateWriteIn, name), .help = "What it is called", .optional = true, \
     .max = 100}, \
        {FIELD_TEXT(TemplateWriteIn, description), .help = "What it is for", .optional = true, \
         .max = 500}, \
        {FIELD_TEXT(TemplateWriteIn, category), \
         .help = "studio, lifestyle, ecommerce or seasonal", .optional = true, .max = 40}, \
        {FIELD_TEXT(TemplateWriteIn, platform), \
         .help = "Shop or network it is made for; empty for none", .optional = true, .max = 40}, \
        {FIELD_TEXT(TemplateWriteIn, aspect_ratio), .name = "aspectRatio", \
         .help = "Shape of the picture; left out, it follows from the size", .optional = true, \
         .max = 10}, \
        {FIELD_MAYBE(TemplateWriteIn, tags, TagsIn, &lumiku_tags_shape), \
         .help = "Words to find it by", .optional = true}, \
        {FIELD_VALUE(TemplateWriteIn, template_config), .name = "templateConfig", \
         .help = "What it does: a workflow, as an object or as JSON text", .optional = true}, \
        {FLAG(is_public), .name = "isPublic", .help = "Everybody sees it; an admin's to say"}, \
        {FLAG(is_featured), .name = "isFeatured", .help = "It is shown first; an admin's to say"}, \
    { \
        FLAG(is_premium), .name = "isPremium", \
                          .help = "For the professional and premium plans; an admin's to say" \
    }

static const Field TemplateNewIn_fields[] = {WRITE_FIELDS, {FIELD_END}};

static const Field TemplateWriteIn_fields[] = {
    {FIELD_TEXT(TemplateWriteIn, id), .help = "Its id", TEMPLATE_ID_LETTERS},
    WRITE_FIELDS,
    {FIELD_END},
};

static void value_end(void *value)
{
    value_free(value);
}

/* CONFIG, an object or its text, as a recipe. */
static MUST Err *config_read(Call *call, const Value *config, const Value **ret)
{
    Arena *mem = call_arena(call);
    const char *text = value_text(config), *viewer;
    Value *parsed = NULL;
    Workflow workflow;
    WorkflowMade made;
    Template set = {0};

    if (text) {
        TRY(value_parse(text, strlen(text), &parsed));
        arena_keep(mem, value_end, parsed);
        config = parsed;
    }
    TRY(shape_read(&workflow_shape, config, mem, &workflow));
    if (workflow_template(&workflow)) {
        TRY(lumiku_viewer(call, &viewer));
        TRY(template_get(desk_of(call)->studio, viewer, workflow_template(&workflow), mem, &set));
    }
    TRY(workflow_make(&workflow, set.recipe, mem, &made));
    *ret = made.recipe;
    return NULL;
}

static MUST Err *wish_read(Call *call, const TemplateWriteIn *in, TemplateWish *ret)
{
    const Value *recipe = NULL;

    if (in->template_config)
        TRY(err_under(config_read(call, in->template_config, &recipe), "/templateConfig"));
    *ret = (TemplateWish){
        .name = in->name,
        .description = in->description,
        .category = in->category,
        .platform = in->platform,
        .aspect = in->aspect_ratio,
        .tags = in->tags ? &in->tags->tags : NULL,
        .recipe = recipe,
        .is_public = lumiku_yes(in->is_public),
        .is_featured = lumiku_yes(in->is_featured),
        .is_premium = lumiku_yes(in->is_premium),
    };
    return NULL;
}

HANDLER(template_make, TemplateWriteIn, TemplateOut);

const Endpoint lumiku_template_create = {
    .method = POST,
    .path = LUMIKU "/templates",
    .id = "lumiku_template_create",
    .summary = "Make a template",
    .about = "An admin makes the studio's, on the premium plan everybody their own. Name, category "
             "and templateConfig are needed.",
    .tag = "Templates",
    .scope = "templates:write",
    .ok = 201,
    .in = {"TemplateNewIn", sizeof(TemplateWriteIn), TemplateNewIn_fields},
    .out = SHAPE(TemplateOut),
    .errors = ERRORS(ERR_NOT_FOUND, ERR_CONFLICT),
    .retried = true,
    .handle = CALLS(template_make),
};

static Err *template_make(Call *call, const TemplateWriteIn *in, TemplateOut *out)
{
    const Studio *studio = desk_of(call)->studio;
    Arena *mem = call_arena(call);
    TemplateWish wish;
    Template template;
    Buyer buyer;

    TRY(wish_read(call, in, &wish));
    TRY(lumiku_viewer(call, &wish.tenant_id));
    wish.once = desk_once(call);
    if (!wish.tenant_id)
        TRY(renamed(template_create(studio, &wish, mem, &template)));
    else {
        TRY(lumiku_buyer(call, &buyer));
        TRY(renamed(shop_template_create(studio, &buyer, &wish, mem, &template)));
    }
    return out_whole(call, &template, out);
}

HANDLER(template_alter, TemplateWriteIn, TemplateOut);

const Endpoint lumiku_template_change = {
    .method = PUT,
    .path = LUMIKU "/templates/{id}",
    .id = "lumiku_template_change",
    .summary = "Change a template",
    .about = "What is left out stays. Everybody may change their own, an admin the studio's; of "
             "those that came with the studio only isPublic, isFeatured and isPremium.",
    .tag = "Templates",
    .scope = "templates:write",
    .in = SHAPE(TemplateWriteIn),
    .out = SHAPE(TemplateOut),
    .errors = ERRORS(ERR_NOT_FOUND),
    .handle = CALLS(template_alter),
};

static Err *template_alter(Call *call, const TemplateWriteIn *in, TemplateOut *out)
{
    const char *viewer;
    TemplateWish wish;
    Template template;

    TRY(wish_read(call, in, &wish));
    TRY(lumiku_viewer(call, &viewer));
    TRY(renamed(template_change(
        desk_of(call)->studio, viewer, in->id, &wish, call_arena(call), &template)));
    return out_whole(call, &template, out);
}

typedef struct TemplateGone {
    bool success;
} TemplateGone;

static const Field TemplateGone_fields[] = {
    {FIELD_BOOL(TemplateGone, success), .help = "Always true"},
    {FIELD_END},
};

HANDLER(template_drop, TemplateIn, TemplateGone);

const Endpoint lumiku_template_delete = {
    .method = DELETE,
    .path = LUMIKU "/templates/{id}",
    .id = "lumiku_template_delete",
    .summary = "Delete a template",
    .about = "Pictures made with it stay.",
    .tag = "Templates",
    .scope = "templates:write",
    .in = SHAPE(TemplateIn),
    .out = SHAPE(TemplateGone),
    .errors = ERRORS(ERR_NOT_FOUND),
    .handle = CALLS(template_drop),
};

static Err *template_drop(Call *call, const TemplateIn *in, TemplateGone *out)
{
    const char *viewer;

    TRY(lumiku_viewer(call, &viewer));
    TRY(template_delete(desk_of(call)->studio, viewer, in->id));
    out->success = true;
    return NULL;
}

/* ---- rated ---- */

typedef struct TemplateRateIn {
    const char *id;
    int64_t rating;
} TemplateRateIn;

static const Field TemplateRateIn_fields[] = {
    {FIELD_TEXT(TemplateRateIn, id), .help = "Its id", TEMPLATE_ID_LETTERS},
    {FIELD_INT(TemplateRateIn, rating), .help = "How good it is", .min = 1, .max = 5,
     .unit = "stars"},
    {FIELD_END},
};

HANDLER(template_judge, TemplateRateIn, TemplateOut);

const Endpoint lumiku_template_rate = {
    .method = POST,
    .path = LUMIKU "/templates/{id}/rate",
    .id = "lumiku_template_rate",
    .summary = "Rate a template",
    .about = "Each has one mark; the last one counts.",
    .tag = "Templates",
    .scope = "templates:write",
    .in = SHAPE(TemplateRateIn),
    .out = SHAPE(TemplateOut),
    .errors = ERRORS(ERR_NOT_FOUND),
    .retried = true,
    .handle = CALLS(template_judge),
};

static Err *template_judge(Call *call, const TemplateRateIn *in, TemplateOut *out)
{
    const Caller *caller = desk_caller(call);
    const char *user = caller->user_id ? caller->user_id : caller->key_id, *tenant_id;
    Template template;

    TRY(desk_tenant(call, NULL, &tenant_id));
    TRY(template_rate(
        desk_of(call)->studio, tenant_id, user ? user : caller->session_id, in->id, in->rating,
        call_arena(call), &template));
    return out_whole(call, &template, out);
}
