/* What `cyclorama compliance` and `cyclorama verify` promise, on the real program. */
#include <unistd.h>

#include "base/file.h"
#include "base/hash.h"
#include "image/image.h"
#include "program.h"
#include "test.h"

enum {
    WIDTH = 1600,
    HEIGHT = 1100
};

/* A dark product in the middle of GROUND, encoded as FORMAT. */
static void photo_put(const Desk *desk, const char *name, ImageFormat format, Colour ground)
{
    AUTO(image_free) Image *image = NULL;
    AUTO(buf_done) Buf bytes = BUF(1 << 26);

    image_start(1);
    CHECK_OK(image_flat(WIDTH, HEIGHT, ground, &image));
    size_t channels = (size_t)image_channels(image);
    for (int y = HEIGHT / 6; y < HEIGHT * 5 / 6; y++) {
        uint8_t *row = image_row_mut(image, y);

        for (size_t x = WIDTH / 3; x < WIDTH * 2 / 3; x++) {
            row[channels * x] = (uint8_t)(40 + x % 32);
            row[channels * x + 1] = 60;
            row[channels * x + 2] = (uint8_t)(90 + y % 16);
            if (channels == 4)
                row[channels * x + 3] = 255;
        }
    }
    CHECK_OK(image_encode(
        image, &(ImageEncoding){.format = format, .quality = 95, .effort = 1}, &bytes));
    CHECK_OK(folder_make(path_folder(desk->mem, desk_path(desk, name))));
    CHECK_OK(file_write(desk_path(desk, name), bytes.bytes, bytes.size));
}

static const Colour off_white = {244, 243, 240, 255};

static Hash picture_hash(const Desk *desk, const char *name)
{
    AUTO(buf_done) Buf bytes = BUF(1 << 26);

    CHECK_OK(file_read(desk_path(desk, name), &bytes));
    return hash_bytes(bytes.bytes, bytes.size);
}

TEST(a_photo_on_off_white_is_mended_and_then_passes)
{
    const struct {
        const char *name, *mended;
        ImageFormat format;
        Colour ground;
    } rows[] = {
        {"photo.jpg", "mended.jpg", IMAGE_JPEG, off_white},
        {"photo.webp", "mended-too.jpg", IMAGE_WEBP, off_white},
        {"photo.png", "mended.png", IMAGE_PNG, off_white},
        {"alpha.png", "alpha.jpg", IMAGE_PNG, {0, 0, 0, 0}},
    };
    AUTO(desk_clear) Desk desk = desk_new();

    for (size_t i = 0; i < COUNT(rows); i++) {
        photo_put(&desk, rows[i].name, rows[i].format, rows[i].ground);
        Hash before = picture_hash(&desk, rows[i].name);
        Ran ran = desk_run(&desk, arena_print(desk.mem, "compliance %s -p amazon", rows[i].name));
        CHECK_INT(ran.status, 1);
        ran = desk_run(
            &desk,
            arena_print(
                desk.mem, "compliance %s -p amazon --fix -o %s", rows[i].name, rows[i].mended));
        CHECK_INT(ran.status, 0);
        CHECK_INT(
            desk_run(&desk, arena_print(desk.mem, "compliance %s -p amazon", rows[i].mended))
                .status,
            0);
        CHECK(hash_equal(picture_hash(&desk, rows[i].name), before));
    }
}

TEST(mending_never_takes_the_place_of_a_photo)
{
    static const char *const outputs[] = {"photo.jpg", ".", "./photo.jpg", "link.jpg"};
    AUTO(desk_clear) Desk desk = desk_new();

    photo_put(&desk, "photo.jpg", IMAGE_JPEG, off_white);
    CHECK_INT(symlink("photo.jpg", desk_path(&desk, "link.jpg")), 0);
    Hash before = picture_hash(&desk, "photo.jpg");
    for (size_t i = 0; i < COUNT(outputs); i++) {
        Ran ran = desk_run(
            &desk, arena_print(desk.mem, "compliance photo.jpg -p amazon --fix -o %s", outputs[i]));
        CHECK_INT(ran.status, 2);
        CHECK(strstr(ran.err, "place of one of your photos"));
        CHECK(hash_equal(picture_hash(&desk, "photo.jpg"), before));
    }
}

TEST(mended_pictures_of_one_name_do_not_take_each_others_place)
{
    AUTO(desk_clear) Desk desk = desk_new();

    photo_put(&desk, "a/shoe.jpg", IMAGE_JPEG, off_white);
    photo_put(&desk, "b/shoe.webp", IMAGE_WEBP, off_white);
    CHECK_INT(
        desk_run(&desk, "compliance a/shoe.jpg b/shoe.webp -p tokopedia --fix -o new/out").status,
        0);
    CHECK(file_exists(desk_path(&desk, "new/out/shoe.jpg")));
    CHECK(file_exists(desk_path(&desk, "new/out/shoe-2.jpg")));
    Ran ran = desk_run(&desk, "compliance a/shoe.jpg b/shoe.webp -p tokopedia --fix -o one.jpg");
    CHECK_INT(ran.status, 2);
    CHECK(!file_exists(desk_path(&desk, "one.jpg")));
}

