/* Promises of steps that vendors do: what is asked, what is noted and paid, and who stands in. */
#include "base/base64.h"
#include "drawn.h"
#include "harness/outside.h"
#include "harness/stand_in.h"
#include "recipe/quote.h"

/* Below which part of the stand-in's address each vendor is. */
static const char *const prefixes[][2] = {
    {"openai", "/openai/v1"},
    {"fal", "/fal"},
    {"stability", "/stability"},
    {"remove.bg", "/removebg/v1.0"},
};

/* A house with vendors around it. */
typedef struct Stage {
    Arena *mem;
    StandIn *stand_in;
    NetClient *net;
    Vendors *vendors;
} Stage;

static void stage_end(Stage *stage)
{
    vendors_close(stage->vendors);
    net_close(stage->net);
    stand_in_stop(stage->stand_in);
    arena_free(stage->mem);
}
DEFINE_AUTO_DONE(Stage, stage_end);

/* Where ABILITY goes to VENDOR. URL NULL is the stand-in's. */
static Stage stage_begin(Ability ability, const char *vendor, const char *url)
{
    Stage stage = {.mem = arena_new(), .stand_in = stand_in_start(0, 0)};
    VendorKey keys[COUNT(prefixes) + 1] = {{NULL}};
    const char *names[] = {vendor};
    VendorsSetup setup = {.keys = keys};

    CHECK_OK(net_open(&(NetSetup){.allowed = "127.0.0.1"}, &stage.net));
    setup.net = stage.net;
    setup.routes[ability] = (Texts){names, 1};
    for (size_t i = 0; i < COUNT(prefixes); i++)
        keys[i] = (VendorKey){
            prefixes[i][0], "a-key",
            url ? url
                : arena_print(
                      stage.mem, "http://127.0.0.1:%d%s", stand_in_port(stage.stand_in),
                      prefixes[i][1])};
    CHECK_OK(vendors_open(&setup, &stage.vendors));
    return stage;
}

static const char *said(const Shot *shot, const char *step, const char *name)
{
    const char *text = value_text(value_get(value_get(shot->notes, step), name));

    return text ? text : "";
}

static int64_t counted(const Shot *shot, const char *step, const char *name)
{
    return value_int(value_get(value_get(shot->notes, step), name));
}

/* A set in WORDS behind a disc. */
static const char *set_of(const char *words, Arena *mem)
{
    return arena_print(
        mem,
        "{\"steps\":[{\"step\":\"place\",\"width_px\":160,\"height_px\":160,\"fill\":40},"
        "{\"step\":\"backdrop\",\"kind\":\"scene\",\"words\":\"%s\",\"quality\":\"draft\"},"
        "{\"step\":\"harmonise\"},{\"step\":\"encode\"}]}",
        words);
}

static void perform(const char *json, const RecipeContext *context, Shot *ret)
{
    AUTO(buf_done) Buf png = BUF(1 << 20);

    drawn_disc_png(120, 120, 100, &png);
    drawn_perform(&png, json, context, ret);
}

TEST(a_set_in_words_is_drawn_by_the_vendor_and_the_product_stays_the_house_s)
{
    AUTO(stage_end) Stage stage = stage_begin(ABILITY_GENERATE, "openai", NULL);
    AUTO(shot_done) Shot shot = {0};
    RecipeContext context = {.threads = 2, .vendors = stage.vendors};

    perform(set_of("sunny kitchen", stage.mem), &context, &shot);
    CHECK_TEXT(said(&shot, "backdrop", "provider"), "openai");
    CHECK(*said(&shot, "backdrop", "model"));
    CHECK(counted(&shot, "backdrop", "cost_micro_usd") > 0);
    CHECK_INT(value_count(shot.bills), 1);
    CHECK_INT(shot.work, WORK_REDRAWN);
    CHECK_INT(image_width(shot.backdrop), 160);
    CHECK(shot.shadow != NULL);
    /* The middle of the disc is the disc. */
    const uint8_t *pixel = (const uint8_t *)image_row(shot.finished, 80) + 80 * 3;
    CHECK(pixel[0] > 2 * pixel[1]);
}

