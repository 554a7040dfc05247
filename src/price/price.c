/* What work costs: rows, bundles, batches, volume. */
#include "price/price.h"

static const struct PriceRow {
    int64_t credits;
    const char *name, *words;
} rows[] = {
#define PRICE(name, word, credits, words) [PRICE_##name] = {credits, #word, words},
#include "tbl/prices.def"
#undef PRICE
};

/* Chapter 4.2. */
const PriceVolume price_volumes[PRICE_VOLUMES] = {{5001, 15}, {2001, 10}, {501, 5}, {0, 0}};

int64_t price_credits(Price price)
{
    return rows[price].credits;
}

const char *price_name(Price price)
{
    return rows[price].name;
}

const char *price_words(Price price)
{
    return rows[price].words;
}

int price_volume_percent(int64_t used)
{
    const PriceVolume *volume = price_volumes;

    while (used < volume->from)
        volume++;
    return volume->percent;
}

/* What PERCENT takes off CREDITS when the rest is rounded up. */
static int64_t share_off(int64_t credits, int percent)
{
    return credits * percent / 100;
}

static void line_add(PriceBill *bill, Price price, int64_t count)
{
    bill->lines[bill->count++] = (PriceLine){price, count};
    bill->listed += count * rows[price].credits;
}

static PriceBill bill_end(PriceBill bill, int64_t used)
{
    bill.volume = share_off(bill.listed - bill.bundle, price_volume_percent(used));
    bill.credits = bill.listed - bill.bundle - bill.volume;
    return bill;
}

PriceBill price_of_work(const PriceWork *work)
{
    const int64_t looks = work->looks ? work->looks : 1;
    PriceBill bill = {0};

    if (work->is_preview || work->photos == 0)
        return bill;
    if (work->photos >= PRICE_BATCH_LEAST) {
        line_add(&bill, PRICE_BATCH, looks);
        line_add(&bill, PRICE_BATCH_PHOTO, looks * work->photos);
        return bill_end(bill, work->used);
    }
    if (work->is_template) {
        line_add(&bill, PRICE_TEMPLATE, looks);
        return bill_end(bill, work->used);
    }
    for (int i = 0; i < work->count; i++)
        line_add(&bill, work->steps[i], 1);
    if (work->count >= PRICE_BUNDLE_LEAST)
        bill.bundle = share_off(bill.listed, PRICE_BUNDLE_PERCENT);
    return bill_end(bill, work->used);
}

PriceBill price_of_upload(int64_t photos, int64_t used)
{
    PriceBill bill = {0};

    if (photos > 0)
        line_add(&bill, PRICE_UPLOAD, photos);
    return bill_end(bill, used);
}

PriceBill price_of_export(const PriceExport *wish)
{
    PriceBill bill = {0};

    if (wish->platforms >= PRICE_PLATFORMS_LEAST)
        line_add(&bill, PRICE_EXPORT_PLATFORMS, 1);
    else if (wish->formats > 1)
        line_add(&bill, PRICE_EXPORT_FORMATS, 1);
    else if (wish->is_zip)
        line_add(&bill, PRICE_EXPORT_ZIP, 1);
    return bill_end(bill, wish->used);
}
