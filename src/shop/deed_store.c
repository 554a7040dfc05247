/* What was sold, in the database. */
#include <string.h>

#include "base/clock.h"
#include "shop/shop_priv.h"

static const Field Deed_fields[] = {
    {FIELD_TEXT(Deed, id), .help = "Id"},
    {FIELD_TEXT(Deed, user_id), .help = "Who did it: a user, or a key"},
    {FIELD_TEXT(Deed, action), .help = "What was done"},
    {FIELD_TEXT(Deed, feature), .help = "What it is counted under"},
    {FIELD_TEXT(Deed, subject), .help = "Id of what it was done to", .nullable = true},
    {FIELD_TEXT(Deed, template), .help = "Template it was done with", .nullable = true},
    {FIELD_TEXT(Deed, partner), .help = "Sibling app", .nullable = true},
    {FIELD_INT(Deed, pictures), .help = "Photos, pictures or files"},
    {FIELD_INT(Deed, credits), .help = "Credits taken"},
    {FIELD_INT(Deed, at_ms), .help = "When, milliseconds since 1970"},
    {FIELD_END},
};
const Shape deed_shape = SHAPE(Deed);

Err *deed_add_once(DbTx *tx, const Buyer *buyer, const Deed *deed, const char *key, bool *ret_new)
{
    const Id id = id_new("deed");
    int64_t added;

    TRY(db_run(
        tx,
        "INSERT INTO deeds (id, tenant_id, user_id, action, feature, subject, template, pictures,"
        " credits, partner, key, at_ms, parts)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)"
        " ON CONFLICT (tenant_id, key) DO NOTHING",
        DB_ARGS(
            DB_TEXT(id.text), DB_TEXT(buyer->tenant_id), DB_TEXT(buyer->user_id),
            DB_TEXT(deed->action), DB_TEXT(deed->feature), DB_TEXT(deed->subject),
            DB_TEXT(deed->template), DB_INT(deed->pictures), DB_INT(deed->credits),
            DB_TEXT(deed->partner), DB_TEXT(key), DB_INT(clock_now_ms()), DB_TEXT(deed->parts)),
        &added));
    *ret_new = added > 0;
    return NULL;
}

/* What was taken for a deed: of a batch what its pictures cost that came; of a pack its price once it is there; the rest is paid at once, or
 * was settled. */
#define TAKEN \
    "CASE WHEN b.id IS NOT NULL THEN b.charged" \
    " WHEN p.id IS NULL THEN d.credits" \
    " WHEN p.state IN ('completed', 'expired') THEN p.credits ELSE 0 END"
#define DEEDS \
    "deeds d LEFT JOIN batches b ON b.id = d.subject LEFT JOIN packs p ON p.id = d.subject"

/* With BEFORE "" the newest. */
Err *deed_rows(
    DbTx *tx, const char *tenant_id, const char *before, int64_t limit, Arena *mem, List *ret)
{
    return db_all(
        tx,
        "SELECT d.id AS id, d.user_id AS user_id, d.action AS action, d.feature AS feature,"
        " d.subject AS subject, d.template AS template, d.partner AS partner,"
        " d.pictures AS pictures, " TAKEN " AS credits, d.at_ms AS at_ms FROM " DEEDS
        " WHERE d.tenant_id = ?1 AND (?2 = '' OR d.id < ?2) ORDER BY d.id DESC LIMIT ?3",
        DB_ARGS(DB_TEXT(tenant_id), DB_TEXT(before ? before : ""), DB_INT(limit)), &deed_shape, mem,
        ret);
}

Err *deeds_settle(DbTx *tx, const char *tenant_id, const char *project_id)
{
    const DbArg *of = DB_ARGS(DB_TEXT(tenant_id), DB_TEXT(project_id));

    TRY(db_run(
        tx,
        "UPDATE deeds SET credits = (SELECT charged FROM batches WHERE id = deeds.subject)"
        " WHERE tenant_id = ?1 AND subject IN (SELECT id FROM batches WHERE project_id = ?2)",
        of, NULL));
    return db_run(
        tx,
        "UPDATE deeds SET credits = (SELECT CASE WHEN state IN ('completed', 'expired')"
        " THEN credits ELSE 0 END FROM packs WHERE id = deeds.subject)"
        " WHERE tenant_id = ?1 AND subject IN (SELECT id FROM packs WHERE project_id = ?2)",
        of, NULL);
}

