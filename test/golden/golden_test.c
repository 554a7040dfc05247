/* Golden pictures: each built-in template on a drawn bottle must look as it did when somebody last looked at it and agreed.
 *
 * Looks are compared by perceptual hash; golden.json holds one a template. After a change that is meant to show, look at the
 * pictures and renew the file:  GOLDEN_RENEW=folder build/test/unit_tests golden
 * which also writes the pictures into that folder. */
#include <math.h>
#include <string.h>

#include "base/file.h"
#include "recipe/recipe.h"
#include "test.h"

/* Sanitizers make a render fifteen times as slow, and what they ask is only that it runs clean: a smaller picture, whose hash is
 * another, is enough for that. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define IS_SANITIZED 1
#elif defined(__has_feature)
#define IS_SANITIZED (__has_feature(address_sanitizer) || __has_feature(thread_sanitizer))
#else
#define IS_SANITIZED 0
#endif

enum {
    SIDE_PX = IS_SANITIZED ? 96 : 320,
    BITS_APART =
        8 /* of 64: what another compiler's rounding may change, far less than another picture does */
};

static double bottle_half_width(double v)
{
    if (v < 0.06 || v > 0.96)
        return 0;
    if (v < 0.16)
        return 0.10;
    if (v < 0.32)
        return 0.10 + 0.13 * pow((v - 0.16) / 0.16, 1.6);
    return 0.23;
}

/* A green bottle with a pale label and a highlight, on transparency. */
static void bottle_draw(Buf *ret)
{
    AUTO(image_free) Image *image = NULL;
    ImageEncoding png = {.format = IMAGE_PNG};

    CHECK_OK(image_new(400, 600, 4, DEPTH_8, &image));
    for (int y = 0; y < 600; y++) {
        uint8_t *pixel = image_row_mut(image, y);
        double v = y / 600.0, half = bottle_half_width(v);

        for (int x = 0; x < 400; x++, pixel += 4) {
            double u = (x - 199.5) / 400.0;
            bool label = v > 0.48 && v < 0.78;
            double round = half > 0 ? sqrt(MAX(1 - (u / half) * (u / half), 0.0)) : 0;
            double shine = exp(-pow((u + half * 0.5) / 0.02, 2)) * 90;

            pixel[0] = (uint8_t)MIN((label ? 230 : 30) * (0.45 + 0.5 * round) + shine * 0.2, 255.0);
            pixel[1] = (uint8_t)MIN((label ? 220 : 110) * (0.45 + 0.5 * round) + shine, 255.0);
            pixel[2] = (uint8_t)MIN((label ? 200 : 60) * (0.45 + 0.5 * round) + shine * 0.6, 255.0);
            pixel[3] = (uint8_t)lround(255 * CLAMP((half - fabs(u)) * 400 + 0.5, 0.0, 1.0));
        }
    }
    CHECK_OK(image_encode(image, &png, ret));
}

static void template_render(const char *name, const Buf *photo, Shot *ret)
{
    AUTO(recipe_free) Recipe *recipe = NULL;
    RecipeContext context = {.threads = 2, .seed = 0};
    char width[16], height[16];
    bool found;

    CHECK_OK(recipe_find(name, &recipe));
    const RecipeFacts *facts = recipe_facts(recipe);
    snprintf(width, sizeof(width), "%d", SIDE_PX);
    snprintf(
        height, sizeof(height), "%d", (int)(SIDE_PX * facts->height_px / MAX(facts->width_px, 1)));
    CHECK_OK(recipe_set_option(recipe, "place", "width_px", width, &found));
    CHECK_OK(recipe_set_option(recipe, "place", "height_px", height, &found));
    CHECK_OK(recipe_set_option(recipe, "backdrop", "quality", "draft", &found));
    CHECK_OK(shot_open(ret, photo->bytes, photo->size, &image_limits_default, NULL));
    CHECK_OK(recipe_perform(recipe, &context, ret));
}

static void picture_show(const char *folder, const char *name, const Shot *shot)
{
    AUTO(arena_free) Arena *mem = arena_new();
    const char *file = arena_print(mem, "%s.%s", name, image_format_ending(shot->format));

    CHECK_OK(folder_make(folder));
    CHECK_OK(file_write(path_join(mem, folder, file), shot->encoded.bytes, shot->encoded.size));
}

/* How far a template may change a product's colours for the sake of its set: what is sold must look as it is. */
static void colours_kept(const char *name, const Shot *shot)
{
    AUTO(recipe_free) Recipe *recipe = NULL;

    CHECK_OK(recipe_find(name, &recipe));
    double most = strcmp(recipe_facts(recipe)->category, "ecommerce") == 0 ? 2 : 6;
    const Value *note = value_get(shot->notes, "harmonise");
    double mean = note ? value_number(value_get(note, "difference_mean")) : 0;
    if (!(mean <= most + 0.05))
        test_fail(__FILE__, __LINE__, "'%s' changes colours by %.2f, not %.0f", name, mean, most);
}

static void golden_read(Value **ret)
{
    AUTO(buf_done) Buf text = BUF(1 << 20);

    CHECK_OK(file_read(TEST_SOURCE "/golden/golden.json", &text));
    CHECK_OK(value_parse((const char *)text.bytes, text.size, ret));
}

static void golden_write(const Value *golden)
{
    AUTO(buf_done) Buf text = BUF(1 << 20);

    CHECK_OK(value_write(golden, VALUE_PRETTY, &text));
    CHECK_OK(buf_add_text(&text, "\n"));
    CHECK_OK(file_write(TEST_SOURCE "/golden/golden.json", text.bytes, text.size));
}

TEST(golden_every_template_still_looks_as_it_was_approved)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(buf_done) Buf photo = BUF(4 << 20);
    AUTO(value_free) Value *golden = NULL, *now = value_object();
    const char *renew = getenv("GOLDEN_RENEW");
    size_t step = renew ? 1 : test_rows_every();
    const char *const *names = template_names(mem);

    bottle_draw(&photo);
    golden_read(&golden);
    for (size_t i = 0; names[i]; i++) {
        AUTO(shot_done) Shot shot = {0};
        uint64_t print;

        if (i % step)
            continue;
        char text[17];

        template_render(names[i], &photo, &shot);
        colours_kept(names[i], &shot);
        CHECK_OK(image_fingerprint(shot.finished, &print));
        snprintf(text, sizeof(text), "%016jx", (uintmax_t)print);
        value_set(now, names[i], value_of_text(text));
        if (renew) {
            picture_show(renew, names[i], &shot);
            continue;
        }

        const char *want = value_text(value_get(golden, names[i]));
        if (!want)
            test_fail(__FILE__, __LINE__, "'%s' has no golden picture", names[i]);
        if (IS_SANITIZED)
            continue;
        int apart = __builtin_popcountll(print ^ strtoull(want, NULL, 16));
        if (apart > BITS_APART)
            test_fail(
                __FILE__, __LINE__, "'%s' looks different: %d of 64 bits apart", names[i], apart);
    }
    if (renew)
        golden_write(now);
}
