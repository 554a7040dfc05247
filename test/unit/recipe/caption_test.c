/* Promises of captions: they can be read on anything, stay where apps leave room, and keep off the product. */
#include <math.h>
#include <string.h>

#include "recipe/recipe.h"
#include "test.h"

typedef struct Written {
    Image *picture;
    const Value *notes; /* of the caption; as long as the shot */
    Shot shot;
} Written;

/* GROUND in a frame of WIDTH x HEIGHT, half of it covered by a finer chequer of OTHER. */
static Image *ground_draw(int width, int height, Colour ground, Colour other)
{
    Image *image = NULL;

    CHECK_OK(image_flat(width, height, ground, &image));
    for (int y = 0; y < height; y++) {
        uint8_t *row = image_row_mut(image, y);

        for (int x = 0; x < width; x++)
            if ((x / 16 + y / 16) % 2)
                memcpy(row + x * 3, (uint8_t[]){other.r, other.g, other.b}, 3);
    }
    return image;
}

static void written_done(Written *written)
{
    image_free(written->picture);
    shot_done(&written->shot);
}

/* OPTIONS, the members of the step, on GROUND. */
static Written write_on(const Image *ground, const char *options)
{
    AUTO(buf_done) Buf png = BUF(16 << 20);
    AUTO(buf_done) Buf text = BUF(1 << 16);
    AUTO(value_free) Value *json = NULL;
    AUTO(recipe_free) Recipe *recipe = NULL;
    Written written = {0};

    CHECK_OK(image_encode(ground, &(ImageEncoding){.format = IMAGE_PNG, .effort = 1}, &png));
    CHECK_OK(buf_print(
        &text, "{\"steps\":[{\"step\":\"caption\",%s},{\"step\":\"encode\",\"format\":\"png\"}]}",
        options));
    CHECK_OK(value_parse(buf_text(&text), text.size, &json));
    CHECK_OK(recipe_read(json, &recipe));
    CHECK_OK(shot_open(&written.shot, png.bytes, png.size, &image_limits_default, NULL));
    CHECK_OK(recipe_perform(recipe, &(RecipeContext){.threads = 1}, &written.shot));
    written.picture = image_ref(shot_picture(&written.shot));
    written.notes = value_get(written.shot.notes, "caption");
    return written;
}

static double luminance(const uint8_t *rgb)
{
    return 0.2126 * colour_linear(rgb[0]) + 0.7152 * colour_linear(rgb[1]) +
           0.0722 * colour_linear(rgb[2]);
}

/* Rows and columns in which anything differs from GROUND by more than LEVELS. */
static Box changed(const Image *ground, const Image *picture, int levels)
{
    int left = image_width(ground), top = image_height(ground), right = 0, bottom = 0;

    for (int y = 0; y < image_height(ground); y++)
        for (int x = 0; x < image_width(ground); x++) {
            const uint8_t *a = (const uint8_t *)image_row(ground, y) + x * 3;
            const uint8_t *b = (const uint8_t *)image_row(picture, y) + x * 3;

            if (abs(a[0] - b[0]) <= levels && abs(a[1] - b[1]) <= levels &&
                abs(a[2] - b[2]) <= levels)
                continue;
            left = MIN(left, x);
            right = MAX(right, x + 1);
            top = MIN(top, y);
            bottom = MAX(bottom, y + 1);
        }
    return (Box){left, top, right - left, bottom - top};
}

TEST(letters_can_be_read_on_any_ground)
{
    static const Colour grounds[][2] = {
        {{255, 255, 255, 255}, {255, 255, 255, 255}}, {{0, 0, 0, 255}, {0, 0, 0, 255}},
        {{128, 128, 128, 255}, {128, 128, 128, 255}}, {{255, 255, 255, 255}, {0, 0, 0, 255}},
        {{220, 40, 60, 255}, {40, 200, 90, 255}},     {{20, 60, 200, 255}, {250, 220, 60, 255}},
        {{118, 118, 118, 255}, {180, 120, 90, 255}},
    };
    static const char *const positions[] = {"top", "bottom", "centre", "left"};
    static const char *const inks[] = {"auto", "dark", "light"};

    for (size_t i = 0; i < COUNT(grounds); i++)
        for (size_t j = 0; j < COUNT(positions) * COUNT(inks); j++) {
            AUTO(image_free) Image *ground = ground_draw(216, 270, grounds[i][0], grounds[i][1]);
            char options[200];

            snprintf(
                options, sizeof options,
                "\"title\":\"Batik\",\"line\":\"Rp 59.000\",\"position\":\"%s\",\"ink\":\"%s\"",
                positions[j % COUNT(positions)], inks[j / COUNT(positions)]);
            Written written = write_on(ground, options);
            CHECK(value_number(value_get(written.notes, "contrast")) >= 4.5);
            written_done(&written);
        }
}

