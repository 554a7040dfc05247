/* Promises of photos that come many at once. */
#include <time.h>

#include "asset/catalogue.h"
#include "unit/run/shop.h"

static const char door[] = "studio";

/* ---- pictures, drawn ---- */

static void picture_draw(int width, int height, int number, ImageFormat format, Buf *ret)
{
    const ImageEncoding encoding = {.format = format, .quality = 80, .effort = 1};
    AUTO(image_free) Image *image = NULL;

    CHECK_OK(image_new(width, height, 3, DEPTH_8, &image));
    for (int y = 0; y < height; y++) {
        uint8_t *row = image_row_mut(image, y);

        for (int x = 0; x < width; x++) {
            row[3 * x] = (uint8_t)(x * 255 / width);
            row[3 * x + 1] = (uint8_t)(y * 255 / height);
            row[3 * x + 2] = (uint8_t)(number * 37);
        }
    }
    CHECK_OK(image_encode(image, &encoding, ret));
}

/* A page of a catalogue that files come to. */
typedef struct Page {
    Shop shop;
    CatalogueOf of;
    Intake *intake;
} Page;

static void page_open(Page *page, Db *db)
{
    Catalogue catalogue;

    *page = (Page){0};
    shop_open(&page->shop, db, 10);
    page->of = (CatalogueOf){.tenant_id = page->shop.tenant.id, .door = door};
    CHECK_OK(catalogue_create(
        &page->shop.studio.shelf, &page->of, &(CatalogueWish){.name = "Autumn"}, page->shop.mem,
        &catalogue));
    page->of.id = catalogue.id;
}

static void page_begin(Page *page)
{
    intake_free(page->intake);
    CHECK_OK(intake_open(
        &page->shop.studio.shelf, &(IntakeSetup){.catalogue = page->of}, &page->intake));
}

static void page_close(Page *page)
{
    intake_free(page->intake);
    shop_close(&page->shop);
}

/* In pieces, as a network brings them. */
static void page_send(Page *page, const char *name, const void *bytes, size_t size)
{
    CHECK_OK(intake_begin(page->intake, name));
    for (size_t at = 0, piece = 1; at < size; at += piece, piece = piece * 3 + 1) {
        piece = MIN(piece, size - at);
        CHECK_OK(intake_add(page->intake, (const char *)bytes + at, piece));
    }
}

static void page_draw(Page *page, const char *name, int width, int height, int number)
{
    AUTO(buf_done) Buf bytes = BUF(32 << 20);

    picture_draw(width, height, number, IMAGE_JPEG, &bytes);
    page_send(page, name, bytes.bytes, bytes.size);
}

static Err *keep_work(DbTx *tx, void *intake)
{
    return intake_keep(tx, intake, NULL);
}

static const Arrival *arrival(const Page *page, size_t at)
{
    const List arrivals = intake_arrivals(page->intake);

    CHECK(at < arrivals.count);
    return &((const Arrival *)arrivals.items)[at];
}

static long long blobs(Page *page, const char *prefix)
{
    BlobPage rows;

    CHECK_OK(blob_list(page->shop.blob, &(BlobQuery){.prefix = prefix}, page->shop.mem, &rows));
    return (long long)rows.count;
}

TEST_DB(photos_that_come_together_are_items_with_a_small_picture)
{
    static const ImageFormat formats[] = {IMAGE_JPEG, IMAGE_PNG, IMAGE_WEBP};
    AUTO(buf_done) Buf thumb = BUF(1 << 20);
    AUTO(buf_done) Buf sent = BUF(1 << 24);
    AUTO(buf_done) Buf kept = BUF(1 << 24);
    ImageFacts facts;
    int64_t taken, total;
    Page page;
    List items;

    page_open(&page, db);
    page_begin(&page);
    for (int i = 0; i < 3; i++) {
        AUTO(buf_done) Buf bytes = BUF(1 << 24);

        picture_draw(900, 600, i, formats[i], &bytes);
        page_send(&page, "shoe.jpg", bytes.bytes, bytes.size);
        if (i == 0)
            CHECK_OK(buf_add(&sent, bytes.bytes, bytes.size));
    }
    CHECK_OK(intake_look(page.intake, &taken));
    CHECK_INT(taken, 3);
    CHECK_OK(db_write(db, keep_work, page.intake));

    const ItemQuery query = {.catalogue = page.of, .state = -1, .favorite = -1, .limit = 10};
    CHECK_OK(item_list(&page.shop.studio.shelf, &query, page.shop.mem, &items, &total));
    CHECK_INT(total, 3);
    const Item *item = items.items;
    CHECK_TEXT(item->filename, "shoe.jpg");
    CHECK_TEXT(item->format, "jpeg");
    CHECK_TEXT(item[1].format, "png");
    CHECK_TEXT(item[2].format, "webp");
    CHECK_INT(item->width_px, 900);
    CHECK_INT(item->state, ITEM_UPLOADED);
    CHECK_INT(item->bytes, sent.size);
    CHECK_OK(blob_get(page.shop.blob, &(BlobGet){.key = item->key}, &kept));
    CHECK(kept.size == sent.size && memcmp(kept.bytes, sent.bytes, sent.size) == 0);
    CHECK_OK(blob_get(page.shop.blob, &(BlobGet){.key = item->thumb_key}, &thumb));
    CHECK_OK(image_probe(thumb.bytes, thumb.size, NULL, &facts));
    CHECK_INT(facts.format, IMAGE_JPEG);
    CHECK_INT(facts.width_px, 400);
    CHECK_INT(facts.height_px, 267);
    CHECK_INT(test_db_number(db, "SELECT COUNT(*) FROM assets WHERE purpose = 'raw'"), 3);
    CHECK_INT(test_db_number(db, "SELECT COUNT(*) FROM assets WHERE purpose = 'thumb'"), 3);
    page_close(&page);
}

