/* Work on photos: by a workflow or a template, one photo or many, as a preview, or only its price. */
#include <string.h>

#include "door/lumiku/lumiku_priv.h"
#include "door/lumiku/workflow.h"

/* What is asked of every kind of work. */
typedef struct WorkIn {
    const char *id; /* of the photo or the project */
    Workflow *workflow;
    const char *template_id, *variation_id;
    Texts template_ids, item_ids;
    int64_t item_count, seed;
    bool preview;
} WorkIn;

#define WORK_WORKFLOW \
    FIELD_MAYBE(WorkIn, workflow, Workflow, &workflow_shape), .help = "What is to be done", \
                                                              .optional = true, .nullable = true
#define WORK_TEMPLATE \
    FIELD_TEXT(WorkIn, template_id), \
        .name = "templateId", .help = "In place of workflow: a template, applied whole", .max = 64
#define WORK_TEMPLATES \
    FIELD_TEXTS(WorkIn, template_ids), \
        .name = "templateIds", \
        .help = "In place of templateId: several templates, each applied whole to each photo", \
        .optional = true, .max = BATCH_LOOKS_MOST
#define WORK_VARIATION \
    FIELD_TEXT(WorkIn, variation_id), \
        .name = "variationId", \
        .help = "A variation to go on with: what the workflow does not say stays as it was " \
                "there, and what was paid for there is not paid for again", \
        .optional = true, .nullable = true, .max = 64
#define WORK_SEED \
    FIELD_INT(WorkIn, seed), \
        .help = "Another look of sets; 0, if left out, is the one as designed", .optional = true, \
        .nullable = true, .max = 2147483647
#define WORK_ITEMS \
    FIELD_TEXTS(WorkIn, item_ids), .name = "itemIds", \
                                   .help = "Photos of the project; all of them if left out", \
                                   .optional = true, .max = BATCH_PHOTOS_MOST

typedef struct WorkOut {
    bool success;
    const char *generation_id, *job_id, *project_id, *status;
    int64_t credit_charged, total;
    bool is_preview;
} WorkOut;

static const Field WorkOut_fields[] = {
    {FIELD_BOOL(WorkOut, success), .help = "Always true"},
    {FIELD_TEXT(WorkOut, generation_id), .name = "generationId",
     .help = "Ask `/generations/{id}` how it goes"},
    {FIELD_TEXT(WorkOut, job_id), .name = "jobId", .help = "The same, by its other name"},
    {FIELD_TEXT(WorkOut, project_id), .name = "projectId", .help = "Whose photos they are"},
    {FIELD_TEXT(WorkOut, status), .help = "How it stands: pending, processing, ..."},
    {FIELD_INT(WorkOut, credit_charged), .name = "creditCharged",
     .help = "Credits set aside; they are taken as pictures come, and given back for what fails"},
    {FIELD_INT(WorkOut, total), .help = "Pictures to be made"},
    {FIELD_BOOL(WorkOut, is_preview), .name = "isPreview",
     .help = "Small, marked, free, and kept for a day only"},
    {FIELD_END},
};

/* ---- what is asked, in the shop's words ---- */

/* The words that the variation RUN was made by; by its recipe when those are another app's. */
static MUST Err *old_workflow(Call *call, const Run *run, Workflow *ret)
{
    const Studio *studio = desk_of(call)->studio;
    Arena *mem = call_arena(call);
    const char *template = NULL;
    const Value *said = NULL;

    if (run->batch_id) {
        Batch batch;

        TRY(batch_find(studio, run->tenant_id, run->batch_id, mem, &batch));
        template = batch.template;
        said = batch.wish;
    }
    AUTO(err_free) Err *other =
        said ? shape_read(&workflow_shape, said, mem, ret) : err_new(ERR_NOT_FOUND, "no words");
    if (!other)
        return NULL;
    TRY(workflow_of_recipe(run->recipe, template, mem, &said));
    return shape_read(&workflow_shape, said, mem, ret);
}

static MUST Err *workflow_go_on(Call *call, const WorkIn *in, Workflow *workflow, ShopWish *wish)
{
    const char *tenant_id;
    Workflow old;
    Run run;

    TRY(desk_tenant(call, NULL, &tenant_id));
    TRY(err_under(
        run_find(desk_of(call)->studio, tenant_id, in->variation_id, call_arena(call), &run),
        "/variationId"));
    if (wish->photo_ids.count != 1 || strcmp(run.photo_id, wish->photo_ids.items[0]) != 0)
        return err_field(
            err_public(
                err_new(ERR_NOT_FOUND, "run '%s' is of another photo", run.id),
                "This photo has no such variation."),
            "/variationId");
    if (run.state != RUN_COMPLETED || !run.recipe)
        return err_field(
            err_public(
                err_new(ERR_CONFLICT, "run '%s' is not completed", run.id),
                "This variation is not there yet: wait until it is completed."),
            "/variationId");
    TRY(old_workflow(call, &run, &old));
    wish->paid_run_id = run.id;
    if (in->seed == FIELD_NONE)
        wish->seed = value_int(value_get(run.look, "seed"));
    return workflow_continue(workflow, &old);
}

