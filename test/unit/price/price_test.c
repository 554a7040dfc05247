/* Prices against every table and worked example of the specification's chapters 2 and 4. */
#include "price/tier.h"
#include "test.h"

static int64_t of_steps(const Price *steps, int count, int64_t used)
{
    return price_of_work(&(PriceWork){.steps = steps, .count = count, .photos = 1, .used = used})
        .credits;
}

static int64_t of_batch(int64_t photos)
{
    static const Price steps[] = {PRICE_CUTOUT, PRICE_BACKDROP_AI_COMPLEX, PRICE_LIGHT_PRESET};

    return price_of_work(&(PriceWork){.steps = steps, .count = 3, .photos = photos}).credits;
}

TEST(every_price_of_the_table_is_charged)
{
    static const struct {
        Price price;
        int credits;
    } table[] = {
        {PRICE_UPLOAD, 2},
        {PRICE_CUTOUT, 5},
        {PRICE_BACKDROP_SOLID, 10},
        {PRICE_BACKDROP_GRADIENT, 10},
        {PRICE_BACKDROP_TEMPLATE, 12},
        {PRICE_BACKDROP_AI_SIMPLE, 15},
        {PRICE_BACKDROP_AI_COMPLEX, 25},
        {PRICE_LIGHT_AUTO, 8},
        {PRICE_LIGHT_PRESET, 10},
        {PRICE_LIGHT_MANUAL, 10},
        {PRICE_SHADOW_NATURAL, 8},
        {PRICE_SHADOW_DROP, 8},
        {PRICE_SHADOW_REFLECTION, 10},
        {PRICE_UPSCALE, 20},
    };

    for (size_t i = 0; i < COUNT(table); i++)
        CHECK_INT(of_steps(&table[i].price, 1, 0), table[i].credits);
}

TEST(three_paid_steps_are_a_bundle_rounded_up)
{
    static const Price standard[] = {PRICE_CUTOUT, PRICE_BACKDROP_SOLID, PRICE_SHADOW_DROP};
    static const Price professional[] = {
        PRICE_CUTOUT, PRICE_BACKDROP_AI_SIMPLE, PRICE_LIGHT_PRESET, PRICE_SHADOW_NATURAL};
    static const Price premium[] = {
        PRICE_CUTOUT, PRICE_BACKDROP_AI_COMPLEX, PRICE_LIGHT_PRESET, PRICE_SHADOW_NATURAL};

    CHECK_INT(of_steps(standard, 3, 0), 21);
    CHECK_INT(of_steps(professional, 4, 0), 35);
    CHECK_INT(of_steps(premium, 4, 0), 44);
    CHECK_INT(of_steps(standard, 2, 0), 15);
}

TEST(a_template_is_one_flat_price)
{
    CHECK_INT(price_of_work(&(PriceWork){.is_template = true, .photos = 1}).credits, 15);
}

/* 2.2.5 and 4.2. A batch of one is no batch: the table has it at the single price. */
TEST(a_batch_costs_ten_and_five_a_photo)
{
    CHECK_INT(of_batch(5), 35);
    CHECK_INT(of_batch(10), 60);
    CHECK_INT(of_batch(20), 110);
    CHECK_INT(of_batch(50), 260);
    CHECK_INT(of_batch(100), 510);
    CHECK_INT(of_batch(1), 36);
}

TEST(of_exports_the_dearest_that_applies_counts)
{
    CHECK_INT(price_of_export(&(PriceExport){.formats = 1}).credits, 0);
    CHECK_INT(price_of_export(&(PriceExport){.is_zip = true, .formats = 1}).credits, 5);
    CHECK_INT(price_of_export(&(PriceExport){.is_zip = true, .formats = 3}).credits, 10);
    CHECK_INT(
        price_of_export(&(PriceExport){.is_zip = true, .formats = 2, .platforms = 3}).credits, 15);
    CHECK_INT(
        price_of_export(&(PriceExport){.is_zip = true, .formats = 1, .platforms = 2}).credits, 5);
}

