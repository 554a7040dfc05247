/* A request for pictures from its wish to its end: set aside, drawn, kept and paid, or given back. */
#include <math.h>
#include <string.h>

#include "art/art_priv.h"
#include "base/after.h"
#include "base/clock.h"
#include "image/lock.h"
#include "watch/metric.h"
#include "watch/watch.h"

#define MICRO_USD_A_CREDIT ((int64_t)10000)
#define DAY_MS ((int64_t)24 * 60 * 60 * 1000)

enum {
    MASK_SOFT_PX = 2
};

typedef struct Making {
    const ArtRoom *room;
    const ArtWish *wish;
    Arena *mem;
    ArtPlan plan;
    ArtPrice dear, calm; /* as wished, and when the budget comes to its end */
    ArtPrice price;      /* the one of both that was taken */
    BudgetAsk budget;
    BudgetNews news;

    /* Of the beginning. */
    ErrCode refusal; /* ERR_MAX_: none */
    bool is_found;   /* it was asked for before */
    ArtFound found;
    Id hold;

    Art art;
    ArtPictureRow rows[VENDOR_PICTURES_MOST];
    Asset thumbs[VENDOR_PICTURES_MOST]; /* without a key: none */
    int64_t began_ms;                   /* of the ticks */
    const Err *why;                     /* it failed */
} Making;

static int64_t charged(const ArtPrice *price)
{
    return price->credits * MICRO_USD_A_CREDIT;
}

/* ---- begin: all of it is set aside, or none ---- */

static MUST Err *found_look(DbTx *tx, Making *making)
{
    const ArtWish *wish = making->wish;

    making->is_found = false;
    if (!wish->request_key)
        return NULL;
    return art_row_of_request(
        tx, wish->tenant_id, wish->request_key, making->mem, &making->found, &making->is_found);
}

static MUST Err *price_choose(DbTx *tx, Making *making)
{
    bool is_calm = false;

    TRY(budgets_calm(tx, &making->budget, making->mem, &making->news, &is_calm));
    const bool is_other =
        making->plan.quality != making->calm.quality &&
        (!making->plan.quality || strcmp(making->plan.quality, making->calm.quality) != 0);

    making->art.is_downgraded = is_calm && is_other;
    making->price = making->art.is_downgraded ? making->calm : making->dear;
    return NULL;
}

static MUST Err *row_add(DbTx *tx, Making *making)
{
    const ArtWish *wish = making->wish;
    const ArtPlan *plan = &making->plan;
    const int64_t now_ms = making->art.created_ms;
    bool added;

    TRY(art_row_add(
        tx,
        &(ArtRecord){
            .id = making->art.id,
            .tenant_id = wish->tenant_id,
            .user_id = plan->user_id,
            .door = wish->door,
            .kind = art_kind_names[wish->kind],
            .model = plan->alias->name,
            .vendor = making->price.vendor,
            .served = making->price.served ? making->price.served : "",
            .prompt = plan->prompt,
            .size = plan->width_px
                        ? arena_print(making->mem, "%dx%d", plan->width_px, plan->height_px)
                        : "auto",
            .quality = making->price.quality ? making->price.quality : "auto",
            .hold_id = making->hold.text,
            .request_key = wish->request_key,
            .request = plan->request,
            .is_downgraded = making->art.is_downgraded,
            .credits = making->price.credits,
            .month_ms = making->budget.month_ms,
            .reserved_tokens = making->price.tokens,
            .created_ms = now_ms,
            .until_ms = now_ms + ART_LEASE_MS,
            .expires_ms = now_ms + ART_KEPT_DAYS * DAY_MS,
        },
        &added));
    return added ? NULL : err_new(ERR_DATABASE_BUSY, "the same request came twice at once");
}

static Err *begin_work(DbTx *tx, void *making_any)
{
    Making *making = making_any;
    const ArtWish *wish = making->wish;

    making->news = (BudgetNews){.tenant_id = wish->tenant_id};
    making->refusal = ERR_MAX_;
    TRY(budgets_lock(tx, wish->tenant_id));
    TRY(found_look(tx, making));
    if (making->is_found)
        return NULL;
    TRY(price_choose(tx, making));
    TRY(budgets_reserve(
        tx, &making->budget, charged(&making->price), making->price.tokens, making->mem,
        &making->news, &making->refusal));
    if (making->refusal != ERR_MAX_)
        return NULL; /* so that the alert is kept */
    TRY(ledger_hold(
        tx,
        &(LedgerMove){
            .tenant_id = wish->tenant_id,
            .key = arena_print(making->mem, "art:%s", making->art.id),
            .reason = "Pictures from words",
            .subject = making->art.id,
            .credits = making->price.credits,
        },
        &making->hold));
    return row_add(tx, making);
}

