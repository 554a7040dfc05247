/* One template: found, made, changed, deleted, rated, counted. */
#include <ctype.h>
#include <string.h>

#include "base/clock.h"
#include "gallery/gallery_priv.h"

enum {
    NAME_BYTES_MAX = 100,
    DESCRIPTION_BYTES_MAX = 500,
    TAGS_MAX = 30,
    TAG_BYTES_MAX = 40,
    RECIPE_BYTES_MAX = 64 << 10,
    STARS_MOST = 5
};

const char *const template_categories[] = {
    "studio", "lifestyle", "ecommerce", "seasonal", NULL}; /* the order they are shown in */

typedef struct TemplateWork {
    const char *tenant_id, *id, *user_id, *recipe;
    const TemplateWish *wish;
    const Recipe *read; /* of WISH; NULL for none */
    int64_t stars;
    Arena *mem;
    Template *ret;
    const char *drawing; /* of what was deleted or changed; NULL for none */
} TemplateWork;

/* ---- as it is seen ---- */

static bool is_same(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static void value_end(void *value)
{
    value_free(value);
}

static MUST Err *recipe_parse(const char *text, Arena *mem, const Value **ret)
{
    Value *value = NULL;

    TRY(value_parse(text, strlen(text), &value));
    arena_keep(mem, value_end, value);
    *ret = value;
    return NULL;
}

static void counts_lay(const TemplateRow *row, Template *template)
{
    template->used = row->used;
    template->rated = row->rated;
    template->rating = row->rated ? (double)row->stars / (double)row->rated : 0;
}

static void flags_lay(const TemplateRow *row, Template *template)
{
    template->is_public = row->is_public;
    template->is_featured = row->is_featured;
    template->is_premium = row->is_premium;
    template->changed_ms = row->changed_ms;
}

Err *template_of(
    const TemplateRow *row, const Template *built_in, const char *tenant_id, Arena *mem,
    Template *ret)
{
    if (built_in) {
        *ret = *built_in;
        if (row)
            counts_lay(row, ret);
        if (row && row->changed_ms)
            flags_lay(row, ret);
        return NULL;
    }
    *ret = (Template){
        .id = row->id,
        .name = row->name,
        .description = row->description,
        .category = row->category,
        .platform = row->platform,
        .aspect = row->aspect,
        .tags = row->tags,
        .width_px = row->width_px,
        .height_px = row->height_px,
        .is_own = row->tenant_id && is_same(row->tenant_id, tenant_id),
        .position = row->tenant_id ? -1 : INT32_MAX,
        .drawing = row->drawing,
        .created_ms = row->created_ms,
    };
    counts_lay(row, ret);
    flags_lay(row, ret);
    return recipe_parse(row->recipe, mem, &ret->recipe);
}

TemplateRow template_row_of(const Template *built_in)
{
    return (TemplateRow){
        .id = built_in->id,
        .name = built_in->name,
        .description = built_in->description,
        .category = built_in->category,
        .platform = built_in->platform,
        .aspect = built_in->aspect,
        .tags = built_in->tags,
        .drawing = built_in->drawing,
        .width_px = built_in->width_px,
        .height_px = built_in->height_px,
        .is_public = built_in->is_public,
        .is_featured = built_in->is_featured,
        .is_premium = built_in->is_premium,
    };
}

/* Whether TENANT_ID (NULL: an admin) may see it. */
static bool is_seen(const Template *template, const TemplateRow *row, const char *tenant_id)
{
    if (row && row->tenant_id)
        return is_same(row->tenant_id, tenant_id);
    return template->is_public || !tenant_id;
}

Err *template_seen(DbTx *tx, const char *tenant_id, const char *id, Arena *mem, Template *ret)
{
    const Template *built_in;
    TemplateRow row;
    Template template;
    bool is_missing;

    TRY(built_in_find(id, &built_in));
    TRY(err_expect(template_row_find(tx, id, mem, &row), ERR_NOT_FOUND, &is_missing));
    if (!is_missing || built_in)
        TRY(template_of(is_missing ? NULL : &row, built_in, tenant_id, mem, &template));
    if ((is_missing && !built_in) || !is_seen(&template, is_missing ? NULL : &row, tenant_id))
        return err_public(
            err_new(ERR_NOT_FOUND, "no template '%s'", id), "There is no template by this id.");
    *ret = template;
    return NULL;
}

static Err *get_work(DbTx *tx, void *work_any)
{
    TemplateWork *work = work_any;

    return template_seen(tx, work->tenant_id, work->id, work->mem, work->ret);
}

Err *template_get(
    const Studio *studio, const char *tenant_id, const char *id, Arena *mem, Template *ret)
{
    TemplateWork work = {.tenant_id = tenant_id, .id = id, .mem = mem, .ret = ret};

    return db_read(studio->shelf.db, get_work, &work);
}

/* ---- what is wished ---- */

static MUST Err *text_check(const char *text, size_t most, const char *field)
{
    if (!text || strlen(text) <= most)
        return NULL;
    return err_field(
        err_public(
            err_new(ERR_INPUT_INVALID, "%s has %zu bytes", field, strlen(text)),
            "The %s can have at most %zu letters.", field, most),
        "/%s", field);
}

static MUST Err *tags_check(const Texts *tags)
{
    if (!tags)
        return NULL;
    if (tags->count > TAGS_MAX)
        return err_field(
            err_public(
                err_new(ERR_INPUT_INVALID, "%zu tags", tags->count),
                "There can be at most %d tags.", TAGS_MAX),
            "/tags");
    for (size_t i = 0; i < tags->count; i++)
        if (!*tags->items[i] || strlen(tags->items[i]) > TAG_BYTES_MAX)
            return err_field(
                err_public(
                    err_new(ERR_INPUT_INVALID, "tag %zu is empty or long", i),
                    "A tag has 1 to %d letters.", TAG_BYTES_MAX),
                "/tags/%zu", i);
    return NULL;
}

/* "4:5" */
static MUST Err *aspect_check(const char *aspect)
{
    const char *colon = aspect ? strchr(aspect, ':') : NULL;
    static const char digits[] = "0123456789";

    if (!aspect || (colon && colon > aspect && colon - aspect <= 2 &&
                    strspn(aspect, digits) == (size_t)(colon - aspect) && colon[1] &&
                    strlen(colon + 1) <= 2 && !colon[1 + strspn(colon + 1, digits)]))
        return NULL;
    return err_field(
        err_public(
            err_new(ERR_INPUT_INVALID, "'%s' is no shape of a picture", aspect),
            "Write the shape as width and height, such as 4:5."),
        "/aspect");
}

Err *template_category_find(const char *word, const char **ret)
{
    char small[24];
    size_t count = 0;

    for (; *word && count < sizeof(small) - 1; word++)
        if (isalpha((unsigned char)*word))
            small[count++] = (char)tolower((unsigned char)*word);
    small[count] = 0;
    for (const char *const *name = template_categories; *name; name++)
        if (strcmp(*name, small) == 0) {
            *ret = *name;
            return NULL;
        }
    return err_field(
        err_public(
            err_new(ERR_INPUT_INVALID, "no category '%s'", small),
            "A template's category is studio, lifestyle, ecommerce or seasonal."),
        "/category");
}

static MUST Err *wish_check(const TemplateWish *wish)
{
    const char *category;

    if (wish->name && !*wish->name)
        return err_field(
            err_public(
                err_new(ERR_INPUT_INVALID, "a template's name is empty"),
                "A template needs a name."),
            "/name");
    TRY(text_check(wish->name, NAME_BYTES_MAX, "name"));
    TRY(text_check(wish->description, DESCRIPTION_BYTES_MAX, "description"));
    TRY(text_check(wish->platform, TAG_BYTES_MAX, "platform"));
    TRY(aspect_check(wish->aspect));
    TRY(tags_check(wish->tags));
    return wish->category ? template_category_find(wish->category, &category) : NULL;
}

/* RECIPE as it is kept: with all its options, so that it looks the same when their usual values change. */
static MUST Err *recipe_take(const Value *json, Recipe **ret, char **ret_text)
{
    AUTO(recipe_free) Recipe *recipe = NULL;
    AUTO(buf_done) Buf text = BUF(RECIPE_BYTES_MAX);

    TRY(err_under(recipe_read(json, &recipe), "/recipe"));
    AUTO(value_free) Value *whole = recipe_write(recipe);
    AUTO(err_free) Err *err = value_write(whole, VALUE_COMPACT, &text);
    if (err)
        return err_field(
            err_public(
                err_new(ERR_INPUT_INVALID, "a template's recipe is too long"),
                "This recipe is too long for a template."),
            "/recipe");
    *ret_text = strdup(buf_text(&text));
    if (!*ret_text)
        abort();
    *ret = TAKE(recipe);
    return NULL;
}

/* The shape of WIDTH to HEIGHT in the smallest whole numbers: 1080 and 1350 as 4:5. */
static const char *aspect_of(int64_t width, int64_t height, Arena *mem)
{
    int64_t a = width, b = height;

    while (b) {
        int64_t rest = a % b;
        a = b;
        b = rest;
    }
    if (!a || width / a > 99 || height / a > 99)
        return "1:1";
    return arena_print(mem, "%d:%d", (int)(width / a), (int)(height / a));
}

static int64_t option_of(const Value *steps, const char *step, const char *option)
{
    for (size_t i = 0; i < value_count(steps); i++)
        if (is_same(value_text(value_get(value_at(steps, i), "step")), step))
            return value_int(value_get(value_at(steps, i), option));
    return 0;
}

static void recipe_apply(const TemplateWork *work, TemplateRow *row)
{
    const Value *steps = recipe_facts(work->read)->steps;

    row->recipe = work->recipe;
    row->drawing = drawing_of(work->read, work->mem);
    row->width_px = option_of(steps, "place", "width_px");
    row->height_px = option_of(steps, "place", "height_px");
    if (!work->wish->aspect && row->width_px && row->height_px)
        row->aspect = aspect_of(row->width_px, row->height_px, work->mem);
}

static void flag_apply(int64_t wished, bool *flag)
{
    if (wished >= 0)
        *flag = wished != 0;
}

static MUST Err *wish_apply(const TemplateWork *work, TemplateRow *row)
{
    const TemplateWish *wish = work->wish;

    if (wish->name)
        row->name = wish->name;
    if (wish->description)
        row->description = wish->description;
    if (wish->category)
        TRY(template_category_find(wish->category, &row->category));
    if (wish->platform)
        row->platform = *wish->platform ? wish->platform : NULL;
    if (work->read)
        recipe_apply(work, row);
    if (wish->aspect)
        row->aspect = wish->aspect;
    if (wish->tags)
        row->tags = *wish->tags;
    if (!row->tenant_id) {
        flag_apply(wish->is_public, &row->is_public);
        flag_apply(wish->is_featured, &row->is_featured);
        flag_apply(wish->is_premium, &row->is_premium);
    }
    row->changed_ms = MAX(clock_now_ms(), 1);
    return NULL;
}

/* ---- made ---- */

static MUST Err *missing(const char *field, const char *words)
{
    return err_field(
        err_public(err_new(ERR_INPUT_MISSING, "a template has no %s", field), "%s", words), "/%s",
        field);
}

static Err *create_work(DbTx *tx, void *work_any)
{
    TemplateWork *work = work_any;
    const char *tenant_id = work->wish->tenant_id;
    Id id = id_new("template");
    TemplateRow row = {
        .id = arena_text(work->mem, id.text),
        .tenant_id = tenant_id,
        .description = "",
        .aspect = "1:1",
        .is_public = !tenant_id,
    };
    int64_t most = tenant_id ? TEMPLATES_OWN_MOST : TEMPLATES_HOUSE_MOST, count;
    const char *made;

    TRY(once_claim(tx, &work->wish->once, work->mem, &made));
    if (made)
        return template_seen(tx, tenant_id, made, work->mem, work->ret);
    TRY(db_lock(tx, tenant_id ? tenant_id : "templates"));
    TRY(template_rows_count(tx, tenant_id, &count));
    if (count >= most)
        return err_public(
            err_new(ERR_CONFLICT, "%jd templates", (intmax_t)count),
            "There are %d templates already. Delete one first.", (int)most);
    TRY(wish_apply(work, &row));
    row.created_ms = row.changed_ms;
    TRY(template_row_add(tx, &row));
    TRY(once_keep(tx, &work->wish->once, row.id));
    return template_seen(tx, tenant_id, row.id, work->mem, work->ret);
}

static MUST Err *wish_carry_out(const Studio *studio, TemplateWork *work, DbWork *carry_out)
{
    AUTO(recipe_free) Recipe *recipe = NULL;
    char *text = NULL;

    TRY(wish_check(work->wish));
    if (work->wish->recipe)
        TRY(recipe_take(work->wish->recipe, &recipe, &text));
    work->read = recipe;
    work->recipe = arena_text(work->mem, text);
    free(text);
    return db_write(studio->shelf.db, carry_out, work);
}

Err *template_create(const Studio *studio, const TemplateWish *wish, Arena *mem, Template *ret)
{
    TemplateWork work = {.wish = wish, .mem = mem, .ret = ret};

    if (!wish->name)
        return missing("name", "A template needs a name.");
    if (!wish->category)
        return missing(
            "category", "A template needs a category: studio, lifestyle, ecommerce or seasonal.");
    if (!wish->recipe)
        return missing("recipe", "A template needs a recipe.");
    return wish_carry_out(studio, &work, create_work);
}

/* ---- changed, deleted ---- */

static MUST Err *not_yours(const char *id)
{
    return err_public(
        err_new(ERR_FORBIDDEN, "template '%s' is the house's", id),
        "This template belongs to the studio. Make one of your own from it.");
}

/* Words of a built-in one are the program's. */
static MUST Err *built_in_check(const TemplateWish *wish, const char *id)
{
    if (!wish->name && !wish->description && !wish->category && !wish->platform && !wish->aspect &&
        !wish->tags && !wish->recipe)
        return NULL;
    return err_public(
        err_new(ERR_FORBIDDEN, "template '%s' is built in", id),
        "Of a template that is built in only isPublic, isFeatured and isPremium can be changed. "
        "Make a new one from it.");
}

static MUST Err *row_need(DbTx *tx, const char *id, Arena *mem, TemplateRow *ret)
{
    const Template *built_in;

    TRY(built_in_find(id, &built_in));
    if (built_in) {
        TemplateRow row = template_row_of(built_in);

        TRY(template_row_add(tx, &row));
    }
    return template_row_find(tx, id, mem, ret);
}

static Err *change_work(DbTx *tx, void *work_any)
{
    TemplateWork *work = work_any;
    Template seen;
    TemplateRow row;

    TRY(template_seen(tx, work->tenant_id, work->id, work->mem, &seen));
    if (work->tenant_id && !seen.is_own)
        return not_yours(work->id);
    if (seen.is_built_in)
        TRY(built_in_check(work->wish, work->id));
    TRY(row_need(tx, work->id, work->mem, &row));
    work->drawing = row.drawing;
    TRY(wish_apply(work, &row));
    TRY(template_row_set(tx, &row));
    return template_seen(tx, work->tenant_id, work->id, work->mem, work->ret);
}

Err *template_change(
    const Studio *studio, const char *tenant_id, const char *id, const TemplateWish *wish,
    Arena *mem, Template *ret)
{
    TemplateWork work = {.tenant_id = tenant_id, .id = id, .wish = wish, .mem = mem, .ret = ret};

    TRY(wish_carry_out(studio, &work, change_work));
    return strcmp(work.drawing, ret->drawing) == 0 ? NULL : picture_drop(studio, work.drawing);
}

static Err *delete_work(DbTx *tx, void *work_any)
{
    TemplateWork *work = work_any;
    Template seen;

    TRY(template_seen(tx, work->tenant_id, work->id, work->mem, &seen));
    if (work->tenant_id && !seen.is_own)
        return not_yours(work->id);
    if (seen.is_built_in)
        return err_public(
            err_new(ERR_FORBIDDEN, "template '%s' is built in", work->id),
            "A template that is built in cannot be deleted. Set isPublic to false to hide it.");
    work->drawing = seen.drawing;
    return template_row_remove(tx, work->id);
}

Err *template_delete(const Studio *studio, const char *tenant_id, const char *id)
{
    AUTO(arena_free) Arena *mem = arena_new();
    TemplateWork work = {.tenant_id = tenant_id, .id = id, .mem = mem};

    TRY(db_write(studio->shelf.db, delete_work, &work));
    return picture_drop(studio, work.drawing);
}

/* ---- counted ---- */

static Err *rate_work(DbTx *tx, void *work_any)
{
    TemplateWork *work = work_any;
    Template seen;
    TemplateRow row;

    TRY(template_seen(tx, work->tenant_id, work->id, work->mem, &seen));
    TRY(row_need(tx, work->id, work->mem, &row));
    TRY(template_row_rate(
        tx, &(TemplateRating){work->id, work->tenant_id, work->user_id, work->stars}));
    return template_seen(tx, work->tenant_id, work->id, work->mem, work->ret);
}

Err *template_rate(
    const Studio *studio, const char *tenant_id, const char *user_id, const char *id, int64_t stars,
    Arena *mem, Template *ret)
{
    TemplateWork work = {
        .tenant_id = tenant_id,
        .user_id = user_id,
        .id = id,
        .stars = stars,
        .mem = mem,
        .ret = ret,
    };

    if (stars < 1 || stars > STARS_MOST)
        return err_field(
            err_public(
                err_new(ERR_INPUT_INVALID, "%jd stars", (intmax_t)stars),
                "Rate with 1 to %d stars.", STARS_MOST),
            "/rating");
    return db_write(studio->shelf.db, rate_work, &work);
}

Err *template_used(DbTx *tx, const char *id, int64_t count)
{
    const Template *built_in;
    bool is_found;

    TRY(template_row_used(tx, id, count, &is_found));
    if (is_found)
        return NULL;
    TRY(built_in_find(id, &built_in));
    if (!built_in)
        return NULL;
    TemplateRow row = template_row_of(built_in);
    TRY(template_row_add(tx, &row));
    return template_row_used(tx, id, count, &is_found);
}
