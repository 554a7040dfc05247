/* Promises of brands. */
#include "unit/run/shop.h"

TEST_DB(a_brand_is_made_changed_listed_and_deleted)
{
    static const char *keywords[] = {"minimal", "bright"}, *colours[] = {"#fff", "navy"};
    const Texts styles = {keywords, 2}, palette = {colours, 2}, none = {0};
    Shop shop;
    Brand brand;
    List list;

    shop_open(&shop, db, 10);
    const Shelf *shelf = &shop.studio.shelf;
    const char *tenant = shop.tenant.id;
    CHECK_OK(brand_create(
        shelf, tenant,
        &(BrandWish){
            .name = "Acme",
            .scene_prompt = "modern living room",
            .style_keywords = &styles,
            .color_palette = &palette,
            .mood = "modern"},
        shop.mem, &brand));
    CHECK(id_is(brand.id, "brand"));
    CHECK_INT(brand.style_keywords.count, 2);
    CHECK_TEXT(brand.color_palette.items[1], "navy");

    CHECK_OK(brand_change(
        shelf, tenant, brand.id, &(BrandWish){.mood = "rustic", .color_palette = &none}, shop.mem,
        &brand));
    CHECK_TEXT(brand.mood, "rustic");
    CHECK_TEXT(brand.name, "Acme");
    CHECK_INT(brand.style_keywords.count, 2);
    CHECK_INT(brand.color_palette.count, 0);

    for (int i = 0; i < 3; i++) {
        Brand more;
        CHECK_OK(brand_create(shelf, tenant, &(BrandWish){.name = "More"}, shop.mem, &more));
    }
    CHECK_OK(brand_list(shelf, tenant, NULL, 2, shop.mem, &list));
    CHECK_INT(list.count, 2);
    CHECK_TEXT(((Brand *)list.items)[0].id, brand.id);
    CHECK_OK(brand_list(shelf, tenant, ((Brand *)list.items)[1].id, 10, shop.mem, &list));
    CHECK_INT(list.count, 2);

    AUTO(err_free) Err *other = brand_find(shelf, "tenant_other", brand.id, shop.mem, &brand);
    CHECK(other && err_code(other) == ERR_NOT_FOUND);
    CHECK_OK(brand_delete(shelf, tenant, brand.id));
    AUTO(err_free) Err *again = brand_delete(shelf, tenant, brand.id);
    CHECK(again && err_code(again) == ERR_NOT_FOUND);
    shop_close(&shop);
}

TEST_DB(a_brand_that_cannot_be_is_named_by_field)
{
    static const char *odd[] = {"#fff", "colour of my heart"};
    const Texts palette = {odd, 2};
    Shop shop;
    Brand brand;

    shop_open(&shop, db, 10);
    AUTO(err_free)
    Err *nameless = brand_create(
        &shop.studio.shelf, shop.tenant.id, &(BrandWish){.mood = "calm"}, shop.mem, &brand);
    CHECK_TEXT(err_where(nameless), "/name");
    AUTO(err_free)
    Err *colour = brand_create(
        &shop.studio.shelf, shop.tenant.id, &(BrandWish){.name = "A", .color_palette = &palette},
        shop.mem, &brand);
    CHECK_TEXT(err_where(colour), "/color_palette/1");
    shop_close(&shop);
}

TEST_DB(projects_come_newest_first_page_by_page)
{
    Project projects[3], *page;
    List runs, list;
    Shop shop;

    shop_open(&shop, db, 10);
    for (int i = 0; i < 3; i++)
        shop_job(&shop, (const char *const[]){"a.png", NULL}, &projects[i], &runs);
    ProjectQuery query = {.tenant_id = shop.tenant.id, .door = "test", .limit = 2};
    CHECK_OK(project_list(&shop.studio.shelf, &query, shop.mem, &list));
    CHECK_INT(list.count, 2);
    page = list.items;
    CHECK_TEXT(page[0].id, projects[2].id);
    query.before = page[1].id;
    CHECK_OK(project_list(&shop.studio.shelf, &query, shop.mem, &list));
    CHECK_INT(list.count, 1);
    CHECK_TEXT(((Project *)list.items)[0].id, projects[0].id);
    query = (ProjectQuery){
        .tenant_id = shop.tenant.id, .door = "test", .kind = PROJECT_BATCH, .limit = 2};
    CHECK_OK(project_list(&shop.studio.shelf, &query, shop.mem, &list));
    CHECK_INT(list.count, 0);
    shop_close(&shop);
}

TEST_DB(a_link_of_our_own_gives_exactly_what_it_was_made_for)
{
    static const char key[] = "raw/t/p/f/shoe.png";
    AUTO(buf_done) Buf bytes = BUF(1000);
    Link put, get;
    Shop shop;

    shop_open(&shop, db, 10);
    CHECK_OK(link_make(
        &shop.studio.shelf, &(LinkWish){.key = key, .is_put = true, .most_bytes = 8}, shop.mem,
        &put));
    CHECK_OK(link_make(&shop.studio.shelf, &(LinkWish){.key = key}, shop.mem, &get));
    CHECK_TEXT(put.method, "PUT");
    AUTO(err_free) Err *early = shop_get(&shop, get.url, &bytes);
    CHECK(early && err_code(early) == ERR_NOT_FOUND);
    AUTO(err_free) Err *large = shop_put(&shop, &put, "123456789", 9);
    CHECK(large && err_code(large) == ERR_FILE_TOO_LARGE);
    CHECK_OK(shop_put(&shop, &put, "12345678", 8));
    AUTO(err_free) Err *wrong = shop_put(&shop, &get, "12345678", 8);
    CHECK(wrong && err_code(wrong) == ERR_GRANT_REFUSED);
    CHECK_OK(shop_get(&shop, get.url, &bytes));
    CHECK_TEXT(buf_text(&bytes), "12345678");
    shop_close(&shop);
}
