/* Promises of the gallery. */
#include <unistd.h>

#include "base/clock.h"
#include "gallery/gallery.h"
#include "unit/run/shop.h"

/* Fails with CODE at FIELD (NULL: none). */
#define CHECK_FAULT(expr, code_, field_) \
    do { \
        AUTO(err_free) Err *e_ = (expr); \
        if (!e_) \
            test_fail(__FILE__, __LINE__, "%s did not fail", #expr); \
        CHECK_TEXT(err_name(err_code(e_)), err_name(code_)); \
        CHECK_TEXT(err_where(e_), field_); \
    } while (0)

#define ANY .featured = -1, .premium = -1, .own = -1

static const TemplateWish unchanged = {.is_public = -1, .is_featured = -1, .is_premium = -1};

static Value *json_of(const char *text)
{
    Value *value = NULL;

    CHECK_OK(value_parse(text, strlen(text), &value));
    return value;
}

static const char plain[] =
    "{\"steps\": [{\"step\": \"cutout\"}, {\"step\": \"place\", \"width_px\": 96, \"height_px\": "
    "120}, {\"step\": \"backdrop\", \"kind\": \"solid\", \"colours\": [\"#3366cc\"]}, {\"step\": "
    "\"encode\", \"format\": \"jpeg\"}]}";

static Template made(Shop *shop, const char *tenant_id, const char *name)
{
    AUTO(value_free) Value *recipe = json_of(plain);
    Template template;

    CHECK_OK(template_create(
        &shop->studio,
        &(TemplateWish){
            .tenant_id = tenant_id,
            .name = name,
            .category = "E-commerce",
            .recipe = recipe,
            .is_public = -1,
            .is_featured = -1,
            .is_premium = -1},
        shop->mem, &template));
    return template;
}

static size_t count_of(Shop *shop, TemplateQuery query)
{
    List list;
    int64_t total;

    query.tenant_id = shop->tenant.id;
    CHECK_OK(template_query(&shop->studio, &query, shop->mem, &list, &total));
    CHECK_INT(list.count, total);
    return list.count;
}

TEST_DB(the_first_ten_are_for_everybody_and_the_first_thirty_are_not_premium)
{
    Shop shop;
    List list;
    int64_t total;

    shop_open(&shop, db, 10);
    CHECK_OK(template_query(
        &shop.studio, &(TemplateQuery){.tenant_id = shop.tenant.id, ANY}, shop.mem, &list, &total));
    const Template *items = list.items;
    CHECK(total >= 50);
    for (size_t i = 0; i < list.count; i++) {
        CHECK_INT(items[i].position, i);
        CHECK(items[i].is_built_in && !items[i].is_own && items[i].recipe);
        if (i < 30)
            CHECK(!items[i].is_premium);
        for (size_t j = 0; j < i; j++)
            CHECK(strcmp(items[i].id, items[j].id) != 0);
    }
    size_t known = 0;
    for (const char *const *name = template_names(shop.mem); *name; name++)
        known++;
    CHECK_INT(total, known);
    shop_close(&shop);
}

TEST_DB(templates_are_found_by_what_they_are)
{
    Shop shop;

    shop_open(&shop, db, 10);
    size_t all = count_of(&shop, (TemplateQuery){ANY});
    size_t by_category = 0;
    for (const char *const *name = template_categories; *name; name++) {
        size_t count = count_of(&shop, (TemplateQuery){.category = *name, ANY});
        CHECK(count >= 10);
        by_category += count;
    }
    CHECK_INT(by_category, all);
    CHECK_INT(
        count_of(&shop, (TemplateQuery){.category = "E-commerce", ANY}),
        count_of(&shop, (TemplateQuery){.category = "ecommerce", ANY}));
    CHECK(count_of(&shop, (TemplateQuery){.platform = "Shopee", ANY}) >= 3);
    CHECK_INT(
        count_of(&shop, (TemplateQuery){.platform = "TikTok Shop", ANY}),
        count_of(&shop, (TemplateQuery){.platform = "tiktok_shop", ANY}));
    CHECK(count_of(&shop, (TemplateQuery){.aspect = "9:16", ANY}) >= 2);
    CHECK(count_of(&shop, (TemplateQuery){.tag = "marble", ANY}) >= 2);
    CHECK(count_of(&shop, (TemplateQuery){.search = "marble Counter", ANY}) >= 1);
    CHECK_INT(count_of(&shop, (TemplateQuery){.search = "marble nowhere", ANY}), 0);
    CHECK_INT(
        count_of(&shop, (TemplateQuery){.featured = 1, .premium = -1, .own = -1}) +
            count_of(&shop, (TemplateQuery){.featured = 0, .premium = -1, .own = -1}),
        all);
    CHECK_INT(count_of(&shop, (TemplateQuery){.featured = -1, .premium = -1, .own = 1}), 0);

    List list;
    int64_t total;
    CHECK_OK(template_query(
        &shop.studio, &(TemplateQuery){.tenant_id = shop.tenant.id, .offset = 70, .limit = 50, ANY},
        shop.mem, &list, &total));
    CHECK_INT(list.count, all - 70);
    CHECK_FAULT(
        template_query(
            &shop.studio, &(TemplateQuery){.category = "food", ANY}, shop.mem, &list, &total),
        ERR_INPUT_INVALID, "/category");
    CHECK_FAULT(
        template_query(
            &shop.studio, &(TemplateQuery){.sort = "colour", ANY}, shop.mem, &list, &total),
        ERR_INPUT_INVALID, "/sort");
    shop_close(&shop);
}

TEST_DB(a_template_of_ones_own_is_seen_by_nobody_else)
{
    Shop shop;
    Template own, seen;

    shop_open(&shop, db, 10);
    own = made(&shop, shop.tenant.id, "Our blue");
    CHECK(own.is_own && !own.is_public && !own.is_built_in && !own.is_premium);
    CHECK_TEXT(own.category, "ecommerce");
    CHECK_TEXT(own.aspect, "4:5");
    CHECK_INT(own.width_px, 96);
    CHECK_INT(own.position, -1);
    CHECK_OK(template_get(&shop.studio, shop.tenant.id, own.id, shop.mem, &seen));
    CHECK_TEXT(seen.name, "Our blue");
    CHECK(value_count(value_get(seen.recipe, "steps")) == 4);
    CHECK_FAULT(
        template_get(&shop.studio, "tenant_other", own.id, shop.mem, &seen), ERR_NOT_FOUND, NULL);
    CHECK_FAULT(template_get(&shop.studio, NULL, own.id, shop.mem, &seen), ERR_NOT_FOUND, NULL);
    CHECK_INT(count_of(&shop, (TemplateQuery){.featured = -1, .premium = -1, .own = 1}), 1);

    CHECK_FAULT(template_delete(&shop.studio, "tenant_other", own.id), ERR_NOT_FOUND, NULL);
    CHECK_OK(template_delete(&shop.studio, shop.tenant.id, own.id));
    CHECK_FAULT(template_delete(&shop.studio, shop.tenant.id, own.id), ERR_NOT_FOUND, NULL);
    shop_close(&shop);
}

TEST_DB(what_an_admin_makes_everybody_sees_unless_it_is_hidden)
{
    Shop shop;
    Template house, seen;
    TemplateWish hide = unchanged, name = unchanged;

    shop_open(&shop, db, 10);
    house = made(&shop, NULL, "House blue");
    CHECK(house.is_public && !house.is_own);
    CHECK_OK(template_get(&shop.studio, shop.tenant.id, house.id, shop.mem, &seen));
    name.name = "Mine now";
    CHECK_FAULT(
        template_change(&shop.studio, shop.tenant.id, house.id, &name, shop.mem, &seen),
        ERR_FORBIDDEN, NULL);
    CHECK_FAULT(template_delete(&shop.studio, shop.tenant.id, house.id), ERR_FORBIDDEN, NULL);
    hide.is_public = 0;
    hide.is_premium = 1;
    CHECK_OK(template_change(&shop.studio, NULL, house.id, &hide, shop.mem, &seen));
    CHECK(!seen.is_public && seen.is_premium);
    CHECK_FAULT(
        template_get(&shop.studio, shop.tenant.id, house.id, shop.mem, &seen), ERR_NOT_FOUND, NULL);
    CHECK_OK(template_delete(&shop.studio, NULL, house.id));
    shop_close(&shop);
}

TEST_DB(of_a_built_in_template_only_its_flags_can_be_changed)
{
    Shop shop;
    Template seen;
    TemplateWish feature = unchanged, name = unchanged;

    shop_open(&shop, db, 10);
    feature.is_featured = 1;
    name.name = "Mine now";
    CHECK_FAULT(
        template_change(&shop.studio, shop.tenant.id, "office", &feature, shop.mem, &seen),
        ERR_FORBIDDEN, NULL);
    CHECK_OK(template_change(&shop.studio, NULL, "office", &feature, shop.mem, &seen));
    CHECK(seen.is_featured && seen.changed_ms);
    CHECK_OK(template_get(&shop.studio, shop.tenant.id, "office", shop.mem, &seen));
    CHECK(seen.is_featured && seen.is_built_in);
    CHECK_FAULT(
        template_change(&shop.studio, NULL, "office", &name, shop.mem, &seen), ERR_FORBIDDEN, NULL);
    CHECK_FAULT(template_delete(&shop.studio, NULL, "office"), ERR_FORBIDDEN, NULL);
    CHECK_FAULT(
        template_change(&shop.studio, NULL, "nowhere", &feature, shop.mem, &seen), ERR_NOT_FOUND,
        NULL);
    shop_close(&shop);
}

TEST_DB(everybody_has_one_mark_and_may_change_it)
{
    Shop shop;
    Template seen;
    List list;
    int64_t total;
    const char *tenant;

    shop_open(&shop, db, 10);
    tenant = shop.tenant.id;
    CHECK_OK(template_rate(&shop.studio, tenant, "user_a", "kitchen", 2, shop.mem, &seen));
    CHECK_INT(seen.rated, 1);
    CHECK_OK(template_rate(&shop.studio, tenant, "user_b", "kitchen", 5, shop.mem, &seen));
    CHECK(seen.rating == 3.5);
    CHECK_OK(template_rate(&shop.studio, tenant, "user_a", "kitchen", 5, shop.mem, &seen));
    CHECK_INT(seen.rated, 2);
    CHECK(seen.rating == 5);
    CHECK_FAULT(
        template_rate(&shop.studio, tenant, "user_a", "kitchen", 6, shop.mem, &seen),
        ERR_INPUT_INVALID, "/rating");
    CHECK_FAULT(
        template_rate(&shop.studio, tenant, "user_a", "nowhere", 5, shop.mem, &seen), ERR_NOT_FOUND,
        NULL);
    CHECK_OK(template_rate(&shop.studio, tenant, "user_a", "office", 1, shop.mem, &seen));
    CHECK_OK(template_query(
        &shop.studio, &(TemplateQuery){.tenant_id = tenant, .sort = "rating", ANY}, shop.mem, &list,
        &total));
    CHECK_TEXT(((Template *)list.items)[0].id, "kitchen");
    CHECK_TEXT(((Template *)list.items)[list.count - 1].id, "office");
    shop_close(&shop);
}

static Err *use_work(DbTx *tx, void *id)
{
    TRY(template_used(tx, id, 2));
    TRY(template_used(tx, "nowhere", 1));
    return template_used(tx, id, 1);
}

TEST_DB(use_is_counted_and_the_most_used_come_first)
{
    Shop shop;
    Template seen;
    List list;
    int64_t total;

    shop_open(&shop, db, 10);
    CHECK_OK(db_write(db, use_work, (void *)(uintptr_t) "zellige-counter"));
    CHECK_OK(template_get(&shop.studio, shop.tenant.id, "zellige-counter", shop.mem, &seen));
    CHECK_INT(seen.used, 3);
    CHECK_INT(seen.changed_ms, 0);
    CHECK_OK(template_query(
        &shop.studio, &(TemplateQuery){.tenant_id = shop.tenant.id, .sort = "popular", ANY},
        shop.mem, &list, &total));
    CHECK_TEXT(((Template *)list.items)[0].id, "zellige-counter");
    CHECK_TEXT(((Template *)list.items)[1].id, "studio-white");
    shop_close(&shop);
}

TEST_DB(a_template_that_cannot_be_is_named_by_field)
{
    Shop shop;
    Template seen;
    AUTO(value_free) Value *good = json_of(plain);
    AUTO(value_free) Value *bad = json_of("{\"steps\": [{\"step\": \"bake\"}]}");

    shop_open(&shop, db, 10);
    TemplateWish wish = {.tenant_id = shop.tenant.id, .is_public = -1};
    CHECK_FAULT(template_create(&shop.studio, &wish, shop.mem, &seen), ERR_INPUT_MISSING, "/name");
    wish.name = "Blue";
    CHECK_FAULT(
        template_create(&shop.studio, &wish, shop.mem, &seen), ERR_INPUT_MISSING, "/category");
    wish.category = "food";
    wish.recipe = good;
    CHECK_FAULT(
        template_create(&shop.studio, &wish, shop.mem, &seen), ERR_INPUT_INVALID, "/category");
    wish.category = "studio";
    wish.aspect = "wide";
    CHECK_FAULT(
        template_create(&shop.studio, &wish, shop.mem, &seen), ERR_INPUT_INVALID, "/aspect");
    wish.aspect = "16:9";
    wish.recipe = bad;
    CHECK_FAULT(
        template_create(&shop.studio, &wish, shop.mem, &seen), ERR_INPUT_INVALID,
        "/recipe/steps/0/step");
    wish.recipe = NULL;
    CHECK_FAULT(
        template_create(&shop.studio, &wish, shop.mem, &seen), ERR_INPUT_MISSING, "/recipe");
    const char *odd[] = {"good", ""};
    wish.recipe = good;
    wish.tags = &(Texts){odd, 2};
    CHECK_FAULT(
        template_create(&shop.studio, &wish, shop.mem, &seen), ERR_INPUT_INVALID, "/tags/1");
    shop_close(&shop);
}

static void gallery_work(Shop *shop)
{
    CHECK_OK(job_crew_start(
        &(JobCrewSetup){
            .db = shop->db,
            .kinds = gallery_kinds,
            .context = &shop->studio,
            .light = 1,
            .heavy = 1,
        },
        &shop->crew));
}

TEST_DB(thumbnails_of_our_own_templates_are_there_at_once)
{
    Shop shop;
    ImageFacts facts;

    shop_open(&shop, db, 10);
    const char *const *names = template_names(shop.mem);
    for (; *names; names++) {
        AUTO(template_picture_done) TemplatePicture thumb = {0};

        CHECK_OK(template_picture(&shop.studio, shop.tenant.id, *names, true, shop.mem, &thumb));
        CHECK(thumb.is_ready);
        CHECK_OK(image_probe(thumb.webp.bytes, thumb.webp.size, &image_limits_default, &facts));
        CHECK_INT(MAX(facts.width_px, facts.height_px), TEMPLATE_THUMB_PX);
    }
    CHECK_INT(test_db_number(db, "SELECT count(*) FROM jobs"), 0);
    shop_close(&shop);
}

TEST_DB(a_template_is_drawn_once_and_kept)
{
    Shop shop;

    shop_open(&shop, db, 10);
    Template own = made(&shop, shop.tenant.id, "Our blue");
    for (int i = 0; i < 2; i++) {
        AUTO(template_picture_done) TemplatePicture soon = {0};

        CHECK_OK(template_picture(&shop.studio, shop.tenant.id, own.id, i, shop.mem, &soon));
        CHECK(!soon.is_ready && soon.webp.size);
    }
    CHECK_INT(test_db_number(db, "SELECT count(*) FROM jobs"), 1);

    gallery_work(&shop);
    int64_t until_ms = clock_ticks_ms() + TEST_PATIENCE_MS;
    while (test_db_number(db, "SELECT count(*) FROM jobs") && clock_ticks_ms() < until_ms)
        usleep(20000);

    AUTO(template_picture_done) TemplatePicture picture = {0}, thumb = {0};
    ImageFacts facts;
    CHECK_OK(template_picture(&shop.studio, shop.tenant.id, own.id, false, shop.mem, &picture));
    CHECK_OK(template_picture(&shop.studio, shop.tenant.id, own.id, true, shop.mem, &thumb));
    CHECK(picture.is_ready && thumb.is_ready);
    CHECK(strcmp(picture.etag, thumb.etag) != 0);
    CHECK_OK(image_probe(picture.webp.bytes, picture.webp.size, &image_limits_default, &facts));
    CHECK_INT(facts.width_px, 96);
    CHECK_INT(facts.height_px, 120);
    CHECK_INT(facts.format, IMAGE_WEBP);

    /* Its recipe changes: so do its pictures. */
    AUTO(value_free) Value *other = json_of(
        "{\"steps\": [{\"step\": \"cutout\"}, {\"step\": \"place\", \"width_px\": 64}, {\"step\": "
        "\"encode\"}]}");
    TemplateWish wish = unchanged;
    Template changed;
    wish.recipe = other;
    CHECK_OK(template_change(&shop.studio, shop.tenant.id, own.id, &wish, shop.mem, &changed));
    CHECK(strcmp(changed.drawing, own.drawing) != 0);
    AUTO(template_picture_done) TemplatePicture anew = {0};
    CHECK_OK(template_picture(&shop.studio, shop.tenant.id, own.id, false, shop.mem, &anew));
    CHECK(!anew.is_ready);
    CHECK_FAULT(
        template_picture(&shop.studio, "tenant_other", own.id, false, shop.mem, &anew),
        ERR_NOT_FOUND, NULL);
    shop_close(&shop);
}