TEST(without_vendors_steps_are_the_house_s_and_say_so)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(shot_done) Shot shot = {0};
    RecipeContext context = {.threads = 2};

    perform(set_of("sunny kitchen", mem), &context, &shot);
    CHECK_TEXT(said(&shot, "backdrop", "provider"), "builtin");
    CHECK_TEXT(said(&shot, "backdrop", "instead_of"), "");
    CHECK_TEXT(said(&shot, "harmonise", "provider"), "");
    CHECK(shot.bills == NULL);
    CHECK_INT(shot.work, WORK_RENDERED);
}

TEST(a_set_that_goes_by_name_is_rendered_unless_its_scene_says_what_to_draw)
{
    AUTO(stage_end) Stage stage = stage_begin(ABILITY_GENERATE, "openai", NULL);
    RecipeContext context = {.threads = 2, .vendors = stage.vendors};
    static const struct {
        const char *scene, *provider;
    } rows[] = {{"warm-sweep", ""}, {"kitchen", "openai"}};

    for (size_t i = 0; i < COUNT(rows); i++) {
        AUTO(shot_done) Shot shot = {0};

        perform(
            arena_print(
                stage.mem,
                "{\"steps\":[{\"step\":\"place\",\"width_px\":128,\"height_px\":128},"
                "{\"step\":\"backdrop\",\"kind\":\"scene\",\"scene\":\"%s\",\"quality\":\"draft\"},"
                "{\"step\":\"encode\"}]}",
                rows[i].scene),
            &context, &shot);
        CHECK_TEXT(said(&shot, "backdrop", "provider"), rows[i].provider);
    }
}

TEST(a_vendor_that_fails_is_stood_in_for_by_the_house_which_says_so)
{
    AUTO(stage_end) Stage stage = stage_begin(ABILITY_GENERATE, "openai", NULL);
    AUTO(shot_done) Shot shot = {0}, house = {0};
    const char *json = set_of("sunny kitchen fault-moderated", stage.mem);
    RecipeContext context = {.threads = 2, .vendors = stage.vendors};

    perform(json, &context, &shot);
    CHECK_TEXT(said(&shot, "backdrop", "provider"), "builtin");
    CHECK_TEXT(said(&shot, "backdrop", "instead_of"), "openai");
    CHECK(*said(&shot, "backdrop", "because"));
    CHECK(strstr(said(&shot, "backdrop", "note"), "built-in studio") != NULL);
    CHECK_INT(counted(&shot, "backdrop", "cost_micro_usd"), 0);
    CHECK_INT(shot.work, WORK_RENDERED);

    context.vendors = NULL;
    perform(json, &context, &house);
    CHECK(hash_equal(shot.state, house.state));
    CHECK_INT(shot.encoded.size, house.encoded.size);
}

TEST(a_vendor_that_fails_fails_the_picture_where_nobody_may_stand_in)
{
    AUTO(stage_end) Stage stage = stage_begin(ABILITY_GENERATE, "openai", NULL);
    AUTO(buf_done) Buf png = BUF(1 << 20);
    AUTO(shot_done) Shot shot = {0};
    AUTO(value_free) Value *json = NULL;
    AUTO(recipe_free) Recipe *recipe = NULL;
    const char *text = set_of("sunny kitchen fault-moderated", stage.mem);
    RecipeContext context = {.threads = 2, .vendors = stage.vendors, .is_vendor_only = true};

    drawn_disc_png(120, 120, 100, &png);
    CHECK_OK(value_parse(text, strlen(text), &json));
    CHECK_OK(recipe_read(json, &recipe));
    CHECK_OK(shot_open(&shot, png.bytes, png.size, &image_limits_default, NULL));
    AUTO(err_free) Err *err = recipe_perform(recipe, &context, &shot);
    CHECK_INT(err_code(err), ERR_PROMPT_REFUSED);
}

