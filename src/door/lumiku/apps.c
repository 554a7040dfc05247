/* Sibling apps: the image upscaler and the background remover, and how pictures are sent to them. */
#include <string.h>

#include "door/lumiku/apps_priv.h"

const SiblingApp app_upscaler = {"image-upscaler", BATCH_UPSCALE, PRICE_UPSCALE, "jobs"};
const SiblingApp app_remover = {"background-remover", BATCH_CUTOUT, PRICE_CUTOUT, "jobs"};
const SiblingApp app_carousel = {"carousel-mix", BATCH_CAROUSEL, PRICE_CAROUSEL, "projects"};

Err *app_find(const char *name, const SiblingApp **ret)
{
    static const SiblingApp *const apps[] = {&app_upscaler, &app_remover, &app_carousel};

    for (size_t i = 0; i < COUNT(apps); i++)
        if (strcmp(apps[i]->name, name) == 0) {
            *ret = apps[i];
            return NULL;
        }
    return err_public(
        err_new(ERR_NOT_FOUND, "no app '%s'", name),
        "There is no such app. There are image-upscaler, background-remover and carousel-mix.");
}

/* ---- what is answered ---- */

const Field AppOut_fields[] = {
    {FIELD_BOOL(AppOut, success), .help = "Always true"},
    {FIELD_TEXT(AppOut, job_id), .name = "jobId", .help = "Ask the app's address how it goes"},
    {FIELD_TEXT(AppOut, status), .help = "pending, processing, completed, failed, ..."},
    {FIELD_TEXT(AppOut, output_path), .name = "outputPath",
     .help = "The picture; null until it is there", .nullable = true},
    {FIELD_TEXT(AppOut, redirect_url), .name = "redirectUrl", .help = "Where the app shows it"},
    {FIELD_INT(AppOut, credit_charged), .name = "creditCharged",
     .help = "Credits set aside: taken when it succeeds, given back when it does not"},
    {FIELD_TEXT(AppOut, message), .help = "For people"},
    {FIELD_END},
};

AppOut app_out_of(Call *call, const SiblingApp *app, const Batch *batch)
{
    return (AppOut){
        .success = true,
        .job_id = batch->id,
        .status = batch_state_names[batch->state],
        .redirect_url =
            arena_print(call_arena(call), "/apps/%s/%s/%s", app->name, app->place, batch->id),
        .credit_charged = batch->credits,
        .message = "The work has begun.",
    };
}

void app_value_end(void *value)
{
    value_free(value);
}

const Value *app_words(Call *call, const AppWords *words)
{
    Value *said = value_object();

    arena_keep(call_arena(call), app_value_end, said);
    value_set(said, "app", value_of_text(words->app->name));
    if (words->name)
        value_set(said, "name", value_of_text(words->name));
    if (words->return_to)
        value_set(said, "returnTo", value_of_text(words->return_to));
    if (words->metadata)
        value_set(said, "metadata", value_ref(words->metadata));
    return said;
}

Err *app_batch(Call *call, const SiblingApp *app, const char *id, Batch *ret)
{
    const char *tenant_id;

    TRY(desk_tenant(call, NULL, &tenant_id));
    TRY(batch_find(desk_of(call)->studio, tenant_id, id, call_arena(call), ret));
    return ret->kind == app->kind
               ? NULL
               : err_new(ERR_NOT_FOUND, "batch '%s' is not of app '%s'", id, app->name);
}

/* ---- what is asked ---- */

/* IntegrationRequest, and by the studio's own addresses a part of it. */
typedef struct AppIn {
    const char *id; /* of the item, in the studio's addresses */
    const char *source_app, *source_item_id, *source_project_id, *image_path, *return_to;
    const char *variation_id;
    const Value *metadata;
    int64_t upscale_factor;
} AppIn;

#define ITEM_FIELDS \
    {FIELD_TEXT(AppIn, id), .help = "Name of the photo", .max = 64}, \
    { \
        FIELD_TEXT(AppIn, variation_id), \
            .name = "variationId", \
            .help = "A variation of it in place of the picture that stands for it", \
            .optional = true, .nullable = true, .max = 64 \
    }

#define REQUEST_FIELDS \
    {FIELD_TEXT(AppIn, source_app), .name = "sourceApp", .help = "Who asks: product-photo-studio", \
     .max = 60}, \
        {FIELD_TEXT(AppIn, source_item_id), .name = "sourceItemId", .help = "Name of the photo", \
         .max = 64}, \
        {FIELD_TEXT(AppIn, source_project_id), \
         .name = "sourceProjectId", \
         .help = "Its project", \
         .optional = true, \
         .nullable = true, \
         .max = 64}, \
        {FIELD_TEXT(AppIn, image_path), \
         .name = "imagePath", \
         .help = "Which picture of it: originalFilePath, processedFilePath or a variation's " \
                 "filePath", \
         .optional = true, \
         .nullable = true, \
         .max = 2000}, \
        {FIELD_TEXT(AppIn, return_to), \
         .name = "returnTo", \
         .help = "Where to go when it is done; it is given back with the job", \
         .optional = true, \
         .nullable = true, \
         .max = 500}, \
    { \
        FIELD_MAP(AppIn, metadata), .help = "Whatever you want kept with it", .optional = true, \
                                    .nullable = true \
    }

