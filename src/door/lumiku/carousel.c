/* Carousel Mix: pictures of a project as slides of one post, each with its product's name and price. */
#include <string.h>

#include "door/lumiku/apps_priv.h"

enum {
    SLIDES_LEAST = 2,
    SLIDES_MOST = 10,
    NAME_LETTERS = 200,
    TEXT_LETTERS = 300,
    QUALITY = 95,
    FILL_PERCENT =
        66 /* of a slide with words, by a product without a set: they go above or below */
};

/* ---- sizes ---- */

static const char *const platform_names[] = {"instagram", "tiktok", NULL};

typedef struct SlideSize {
    const char *platform, *size;
    int64_t width_px, height_px;
} SlideSize;

/* The first of a platform is what it gets when no size is said. */
static const SlideSize sizes[] = {
    {"instagram", "1080x1080", 1080, 1080},
    {"instagram", "1080x1350", 1080, 1350},
    {"tiktok", "1080x1920", 1080, 1920},
};

static MUST Err *size_find(int platform, const char *size, const SlideSize **ret)
{
    for (size_t i = 0; i < COUNT(sizes); i++)
        if (strcmp(sizes[i].platform, platform_names[platform]) == 0 &&
            (!size || strcmp(sizes[i].size, size) == 0)) {
            *ret = &sizes[i];
            return NULL;
        }
    return err_field(
        err_public(
            err_new(ERR_INPUT_INVALID, "size '%s'", size),
            "Slides for instagram are 1080x1080 or 1080x1350, for tiktok 1080x1920."),
        "/size");
}

/* ---- what is asked ---- */

typedef struct SlideIn {
    const char *item_id, *image_path, *text, *second;
} SlideIn;

static const Field SlideIn_fields[] = {
    {FIELD_TEXT(SlideIn, item_id), .name = "sourceItemId", .help = "Name of the photo",
     .optional = true, .max = 64},
    {FIELD_TEXT(SlideIn, image_path), .name = "imagePath",
     .help = "Or the path of the picture that stands for it: processedFilePath", .optional = true,
     .max = 2000},
    {FIELD_TEXT(SlideIn, text), .help = "What stands on it; left out: the product's name",
     .optional = true, .nullable = true, .max = TEXT_LETTERS},
    {FIELD_TEXT(SlideIn, second), .name = "price",
     .help = "A second line; left out: the product's price", .optional = true, .nullable = true,
     .max = 120},
    {FIELD_END},
};
static const Shape slide_in_shape = SHAPE(SlideIn);

typedef struct CarouselIn {
    const char *id; /* of the project */
    const char *name, *carousel_name, *size, *source_app, *return_to;
    int platform;
    bool show_name, show_price;
    Texts item_ids, texts;
    List slides; /* SlideIn */
    const Value *metadata;
} CarouselIn;

#define LOOK_FIELDS \
    {FIELD_NAME(CarouselIn, platform, platform_names), .help = "Where it is posted", \
     .preset = "instagram"}, \
        {FIELD_TEXT(CarouselIn, size), \
         .help = \
             "1080x1080 or 1080x1350 for instagram, 1080x1920 for tiktok; left out: the first", \
         .optional = true, .nullable = true, .max = 12}, \
        {FIELD_BOOL(CarouselIn, show_name), .name = "showName", \
         .help = "Write the products' names", .preset = "true"}, \
    { \
        FIELD_BOOL(CarouselIn, show_price), .name = "showPrice", \
                                            .help = "Write the products' prices", .preset = "true" \
    }

static const Field CarouselNewIn_fields[] = {
    {FIELD_TEXT(CarouselIn, id), .help = "Name of the project", .max = 64},
    {FIELD_TEXTS(CarouselIn, item_ids), .name = "itemIds",
     .help = "Its photos, in the order of the slides", .min = SLIDES_LEAST, .max = SLIDES_MOST},
    {FIELD_TEXTS(CarouselIn, texts),
     .help = "What stands on each slide in place of the product's name; \"\" for that",
     .optional = true, .max = SLIDES_MOST},
    {FIELD_TEXT(CarouselIn, name), .help = "What you call it", .optional = true,
     .max = NAME_LETTERS},
    {FIELD_TEXT(CarouselIn, carousel_name), .name = "carouselName", .help = "The same",
     .optional = true, .max = NAME_LETTERS},
    LOOK_FIELDS,
    {FIELD_END},
};

