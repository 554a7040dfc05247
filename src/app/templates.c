/* cyclorama templates, cyclorama recipes: what is built in, and what each is made of. */
#include <string.h>

#include "app/command.h"
#include "app/previews.h"
#include "recipe/recipe.h"

enum {
    WIDTH = 80,
    NAME_WIDTH = 22
};

typedef struct ListOptions {
    bool json;
} ListOptions;

static const Field ListOptions_fields[] = {
    {FIELD_BOOL(ListOptions, json), .help = "Write JSON", .preset = "false"},
    {FIELD_END},
};

typedef struct TemplatesOptions {
    bool json;
    const char *previews;
} TemplatesOptions;

static const Field TemplatesOptions_fields[] = {
    {FIELD_BOOL(TemplatesOptions, json),
     .help = "Write JSON, with the file names of each template's preview and thumbnail",
     .preset = "false"},
    {FIELD_TEXT(TemplatesOptions, previews),
     .help = "Render a preview and a thumbnail of each into this folder; what is up to date stays",
     .preset = "", .max = 4096, .format = "folder"},
    {FIELD_END},
};

static const char *size_words(const RecipeFacts *facts, Arena *mem)
{
    if (!facts->width_px || !facts->height_px)
        return "as the photo";
    return arena_print(mem, "%dx%d", (int)facts->width_px, (int)facts->height_px);
}

/* ---- one ---- */

/* An option as it would be typed after --set, or as JSON where it is more than a word. */
static MUST Err *option_print(const char *name, const Value *value, FILE *out)
{
    AUTO(buf_done) Buf text = BUF(64 * 1024);

    if (value_kind(value) == VALUE_TEXT) {
        fprintf(out, " %s=%s", name, value_text(value));
        return NULL;
    }
    TRY(value_write(value, VALUE_COMPACT, &text));
    fprintf(out, " %s=%s", name, buf_text(&text));
    return NULL;
}

static MUST Err *steps_print(const Value *steps, FILE *out)
{
    for (size_t i = 0; i < value_count(steps); i++) {
        const Value *step = value_at(steps, i);

        fprintf(out, "  %zu. %-10s", i + 1, value_text(value_get(step, "step")));
        for (ValueMember m = value_first(step); m.name; m = value_next(step, m))
            if (strcmp(m.name, "step") != 0)
                TRY(option_print(m.name, m.value, out));
        fputc('\n', out);
    }
    return NULL;
}

static void fact_print(const char *name, const char *words, FILE *out)
{
    if (*words)
        fprintf(out, "  %-10s %s\n", name, words);
}

static MUST Err *recipe_print(const Recipe *recipe, App *app)
{
    const RecipeFacts *facts = recipe_facts(recipe);
    const char *tags = "";

    for (size_t i = 0; i < facts->tags.count; i++)
        tags = arena_print(app->mem, "%s%s%s", tags, i ? ", " : "", facts->tags.items[i]);
    fprintf(app->out, "%s\n", *facts->title ? facts->title : facts->name);
    help_wrap(app->out, 0, WIDTH, facts->description);
    fputc('\n', app->out);
    fact_print("name", facts->name, app->out);
    fact_print("category", facts->category, app->out);
    fact_print("platform", facts->platform, app->out);
    fact_print("size", size_words(facts, app->mem), app->out);
    fact_print("format", image_format_name(recipe_format(recipe)), app->out);
    fact_print("tags", tags, app->out);
    fprintf(app->out, "\nSteps:\n");
    TRY(steps_print(facts->steps, app->out));
    fprintf(
        app->out, "\nUse it:  cyclorama render PHOTO -o OUT --%s %s\n",
        *facts->category ? "template" : "recipe", facts->name);
    return NULL;
}

static MUST Err *one_show(const char *name, bool as_json, App *app)
{
    AUTO(recipe_free) Recipe *recipe = NULL;

    TRY(recipe_find(name, &recipe));
    if (!as_json)
        return recipe_print(recipe, app);
    AUTO(value_free) Value *json = recipe_write(recipe);
    return print_json(app->out, json);
}