TEST(a_mended_picture_is_what_its_name_says)
{
    AUTO(desk_clear) Desk desk = desk_new();

    photo_put(&desk, "photo.jpg", IMAGE_JPEG, off_white);
    CHECK_INT(desk_run(&desk, "compliance photo.jpg -p amazon --fix -o it.png").status, 0);
    CHECK(strstr(desk_run(&desk, "verify it.png").out, "it.png: png,"));
    Ran ran = desk_run(&desk, "compliance photo.jpg -p tokopedia --fix -o it.webp");
    CHECK_INT(ran.status, 2);
    CHECK(strstr(ran.err, "End its name in .jpg."));
    CHECK(!file_exists(desk_path(&desk, "it.webp")));
}

TEST(a_compliance_that_makes_no_sense_is_refused_in_words)
{
    static const struct {
        const char *words, *said;
    } rows[] = {
        {"compliance photo.jpg", "--platform"},
        {"compliance photo.jpg -p amazn", "Did you mean 'amazon'?"},
        {"compliance photo.jpg -p all --fix -o out", "one platform at a time"},
        {"compliance photo.jpg -p amazon --fix", "Say with -o"},
        {"compliance photo.jpg -p amazon -o out.jpg", "Add --fix"},
        {"compliance photo.jpg -p amazon --on today", "as 2027-01-31"},
        {"compliance photo.jpg -p amazon --on 2026-02-31", "as 2027-01-31"},
    };
    AUTO(desk_clear) Desk desk = desk_new();

    photo_put(&desk, "photo.jpg", IMAGE_JPEG, off_white);
    for (size_t i = 0; i < COUNT(rows); i++) {
        Ran ran = desk_run(&desk, rows[i].words);
        CHECK_INT(ran.status, 2);
        CHECK(strstr(ran.err, rows[i].said));
    }
}

TEST(every_platform_gives_one_line_of_json)
{
    AUTO(desk_clear) Desk desk = desk_new();

    photo_put(&desk, "photo.jpg", IMAGE_JPEG, off_white);
    Ran ran = desk_run(&desk, "compliance photo.jpg -p all --json");
    AUTO(value_free) Value *lines = lines_of_json(ran.out);

    CHECK_INT(ran.status, 1);
    CHECK_INT(value_count(lines), 10);
    CHECK_TEXT(value_text(value_get(value_at(lines, 0), "platform")), "amazon");
    CHECK_TEXT(value_text(value_get(value_at(lines, 0), "verdict")), "fail");
}

TEST(a_rendered_set_is_verified_as_one_in_every_format)
{
    static const char *const endings[] = {"jpg", "png", "webp", "avif"};
    AUTO(desk_clear) Desk desk = desk_new();

    desk_draw(&desk, "p.png", 1);
    for (size_t i = 0; i < COUNT(endings); i++) {
        CHECK_INT(
            desk_run(
                &desk,
                arena_print(
                    desk.mem, "render p.png -o set.%s -t oak-table --size 128x128", endings[i]))
                .status,
            0);
        Ran ran = desk_run(&desk, arena_print(desk.mem, "verify set.%s --json", endings[i]));
        AUTO(value_free) Value *lines = lines_of_json(ran.out);

        CHECK_INT(ran.status, 0);
        const Value *line = value_at(lines, 0);
        CHECK(strstr(value_text(value_get(line, "digital_source_type")), "compositeSynthetic"));
        CHECK_TEXT(value_text(value_get(line, "recipe")), "oak-table");
        CHECK_INT(strlen(value_text(value_get(line, "key"))) > 0, 1);
    }
}

TEST(verifying_what_is_no_picture_names_it_and_goes_on)
{
    AUTO(desk_clear) Desk desk = desk_new();

    desk_draw(&desk, "p.png", 1);
    desk_put(&desk, "page.png", "<html><body>no picture</body></html>");
    Ran ran = desk_run(&desk, "verify page.png gone.png p.png");
    CHECK_INT(ran.status, 1);
    CHECK(strstr(ran.err, "page.png: "));
    CHECK(strstr(ran.err, "gone.png: "));
    CHECK(strstr(ran.out, "p.png: png, 320 x 240"));
}

TEST(a_picture_that_is_not_there_is_named)
{
    static const struct {
        const char *words, *said;
    } rows[] = {
        {"compliance phto.jpg -p amazon", "phto.jpg: There is no such file."},
        {"verify phto.jpg", "phto.jpg: There is no such file."},
        {"check photo.jpg --against phto.jpg", "phto.jpg: There is no such file."},
        {"check phto.jpg --against photo.jpg --subject product",
         "phto.jpg: There is no such file."},
        {"sheet phto.jpg -o sheet.jpg", "phto.jpg: There is no such file."},
        {"verify .", ".: This is a folder."},
    };
    AUTO(desk_clear) Desk desk = desk_new();

    photo_put(&desk, "photo.jpg", IMAGE_JPEG, off_white);
    for (size_t i = 0; i < COUNT(rows); i++) {
        Ran ran = desk_run(&desk, rows[i].words);
        CHECK_INT(ran.status, 1);
        CHECK(strstr(ran.err, rows[i].said));
    }
}

TEST(behind_the_main_picture_a_background_need_not_be_white)
{
    AUTO(desk_clear) Desk desk = desk_new();

    photo_put(&desk, "photo.jpg", IMAGE_JPEG, (Colour){90, 120, 140, 255});
    Ran ran = desk_run(&desk, "compliance photo.jpg -p amazon");
    CHECK_INT(ran.status, 1);
    CHECK(strstr(ran.out, "would do as a picture behind the main one (--slot second)"));
    ran = desk_run(&desk, "compliance photo.jpg -p amazon --slot second");
    CHECK_INT(ran.status, 0);
    CHECK(strstr(ran.out, "for Amazon behind the main picture: pass."));
}
