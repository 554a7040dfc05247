/* Promises of frames: nothing is stretched, nothing of the product is cut, white stays white, and what the shop asks for is met where it can be. */
#include <math.h>

#include "pack/pack_priv.h"
#include "unit/market/drawn_market.h"

typedef struct Shape2 {
    int width, height;
} Shape2;

static const Shape2 targets[] = {{300, 300}, {320, 400}, {270, 480}, {400, 210}};

static FrameWish wish_of(Shape2 target)
{
    return (FrameWish){
        .width_px = target.width,
        .height_px = target.height,
        .ground = {255, 255, 255, 255},
        .is_opaque = true,
        .threads = 1,
    };
}

static void subject_of(const Image *picture, Subject *ret)
{
    CHECK_OK(market_find_subject(picture, NULL, ret));
    CHECK(ret->by != SUBJECT_UNKNOWN);
}

static bool is_white(const Image *picture, int x, int y)
{
    const uint8_t *pixel =
        (const uint8_t *)image_row(picture, y) + (ptrdiff_t)x * image_channels(picture);

    return pixel[0] == 255 && pixel[1] == 255 && pixel[2] == 255;
}

TEST(a_product_keeps_its_shape_and_all_of_it_in_every_frame)
{
    static const DrawnFault faults[] = {DRAWN_FINE, DRAWN_SHADOW, DRAWN_OPEN};

    for (size_t f = 0; f < COUNT(faults); f++)
        for (size_t i = 0; i < COUNT(targets); i++) {
            AUTO(image_free) Image *drawn = NULL, *framed = NULL;
            AUTO(market_subject_done) Subject before = {0}, after = {0};
            FrameWish wish = wish_of(targets[i]);
            FrameFacts facts;

            drawn_picture(&(Drawing){500, 500, 255, 80, faults[f]}, &drawn);
            subject_of(drawn, &before);
            CHECK_OK(market_frame(drawn, &wish, &framed, &facts));
            CHECK_INT(image_width(framed), targets[i].width);
            CHECK_INT(image_height(framed), targets[i].height);
            CHECK_INT(image_channels(framed), 3);
            subject_of(framed, &after);
            double shape = (double)before.box.width / before.box.height;
            double now = (double)after.box.width / after.box.height;
            if (fabs(now / shape - 1) > 0.04)
                test_fail(__FILE__, __LINE__, "shape %.3f became %.3f in frame %zu", shape, now, i);
            CHECK(after.box.left > 0 && after.box.top > 0);
            CHECK(after.box.left + after.box.width < targets[i].width);
            CHECK(after.box.top + after.box.height < targets[i].height);
        }
}

TEST(white_stays_white_out_to_every_edge)
{
    for (size_t i = 0; i < COUNT(targets); i++) {
        AUTO(image_free) Image *drawn = NULL, *framed = NULL;
        FrameWish wish = wish_of(targets[i]);
        FrameFacts facts;

        drawn_picture(&(Drawing){500, 500, 255, 70, DRAWN_FINE}, &drawn);
        CHECK_OK(market_frame(drawn, &wish, &framed, &facts));
        for (int x = 0; x < targets[i].width; x++)
            CHECK(is_white(framed, x, 0) && is_white(framed, x, targets[i].height - 1));
        for (int y = 0; y < targets[i].height; y++)
            CHECK(is_white(framed, 0, y) && is_white(framed, targets[i].width - 1, y));
    }
}

TEST(the_same_frame_leaves_a_picture_as_it_is)
{
    AUTO(image_free) Image *drawn = NULL, *framed = NULL;
    FrameWish wish = wish_of((Shape2){320, 200});
    FrameFacts facts;

    drawn_picture(&(Drawing){320, 200, 250, 60, DRAWN_FADED}, &drawn);
    CHECK_OK(market_frame(drawn, &wish, &framed, &facts));
    for (int y = 0; y < 200; y++)
        CHECK(memcmp(image_row(framed, y), image_row(drawn, y), (size_t)320 * 3) == 0);
    CHECK(!facts.is_cropped && !facts.is_grown);
}