/* ---- all ---- */

static MUST Err *all_json(const char *const *names, App *app)
{
    AUTO(value_free) Value *list = value_list();

    for (; *names; names++) {
        AUTO(recipe_free) Recipe *recipe = NULL;

        TRY(recipe_find(*names, &recipe));
        Value *json = recipe_write(recipe);
        if (*recipe_facts(recipe)->category) {
            value_set(json, "preview", value_of_text(preview_file(*names, app->mem)));
            value_set(json, "thumbnail", value_of_text(previews_thumbnail_file(*names, app->mem)));
        }
        value_add(list, json);
    }
    return print_json(app->out, list);
}

static void row_print(const RecipeFacts *facts, App *app)
{
    fprintf(app->out, "  %-*s %-11s ", NAME_WIDTH, facts->name, size_words(facts, app->mem));
    help_wrap(app->out, NAME_WIDTH + 15, WIDTH + 20, facts->description);
}

/* Under the headings of their categories, which come in the order in which they are first met. */
static MUST Err *all_print(const char *const *names, App *app)
{
    const char *printed = "|";

    for (const char *const *head = names; *head; head++) {
        AUTO(recipe_free) Recipe *first = NULL;
        TRY(recipe_find(*head, &first));
        const char *category = recipe_facts(first)->category;
        const char *mark = arena_print(app->mem, "|%s|", category);

        if (strstr(printed, mark))
            continue;
        printed = arena_print(app->mem, "%s%s|", printed, category);
        if (*category)
            fprintf(app->out, "%s\n", category);
        for (const char *const *name = head; *name; name++) {
            AUTO(recipe_free) Recipe *recipe = NULL;

            TRY(recipe_find(*name, &recipe));
            if (strcmp(recipe_facts(recipe)->category, category) == 0)
                row_print(recipe_facts(recipe), app);
        }
    }
    return NULL;
}

static MUST Err *list_run(App *app, bool as_json, const Texts *words, const char *const *names)
{
    if (words->count)
        return one_show(words->items[0], as_json, app);
    return as_json ? all_json(names, app) : all_print(names, app);
}

static MUST Err *previews_run(App *app, const char *folder, const Texts *words)
{
    const char *one[] = {words->count ? words->items[0] : NULL, NULL};

    return previews_make(app, folder, words->count ? one : template_names(app->mem));
}

static Err *templates_run(App *app, const void *options_any, const Texts *words, Exit *exit)
{
    const TemplatesOptions *options = options_any;

    (void)exit;
    if (*options->previews)
        return previews_run(app, options->previews, words);
    return list_run(app, options->json, words, template_names(app->mem));
}

static Err *recipes_run(App *app, const void *options_any, const Texts *words, Exit *exit)
{
    const ListOptions *options = options_any;

    (void)exit;
    return list_run(app, options->json, words, recipe_names(app->mem));
}

static const char *const templates_about[] = {
    "A template is a ready recipe with a look of its own. With NAME: what it is made of, step by "
    "step.",
    "Previews show a product of the program's own; they need neither a photo nor a model.",
    NULL,
};

const Command command_templates = {
    .name = "templates",
    .summary = "Show the built-in templates",
    .usage = "[NAME]",
    .about = templates_about,
    .options = SHAPE(TemplatesOptions),
    .words = "template",
    .most_words = 1,
    .run = templates_run,
};

static const char *const recipes_about[] = {
    "A recipe is an ordered list of steps. These are built in and go by name; your own are JSON "
    "files: start with "
    "'cyclorama templates NAME --json > mine.json', and check against 'cyclorama schema'.",
    NULL,
};

const Command command_recipes = {
    .name = "recipes",
    .summary = "Show the built-in recipes",
    .usage = "[NAME]",
    .about = recipes_about,
    .options = SHAPE(ListOptions),
    .words = "recipe",
    .most_words = 1,
    .run = recipes_run,
};