#define FACTOR_FIELD \
    { \
        FIELD_INT(AppIn, upscale_factor), .name = "upscaleFactor", \
                                          .help = "How many times as wide and high: 2 or 4", \
                                          .preset = "4", .min = 2, .max = 4 \
    }

bool app_is_path(const char *path, const char *key)
{
    const char *at = key ? strstr(path, key) : NULL;

    return at && (at == path || at[-1] == '/') && (!at[strlen(key)] || at[strlen(key)] == '?');
}

/* The run whose picture PATH is, or the photo itself (*RET NULL). */
static MUST Err *path_find(Call *call, const Item *item, const char *path, const char **ret)
{
    List runs;

    *ret = NULL;
    if (app_is_path(path, item->key))
        return NULL;
    TRY(variation_list(desk_of(call)->studio, item->tenant_id, item->id, call_arena(call), &runs));
    for (size_t i = 0; i < runs.count; i++) {
        const Run *run = (const Run *)runs.items + i;

        if (app_is_path(path, run->output_key)) {
            *ret = run->id;
            return NULL;
        }
    }
    return err_field(
        err_public(
            err_new(ERR_INPUT_INVALID, "a path that is not of photo '%s'", item->id),
            "This photo has no picture by that path."),
        "/imagePath");
}

static MUST Err *variation_find(Call *call, const Item *item, const char *id, const char **ret)
{
    Run run;

    TRY(err_under(
        run_find(desk_of(call)->studio, item->tenant_id, id, call_arena(call), &run),
        "/variationId"));
    if (strcmp(run.photo_id, item->id) != 0 || run.state != RUN_COMPLETED)
        return err_field(
            err_public(
                err_new(ERR_NOT_FOUND, "run '%s' is no variation of '%s'", id, item->id),
                "This photo has no such variation."),
            "/variationId");
    *ret = arena_text(call_arena(call), run.id);
    return NULL;
}

/* What the app is to work on: what is named, else the picture that stands for the photo if it WANTS one that was made, else the photo. */
static MUST Err *
source_find(Call *call, const AppIn *in, const Item *item, bool wants_made, const char **ret)
{
    *ret = NULL;
    if (in->variation_id)
        return variation_find(call, item, in->variation_id, ret);
    if (in->image_path)
        return path_find(call, item, in->image_path, ret);
    if (wants_made)
        *ret = item->run_id;
    return NULL;
}

static const Value *recipe_upscale(Call *call, int64_t factor)
{
    Value *recipe = value_object(), *steps = value_list(), *upscale = value_object();
    Value *encode = value_object();

    arena_keep(call_arena(call), app_value_end, recipe);
    value_set(upscale, "step", value_of_text("upscale"));
    value_set(upscale, "factor", value_of_int(factor));
    value_set(encode, "step", value_of_text("encode"));
    value_set(encode, "format", value_of_text("png"));
    value_add(steps, upscale);
    value_add(steps, encode);
    value_set(recipe, "name", value_of_text("upscale"));
    value_set(recipe, "steps", steps);
    return recipe;
}

static MUST Err *recipe_cutout(Call *call, const Value **ret)
{
    AUTO(recipe_free) Recipe *recipe = NULL;

    TRY(recipe_find("cutout", &recipe));
    Value *json = recipe_write(recipe);
    arena_keep(call_arena(call), app_value_end, json);
    *ret = json;
    return NULL;
}

static MUST Err *factor_check(int64_t factor)
{
    if (factor == 2 || factor == 4)
        return NULL;
    return err_field(
        err_public(
            err_new(ERR_INPUT_INVALID, "factor %d", (int)factor), "upscaleFactor is 2 or 4."),
        "/upscaleFactor");
}

