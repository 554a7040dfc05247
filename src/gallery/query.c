/* The gallery as it is looked through: what fits, in an order, a page of it. There are some hundreds at most, so it is done here and not in SQL,
 * where those that travel in the program are not. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "gallery/gallery_priv.h"

static const Field Template_fields[] = {
    {FIELD_TEXT(Template, id), .help = "Its id, or a built-in one's name"},
    {FIELD_TEXT(Template, name), .help = "What it is called"},
    {FIELD_TEXT(Template, description), .help = "What it is for"},
    {FIELD_TEXT(Template, category), .help = "studio, lifestyle, ecommerce or seasonal"},
    {FIELD_TEXT(Template, platform), .help = "Shop or network it is made for", .optional = true},
    {FIELD_TEXT(Template, aspect), .help = "Shape of the picture: 4:5"},
    {FIELD_TEXTS(Template, tags), .help = "Words to find it by"},
    {FIELD_INT(Template, width_px), .help = "Recommended width"},
    {FIELD_INT(Template, height_px), .help = "Recommended height"},
    {FIELD_BOOL(Template, is_public), .help = "Everybody sees it"},
    {FIELD_BOOL(Template, is_featured), .help = "It is shown first"},
    {FIELD_BOOL(Template, is_premium), .help = "It is for the upper plans"},
    {FIELD_BOOL(Template, is_own), .help = "It is one's own"},
    {FIELD_BOOL(Template, is_built_in), .help = "It travels in the program"},
    {FIELD_INT(Template, used), .help = "Photos made with it"},
    {FIELD_INT(Template, rated), .help = "How many have rated it"},
    {FIELD_NUMBER(Template, rating), .help = "1 to 5; 0 when nobody has"},
    {FIELD_INT(Template, position), .help = "Its place among the house's"},
    {FIELD_VALUE(Template, recipe), .help = "What it does"},
    {FIELD_TEXT(Template, drawing), .help = "What stands for its pictures"},
    {FIELD_INT(Template, created_ms), .help = "When it was made"},
    {FIELD_INT(Template, changed_ms), .help = "When it was changed"},
    {FIELD_END},
};
const Shape template_shape = SHAPE(Template);

/* ---- what fits ---- */

/* "TikTok Shop" and "tiktok-shop" are "tiktok_shop". */
static bool is_word(const char *text, const char *word)
{
    for (; *text && *word; text++, word++) {
        char a = (char)tolower((unsigned char)*text), b = (char)tolower((unsigned char)*word);

        if ((a == ' ' || a == '-' ? '_' : a) != (b == ' ' || b == '-' ? '_' : b))
            return false;
    }
    return *text == *word;
}

static bool has_word(const Template *template, const char *word)
{
    if (strcasestr(template->name, word) || strcasestr(template->description, word) ||
        strcasestr(template->category, word) ||
        (template->platform && strcasestr(template->platform, word)))
        return true;
    for (size_t i = 0; i < template->tags.count; i++)
        if (strcasestr(template->tags.items[i], word))
            return true;
    return false;
}

/* All words of SEARCH are somewhere in it. */
static bool is_found(const Template *template, const char *search, Arena *mem)
{
    char *words = arena_text(mem, search), *rest = NULL;

    for (char *word = strtok_r(words, " \t\n", &rest); word; word = strtok_r(NULL, " \t\n", &rest))
        if (!has_word(template, word))
            return false;
    return true;
}

static bool has_tag(const Template *template, const char *tag)
{
    for (size_t i = 0; i < template->tags.count; i++)
        if (is_word(template->tags.items[i], tag))
            return true;
    return false;
}

static bool is_wished(int64_t wish, bool is)
{
    return wish < 0 || (wish != 0) == is;
}

static bool fits(const Template *template, const TemplateQuery *query, Arena *mem)
{
    return (template->is_public || template->is_own || !query->tenant_id) &&
           (!query->category || strcmp(template->category, query->category) == 0) &&
           (!query->platform ||
            (template->platform && is_word(template->platform, query->platform))) &&
           (!query->aspect || strcmp(template->aspect, query->aspect) == 0) &&
           (!query->tag || has_tag(template, query->tag)) &&
           (!query->search || is_found(template, query->search, mem)) &&
           is_wished(query->featured, template->is_featured) &&
           is_wished(query->premium, template->is_premium) &&
           is_wished(query->own, template->is_own);
}

/* ---- in order ---- */

