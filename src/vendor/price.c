/* What vendors cost: by what was used, else by their price lists. */
#include <string.h>

#include "vendor/core_priv.h"

static const double megapixel = 1e6, million = 1e6;

/* "square" or "wide"; a size that is left to the vendor is mostly square. */
static const char *size_class(const VendorAsk *ask)
{
    return ask->width_px == ask->height_px ? "square" : "wide";
}

/* Is MODEL the one called NAME, or a dated state of it: "gpt-image-2-2026-04-21"? */
static bool is_model(const char *name, const char *model)
{
    size_t length = strlen(name);

    return strncmp(model, name, length) == 0 &&
           (model[length] == 0 || strncmp(model + length, "-20", 3) == 0);
}

static bool row_fits(const PriceRow *row, const char *model, const VendorAsk *ask)
{
    const char *quality = ask->quality;

    /* What is left to the vendor may become the dearest. */
    if (!quality || strcmp(quality, "auto") == 0)
        quality = "high";
    return is_model(row->model, model) && (!row->quality || strcmp(row->quality, quality) == 0) &&
           (!row->size || strcmp(row->size, size_class(ask)) == 0);
}

static const PriceRow *
row_find(const Vendor *vendor, const char *model, const VendorAsk *ask, PriceUnit unit)
{
    for (const PriceRow *row = vendor->prices; row && row->model; row++)
        if (row->unit == unit && row_fits(row, model, ask))
            return row;
    return NULL;
}

static double megapixels_of(const VendorAsk *ask)
{
    static const double usual = 1024.0 * 1024;

    return (ask->width_px && ask->height_px ? (double)ask->width_px * (double)ask->height_px
                                            : usual) /
           megapixel;
}

/* Prices by size are those of the sizes the list names; a larger picture is dearer by its area. */
static double area_factor(const PriceRow *row, const VendorAsk *ask)
{
    static const double square = 1024.0 * 1024, wide = 1536.0 * 1024;
    double named = row->size && strcmp(row->size, "wide") == 0 ? wide : square;

    return row->size ? MAX((double)ask->width_px * (double)ask->height_px / named, 1.0) : 1;
}

/* What reading the pictures of ASK costs at most, where they are paid for by the token. */
static double reading_cost(const Vendor *vendor, const char *model, const VendorAsk *ask)
{
    static const double tokens_each = 6240; /* one that is not square, at high fidelity */
    const PriceRow *row = row_find(vendor, model, ask, PRICE_IMAGE_TOKENS_IN);

    return row ? (double)row->micro_usd * tokens_each * (double)ask->image_count / million : 0;
}

bool price_expected(const Vendor *vendor, const char *model, const VendorAsk *ask, VendorQuote *ret)
{
    const PriceRow *row = row_find(vendor, model, ask, PRICE_PICTURE);
    double each = row ? (double)row->micro_usd * area_factor(row, ask) : 0;

    if (!row && (row = row_find(vendor, model, ask, PRICE_MEGAPIXEL)))
        each = (double)row->micro_usd * megapixels_of(ask);
    if (!row && (row = row_find(vendor, model, ask, PRICE_SECOND)))
        each = (double)row->micro_usd * (double)row->usual_ms / 1000;
    *ret = (VendorQuote){.vendor = vendor->name, .model = model};
    if (!row)
        return false;
    ret->cost_micro_usd =
        (int64_t)(each * (double)MAX(ask->count, (int64_t)1) + reading_cost(vendor, model, ask) + 0.5);
    ret->is_cost_known = true;
    ret->price_as_of = row->as_of;
    ret->price_source = row->source;
    return true;
}

/* By tokens: false when the list has no price for a kind that was used. */
static bool
price_of_tokens(const Vendor *vendor, const VendorAsk *ask, const VendorAnswer *answer, double *ret)
{
    const struct {
        PriceUnit unit;
        int64_t tokens;
    } used[] = {
        {PRICE_TEXT_TOKENS_IN, answer->usage.text_tokens_in},
        {PRICE_IMAGE_TOKENS_IN, answer->usage.image_tokens_in},
        {PRICE_TEXT_TOKENS_OUT, answer->usage.text_tokens_out},
        {PRICE_IMAGE_TOKENS_OUT, answer->usage.image_tokens_out},
    };
    double sum = 0;
    bool has_any = false;

    for (size_t i = 0; i < COUNT(used); i++) {
        if (used[i].tokens <= 0)
            continue;
        const PriceRow *row = row_find(vendor, answer->model, ask, used[i].unit);
        if (!row)
            return false;
        sum += (double)row->micro_usd * (double)used[i].tokens / million;
        has_any = true;
    }
    *ret = sum;
    return has_any;
}

static bool
price_of_work(const Vendor *vendor, const VendorAsk *ask, const VendorAnswer *answer, double *ret)
{
    const PriceRow *row = row_find(vendor, answer->model, ask, PRICE_SECOND);

    if (!row || answer->usage.compute_ms <= 0)
        return false;
    *ret = (double)row->micro_usd * (double)answer->usage.compute_ms / 1000;
    return true;
}

/* By what came: pictures, or their megapixels. */
static bool price_of_pictures(
    const Vendor *vendor, const VendorAsk *ask, const VendorAnswer *answer, double *ret)
{
    const PriceRow *row = row_find(vendor, answer->model, ask, PRICE_PICTURE);
    double sum = 0;

    if (row) {
        *ret = (double)row->micro_usd * (double)answer->count;
        return true;
    }
    if (!(row = row_find(vendor, answer->model, ask, PRICE_MEGAPIXEL)))
        return false;
    for (size_t i = 0; i < answer->count; i++)
        sum += (double)row->micro_usd * (double)answer->pictures[i].width_px *
               (double)answer->pictures[i].height_px / megapixel;
    *ret = sum;
    return true;
}

bool price_of_answer(
    const Vendor *vendor, const VendorAsk *ask, const VendorAnswer *answer, int64_t *ret_micro_usd)
{
    double cost = 0;

    if (!price_of_tokens(vendor, ask, answer, &cost) &&
        !price_of_work(vendor, ask, answer, &cost) &&
        !price_of_pictures(vendor, ask, answer, &cost))
        return false;
    *ret_micro_usd = (int64_t)(cost + 0.5);
    return true;
}