/* ITEM_ID goes to APP. */
static MUST Err *
app_begin(Call *call, const SiblingApp *app, const char *item_id, const AppIn *in, AppOut *out)
{
    const Studio *studio = desk_of(call)->studio;
    Arena *mem = call_arena(call);
    const bool is_upscale = app->kind == BATCH_UPSCALE;
    BatchItem piece = {0};
    CatalogueOf of;
    Buyer buyer;
    Batch batch;
    Item item;

    TRY(lumiku_of(call, item_id, &of));
    TRY(item_find(&studio->shelf, &of, mem, &item));
    TRY(source_find(call, in, &item, is_upscale, &piece.source_run_id));
    piece.photo_id = item.id;
    piece.title = is_upscale ? arena_print(mem, "Upscaled %dx", (int)in->upscale_factor)
                             : "Background removed";
    ShopWish wish = {
        .project_id = item.project_id,
        .items = &piece,
        .count = 1,
        .kind = app->kind,
        .partner = app->name,
        .wish = app_words(
            call, &(AppWords){.app = app, .return_to = in->return_to, .metadata = in->metadata}),
        .once = desk_once(call),
    };

    if (is_upscale) {
        TRY(factor_check(in->upscale_factor));
        wish.recipe = recipe_upscale(call, in->upscale_factor);
    } else {
        TRY(recipe_cutout(call, &wish.recipe));
    }
    TRY(lumiku_buyer(call, &buyer));
    TRY(shop_work(studio, &buyer, &wish, mem, &batch));
    *out = app_out_of(call, app, &batch);
    call_log_text(call, "app", app->name);
    return NULL;
}

/* ---- by the studio's addresses ---- */

#define WORK_ERRORS ERRORS(ERR_NOT_FOUND, ERR_CONFLICT, ERR_CREDITS_SPENT)

static const Field ItemUpscaleIn_fields[] = {ITEM_FIELDS, FACTOR_FIELD, {FIELD_END}};

HANDLER(item_upscale, AppIn, AppOut);

const Endpoint lumiku_item_upscale = {
    .method = POST,
    .path = LUMIKU "/items/{id}/upscale",
    .id = "lumiku_item_upscale",
    .summary = "Send a picture to the image upscaler",
    .about = "The result comes back as a variation of the photo: \"Upscaled 4x\". The upscaler's "
             "own 20 credits.",
    .tag = "Sibling apps",
    .scope = "jobs:write",
    .in = {"ItemUpscaleIn", sizeof(AppIn), ItemUpscaleIn_fields},
    .out = SHAPE(AppOut),
    .errors = WORK_ERRORS,
    .retried = true,
    .handle = CALLS(item_upscale),
};

static Err *item_upscale(Call *call, const AppIn *in, AppOut *out)
{
    return app_begin(call, &app_upscaler, in->id, in, out);
}

static const Field ItemRemoverIn_fields[] = {ITEM_FIELDS, {FIELD_END}};

HANDLER(item_remover, AppIn, AppOut);

const Endpoint lumiku_item_remover = {
    .method = POST,
    .path = LUMIKU "/items/{id}/use-background-remover",
    .id = "lumiku_item_remover",
    .summary = "Send a photo to the background remover",
    .about = "The result comes back as a variation, and as the photo's bgRemovedFilePath. The "
             "remover's own 5 credits.",
    .tag = "Sibling apps",
    .scope = "jobs:write",
    .in = {"ItemRemoverIn", sizeof(AppIn), ItemRemoverIn_fields},
    .out = SHAPE(AppOut),
    .errors = WORK_ERRORS,
    .retried = true,
    .handle = CALLS(item_remover),
};

static Err *item_remover(Call *call, const AppIn *in, AppOut *out)
{
    return app_begin(call, &app_remover, in->id, in, out);
}

/* ---- by the apps' own ---- */

static const Field UpscaleIn_fields[] = {REQUEST_FIELDS, FACTOR_FIELD, {FIELD_END}};

HANDLER(upscaler_begin, AppIn, AppOut);

const Endpoint lumiku_upscaler_begin = {
    .method = POST,
    .path = "/api/apps/image-upscaler/upscale",
    .id = "lumiku_upscaler_begin",
    .summary = "Enlarge a picture of another app",
    .about = "The integration contract.",
    .tag = "Sibling apps",
    .scope = "jobs:write",
    .in = {"UpscaleIn", sizeof(AppIn), UpscaleIn_fields},
    .out = SHAPE(AppOut),
    .errors = WORK_ERRORS,
    .retried = true,
    .handle = CALLS(upscaler_begin),
};

static Err *upscaler_begin(Call *call, const AppIn *in, AppOut *out)
{
    return app_begin(call, &app_upscaler, in->source_item_id, in, out);
}

static const Field RemoveIn_fields[] = {REQUEST_FIELDS, {FIELD_END}};

HANDLER(remover_begin, AppIn, AppOut);

const Endpoint lumiku_remover_begin = {
    .method = POST,
    .path = "/api/apps/background-remover/process",
    .id = "lumiku_remover_begin",
    .summary = "Remove the background of a photo of another app",
    .about = "The integration contract.",
    .tag = "Sibling apps",
    .scope = "jobs:write",
    .in = {"RemoveIn", sizeof(AppIn), RemoveIn_fields},
    .out = SHAPE(AppOut),
    .errors = WORK_ERRORS,
    .retried = true,
    .handle = CALLS(remover_begin),
};

static Err *remover_begin(Call *call, const AppIn *in, AppOut *out)
{
    return app_begin(call, &app_remover, in->source_item_id, in, out);
}
