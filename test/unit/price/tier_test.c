/* Plans against every cell of table 2.3, the turns of chapter 3.6 and the sums of chapter 4. */
#include <limits.h>
#include <string.h>

#include "price/tier.h"
#include "test.h"

typedef struct Cell {
    Price price;
    bool had[TIER_MAX_];
} Cell;

/* Columns: Free, Standard, Professional, Premium. */
static const Cell cells[] = {
    {PRICE_UPLOAD, {true, true, true, true}},
    {PRICE_CUTOUT, {true, true, true, true}},
    {PRICE_TEMPLATE, {true, true, true, true}},
    {PRICE_SHADOW_DROP, {true, true, true, true}},
    {PRICE_BACKDROP_SOLID, {false, true, true, true}},
    {PRICE_BACKDROP_GRADIENT, {false, true, true, true}},
    {PRICE_BACKDROP_TEMPLATE, {false, true, true, true}},
    {PRICE_LIGHT_AUTO, {false, true, true, true}},
    {PRICE_SHADOW_NATURAL, {false, true, true, true}},
    {PRICE_BATCH, {false, true, true, true}},
    {PRICE_BATCH_PHOTO, {false, true, true, true}},
    {PRICE_EXPORT_ZIP, {false, true, true, true}},
    {PRICE_BACKDROP_AI_SIMPLE, {false, false, true, true}},
    {PRICE_LIGHT_PRESET, {false, false, true, true}},
    {PRICE_LIGHT_MANUAL, {false, false, true, true}},
    {PRICE_SHADOW_REFLECTION, {false, false, true, true}},
    {PRICE_EXPORT_FORMATS, {false, false, true, true}},
    {PRICE_EXPORT_PLATFORMS, {false, false, true, true}},
    {PRICE_CAROUSEL, {false, false, true, true}},
    {PRICE_BACKDROP_AI_COMPLEX, {false, false, false, true}},
    {PRICE_UPSCALE, {false, false, false, true}},
};

static void check_forbidden(Err *err_owned, const char *text)
{
    AUTO(err_free) Err *err = err_owned;

    CHECK(err);
    CHECK_INT(err_code(err), ERR_FORBIDDEN);
    if (text)
        CHECK_TEXT(err_text(err), text);
}

TEST(every_price_begins_with_its_plan)
{
    CHECK_INT(COUNT(cells), PRICE_MAX_);
    for (size_t i = 0; i < COUNT(cells); i++)
        for (TierId tier = TIER_FREE; tier < TIER_MAX_; tier++) {
            AUTO(err_free) Err *err = tier_check_price(tier, cells[i].price);

            CHECK_INT(tier_has_price(tier, cells[i].price), cells[i].had[tier]);
            CHECK_INT(err == NULL, cells[i].had[tier]);
            if (err)
                CHECK_INT(err_code(err), ERR_FORBIDDEN);
        }
}

TEST(a_refusal_names_the_plan_that_has_it)
{
    check_forbidden(
        tier_check_price(TIER_FREE, PRICE_BACKDROP_AI_SIMPLE),
        "AI backgrounds begin with the Professional plan.");
    check_forbidden(
        tier_check_price(TIER_PROFESSIONAL, PRICE_UPSCALE),
        "Upscaling begins with the Premium plan.");
    check_forbidden(
        tier_check_price(TIER_FREE, PRICE_SHADOW_NATURAL),
        "Natural shadows begin with the Standard plan.");
    check_forbidden(tier_check_batch(TIER_FREE, 2), "Batches begin with the Standard plan.");
    check_forbidden(
        tier_check_batch(TIER_STANDARD, 21),
        "Your plan takes 20 photos in a batch. Up to 50 begin with the Professional plan.");
    check_forbidden(
        tier_check_batch(TIER_STANDARD, 51),
        "Your plan takes 20 photos in a batch. Up to 100 begin with the Premium plan.");
    check_forbidden(
        tier_check_batch(TIER_PREMIUM, 101), "There may be 100 photos in a batch at most.");
    check_forbidden(
        tier_check_platforms(TIER_FREE, 1), "Exports for a platform begin with the Standard plan.");
    check_forbidden(
        tier_check_platforms(TIER_STANDARD, 2),
        "Your plan takes 1 platform in one export. Up to 3 begin with the Professional plan.");
    check_forbidden(
        tier_check_platforms(TIER_PROFESSIONAL, 4),
        "Your plan takes 3 platforms in one export. More begin with the Premium plan.");
    check_forbidden(
        tier_check_format(TIER_FREE, "jpeg"), "JPEG files begin with the Standard plan.");
    check_forbidden(
        tier_check_format(TIER_FREE, "jpg"), "JPEG files begin with the Standard plan.");
    check_forbidden(
        tier_check_template(TIER_STANDARD, 30, false),
        "This template begins with the Professional plan.");
    check_forbidden(
        tier_check_own_template(TIER_PROFESSIONAL),
        "Templates of your own begin with the Premium plan.");
    check_forbidden(
        tier_check_transfer(TIER_STANDARD),
        "Sending pictures to other apps begins with the Professional plan.");
    check_forbidden(
        tier_check_api(TIER_PROFESSIONAL), "Access by API keys begins with the Premium plan.");
}

