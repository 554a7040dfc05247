/* Promises of the built-in templates: each says what it is, for whom and how large, and keeps to it. */
#include "market/market.h"
#include "recipe/recipe.h"
#include "test.h"

static const char *const categories[] = {"studio", "lifestyle", "ecommerce", "seasonal"};

static bool is_tagged(const RecipeFacts *facts, const char *tag)
{
    for (size_t i = 0; i < facts->tags.count; i++)
        if (strcmp(facts->tags.items[i], tag) == 0)
            return true;
    return false;
}

/* Call CHECK_ONE for every template, with its name in the failure's place. */
static void templates_check(void (*check_one)(const char *name, const Recipe *recipe))
{
    AUTO(arena_free) Arena *mem = arena_new();
    const char *const *names = template_names(mem);

    for (size_t i = 0; names[i]; i++) {
        AUTO(recipe_free) Recipe *recipe = NULL;

        CHECK_OK(recipe_find(names[i], &recipe));
        check_one(names[i], recipe);
    }
}

static void introduction_check(const char *name, const Recipe *recipe)
{
    const RecipeFacts *facts = recipe_facts(recipe);
    size_t length = strlen(facts->description);
    bool is_known = false;

    for (size_t i = 0; i < COUNT(categories); i++)
        is_known |= strcmp(facts->category, categories[i]) == 0;
    if (!is_known)
        test_fail(__FILE__, __LINE__, "'%s' is of category '%s'", name, facts->category);
    if (strlen(facts->title) < 4)
        test_fail(__FILE__, __LINE__, "'%s' has no title", name);
    if (length < 30 || facts->description[length - 1] != '.')
        test_fail(__FILE__, __LINE__, "'%s' is not described in a sentence", name);
    if (facts->tags.count < 3)
        test_fail(__FILE__, __LINE__, "'%s' has %zu tags", name, facts->tags.count);
    for (size_t i = 0; i < facts->tags.count; i++)
        for (size_t j = 0; j < i; j++)
            if (strcmp(facts->tags.items[i], facts->tags.items[j]) == 0)
                test_fail(__FILE__, __LINE__, "'%s' is twice '%s'", name, facts->tags.items[i]);
}

TEST(every_template_has_a_title_a_sentence_a_category_and_three_tags)
{
    templates_check(introduction_check);
}

static void size_check(const char *name, const Recipe *recipe)
{
    const RecipeFacts *facts = recipe_facts(recipe);
    AUTO(value_free) Value *json = recipe_write(recipe);
    const Value *steps = value_get(json, "steps");
    int across = 0, down = 0;

    if (sscanf(facts->aspect, "%d:%d", &across, &down) != 2 || across < 1 || down < 1 ||
        facts->width_px * down != facts->height_px * across)
        test_fail(
            __FILE__, __LINE__, "'%s' is %dx%d px, and not %s", name, (int)facts->width_px,
            (int)facts->height_px, facts->aspect);
    for (size_t i = 0; i < value_count(steps); i++) {
        const Value *step = value_at(steps, i);

        if (strcmp(value_text(value_get(step, "step")), "place") != 0)
            continue;
        CHECK_INT(value_int(value_get(step, "width_px")), facts->width_px);
        CHECK_INT(value_int(value_get(step, "height_px")), facts->height_px);
        return;
    }
    test_fail(__FILE__, __LINE__, "'%s' places nothing", name);
}

TEST(every_template_has_the_shape_it_says_and_places_into_that_size)
{
    templates_check(size_check);
}

/* What is known of a picture before it is rendered. */
static Facts facts_of_frame(const Recipe *recipe)
{
    const RecipeFacts *facts = recipe_facts(recipe);
    double width = (double)facts->width_px, height = (double)facts->height_px;
    const struct {
        Measure measure;
        double number;
    } rows[] = {
        {MEASURE_WIDTH, width},
        {MEASURE_HEIGHT, height},
        {MEASURE_LONGEST, MAX(width, height)},
        {MEASURE_SHORTEST, MIN(width, height)},
        {MEASURE_MEGAPIXELS, width * height / 1e6},
        {MEASURE_ASPECT, width / height},
    };
    Facts ret = {0};

    for (size_t i = 0; i < COUNT(rows); i++)
        ret.of[rows[i].measure] = (Fact){.is_known = true, .number = rows[i].number};
    ret.of[MEASURE_FORMAT] =
        (Fact){.is_known = true, .word = image_format_name(recipe_format(recipe))};
    return ret;
}