/* ---- the pictures ---- */

typedef struct BeforeWork {
    const char *tenant_id, *sha256;
    Arena *mem;
    const char *ret;
} BeforeWork;

static Err *before_work(DbTx *tx, void *work_any)
{
    BeforeWork *work = work_any;

    return art_prompt_of(tx, work->tenant_id, work->sha256, work->mem, &work->ret);
}

/* A picture that was made here is known by its bytes. */
static MUST Err *before_find(const Making *making, const char **ret)
{
    const VendorPicture *picture = &making->wish->images[0];
    char sha256[HASH_TEXT_SIZE];
    BeforeWork work = {.tenant_id = making->wish->tenant_id, .sha256 = sha256, .mem = making->mem};

    hash_text(hash_bytes(picture->bytes, picture->size), sha256);
    TRY(db_read(making->room->shelf.db, before_work, &work));
    *ret = work.ret && *work.ret ? work.ret : NULL;
    return NULL;
}

static bool has_holes(const Image *image)
{
    if (!image_has_alpha(image))
        return false;
    for (int y = 0; y < image_height(image); y++) {
        const unsigned char *row = image_row(image, y);

        for (int x = 0; x < image_width(image); x++)
            if (row[4 * x + 3] == 0)
                return true;
    }
    return false;
}

/* Where an edit may draw: where the mask is transparent, or the picture itself. */
static MUST Err *free_find(const Making *making, Drawing *drawing)
{
    const VendorPicture *mask = &making->wish->mask;
    AUTO(image_decoded_done) ImageDecoded decoded = {0};

    if (making->wish->kind != ART_EDIT)
        return NULL;
    if (!mask->size)
        return has_holes(drawing->original)
                   ? image_lock_mask(drawing->original, MASK_SOFT_PX, &drawing->free)
                   : NULL;
    TRY(image_decode(mask->bytes, mask->size, &image_limits_default, drawing->cancel, &decoded));
    Err *err = image_lock_mask(decoded.image, MASK_SOFT_PX, &drawing->free);
    return err ? err_field(err, "/mask") : NULL;
}

static MUST Err *original_open(const Making *making, Drawing *drawing)
{
    const VendorPicture *picture = making->wish->images;
    AUTO(image_decoded_done) ImageDecoded decoded = {0};

    if (making->wish->kind == ART_GENERATE)
        return NULL;
    TRY(image_decode(
        picture->bytes, picture->size, &image_limits_default, drawing->cancel, &decoded));
    drawing->original = TAKE(decoded.image);
    TRY(free_find(making, drawing));
    return making->wish->kind == ART_VARIATION ? before_find(making, &drawing->before) : NULL;
}

static void note_add(Making *making, const char *words)
{
    const char *before = making->art.note;

    making->art.note = before ? arena_print(making->mem, "%s %s", before, words) : words;
}

/* Whoever drew over what the mask protects is known by it. */
static void mask_note(Making *making)
{
    static const double seen = 0.05;
    double changed = 0;

    for (size_t i = 0; i < making->art.count; i++)
        changed = fmax(changed, making->art.pictures[i].changed);
    if (changed < seen)
        return;
    note_add(
        making,
        arena_print(
            making->mem,
            "The model had painted over %.0f %% of what the mask protects; it was put back.",
            changed * 100));
    watch(
        WATCH_INFO, "art.mask_ignored", WATCH_TEXT("id", making->art.id),
        WATCH_TEXT("vendor", making->art.vendor), WATCH_TEXT("model", making->art.served),
        WATCH_NUMBER("changed", changed));
}

static void ground_note(Making *making, const Drawn *drawn)
{
    if (drawn->cleared)
        note_add(
            making, "The model painted a background all the same; the studio cut the subject out.");
    if (drawn->painted)
        note_add(
            making, "The model painted a background all the same, and nothing could be cut out of "
                    "it: it is not transparent.");
}