TEST(every_price_that_not_all_have_has_a_sentence)
{
    for (Price price = 0; price < PRICE_MAX_; price++) {
        AUTO(err_free) Err *err = tier_check_price(TIER_FREE, price);

        if (err)
            CHECK(strstr(err_text(err), " with the ") && !strstr(err_text(err), "(null)"));
    }
}

/* What a plan has is had; one more is not, and nor is it by the plan below. */
TEST(batches_formats_and_platforms_are_as_many_as_the_table_has)
{
    static const int batches[] = {0, 20, 50, 100}, formats[] = {1, 2, 3, 4},
                     platforms[] = {0, 1, 3, INT_MAX};
    static const char *const names[] = {"png", "jpeg", "webp", "avif"};

    for (TierId tier = TIER_FREE; tier < TIER_MAX_; tier++) {
        CHECK_OK(tier_check_batch(tier, 1));
        CHECK_OK(tier_check_platforms(tier, platforms[tier]));
        if (batches[tier])
            CHECK_OK(tier_check_batch(tier, batches[tier]));
        check_forbidden(tier_check_batch(tier, MAX(batches[tier], 1) + 1), NULL);
        if (platforms[tier] < INT_MAX)
            check_forbidden(tier_check_platforms(tier, platforms[tier] + 1), NULL);
        for (int i = 0; i < (int)COUNT(names); i++) {
            AUTO(err_free) Err *err = tier_check_format(tier, names[i]);

            CHECK_INT(err == NULL, i < formats[tier]);
        }
    }
}

TEST(templates_are_counted_from_the_first)
{
    static const int64_t most[] = {10, 30, 1000, 1000};

    for (TierId tier = TIER_FREE; tier < TIER_MAX_; tier++) {
        CHECK_OK(tier_check_template(tier, 0, false));
        CHECK_OK(tier_check_template(tier, most[tier] - 1, false));
        if (tier < TIER_PROFESSIONAL) {
            check_forbidden(tier_check_template(tier, most[tier], false), NULL);
            check_forbidden(tier_check_template(tier, 0, true), NULL);
        } else
            CHECK_OK(tier_check_template(tier, 0, true));
    }
    CHECK_OK(tier_check_own_template(TIER_PREMIUM));
}

TEST(the_other_cells_of_the_table)
{
    static const int64_t pixels[] = {1024, 4096, 4096, 4096}, credits[] = {50, 0, 500, 2000},
                         rupiah[] = {200, 100, 80, 60}, month[] = {0, 0, 40000, 120000};
    static const TierMark marks[] = {MARK_OURS, MARK_NONE, MARK_NONE, MARK_OWN};
    static const bool transfer[] = {false, false, true, true};

    for (TierId tier = TIER_FREE; tier < TIER_MAX_; tier++) {
        CHECK_INT(tiers[tier].cutout_most_px, pixels[tier]);
        CHECK_INT(tiers[tier].credits_a_month, credits[tier]);
        CHECK_INT(tiers[tier].rupiah_a_credit, rupiah[tier]);
        CHECK_INT(tiers[tier].rupiah_a_month, month[tier]);
        CHECK_INT(tiers[tier].mark, marks[tier]);
        CHECK_INT(tiers[tier].has_transfer, transfer[tier]);
        CHECK_INT(tiers[tier].has_api, tier == TIER_PREMIUM);
        CHECK_INT(tiers[tier].is_upscale_included, tier == TIER_PREMIUM);
        CHECK_INT(tier_find(tier_names[tier]), tier);
    }
    CHECK_OK(tier_check_transfer(TIER_PROFESSIONAL));
    CHECK_OK(tier_check_handover(TIER_STANDARD));
    CHECK(!tiers[TIER_FREE].has_handover);
    CHECK_OK(tier_check_api(TIER_PREMIUM));
    CHECK_INT(tier_find("gold"), TIER_MAX_);
}