static void platform_check(const char *name, const Recipe *recipe)
{
    const RecipeFacts *facts = recipe_facts(recipe);
    const Facts frame = facts_of_frame(recipe);
    bool is_main = is_tagged(facts, "main picture");
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(value_free) Value *json = NULL;
    Platform platform;
    Findings findings;

    if (strcmp(facts->category, "ecommerce") != 0) {
        if (is_main)
            test_fail(__FILE__, __LINE__, "'%s' is a main picture of no platform", name);
        return;
    }
    CHECK_OK(market_find_platform(facts->platform, NULL, mem, &json, &platform));
    market_judge(
        &platform, &frame, &(Listing){"2026-11-21", is_main ? SLOT_MAIN : SLOT_SECOND}, mem,
        &findings);
    for (size_t i = 0; i < findings.count; i++)
        if (findings.items[i].verdict > VERDICT_UNKNOWN)
            test_fail(
                __FILE__, __LINE__, "'%s' is nothing for %s: '%s' is %s, %s", name, platform.name,
                findings.items[i].rule->rule, findings.items[i].measured, findings.items[i].limit);
    if (is_main && facts->width_px * platform.height_px != facts->height_px * platform.width_px)
        test_fail(__FILE__, __LINE__, "'%s' is no main picture for %s", name, platform.name);
    if (recipe_format(recipe) != IMAGE_JPEG)
        test_fail(__FILE__, __LINE__, "'%s' is no JPEG, which every platform takes", name);
}

TEST(every_e_commerce_template_names_its_platform_and_fits_it)
{
    templates_check(platform_check);
}

static const char *platform_wanted;
static int templates_found;

static void platform_count(const char *name, const Recipe *recipe)
{
    const RecipeFacts *facts = recipe_facts(recipe);

    (void)name;
    templates_found +=
        strcmp(facts->category, "ecommerce") == 0 && strcmp(facts->platform, platform_wanted) == 0;
}

TEST(every_platform_that_takes_made_pictures_has_a_template)
{
    static const char *const without[] = {
        "etsy",   /* asks for photographs of the item itself */
        "google", /* takes the pictures of a shop */
    };
    AUTO(arena_free) Arena *mem = arena_new();

    for (const char *const *name = market_platform_names(mem); *name; name++) {
        bool is_left_out = false;

        for (size_t i = 0; i < COUNT(without); i++)
            is_left_out |= strcmp(*name, without[i]) == 0;
        platform_wanted = *name;
        templates_found = 0;
        templates_check(platform_count);
        if (!templates_found && !is_left_out)
            test_fail(__FILE__, __LINE__, "nothing for %s", *name);
    }
}

typedef struct Tally {
    int templates, featured, premium;
} Tally;

static Tally tallies[COUNT(categories)];

static void tally_count(const char *name, const Recipe *recipe)
{
    const RecipeFacts *facts = recipe_facts(recipe);

    (void)name;
    for (size_t i = 0; i < COUNT(categories); i++)
        if (strcmp(facts->category, categories[i]) == 0) {
            tallies[i].templates++;
            tallies[i].featured += facts->featured;
            tallies[i].premium += facts->premium;
        }
}

TEST(there_is_a_choice_in_every_category_and_a_few_stand_out)
{
    static const int least[COUNT(categories)] = {15, 15, 15, 10};

    memset(tallies, 0, sizeof tallies);
    templates_check(tally_count);
    for (size_t i = 0; i < COUNT(categories); i++) {
        if (tallies[i].templates < least[i])
            test_fail(
                __FILE__, __LINE__, "%d templates are %s", tallies[i].templates, categories[i]);
        CHECK(tallies[i].featured * 3 <= tallies[i].templates);
        CHECK(tallies[i].premium * 2 <= tallies[i].templates);
    }
}