TEST(what_a_vendor_drew_is_paid_for_once_and_kept_apart_from_the_house_s_own)
{
    const char *folder = test_folder();
    AUTO(stage_end) Stage stage = stage_begin(ABILITY_GENERATE, "openai", NULL);
    AUTO(step_cache_close) StepCache *cache = NULL;
    AUTO(shot_done) Shot first = {0}, again = {0}, house = {0};
    const char *json = set_of("sunny kitchen", stage.mem);

    CHECK_OK(step_cache_open(folder, 100 << 20, &cache));
    RecipeContext context = {.threads = 2, .vendors = stage.vendors, .cache = cache};
    perform(json, &context, &first);
    int asked = stand_in_asked(stage.stand_in);
    perform(json, &context, &again);
    CHECK_INT(stand_in_asked(stage.stand_in), asked);
    CHECK_TEXT(said(&again, "backdrop", "provider"), "openai");
    CHECK_INT(counted(&again, "backdrop", "cost_micro_usd"), 0);
    CHECK(again.bills == NULL);
    CHECK_INT(again.work, WORK_REDRAWN);

    context.vendors = NULL;
    perform(json, &context, &house);
    CHECK(!hash_equal(first.state, house.state));
    CHECK_TEXT(said(&house, "backdrop", "provider"), "builtin");
    test_folder_remove(folder);
}

TEST(a_house_that_stood_in_is_not_taken_for_the_vendor_later)
{
    const char *folder = test_folder();
    static const OutsideRow rows[] = {
        {"POST", "*", .status = 401, .body = "{\"error\":{\"message\":\"no\"}}", .times = 1},
        {"POST", "*",
         .body = "{\"created\":1,\"data\":[{\"b64_json\":\"{picture}\"}],\"usage\":{"
                 "\"input_tokens\":10,\"output_tokens\":100,\"total_tokens\":110,"
                 "\"input_tokens_details\":{\"text_tokens\":10,\"image_tokens\":0}}}"},
        {NULL}};
    AUTO(outside_stop) Outside *outside = outside_start(rows);
    AUTO(stage_end) Stage stage = stage_begin(ABILITY_GENERATE, "openai", outside_url(outside));
    AUTO(step_cache_close) StepCache *cache = NULL;
    AUTO(shot_done) Shot first = {0}, again = {0};
    const char *json = set_of("sunny kitchen", stage.mem);

    CHECK_OK(step_cache_open(folder, 100 << 20, &cache));
    RecipeContext context = {.threads = 2, .vendors = stage.vendors, .cache = cache};
    perform(json, &context, &first);
    CHECK_TEXT(said(&first, "backdrop", "provider"), "builtin");
    perform(json, &context, &again);
    CHECK_TEXT(said(&again, "backdrop", "provider"), "openai");
    CHECK_TEXT(said(&again, "backdrop", "instead_of"), "");
    test_folder_remove(folder);
}

/* A photo with a plain ground, so that there is something to cut out. */
static void photo_draw(Buf *ret)
{
    AUTO(image_free) Image *image = NULL;

    CHECK_OK(image_new(200, 160, 3, DEPTH_8, &image));
    for (int y = 0; y < 160; y++) {
        uint8_t *pixel = image_row_mut(image, y);

        for (int x = 0; x < 200; x++, pixel += 3) {
            bool is_product = x > 50 && x < 150 && y > 40 && y < 120;

            pixel[0] = is_product ? 190 : 225;
            pixel[1] = is_product ? (uint8_t)(40 + x / 4) : 225;
            pixel[2] = is_product ? (uint8_t)(30 + y / 4) : 225;
        }
    }
    CHECK_OK(image_encode(image, &(ImageEncoding){.format = IMAGE_PNG}, ret));
}