/* 3.6: 1 critical, 2 high, 3 normal, 4 low. Of "less than ten" and "more than ten", ten itself is taken as small. */
TEST(large_batches_wait_behind_small_ones_unless_the_plan_is_premium)
{
    static const int64_t photos[] = {1, 2, 10, 11, 100};
    static const int priority[][TIER_MAX_] = {
        {4, 3, 2, 1}, {4, 3, 3, 1}, {4, 3, 3, 1}, {4, 4, 4, 1}, {4, 4, 4, 1}};

    for (size_t i = 0; i < COUNT(photos); i++)
        for (TierId tier = TIER_FREE; tier < TIER_MAX_; tier++)
            CHECK_INT(tier_priority(tier, photos[i]), priority[i][tier]);
}

/* 4.1: 500 credits at Rp 80 are Rp 40,000, 2,000 at Rp 60 are Rp 120,000: the monthly price is the price of the credits in it. The examples of
 * 4.4 multiply all credits by the rate, and then (1, 2 and the premium line of 4) add the monthly price once more, though it has paid
 * for some of them: 156,800, 328,000, 336,000 and 987,000. Only their products are in the table; so by the table Professional is the
 * cheapest in example 1 and Premium in 2, where they say PAYG and Professional. */
TEST(a_month_costs_its_plan_and_what_goes_beyond)
{
    static const struct {
        int64_t credits, standard, professional, premium;
        TierId cheapest;
    } months[] = {
        {1460, 146000, 116800, 120000, TIER_PROFESSIONAL},
        {3600, 360000, 288000, 216000, TIER_PREMIUM},
        {14450, 1445000, 1156000, 867000, TIER_PREMIUM},
    };

    CHECK_INT(tier_month_rupiah(TIER_PROFESSIONAL, 500), 40000);
    CHECK_INT(tier_month_rupiah(TIER_PREMIUM, 2000), 120000);
    CHECK_INT(tier_month_rupiah(TIER_PREMIUM, 0), 120000);
    CHECK_INT(tier_month_rupiah(TIER_FREE, 50), 0);
    for (size_t i = 0; i < COUNT(months); i++) {
        TierId cheapest = TIER_STANDARD;

        CHECK_INT(tier_month_rupiah(TIER_STANDARD, months[i].credits), months[i].standard);
        CHECK_INT(tier_month_rupiah(TIER_PROFESSIONAL, months[i].credits), months[i].professional);
        CHECK_INT(tier_month_rupiah(TIER_PREMIUM, months[i].credits), months[i].premium);
        for (TierId tier = TIER_STANDARD; tier < TIER_MAX_; tier++)
            if (tier_month_rupiah(tier, months[i].credits) <
                tier_month_rupiah(cheapest, months[i].credits))
                cheapest = tier;
        CHECK_INT(cheapest, months[i].cheapest);
    }
}

/* Example 3 takes 50 credits from Free and buys 295 at the Standard plan's Rp 100: Rp 29,500. One tenant has one plan, and Free's credit costs
 * Rp 200; so the table says Rp 34,500 with Standard, which is still the cheapest, as the example says of paying as you go. */
TEST(a_casual_seller_pays_as_it_goes)
{
    CHECK_INT(tier_month_rupiah(TIER_FREE, 345), 59000);
    CHECK_INT(tier_month_rupiah(TIER_STANDARD, 345), 34500);
    CHECK_INT(tier_month_rupiah(TIER_PROFESSIONAL, 345), 40000);
    CHECK_INT(295 * tiers[TIER_STANDARD].rupiah_a_credit, 29500);
}