static MUST Err *workflow_wish(Call *call, const WorkIn *in, ShopWish *wish)
{
    Arena *mem = call_arena(call);
    Workflow workflow = *in->workflow;
    const Value *set = NULL;
    WorkflowMade made;

    if (in->variation_id)
        TRY(workflow_go_on(call, in, &workflow, wish));
    wish->template = workflow_template(&workflow);
    if (wish->template) {
        Template template;
        const char *tenant_id;

        TRY(desk_tenant(call, NULL, &tenant_id));
        TRY(err_under(
            template_get(desk_of(call)->studio, tenant_id, wish->template, mem, &template),
            "/workflow/background/templateId"));
        set = template.recipe;
    }
    TRY(err_under(workflow_make(&workflow, set, mem, &made), "/workflow"));
    wish->recipe = made.recipe;
    wish->platform = workflow_platform(&workflow);
    wish->complexity = made.complexity;
    wish->wish = workflow_json(&workflow, mem);
    return NULL;
}

static void value_end(void *value)
{
    value_free(value);
}

static void template_wish(Call *call, const char *template_id, ShopWish *wish)
{
    Value *words = value_object();

    arena_keep(call_arena(call), value_end, words);
    value_set(words, "templateId", value_of_text(template_id));
    wish->template = template_id;
    wish->wish = words;
}

static void templates_wish(Call *call, const Texts *template_ids, ShopWish *wish)
{
    Value *words = value_object();

    arena_keep(call_arena(call), value_end, words);
    value_set(words, "templateIds", value_of_texts(template_ids->items, template_ids->count));
    wish->templates = *template_ids;
    wish->wish = words;
}

/* WISH's photos are there; the rest of it follows from IN, and where IN says nothing from its project (PRESET, or NULL). */
static MUST Err *wish_fill(Call *call, const WorkIn *in, const char *preset, ShopWish *wish)
{
    const char *template_id = in->template_id;

    if (!!in->workflow + !!in->template_id + !!in->template_ids.count > 1)
        return err_field(
            err_public(
                err_new(ERR_INPUT_INVALID, "a workflow and a template"),
                "Say a workflow, a template or several, not two of them."),
            in->template_id ? "/templateId" : "/templateIds");
    wish->seed = in->seed == FIELD_NONE ? 0 : in->seed;
    wish->is_preview = in->preview;
    wish->once = desk_once(call);
    if (in->workflow)
        return workflow_wish(call, in, wish);
    if (in->template_ids.count > 1) {
        templates_wish(call, &in->template_ids, wish);
        return NULL;
    }
    if (in->template_ids.count)
        template_id = in->template_ids.items[0];
    if (!template_id)
        template_id = preset;
    if (template_id) {
        template_wish(call, template_id, wish);
        return NULL;
    }
    return err_field(
        err_public(
            err_new(ERR_INPUT_MISSING, "neither workflow nor template"),
            "Say what is to be done: a workflow, or a templateId."),
        "/workflow");
}

static MUST Err *wish_begin(Call *call, const ShopWish *wish, WorkOut *ret)
{
    Arena *mem = call_arena(call);
    Buyer buyer;
    Batch batch;

    TRY(lumiku_buyer(call, &buyer));
    TRY(shop_work(desk_of(call)->studio, &buyer, wish, mem, &batch));
    *ret = (WorkOut){
        .success = true,
        .generation_id = batch.id,
        .job_id = batch.id,
        .project_id = batch.project_id,
        .status = batch_state_names[batch.state],
        .credit_charged = batch.credits,
        .total = batch.total,
        .is_preview = batch.kind == BATCH_PREVIEW,
    };
    call_log_text(call, "generation", batch.id);
    return NULL;
}

/* ---- one photo ---- */

