/* Work on photos: what a wish comes to, whether the tier has it, what it costs, and its beginning. */
#include <inttypes.h>
#include <string.h>

#include "base/said.h"
#include "shop/shop_priv.h"

/* A wish on its way to be a batch. */
typedef struct Sale {
    const Studio *studio;
    const Buyer *buyer;
    const ShopWish *wish;
    Arena *mem;
    size_t photos, count;        /* count: pictures */
    int kind;                    /* BatchKind */
    bool has_template, is_whole; /* is_whole: the template as it is */
    Template template;
    const Value *recipe;           /* as it will be carried out */
    Template *looks;               /* several whole templates, with recipes as they will be */
    size_t look_count;             /* 0: one way for all photos */
    Price steps[PRICE_LINES_MOST]; /* all that are paid for, whoever has paid for them */
    int step_count;
    PriceBill bill;
} Sale;

/* ---- what is wished ---- */

static MUST Err *count_check(const Sale *sale)
{
    if (sale->photos < 1 || sale->photos > BATCH_PHOTOS_MOST)
        return err_public(
            err_new(ERR_INPUT_INVALID, "%zu photos at once", sale->photos),
            "Choose 1 to %d photos.", BATCH_PHOTOS_MOST);
    if (sale->wish->is_preview && sale->count > 1)
        return err_public(
            err_new(ERR_INPUT_INVALID, "a preview of %zu pictures", sale->count),
            "A preview shows one photo. Choose one.");
    return NULL;
}

static int kind_of(const Sale *sale)
{
    if (sale->wish->is_preview)
        return BATCH_PREVIEW;
    if (sale->wish->kind != BATCH_PROCESS)
        return sale->wish->kind;
    if (sale->count >= PRICE_BATCH_LEAST)
        return BATCH_MANY;
    return sale->is_whole ? BATCH_TEMPLATE : BATCH_PROCESS;
}

static MUST Err *template_find(Sale *sale)
{
    const ShopWish *wish = sale->wish;

    sale->has_template = wish->template != NULL;
    sale->is_whole = sale->has_template && !wish->recipe;
    if (!sale->has_template)
        return NULL;
    return template_get(
        sale->studio, sale->buyer->tenant_id, wish->template, sale->mem, &sale->template);
}

/* ---- what the tier has ---- */

static MUST Err *template_check(const Sale *sale, const Template *template)
{
    const TierId tier = (TierId)sale->buyer->tier;

    if (template->is_own)
        return tier_check_own_template(tier);
    return tier_check_template(tier, template->position, template->is_premium);
}

/* What a template of the house is made of is its own business. */
static MUST Err *steps_check(const Sale *sale, const Recipe *recipe)
{
    const TierId tier = (TierId)sale->buyer->tier;

    if (sale->is_whole)
        return tier_check_price(tier, PRICE_TEMPLATE);
    if (sale->kind == BATCH_CAROUSEL)
        return tier_check_price(tier, PRICE_CAROUSEL);
    for (int i = 0; i < sale->step_count; i++)
        TRY(tier_check_price(tier, sale->steps[i]));
    return tier_check_format(tier, image_format_name(recipe_format(recipe)));
}

static MUST Err *tier_check(const Sale *sale, const Recipe *recipe)
{
    const TierId tier = (TierId)sale->buyer->tier;

    if (sale->wish->partner)
        TRY(tier_check_transfer(tier));
    if (sale->wish->platform)
        TRY(tier_check_platforms(tier, 1));
    if (sale->kind != BATCH_CAROUSEL)
        TRY(tier_check_batch(tier, (int64_t)sale->count));
    if (sale->has_template)
        TRY(template_check(sale, &sale->template));
    return steps_check(sale, recipe);
}

/* ---- what it costs ---- */

/* A set that is taken from a template is a template's, whatever it is made of. */
static void set_price(const Sale *sale, Price *steps, int count)
{
    for (int i = 0; i < count && sale->has_template && !sale->is_whole; i++)
        if (steps[i] >= PRICE_BACKDROP_SOLID && steps[i] <= PRICE_BACKDROP_AI_COMPLEX)
            steps[i] = PRICE_BACKDROP_TEMPLATE;
}

