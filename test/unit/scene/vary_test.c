/* Promises of what a seed changes about a scene. */
#include "base/embed.h"
#include "scene/scene.h"
#include "test.h"

extern const Embedded embedded_scenes[];

/* TEXT with its single quotes made double. */
static Value *json_from(const char *text, Arena *mem)
{
    char *json = arena_text(mem, text);
    Value *value = NULL;

    for (char *c = json; *c; c++)
        *c = *c == '\'' ? '"' : *c;
    CHECK_OK(value_parse(json, strlen(json), &value));
    return value;
}

static const char *written(const Value *value, Arena *mem)
{
    AUTO(buf_done) Buf text = BUF(1 << 20);

    CHECK_OK(value_write(value, VALUE_CANONICAL, &text));
    return arena_text(mem, buf_text(&text));
}

static const char *varied(const char *text, uint64_t seed, Arena *mem)
{
    AUTO(value_free) Value *json = json_from(text, mem);
    AUTO(value_free) Value *look = NULL;

    CHECK_OK(scene_vary(json, seed, &look));
    return written(look, mem);
}

static ErrCode refused(const char *text, const char **ret_where, Arena *mem)
{
    AUTO(value_free) Value *json = json_from(text, mem);
    AUTO(value_free) Value *look = NULL;
    AUTO(err_free) Err *err = scene_vary(json, 5, &look);

    CHECK(err != NULL);
    *ret_where = arena_text(mem, err_where(err));
    return err_code(err);
}

static const char lively[] =
    "{'paints': [{'name': 'wall', 'colour': '#111111'}, {'name': 'floor', 'colour': '#222222'}],"
    "'lamps': [{'at': [1, 2, 3], 'kelvin': 5000}],"
    "'vary': [{'at': '/lamps/0/at/1', 'from': 1.5, 'to': 2.5},"
    "{'at': '/tone/ev', 'from': -1, 'to': 1},"
    "{'at': ['/paints/wall/colour', '/paints/1/colour'],"
    " 'of': [['#aa0000', '#bb0000'], ['#00aa00', '#00bb00']]}]}";

TEST(seed_0_is_the_scene_as_written)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(value_free) Value *json = json_from(lively, mem);

    CHECK_TEXT(varied(lively, 0, mem), written(json, mem));
}

TEST(the_same_seed_gives_the_same_look_and_others_give_others)
{
    AUTO(arena_free) Arena *mem = arena_new();

    CHECK_TEXT(varied(lively, 7, mem), varied(lively, 7, mem));
    CHECK(strcmp(varied(lively, 7, mem), varied(lively, 8, mem)) != 0);
}

TEST(colours_of_one_row_change_together_and_numbers_stay_within)
{
    AUTO(arena_free) Arena *mem = arena_new();
    int reds = 0;

    for (uint64_t seed = 1; seed <= 40; seed++) {
        AUTO(value_free) Value *json = json_from(lively, mem);
        AUTO(value_free) Value *look = NULL;

        CHECK_OK(scene_vary(json, seed, &look));
        const Value *paints = value_get(look, "paints");
        const char *wall = value_text(value_get(value_at(paints, 0), "colour"));
        const char *floor = value_text(value_get(value_at(paints, 1), "colour"));
        bool is_red = strcmp(wall, "#aa0000") == 0;
        reds += is_red;
        CHECK_TEXT(floor, is_red ? "#bb0000" : "#00bb00");
        double up =
            value_number(value_at(value_get(value_at(value_get(look, "lamps"), 0), "at"), 1));
        CHECK(up >= 1.5 && up <= 2.5);
        double ev = value_number(value_get(value_get(look, "tone"), "ev"));
        CHECK(ev >= -1 && ev <= 1);
    }
    CHECK(reds > 8 && reds < 32);
}

TEST(a_row_that_points_nowhere_is_named)
{
    AUTO(arena_free) Arena *mem = arena_new();
    const char *where;

    CHECK(
        refused(
            "{'lamps': [], 'vary': [{'at': '/lamps/3/kelvin', 'from': 1, 'to': 2}]}", &where,
            mem) == ERR_INPUT_INVALID);
    CHECK_TEXT(where, "/vary/0/at");
    CHECK(
        refused("{'vary': [{'at': '/a/b/c/d/e/f/g/h/i/j', 'from': 1, 'to': 2}]}", &where, mem) ==
        ERR_INPUT_INVALID);
    CHECK(refused("{'vary': [{'at': '/mirror', 'of': []}]}", &where, mem) == ERR_INPUT_INVALID);
    CHECK(
        refused("{'vary': [{'at': ['/a', '/b'], 'of': [1, 2]}]}", &where, mem) ==
        ERR_INPUT_INVALID);
}

TEST(every_built_in_scene_can_be_read_with_any_seed)
{
    for (const Embedded *row = embedded_scenes; row->name; row++) {
        AUTO(value_free) Value *json = NULL;

        CHECK_OK(value_parse((const char *)row->bytes, row->size, &json));
        for (uint64_t seed = 1; seed <= 12; seed++) {
            AUTO(arena_free) Arena *mem = arena_new();
            AUTO(value_free) Value *look = NULL;
            const Scene *scene;

            CHECK_OK(err_under(scene_vary(json, seed, &look), "%s", row->name));
            CHECK_OK(err_under(scene_read(look, mem, &scene), "%s", row->name));
        }
    }
}

/* A red thing on the left of a set whose lamp stands on the left. */
TEST(a_mirrored_set_keeps_the_product_and_changes_its_sides)
{
    AUTO(arena_free) Arena *mem = arena_new();
    static const char set[] =
        "{'mirror': %s, 'paints': [{'name': 'p'}, {'name': 'r', 'colour': '#c01010'}],"
        "'solids': [{'kind': 'floor', 'paint': 'p'},"
        "{'kind': 'sphere', 'paint': 'r', 'at': [-0.6, 0, 0], 'radius': 0.2}],"
        "'lamps': [{'at': [-3, 3, 2]}], 'tone': {'grain': 0}}";
    SceneShot shots[2] = {0};

    for (int i = 0; i < 2; i++) {
        AUTO(value_free) Value *json = json_from(arena_print(mem, set, i ? "true" : "false"), mem);
        const Scene *scene;
        SceneView view = {.width_px = 64, .height_px = 64, .threads = 1, .quality = SCENE_DRAFT};

        CHECK_OK(scene_read(json, mem, &scene));
        CHECK_OK(scene_render(scene, &view, &shots[i]));
    }
    for (int y = 0; y < 64; y++)
        for (int x = 0; x < 64; x++)
            CHECK(
                memcmp(
                    (const uint8_t *)image_row(shots[0].picture, y) + x * 3,
                    (const uint8_t *)image_row(shots[1].picture, y) + (63 - x) * 3, 3) == 0);
    CHECK(shots[0].facts.light_degrees > 90 && shots[1].facts.light_degrees < 90);
    scene_shot_done(&shots[0]);
    scene_shot_done(&shots[1]);
}

TEST(whole_numbers_beyond_all_scenes_are_drawn_without_harm)
{
    static const char text[] =
        "{'paints': [], 'solids': [], 'vary': [{'at': '/sky/backdrop/seed', 'from': "
        "9223372036854775806, 'to': 9223372036854775807}]}";
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(value_free) Value *json = json_from(text, mem);
    AUTO(value_free) Value *look = NULL;
    const Scene *scene;

    CHECK_OK(scene_vary(json, 5, &look));
    AUTO(err_free) Err *err = scene_read(look, mem, &scene);
    CHECK(err != NULL);
    CHECK_TEXT(err_where(err), "/sky/backdrop/seed");
}
