/* Promises of catalogues and their items. */
#include "asset/catalogue.h"
#include "unit/run/shop.h"

static const char door[] = "studio";

static CatalogueOf catalogue_make(Shop *shop, const char *name, const char *description)
{
    CatalogueOf of = {.tenant_id = shop->tenant.id, .door = door};
    Catalogue made;

    CHECK_OK(catalogue_create(
        &shop->studio.shelf, &of, &(CatalogueWish){.name = name, .description = description},
        shop->mem, &made));
    of.id = made.id;
    return of;
}

static Err *photos_work(DbTx *tx, void *photos)
{
    return photos_add(tx, photos);
}

/* Photos without bytes, called a0.jpg, a1.jpg, ... */
static Photo *photos_make(Shop *shop, const CatalogueOf *of, size_t count)
{
    Photo *photos = ARENA_ARRAY(shop->mem, Photo, count);
    List list = {photos, count};

    for (size_t i = 0; i < count; i++) {
        Id id = id_new("photo");

        photos[i] = (Photo){
            .id = arena_text(shop->mem, id.text),
            .tenant_id = of->tenant_id,
            .project_id = of->id,
            .filename = arena_print(shop->mem, "a%zu.jpg", i),
            .key = arena_print(shop->mem, "raw/%s", id.text)};
    }
    CHECK_OK(db_write(shop->db, photos_work, &list));
    return photos;
}

TEST_DB(a_catalogue_is_made_changed_found_and_listed)
{
    Catalogue found;
    int64_t total;
    Shop shop;
    List list;

    shop_open(&shop, db, 10);
    const Shelf *shelf = &shop.studio.shelf;
    const CatalogueOf shoes = catalogue_make(&shop, "Shoes 50% off_season", NULL);
    const CatalogueOf bags = catalogue_make(&shop, "Bags", "Leather and canvas");
    catalogue_make(&shop, "Hats", NULL);

    CHECK_OK(catalogue_find(shelf, &shoes, shop.mem, &found));
    CHECK(id_is(found.id, "project"));
    CHECK_TEXT(found.category, "general");
    CHECK_TEXT(found.description, "");
    CHECK(!found.template && !found.is_archived);
    CHECK_OK(catalogue_change(
        shelf, &shoes,
        &(CatalogueWish){.category = "fashion", .template = "studio-white", .is_archived = 1},
        shop.mem, &found));
    CHECK_TEXT(found.name, "Shoes 50% off_season");
    CHECK_TEXT(found.category, "fashion");
    CHECK_TEXT(found.template, "studio-white");
    CHECK(found.is_archived);
    CHECK_OK(catalogue_change(
        shelf, &shoes, &(CatalogueWish){.template = "", .is_archived = -1}, shop.mem, &found));
    CHECK(!found.template && found.is_archived);

    CatalogueQuery query = {.tenant_id = shop.tenant.id, .door = door, .archived = -1, .limit = 2};
    CHECK_OK(catalogue_list(shelf, &query, shop.mem, &list, &total));
    CHECK_INT(total, 3);
    CHECK_TEXT(((const Catalogue *)list.items)[0].name, "Hats");
    query.before = ((const Catalogue *)list.items)[1].id;
    CHECK_OK(catalogue_list(shelf, &query, shop.mem, &list, &total));
    CHECK_INT(list.count, 1);
    CHECK_TEXT(((const Catalogue *)list.items)[0].id, shoes.id);

    static const struct {
        const char *search;
        int64_t archived, count;
    } looks[] = {{"BAG", -1, 1}, {"canvas", -1, 1}, {"0% O", -1, 1}, {"0%s", -1, 0},
                 {"f_s", -1, 1}, {"f.s", -1, 0},    {NULL, 0, 2},    {NULL, 1, 1}};
    for (size_t i = 0; i < COUNT(looks); i++) {
        const CatalogueQuery look = {
            .tenant_id = shop.tenant.id,
            .door = door,
            .search = looks[i].search,
            .archived = looks[i].archived,
            .limit = 10};
        CHECK_OK(catalogue_list(shelf, &look, shop.mem, &list, &total));
        CHECK_INT(total, looks[i].count);
        CHECK_INT(list.count, looks[i].count);
    }

    CatalogueOf others[] = {bags, bags};
    others[0].tenant_id = "tenant_other";
    others[1].door = "opal";
    for (size_t i = 0; i < COUNT(others); i++) {
        AUTO(err_free) Err *err = catalogue_find(shelf, &others[i], shop.mem, &found);
        CHECK(err && err_code(err) == ERR_NOT_FOUND);
    }
    shop_close(&shop);
}

TEST_DB(a_catalogue_that_cannot_be_is_named_by_field)
{
    Catalogue made;
    Shop shop;
    char *wide;

    shop_open(&shop, db, 10);
    const CatalogueOf of = {.tenant_id = shop.tenant.id, .door = door};
    wide = ARENA_ARRAY(shop.mem, char, 2 * CATALOGUE_NAME_LETTERS + 3);
    for (int i = 0; i < CATALOGUE_NAME_LETTERS; i++)
        memcpy(wide + 2 * i, "\xc3\xa9", 2);
    CHECK_OK(
        catalogue_create(&shop.studio.shelf, &of, &(CatalogueWish){.name = wide}, shop.mem, &made));
    memcpy(wide + 2 * CATALOGUE_NAME_LETTERS, "x", 1);
    const struct {
        CatalogueWish wish;
        const char *field;
    } wrong[] = {
        {{.description = "x"}, "/name"},
        {{.name = "  "}, "/name"},
        {{.name = "a\nb"}, "/name"},
        {{.name = wide}, "/name"},
        {{.name = "a", .category = "a\tb"}, "/category"},
        {{.name = "a", .template = wide}, "/defaultTemplate"},
    };
    for (size_t i = 0; i < COUNT(wrong); i++) {
        AUTO(err_free)
        Err *err = catalogue_create(&shop.studio.shelf, &of, &wrong[i].wish, shop.mem, &made);
        CHECK_TEXT(err ? err_where(err) : NULL, wrong[i].field);
    }
    shop_close(&shop);
}