TEST(a_vendor_cuts_out_and_only_its_matte_is_taken)
{
    AUTO(stage_end) Stage stage = stage_begin(ABILITY_CUTOUT, "remove.bg", NULL);
    AUTO(buf_done) Buf png = BUF(1 << 20);
    AUTO(shot_done) Shot shot = {0};
    RecipeContext context = {.threads = 2, .vendors = stage.vendors};

    photo_draw(&png);
    drawn_perform(&png, "{\"steps\":[{\"step\":\"cutout\"}]}", &context, &shot);
    CHECK_TEXT(said(&shot, "cutout", "provider"), "remove.bg");
    CHECK(image_has_alpha(shot.product));
    CHECK_INT(image_width(shot.product), 200);
    CHECK_INT(image_height(shot.product), 160);
    CHECK(counted(&shot, "cutout", "cost_micro_usd") > 0);
    const uint8_t *middle = (const uint8_t *)image_row(shot.product, 80) + 100 * 4;
    const uint8_t *corner = (const uint8_t *)image_row(shot.product, 1) + 1 * 4;
    CHECK_INT(middle[0], 190);
    CHECK_INT(middle[3], 255);
    CHECK_INT(corner[3], 0);
}

TEST(a_photo_that_is_cut_out_already_is_sent_to_nobody)
{
    AUTO(stage_end) Stage stage = stage_begin(ABILITY_CUTOUT, "remove.bg", NULL);
    AUTO(shot_done) Shot shot = {0};
    RecipeContext context = {.threads = 2, .vendors = stage.vendors};

    perform("{\"steps\":[{\"step\":\"cutout\"}]}", &context, &shot);
    CHECK_INT(stand_in_asked(stage.stand_in), 0);
    CHECK(value_bool(value_get(value_get(shot.notes, "cutout"), "kept")));
}

TEST(a_vendor_enlarges_to_the_size_that_was_asked_for)
{
    AUTO(stage_end) Stage stage = stage_begin(ABILITY_UPSCALE, "stability", NULL);
    AUTO(buf_done) Buf png = BUF(1 << 20);
    AUTO(shot_done) Shot shot = {0};
    RecipeContext context = {.threads = 2, .vendors = stage.vendors};

    photo_draw(&png);
    drawn_perform(&png, "{\"steps\":[{\"step\":\"upscale\",\"factor\":2}]}", &context, &shot);
    CHECK_INT(shot.width_px, 400);
    CHECK_INT(shot.height_px, 320);
}

TEST(what_shows_another_picture_is_paid_for_but_not_taken)
{
    static const OutsideRow rows[] = {
        {"POST", "*", .picture = "png", .width_px = 400, .height_px = 320}, {NULL}};
    AUTO(outside_stop) Outside *outside = outside_start(rows);
    AUTO(stage_end) Stage stage = stage_begin(ABILITY_UPSCALE, "stability", outside_url(outside));
    AUTO(buf_done) Buf png = BUF(1 << 20);
    AUTO(shot_done) Shot shot = {0};
    RecipeContext context = {.threads = 2, .vendors = stage.vendors};

    photo_draw(&png);
    drawn_perform(&png, "{\"steps\":[{\"step\":\"upscale\",\"factor\":2}]}", &context, &shot);
    CHECK_TEXT(said(&shot, "upscale", "provider"), "builtin");
    CHECK_TEXT(said(&shot, "upscale", "instead_of"), "stability");
    CHECK_INT(value_count(shot.bills), 1);
    CHECK(counted(&shot, "upscale", "cost_micro_usd") > 0);
    CHECK_INT(shot.width_px, 400);
}

