/* Promises of tables of products. */
#include "unit/run/shop.h"

typedef struct Page {
    Shop shop;
    CatalogueOf of;
    Photo photos[4];
} Page;

static Err *photos_work(DbTx *tx, void *photos)
{
    return photos_add(tx, photos);
}

static void page_open(Page *page, Db *db)
{
    static const char *const names[] = {"shoe.jpg", "Boot.JPG", "twice.jpg", "twice.jpg"};
    Catalogue catalogue;
    List list = {page->photos, COUNT(names)};

    shop_open(&page->shop, db, 10);
    page->of = (CatalogueOf){.tenant_id = page->shop.tenant.id, .door = "studio"};
    CHECK_OK(catalogue_create(
        &page->shop.studio.shelf, &page->of, &(CatalogueWish){.name = "Shoes"}, page->shop.mem,
        &catalogue));
    page->of.id = catalogue.id;
    for (size_t i = 0; i < COUNT(names); i++) {
        Id id = id_new("photo");

        page->photos[i] = (Photo){
            .id = arena_text(page->shop.mem, id.text),
            .tenant_id = page->of.tenant_id,
            .project_id = page->of.id,
            .filename = names[i],
            .key = arena_print(page->shop.mem, "raw/%s", id.text)};
    }
    CHECK_OK(db_write(db, photos_work, &list));
}

static List page_read(Page *page, const char *text)
{
    List lines;

    CHECK_OK(products_read_csv(
        &page->shop.studio, &page->of, text, strlen(text), page->shop.mem, &lines));
    return lines;
}

static Item page_item(Page *page, int at)
{
    CatalogueOf of = page->of;
    Item item;

    of.id = page->photos[at].id;
    CHECK_OK(item_find(&page->shop.studio.shelf, &of, page->shop.mem, &item));
    return item;
}

TEST_DB(a_table_says_what_is_known_of_products_line_by_line)
{
    Page page;

    page_open(&page, db);
    const char *text = arena_print(
        page.shop.mem,
        "filename,itemId,sku,name,price,tags,favorite\n"
        "SHOE.jpg,,S-1,Sneaker,\"Rp 59.000\",\"red; summer\",yes\n"
        ",%s,S-2,Boot,,,\n"
        "nobody.jpg,,,,,,\n"
        "twice.jpg,,,Two,,,\n"
        ",,,Nameless,,,\n"
        "shoe.jpg,,,,,,perhaps\n",
        page.photos[2].id);
    const List lines = page_read(&page, text);
    const ProductLine *line = lines.items;

    CHECK_INT(lines.count, 6);
    CHECK(!line[0].error_text && !line[1].error_text);
    CHECK_TEXT(line[0].items.items[0], page.photos[0].id);
    CHECK_INT(line[0].number, 2);
    CHECK(strstr(line[2].error_text, "Line 4, column 1"));
    CHECK(strstr(line[3].error_text, "several"));
    CHECK(strstr(line[4].error_text, "Line 6"));
    CHECK(strstr(line[5].error_text, "Line 7, column 7"));
    Item shoe = page_item(&page, 0);
    CHECK_TEXT(shoe.product_name, "Sneaker");
    CHECK_TEXT(shoe.product_price, "Rp 59.000");
    CHECK_INT(shoe.product_tags.count, 2);
    CHECK(shoe.is_favorite);
    CHECK_TEXT(page_item(&page, 2).product_sku, "S-2");
    CHECK_TEXT(page_item(&page, 3).product_name, "");

    shop_close(&page.shop);
}

TEST_DB(a_product_known_by_its_sku_is_all_of_its_photos)
{
    Page page;

    page_open(&page, db);
    page_read(&page, "filename,sku\nshoe.jpg,S-1\nboot.jpg,S-1\n");
    const List lines = page_read(&page, "sku,price\nS-1,12\nS-9,13\n");
    const ProductLine *line = lines.items;

    CHECK_INT(line[0].items.count, 2);
    CHECK(strstr(line[1].error_text, "SKU"));
    CHECK_TEXT(page_item(&page, 0).product_price, "12");
    CHECK_TEXT(page_item(&page, 1).product_price, "12");
    shop_close(&page.shop);
}

TEST_DB(a_table_of_products_that_cannot_be_read_changes_nothing)
{
    static const char *const texts[] = {
        "name,price\nShoe,12\n", "", "filename,name\n", "filename,name\nshoe.jpg,\"a\"b\n",
        "filename,filename\nshoe.jpg,a\n"};
    Page page;
    List lines;

    page_open(&page, db);
    for (size_t i = 0; i < COUNT(texts); i++) {
        AUTO(err_free)
        Err *err = products_read_csv(
            &page.shop.studio, &page.of, texts[i], strlen(texts[i]), page.shop.mem, &lines);
        CHECK(err && err_code(err) == ERR_INPUT_INVALID);
    }
    CatalogueOf other = page.of;
    other.tenant_id = "tenant_other";
    AUTO(err_free)
    Err *err = products_read_csv(&page.shop.studio, &other, "sku\nx\n", 6, page.shop.mem, &lines);
    CHECK(err && err_code(err) == ERR_NOT_FOUND);
    CHECK_TEXT(page_item(&page, 0).product_name, "");
    shop_close(&page.shop);
}