TEST_DB(what_is_no_photo_is_told_with_its_reason_and_spoils_no_other)
{
    AUTO(buf_done) Buf jpeg = BUF(32 << 20);
    AUTO(buf_done) Buf heic = BUF(1 << 10);
    static const char page_text[] = "<!doctype html><html><body>no</body></html>";
    static const char svg[] = "<svg xmlns=\"http://www.w3.org/2000/svg\"></svg>";
    static char large[1 << 20];
    static const struct {
        ErrCode error;
        const char *word;
    } told[] = {
        {ERR_MAX_, NULL},
        {ERR_IMAGE_UNSUPPORTED, "text"},
        {ERR_IMAGE_UNSUPPORTED, "web page"},
        {ERR_IMAGE_UNSUPPORTED, "SVG"},
        {ERR_IMAGE_UNSUPPORTED, "GIF"},
        {ERR_IMAGE_UNSUPPORTED, "HEIC"},
        {ERR_IMAGE_UNREADABLE, "empty"},
        {ERR_IMAGE_UNREADABLE, ""},
        {ERR_IMAGE_TOO_SMALL, "499"},
        {ERR_IMAGE_TOO_LARGE, "8001"},
        {ERR_FILE_TOO_LARGE, "MB"},
        {ERR_MAX_, NULL},
    };
    int64_t taken;
    Page page;

    page_open(&page, db);
    page_begin(&page);
    picture_draw(640, 500, 1, IMAGE_JPEG, &jpeg);
    CHECK_OK(buf_add(
        &heic,
        "\0\0\0\x18"
        "ftypheic\0\0\0\0mif1heic",
        24));
    page_send(&page, "good.jpg", jpeg.bytes, jpeg.size);
    page_send(&page, "notes.jpg", "just a few words\n", 17);
    page_send(&page, "page.jpg", page_text, sizeof(page_text) - 1);
    page_send(&page, "drawing.svg", svg, sizeof(svg) - 1);
    page_send(&page, "old.gif", "GIF89a\1\0\1\0\0\0\0;", 14);
    page_send(&page, "phone.heic", heic.bytes, heic.size);
    page_send(&page, "nothing.jpg", "", 0);
    page_send(&page, "half.jpg", jpeg.bytes, jpeg.size * 2 / 3);
    page_draw(&page, "small.jpg", 499, 800, 2);
    page_draw(&page, "wide.jpg", 8001, 500, 3);
    CHECK_OK(intake_begin(page.intake, "huge.jpg"));
    CHECK_OK(intake_add(page.intake, jpeg.bytes, jpeg.size));
    for (int i = 0; i < 21; i++)
        CHECK_OK(intake_add(page.intake, large, sizeof(large)));
    page_draw(&page, "least.jpg", 500, 8000, 4);
    CHECK_OK(intake_look(page.intake, &taken));
    CHECK_INT(taken, 2);
    for (size_t i = 0; i < COUNT(told); i++) {
        const Arrival *one = arrival(&page, i);

        if (one->error != told[i].error ||
            (told[i].word && !strcasestr(one->error_text, told[i].word)))
            test_fail(
                __FILE__, __LINE__, "%s: %s", one->filename,
                one->error_text ? one->error_text : "was taken");
    }
    CHECK_OK(db_write(db, keep_work, page.intake));
    CHECK_INT(test_db_number(db, "SELECT COUNT(*) FROM photos"), 2);
    CHECK_INT(blobs(&page, "raw/"), 2);
    CHECK_INT(blobs(&page, "outputs/"), 2);
    page_close(&page);
}