/* The recipe of the variation that is gone on with; NULL when nothing of it counts: a preview was not paid for, and another seed is
 * another picture. */
static MUST Err *paid_recipe(const Sale *sale, const Value **ret)
{
    const ShopWish *wish = sale->wish;
    Run run;

    *ret = NULL;
    if (!wish->paid_run_id || sale->count > 1)
        return NULL;
    TRY(run_find(sale->studio, sale->buyer->tenant_id, wish->paid_run_id, sale->mem, &run));
    if (!wish->photo_ids.count || strcmp(run.photo_id, wish->photo_ids.items[0]) != 0)
        return err_public(
            err_new(ERR_NOT_FOUND, "run '%s' is of another photo", run.id),
            "This photo has no such variation.");
    if (run.state == RUN_COMPLETED && !run.is_preview &&
        value_int(value_get(run.look, "seed")) == wish->seed)
        *ret = run.recipe;
    return NULL;
}

static MUST Err *bill_make(Sale *sale, const Recipe *recipe)
{
    static const Price carousel = PRICE_CAROUSEL;
    const ShopWish *wish = sale->wish;
    Price steps[PRICE_LINES_MOST];
    const Value *paid;
    PriceWork work = {
        .steps = steps,
        .photos = (int64_t)sale->photos,
        .looks = (int64_t)sale->look_count,
        .is_template = sale->is_whole,
        .is_preview = wish->is_preview,
        .used = sale->buyer->used,
    };

    if (sale->kind == BATCH_CAROUSEL) {
        work.steps = &carousel;
        work.count = 1;
        work.photos = 1;
    } else if (!sale->is_whole) {
        TRY(paid_recipe(sale, &paid));
        TRY(steps_unpaid(recipe, wish->complexity, paid, steps, &work.count));
        set_price(sale, steps, work.count);
    }
    sale->bill = price_of_work(&work);
    return NULL;
}

/* ---- a wish becomes a sale ---- */

/* As the tier may have it. */
static const Value *recipe_limit(const Sale *sale, const Value *recipe)
{
    return steps_limit_cutout(recipe, tiers[sale->buyer->tier].cutout_most_px, sale->mem);
}

static MUST Err *recipe_settle(Sale *sale)
{
    if (sale->wish->is_preview)
        return shop_preview_recipe(sale->recipe, sale->mem, &sale->recipe);
    sale->recipe = recipe_limit(sale, sale->recipe);
    return NULL;
}

/* ---- several looks, side by side ---- */

static MUST Err *look_read(Sale *sale, size_t at)
{
    const Texts *names = &sale->wish->templates;
    Template *look = &sale->looks[at];

    TRY(template_get(sale->studio, sale->buyer->tenant_id, names->items[at], sale->mem, look));
    for (size_t i = 0; i < at; i++)
        if (strcmp(sale->looks[i].id, look->id) == 0)
            return err_public(
                err_new(ERR_INPUT_INVALID, "template '%s' twice", look->id), "%s is chosen twice.",
                look->name);
    TRY(template_check(sale, look));
    look->recipe = recipe_limit(sale, look->recipe);
    return NULL;
}

static MUST Err *looks_read(Sale *sale)
{
    const size_t count = sale->wish->templates.count;
    const TierId tier = (TierId)sale->buyer->tier;

    if (count > BATCH_LOOKS_MOST || sale->wish->recipe || sale->wish->items)
        return err_field(
            err_public(
                err_new(ERR_INPUT_INVALID, "%zu looks", count), "Choose up to %d looks at a time.",
                BATCH_LOOKS_MOST),
            "/templateIds");
    sale->looks = ARENA_ARRAY(sale->mem, Template, count);
    sale->look_count = count;
    sale->count = sale->photos * count;
    sale->kind = BATCH_MANY;
    sale->is_whole = true;
    TRY(count_check(sale));
    TRY(tier_check_price(tier, PRICE_TEMPLATE));
    TRY(tier_check_batch(tier, (int64_t)sale->photos));
    for (size_t i = 0; i < count; i++)
        TRY(err_under(look_read(sale, i), "/templateIds/%zu", i));
    return bill_make(sale, NULL);
}