TEST(a_shop_gets_a_product_as_large_and_a_ground_as_white_as_it_asks_for)
{
    AUTO(image_free) Image *drawn = NULL, *framed = NULL;
    AUTO(market_subject_done) Subject after = {0};
    FrameWish wish = wish_of((Shape2){600, 600});
    FrameFacts facts;

    wish.fill_least = 0.85;
    wish.whiten = 24;
    drawn_picture(&(Drawing){800, 600, 246, 50, DRAWN_FINE}, &drawn);
    CHECK_OK(market_frame(drawn, &wish, &framed, &facts));
    CHECK(facts.is_whitened);
    CHECK(is_white(framed, 0, 0) && is_white(framed, 599, 599));
    subject_of(framed, &after);
    CHECK(MAX(after.box.width, after.box.height) >= 0.845 * 600);
    CHECK(MAX(after.box.width, after.box.height) <= 0.9 * 600);
}

/* A wall above a floor, with a block on it. */
static void set_draw(Box block, Image **ret)
{
    AUTO(image_free) Image *set = NULL;

    CHECK_OK(image_new(400, 400, 3, DEPTH_8, &set));
    for (int y = 0; y < 400; y++) {
        uint8_t *row = image_row_mut(set, y);

        for (int x = 0; x < 400; x++) {
            bool is_block = x >= block.left && x < block.left + block.width && y >= block.top &&
                            y < block.top + block.height;

            row[3 * x] = (uint8_t)(is_block ? 200 : y < 240 ? 90 + x / 8 : 150);
            row[3 * x + 1] = (uint8_t)(is_block ? 20 : y < 240 ? 110 : 100 + y / 8);
            row[3 * x + 2] = (uint8_t)(is_block ? 30 : y < 240 ? 130 : 70);
        }
    }
    *ret = TAKE(set);
}

static int reds(const Image *picture, int y)
{
    const uint8_t *row = image_row(picture, y);
    int count = 0;

    for (int x = 0; x < image_width(picture); x++)
        count += row[3 * x] > 180 && row[3 * x + 1] < 50;
    return count;
}

TEST(a_set_is_cropped_as_far_as_the_product_leaves_room_and_grown_for_the_rest)
{
    static const Box slim = {160, 80, 80, 280}, wide = {60, 180, 280, 120};
    AUTO(image_free) Image *set = NULL, *framed = NULL, *other = NULL, *grown = NULL;
    FrameWish wish = wish_of((Shape2){270, 480});
    FrameFacts facts;

    set_draw(slim, &set);
    wish.product = slim;
    CHECK_OK(market_frame(set, &wish, &framed, &facts));
    CHECK_TEXT(facts.ground, "set");
    CHECK(facts.is_cropped && !facts.is_grown);
    CHECK(abs(reds(framed, 240) - 80 * 480 / 400) <= 2);

    set_draw(wide, &other);
    wish.product = wide;
    CHECK_OK(market_frame(other, &wish, &grown, &facts));
    CHECK(facts.is_cropped && facts.is_grown);
    int most = 0, rows = 0;
    for (int y = 0; y < 480; y++) {
        most = MAX(most, reds(grown, y));
        rows += reds(grown, y) > 0;
    }
    CHECK(most < 270); /* all of it is there, ... */
    CHECK(
        fabs((double)most / rows - 280.0 / 120) <
        0.1); /* ... as wide as high as it was, and once */
    CHECK(reds(grown, 0) == 0 && reds(grown, 479) == 0);
}

TEST(a_frame_is_the_same_every_time)
{
    AUTO(image_free) Image *set = NULL, *one = NULL, *two = NULL;
    FrameWish wish = wish_of((Shape2){270, 480});
    FrameFacts facts;

    set_draw((Box){60, 180, 280, 120}, &set);
    CHECK_OK(market_frame(set, &wish, &one, &facts));
    wish.threads = 3;
    CHECK_OK(market_frame(set, &wish, &two, &facts));
    for (int y = 0; y < 480; y++)
        CHECK(memcmp(image_row(one, y), image_row(two, y), (size_t)270 * 3) == 0);
}