TEST(volume_takes_its_share_from_the_next_credit_on)
{
    static const struct {
        int64_t used;
        int percent;
    } table[] = {{0, 0},     {500, 0},   {501, 5},   {2000, 5},
                 {2001, 10}, {5000, 10}, {5001, 15}, {1000000, 15}};

    for (size_t i = 0; i < COUNT(table); i++)
        CHECK_INT(price_volume_percent(table[i].used), table[i].percent);
}

/* The bundle first, then the volume, each rounded up by itself: 48 -> 44 -> 41.8. */
TEST(discounts_follow_one_another)
{
    static const Price premium[] = {
        PRICE_CUTOUT, PRICE_BACKDROP_AI_COMPLEX, PRICE_LIGHT_PRESET, PRICE_SHADOW_NATURAL};
    PriceBill bill =
        price_of_work(&(PriceWork){.steps = premium, .count = 4, .photos = 1, .used = 501});

    CHECK_INT(bill.listed, 48);
    CHECK_INT(bill.bundle, 4);
    CHECK_INT(bill.volume, 2);
    CHECK_INT(bill.credits, 42);
}

TEST(a_preview_costs_nothing)
{
    static const Price steps[] = {PRICE_CUTOUT};

    CHECK_INT(
        price_of_work(&(PriceWork){.steps = steps, .count = 1, .photos = 1, .is_preview = true})
            .credits,
        0);
}

/* 4.3, with its batches. Its single photo says 25 for 2 + 5 + 10 + 8: that adds the steps up and leaves out the bundle of 4.2, which
 * counts: 2 + 21. */
TEST(the_cost_analysis_comes_out)
{
    static const Price standard[] = {PRICE_CUTOUT, PRICE_BACKDROP_SOLID, PRICE_SHADOW_DROP};

    CHECK_INT(price_of_upload(1, 0).credits + of_steps(standard, 3, 0), 23);
    CHECK_INT(
        price_of_upload(10, 0).credits + of_batch(10) +
            price_of_export(&(PriceExport){.is_zip = true}).credits,
        85);
    CHECK_INT(
        price_of_upload(50, 0).credits + of_batch(50) +
            price_of_export(&(PriceExport){.is_zip = true, .formats = 2}).credits,
        370);
    CHECK_INT(
        price_of_upload(100, 0).credits + of_batch(100) +
            price_of_export(&(PriceExport){.is_zip = true, .platforms = 3}).credits,
        725);
}

/* 4.4. The examples list prices without the volume discount of 4.2; listed is what they add up. */
TEST(the_monthly_examples_come_out_as_listed)
{
    int64_t zip = price_credits(PRICE_EXPORT_ZIP);

    CHECK_INT(price_of_upload(200, 0).listed + 4 * of_batch(50) + 4 * zip, 1460);
    CHECK_INT(
        price_of_upload(500, 0).listed + 5 * of_batch(100) +
            5 * price_credits(PRICE_EXPORT_FORMATS),
        3600);
    CHECK_INT(price_of_upload(20, 0).listed + 20 * price_credits(PRICE_TEMPLATE) + zip, 345);
    CHECK_INT(price_of_upload(2000, 0).listed + 20 * of_batch(100) + 50 * zip, 14450);
}

/* 2.4, workflow 1: ten photos by the Shopee template, as one batch. */
TEST(the_first_workflow_costs_85)
{
    CHECK_INT(price_of_upload(10, 0).credits, 20);
    CHECK_INT(of_batch(10), 60);
    CHECK_INT(price_of_export(&(PriceExport){.is_zip = true, .formats = 1}).credits, 5);
    CHECK_INT(
        price_of_upload(10, 0).credits + of_batch(10) +
            price_of_export(&(PriceExport){.is_zip = true, .formats = 1}).credits,
        85);
}