static void art_fill(Making *making, const Drawn *drawn)
{
    Art *art = &making->art;

    art->model = making->plan.alias->name;
    art->vendor = drawn->vendor;
    art->served = drawn->served;
    art->words = drawn->words;
    art->quality = making->price.quality;
    art->usage = drawn->usage;
    art->cost_micro_usd = drawn->cost_micro_usd;
    art->credits = making->price.credits;
    art->vendor_limit = drawn->vendor_limit;
    art->vendor_remaining = drawn->vendor_remaining;
    art->note = drawn->note;
    mask_note(making);
    ground_note(making, drawn);
    if (art->is_downgraded)
        note_add(
            making,
            arena_print(
                making->mem, "Quality is %s: most of the month's budget is used.", art->quality));
}

static MUST Err *draw(Making *making, Drawing *drawing)
{
    AUTO(art_drawn_done) Drawn drawn = {0};

    TRY(original_open(making, drawing));
    TRY((making->price.is_builtin ? art_studio_draw : art_vendor_draw)(
        drawing, making->mem, &drawn));
    TRY(art_drawn_finish(drawing, &drawn, making->mem, &making->art));
    art_fill(making, &drawn);
    return NULL;
}

/* Whoever takes bytes alone makes small ones of them. */
static MUST Err *thumb_make(Making *making, size_t index, Cancel *cancel)
{
    const ArtPicture *picture = &making->art.pictures[index];

    TRY(thumb_keep(
        &making->room->shelf,
        &(ThumbWish){
            .key = making->rows[index].key,
            .bytes = picture->bytes,
            .size = picture->size,
            .cancel = cancel,
        },
        making->mem, &making->thumbs[index]));
    making->rows[index].thumb_key = making->thumbs[index].key;
    return NULL;
}

/* The pictures in the store, under names that nobody has yet: their rows follow in the transaction that ends the request. */
static MUST Err *keep(Making *making, Cancel *cancel)
{
    for (size_t i = 0; i < making->art.count; i++) {
        const ArtPicture *picture = &making->art.pictures[i];
        char *sha256 = arena_take(making->mem, HASH_TEXT_SIZE);
        BlobWritten written;

        making->rows[i] = (ArtPictureRow){
            .key = arena_print(
                making->mem, "outputs/%s/%s/%zu.%s", making->wish->tenant_id, making->art.id, i,
                image_format_ending(making->plan.format)),
            .sha256 = sha256,
            .filetype = picture->filetype,
            .number = (int64_t)i,
            .width_px = picture->width_px,
            .height_px = picture->height_px,
            .changed = picture->changed,
        };
        TRY(blob_put(
            making->room->shelf.blob,
            &(BlobPut){
                .key = making->rows[i].key,
                .type = image_format_mime(making->plan.format),
                .cancel = cancel,
            },
            picture->bytes, picture->size, &written));
        hash_text(written.sha256, sha256);
        if (making->wish->is_linked)
            TRY(thumb_make(making, i, cancel));
    }
    return NULL;
}

static MUST Err *make(Making *making)
{
    Cancel *cancel = (Cancel *)(uintptr_t)making->wish->cancel;
    Drawing drawing = {
        .room = making->room,
        .wish = making->wish,
        .plan = &making->plan,
        .price = &making->price,
        .id = making->art.id,
        .until_ms = making->began_ms + ART_TOTAL_MS,
        .cancel = cancel,
    };
    Err *err = draw(making, &drawing);

    image_free(drawing.original);
    image_free(drawing.free);
    image_leave_thread();
    TRY(err);
    return keep(making, cancel);
}

/* ---- the end ---- */

static MUST Err *assets_add(DbTx *tx, const Making *making)
{
    const int64_t most_ms = making->art.created_ms + ART_KEPT_DAYS * DAY_MS;
    int64_t expires_ms;

    TRY(asset_expiry(tx, making->wish->tenant_id, &expires_ms));
    for (size_t i = 0; i < making->art.count; i++) {
        const ArtPictureRow *row = &making->rows[i];

        TRY(asset_add(
            tx,
            &(Asset){
                .tenant_id = making->wish->tenant_id,
                .project_id = making->art.id,
                .owner = making->art.id,
                .key = row->key,
                .sha256 = row->sha256,
                .format = row->filetype,
                .purpose = PURPOSE_OUTPUT,
                .bytes = (int64_t)making->art.pictures[i].size,
                .width_px = row->width_px,
                .height_px = row->height_px,
                .expires_ms = MIN(expires_ms, most_ms),
            },
            making->mem, NULL));
        Asset thumb = making->thumbs[i];
        thumb.tenant_id = making->wish->tenant_id;
        thumb.project_id = thumb.owner = making->art.id;
        thumb.expires_ms = MIN(expires_ms, most_ms);
        if (thumb.key)
            TRY(asset_add(tx, &thumb, making->mem, NULL));
        TRY(art_picture_add(tx, making->art.id, row));
    }
    return NULL;
}