TEST(a_mark_stands_in_the_bottom_right_corner_and_can_be_read_on_any_ground)
{
    static const Colour grounds[] = {{255, 255, 255, 255}, {10, 10, 10, 255}, {120, 130, 140, 255}};

    for (size_t i = 0; i < COUNT(grounds); i++) {
        AUTO(image_free) Image *picture = NULL;
        int changed = 0, elsewhere = 0, most = 0;

        CHECK_OK(image_flat(600, 600, grounds[i], &picture));
        CHECK_OK(pack_stamp("Cyclorama", &picture));
        for (int y = 0; y < 600; y++) {
            const uint8_t *row = image_row(picture, y);

            for (int x = 0; x < 600; x++) {
                int apart = abs(row[3 * x] - grounds[i].r);

                most = MAX(most, apart);
                changed += apart > 8;
                elsewhere += apart > 8 && (x < 300 || y < 500);
            }
        }
        CHECK(changed > 400 && most > 40);
        CHECK_INT(elsewhere, 0);
    }
}

/* ---- files ---- */

static PackForm form_of(Arena *mem, const char *platform)
{
    List forms;
    Texts platforms = {&platform, 1};

    CHECK_OK(pack_forms(&(PackWish){.platforms = platforms}, mem, &forms));
    CHECK_INT(forms.count, 1);
    return *(const PackForm *)forms.items;
}

/* Every platform, of a drawn product on white: its own rules find nothing to fail. */
TEST(what_is_made_for_a_platform_keeps_to_its_rules)
{
    AUTO(arena_free) Arena *mem = arena_new();
    const PackPicture picture = {.format = "png", .width_px = 900, .height_px = 900};
    const char *const *names = market_platform_names(mem);
    AUTO(image_free) Image *drawn = NULL;

    drawn_picture(&(Drawing){900, 900, 252, 55, DRAWN_FINE}, &drawn);
    for (size_t i = 0; names[i]; i++) {
        AUTO(buf_done) Buf bytes = BUF(64 << 20);
        PackForm form = form_of(mem, names[i]);
        PackMade made;

        if (i % test_rows_every())
            continue;
        CHECK_OK(pack_picture_make(
            &(PackMaking){.form = &form, .picture = &picture, .mark = MARK_NONE, .threads = 1},
            &(ImageDecoded){.image = drawn}, mem, &bytes, &made));
        AUTO(value_free) Value *facts = made.facts;
        CHECK_INT(made.width_px, form.form->width_px);
        CHECK_INT(made.height_px, form.form->height_px);
        if (strcmp(value_text(value_get(facts, "platform_says")), "fail") == 0)
            test_fail(
                __FILE__, __LINE__, "%s: %s", names[i],
                value_text(value_get(value_at(value_get(facts, "rules_broken"), 0), "rule")));
    }
}

TEST(a_file_is_made_to_fit_by_quality_first_and_then_by_size)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(image_free) Image *noise = NULL;
    AUTO(buf_done) Buf bytes = BUF(64 << 20);
    const PackPicture picture = {.format = "png"};
    PackForm form = form_of(mem, "shopee");
    Platform small = *form.platform;
    Rule rule = {
        .rule = "bytes",
        .measure = MEASURE_BYTES,
        .least = NO_LIMIT,
        .severity = SEVERITY_MUST,
        .say = "",
        .from = "",
        .until = ""};
    PackMade made;
    uint32_t state = 7;

    CHECK_OK(image_new(600, 600, 3, DEPTH_8, &noise));
    for (int y = 0; y < 600; y++)
        for (int x = 0; x < 1800; x++) {
            state = state * 1664525u + 1013904223u;
            ((uint8_t *)image_row_mut(noise, y))[x] = (uint8_t)(state >> 24);
        }
    small.rules = (List){&rule, 1};
    form.platform = &small;
    static const int most[] = {700000, 120000};
    for (size_t i = 0; i < COUNT(most); i++) {
        rule.most = most[i];
        CHECK_OK(pack_picture_make(
            &(PackMaking){.form = &form, .picture = &picture, .mark = MARK_NONE, .threads = 1},
            &(ImageDecoded){.image = noise}, mem, &bytes, &made));
        AUTO(value_free) Value *facts = made.facts;
        CHECK(bytes.size <= (size_t)most[i]);
        CHECK_INT(value_int(value_get(facts, "quality_lowered_from")), 90);
        CHECK(value_bool(value_get(facts, "made_smaller_to_fit")) == (i == 1));
        CHECK(made.quality < 90 && (made.width_px < 1200) == (i == 1));
    }
}

