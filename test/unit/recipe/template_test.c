/* Promises of the built-in templates: each says what it is, for whom and how large, and keeps to it. */
#include "recipe/recipe.h"
#include "test.h"

/* Whom e-commerce templates are made for, and what those accept: doc/templates.md shows it to people. */
static const struct Channel {
    const char *platform;
    int side_min_px; /* shorter side */
    const char *aspects;
    const char *main_aspect; /* of the first picture of a listing */
} channels[] = {
    {"amazon", 1000, "1:1", "1:1"},           {"ebay", 500, "1:1", "1:1"},
    {"instagram", 1080, "1:1 4:5", ""},       {"lazada", 1000, "1:1", "1:1"},
    {"shopee", 1024, "1:1 16:9", "1:1"},      {"shopify", 1080, "1:1 4:5 16:9", "1:1"},
    {"tiktok_shop", 1080, "1:1 9:16", "1:1"}, {"tokopedia", 1080, "1:1 16:9", "1:1"},
};

static const char *const categories[] = {"studio", "lifestyle", "ecommerce", "seasonal"};

static const struct Channel *channel_of(const char *platform)
{
    for (size_t i = 0; i < COUNT(channels); i++)
        if (strcmp(channels[i].platform, platform) == 0)
            return &channels[i];
    return NULL;
}

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

static void channel_check(const char *name, const Recipe *recipe)
{
    const RecipeFacts *facts = recipe_facts(recipe);
    bool is_main = is_tagged(facts, "main picture");

    if (strcmp(facts->category, "ecommerce") != 0) {
        if (is_main)
            test_fail(__FILE__, __LINE__, "'%s' is a main picture of no platform", name);
        return;
    }
    const struct Channel *channel = channel_of(facts->platform);
    if (!channel)
        test_fail(__FILE__, __LINE__, "'%s' is for platform '%s'", name, facts->platform);
    if (MIN(facts->width_px, facts->height_px) < channel->side_min_px ||
        !strstr(channel->aspects, facts->aspect))
        test_fail(
            __FILE__, __LINE__, "'%s' is %dx%d px: nothing for %s", name, (int)facts->width_px,
            (int)facts->height_px, channel->platform);
    if (is_main && strcmp(channel->main_aspect, facts->aspect) != 0)
        test_fail(__FILE__, __LINE__, "'%s' is no main picture for %s", name, channel->platform);
    if (recipe_format(recipe) != IMAGE_JPEG)
        test_fail(__FILE__, __LINE__, "'%s' is no JPEG, which every platform takes", name);
}

TEST(every_e_commerce_template_names_its_platform_and_fits_it)
{
    templates_check(channel_check);
}

static size_t platforms_served[COUNT(channels)];

static void platform_count(const char *name, const Recipe *recipe)
{
    const RecipeFacts *facts = recipe_facts(recipe);
    const struct Channel *channel = channel_of(facts->platform);

    (void)name;
    if (channel && strcmp(facts->category, "ecommerce") == 0)
        platforms_served[channel - channels]++;
}

TEST(every_platform_has_a_template)
{
    memset(platforms_served, 0, sizeof platforms_served);
    templates_check(platform_count);
    for (size_t i = 0; i < COUNT(channels); i++)
        if (platforms_served[i] == 0)
            test_fail(__FILE__, __LINE__, "nothing for %s", channels[i].platform);
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