static MUST Err *photo_work(Call *call, const WorkIn *in, WorkOut *out)
{
    Arena *mem = call_arena(call);
    ShopWish wish = {.photo_ids = {ARENA_ARRAY(mem, const char *, 1), 1}};
    CatalogueOf of;
    Item item;

    TRY(lumiku_of(call, in->id, &of));
    TRY(item_find(&desk_of(call)->studio->shelf, &of, mem, &item));
    wish.project_id = item.project_id;
    wish.photo_ids.items[0] = item.id;
    TRY(wish_fill(call, in, NULL, &wish));
    return wish_begin(call, &wish, out);
}

static const Field ProcessIn_fields[] = {
    {FIELD_TEXT(WorkIn, id), .help = "Name of the photo", .max = 64},
    {WORK_WORKFLOW},
    {WORK_TEMPLATE, .optional = true, .nullable = true},
    {WORK_VARIATION},
    {WORK_SEED},
    {FIELD_BOOL(WorkIn, preview), .help = "Only a preview, as `/preview` gives", .preset = "false"},
    {FIELD_END},
};

HANDLER(item_process, WorkIn, WorkOut);

const Endpoint lumiku_item_process = {
    .method = POST,
    .path = LUMIKU "/items/{id}/process",
    .id = "lumiku_item_process",
    .summary = "Have a photo worked on by a workflow",
    .about =
        "What comes of it is a variation of the photo, kept beside the others. Credits are set "
        "aside at once and taken when the picture is there.\n\n"
        "With `variationId` work goes on where that variation ended, from the photo itself: a "
        "customer who first removes the background, then adds a set, then light, pays for each "
        "once.",
    .tag = "Work",
    .scope = "jobs:write",
    .in = {"ProcessIn", sizeof(WorkIn), ProcessIn_fields},
    .out = SHAPE(WorkOut),
    .errors = ERRORS(ERR_NOT_FOUND, ERR_CONFLICT, ERR_CREDITS_SPENT),
    .retried = true,
    .handle = CALLS(item_process),
};

static Err *item_process(Call *call, const WorkIn *in, WorkOut *out)
{
    return photo_work(call, in, out);
}

static const Field PreviewIn_fields[] = {
    {FIELD_TEXT(WorkIn, id), .help = "Name of the photo", .max = 64},
    {WORK_WORKFLOW},
    {WORK_TEMPLATE, .optional = true, .nullable = true},
    {WORK_VARIATION},
    {WORK_SEED},
    {FIELD_END},
};

HANDLER(item_preview, WorkIn, WorkOut);

const Endpoint lumiku_item_preview = {
    .method = POST,
    .path = LUMIKU "/items/{id}/preview",
    .id = "lumiku_item_preview",
    .summary = "See for nothing what a workflow would make of a photo",
    .about = "Small, with PREVIEW written across; it is no variation and goes after a day.",
    .tag = "Work",
    .scope = "jobs:write",
    .in = {"PreviewIn", sizeof(WorkIn), PreviewIn_fields},
    .out = SHAPE(WorkOut),
    .errors = ERRORS(ERR_NOT_FOUND, ERR_CONFLICT),
    .retried = true,
    .handle = CALLS(item_preview),
};

static Err *item_preview(Call *call, const WorkIn *in, WorkOut *out)
{
    WorkIn preview = *in;

    preview.preview = true;
    return photo_work(call, &preview, out);
}

static const Field ApplyIn_fields[] = {
    {FIELD_TEXT(WorkIn, id), .help = "Name of the photo", .max = 64},
    {WORK_TEMPLATE},
    {WORK_SEED},
    {FIELD_BOOL(WorkIn, preview), .help = "Only a preview", .preset = "false"},
    {FIELD_END},
};

HANDLER(item_apply, WorkIn, WorkOut);

const Endpoint lumiku_item_apply = {
    .method = POST,
    .path = LUMIKU "/items/{id}/apply-template",
    .id = "lumiku_item_apply",
    .summary = "Apply a template to a photo",
    .about = "All of it, at one price: background, light, shadow and file.",
    .tag = "Work",
    .scope = "jobs:write",
    .in = {"ApplyTemplateIn", sizeof(WorkIn), ApplyIn_fields},
    .out = SHAPE(WorkOut),
    .errors = ERRORS(ERR_NOT_FOUND, ERR_CONFLICT, ERR_CREDITS_SPENT),
    .retried = true,
    .handle = CALLS(item_apply),
};

static Err *item_apply(Call *call, const WorkIn *in, WorkOut *out)
{
    return photo_work(call, in, out);
}

/* ---- many photos ---- */

