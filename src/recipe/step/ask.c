/* Asking a vendor for a picture: lending it ours, and looking at what comes back. */
#include <math.h>

#include "image/lock.h"
#include "recipe/step/step_priv.h"

enum {
    QUALITY = 96,
    PNG_PIXELS_MAX = 1600 * 1600 /* larger ones would be slow to send */
};

void lent_done(Lent *lent)
{
    buf_done(&lent->bytes);
}

Err *lent_make(const Image *image, int side_most_px, Lent *ret)
{
    AUTO(image_free) Image *smaller = NULL;
    AUTO(lent_done) Lent lent = {.bytes = BUF((size_t)VENDOR_PICTURE_BYTES_MOST)};
    double scale = (double)side_most_px / MAX(image_width(image), image_height(image));

    if (scale < 1)
        TRY(image_resize(
            image, MAX((int)lround(image_width(image) * scale), 1),
            MAX((int)lround(image_height(image) * scale), 1), IMAGE_LANCZOS3, &smaller));
    else
        smaller = image_ref(image);

    int width = image_width(smaller), height = image_height(smaller);
    bool is_png = image_has_alpha(smaller) || (int64_t)width * height <= PNG_PIXELS_MAX;
    TRY(image_encode(
        smaller,
        &(ImageEncoding){
            .format = is_png ? IMAGE_PNG : IMAGE_JPEG, .quality = QUALITY, .effort = 3},
        &lent.bytes));
    lent.picture = (VendorPicture){
        .bytes = lent.bytes.bytes,
        .size = lent.bytes.size,
        .type = is_png ? "image/png" : "image/jpeg",
        .width_px = width,
        .height_px = height,
    };
    *ret = lent;
    lent = (Lent){0};
    return NULL;
}

static void bill_add(Shot *shot, const StepRun *run, const VendorAnswer *answer)
{
    Value *bill = value_object();

    if (!shot->bills)
        shot->bills = value_list();
    value_set(bill, "step", value_of_text(run->name));
    value_set(bill, "vendor", value_of_text(answer->vendor));
    value_set(bill, "model", value_of_text(answer->model));
    value_set(bill, "cost_micro_usd", value_of_int(answer->cost_micro_usd));
    value_set(bill, "is_cost_known", value_of_bool(answer->is_cost_known));
    value_set(bill, "took_ms", value_of_int(answer->took_ms));
    value_add(shot->bills, bill);
}

static void answer_note(Shot *shot, const StepRun *run, const VendorAnswer *answer)
{
    shot_note(shot, run->name, "provider", value_of_text(answer->vendor));
    shot_note(shot, run->name, "model", value_of_text(answer->model));
    if (answer->instead_of)
        shot_note(shot, run->name, "instead_of", value_of_text(answer->instead_of));
    if (!answer->is_cost_known)
        shot_note(shot, run->name, "cost_unknown", value_of_bool(true));
}

/* A vendor's picture is as good as a stranger's: the same limits hold for it. Of one with a few pixels nothing could be told. */
static MUST Err *
answer_decode(const StepRun *run, const VendorAsk *ask, const VendorAnswer *answer, Image **ret)
{
    static const int least_share = 3;
    const VendorPicture *picture = &answer->pictures[0];
    AUTO(image_decoded_done) ImageDecoded decoded = {0};

    TRY(image_decode(picture->bytes, picture->size, &image_limits_default, run->cancel, &decoded));
    if (ask->image_count > 0 && image_width(decoded.image) * least_share < ask->images[0].width_px)
        return ask_refuse("it has far fewer pixels than the picture that was sent");
    *ret = TAKE(decoded.image);
    return NULL;
}

Err *ask_picture(const StepRun *run, const VendorAsk *wish, Shot *shot, Image **ret)
{
    AUTO(arena_free) Arena *mem = arena_new();
    VendorAsk ask = *wish;
    VendorAnswer answer;

    ask.tenant_id = run->tenant_id;
    ask.key = run->key;
    ask.cancel = run->cancel;
    TRY(vendors_ask(run->vendors, &ask, mem, &answer));
    bill_add(shot, run, &answer);
    TRY(answer_decode(run, &ask, &answer, ret));
    answer_note(shot, run, &answer);
    return NULL;
}

Err *ask_refuse(const char *what)
{
    return err_public(
        err_new(ERR_REJECTED, "the vendor's picture was not taken: %s", what),
        "What it gave back was not taken: %s.", what);
}

Err *ask_shape_check(const Image *given, const Image *asked)
{
    double was = (double)image_width(asked) / image_height(asked);
    double is = (double)image_width(given) / image_height(given);

    return fabs(is / was - 1) < 0.02
               ? NULL
               : ask_refuse("it has another shape than the picture that was sent");
}

Err *ask_compare(const StepRun *run, const Image *original, const Image *drawn, LockReport *ret)
{
    AUTO(image_free) Image *free = NULL;
    AUTO(image_free) Image *locked = NULL;

    /* What is transparent may look as it likes. */
    if (image_has_alpha(original))
        TRY(image_lock_mask(original, 0, &free));
    else
        TRY(image_new(image_width(original), image_height(original), 1, DEPTH_8, &free));
    return image_lock(original, drawn, free, run->threads, &locked, ret);
}
