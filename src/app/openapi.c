/* cyclorama openapi: what the server offers, as a document for other programs. */
#include "http/openapi.h"

#include <string.h>

#include "app/command.h"
#include "door/artgen/artgen.h"
#include "door/hook/hook.h"
#include "door/house/house.h"
#include "door/lumiku/lumiku.h"
#include "door/opal/opal.h"
#include "door/openai/openai.h"
#include "door/store/store.h"
#include "door/studio/studio.h"

static const FrontDoor *const doors[] = {&opal_door,   &lumiku_door, &artgen_door,
                                         &openai_door, &studio_door, &hook_door,
                                         &store_door,  &house_door,  NULL};

static MUST Err *door_find(const char *name, const FrontDoor **ret)
{
    const char *names[COUNT(doors)];
    size_t count = 0;

    for (; doors[count]; count++) {
        names[count] = doors[count]->name;
        if (strcmp(names[count], name) == 0) {
            *ret = doors[count];
            return NULL;
        }
    }
    const char *near = shape_nearest(name, names, count);
    return err_public(
        err_new(ERR_INPUT_INVALID, "no door '%s'", name),
        "There is no door '%s'; there are opal, lumiku, artgen, openai, studio, hook, store and "
        "house.%s%s%s",
        name, near ? " Did you mean '" : "", near ? near : "", near ? "'?" : "");
}

static Err *openapi_run(App *app, const void *options, const Texts *words, Exit *exit)
{
    const FrontDoor *alone[] = {NULL, NULL};

    (void)options;
    (void)exit;
    if (words->count)
        TRY(door_find(words->items[0], &alone[0]));

    AUTO(value_free) Value *document = openapi_document(words->count ? alone : doors);
    return print_json(app->out, document);
}

static void openapi_verbs(FILE *out)
{
    for (size_t i = 0; doors[i]; i++)
        fprintf(out, "  %-8s %s\n", doors[i]->name, doors[i]->title);
}

static const char *const openapi_about[] = {
    "Writes the OpenAPI 3.1 document of one door, or of all. It is made of the rows that the "
    "server "
    "itself reads, so it is what the server does; a running one gives it at /openapi.json, and "
    "shows it at /docs.",
    NULL,
};

static const Example openapi_examples[] = {
    {"cyclorama openapi opal > opal.json", "for a generator of clients"},
    {NULL},
};

const Command command_openapi = {
    .name = "openapi",
    .summary = "Describe the server's API",
    .usage = "[DOOR]",
    .about = openapi_about,
    .examples = openapi_examples,
    .verbs = openapi_verbs,
    .options = SHAPE(NoOptions),
    .most_words = 1,
    .run = openapi_run,
};