TEST(of_a_vendor_s_mood_the_broad_light_alone_is_taken)
{
    AUTO(stage_end) Stage stage = stage_begin(ABILITY_RELIGHT, "fal", NULL);
    AUTO(shot_done) Shot shot = {0};
    RecipeContext context = {.threads = 2, .vendors = stage.vendors};

    perform("{\"steps\":[{\"step\":\"light\",\"style\":\"moody\"}]}", &context, &shot);
    const char *provider = said(&shot, "light", "provider");
    CHECK(strcmp(provider, "fal") == 0 || strcmp(said(&shot, "light", "instead_of"), "fal") == 0);
    CHECK(value_number(value_get(value_get(shot.notes, "light"), "difference_mean")) <= 8.05);
    /* The house mends what the camera got wrong; nobody is asked for that. */
    AUTO(shot_done) Shot mended = {0};
    int asked = stand_in_asked(stage.stand_in);
    perform("{\"steps\":[{\"step\":\"light\",\"style\":\"auto\"}]}", &context, &mended);
    CHECK_INT(stand_in_asked(stage.stand_in), asked);
}

TEST(a_quote_names_who_would_be_asked_and_asks_nobody)
{
    AUTO(stage_end) Stage stage = stage_begin(ABILITY_GENERATE, "openai", NULL);
    AUTO(value_free) Value *json = NULL;
    AUTO(recipe_free) Recipe *recipe = NULL;
    const char *text = set_of("sunny kitchen", stage.mem);
    List steps;
    bool is_known;

    CHECK_OK(value_parse(text, strlen(text), &json));
    CHECK_OK(recipe_read(json, &recipe));
    CHECK_OK(
        recipe_quote(&(QuoteWish){.recipe = recipe, .vendors = stage.vendors}, stage.mem, &steps));
    const QuoteStep *rows = steps.items;
    CHECK_INT(steps.count, 4);
    CHECK_TEXT(rows[0].provider, "builtin");
    CHECK_TEXT(rows[1].provider, "openai");
    CHECK(rows[1].cost_micro_usd > 0 && rows[1].price_as_of && rows[1].price_source);
    CHECK_INT(quote_sum(&steps, &is_known), rows[1].cost_micro_usd);
    CHECK(is_known);
    CHECK_INT(stand_in_asked(stage.stand_in), 0);
}

/* A dark table that ends where the product's foot will stand, before a white wall. */
static const char *table_reply(Arena *mem)
{
    AUTO(image_free) Image *image = NULL;
    AUTO(buf_done) Buf png = BUF(1 << 20);

    CHECK_OK(image_new(200, 200, 3, DEPTH_8, &image));
    for (int y = 0; y < 200; y++)
        memset(image_row_mut(image, y), y < 160 ? 240 : 60, 200 * 3);
    CHECK_OK(image_encode(image, &(ImageEncoding){.format = IMAGE_PNG}, &png));
    return arena_print(
        mem, "{\"created\":1,\"data\":[{\"b64_json\":\"%s\"}]}",
        base64_text(png.bytes, png.size, mem));
}

TEST(a_product_at_the_end_of_a_drawn_table_gets_ground_behind_its_foot)
{
    AUTO(arena_free) Arena *mem = arena_new();
    OutsideRow rows[] = {{"POST", "*", .body = table_reply(mem)}, {NULL}};
    AUTO(outside_stop) Outside *outside = outside_start(rows);
    AUTO(stage_end) Stage stage = stage_begin(ABILITY_GENERATE, "openai", outside_url(outside));
    AUTO(shot_done) Shot shot = {0};
    RecipeContext context = {.threads = 2, .vendors = stage.vendors};

    perform(
        "{\"steps\":[{\"step\":\"place\",\"width_px\":400,\"height_px\":400,\"fill\":40,"
        "\"anchor\":\"ground\",\"ground\":80},{\"step\":\"backdrop\",\"kind\":\"scene\","
        "\"words\":\"a table\"}]}",
        &context, &shot);
    CHECK_TEXT(said(&shot, "backdrop", "provider"), "openai");
    /* The foot is at 320; 16 above it there is table now, and much further up the wall. */
    CHECK(((const uint8_t *)image_row(shot.backdrop, 304))[0] < 120);
    CHECK(((const uint8_t *)image_row(shot.backdrop, 240))[0] > 200);
}