/* Measured from outside: somewhere letters are as far from what is around them as is promised. */
TEST(a_calm_ground_stays_as_it_was_but_for_the_letters)
{
    AUTO(image_free) Image *ground =
        ground_draw(400, 400, (Colour){240, 236, 230, 255}, (Colour){240, 236, 230, 255});
    Written written = write_on(ground, "\"title\":\"Vas Keramik\",\"line\":\"Rp 85.000\"");
    const uint8_t first[] = {240, 236, 230};
    double darkest = 1;
    int touched = 0;

    for (int y = 0; y < 400; y++)
        for (int x = 0; x < 400; x++) {
            const uint8_t *pixel = (const uint8_t *)image_row(written.picture, y) + x * 3;

            touched += memcmp(pixel, first, 3) != 0;
            darkest = MIN(darkest, luminance(pixel));
        }
    CHECK(touched > 400 && touched < 400 * 400 / 10);
    CHECK((luminance(first) + 0.05) / (darkest + 0.05) >= 4.5);
    CHECK(value_number(value_get(written.notes, "veil")) == 0);
    written_done(&written);
}

TEST(a_long_name_takes_three_lines_and_ends_in_an_ellipsis)
{
    AUTO(image_free) Image *ground =
        ground_draw(540, 540, (Colour){250, 250, 250, 255}, (Colour){250, 250, 250, 255});
    Written one = write_on(ground, "\"title\":\"Vas\"");
    Written two = write_on(ground, "\"title\":\"Vas Keramik Buatan Tangan Warna Putih\"");
    Written many = write_on(
        ground,
        "\"title\":\"Sandal Pantai Kulit Asli Handmade Bandung Untuk Pria dan Wanita, Anti Slip, "
        "Nyaman Dipakai Seharian Penuh, Edisi Terbatas dengan Kotak Hadiah dan Kartu Ucapan\"");

    CHECK_INT(value_int(value_get(one.notes, "lines")), 1);
    CHECK(!value_bool(value_get(one.notes, "is_cut")));
    CHECK_INT(value_int(value_get(two.notes, "lines")), 2);
    CHECK_INT(value_int(value_get(many.notes, "lines")), 3);
    CHECK(value_bool(value_get(many.notes, "is_cut")));
    written_done(&one);
    written_done(&two);
    written_done(&many);
}

TEST(words_stay_where_apps_leave_room)
{
    static const struct {
        int width, height;
        double left, top, right, bottom; /* of the frame, at least free */
    } frames[] = {
        {540, 540, 0.06, 0.06, 0.06, 0.06},
        {540, 675, 0.06, 0.06, 0.06, 0.06},
        {540, 960, 0.06, 0.08, 0.11, 0.16},
    };
    static const char *const positions[] = {"top", "bottom", "centre", "left"};

    for (size_t i = 0; i < COUNT(frames) * COUNT(positions); i++) {
        const int width = frames[i / 4].width, height = frames[i / 4].height;
        AUTO(image_free) Image *ground =
            ground_draw(width, height, (Colour){250, 250, 250, 255}, (Colour){250, 250, 250, 255});
        char options[300];

        snprintf(
            options, sizeof options,
            "\"title\":\"Sandal Pantai Kulit Asli Handmade Bandung Untuk Pria dan Wanita\","
            "\"line\":\"Rp 59.000\",\"position\":\"%s\"",
            positions[i % 4]);
        Written written = write_on(ground, options);
        Box box = changed(ground, written.picture, 8);
        CHECK(box.width > 0);
        CHECK(box.left >= frames[i / 4].left * width);
        CHECK(box.top >= frames[i / 4].top * height);
        CHECK(box.left + box.width <= width * (1 - frames[i / 4].right));
        CHECK(box.top + box.height <= height * (1 - frames[i / 4].bottom));
        written_done(&written);
    }
}

TEST(words_keep_off_the_product_where_there_is_room)
{
    AUTO(image_free) Image *ground =
        ground_draw(540, 675, (Colour){250, 250, 250, 255}, (Colour){250, 250, 250, 255});
    Written above = write_on(ground, "\"title\":\"Vas\",\"product\":[20,40,60,55]");
    Written below = write_on(ground, "\"title\":\"Vas\",\"product\":[20,5,60,55]");

    CHECK_TEXT(value_text(value_get(above.notes, "position")), "top");
    CHECK_TEXT(value_text(value_get(below.notes, "position")), "bottom");
    written_done(&above);
    written_done(&below);
}

TEST(words_of_many_scripts_are_drawn)
{
    static const char *const names[] = {"Gelas Kopi", "แก้วกาแฟ", "咖啡杯", "كوب قهوة", "Чашка"};

    for (size_t i = 0; i < COUNT(names); i++) {
        AUTO(image_free) Image *ground =
            ground_draw(540, 540, (Colour){250, 250, 250, 255}, (Colour){250, 250, 250, 255});
        char options[120];

        snprintf(options, sizeof options, "\"title\":\"%s\"", names[i]);
        Written written = write_on(ground, options), again = write_on(ground, options);
        CHECK(changed(ground, written.picture, 8).width > 50);
        CHECK_INT(changed(written.picture, again.picture, 0).width, -540);
        written_done(&written);
        written_done(&again);
    }
}

TEST(a_caption_without_words_is_refused)
{
    AUTO(value_free) Value *json = NULL;
    AUTO(recipe_free) Recipe *recipe = NULL;
    static const char text[] = "{\"steps\":[{\"step\":\"caption\"},{\"step\":\"encode\"}]}";

    CHECK_OK(value_parse(text, strlen(text), &json));
    AUTO(err_free) Err *err = recipe_read(json, &recipe);
    CHECK(err && err_code(err) == ERR_INPUT_INVALID);
    CHECK_TEXT(err_where(err), "/steps/0/title");
}
