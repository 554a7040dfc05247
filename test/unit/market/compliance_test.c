/* Promises of src/market: pictures with one fault each, and what was found by hand to be wrong with them. */
#include <math.h>

#include "drawn_market.h"

static const char today[] = "2026-11-21";

/* A file's facts beside its pixels, as they would be read. */
typedef struct Sample {
    Drawing drawing;
    ImageFormat format;
    int64_t bytes;
    const char *profile, *source_type, *path;
    bool was_cmyk;
    int frames;
} Sample;

typedef struct Case {
    const char *what, *platform;
    Sample sample;
    const char *fails,
        *warns; /* rules, each with a blank before and behind it; all others are kept or unknown */
    const char *day;
    Slot slot; /* SLOT_ANY is SLOT_MAIN */
} Case;

static const ImageFacts plain_facts = {.format = IMAGE_JPEG, .channels = 3, .bits = 8, .frames = 1};

static void sample_measure(const Sample *sample, Facts *ret)
{
    AUTO(image_free) Image *image = NULL;
    AUTO(market_subject_done) Subject subject = {0};
    ImageFacts facts = plain_facts;

    drawn_picture(&sample->drawing, &image);
    facts.format = sample->format;
    facts.was_cmyk = sample->was_cmyk;
    facts.channels = sample->was_cmyk ? 4 : image_channels(image);
    facts.frames = MAX(sample->frames, 1);
    snprintf(facts.profile, sizeof(facts.profile), "%s", sample->profile ? sample->profile : "");
    CHECK_OK(market_find_subject(image, NULL, &subject));
    CHECK_OK(market_measure(
        &(MarketPicture){
            .path = sample->path ? sample->path : "shoe.jpg",
            .bytes = sample->bytes ? sample->bytes : 300000,
            .facts = &facts,
            .source_type = sample->source_type,
            .image = image,
            .subject = &subject,
        },
        ret));
}

static bool is_listed(const char *list, const char *rule, Arena *mem)
{
    return list && strstr(list, arena_print(mem, " %s ", rule));
}

/* How many rules are judged otherwise than by hand; each is told. */
static int case_check(const Case *row)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(value_free) Value *json = NULL;
    Platform platform;
    Facts facts;
    Findings findings;
    int wrong = 0;

    CHECK_OK(market_find_platform(row->platform, NULL, mem, &json, &platform));
    sample_measure(&row->sample, &facts);
    market_judge(
        &platform, &facts,
        &(Listing){row->day ? row->day : today, row->slot ? row->slot : SLOT_MAIN}, mem, &findings);
    for (size_t i = 0; i < findings.count; i++) {
        const Finding *found = &findings.items[i];
        Verdict want = is_listed(row->fails, found->rule->rule, mem)   ? VERDICT_FAIL
                       : is_listed(row->warns, found->rule->rule, mem) ? VERDICT_WARN
                                                                       : VERDICT_PASS;

        if (found->verdict == want || (found->verdict == VERDICT_UNKNOWN && want == VERDICT_PASS))
            continue;
        wrong++;
        printf(
            "# %s, %s, '%s': %s, expected %s (measured %s, limit %s)\n", row->what, row->platform,
            found->rule->rule, market_verdict_names[found->verdict], market_verdict_names[want],
            found->measured, found->limit);
    }
    return wrong;
}

#define WHITE_RULES " white-border white-corners "

