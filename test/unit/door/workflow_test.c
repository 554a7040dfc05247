/* Promises of src/door/lumiku/workflow.h. */
#include "door/lumiku/workflow.h"
#include "test.h"

static Value *json_of(const char *text)
{
    Value *json = NULL;

    CHECK_OK(value_parse(text, strlen(text), &json));
    return json;
}

static void json_end(void *json)
{
    value_free(json);
}

/* WORDS as a workflow, its texts in MEM. */
static Workflow workflow_in(const char *words, Arena *mem)
{
    Value *json = json_of(words);
    Workflow workflow;

    arena_keep(mem, json_end, json);
    CHECK_OK(shape_read(&workflow_shape, json, mem, &workflow));
    return workflow;
}

static const char *text_of(const Value *value, Arena *mem)
{
    AUTO(buf_done) Buf text = BUF(1 << 20);

    CHECK_OK(value_write(value, VALUE_CANONICAL, &text));
    return arena_text(mem, buf_text(&text));
}

/* RECIPE's steps in a line: "cutout place backdrop:solid shadow:natural encode:jpeg". */
static const char *line_of(const Value *recipe, Arena *mem)
{
    static const char *const telling[] = {"kind", "style", "format"};
    const Value *steps = value_get(recipe, "steps");
    const char *line = "";

    for (size_t i = 0; i < value_count(steps); i++) {
        const Value *step = value_at(steps, i);
        const char *more = NULL;

        for (size_t j = 0; j < COUNT(telling) && !more; j++)
            more = value_text(value_get(step, telling[j]));
        line = arena_print(
            mem, "%s%s%s%s%s", line, *line ? " " : "", value_text(value_get(step, "step")),
            more ? ":" : "", more ? more : "");
    }
    return line;
}

TEST(a_workflow_becomes_the_steps_that_do_it)
{
    static const struct {
        const char *workflow, *steps;
    } rows[] = {
        {"{\"background\":{\"action\":\"remove\"}}", "cutout encode:png"},
        {"{\"background\":{\"action\":\"solid\"}}", "cutout place backdrop:solid encode:jpeg"},
        {"{\"background\":{\"action\":\"replace\",\"type\":\"solid\",\"color\":\"#fafafa\"},"
         "\"shadow\":{\"type\":\"natural\"}}",
         "cutout place backdrop:solid shadow:natural encode:jpeg"},
        {"{\"background\":{\"type\":\"gradient\",\"colors\":[\"white\",\"#ccc\"],"
         "\"gradientType\":\"radial\"},\"shadow\":{\"type\":\"reflection\"}}",
         "cutout place backdrop:radial shadow:reflection encode:jpeg"},
        {"{\"background\":{\"action\":\"ai\",\"prompt\":\"a marble table\"},"
         "\"lighting\":{\"mode\":\"preset\",\"preset\":\"dramatic\",\"warmth\":30},"
         "\"shadow\":{\"type\":\"natural\",\"opacity\":50,\"blur\":60},"
         "\"export\":{\"format\":\"png\",\"size\":\"2400x2400\"},\"upscale\":{\"factor\":4}}",
         "cutout light:dramatic place backdrop:scene harmonise shadow:natural upscale "
         "encode:png"},
        {"{\"lighting\":{\"mode\":\"auto\"}}", "light:auto encode:jpeg"},
        {"{\"lighting\":{\"brightness\":10}}", "light:none encode:jpeg"},
        {"{\"background\":{\"action\":\"none\"},\"shadow\":{\"type\":\"drop\"}}",
         "cutout place shadow:drop encode:png"},
        {"{\"upscale\":{}}", "upscale encode:jpeg"},
        {"{\"export\":{\"platform\":\"instagram:4x5\"}}", "place encode:jpeg"},
        {"{\"recipe\":{\"steps\":[{\"step\":\"cutout\"},{\"step\":\"crop\"}]}}", "cutout crop"},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        AUTO(arena_free) Arena *mem = arena_new();
        AUTO(recipe_free) Recipe *recipe = NULL;
        const Workflow workflow = workflow_in(rows[i].workflow, mem);
        WorkflowMade made;

        CHECK_OK(workflow_make(&workflow, NULL, mem, &made));
        CHECK_TEXT(line_of(made.recipe, mem), rows[i].steps);
        CHECK_OK(recipe_read(made.recipe, &recipe));
    }
}