static int64_t count_of(Shop *shop, const ItemQuery *query)
{
    int64_t total;
    List list;

    CHECK_OK(item_list(&shop->studio.shelf, query, shop->mem, &list, &total));
    CHECK_INT(list.count, MIN(total, query->limit));
    return total;
}

TEST_DB(items_are_found_by_what_is_known_of_their_products)
{
    static const char *words[] = {"fall", "50% \"off\""};
    const Texts tags = {words, 2};
    int64_t changed;
    Shop shop;
    Item item;

    shop_open(&shop, db, 10);
    const Shelf *shelf = &shop.studio.shelf;
    const CatalogueOf of = catalogue_make(&shop, "Shoes", NULL);
    const Photo *photos = photos_make(&shop, &of, 5);
    const CatalogueOf first = {of.tenant_id, of.door, photos[0].id};

    CHECK_OK(item_change(
        shelf, &first,
        &(ProductWish){
            .name = "Sneaker Merah",
            .sku = "SKU-1",
            .price = "Rp 59.000",
            .tags = &tags,
            .is_favorite = 1},
        shop.mem, &item));
    CHECK_TEXT(item.product_name, "Sneaker Merah");
    CHECK_TEXT(item.product_tags.items[1], "50% \"off\"");
    CHECK(item.is_favorite);
    CHECK_OK(item_change(
        shelf, &first, &(ProductWish){.price = "", .is_favorite = -1}, shop.mem, &item));
    CHECK_TEXT(item.product_sku, "SKU-1");
    CHECK_TEXT(item.product_price, "");
    CHECK_INT(item.product_tags.count, 2);
    CHECK(item.is_favorite);

    const ItemQuery all = {.catalogue = of, .state = -1, .favorite = -1, .limit = 3};
    const struct {
        const char *tag, *search;
        int64_t favorite, state, count;
    } looks[] = {
        {NULL, NULL, -1, -1, 5},
        {"Fall", NULL, -1, -1, 1},
        {"fal", NULL, -1, -1, 0},
        {"50% \"off\"", NULL, -1, -1, 1},
        {NULL, "merah", -1, -1, 1},
        {NULL, "sku-1", -1, -1, 1},
        {NULL, "A4.JPG", -1, -1, 1},
        {NULL, "%", -1, -1, 0},
        {NULL, NULL, 1, -1, 1},
        {NULL, NULL, 0, -1, 4},
        {NULL, NULL, -1, ITEM_UPLOADED, 5},
        {NULL, NULL, -1, ITEM_PROCESSED, 0},
    };
    for (size_t i = 0; i < COUNT(looks); i++) {
        ItemQuery query = all;

        query.tag = looks[i].tag;
        query.search = looks[i].search;
        query.favorite = looks[i].favorite;
        query.state = looks[i].state;
        CHECK_INT(count_of(&shop, &query), looks[i].count);
    }

    const char *two[] = {photos[1].id, photos[2].id}, *odd[] = {photos[3].id, "photo_none"};
    CHECK_OK(items_change(
        shelf, &of, &(Texts){two, 2}, &(ProductWish){.name = "Boot", .is_favorite = -1}, &changed));
    CHECK_INT(changed, 2);
    AUTO(err_free)
    Err *err = items_change(
        shelf, &of, &(Texts){odd, 2}, &(ProductWish){.name = "Sandal", .is_favorite = -1},
        &changed);
    CHECK(err && err_code(err) == ERR_NOT_FOUND);
    CHECK_TEXT(err_where(err), "/itemIds/1");
    CHECK_INT(test_db_number(db, "SELECT COUNT(*) FROM photos WHERE product_name = 'Sandal'"), 0);
    CHECK_OK(items_change(shelf, &of, &(Texts){0}, &(ProductWish){.is_favorite = 1}, &changed));
    CHECK_INT(changed, 5);
    CHECK_INT(test_db_number(db, "SELECT COUNT(*) FROM photos WHERE product_name = 'Boot'"), 2);
    shop_close(&shop);
}

TEST(what_is_said_of_a_product_is_held_to_its_limits)
{
    char long_tag[PRODUCT_TAG_LETTERS + 2];
    const char *bad[] = {"good", long_tag}, *empty[] = {""};
    const Texts bad_tags = {bad, 2}, empty_tags = {empty, 1};
    AUTO(arena_free) Arena *mem = arena_new();

    memset(long_tag, 'x', sizeof(long_tag));
    long_tag[PRODUCT_TAG_LETTERS + 1] = '\0';
    AUTO(err_free) Err *tag = product_check(&(ProductWish){.tags = &bad_tags});
    CHECK_TEXT(err_where(tag), "/productTags/1");
    AUTO(err_free) Err *none = product_check(&(ProductWish){.tags = &empty_tags});
    CHECK_TEXT(err_where(none), "/productTags/0");
    AUTO(err_free) Err *line = product_check(&(ProductWish){.name = "a\nb"});
    CHECK_TEXT(err_where(line), "/productName");

    const Texts *read = product_tags_read(" red;summer sale ,, | new", mem);
    CHECK_INT(read->count, 3);
    CHECK_TEXT(read->items[0], "red");
    CHECK_TEXT(read->items[1], "summer sale");
    CHECK_TEXT(read->items[2], "new");
}
