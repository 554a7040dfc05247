/* Promises of the crew and of cancelling. */
#include <stdatomic.h>

#include "base/cancel.h"
#include "base/clock.h"
#include "base/crew.h"
#include "test.h"

static void item_count(void *counts_any, size_t item)
{
    atomic_int *counts = counts_any;

    atomic_fetch_add(&counts[item], 1);
}

TEST(a_crew_does_each_item_exactly_once)
{
    for (int threads = 1; threads <= 9; threads += 4) {
        atomic_int counts[1000] = {0};

        crew_run(threads, COUNT(counts), item_count, counts);
        for (size_t i = 0; i < COUNT(counts); i++)
            CHECK_INT(counts[i], 1);
    }
}

TEST(a_crew_with_nothing_to_do_does_nothing)
{
    crew_run(4, 0, item_count, NULL);
}

static void flag_raise(void *flag)
{
    *(bool *)flag = true;
}

TEST(asking_to_cancel_reaches_the_hooks_and_the_next_check)
{
    Cancel cancel = CANCEL_INIT;
    bool told = false, told_late = false, gone = false;
    CancelHook hook = {flag_raise, &told, NULL}, late = {flag_raise, &told_late, NULL};
    CancelHook removed = {flag_raise, &gone, NULL};

    CHECK_OK(cancel_check(&cancel));
    cancel_hook_add(&cancel, &hook);
    cancel_hook_add(&cancel, &removed);
    cancel_hook_remove(&cancel, &removed);
    cancel_ask(&cancel);
    cancel_hook_add(&cancel, &late);
    CHECK(told && told_late && !gone);
    CHECK_ERR(cancel_check(&cancel), ERR_CANCELLED, "work was cancelled");
}

TEST(a_deadline_that_is_past_times_out)
{
    Cancel cancel = CANCEL_INIT;

    cancel.deadline_ms = clock_ticks_ms() - 1;
    CHECK_ERR(cancel_check(&cancel), ERR_TIMED_OUT, "work ran past its deadline");
    CHECK_OK(cancel_check(NULL));
}