TEST(numbers_and_names_of_a_workflow_reach_their_steps)
{
    AUTO(arena_free) Arena *mem = arena_new();
    const Workflow workflow = workflow_in(
        "{\"background\":{\"action\":\"ai\",\"prompt\":\"a beach\",\"complexity\":\"complex\"},"
        "\"lighting\":{\"mode\":\"manual\",\"brightness\":-5,\"contrast\":6,\"warmth\":7},"
        "\"shadow\":{\"type\":\"drop\",\"angle\":100,\"distance\":11,\"opacity\":12,\"blur\":13,"
        "\"color\":\"#102030\"},\"output\":{\"platform\":\"shopee\",\"quality\":77}}",
        mem);
    WorkflowMade made;

    CHECK_OK(workflow_make(&workflow, NULL, mem, &made));
    CHECK_INT(made.complexity, 1);
    const char *text = text_of(made.recipe, mem);
    static const char *const parts[] = {
        "\"quality\":\"fine\",\"step\":\"backdrop\",\"words\":\"a beach\"",
        "\"brightness\":-5.0,\"contrast\":6.0",
        "\"angle\":170.0,\"blur\":13.0,\"colour\":\"#102030\",\"distance_px\":11.0",
        "\"format\":\"jpeg\",\"max_kb\":2000,\"quality\":77",
        "\"height_px\":1200,\"step\":\"place\",\"width_px\":1200",
    };
    for (size_t i = 0; i < COUNT(parts); i++)
        if (!strstr(text, parts[i]))
            test_fail(__FILE__, __LINE__, "no %s in %s", parts[i], text);
}

/* All that can be said without a template, in every combination. */
TEST(a_workflow_is_found_again_in_its_recipe)
{
    static const char *const backgrounds[] = {
        "", "\"background\":{\"action\":\"remove\"}",
        "\"background\":{\"action\":\"solid\",\"color\":\"#aabbcc\"}",
        "\"background\":{\"action\":\"gradient\",\"colors\":[\"red\",\"white\",\"blue\"],"
        "\"gradientType\":\"linear\",\"angle\":45}",
        "\"background\":{\"action\":\"ai\",\"prompt\":\"oak table by a window\","
        "\"complexity\":\"complex\"}"};
    static const char *const lights[] = {
        "\"lighting\":{\"mode\":\"auto\"}",
        "\"lighting\":{\"mode\":\"preset\",\"preset\":\"moody\",\"contrast\":12}",
        "\"lighting\":{\"mode\":\"manual\",\"brightness\":20}"};
    static const char *const shadows[] = {
        "", ",\"shadow\":{\"type\":\"natural\"}", ",\"shadow\":{\"type\":\"reflection\"}",
        ",\"shadow\":{\"type\":\"drop\",\"angle\":200,\"color\":\"navy\"}"};
    static const char *const ends[] = {
        "", ",\"export\":{\"format\":\"webp\",\"width\":900,\"height\":1200}",
        ",\"upscale\":{\"factor\":2}"};

    for (size_t i = 0; i < COUNT(backgrounds) * COUNT(lights) * COUNT(shadows) * COUNT(ends); i++) {
        AUTO(arena_free) Arena *mem = arena_new();
        AUTO(recipe_free) Recipe *first = NULL, *second = NULL;
        const char *background = backgrounds[i % COUNT(backgrounds)];
        size_t j = i / COUNT(backgrounds);
        const char *words = arena_print(
            mem, "{%s%s%s%s%s}", background, *background ? "," : "", lights[j % COUNT(lights)],
            shadows[j / COUNT(lights) % COUNT(shadows)], ends[j / COUNT(lights) / COUNT(shadows)]);
        const Workflow workflow = workflow_in(words, mem);
        const Value *said;
        WorkflowMade made, again;

        CHECK_OK(workflow_make(&workflow, NULL, mem, &made));
        CHECK_OK(workflow_of_recipe(made.recipe, NULL, mem, &said));
        if (value_get(said, "recipe"))
            test_fail(__FILE__, __LINE__, "%s is said as %s", words, text_of(said, mem));
        const Workflow found = workflow_in(text_of(said, mem), mem);
        CHECK_OK(workflow_make(&found, NULL, mem, &again));
        CHECK_OK(recipe_read(made.recipe, &first));
        CHECK_OK(recipe_read(again.recipe, &second));
        AUTO(value_free) Value *one = recipe_write(first), *other = recipe_write(second);
        CHECK_TEXT(text_of(other, mem), text_of(one, mem));
    }
}