TEST_DB(a_picture_of_nothing_but_zeros_takes_no_memory_of_its_size)
{
    AUTO(buf_done) Buf png = BUF(8 << 20);
    const ImageEncoding encoding = {.format = IMAGE_PNG, .effort = 9};
    AUTO(image_free) Image *black = NULL;
    int64_t taken;
    Page page;

    page_open(&page, db);
    page_begin(&page);
    CHECK_OK(image_new(4000, 4000, 3, DEPTH_8, &black));
    CHECK_OK(image_encode(black, &encoding, &png));
    page_send(&page, "black.png", png.bytes, png.size);
    CHECK_OK(intake_look(page.intake, &taken));
    CHECK_INT(taken, 1);

    /* The same head with more pixels than may be. */
    page_begin(&page);
    png.bytes[18] = 0xff;
    page_send(&page, "bomb.png", png.bytes, png.size);
    CHECK_OK(intake_look(page.intake, &taken));
    CHECK_INT(taken, 0);
    page_close(&page);
}

TEST_DB(a_file_that_comes_twice_is_kept_twice_and_told)
{
    int64_t taken;
    Page page;

    page_open(&page, db);
    page_begin(&page);
    page_draw(&page, "a.jpg", 500, 500, 1);
    page_draw(&page, "b.jpg", 500, 500, 2);
    page_draw(&page, "c.jpg", 500, 500, 1);
    CHECK_OK(intake_look(page.intake, &taken));
    CHECK_INT(taken, 3);
    CHECK_OK(db_write(db, keep_work, page.intake));
    CHECK(!arrival(&page, 0)->duplicate_of && !arrival(&page, 1)->duplicate_of);
    CHECK_TEXT(arrival(&page, 2)->duplicate_of, arrival(&page, 0)->id);
    const char *first = arena_text(page.shop.mem, arrival(&page, 0)->id);

    page_begin(&page);
    page_draw(&page, "d.jpg", 500, 500, 1);
    CHECK_OK(intake_look(page.intake, &taken));
    CHECK_OK(db_write(db, keep_work, page.intake));
    CHECK_TEXT(arrival(&page, 0)->duplicate_of, first);
    CHECK_INT(test_db_number(db, "SELECT COUNT(*) FROM photos"), 4);
    page_close(&page);
}

static Err *refusing_work(DbTx *tx, void *intake)
{
    (void)tx;
    (void)intake;
    return err_new(ERR_CREDITS_SPENT, "no money");
}

TEST_DB(what_is_not_kept_leaves_nothing_behind)
{
    int64_t taken;
    Page page;

    page_open(&page, db);
    page_begin(&page);
    page_draw(&page, "a.jpg", 500, 500, 1);
    page_draw(&page, "b.jpg", 500, 500, 2);
    CHECK_OK(intake_look(page.intake, &taken));
    CHECK_INT(blobs(&page, "raw/"), 2);
    CHECK_INT(blobs(&page, "outputs/"), 2);
    AUTO(err_free) Err *err = db_write(db, refusing_work, page.intake);
    CHECK(err);
    intake_free(TAKE(page.intake));
    CHECK_INT(blobs(&page, "raw/"), 0);
    CHECK_INT(blobs(&page, "outputs/"), 0);

    page_begin(&page); /* and when its sender leaves in the middle */
    page_draw(&page, "a.jpg", 500, 500, 1);
    CHECK_OK(intake_begin(page.intake, "b.jpg"));
    CHECK_OK(intake_add(page.intake, "\xff\xd8\xff\xe0", 4));
    intake_free(TAKE(page.intake));
    CHECK_INT(blobs(&page, "raw/"), 0);
    CHECK_INT(test_db_number(db, "SELECT COUNT(*) FROM photos"), 0);
    page_close(&page);
}

TEST_DB(no_more_than_a_hundred_come_at_once_and_none_to_anothers_catalogue)
{
    Page page;

    page_open(&page, db);
    page_begin(&page);
    for (int i = 0; i < CATALOGUE_FILES_MOST; i++)
        CHECK_OK(intake_begin(page.intake, "a.jpg"));
    AUTO(err_free) Err *many = intake_begin(page.intake, "a.jpg");
    CHECK(many && err_code(many) == ERR_INPUT_INVALID);

    CatalogueOf others[] = {page.of, page.of};
    others[0].tenant_id = "tenant_other";
    others[1].door = "opal";
    for (size_t i = 0; i < COUNT(others); i++) {
        AUTO(intake_free) Intake *intake = NULL;
        AUTO(err_free)
        Err *err =
            intake_open(&page.shop.studio.shelf, &(IntakeSetup){.catalogue = others[i]}, &intake);
        CHECK(err && err_code(err) == ERR_NOT_FOUND);
    }
    page_close(&page);
}