static const Field CarouselMixIn_fields[] = {
    {FIELD_TEXT(CarouselIn, source_app), .name = "sourceApp",
     .help = "Who asks: product-photo-studio", .max = 60},
    {FIELD_TEXT(CarouselIn, id), .name = "sourceProjectId", .help = "Whose photos", .max = 64},
    {FIELD_LIST(CarouselIn, slides, &slide_in_shape), .help = "In their order", .min = SLIDES_LEAST,
     .max = SLIDES_MOST},
    {FIELD_TEXT(CarouselIn, name), .help = "What you call it", .max = NAME_LETTERS},
    LOOK_FIELDS,
    {FIELD_TEXT(CarouselIn, return_to), .name = "returnTo",
     .help = "Where to go when it is done; it is given back", .optional = true, .nullable = true,
     .max = 500},
    {FIELD_MAP(CarouselIn, metadata), .help = "Whatever you want kept with it", .optional = true,
     .nullable = true},
    {FIELD_END},
};

/* ---- a slide ---- */

static Value *step_new(const char *name)
{
    Value *step = value_object();

    value_set(step, "step", value_of_text(name));
    return step;
}

/* Where the product stands in RUN's picture, in percent of it; NULL when its steps do not say. */
static Value *product_of(const Run *run)
{
    const Value *place = value_get(run->notes, "place");
    const Value *box = value_get(place, "box"), *frame = value_get(place, "frame");
    double width = value_number(value_at(frame, 0)), height = value_number(value_at(frame, 1));

    if (value_count(box) != 4 || width <= 0 || height <= 0)
        return NULL;
    Value *sides = value_list();
    for (size_t i = 0; i < 4; i++)
        value_add(
            sides,
            value_of_number(100 * value_number(value_at(box, i)) / (i % 2 ? height : width)));
    return sides;
}

/* The picture in the slide's frame, with TITLE and LINE ("" for none) on it. */
static const Value *
slide_recipe(Call *call, const SlideSize *size, const Run *run, const char *title, const char *line)
{
    Value *recipe = value_object(), *steps = value_list(), *frame = step_new("frame");
    Value *encode = step_new("encode"), *product = product_of(run);

    arena_keep(call_arena(call), app_value_end, recipe);
    value_set(frame, "width_px", value_of_int(size->width_px));
    value_set(frame, "height_px", value_of_int(size->height_px));
    if (product)
        value_set(frame, "product", product);
    value_add(steps, frame);
    if (*title || *line) {
        Value *caption = step_new("caption");

        value_set(frame, "fill", value_of_int(FILL_PERCENT));
        value_set(caption, "title", value_of_text(title));
        value_set(caption, "line", value_of_text(line));
        value_add(steps, caption);
    }
    value_set(encode, "format", value_of_text("jpeg"));
    value_set(encode, "quality", value_of_int(QUALITY));
    value_add(steps, encode);
    value_set(recipe, "name", value_of_text("slide"));
    value_set(recipe, "steps", steps);
    return recipe;
}

typedef struct Slide {
    const char *item_id, *title, *line; /* texts NULL: the product's */
    const char *field;                  /* that named it */
} Slide;

static MUST Err *slide_make(
    Call *call, const CarouselIn *in, const SlideSize *size, const Slide *slide, BatchItem *ret)
{
    const Studio *studio = desk_of(call)->studio;
    Arena *mem = call_arena(call);
    CatalogueOf of;
    Item item;
    Run run;

    TRY(lumiku_of(call, slide->item_id, &of));
    TRY(err_under(item_find(&studio->shelf, &of, mem, &item), "%s", slide->field));
    if (strcmp(item.project_id, in->id) != 0)
        return err_field(
            err_public(
                err_new(ERR_NOT_FOUND, "photo '%s' is of another project", item.id),
                "This project has no such photo."),
            "%s", slide->field);
    if (!item.run_id || !item.picture_key)
        return err_field(
            err_public(
                err_new(ERR_CONFLICT, "photo '%s' has no picture", item.id),
                "There is no picture of \"%s\" yet: process it first.", item.filename),
            "%s", slide->field);
    TRY(run_find(studio, item.tenant_id, item.run_id, mem, &run));
    const char *title = slide->title ? slide->title : in->show_name ? item.product_name : "";
    const char *line = slide->line ? slide->line : in->show_price ? item.product_price : "";
    *ret = (BatchItem){
        .photo_id = arena_text(mem, item.id),
        .source_run_id = arena_text(mem, run.id),
        .recipe = slide_recipe(call, size, &run, title, line),
        .title = in->name,
    };
    return NULL;
}