static MUST Err *use_note(DbTx *tx, const Making *making)
{
    const Art *art = &making->art;
    AUTO(value_free) Value *detail = value_object();

    value_set(detail, "art", value_of_text(art->id));
    value_set(detail, "model", value_of_text(art->model));
    value_set(detail, "vendor", value_of_text(art->vendor));
    value_set(detail, "user", value_of_text(making->plan.user_id));
    value_set(detail, "pictures", value_of_int((int64_t)art->count));
    value_set(detail, "tokens", value_of_int(art->usage.tokens));
    TRY(usage_add(
        tx, &(UsageEvent){
                .tenant_id = making->wish->tenant_id,
                .kind = arena_print(making->mem, "art_%s", art_kind_names[making->wish->kind]),
                .cost_micro_usd = art->cost_micro_usd,
                .detail = detail,
            }));
    return art_use_add(
        tx, &(ArtUse){
                .tenant_id = making->wish->tenant_id,
                .user_id = making->plan.user_id,
                .model = art->model,
                .requests = 1,
                .pictures = (int64_t)art->count,
                .tokens = art->usage.tokens,
                .cost_micro_usd = art->cost_micro_usd,
                .credits = art->credits,
                .took_ms = art->took_ms,
                .at_ms = art->created_ms,
            });
}

/* The pictures, their money and the end of the request are one. */
static Err *end_work(DbTx *tx, void *making_any)
{
    Making *making = making_any;
    const Art *art = &making->art;
    bool was_running;

    making->news = (BudgetNews){.tenant_id = making->wish->tenant_id};
    TRY(budgets_lock(tx, making->wish->tenant_id));
    TRY(art_row_completed(tx, art, &was_running));
    if (!was_running)
        return err_new(ERR_TIMED_OUT, "art '%s' was ended meanwhile", art->id);
    TRY(assets_add(tx, making));
    TRY(budgets_settle(
        tx, &making->budget,
        &(BudgetStep){
            .tenant_id = making->wish->tenant_id,
            .user_id = making->plan.user_id,
            .month_ms = making->budget.month_ms,
            .used_micro_usd = charged(&making->price),
            .used_tokens = art->usage.tokens,
            .used_requests = 1,
            .reserved_micro_usd = -charged(&making->price),
            .reserved_tokens = -making->price.tokens,
        },
        making->mem, &making->news));
    TRY(ledger_capture(tx, making->wish->tenant_id, making->hold.text));
    return use_note(tx, making);
}

Err *art_lost_give_back(DbTx *tx, const ArtLost *lost)
{
    TRY(budget_month_step(
        tx, &(BudgetStep){
                .tenant_id = lost->tenant_id,
                .user_id = lost->user_id,
                .month_ms = lost->month_ms,
                .reserved_micro_usd = -lost->credits * MICRO_USD_A_CREDIT,
                .reserved_tokens = -lost->reserved_tokens,
            }));
    TRY(ledger_release(tx, lost->tenant_id, lost->hold_id));
    return art_use_add(
        tx, &(ArtUse){
                .tenant_id = lost->tenant_id,
                .user_id = lost->user_id,
                .model = lost->model,
                .requests = 1,
                .failures = 1,
                .took_ms = clock_now_ms() - lost->created_ms,
                .at_ms = lost->created_ms,
            });
}

static Err *fail_work(DbTx *tx, void *making_any)
{
    Making *making = making_any;
    ArtLost lost;
    bool has_ended;

    TRY(budgets_lock(tx, making->wish->tenant_id));
    TRY(err_expect(
        art_row_failed(tx, making->art.id, err_name(err_code(making->why)), making->mem, &lost),
        ERR_NOT_FOUND, &has_ended));
    return has_ended ? NULL : art_lost_give_back(tx, &lost);
}

/* ---- asked again ---- */

static Err *again_work(DbTx *tx, void *making_any)
{
    Making *making = making_any;
    List rows = {0};

    TRY(art_get(tx, making->found.id, making->mem, &making->art));
    TRY(art_pictures(tx, making->found.id, making->mem, &rows));
    for (; making->art.count < rows.count; making->art.count++)
        making->rows[making->art.count] = ((const ArtPictureRow *)rows.items)[making->art.count];
    return NULL;
}