/* ---- statistics ---- */

static const Field ShopStats_fields[] = {
    {FIELD_INT(ShopStats, projects), .help = "Projects"},
    {FIELD_INT(ShopStats, photos), .help = "Photos"},
    {FIELD_INT(ShopStats, exported), .help = "Files in exports"},
    {FIELD_END},
};
static const Shape stats_counts_shape = SHAPE(ShopStats);

static const Field ShopRuns_fields[] = {
    {FIELD_INT(ShopStats, processed), .help = "Photos with a picture"},
    {FIELD_INT(ShopStats, completed), .help = "Pictures"},
    {FIELD_INT(ShopStats, failed), .help = "Pictures that failed"},
    {FIELD_NUMBER(ShopStats, seconds_a_picture), .help = "From its beginning to its end"},
    {FIELD_END},
};
static const Shape stats_runs_shape = {"ShopRuns", sizeof(ShopStats), ShopRuns_fields};

/* Sales in which the same was bought. */
typedef struct Sold {
    const char *feature, *parts;
    int64_t count, credits;
} Sold;

static const Field Sold_fields[] = {
    {FIELD_TEXT(Sold, feature), .help = "Price"},
    {FIELD_TEXT(Sold, parts), .help = "All that was bought", .nullable = true},
    {FIELD_INT(Sold, count), .help = "How often it was bought"},
    {FIELD_INT(Sold, credits), .help = "Credits taken"},
    {FIELD_END},
};
static const Shape sold_shape = SHAPE(Sold);

static const Field ShopTemplate_fields[] = {
    {FIELD_TEXT(ShopTemplate, id), .help = "Template"},
    {FIELD_INT(ShopTemplate, count), .help = "Photos made with it"},
    {FIELD_END},
};
static const Shape template_count_shape = SHAPE(ShopTemplate);

static MUST Err *
counts_read(DbTx *tx, const char *tenant_id, const char *door, Arena *mem, ShopStats *ret)
{
    ShopStats counts, runs;

    TRY(db_one(
        tx,
        "SELECT (SELECT COUNT(*) FROM projects WHERE tenant_id = ?1 AND door = ?2) AS projects,"
        " (SELECT COUNT(*) FROM photos f JOIN projects p ON p.id = f.project_id"
        "  WHERE p.tenant_id = ?1 AND p.door = ?2) AS photos,"
        " (SELECT COALESCE(CAST(SUM(d.pictures) AS BIGINT), 0)"
        "  FROM deeds d LEFT JOIN packs k ON k.id = d.subject"
        "  WHERE d.tenant_id = ?1 AND d.action = 'export'"
        "  AND (k.id IS NULL OR k.state <> 'failed')) AS exported",
        DB_ARGS(DB_TEXT(tenant_id), DB_TEXT(door)), &stats_counts_shape, mem, &counts));
    TRY(db_one(
        tx,
        "SELECT COUNT(DISTINCT CASE WHEN r.state = 'completed' THEN r.photo_id END) AS processed,"
        " COUNT(CASE WHEN r.state = 'completed' THEN 1 END) AS completed,"
        " COUNT(CASE WHEN r.state = 'failed' THEN 1 END) AS failed,"
        " COALESCE(CAST(AVG(CASE WHEN r.state = 'completed' THEN r.ended_ms - r.began_ms END)"
        "  AS DOUBLE PRECISION), 0) / 1000 AS seconds_a_picture"
        " FROM runs r JOIN projects p ON p.id = r.project_id"
        " WHERE p.tenant_id = ?1 AND p.door = ?2 AND r.is_preview = 0",
        DB_ARGS(DB_TEXT(tenant_id), DB_TEXT(door)), &stats_runs_shape, mem, &runs));
    ret->projects = counts.projects;
    ret->photos = counts.photos;
    ret->exported = counts.exported;
    ret->processed = runs.processed;
    ret->completed = runs.completed;
    ret->failed = runs.failed;
    ret->seconds_a_picture = runs.seconds_a_picture;
    return NULL;
}