/* ---- what is answered ---- */

typedef struct CarouselOut {
    bool success;
    const char *id, *carousel_project_id, *job_id, *redirect_url, *status, *message;
    int64_t slides, credit_charged;
} CarouselOut;

static const Field CarouselOut_fields[] = {
    {FIELD_BOOL(CarouselOut, success), .help = "Always true"},
    {FIELD_TEXT(CarouselOut, id), .help = "Its name"},
    {FIELD_TEXT(CarouselOut, carousel_project_id), .name = "carouselProjectId",
     .help = "The same, by its other name"},
    {FIELD_TEXT(CarouselOut, job_id), .name = "jobId", .help = "The same, by its third"},
    {FIELD_TEXT(CarouselOut, redirect_url), .name = "redirectUrl",
     .help = "Where the app shows it"},
    {FIELD_TEXT(CarouselOut, status), .help = "pending, processing, ..."},
    {FIELD_INT(CarouselOut, slides), .help = "How many there will be"},
    {FIELD_INT(CarouselOut, credit_charged), .name = "creditCharged",
     .help = "Credits set aside: taken as slides come"},
    {FIELD_TEXT(CarouselOut, message), .help = "For people"},
    {FIELD_END},
};

static MUST Err *carousel_begin(
    Call *call, const CarouselIn *in, const Slide *slides, size_t count, CarouselOut *out)
{
    const Studio *studio = desk_of(call)->studio;
    Arena *mem = call_arena(call);
    BatchItem *items = ARENA_ARRAY(mem, BatchItem, count);
    const SlideSize *size;
    CatalogueOf of;
    Catalogue catalogue;
    Buyer buyer;
    Batch batch;

    TRY(size_find(in->platform, in->size, &size));
    TRY(lumiku_of(call, in->id, &of));
    TRY(catalogue_find(&studio->shelf, &of, mem, &catalogue));
    for (size_t i = 0; i < count; i++)
        TRY(slide_make(call, in, size, &slides[i], &items[i]));
    TRY(lumiku_buyer(call, &buyer));
    TRY(shop_work(
        studio, &buyer,
        &(ShopWish){
            .project_id = catalogue.id,
            .items = items,
            .count = count,
            .recipe = items[0].recipe,
            .kind = BATCH_CAROUSEL,
            .partner = app_carousel.name,
            .wish =
                app_words(call, &(AppWords){&app_carousel, in->name, in->return_to, in->metadata}),
            .once = desk_once(call),
        },
        mem, &batch));
    const AppOut app = app_out_of(call, &app_carousel, &batch);
    *out = (CarouselOut){
        .success = true,
        .id = batch.id,
        .carousel_project_id = batch.id,
        .job_id = batch.id,
        .redirect_url = app.redirect_url,
        .status = app.status,
        .slides = batch.total,
        .credit_charged = app.credit_charged,
        .message = app.message,
    };
    return NULL;
}

/* ---- by the studio's address ---- */

HANDLER(carousel_create, CarouselIn, CarouselOut);

const Endpoint lumiku_carousel_create = {
    .method = POST,
    .path = LUMIKU "/projects/{id}/create-carousel",
    .id = "lumiku_carousel_create",
    .summary = "Make a carousel of 2 to 10 photos",
    .about = "Each slide shows the picture that stands for a photo, in the platform's frame, with "
             "the product's name and price where apps leave room. Carousel Mix's own 30 credits.",
    .tag = "Sibling apps",
    .scope = "jobs:write",
    .in = {"CarouselNewIn", sizeof(CarouselIn), CarouselNewIn_fields},
    .out = SHAPE(CarouselOut),
    .errors = ERRORS(ERR_NOT_FOUND, ERR_CONFLICT, ERR_CREDITS_SPENT),
    .retried = true,
    .handle = CALLS(carousel_create),
};

