/* Promises of recipes: what is read, what is refused, what can be set. */
#include "recipe/recipe.h"
#include "test.h"

static void check_refused(const char *json, const char *where, const char *text)
{
    AUTO(value_free) Value *value = NULL;
    AUTO(recipe_free) Recipe *recipe = NULL;

    CHECK_OK(value_parse(json, strlen(json), &value));
    AUTO(err_free) Err *err = recipe_read(value, &recipe);
    CHECK(err != NULL);
    CHECK_TEXT(err_where(err), where);
    CHECK_TEXT(err_text(err), text);
}

TEST(every_built_in_recipe_and_template_reads_and_is_called_by_its_file_name)
{
    AUTO(arena_free) Arena *mem = arena_new();
    const char *const *lists[] = {recipe_names(mem), template_names(mem)};

    for (size_t list = 0; list < COUNT(lists); list++)
        for (size_t i = 0; lists[list][i]; i++) {
            AUTO(recipe_free) Recipe *recipe = NULL;

            CHECK_OK(recipe_find(lists[list][i], &recipe));
            CHECK_TEXT(recipe_facts(recipe)->name, lists[list][i]);
            CHECK(recipe_facts(recipe)->title[0] && recipe_facts(recipe)->description[0]);
            CHECK_INT(recipe_facts(recipe)->category[0] != 0, list == 1);
        }
}

TEST(there_are_at_least_eight_templates)
{
    AUTO(arena_free) Arena *mem = arena_new();
    const char *const *names = template_names(mem);
    size_t count = 0;

    while (names[count])
        count++;
    CHECK(count >= 8);
}

TEST(a_bad_field_of_a_step_is_pointed_at)
{
    check_refused(
        "{\"steps\":[{\"step\":\"cutout\"},{\"step\":\"place\",\"fill\":170}]}", "/steps/1/fill",
        "fill must be from 1 to 100 %.");
    check_refused(
        "{\"steps\":[{\"step\":\"cutuot\"}]}", "/steps/0/step",
        "There is no step 'cutuot'. Did you mean 'cutout'? Run 'cyclorama steps' to see all.");
    check_refused(
        "{\"steps\":[{\"step\":\"crop\",\"aspect\":[4,0]}]}", "/steps/0/aspect",
        "aspect needs a width and a height, such as 4,5.");
    check_refused("{\"steps\":[]}", "/steps", "A recipe needs a list of 1 to 40 steps.");
    check_refused(
        "{\"steps\":[{}]}", "/steps/0",
        "Each step must be an object that says which step it is: {\"step\": \"cutout\"}.");
    check_refused(
        "{\"stepz\":[]}", "/stepz", "There is no field 'stepz' here. Did you mean 'steps'?");
}

TEST(a_step_that_could_not_be_seen_where_it_stands_is_refused)
{
    check_refused(
        "{\"steps\":[{\"step\":\"backdrop\"},{\"step\":\"place\"}]}", "/steps/1/step",
        "The step 'place' must stand before 'backdrop': after it, it could not be seen.");
    check_refused(
        "{\"steps\":[{\"step\":\"encode\"},{\"step\":\"encode\"}]}", "/steps/1/step",
        "The step 'encode' must stand before 'encode': after it, it could not be seen.");
}

TEST(a_seed_changes_only_the_key_of_what_throws_dice)
{
    AUTO(recipe_free) Recipe *cutout = NULL;
    RecipeContext one = {.seed = 1}, two = {.seed = 2};
    Hash photo = hash_bytes("photo", 5);

    CHECK_OK(recipe_find("cutout", &cutout));
    CHECK(hash_equal(recipe_key(cutout, &one, photo), recipe_key(cutout, &two, photo)));
}

TEST(a_recipe_that_was_written_out_means_the_same)
{
    AUTO(recipe_free) Recipe *recipe = NULL, *again = NULL;
    RecipeContext context = {.seed = 7};
    Hash photo = hash_bytes("photo", 5);

    CHECK_OK(recipe_find("blush-gradient", &recipe));
    AUTO(value_free) Value *written = recipe_write(recipe);
    CHECK_OK(recipe_read(written, &again));
    CHECK(hash_equal(recipe_key(recipe, &context, photo), recipe_key(again, &context, photo)));
}

TEST(a_key_changes_with_photo_seed_and_any_option)
{
    AUTO(recipe_free) Recipe *recipe = NULL;
    RecipeContext context = {.seed = 7}, other_seed = {.seed = 8};
    Hash photo = hash_bytes("photo", 5);

    CHECK_OK(recipe_find("blush-gradient", &recipe));
    Hash key = recipe_key(recipe, &context, photo);
    CHECK(!hash_equal(key, recipe_key(recipe, &other_seed, photo)));
    CHECK(!hash_equal(key, recipe_key(recipe, &context, hash_bytes("other", 5))));
    CHECK_OK(recipe_set(recipe, "place.fill=59"));
    CHECK(!hash_equal(key, recipe_key(recipe, &context, photo)));
}

TEST(setting_what_is_not_there_says_what_there_is)
{
    AUTO(recipe_free) Recipe *recipe = NULL;

    CHECK_OK(recipe_find("cutout", &recipe));
    AUTO(err_free) Err *no_step = recipe_set(recipe, "shadow.opacity=20");
    AUTO(err_free) Err *no_option = recipe_set(recipe, "encode.qualty=20");
    AUTO(err_free) Err *no_sense = recipe_set(recipe, "bigger");
    AUTO(err_free) Err *too_much = recipe_set(recipe, "encode.quality=101");

    CHECK_TEXT(
        err_text(no_step), "This recipe has no step 'shadow', so its options cannot be set.");
    CHECK_TEXT(
        err_text(no_option),
        "The step 'encode' has no option 'qualty'. Run 'cyclorama steps encode' to see them.");
    CHECK_TEXT(
        err_text(no_sense),
        "'bigger' cannot be set. Write step.option=value, such as place.fill=70.");
    CHECK_TEXT(err_text(too_much), "quality must be from 1 to 100.");
}

TEST(an_unknown_template_is_answered_with_the_nearest)
{
    AUTO(recipe_free) Recipe *recipe = NULL;
    AUTO(err_free) Err *err = recipe_find("blush-gradeint", &recipe);

    CHECK_TEXT(err_name(err_code(err)), "not_found");
    CHECK_TEXT(
        err_text(err),
        "There is no template or recipe called 'blush-gradeint'. Did you mean 'blush-gradient'? "
        "Run 'cyclorama templates' to see all.");
}

TEST(the_schema_of_recipes_knows_every_step)
{
    AUTO(value_free) Value *schema = recipe_schema();
    const Value *steps = value_get(value_get(schema, "properties"), "steps");
    const Value *kinds = value_get(value_get(steps, "items"), "oneOf");
    size_t count = 0;

    while (recipe_steps[count])
        count++;
    CHECK_INT(value_count(kinds), count);
}