/* ---- one way for all photos ---- */

static MUST Err *sale_read(Sale *sale)
{
    const ShopWish *wish = sale->wish;
    AUTO(recipe_free) Recipe *recipe = NULL;

    sale->count = sale->photos = wish->items ? wish->count : wish->photo_ids.count;
    if (wish->templates.count)
        return looks_read(sale);
    TRY(count_check(sale));
    TRY(template_find(sale));
    sale->kind = kind_of(sale);
    sale->recipe = wish->recipe ? wish->recipe : sale->template.recipe;
    if (!sale->recipe)
        return err_new(ERR_BUG, "work without recipe and template");
    TRY(recipe_read(sale->recipe, &recipe));
    TRY(shop_steps(recipe, wish->complexity, sale->steps, &sale->step_count));
    set_price(sale, sale->steps, sale->step_count);
    TRY(tier_check(sale, recipe));
    TRY(bill_make(sale, recipe));
    return recipe_settle(sale);
}

Err *shop_quote(
    const Studio *studio, const Buyer *buyer, const ShopWish *wish, Arena *mem, PriceBill *ret)
{
    Sale sale = {.studio = studio, .buyer = buyer, .wish = wish, .mem = mem};

    TRY(sale_read(&sale));
    *ret = sale.bill;
    return NULL;
}

/* ---- a sale becomes a batch ---- */

/* The queue is called by what is asked for most of all. */
static const char *queue_of(const Sale *sale)
{
    static const struct {
        Price first, last;
        const char *queue;
    } rows[] = {
        {PRICE_BACKDROP_SOLID, PRICE_BACKDROP_AI_COMPLEX, "bg_replacement"},
        {PRICE_LIGHT_AUTO, PRICE_LIGHT_MANUAL, "lighting_enhance"},
        {PRICE_SHADOW_NATURAL, PRICE_SHADOW_REFLECTION, "shadow_generate"},
        {PRICE_CUTOUT, PRICE_CUTOUT, "bg_removal"},
    };

    if (sale->kind == BATCH_MANY)
        return "batch_process";
    if (sale->is_whole)
        return "template_apply";
    for (size_t row = 0; row < COUNT(rows); row++)
        for (int i = 0; i < sale->step_count; i++)
            if (sale->steps[i] >= rows[row].first && sale->steps[i] <= rows[row].last)
                return rows[row].queue;
    return NULL;
}

static const char *reason_of(const Sale *sale)
{
    Arena *mem = sale->mem;

    if (sale->look_count)
        return said_print(
            mem, sale->photos == 1 ? "%zu looks of a photo" : "%zu looks of %zu photos",
            sale->look_count, sale->photos);
    switch (sale->kind) {
    case BATCH_MANY:
        return said_print(mem, "Batch of %zu photos", sale->count);
    case BATCH_CAROUSEL:
        return said_print(mem, "Carousel of %zu slides", sale->count);
    case BATCH_TEMPLATE:
        return said_print(mem, "Template %s", sale->template.name);
    default:
        return sale->bill.count ? bill_words(&sale->bill, mem) : "Picture";
    }
}

/* What the variation is called. */
static const char *title_of(const Sale *sale)
{
    switch (sale->kind) {
    case BATCH_CUTOUT:
        return "Background removed";
    case BATCH_UPSCALE:
        return "Upscaled";
    default:
        return sale->has_template ? sale->template.name : NULL;
    }
}

/* The looks of a photo stand beside each other. */
static BatchItem look_item(const Sale *sale, size_t at)
{
    const Template *look = &sale->looks[at % sale->look_count];

    return (BatchItem){
        .photo_id = sale->wish->photo_ids.items[at / sale->look_count],
        .recipe = look->recipe,
        .title = look->name,
    };
}

