/* Promises of pictures from words: what is asked for comes, is paid for once, and what fails costs nothing; on both databases. */
#include "base/clock.h"
#include "unit/art/easel.h"

#define DAY_MS ((int64_t)24 * 60 * 60 * 1000)

TEST_DB(a_picture_from_words_is_paid_for_and_kept)
{
    Easel easel;
    ArtWish wish;
    Art art;

    easel_open(&easel, db);
    wish = easel_wish(&easel, "a sunny kitchen with marble");
    easel_make(&easel, &wish, &art);
    CHECK_INT(art.count, 1);
    CHECK_INT(art.pictures[0].width_px, 64);
    CHECK_TEXT(art.pictures[0].filetype, "png");
    CHECK_TEXT(art.vendor, "builtin");
    CHECK(art.note != NULL);
    CHECK_INT(art.credits, 1);
    CHECK(art.usage.image_tokens_out > 0);
    CHECK_INT(shop_purse(&easel.shop).held, 0);
    CHECK_INT(easel_spent(&easel), 1);
    CHECK_INT(test_db_number(db, "SELECT COUNT(*) FROM arts WHERE state = 'completed'"), 1);
    CHECK_INT(test_db_number(db, "SELECT COUNT(*) FROM assets"), 1);
    CHECK_INT(test_db_number(db, "SELECT COUNT(*) FROM usage_events"), 1);
    shop_audit(&easel.shop);
    easel_close(&easel);
}

/* ---- by a vendor ---- */

TEST_DB(a_name_of_old_is_served_by_a_model_of_today_and_says_so)
{
    Easel easel;
    Art art;

    easel_open_vendor(&easel, db);
    ArtWish wish = easel_wish_of(&easel, "dall-e-3", "a castle on a cliff at dawn");
    wish.quality = "hd";
    wish.size = "1792x1024";
    easel_make(&easel, &wish, &art);
    CHECK_TEXT(art.model, "dall-e-3");
    CHECK_TEXT(art.vendor, "openai");
    CHECK_TEXT(art.served, "gpt-image-2");
    CHECK_TEXT(art.quality, "high");
    CHECK(strstr(art.note, "gpt-image-2 of openai"));
    CHECK_INT(art.pictures[0].width_px, 1792);
    CHECK_INT(art.usage.image_tokens_out, 4160);
    CHECK(art.cost_micro_usd > 100000);
    CHECK_INT(easel_spent(&easel), art.credits);
    easel_close(&easel);
}

TEST_DB(the_small_sizes_of_old_are_drawn_large_and_shrunk)
{
    Easel easel;
    Art art;

    easel_open_vendor(&easel, db);
    ArtWish wish = easel_wish_of(&easel, "dall-e-2", "a castle");
    wish.size = "256x256";
    wish.count = 2;
    easel_make(&easel, &wish, &art);
    CHECK_INT(art.count, 2);
    CHECK_INT(art.pictures[1].width_px, 256);
    CHECK_INT(art.usage.image_tokens_out, 2 * 272);
    easel_close(&easel);
}

TEST_DB(every_kind_of_file_is_what_it_says)
{
    static const char *const formats[] = {"png", "jpeg", "webp"};
    Easel easel;

    easel_open_vendor(&easel, db);
    for (size_t i = 0; i < COUNT(formats); i++) {
        ArtWish wish = easel_wish_of(&easel, "gpt-image-1", "a castle");
        ImageFacts facts;
        Art art;

        wish.format = formats[i];
        easel_make(&easel, &wish, &art);
        CHECK_OK(image_probe(
            art.pictures[0].bytes, art.pictures[0].size, &image_limits_default, &facts));
        CHECK_TEXT(image_format_name(facts.format), formats[i]);
        CHECK_TEXT(art.pictures[0].filetype, formats[i]);
    }
    easel_close(&easel);
}

static double average_cost(Easel *easel, const char *model)
{
    Art art;
    List rows;

    for (int i = 0; i < 3; i++) {
        ArtWish wish = easel_wish_of(easel, model, "a poster of a mango");
        easel_make(easel, &wish, &art);
    }
    CHECK_OK(art_usage(
        &easel->room, easel->shop.tenant.id, 0, clock_now_ms(), 100, easel->shop.mem, &rows));
    for (size_t i = 0; i < rows.count; i++) {
        const ArtUsage *row = &((const ArtUsage *)rows.items)[i];

        if (strcmp(row->model, model) == 0) {
            CHECK_TEXT(row->user_id, "user_lisa");
            return (double)row->cost_micro_usd / (double)row->pictures;
        }
    }
    test_fail(__FILE__, __LINE__, "%s was not used", model);
}

TEST_DB(dall_e_2_costs_at_most_half_of_gpt_image_for_the_same_words)
{
    Easel easel;

    easel_open_vendor(&easel, db);
    CHECK(average_cost(&easel, "dall-e-2") <= average_cost(&easel, "gpt-image-1") / 2);
    easel_close(&easel);
}