static MUST Err *again_fetch(Making *making)
{
    for (size_t i = 0; i < making->art.count; i++) {
        const ArtPictureRow *row = &making->rows[i];
        Buf *bytes = art_buf(making->mem, VENDOR_PICTURE_BYTES_MOST);

        TRY(blob_get(
            making->room->shelf.blob,
            &(BlobGet){.key = row->key, .cancel = (Cancel *)(uintptr_t)making->wish->cancel},
            bytes));
        making->art.pictures[i] = (ArtPicture){
            .bytes = bytes->bytes,
            .size = bytes->size,
            .filetype = row->filetype,
            .width_px = (int)row->width_px,
            .height_px = (int)row->height_px,
            .changed = row->changed,
        };
    }
    return NULL;
}

static MUST Err *again(Making *making)
{
    if (strcmp(making->found.request, making->plan.request) != 0)
        return err_public(
            err_new(ERR_CONFLICT, "another request by the same key"),
            "This Idempotency-Key was used for another request. Use a new one.");
    if (strcmp(making->found.state, "completed") != 0)
        return err_public(
            err_new(ERR_CONFLICT, "art '%s' is under way", making->found.id),
            "The same request is still being answered. Ask again in a moment.");
    TRY(db_read(making->room->shelf.db, again_work, making));
    return again_fetch(making);
}

/* ---- all of it ---- */

static MUST Err *refused(const Making *making)
{
    const char *model = making->plan.alias->name;

    return err_after(
        err_new(
            making->refusal, "a budget is spent: %lld credits and %lld tokens for '%s'",
            (long long)making->price.credits, (long long)making->price.tokens, model),
        month_end_ms(making->art.created_ms) - making->art.created_ms);
}

static MUST Err *link_of(const Making *making, const char *key, const char **ret)
{
    Link link;

    TRY(link_make(&making->room->shelf, &(LinkWish){.key = key}, making->mem, &link));
    *ret = link.url;
    return NULL;
}

static MUST Err *links_make(Making *making)
{
    for (size_t i = 0; making->wish->is_linked && i < making->art.count; i++) {
        const ArtPictureRow *row = &making->rows[i];
        ArtPicture *picture = &making->art.pictures[i];

        TRY(link_of(making, row->key, &picture->url));
        TRY(link_of(making, row->thumb_key ? row->thumb_key : row->key, &picture->thumb_url));
    }
    return NULL;
}

/* The request has begun: it ends here, one way or the other. */
static MUST Err *carry_out(Making *making)
{
    Err *err = make(making);

    making->art.took_ms = clock_ticks_ms() - making->began_ms;
    if (!err)
        err = db_write(making->room->shelf.db, end_work, making);
    metric_observe(METRIC_ART_SECONDS, making->art.took_ms, making->plan.alias->name);
    if (!err) {
        budget_news_tell(&making->news);
        return NULL;
    }
    making->why = err;
    AUTO(err_free) Err *failed = db_write(making->room->shelf.db, fail_work, making);
    if (failed)
        watch_err("art.release", failed, making->art.id); /* art_tend gives it back */
    return err;
}

static MUST Err *prices_find(Making *making)
{
    const ArtPlan *plan = &making->plan;

    TRY(art_price_find(
        making->room, making->wish, plan, plan->quality, making->mem, &making->dear));
    const bool has_qualities = plan->alias->qualities.count + plan->alias->becomes.count > 0;
    return art_price_find(
        making->room, making->wish, plan,
        has_qualities ? art_quality_calm(plan->quality) : plan->quality, making->mem,
        &making->calm);
}

Err *art_make(const ArtRoom *room, const ArtWish *wish, Arena *mem, Art *ret)
{
    Making making = {.room = room, .wish = wish, .mem = mem};

    TRY(art_plan_make(room, wish, mem, &making.plan));
    TRY(prices_find(&making));
    making.began_ms = clock_ticks_ms();
    making.art = (Art){
        .id = arena_text(mem, id_new("img").text),
        .created_ms = clock_now_ms(),
        .vendor_limit = -1,
        .vendor_remaining = -1,
    };
    making.budget = (BudgetAsk){
        room, wish->tenant_id, making.plan.user_id, month_start_ms(making.art.created_ms)};
    TRY(db_write(room->shelf.db, begin_work, &making));
    budget_news_tell(&making.news);
    if (making.refusal != ERR_MAX_)
        return refused(&making);
    TRY(making.is_found ? again(&making) : carry_out(&making));
    TRY(links_make(&making));
    *ret = making.art;
    return NULL;
}