static Err *carousel_create(Call *call, const CarouselIn *in, CarouselOut *out)
{
    Slide *slides = ARENA_ARRAY(call_arena(call), Slide, in->item_ids.count);
    CarouselIn named = *in;

    if (!in->name)
        named.name = in->carousel_name;
    if (!named.name)
        return err_field(
            err_public(
                err_new(ERR_INPUT_MISSING, "a carousel without a name"),
                "Give the carousel a name."),
            "/name");
    for (size_t i = 0; i < in->item_ids.count; i++) {
        const char *text = i < in->texts.count ? in->texts.items[i] : "";

        slides[i] = (Slide){
            .item_id = in->item_ids.items[i],
            .title = *text ? text : NULL,
            .field = arena_print(call_arena(call), "/itemIds/%zu", i),
        };
    }
    return carousel_begin(call, &named, slides, in->item_ids.count, out);
}

/* ---- by the app's own ---- */

HANDLER(carousel_mix, CarouselIn, CarouselOut);

const Endpoint lumiku_carousel_mix = {
    .method = POST,
    .path = "/api/apps/carousel-mix/projects",
    .id = "lumiku_carousel_mix",
    .summary = "Make a carousel of another app's pictures",
    .about = "The integration contract.",
    .tag = "Sibling apps",
    .scope = "jobs:write",
    .in = {"CarouselMixIn", sizeof(CarouselIn), CarouselMixIn_fields},
    .out = SHAPE(CarouselOut),
    .errors = ERRORS(ERR_NOT_FOUND, ERR_CONFLICT, ERR_CREDITS_SPENT),
    .retried = true,
    .handle = CALLS(carousel_mix),
};

/* The photo for which the picture at PATH stands: a path says the run, not the photo, so the project's photos are looked through. */
static MUST Err *item_by_path(Call *call, const CarouselIn *in, const char *path, const char **ret)
{
    Arena *mem = call_arena(call);
    ItemQuery query = {.state = -1, .favorite = -1, .limit = BATCH_PHOTOS_MOST};
    int64_t total;
    List items;

    TRY(lumiku_of(call, in->id, &query.catalogue));
    do {
        TRY(item_list(&desk_of(call)->studio->shelf, &query, mem, &items, &total));
        for (size_t i = 0; i < items.count; i++) {
            const Item *item = (const Item *)items.items + i;

            query.after = item->id;
            if (app_is_path(path, item->picture_key)) {
                *ret = item->id;
                return NULL;
            }
        }
    } while (items.count == (size_t)query.limit);
    return err_public(
        err_new(ERR_NOT_FOUND, "no picture by a path"), "There is no such picture in the project.");
}

static Err *carousel_mix(Call *call, const CarouselIn *in, CarouselOut *out)
{
    const SlideIn *given = in->slides.items;
    Slide *slides = ARENA_ARRAY(call_arena(call), Slide, in->slides.count);

    for (size_t i = 0; i < in->slides.count; i++) {
        slides[i] = (Slide){
            .item_id = given[i].item_id,
            .title = given[i].text,
            .line = given[i].second,
            .field = arena_print(call_arena(call), "/slides/%zu", i),
        };
        if (slides[i].item_id)
            continue;
        if (!given[i].image_path)
            return err_field(
                err_public(
                    err_new(ERR_INPUT_MISSING, "slide %zu names no picture", i),
                    "Say for each slide which picture it shows: sourceItemId or imagePath."),
                "/slides/%zu/sourceItemId", i);
        TRY(err_under(
            item_by_path(call, in, given[i].image_path, &slides[i].item_id),
            "/slides/%zu/imagePath", i));
    }
    return carousel_begin(call, in, slides, in->slides.count, out);
}

/* ---- how it goes ---- */

typedef struct CarouselGetIn {
    const char *id;
} CarouselGetIn;

static const Field CarouselGetIn_fields[] = {
    {FIELD_TEXT(CarouselGetIn, id), .help = "Name of the carousel", .max = 64},
    {FIELD_END},
};

typedef struct SlideOut {
    int64_t number;
    const char *source_item_id, *status, *image_path, *image_url, *message;
    int64_t width, height;
} SlideOut;