static const Case cases[] = {
    {"a small product on grey", "lazada", {{1600, 1600, 236, 40}}, .slot = SLOT_SECOND},
    {"the same, too small",
     "lazada",
     {{300, 300, 236, 40}},
     " size-accepted ",
     " size-good ",
     .slot = SLOT_SECOND},
    {"a small product on grey", "amazon", {{1000, 1000, 236, 40}}, .slot = SLOT_SECOND},
    {"a watermark behind the main picture",
     "shopee",
     {{1600, 1200, 255, 60, DRAWN_WATERMARK}},
     NULL,
     " no-watermark ",
     .slot = SLOT_SECOND},
    {"fine", "amazon", {{1000, 1000, 255, 90}}},
    {"fine, wide", "amazon", {{1000, 600, 255, 90}}},
    {"fine with a shadow", "amazon", {{1000, 1000, 255, 88, DRAWN_SHADOW}}},
    {"fine with writing on the product", "amazon", {{1000, 1000, 255, 90, DRAWN_TEXT_ON_ITEM}}},
    {"white that is 254", "amazon", {{1000, 1000, 254, 90}}, WHITE_RULES, " white-background "},
    {"light grey", "amazon", {{1000, 1000, 236, 90}}, WHITE_RULES, " white-background "},
    {"one grey corner", "amazon", {{1000, 1000, 255, 90, DRAWN_CORNER}}, WHITE_RULES},
    {"darkening",
     "amazon",
     {{1000, 1000, 255, 90, DRAWN_FADED}},
     WHITE_RULES,
     " white-background "},
    {"85 %", "amazon", {{1000, 1000, 255, 85}}},
    {"60 %", "amazon", {{1000, 1000, 255, 60}}, " fill "},
    {"80 %", "amazon", {{1000, 1000, 255, 80}}, " fill "},
    {"400 px", "amazon", {{400, 400, 255, 90}}, " size-accepted ", " size-zoom "},
    {"800 px", "amazon", {{800, 800, 255, 90}}, NULL, " size-zoom "},
    {"writing beside it", "amazon", {{1000, 1000, 255, 80, DRAWN_TEXT}}, NULL, " no-text "},
    {"watermark", "amazon", {{1000, 1000, 255, 88, DRAWN_WATERMARK}}, NULL, " no-watermark "},
    {"a line around it", "amazon", {{1000, 1000, 255, 88, DRAWN_FRAME}}, NULL, " no-frame "},
    {"webp", "amazon", {{1000, 1000, 255, 90}, IMAGE_WEBP}, " format "},
    {"tiff", "amazon", {{1000, 1000, 255, 90}, IMAGE_TIFF}},
    {"cmyk", "amazon", {{1000, 1000, 255, 90}, .was_cmyk = true}, NULL, " colours "},
    {"Adobe RGB",
     "amazon",
     {{1000, 1000, 255, 90}, .profile = "Adobe RGB (1998)"},
     NULL,
     " colours "},
    {"sRGB profile", "amazon", {{1000, 1000, 255, 90}, .profile = "sRGB IEC61966-2.1"}},
    {"heavy", "amazon", {{1000, 1000, 255, 90}, .bytes = 10500000}, " bytes "},
    {"moving", "amazon", {{1000, 1000, 255, 90}, .frames = 12}, " still "},
    {"cut off", "amazon", {{1000, 1000, 255, 95, DRAWN_CUT}}, " fill ", " product-whole "},
    {"two, side by side", "amazon", {{1000, 1000, 255, 88, DRAWN_TWO}}},
    {"see-through",
     "amazon",
     {{1000, 1000, 255, 90, DRAWN_OPEN}, IMAGE_PNG},
     WHITE_RULES,
     " white-background no-transparency "},
    {"a rendered room",
     "amazon",
     {{1000, 1000, 255, 90}, .source_type = "compositeSynthetic"},
     NULL,
     " real-photo "},
    {"on plain white, said so",
     "amazon",
     {{1000, 1000, 255, 90}, .source_type = "compositeCapture"}},
    {"450 px", "google", {{450, 450, 255, 80}}, NULL, " size-500 size-good "},
    {"450 px, later", "google", {{450, 450, 255, 80}}, " size-500 ", " size-good ", "2027-01-31"},
    {"450 px, the day before",
     "google",
     {{450, 450, 255, 80}},
     NULL,
     " size-500 size-good ",
     "2027-01-30"},
    {"95 %", "google", {{1600, 1600, 255, 95}}, NULL, " fill "},
    {"wrong ending", "google", {{1600, 1600, 200, 80}, IMAGE_PNG}, " ending "},
    {"jpeg ending", "google", {{1600, 1600, 200, 80}, .path = "a/b.JPEG"}},
    {"part of it generated",
     "google",
     {{1600, 1600, 255, 80}, .source_type = "compositeWithTrainedAlgorithmicMedia"},
     " ai-marked "},
    {"generated and marked",
     "google",
     {{1600, 1600, 255, 80}, .source_type = "trainedAlgorithmicMedia"}},
    {"avif", "google", {{1600, 1600, 255, 80}, IMAGE_AVIF, .path = "a.avif"}, " format "},
    {"tall", "instagram", {{1080, 1500, 200, 80}}, " aspect "},
    {"4:5", "instagram", {{1080, 1350, 200, 80}}},
    {"too wide", "instagram", {{2200, 1080, 200, 80}}, " aspect ", " width-most "},
    {"narrow", "instagram", {{300, 300, 200, 80}}, " width-least ", " size-good "},
    {"png", "instagram", {{1080, 1080, 200, 80}, IMAGE_PNG, .path = "a.png"}, " format "},
    {"2.5 MB", "shopee", {{1200, 1200, 255, 85}, .bytes = 2500000}, " bytes "},
    {"grey wall", "shopee", {{1200, 1200, 215, 85}}, NULL, " white-border "},
    {"wide", "shopee", {{1600, 1200, 255, 85}}, NULL, " square "},
    {"two pictures in one",
     "shopee",
     {{1200, 1200, 255, 60, DRAWN_COLLAGE}},
     NULL,
     " no-collage white-border "},
    {"coloured border", "ebay", {{1600, 1600, 255, 70, DRAWN_BORDER}}, NULL, " no-frame "},
    {"textured", "ebay", {{1600, 1600, 255, 70, DRAWN_TEXTURED}}, NULL, " plain "},
    {"dark wall", "tokopedia", {{1000, 1000, 150, 70}}, NULL, " bright "},
    {"20.25 MP", "shopify", {{4500, 4500, 255, 70}}, " megapixels "},
    {"a rendering",
     "etsy",
     {{2000, 2000, 255, 70}, .source_type = "compositeSynthetic"},
     NULL,
     " real-photo "},
    {"grey", "lazada", {{1200, 1200, 240, 85}}, WHITE_RULES, " white-background "},
    {"560 px", "tiktok_shop", {{560, 560, 255, 85}}, " size-accepted ", " size-good "},
};