/* What is told of a template makes it again, whether in this door's words or as a recipe. */
TEST(every_built_in_template_is_told_as_a_workflow)
{
    AUTO(arena_free) Arena *mem = arena_new();
    const char *const *names = template_names(mem);
    int told = 0;

    for (int i = 0; names[i]; i++) {
        AUTO(recipe_free) Recipe *recipe = NULL, *again = NULL;
        const Value *said;
        WorkflowMade made;

        CHECK_OK(recipe_find(names[i], &recipe));
        AUTO(value_free) Value *json = recipe_write(recipe);
        CHECK_OK(workflow_of_recipe(json, names[i], mem, &said));
        told += value_get(said, "recipe") == NULL;
        const Workflow workflow = workflow_in(text_of(said, mem), mem);
        CHECK_OK(workflow_make(&workflow, json, mem, &made));
        CHECK_OK(recipe_read(made.recipe, &again));
        AUTO(value_free) Value *other = recipe_write(again);
        CHECK_TEXT(text_of(value_get(other, "steps"), mem), text_of(value_get(json, "steps"), mem));
    }
    CHECK(told >= 65);
}

TEST(only_the_set_of_a_template_is_taken)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(recipe_free) Recipe *recipe = NULL;
    const Workflow workflow = workflow_in(
        "{\"background\":{\"action\":\"template\",\"templateId\":\"shopee-white\"},"
        "\"export\":{\"size\":\"600x600\"}}",
        mem);
    WorkflowMade made;

    CHECK_TEXT(workflow_template(&workflow), "shopee-white");
    CHECK_OK(recipe_find("shopee-white", &recipe));
    AUTO(value_free) Value *set = recipe_write(recipe);
    CHECK_OK(workflow_make(&workflow, set, mem, &made));
    CHECK_TEXT(line_of(made.recipe, mem), "cutout place backdrop:solid comply encode:jpeg");
    CHECK(strstr(text_of(made.recipe, mem), "\"width_px\":600"));
}

TEST(what_is_not_said_anew_stays_as_it_was)
{
    AUTO(arena_free) Arena *mem = arena_new();
    const Workflow old = workflow_in(
        "{\"background\":{\"action\":\"ai\",\"prompt\":\"a cafe\"},\"lighting\":{}}", mem);
    const Workflow whole = workflow_in("{\"recipe\":{\"steps\":[{\"step\":\"cutout\"}]}}", mem);
    Workflow more = workflow_in("{\"shadow\":{\"type\":\"natural\"}}", mem);
    Workflow other =
        workflow_in("{\"lighting\":{\"preset\":\"studio\"},\"output\":{\"format\":\"png\"}}", mem);
    WorkflowMade made;

    CHECK_OK(workflow_continue(&more, &old));
    CHECK_OK(workflow_make(&more, NULL, mem, &made));
    CHECK_TEXT(
        line_of(made.recipe, mem),
        "cutout light:auto place backdrop:scene harmonise shadow:natural encode:jpeg");
    CHECK_OK(workflow_continue(&other, &more));
    CHECK_OK(workflow_make(&other, NULL, mem, &made));
    CHECK_TEXT(
        line_of(made.recipe, mem),
        "cutout light:studio place backdrop:scene harmonise shadow:natural encode:png");
    CHECK_ERR(
        workflow_continue(&more, &whole), ERR_CONFLICT,
        "a variation that is a whole recipe cannot be gone on with");
}