static const Field SlideOut_fields[] = {
    {FIELD_INT(SlideOut, number), .help = "Its place, from 1"},
    {FIELD_TEXT(SlideOut, source_item_id), .name = "sourceItemId",
     .help = "Whose picture it shows"},
    {FIELD_TEXT(SlideOut, status), .help = "How it stands"},
    {FIELD_TEXT(SlideOut, image_path), .name = "imagePath",
     .help = "The slide; null until it is there", .nullable = true},
    {FIELD_TEXT(SlideOut, image_url), .name = "imageUrl",
     .help = "Where to fetch it, for an hour; null until it is there", .nullable = true},
    {FIELD_INT(SlideOut, width), .help = "0 until it is there", .unit = "px"},
    {FIELD_INT(SlideOut, height), .help = "0 until it is there", .unit = "px"},
    {FIELD_TEXT(SlideOut, message), .help = "What went wrong, for people", .nullable = true},
    {FIELD_END},
};
static const Shape slide_out_shape = SHAPE(SlideOut);

typedef struct CarouselShown {
    bool success;
    const char *id, *name, *status, *source_project_id, *return_to;
    double progress;
    int64_t credit_charged;
    List slides; /* SlideOut */
    int64_t created_at, completed_at;
} CarouselShown;

static const Field CarouselShown_fields[] = {
    {FIELD_BOOL(CarouselShown, success), .help = "Always true"},
    {FIELD_TEXT(CarouselShown, id), .help = "Its name"},
    {FIELD_TEXT(CarouselShown, name), .help = "What you call it"},
    {FIELD_TEXT(CarouselShown, status), .help = "pending, processing, completed, failed, ..."},
    {FIELD_NUMBER(CarouselShown, progress), .help = "0 to 100", .unit = "%"},
    {FIELD_TEXT(CarouselShown, source_project_id), .name = "sourceProjectId",
     .help = "Whose photos"},
    {FIELD_INT(CarouselShown, credit_charged), .name = "creditCharged",
     .help = "Credits taken so far"},
    {FIELD_LIST(CarouselShown, slides, &slide_out_shape), .help = "In their order"},
    {FIELD_TEXT(CarouselShown, return_to), .name = "returnTo", .help = "As it was asked",
     .nullable = true},
    {FIELD_TIME(CarouselShown, created_at), .name = "createdAt", .help = "When it was asked for"},
    {FIELD_TIME(CarouselShown, completed_at), .name = "completedAt",
     .help = "When it ended; null until then", .nullable = true},
    {FIELD_END},
};

HANDLER(carousel_get, CarouselGetIn, CarouselShown);

const Endpoint lumiku_carousel_get = {
    .method = GET,
    .path = "/api/apps/carousel-mix/projects/{id}",
    .id = "lumiku_carousel_get",
    .summary = "See a carousel and its slides",
    .tag = "Sibling apps",
    .scope = "jobs:read",
    .in = SHAPE(CarouselGetIn),
    .out = SHAPE(CarouselShown),
    .errors = ERRORS(ERR_NOT_FOUND),
    .handle = CALLS(carousel_get),
};

static Err *carousel_get(Call *call, const CarouselGetIn *in, CarouselShown *out)
{
    const Studio *studio = desk_of(call)->studio;
    Arena *mem = call_arena(call);
    Batch batch;
    List runs;

    TRY(app_batch(call, &app_carousel, in->id, &batch));
    TRY(batch_runs(studio, batch.tenant_id, batch.id, mem, &runs));
    SlideOut *slides = ARENA_ARRAY(mem, SlideOut, runs.count + 1);
    for (size_t i = 0; i < runs.count; i++) {
        const Run *run = (const Run *)runs.items + i;

        slides[i] = (SlideOut){
            .number = (int64_t)i + 1,
            .source_item_id = run->photo_id,
            .status = run_state_names[run->state],
            .image_path = run->output_key,
            .message = said_plain(run->error_text, mem),
            .width = run->output_width_px,
            .height = run->output_height_px,
        };
        TRY(run_output_url(studio, run, mem, &slides[i].image_url));
    }
    const char *name = value_text(value_get(batch.wish, "name"));
    *out = (CarouselShown){
        .success = true,
        .id = batch.id,
        .name = name ? name : "",
        .status = batch_state_names[batch.state],
        .progress = batch.progress * 100,
        .source_project_id = batch.project_id,
        .credit_charged = batch.credits_charged,
        .slides = {slides, runs.count},
        .return_to = value_text(value_get(batch.wish, "returnTo")),
        .created_at = batch.created_ms,
        .completed_at = batch.ended_ms,
    };
    return NULL;
}