TEST(names_are_safe_and_no_two_alike)
{
    static const struct {
        const char *name, *sku, *file, *want;
    } rows[] = {
        {"Red Shoe", "RS-1", "x.jpg", "Red-Shoe-RS-1"},
        {"red shoe", "rs-1", "x.jpg", "red-shoe-rs-1-2"},
        {"", "", "../../etc/passwd.png", "passwd"},
        {"", "", "CON.jpg", "_CON"},
        {"lpt1", "", "x.jpg", "_lpt1"},
        {"a<b>:\"/\\|?*c", "", "x.jpg", "a-b-c"},
        {"...", "", "x.jpg", "picture"},
        {"Sep\xc3\xa4tu \xe9\x9e\x8b.", "", "x.jpg", "Sep\xc3\xa4tu-\xe9\x9e\x8b"},
        {"", "", "-rf.png", "rf"},
    };
    AUTO(arena_free) Arena *mem = arena_new();
    PackNames names = {.mem = mem, .used = ARENA_ARRAY(mem, const char *, 20), .room = 20};

    for (size_t i = 0; i < COUNT(rows); i++)
        CHECK_TEXT(
            pack_name(
                &names,
                &(PackPicture){
                    .product_name = rows[i].name,
                    .product_sku = rows[i].sku,
                    .filename = rows[i].file}),
            rows[i].want);
    const PackPicture look = {.filename = "cup.jpg", .title = "Marble counter"};
    CHECK_TEXT(pack_name(&names, &look), "cup");
    CHECK_TEXT(pack_name(&names, &look), "cup-Marble-counter");
    CHECK_TEXT(pack_name(&names, &look), "cup-Marble-counter-2");
    char longest[200];
    memset(longest, 'x', sizeof(longest));
    memcpy(longest + 74, "\xe9\x9e\x8b\xe9\x9e\x8b\xe9\x9e\x8b", 9);
    longest[199] = 0;
    const char *cut = pack_name(&names, &(PackPicture){.filename = longest});
    AUTO(value_free) Value *whole = value_of_text(cut);
    CHECK_TEXT(value_text(whole), cut); /* no half letter */
    CHECK(strlen(cut) <= 80 && strlen(cut) > 70);
}

TEST(formats_and_platforms_are_counted_for_who_prices_them)
{
    static const char *const formats[] = {"png", "jpg", "jpeg", "webp"};
    static const char *const platforms[] = {"shopee", "instagram", "instagram:4x5", "lazada"};
    PackWish wish = {.formats = {(const char **)(uintptr_t)formats, 4}};
    int format_count, platform_count;

    CHECK_OK(pack_check(&wish, &format_count, &platform_count));
    CHECK_INT(format_count, 3);
    CHECK_INT(platform_count, 0);
    wish = (PackWish){.platforms = {(const char **)(uintptr_t)platforms, 4}};
    CHECK_OK(pack_check(&wish, &format_count, &platform_count));
    CHECK_INT(format_count, 1);
    CHECK_INT(platform_count, 3);
    wish = (PackWish){0};
    CHECK_OK(pack_check(&wish, &format_count, &platform_count));
    CHECK_INT(format_count, 1);
}
