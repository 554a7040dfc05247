/* Rows of catalogues. */
#include <string.h>

#include "asset/asset_priv.h"
#include "asset/catalogue_priv.h"
#include "base/clock.h"

static const Field Catalogue_fields[] = {
    {FIELD_TEXT(Catalogue, id), .help = "Its id"},
    {FIELD_TEXT(Catalogue, tenant_id), .help = "Whose it is"},
    {FIELD_TEXT(Catalogue, name), .help = "What it is called"},
    {FIELD_TEXT(Catalogue, description), .help = "What it is for"},
    {FIELD_TEXT(Catalogue, category), .help = "What kind of products are in it"},
    {FIELD_TEXT(Catalogue, template), .help = "What its photos are made with", .optional = true},
    {FIELD_BOOL(Catalogue, is_archived), .help = "Is it put aside?"},
    {FIELD_INT(Catalogue, photos), .help = "Photos in it"},
    {FIELD_INT(Catalogue, processed), .help = "Photos with a picture"},
    {FIELD_INT(Catalogue, exported), .help = "Files in packs"},
    {FIELD_INT(Catalogue, created_ms), .help = "When it was made"},
    {FIELD_INT(Catalogue, changed_ms), .help = "When it was changed last"},
    {FIELD_END},
};
const Shape catalogue_shape = SHAPE(Catalogue);

#define COLUMNS \
    "p.id AS id, p.tenant_id AS tenant_id, p.name AS name, p.description AS description, " \
    "p.category AS category, p.template AS template, p.is_archived AS is_archived, " \
    "(SELECT COUNT(*) FROM photos f WHERE f.project_id = p.id) AS photos, " \
    "(SELECT COUNT(DISTINCT r.photo_id) FROM runs r WHERE r.project_id = p.id AND r.state = " \
    "'completed' AND r.is_preview = 0 AND r.asset_id IS NOT NULL) AS processed, " \
    "(SELECT COALESCE(SUM(k.done), 0) FROM packs k WHERE k.project_id = p.id AND k.state IN " \
    "('completed', 'expired')) AS exported, p.created_ms AS created_ms, " \
    "p.changed_ms AS changed_ms"

Err *catalogue_get(DbTx *tx, const CatalogueOf *of, Arena *mem, Catalogue *ret)
{
    return db_one(
        tx,
        "SELECT " COLUMNS " FROM projects p WHERE p.id = ?1 AND p.tenant_id = ?2 AND p.door = ?3",
        DB_ARGS(DB_TEXT(of->id), DB_TEXT(of->tenant_id), DB_TEXT(of->door)), &catalogue_shape, mem,
        ret);
}

Err *catalogue_row_set(DbTx *tx, const Catalogue *catalogue)
{
    return db_run(
        tx,
        "UPDATE projects SET name = ?2, description = ?3, category = ?4, template = ?5, "
        "is_archived = ?6, changed_ms = ?7 WHERE id = ?1",
        DB_ARGS(
            DB_TEXT(catalogue->id), DB_TEXT(catalogue->name), DB_TEXT(catalogue->description),
            DB_TEXT(catalogue->category), DB_TEXT(catalogue->template),
            DB_INT(catalogue->is_archived), DB_INT(clock_now_ms())),
        NULL);
}

Err *catalogue_row_touch(DbTx *tx, const char *id)
{
    return db_run(
        tx, "UPDATE projects SET changed_ms = ?2 WHERE id = ?1",
        DB_ARGS(DB_TEXT(id), DB_INT(clock_now_ms())), NULL);
}

const char *catalogue_pattern(const char *text, Arena *mem)
{
    char *pattern = ARENA_ARRAY(mem, char, 2 * strlen(text) + 3), *at = pattern;

    *at++ = '%';
    for (; *text; text++) {
        if (strchr("%_\\", *text))
            *at++ = '\\';
        *at++ = *text;
    }
    *at = '%';
    return pattern;
}

/* ?1 tenant, ?2 door, ?3 pattern or '', ?4 category or '', ?5 archived or -1. */
#define FITTING \
    " FROM projects p WHERE p.tenant_id = ?1 AND p.door = ?2 AND (?3 = '' OR lower(p.name) LIKE " \
    "lower(?3) ESCAPE '\\' OR lower(p.description) LIKE lower(?3) ESCAPE '\\') AND (?4 = '' OR " \
    "p.category = ?4) AND (?5 < 0 OR p.is_archived = ?5)"

Err *catalogue_rows(
    DbTx *tx, const CatalogueQuery *query, Arena *mem, List *ret, int64_t *ret_total)
{
    const char *pattern =
        query->search && *query->search ? catalogue_pattern(query->search, mem) : "";
    const char *category = query->category ? query->category : "";

    TRY(db_number(
        tx, "SELECT COUNT(*)" FITTING,
        DB_ARGS(
            DB_TEXT(query->tenant_id), DB_TEXT(query->door), DB_TEXT(pattern), DB_TEXT(category),
            DB_INT(query->archived)),
        ret_total));
    return db_all(/* no id begins with "zzz" */
                  tx, "SELECT " COLUMNS FITTING " AND p.id < ?6 ORDER BY p.id DESC LIMIT ?7",
                  DB_ARGS(
                      DB_TEXT(query->tenant_id), DB_TEXT(query->door), DB_TEXT(pattern),
                      DB_TEXT(category), DB_INT(query->archived),
                      DB_TEXT(query->before ? query->before : "zzz"), DB_INT(query->limit)),
                  &catalogue_shape, mem, ret);
}

Err *catalogue_bytes_end(DbTx *tx, const char *project_id)
{
    return db_run(
        tx,
        "UPDATE assets SET expires_ms = ?2 WHERE owner = ?1 "
        "OR owner IN (SELECT id FROM photos WHERE project_id = ?1) "
        "OR owner IN (SELECT id FROM runs WHERE project_id = ?1) "
        "OR owner IN (SELECT id FROM exports WHERE project_id = ?1) "
        "OR owner IN (SELECT id FROM packs WHERE project_id = ?1)",
        DB_ARGS(DB_TEXT(project_id), DB_INT(clock_now_ms())), NULL);
}

Err *catalogue_rows_remove(DbTx *tx, const char *project_id)
{
    TRY(db_run(tx, "DELETE FROM photos WHERE project_id = ?1", DB_ARGS(DB_TEXT(project_id)), NULL));
    return db_run(tx, "DELETE FROM projects WHERE id = ?1", DB_ARGS(DB_TEXT(project_id)), NULL);
}
