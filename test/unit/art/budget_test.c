/* Promises of budgets: nobody gets past one, however many ask at once; who comes near is told once; on both databases. */
#include <pthread.h>
#include <stdatomic.h>

#include "base/clock.h"
#include "unit/art/easel.h"
#include "watch/metric.h"

static void budget(Easel *easel, const char *user_id, int64_t micro_usd, int64_t tokens)
{
    Budget now;

    CHECK_OK(budget_set(
        &easel->room, &easel->caller, easel->shop.tenant.id,
        &(Budget){
            .user_id = user_id,
            .month_micro_usd = micro_usd,
            .month_tokens = tokens,
            .alert_percent = 50,
            .downgrade_percent = 75,
        },
        &now));
}

static int alerts_of(Easel *easel, const char *kind)
{
    List rows;
    int count = 0;

    CHECK_OK(budget_alerts(&easel->room, easel->shop.tenant.id, NULL, 100, easel->shop.mem, &rows));
    for (size_t i = 0; i < rows.count; i++)
        count += strcmp(((const BudgetAlert *)rows.items)[i].kind, kind) == 0;
    return count;
}

TEST_DB(a_budget_of_money_ends_where_it_was_set)
{
    Easel easel;
    Budget now;
    Art art;

    easel_open(&easel, db);
    ArtWish wish = easel_wish(&easel, "a sunny kitchen");
    budget(&easel, "user_lisa", 20000, -1);
    easel_make(&easel, &wish, &art);
    CHECK_INT(alerts_of(&easel, "alert"), 1);
    easel_make(&easel, &wish, &art);
    CHECK_TEXT(easel_refused(&easel, &wish), "budget_spent");
    CHECK_TEXT(easel_refused(&easel, &wish), "budget_spent");
    CHECK_INT(alerts_of(&easel, "alert"), 1);
    CHECK_INT(alerts_of(&easel, "spent"), 1);
    CHECK_INT(test_db_number(db, "SELECT COUNT(*) FROM audit WHERE action LIKE 'budget.%'"), 4);
    CHECK_OK(budget_find(&easel.room, easel.shop.tenant.id, "user_lisa", &now));
    CHECK_INT(now.used_micro_usd, 20000);
    CHECK_INT(now.used_requests, 2);

    easel.caller.user_id = "user_somchai"; /* has none of his own */
    easel_make(&easel, &wish, &art);
    budget(&easel, NULL, 30000, -1);
    CHECK_TEXT(easel_refused(&easel, &wish), "budget_spent");
    easel_close(&easel);
}

TEST_DB(a_budget_of_tokens_ends_too_and_a_new_month_begins_anew)
{
    Easel easel;
    Art art;

    easel_open(&easel, db);
    ArtWish wish = easel_wish(&easel, "a sunny kitchen");
    easel_make(&easel, &wish, &art);
    budget(&easel, NULL, -1, art.usage.tokens * 2);
    easel_make(&easel, &wish, &art);
    CHECK_TEXT(easel_refused(&easel, &wish), "tokens_spent");
    clock_hold(month_end_ms(clock_now_ms()) + 1000);
    easel_make(&easel, &wish, &art);
    easel_close(&easel);
}

TEST_DB(near_its_end_a_budget_lowers_quality_and_says_so)
{
    Easel easel;
    Art art;

    easel_open_vendor(&easel, db);
    ArtWish wish = easel_wish_of(&easel, "gpt-image-1", "a castle");
    wish.quality = "high";
    easel_make(&easel, &wish, &art);
    CHECK(!art.is_downgraded);
    budget(&easel, NULL, art.credits * 10000 * 4 / 3, -1);
    easel_make(&easel, &wish, &art);
    CHECK(art.is_downgraded);
    CHECK_TEXT(art.quality, "medium");
    CHECK(strstr(art.note, "medium"));
    CHECK_INT(art.usage.image_tokens_out, 1056);
    CHECK_INT(alerts_of(&easel, "downgrade"), 1);

    wish.quality = "low"; /* is good as it is */
    easel_make(&easel, &wish, &art);
    CHECK(!art.is_downgraded);
    CHECK_TEXT(art.quality, "low");
    easel_close(&easel);
}