/* Each fault has code of its own to find it; the other rows differ by numbers. */
static bool case_is_first_of_its_fault(size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (cases[i].sample.drawing.fault == cases[at].sample.drawing.fault)
            return false;
    return true;
}

TEST(compliance_agrees_with_what_was_found_by_hand)
{
    int wrong = 0;

    for (size_t i = 0; i < COUNT(cases); i++)
        if (i % test_rows_every() == 0 || case_is_first_of_its_fault(i))
            wrong += case_check(&cases[i]);
    CHECK_INT(wrong, 0);
    CHECK(COUNT(cases) >= 30);
}

TEST(fill_is_measured_to_a_percent)
{
    for (int fill = 20; fill <= 95; fill += 5 * (int)test_rows_every())
        for (int level = 255; level >= 120; level -= 90) {
            Facts facts;
            Sample sample = {.drawing = {600, 450, level, fill}};

            sample_measure(&sample, &facts);
            CHECK(facts.of[MEASURE_FILL].is_known);
            if (fabs(facts.of[MEASURE_FILL].number - fill) > 1)
                test_fail(
                    __FILE__, __LINE__, "fill of %d %% on %d is measured as %.2f", fill, level,
                    facts.of[MEASURE_FILL].number);
        }
}

TEST(a_product_on_a_textured_background_is_where_the_cut_out_says)
{
    AUTO(image_free) Image *image = NULL, *open = NULL;
    AUTO(market_subject_done) Subject unknown = {0}, told = {0};
    Drawing drawing = {1000, 800, 255, 60, DRAWN_TEXTURED};

    drawn_picture(&drawing, &image);
    CHECK_OK(market_find_subject(image, NULL, &unknown));
    CHECK_INT(unknown.by, SUBJECT_UNKNOWN);
    CHECK(!unknown.map);
    drawing.fault = DRAWN_OPEN;
    drawn_picture(&drawing, &open);
    CHECK_OK(market_find_subject(image, open, &told));
    CHECK_INT(told.by, SUBJECT_BY_CUTOUT);
    CHECK(abs(told.box.height - 480) <= 6);
    CHECK(abs(told.box.width - 240) <= 6);
}

TEST(every_built_in_platform_can_be_read_and_says_where_its_rules_come_from)
{
    AUTO(arena_free) Arena *mem = arena_new();
    size_t count = 0;

    for (const char *const *name = market_platform_names(mem); *name; name++, count++) {
        AUTO(value_free) Value *json = NULL;
        Platform platform;

        CHECK_OK(market_find_platform(*name, NULL, mem, &json, &platform));
        CHECK_TEXT(platform.name, *name);
        CHECK(platform.rules.count > 3);
        for (size_t i = 0; i < platform.rules.count; i++) {
            const Rule *rule = &((const Rule *)platform.rules.items)[i];

            CHECK(strlen(rule->source) > 5);
            CHECK_INT(strlen(rule->checked_on), 10);
            CHECK(rule->say[strlen(rule->say) - 1] == '.');
        }
    }
    CHECK(count >= 10);
}

TEST(measures_are_called_what_rules_call_them)
{
    for (int i = 0; i < MEASURE_MAX_; i++)
        CHECK_TEXT(market_measure_names[i], market_measures[i].name);
    CHECK_TEXT(market_measure_names[MEASURE_MAX_], NULL);
}

TEST(a_platform_that_is_not_known_is_named_with_the_nearest)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(value_free) Value *json = NULL;
    Platform platform;
    AUTO(err_free) Err *err = market_find_platform("amazone", NULL, mem, &json, &platform);

    CHECK_INT(err_code(err), ERR_NOT_FOUND);
    CHECK(strstr(err_text(err), "Did you mean 'amazon'?"));
}