/* The stand-in repaints everything, mask or not. */
TEST_DB(an_edit_leaves_what_the_mask_protects_as_it_was_to_the_bit)
{
    AUTO(image_decoded_done) ImageDecoded before = {0}, after = {0};
    Easel easel;
    Art art;

    easel_open_vendor(&easel, db);
    VendorPicture picture = easel_picture(&easel, 128, false, 1);
    ArtWish wish = easel_wish_of(&easel, "gpt-image-1", "a castle");
    wish.kind = ART_EDIT;
    wish.images = &picture;
    wish.image_count = 1;
    wish.mask = easel_picture(&easel, 128, true, 2);
    easel_make(&easel, &wish, &art);
    CHECK(art.pictures[0].changed > 0.5);

    CHECK_OK(image_decode(picture.bytes, picture.size, &image_limits_default, NULL, &before));
    CHECK_OK(image_decode(
        art.pictures[0].bytes, art.pictures[0].size, &image_limits_default, NULL, &after));
    CHECK_INT(image_width(after.image), 128);
    int protected_changed = 0, free_changed = 0;
    for (int y = 0; y < 128; y++) {
        const unsigned char *a = image_row(before.image, y), *b = image_row(after.image, y);

        for (int x = 0; x < 128; x++) {
            bool is_same = memcmp(a + 3 * x, b + 3 * x, 3) == 0;

            protected_changed += !is_same && !(x > 32 && x < 96);
            free_changed += !is_same && x > 32 && x < 96;
        }
    }
    CHECK_INT(protected_changed, 0);
    CHECK(free_changed > 63 * 128 * 9 / 10);
    easel_close(&easel);
}

TEST_DB(what_fails_costs_nothing_and_is_told_in_words)
{
    static const struct {
        const char *prompt, *want;
    } rows[] = {
        {"fault-moderated", "prompt_refused"}, {"fault-401", "vendor_key_refused"},
        {"fault-quota", "vendor_unpaid"},      {"fault-garbage", "vendor_unsure"},
        {"fault-404", "model_unknown"},
    };
    Easel easel;

    easel_open_vendor(&easel, db);
    for (size_t i = 0; i < COUNT(rows); i++) {
        ArtWish wish = easel_wish_of(&easel, "gpt-image-1", rows[i].prompt);
        const char *got = easel_refused(&easel, &wish);

        if (strncmp(got, rows[i].want, strlen(rows[i].want)) != 0)
            test_fail(__FILE__, __LINE__, "%s gives %s", rows[i].prompt, got);
    }
    CHECK_INT(shop_purse(&easel.shop).held, 0);
    CHECK_INT(easel_spent(&easel), 0);
    CHECK_INT(test_db_number(db, "SELECT COUNT(*) FROM arts WHERE state = 'failed'"), COUNT(rows));
    CHECK_INT(test_db_number(db, "SELECT SUM(reserved_micro_usd) FROM budget_months"), 0);
    CHECK_INT(test_db_number(db, "SELECT SUM(failures) FROM art_totals"), COUNT(rows));
    shop_audit(&easel.shop);
    easel_close(&easel);
}

/* ---- what is refused before anybody is asked ---- */

