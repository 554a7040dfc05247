/* Promises of the cache of steps. */
#include "base/crew.h"
#include "base/file.h"
#include "base/hash.h"
#include "drawn.h"

static const char scene_recipe[] =
    "{\"steps\":[{\"step\":\"place\",\"width_px\":200,\"height_px\":200,\"fill\":60},"
    "{\"step\":\"backdrop\",\"kind\":\"scene\",\"scene\":\"warm-sweep\",\"quality\":\"draft\"},"
    "{\"step\":\"encode\"}]}";

TEST(a_kept_step_is_found_again_and_gives_the_same_bytes)
{
    const char *folder = test_folder();
    AUTO(step_cache_close) StepCache *cache = NULL;
    AUTO(buf_done) Buf png = BUF(1 << 20);
    AUTO(shot_done) Shot first = {0}, second = {0};

    CHECK_OK(step_cache_open(folder, 100 << 20, &cache));
    RecipeContext context = {.threads = 2, .seed = 5, .cache = cache};
    drawn_disc_png(150, 150, 120, &png);
    drawn_perform(&png, scene_recipe, &context, &first);
    CHECK_INT(step_cache_counts(cache).kept, 1);
    drawn_perform(&png, scene_recipe, &context, &second);
    CHECK_INT(step_cache_counts(cache).found, 1);
    CHECK_INT(first.encoded.size, second.encoded.size);
    CHECK(memcmp(first.encoded.bytes, second.encoded.bytes, first.encoded.size) == 0);
    test_folder_remove(folder);
}

TEST(a_damaged_file_in_the_cache_is_as_good_as_none)
{
    const char *folder = test_folder();
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(step_cache_close) StepCache *cache = NULL;
    AUTO(buf_done) Buf png = BUF(1 << 20);
    AUTO(shot_done) Shot first = {0}, second = {0};
    const char *const *names = NULL;

    CHECK_OK(step_cache_open(folder, 100 << 20, &cache));
    RecipeContext context = {.threads = 1, .seed = 5, .cache = cache};
    drawn_disc_png(150, 150, 120, &png);
    drawn_perform(&png, scene_recipe, &context, &first);
    CHECK_OK(folder_list(mem, folder, &names));
    CHECK_OK(file_write(path_join(mem, folder, names[0]), "CYCSHOT2garbage", 15));
    drawn_perform(&png, scene_recipe, &context, &second);
    CHECK_INT(step_cache_counts(cache).found, 0);
    CHECK_INT(first.encoded.size, second.encoded.size);
    test_folder_remove(folder);
}

TEST(a_cache_never_grows_past_its_bound)
{
    const char *folder = test_folder();
    AUTO(step_cache_close) StepCache *cache = NULL;
    AUTO(buf_done) Buf png = BUF(1 << 20);

    CHECK_OK(step_cache_open(folder, 300000, &cache));
    drawn_disc_png(150, 150, 120, &png);
    for (int seed = 0; seed < 8; seed++) {
        AUTO(shot_done) Shot shot = {0};
        RecipeContext context = {.threads = 2, .seed = (uint64_t)seed, .cache = cache};

        drawn_perform(&png, scene_recipe, &context, &shot);
        CHECK(step_cache_counts(cache).bytes <= 300000);
    }
    CHECK_INT(step_cache_counts(cache).kept, 8);
    test_folder_remove(folder);
}

TEST(a_layer_that_a_step_took_away_stays_away_when_the_step_is_found_again)
{
    static const char recipe[] =
        "{\"steps\":[{\"step\":\"backdrop\",\"colours\":[\"red\"]},"
        "{\"step\":\"backdrop\",\"kind\":\"none\"},{\"step\":\"encode\"}]}";
    const char *folder = test_folder();
    AUTO(step_cache_close) StepCache *cache = NULL;
    AUTO(buf_done) Buf png = BUF(1 << 20);
    AUTO(shot_done) Shot first = {0}, second = {0};

    CHECK_OK(step_cache_open(folder, 100 << 20, &cache));
    RecipeContext context = {.threads = 1, .seed = 5, .cache = cache};
    drawn_disc_png(50, 50, 40, &png);
    drawn_perform(&png, recipe, &context, &first);
    drawn_perform(&png, recipe, &context, &second);
    CHECK(step_cache_counts(cache).found >= 2);
    CHECK(second.backdrop == NULL);
    CHECK_INT(first.encoded.size, second.encoded.size);
    CHECK(memcmp(first.encoded.bytes, second.encoded.bytes, first.encoded.size) == 0);
    test_folder_remove(folder);
}

/* ---- several at once ---- */

enum {
    PHOTOS = 24,
    COLOURS = 3
};

typedef struct Row {
    const Buf *png;
    StepCache *cache;
    Hash made[PHOTOS];
} Row;

static void row_make(void *row_any, size_t item)
{
    static const char *const recipes[COLOURS] = {
        "{\"steps\":[{\"step\":\"backdrop\",\"colours\":[\"red\"]},{\"step\":\"encode\"}]}",
        "{\"steps\":[{\"step\":\"backdrop\",\"colours\":[\"green\"]},{\"step\":\"encode\"}]}",
        "{\"steps\":[{\"step\":\"backdrop\",\"colours\":[\"blue\"]},{\"step\":\"encode\"}]}"};
    Row *row = row_any;
    AUTO(shot_done) Shot shot = {0};
    RecipeContext context = {.threads = 1, .seed = 5, .cache = row->cache};

    drawn_perform(row->png, recipes[item % COLOURS], &context, &shot);
    row->made[item] = hash_bytes(shot.encoded.bytes, shot.encoded.size);
}

TEST(many_who_share_a_cache_make_what_one_alone_makes)
{
    const char *folder = test_folder();
    AUTO(step_cache_close) StepCache *cache = NULL;
    AUTO(buf_done) Buf png = BUF(1 << 20);

    CHECK_OK(step_cache_open(folder, 100 << 20, &cache));
    drawn_disc_png(50, 50, 40, &png);
    Row row = {.png = &png, .cache = cache};
    crew_run(8, PHOTOS, row_make, &row);
    for (int i = COLOURS; i < PHOTOS; i++)
        CHECK(hash_equal(row.made[i], row.made[i % COLOURS]));
    CHECK(!hash_equal(row.made[0], row.made[1]));
    CHECK(step_cache_counts(cache).found > 0);
    test_folder_remove(folder);
}
