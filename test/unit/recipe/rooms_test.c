/* Promises of the five rooms that shops ask for by name. */
#include <string.h>

#include "base/arena.h"
#include "drawn.h"

static const char *const rooms[] = {"living_room", "bedroom", "kitchen", "patio", "office"};

enum {
    BITS_BETWEEN = 10 /* of 64: two pictures that people would not take for the same place */
};

/* A small product, so that the hash sees the room. */
static void room_render(const char *room, const Buf *photo, Shot *ret)
{
    AUTO(arena_free) Arena *mem = arena_new();
    RecipeContext context = {.threads = 2, .seed = 0};
    const char *recipe = arena_print(
        mem,
        "{\"steps\": [{\"step\": \"place\", \"width_px\": 160, \"height_px\": 160, \"fill\": 30, "
        "\"anchor\": \"ground\", \"ground\": 80}, {\"step\": \"backdrop\", \"kind\": \"scene\", "
        "\"scene\": \"%s\", \"quality\": \"draft\"}]}",
        room);

    drawn_perform(photo, recipe, &context, ret);
}

TEST(the_five_rooms_are_built_in_and_none_looks_like_another)
{
    AUTO(buf_done) Buf photo = BUF(1 << 20);
    uint64_t prints[COUNT(rooms)];

    drawn_disc_png(200, 200, 180, &photo);
    for (size_t i = 0; i < COUNT(rooms); i++) {
        AUTO(shot_done) Shot shot = {0};

        room_render(rooms[i], &photo, &shot);
        CHECK_OK(image_fingerprint(shot.finished, &prints[i]));
        for (size_t k = 0; k < i; k++)
            CHECK(__builtin_popcountll(prints[i] ^ prints[k]) >= BITS_BETWEEN);
    }
}

TEST(each_room_has_a_lifestyle_template_that_is_found_by_its_words)
{
    AUTO(arena_free) Arena *mem = arena_new();
    const char *const *names = template_names(mem);

    for (size_t i = 0; i < COUNT(rooms); i++) {
        bool found = false;

        for (size_t n = 0; names[n]; n++) {
            AUTO(recipe_free) Recipe *recipe = NULL;
            AUTO(value_free) Value *json = NULL;
            AUTO(buf_done) Buf text = BUF(1 << 16);
            const char *scene = arena_print(mem, "\"scene\":\"%s\"", rooms[i]);

            CHECK_OK(recipe_find(names[n], &recipe));
            json = recipe_write(recipe);
            CHECK_OK(value_write(json, VALUE_COMPACT, &text));
            if (!strstr(buf_text(&text), scene))
                continue;
            const RecipeFacts *facts = recipe_facts(recipe);
            CHECK_TEXT(facts->category, "lifestyle");
            CHECK(facts->tags.count >= 3);
            found = true;
        }
        CHECK(found);
    }
}