TEST_DB(a_value_that_is_not_good_is_named)
{
    Easel easel;

    easel_open_vendor(&easel, db);
    VendorPicture picture = easel_picture(&easel, 64, false, 1);
    const ArtWish good = easel_wish_of(&easel, "gpt-image-1", "a castle");
    const ArtWish old = easel_wish_of(&easel, "dall-e-3", "a castle");
    ArtWish edit = good;
    edit.kind = ART_EDIT;
    edit.images = &picture;
    edit.image_count = 1;
    ArtWish clear = good;
    clear.background = "transparent";

#define WITH(base, member, value) \
    __extension__({ \
        ArtWish with_ = (base); \
        with_.member = (value); \
        with_; \
    })
    const struct {
        ArtWish wish;
        const char *want;
    } rows[] = {
        {WITH(good, model, "dall-e-9"), "model_unknown /model"},
        {WITH(good, prompt, " \n"), "input_missing /prompt"},
        {WITH(good, count, 0), "input_invalid /n"},
        {WITH(good, count, 11), "input_invalid /n"},
        {WITH(old, count, 2), "input_invalid /n"},
        {WITH(good, size, "256x256"), "input_invalid /size"},
        {WITH(old, kind, ART_VARIATION), "input_invalid /model"},
        {WITH(good, quality, "splendid"), "input_invalid /quality"},
        {WITH(good, format, "gif"), "input_invalid /format"},
        {WITH(good, compression, 101), "input_invalid /compression"},
        {WITH(good, background, "pink"), "input_invalid /background"},
        {WITH(clear, format, "jpeg"), "input_invalid /background"},
        {WITH(good, moderation, "none"), "input_invalid /moderation"},
        {WITH(good, kind, ART_EDIT), "input_missing /image"},
        {WITH(edit, mask, picture), "input_invalid /mask"},
        {WITH(edit, mask, easel_picture(&easel, 32, true, 1)), "input_invalid /mask"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        const char *got = easel_refused(&easel, &rows[i].wish);

        if (strcmp(got, rows[i].want) != 0)
            test_fail(__FILE__, __LINE__, "%zu: %s instead of %s", i, got, rows[i].want);
    }
    CHECK_INT(stand_in_asked(easel.stand_in), 0);
    CHECK_INT(test_db_number(db, "SELECT COUNT(*) FROM arts"), 0);
    easel_close(&easel);
}

TEST_DB(a_purse_that_is_empty_is_said_before_anybody_is_asked)
{
    Easel easel;

    easel_open_vendor(&easel, db);
    test_db_run(db, (const char *const[]){"UPDATE purses SET balance = 5"}, 1);
    ArtWish wish = easel_wish_of(&easel, "gpt-image-1", "a castle");
    CHECK_TEXT(easel_refused(&easel, &wish), "credits_spent");
    CHECK_INT(stand_in_asked(easel.stand_in), 0);
    CHECK_INT(
        test_db_number(db, "SELECT COALESCE(SUM(reserved_micro_usd), 0) FROM budget_months"), 0);
    easel_close(&easel);
}

/* ---- asked again ---- */

TEST_DB(a_request_that_comes_twice_gives_the_same_pictures_and_costs_once)
{
    Easel easel;
    Art first, again;

    easel_open_vendor(&easel, db);
    ArtWish wish = easel_wish_of(&easel, "gpt-image-1", "a castle");
    wish.request_key = "order-7";
    easel_make(&easel, &wish, &first);
    easel_make(&easel, &wish, &again);
    CHECK_TEXT(again.id, first.id);
    CHECK_INT(again.pictures[0].size, first.pictures[0].size);
    CHECK(memcmp(again.pictures[0].bytes, first.pictures[0].bytes, first.pictures[0].size) == 0);
    CHECK_INT(again.usage.tokens, first.usage.tokens);
    CHECK_INT(easel_spent(&easel), first.credits);
    CHECK_INT(stand_in_asked(easel.stand_in), 1);

    wish.prompt = "another castle";
    CHECK_TEXT(easel_refused(&easel, &wish), "conflict");
    easel_close(&easel);
}

TEST_DB(a_request_that_failed_may_be_asked_again_by_the_same_key)
{
    Easel easel;
    Art art;

    easel_open_vendor(&easel, db);
    ArtWish wish = easel_wish_of(&easel, "gpt-image-1", "fault-moderated");
    wish.request_key = "order-8";
    CHECK_TEXT(easel_refused(&easel, &wish), "prompt_refused");
    wish.prompt = "a castle";
    easel_make(&easel, &wish, &art);
    easel_close(&easel);
}

TEST_DB(a_picture_that_is_linked_is_at_its_address)
{
    AUTO(buf_done) Buf bytes = BUF(16 << 20);
    Easel easel;
    Art art;

    easel_open(&easel, db);
    ArtWish wish = easel_wish(&easel, "a sunny kitchen");
    wish.is_linked = true;
    easel_make(&easel, &wish, &art);
    CHECK_OK(shop_get(&easel.shop, art.pictures[0].url, &bytes));
    CHECK_INT(bytes.size, art.pictures[0].size);
    easel_close(&easel);
}

/* ---- the end ---- */

TEST_DB(what_a_process_left_when_it_died_is_ended_and_given_back)
{
    Easel easel;
    Art art;

    easel_open(&easel, db);
    ArtWish wish = easel_wish(&easel, "a sunny kitchen");
    easel_make(&easel, &wish, &art);
    /* As if it had died between drawing and ending. */
    TEST_DB_RUN(
        db, "UPDATE arts SET state = 'running', until_ms = 1",
        "UPDATE budget_months SET reserved_micro_usd = 10000, reserved_tokens = 100000");
    CHECK_OK(art_tend(&easel.room));
    CHECK_OK(art_tend(&easel.room));
    CHECK_INT(
        test_db_number(
            db, "SELECT COUNT(*) FROM arts WHERE state = 'failed' AND error = 'timed_out'"),
        1);
    CHECK_INT(test_db_number(db, "SELECT SUM(reserved_micro_usd) FROM budget_months"), 0);
    easel_close(&easel);
}

TEST_DB(words_and_pictures_are_forgotten_after_thirty_days)
{
    Easel easel;
    Art art;

    easel_open(&easel, db);
    ArtWish wish = easel_wish(&easel, "a sunny kitchen");
    easel_make(&easel, &wish, &art);
    CHECK_INT(
        test_db_number(db, "SELECT (expires_ms - created_ms + 86399999) / 86400000 FROM assets"),
        30);
    clock_hold(clock_now_ms() + 29 * DAY_MS);
    CHECK_OK(art_tend(&easel.room));
    CHECK_INT(test_db_number(db, "SELECT COUNT(*) FROM arts"), 1);
    clock_hold(clock_now_ms() + 2 * DAY_MS);
    CHECK_OK(art_tend(&easel.room));
    CHECK_INT(test_db_number(db, "SELECT COUNT(*) FROM arts"), 0);
    CHECK_INT(test_db_number(db, "SELECT COUNT(*) FROM art_pictures"), 0);
    CHECK_INT(test_db_number(db, "SELECT SUM(pictures) FROM art_totals"), 1);
    easel_close(&easel);
}