/* All photos of the project. */
static MUST Err *items_all(const Studio *studio, const CatalogueOf *of, Arena *mem, Texts *ret)
{
    const ItemQuery query = {
        .catalogue = *of, .state = -1, .favorite = -1, .limit = BATCH_PHOTOS_MOST + 1};
    int64_t total;
    List items;

    TRY(item_list(&studio->shelf, &query, mem, &items, &total));
    if (total > BATCH_PHOTOS_MOST)
        return err_field(
            err_public(
                err_new(ERR_INPUT_MISSING, "which of %lld photos?", (long long)total),
                "This project has %lld photos: say which, up to %d at a time.", (long long)total,
                BATCH_PHOTOS_MOST),
            "/itemIds");
    *ret = (Texts){ARENA_ARRAY(mem, const char *, items.count), items.count};
    for (size_t i = 0; i < items.count; i++)
        ret->items[i] = ((const Item *)items.items)[i].id;
    if (items.count)
        return NULL;
    return err_public(
        err_new(ERR_CONFLICT, "project '%s' has no photos", of->id),
        "There are no photos in this project yet: upload some first.");
}

static MUST Err *project_work(Call *call, const WorkIn *in, WorkOut *out)
{
    const Studio *studio = desk_of(call)->studio;
    Arena *mem = call_arena(call);
    ShopWish wish = {.project_id = in->id, .photo_ids = in->item_ids};
    Catalogue catalogue;
    CatalogueOf of;

    TRY(lumiku_of(call, in->id, &of));
    TRY(catalogue_find(&studio->shelf, &of, mem, &catalogue));
    if (!in->item_ids.count)
        TRY(items_all(studio, &of, mem, &wish.photo_ids));
    TRY(wish_fill(call, in, catalogue.template, &wish));
    return wish_begin(call, &wish, out);
}

static const Field BatchIn_fields[] = {
    {FIELD_TEXT(WorkIn, id), .help = "Name of the project", .max = 64},
    {WORK_ITEMS},
    {WORK_WORKFLOW},
    {WORK_TEMPLATE, .optional = true, .nullable = true},
    {WORK_TEMPLATES},
    {WORK_SEED},
    {FIELD_END},
};

HANDLER(project_process, WorkIn, WorkOut);

const Endpoint lumiku_project_process = {
    .method = POST,
    .path = LUMIKU "/projects/{id}/batch-process",
    .id = "lumiku_project_process",
    .summary = "Have up to 100 photos worked on alike",
    .about = "By a workflow or a template; without either by the project's own template. Two "
             "photos or more cost 10 credits and 5 for each, whatever is done with them. What "
             "fails costs nothing and can be tried again.\n\n"
             "With `templateIds` each photo is made in each of up to 8 looks, for what they would "
             "cost one after another: the pictures of a photo follow each other, in the order of "
             "the templates, each with its template's name as `title`.",
    .tag = "Work",
    .scope = "batches:write",
    .in = {"BatchProcessIn", sizeof(WorkIn), BatchIn_fields},
    .out = SHAPE(WorkOut),
    .errors = ERRORS(ERR_NOT_FOUND, ERR_CONFLICT, ERR_CREDITS_SPENT),
    .retried = true,
    .handle = CALLS(project_process),
};

static Err *project_process(Call *call, const WorkIn *in, WorkOut *out)
{
    return project_work(call, in, out);
}

static const Field ApplyAllIn_fields[] = {
    {FIELD_TEXT(WorkIn, id), .help = "Name of the project", .max = 64},
    {WORK_TEMPLATE},
    {WORK_ITEMS},
    {WORK_SEED},
    {FIELD_END},
};

HANDLER(project_apply, WorkIn, WorkOut);

const Endpoint lumiku_project_apply = {
    .method = POST,
    .path = LUMIKU "/projects/{id}/apply-template",
    .id = "lumiku_project_apply",
    .summary = "Apply a template to many photos",
    .about = "As `batch-process` with a template.",
    .tag = "Work",
    .scope = "batches:write",
    .in = {"ApplyTemplateAllIn", sizeof(WorkIn), ApplyAllIn_fields},
    .out = SHAPE(WorkOut),
    .errors = ERRORS(ERR_NOT_FOUND, ERR_CONFLICT, ERR_CREDITS_SPENT),
    .retried = true,
    .handle = CALLS(project_apply),
};

static Err *project_apply(Call *call, const WorkIn *in, WorkOut *out)
{
    return project_work(call, in, out);
}

/* ---- prices ---- */

typedef struct QuoteLineOut {
    const char *feature, *description;
    int64_t count, credits, total;
} QuoteLineOut;