TEST_DB(who_has_no_budget_has_the_one_of_the_house)
{
    Easel easel;
    Budget now;

    easel_open(&easel, db);
    easel.presets = (ArtPresets){50000, 1000, 900000, -1, 70, 0};
    CHECK_OK(budget_find(&easel.room, easel.shop.tenant.id, "user_lisa", &now));
    CHECK_INT(now.month_micro_usd, 50000);
    CHECK_INT(now.month_tokens, 1000);
    CHECK_INT(now.alert_percent, 70);
    CHECK_OK(budget_find(&easel.room, easel.shop.tenant.id, NULL, &now));
    CHECK_INT(now.month_micro_usd, 900000);
    CHECK_INT(now.reset_ms, month_end_ms(clock_now_ms()));
    easel_close(&easel);
}

/* ---- many at once ---- */

typedef struct Crowd {
    Easel *easel;
    atomic_int made, refused, other;
} Crowd;

static void *ask(void *crowd_any)
{
    Crowd *crowd = crowd_any;
    AUTO(arena_free) Arena *mem = arena_new();
    ArtWish wish = easel_wish_of(crowd->easel, "dall-e-2", "a castle");

    for (int i = 0; i < 4; i++) {
        Art art;
        AUTO(err_free) Err *err = art_make(&crowd->easel->room, &wish, mem, &art);

        if (!err)
            crowd->made++;
        else if (err_code(err) == ERR_BUDGET_SPENT)
            crowd->refused++;
        else
            crowd->other++;
    }
    return NULL;
}

TEST_DB(many_at_once_do_not_get_past_a_budget)
{
    Easel easel;
    pthread_t threads[6];

    easel_open_vendor(&easel, db);
    Crowd crowd = {.easel = &easel};
    budget(&easel, NULL, 100000, -1);
    for (size_t i = 0; i < COUNT(threads); i++)
        CHECK(pthread_create(&threads[i], NULL, ask, &crowd) == 0);
    for (size_t i = 0; i < COUNT(threads); i++)
        pthread_join(threads[i], NULL);
    CHECK_INT(crowd.other, 0);
    CHECK_INT(crowd.made, 10);
    CHECK_INT(crowd.refused, 14);
    CHECK_INT(easel_spent(&easel), 10);
    CHECK_INT(
        test_db_number(db, "SELECT SUM(used_micro_usd) FROM budget_months WHERE user_id = ''"),
        100000);
    shop_audit(&easel.shop);
    easel_close(&easel);
}

TEST_DB(metrics_say_who_used_what)
{
    AUTO(buf_done) Buf text = BUF(1 << 20);
    Easel easel;
    Art art;

    easel_open_vendor(&easel, db);
    metrics_reset();
    ArtWish wish = easel_wish_of(&easel, "dall-e-2", "a castle");
    budget(&easel, NULL, 40000, -1);
    easel_make(&easel, &wish, &art);
    art_numbers_tell(&easel.room);
    art_numbers_tell(&easel.room);
    CHECK_OK(metrics_write(&text));

    const char *labels = arena_print(
        easel.shop.mem, "{model=\"dall-e-2\",user=\"user_lisa\",organisation=\"%s\"}",
        easel.shop.tenant.id);
    const char *const lines[] = {
        "requests_total%s 1\n", "credits_total%s 1\n", "pictures_total%s 1\n",
        "failures_total%s 0\n", "tokens_total%s 334\n"};
    for (size_t i = 0; i < COUNT(lines); i++) {
        const char *at = strstr(lines[i], "%s");
        const char *line = arena_print(
            easel.shop.mem, "cyclorama_art_%.*s%s%s", (int)(at - lines[i]), lines[i], labels,
            at + 2);

        if (!strstr(buf_text(&text), line))
            test_fail(__FILE__, __LINE__, "no %s in %s", line, buf_text(&text));
    }
    CHECK(strstr(
        buf_text(&text),
        arena_print(
            easel.shop.mem,
            "cyclorama_budget_used_ratio{user=\"organisation\",organisation=\"%s\"} 0.25",
            easel.shop.tenant.id)));
    metrics_reset();
    easel_close(&easel);
}