TEST(words_that_do_not_fit_are_refused_where_they_stand)
{
    static const struct {
        const char *workflow, *pointer;
        ErrCode code;
    } rows[] = {
        {"{}", "", ERR_INPUT_MISSING},
        {"{\"background\":{}}", "/background/action", ERR_INPUT_MISSING},
        {"{\"background\":{\"action\":\"replace\"}}", "/background/type", ERR_INPUT_MISSING},
        {"{\"background\":{\"action\":\"replace\",\"type\":\"replace\"}}", "/background/type",
         ERR_INPUT_INVALID},
        {"{\"background\":{\"action\":\"solid\",\"type\":\"ai\"}}", "/background/type",
         ERR_INPUT_INVALID},
        {"{\"background\":{\"action\":\"solid\",\"color\":\"bluish\"}}", "/background/color",
         ERR_INPUT_INVALID},
        {"{\"background\":{\"action\":\"solid\",\"color\":\"red\",\"colour\":\"red\"}}",
         "/background/colour", ERR_INPUT_INVALID},
        {"{\"background\":{\"action\":\"gradient\",\"colors\":[\"red\"]}}", "/background/colors",
         ERR_INPUT_INVALID},
        {"{\"background\":{\"action\":\"gradient\",\"colors\":[\"red\",\"x\"]}}",
         "/background/colors/1", ERR_INPUT_INVALID},
        {"{\"background\":{\"action\":\"template\"}}", "/background/templateId", ERR_INPUT_MISSING},
        {"{\"background\":{\"action\":\"ai\",\"prompt\":\"\"}}", "/background/prompt",
         ERR_INPUT_MISSING},
        {"{\"lighting\":{\"mode\":\"preset\"}}", "/lighting/preset", ERR_INPUT_MISSING},
        {"{\"lighting\":{\"mode\":\"auto\",\"preset\":\"studio\"}}", "/lighting/preset",
         ERR_INPUT_INVALID},
        {"{\"lighting\":{\"mode\":\"auto\",\"warmth\":3}}", "/lighting/mode", ERR_INPUT_INVALID},
        {"{\"shadow\":{\"type\":\"drop\",\"color\":\"12\"}}", "/shadow/color", ERR_INPUT_INVALID},
        {"{\"upscale\":{\"factor\":3}}", "/upscale/factor", ERR_INPUT_INVALID},
        {"{\"export\":{\"width\":100}}", "/export/height", ERR_INPUT_MISSING},
        {"{\"export\":{\"size\":\"9x9\",\"width\":1,\"height\":1}}", "/export/size",
         ERR_INPUT_INVALID},
        {"{\"export\":{\"size\":\"big\"}}", "/export/size", ERR_INPUT_INVALID},
        {"{\"export\":{\"size\":\"9000x100\"}}", "/export/size", ERR_INPUT_INVALID},
        {"{\"output\":{\"platform\":\"shoppe\"}}", "/output/platform", ERR_INPUT_INVALID},
        {"{\"export\":{},\"output\":{}}", "/output", ERR_INPUT_INVALID},
        {"{\"lighting\":{},\"recipe\":{\"steps\":[]}}", "/recipe", ERR_INPUT_INVALID},
        {"{\"recipe\":{\"steps\":[{\"step\":\"magic\"}]}}", "/recipe/steps/0/step",
         ERR_INPUT_INVALID},
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        AUTO(arena_free) Arena *mem = arena_new();
        const Workflow workflow = workflow_in(rows[i].workflow, mem);
        WorkflowMade made;
        AUTO(err_free) Err *err = workflow_make(&workflow, NULL, mem, &made);

        if (!err || err_code(err) != rows[i].code ||
            strcmp(err_where(err) ? err_where(err) : "", rows[i].pointer) != 0)
            test_fail(
                __FILE__, __LINE__, "%s gave %s at %s", rows[i].workflow,
                err ? err_message(err) : "nothing", err ? err_where(err) : "");
    }
}