/* Workflow 2 says 385 in all. Its own lines are 100, 260 and 15, which is 375; and two formats for one platform are a multi-format ZIP of 10, as
 * 4.3 charges the same work (370): 15 is the price of three platforms or more. The price table counts. */
TEST(the_second_workflow_costs_370)
{
    static const PriceExport zip = {.is_zip = true, .formats = 2, .platforms = 1};

    CHECK_INT(price_of_upload(50, 0).credits, 100);
    CHECK_INT(of_batch(50), 260);
    CHECK_INT(price_of_export(&zip).credits, 10);
    CHECK_INT(price_of_upload(50, 0).credits + of_batch(50) + price_of_export(&zip).credits, 370);
}

/* Workflow 3 goes step by step, so no bundle counts. It says 70 for its own lines of 2, 5, 25, 10 and 8, which are 50, and 20 of the
 * upscaler, which are in the 70; so 90 is 20 too many. */
TEST(the_third_workflow_costs_70)
{
    static const Price steps[] = {
        PRICE_CUTOUT, PRICE_BACKDROP_AI_COMPLEX, PRICE_LIGHT_PRESET, PRICE_SHADOW_NATURAL};
    int64_t credits = price_of_upload(1, 0).credits;

    for (int i = 0; i < (int)COUNT(steps); i++)
        credits += of_steps(&steps[i], 1, 0);
    CHECK_INT(credits, 50);
    credits += price_of_export(&(PriceExport){.formats = 1}).credits;
    credits += of_steps(&(Price){PRICE_UPSCALE}, 1, 0);
    CHECK_INT(credits, 70);
}

/* Workflow 4 says 150 for three lipsticks, without lines. By the table: uploads 6 and one batch 25; photo by photo, as bundles of 40 less 10 %,
 * 108 instead of 25. Its carousel of eight slides is 30. */
TEST(the_fourth_workflow_costs_31_and_a_carousel_of_30)
{
    static const Price steps[] = {
        PRICE_CUTOUT, PRICE_BACKDROP_AI_SIMPLE, PRICE_LIGHT_PRESET, PRICE_SHADOW_REFLECTION};

    CHECK_INT(price_of_upload(3, 0).credits, 6);
    CHECK_INT(of_batch(3), 25);
    CHECK_INT(of_steps(steps, 4, 0), 36);
    CHECK_INT(of_steps(&(Price){PRICE_CAROUSEL}, 1, 0), 30);
}

/* 4.2 compares a batch with single photos at 35: the Professional bundle. */
TEST(a_batch_saves_what_the_table_says)
{
    static const Price professional[] = {
        PRICE_CUTOUT, PRICE_BACKDROP_AI_SIMPLE, PRICE_LIGHT_PRESET, PRICE_SHADOW_NATURAL};
    static const int64_t table[][2] = {{5, 140}, {10, 290}, {20, 590}, {50, 1490}, {100, 2990}};
    int64_t one = of_steps(professional, 4, 0);

    CHECK_INT(one, 35);
    for (size_t i = 0; i < COUNT(table); i++)
        CHECK_INT(table[i][0] * one - of_batch(table[i][0]), table[i][1]);
}

/* A credit is Rp 100 to who pays as he goes; 4.3 in rupiah. */
TEST(the_cost_analysis_comes_out_in_rupiah)
{
    const int64_t rupiah = tiers[TIER_STANDARD].rupiah_a_credit;

    CHECK_INT(85 * rupiah, 8500);
    CHECK_INT(370 * rupiah, 37000);
    CHECK_INT(725 * rupiah, 72500);
    CHECK_INT(370 * rupiah / 50, 740);
    CHECK_INT(725 * rupiah / 100, 725);
}

TEST(several_looks_cost_what_they_would_one_after_another)
{
    const PriceWork one = {.is_template = true, .photos = 1, .looks = 4};
    const PriceWork many = {.is_template = true, .photos = 10, .looks = 3};

    CHECK_INT(price_of_work(&one).credits, 4 * 15);
    CHECK_INT(price_of_work(&many).credits, 3 * of_batch(10));
}