/* ---- shared out among what was bought ---- */

static void feature_add(ShopFeature *features, const char *name, int64_t count, int64_t credits)
{
    for (Price price = 0; price < PRICE_MAX_; price++)
        if (strcmp(price_name(price), name) == 0) {
            features[price].count += count;
            features[price].credits += credits;
        }
}

/* One part and what it is listed at, off *AT; false at the end. */
static bool part_read(const char **at, char name[32], int64_t *ret_listed)
{
    const size_t length = strcspn(*at, ":");
    char *end;

    if (!(*at)[length] || length >= 32)
        return false;
    snprintf(name, 32, "%.*s", (int)length, *at);
    *ret_listed = strtoll(*at + length + 1, &end, 10);
    *at = end + strspn(end, " ");
    return true;
}

/* As the list prices stand to each other, in whole credits; the first part bears what is left. */
static void sold_share(ShopFeature *features, const Sold *sold)
{
    const char *at = sold->parts;
    int64_t listed, all = 0, rest = sold->credits;
    char name[32], first[32] = "";

    while (part_read(&at, name, &listed))
        all += listed;
    for (at = sold->parts; part_read(&at, name, &listed);) {
        const int64_t share = all ? sold->credits * listed / all : 0;

        if (!*first)
            snprintf(first, sizeof(first), "%s", name);
        feature_add(features, name, sold->count, share);
        rest -= share;
    }
    feature_add(features, first, 0, rest);
}

static int feature_order(const void *a, const void *b)
{
    const ShopFeature *one = a, *other = b;

    if (one->credits != other->credits)
        return one->credits < other->credits ? 1 : -1;
    return strcmp(one->feature, other->feature);
}

/* Work that was free is counted, too, under a name that is no price's. */
static List features_of(const List *sold, Arena *mem)
{
    ShopFeature *features = ARENA_ARRAY(mem, ShopFeature, PRICE_MAX_ + sold->count);
    size_t count = PRICE_MAX_, kept = 0;

    for (Price price = 0; price < PRICE_MAX_; price++)
        features[price].feature = price_name(price);
    for (size_t i = 0; i < sold->count; i++) {
        const Sold *row = &((const Sold *)sold->items)[i];

        if (row->parts)
            sold_share(features, row);
        else if (strcmp(row->feature, "free") == 0)
            features[count++] = (ShopFeature){row->feature, row->count, row->credits};
        else
            feature_add(features, row->feature, row->count, row->credits);
    }
    for (size_t i = 0; i < count; i++)
        if (features[i].count)
            features[kept++] = features[i];
    qsort(features, kept, sizeof(*features), feature_order);
    return (List){features, kept};
}

Err *deed_stats(DbTx *tx, const char *tenant_id, const char *door, Arena *mem, ShopStats *ret)
{
    List sold;

    TRY(counts_read(tx, tenant_id, door, mem, ret));
    TRY(db_all(
        tx,
        "SELECT feature, parts, COUNT(*) AS count, CAST(SUM(taken) AS BIGINT) AS credits FROM"
        " (SELECT d.feature AS feature, d.parts AS parts, " TAKEN " AS taken FROM " DEEDS
        "  WHERE d.tenant_id = ?1) AS sold GROUP BY feature, parts ORDER BY feature, parts",
        DB_ARGS(DB_TEXT(tenant_id)), &sold_shape, mem, &sold));
    ret->features = features_of(&sold, mem);
    return db_all(
        tx,
        "SELECT template AS id, CAST(SUM(pictures) AS BIGINT) AS count FROM deeds"
        " WHERE tenant_id = ?1 AND template IS NOT NULL GROUP BY template"
        " ORDER BY count DESC, id LIMIT 10",
        DB_ARGS(DB_TEXT(tenant_id)), &template_count_shape, mem, &ret->templates);
}
