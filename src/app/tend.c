/* Months renewed, what has expired cleaned up, half-written files swept, vendors' models looked after. Failing is logged and tried again. */
#include "app/tend.h"

#include "base/clock.h"
#include "pack/pack.h"
#include "watch/watch.h"

enum {
    LOOK_MS = 1000,
    MINUTE_MS = 60 * 1000,
    HOUR_MS = 60 * MINUTE_MS,
    DAY_MS = 24 * HOUR_MS,
    UNFINISHED_MS = 24 * HOUR_MS /* no upload takes longer */
};

struct Tending {
    House *house;
    pthread_t thread;
    Cancel stop;
};

static MUST Err *accounts_tend(House *house, const Cancel *stop)
{
    (void)stop;
    return accounts_sweep(house->db);
}

static MUST Err *runs_tend(House *house, const Cancel *stop)
{
    (void)stop;
    return run_tend(&house->studio);
}

static MUST Err *packs_tend(House *house, const Cancel *stop)
{
    (void)stop;
    return pack_tend(&house->studio);
}

static MUST Err *art_tend_round(House *house, const Cancel *stop)
{
    (void)stop;
    return art_tend(&house->art);
}

static MUST Err *store_tend(House *house, const Cancel *stop)
{
    int64_t swept;

    (void)stop;
    return blob_sweep(house->blob, UNFINISHED_MS, NULL, &swept);
}

static MUST Err *errands_tend(House *house, const Cancel *stop)
{
    (void)stop;
    return errands_sweep(house->errands);
}

/* What vendors will switch off is warned of in time. */
static MUST Err *models_tend(House *house, const Cancel *stop)
{
    AUTO(arena_free) Arena *mem = arena_new();
    Texts told;

    model_aliases_check(house->art.vendors, &house->art.aliases, stop, mem, &told);
    return NULL;
}

/* And of accounts there that are next to empty. */
static MUST Err *credits_tend(House *house, const Cancel *stop)
{
    vendors_look(house->art.vendors, stop);
    return NULL;
}

static const struct {
    const char *name;
    int64_t every_ms;
    Err *(*tend)(House *house, const Cancel *stop);
} rounds[] = {
    {"accounts", 5 * MINUTE_MS, accounts_tend},
    {"runs", HOUR_MS, runs_tend},
    {"packs", HOUR_MS, packs_tend},
    {"art", MINUTE_MS, art_tend_round},
    {"store", HOUR_MS, store_tend},
    {"models", DAY_MS, models_tend},
    {"errands", HOUR_MS, errands_tend},
    {"credits", HOUR_MS, credits_tend},
};

static void *tend(void *tending_any)
{
    Tending *tending = tending_any;
    int64_t due_ms[COUNT(rounds)] = {0};

    while (!cancel_is_asked(&tending->stop)) {
        int64_t now_ms = clock_ticks_ms();

        for (size_t i = 0; i < COUNT(rounds); i++) {
            if (now_ms < due_ms[i])
                continue;
            AUTO(err_free) Err *err = rounds[i].tend(tending->house, &tending->stop);
            if (err)
                watch_err("tend.failed", err, rounds[i].name);
            due_ms[i] = now_ms + (err ? MINUTE_MS : rounds[i].every_ms);
        }
        cancel_wait(&tending->stop, LOOK_MS);
    }
    return NULL;
}

Err *tend_start(House *house, Tending **ret)
{
    Tending *tending = calloc(1, sizeof(*tending));

    if (!tending)
        abort();
    tending->house = house;
    tending->stop = (Cancel)CANCEL_INIT;
    if (pthread_create(&tending->thread, NULL, tend, tending) != 0) {
        free(tending);
        return err_new(ERR_MEMORY_SPENT, "unable to start the thread that tends the house");
    }
    *ret = tending;
    return NULL;
}

void tend_stop(Tending *tending)
{
    if (!tending)
        return;
    cancel_ask(&tending->stop);
    pthread_join(tending->thread, NULL);
    free(tending);
}