static const Field QuoteLineOut_fields[] = {
    {FIELD_TEXT(QuoteLineOut, feature), .help = "What is charged, for programs"},
    {FIELD_TEXT(QuoteLineOut, description), .help = "The same for people"},
    {FIELD_INT(QuoteLineOut, count), .help = "How many"},
    {FIELD_INT(QuoteLineOut, credits), .help = "Credits for one"},
    {FIELD_INT(QuoteLineOut, total), .help = "Credits for all"},
    {FIELD_END},
};
static const Shape line_shape = {"QuoteLine", sizeof(QuoteLineOut), QuoteLineOut_fields};

typedef struct QuoteOut {
    int64_t item_count, picture_count;
    List lines;
    int64_t listed, bundle_discount, volume_discount, total, single_total, saves;
} QuoteOut;

static const Field QuoteOut_fields[] = {
    {FIELD_INT(QuoteOut, item_count), .name = "itemCount", .help = "Photos it is for"},
    {FIELD_INT(QuoteOut, picture_count), .name = "pictureCount",
     .help = "Pictures that would be made"},
    {FIELD_LIST(QuoteOut, lines, &line_shape), .help = "What is charged"},
    {FIELD_INT(QuoteOut, listed), .help = "Credits before discounts"},
    {FIELD_INT(QuoteOut, bundle_discount), .name = "bundleDiscount",
     .help = "Credits less for three steps or more"},
    {FIELD_INT(QuoteOut, volume_discount), .name = "volumeDiscount",
     .help = "Credits less for what was used this month"},
    {FIELD_INT(QuoteOut, total), .help = "Credits to pay"},
    {FIELD_INT(QuoteOut, single_total), .name = "singleTotal",
     .help = "Credits if each photo were worked on by itself"},
    {FIELD_INT(QuoteOut, saves), .help = "Credits that doing them together saves"},
    {FIELD_END},
};

static const Field QuoteIn_fields[] = {
    {WORK_WORKFLOW},
    {WORK_TEMPLATE, .optional = true, .nullable = true},
    {WORK_TEMPLATES},
    {FIELD_INT(WorkIn, item_count), .name = "itemCount", .help = "How many photos", .preset = "1",
     .min = 1, .max = BATCH_PHOTOS_MOST},
    {FIELD_END},
};

HANDLER(quote, WorkIn, QuoteOut);

const Endpoint lumiku_quote = {
    .method = POST,
    .path = LUMIKU "/quote",
    .id = "lumiku_quote",
    .summary = "See what work would cost",
    .about = "Nothing is begun or set aside. `GET /api/credits` says what there is.",
    .tag = "Work",
    .scope = "jobs:read",
    .in = {"QuoteIn", sizeof(WorkIn), QuoteIn_fields},
    .out = {"LumikuQuote", sizeof(QuoteOut), QuoteOut_fields},
    .errors = ERRORS(ERR_NOT_FOUND),
    .handle = CALLS(quote),
};

static List lines_out(const PriceBill *bill, Arena *mem)
{
    QuoteLineOut *lines = ARENA_ARRAY(mem, QuoteLineOut, (size_t)bill->count);

    for (int i = 0; i < bill->count; i++) {
        Price price = bill->lines[i].price;

        lines[i] = (QuoteLineOut){
            .feature = price_name(price),
            .description = price_words(price),
            .count = bill->lines[i].count,
            .credits = price_credits(price),
            .total = bill->lines[i].count * price_credits(price),
        };
    }
    return (List){lines, (size_t)bill->count};
}

static Err *quote(Call *call, const WorkIn *in, QuoteOut *out)
{
    const Studio *studio = desk_of(call)->studio;
    Arena *mem = call_arena(call);
    size_t count = (size_t)in->item_count;
    ShopWish wish = {.photo_ids = {ARENA_ARRAY(mem, const char *, count), count}};
    PriceBill bill, single;
    Buyer buyer;

    for (size_t i = 0; i < count; i++)
        wish.photo_ids.items[i] = "";
    TRY(lumiku_buyer(call, &buyer));
    TRY(wish_fill(call, in, NULL, &wish));
    TRY(shop_quote(studio, &buyer, &wish, mem, &bill));
    wish.photo_ids.count = 1;
    TRY(shop_quote(studio, &buyer, &wish, mem, &single));
    *out = (QuoteOut){
        .item_count = in->item_count,
        .picture_count = in->item_count * MAX((int64_t)in->template_ids.count, 1),
        .lines = lines_out(&bill, mem),
        .listed = bill.listed,
        .bundle_discount = bill.bundle,
        .volume_discount = bill.volume,
        .total = bill.credits,
        .single_total = single.credits * in->item_count,
    };
    out->saves = MAX(out->single_total - out->total, 0);
    return NULL;
}