static int by_position(const void *a_any, const void *b_any)
{
    const Template *a = a_any, *b = b_any;

    if (a->position != b->position)
        return a->position < b->position ? -1 : 1;
    return strcmp(a->id, b->id);
}

static int by_use(const void *a_any, const void *b_any)
{
    const Template *a = a_any, *b = b_any;

    if (a->used != b->used)
        return a->used > b->used ? -1 : 1;
    return by_position(a, b);
}

/* As if five people had said "three and a half" of each before: one single five does not lead the list. */
static double standing(const Template *template)
{
    const double known = 5, usual = 3.5;

    return (template->rating * (double)template->rated + known * usual) /
           ((double)template->rated + known);
}

static int by_rating(const void *a_any, const void *b_any)
{
    double a = standing(a_any), b = standing(b_any);

    if (a != b)
        return a > b ? -1 : 1;
    return by_position(a_any, b_any);
}

static int by_age(const void *a_any, const void *b_any)
{
    const Template *a = a_any, *b = b_any;

    if (a->created_ms != b->created_ms)
        return a->created_ms > b->created_ms ? -1 : 1;
    return by_position(a, b);
}

typedef struct Sort {
    const char *name;
    int (*compare)(const void *a, const void *b);
} Sort;

static const Sort sorts[] = {
    {"position", by_position}, {"popular", by_use}, {"rating", by_rating}, {"newest", by_age}};

static MUST Err *sort_find(const char *name, const Sort **ret)
{
    for (size_t i = 0; i < COUNT(sorts); i++)
        if (strcmp(sorts[i].name, name ? name : "position") == 0) {
            *ret = &sorts[i];
            return NULL;
        }
    return err_field(
        err_public(
            err_new(ERR_INPUT_INVALID, "no order '%s'", name),
            "Templates can be sorted by position, popular, rating or newest."),
        "/sort");
}

/* ---- together ---- */

typedef struct Look {
    TemplateQuery query;
    Arena *mem;
    List rows;
} Look;

static Err *rows_work(DbTx *tx, void *look_any)
{
    Look *look = look_any;

    return template_rows(tx, look->query.tenant_id, look->mem, &look->rows);
}

static const TemplateRow *row_of(const List *rows, const char *id)
{
    const TemplateRow *row = rows->items;

    for (size_t i = 0; i < rows->count; i++)
        if (strcmp(row[i].id, id) == 0)
            return &row[i];
    return NULL;
}

/* All that the tenant may know of, those that an admin made behind those of the program. */
static MUST Err *all_gather(const Look *look, List *ret)
{
    const TemplateRow *rows = look->rows.items;
    const char *tenant_id = look->query.tenant_id;
    const Template *built_in;
    size_t built_in_count, count = 0;

    TRY(built_in_all(&built_in, &built_in_count));
    Template *all = ARENA_ARRAY(look->mem, Template, built_in_count + look->rows.count + 1);
    for (size_t i = 0; i < built_in_count; i++)
        TRY(template_of(
            row_of(&look->rows, built_in[i].id), &built_in[i], tenant_id, look->mem,
            &all[count++]));
    int64_t position = (int64_t)built_in_count;
    for (size_t i = 0; i < look->rows.count; i++) {
        if (!rows[i].recipe)
            continue;
        TRY(template_of(&rows[i], NULL, tenant_id, look->mem, &all[count]));
        if (!rows[i].tenant_id)
            all[count].position = position++;
        count++;
    }
    *ret = (List){all, count};
    return NULL;
}

Err *template_query(
    const Studio *studio, const TemplateQuery *query, Arena *mem, List *ret, int64_t *ret_total)
{
    Look look = {.query = *query, .mem = mem};
    const Sort *sort;
    List all;
    size_t count = 0;

    TRY(sort_find(query->sort, &sort));
    if (query->category)
        TRY(template_category_find(query->category, &look.query.category));
    TRY(db_read(studio->shelf.db, rows_work, &look));
    TRY(all_gather(&look, &all));
    Template *items = all.items;
    for (size_t i = 0; i < all.count; i++)
        if (fits(&items[i], &look.query, mem))
            items[count++] = items[i];
    qsort(items, count, sizeof(*items), sort->compare);
    size_t from = MIN((size_t)MAX(query->offset, 0), count);
    size_t most = query->limit > 0 ? (size_t)query->limit : count;
    *ret = (List){items + from, MIN(most, count - from)};
    *ret_total = (int64_t)count;
    return NULL;
}