static const BatchItem *items_of(const Sale *sale, const BillShares *shares)
{
    const ShopWish *wish = sale->wish;
    const char *title = title_of(sale);
    BatchItem *items = ARENA_ARRAY(sale->mem, BatchItem, sale->count);

    for (size_t i = 0; i < sale->count; i++) {
        if (wish->items)
            items[i] = wish->items[i];
        else if (sale->look_count)
            items[i] = look_item(sale, i);
        else
            items[i] = (BatchItem){
                .photo_id = wish->photo_ids.items[i],
                .source_run_id = wish->source_run_id,
            };
        if (!items[i].title)
            items[i].title = title;
        items[i].credits = shares->each + ((int64_t)i < shares->dearer);
    }
    return items;
}

static BatchOrder order_of(const Sale *sale)
{
    const ShopWish *wish = sale->wish;
    const BillShares shares = bill_shares(&sale->bill, (int64_t)sale->count);

    return (BatchOrder){
        .tenant_id = sale->buyer->tenant_id,
        .project_id = wish->project_id,
        .kind = sale->kind,
        .items = items_of(sale, &shares),
        .count = sale->count,
        .recipe = sale->recipe,
        .wish = wish->wish,
        .bill = bill_json(&sale->bill, sale->mem),
        .template = sale->has_template ? sale->template.id : NULL,
        .queue = queue_of(sale),
        .priority =
            PRIORITY_NORMAL - tier_priority((TierId)sale->buyer->tier, (int64_t)sale->count),
        .base_credits = shares.base,
        .run_credits = shares.each,
        .reason = reason_of(sale),
        .once = wish->once,
        .seed = wish->seed,
    };
}

/* ---- it is sold ---- */

static const char *action_of(int kind)
{
    return kind == BATCH_MANY ? "batch" : batch_kind_names[kind];
}

typedef struct Selling {
    const Sale *sale;
    const BatchOrder *order;
    Batch *batch;
    Deed deed;
    bool is_new; /* the same request may come more than once */
} Selling;

static Deed deed_of(const Sale *sale, const Batch *batch)
{
    return (Deed){
        .action = action_of(sale->kind),
        .feature = bill_feature(&sale->bill),
        .parts = bill_parts(&sale->bill, sale->mem),
        .subject = batch->id,
        .template = sale->has_template && !sale->wish->is_preview ? sale->template.id : NULL,
        .partner = sale->wish->partner,
        .pictures = (int64_t)sale->count,
        .credits = sale->bill.credits,
    };
}

static Err *sell(DbTx *tx, void *selling_any)
{
    Selling *selling = selling_any;
    const Sale *sale = selling->sale;
    Deed *deed = &selling->deed;

    TRY(batch_add(tx, sale->studio, selling->order, sale->mem, selling->batch));
    *deed = deed_of(sale, selling->batch);
    TRY(deed_add_once(tx, sale->buyer, deed, selling->batch->id, &selling->is_new));
    for (size_t i = 0; selling->is_new && i < sale->look_count; i++)
        TRY(template_used(tx, sale->looks[i].id, (int64_t)sale->photos));
    return selling->is_new && deed->template ? template_used(tx, deed->template, deed->pictures)
                                             : NULL;
}

Err *shop_work(
    const Studio *studio, const Buyer *buyer, const ShopWish *wish, Arena *mem, Batch *ret)
{
    Sale sale = {.studio = studio, .buyer = buyer, .wish = wish, .mem = mem};
    Batch batch;

    TRY(sale_read(&sale));
    const BatchOrder order = order_of(&sale);
    Selling selling = {.sale = &sale, .order = &order, .batch = &batch};
    TRY(db_write(studio->shelf.db, sell, &selling));
    if (selling.is_new)
        deed_count(&selling.deed);
    *ret = batch;
    return NULL;
}

/* ---- templates of one's own ---- */

Err *shop_template_create(
    const Studio *studio, const Buyer *buyer, const TemplateWish *wish, Arena *mem, Template *ret)
{
    TemplateWish own = *wish;

    TRY(tier_check_own_template((TierId)buyer->tier));
    own.tenant_id = buyer->tenant_id;
    return template_create(studio, &own, mem, ret);
}
