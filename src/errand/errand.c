/* Requests under way at vendors, and the news of them. */
#include <string.h>

#include "base/clock.h"
#include "errand/errand_priv.h"

/* Vendors keep what they made for a day at most; retried work comes back within hours. */
#define KEPT_MS ((int64_t)3 * 24 * 60 * 60 * 1000)

Err *errands_open(Db *db, const char *master_key, Errands **ret)
{
    Errands *errands = calloc(1, sizeof(*errands));

    if (!errands)
        abort();
    errands->db = db;
    Err *err = *master_key ? seal_new(master_key, "vendor-keys", &errands->seal) : NULL;
    if (err) {
        free(errands);
        return err;
    }
    *ret = errands;
    return NULL;
}

void errands_close(Errands *errands)
{
    if (!errands)
        return;
    seal_free(errands->seal);
    free(errands);
}

/* ---- what is under way ---- */

typedef struct Errand {
    ErrandName name;
    const char *request;
    Arena *mem;
} Errand;

static Err *find_work(DbTx *tx, void *errand_any)
{
    Errand *errand = errand_any;

    return errand_row_find(tx, errand->name, errand->mem, &errand->request);
}

static Err *errand_find(
    void *errands_any, const char *key, const char *vendor, Arena *mem, const char **ret_request)
{
    const Errands *errands = errands_any;
    Errand errand = {.name = {key, vendor}, .mem = mem};

    TRY(db_read(errands->db, find_work, &errand));
    *ret_request = errand.request;
    return NULL;
}

static Err *keep_work(DbTx *tx, void *errand_any)
{
    const Errand *errand = errand_any;

    return errand_row_keep(tx, errand->name, errand->request, clock_now_ms());
}

static Err *errand_keep(void *errands_any, const char *key, const char *vendor, const char *request)
{
    const Errands *errands = errands_any;

    if (strlen(key) > ERRAND_TEXT_MOST || strlen(request) > ERRAND_TEXT_MOST)
        return err_new(ERR_BUG, "an errand's key or request is too long to be kept");
    return db_write(errands->db, keep_work, &(Errand){.name = {key, vendor}, .request = request});
}

static Err *drop_work(DbTx *tx, void *errand_any)
{
    const Errand *errand = errand_any;

    return errand_row_drop(tx, errand->name);
}

static Err *errand_drop(void *errands_any, const char *key, const char *vendor)
{
    const Errands *errands = errands_any;

    return db_write(errands->db, drop_work, &(Errand){.name = {key, vendor}});
}

/* ---- news ---- */

typedef struct News {
    NewsName name;
    bool waits;
} News;

static const char *topic_of(NewsName name, Arena *mem)
{
    return arena_print(mem, "errand:%s:%s", name.vendor, name.request);
}

static Err *told_work(DbTx *tx, void *news_any)
{
    const News *news = news_any;
    AUTO(arena_free) Arena *mem = arena_new();
    bool is_new;

    TRY(news_row_add(tx, news->name, clock_now_ms(), &is_new));
    return is_new ? db_signal(tx, topic_of(news->name, mem)) : NULL;
}

Err *errand_told(Errands *errands, const char *vendor, const char *request)
{
    if (!*request || strlen(request) > ERRAND_TEXT_MOST)
        return err_new(ERR_INPUT_INVALID, "a webhook names no request that could be ours");
    return db_write(errands->db, told_work, &(News){.name = {vendor, request}});
}

Err *errand_hook(Errands *errands, Vendors *vendors, const VendorHook *hook, Arena *mem)
{
    const char *request = NULL;

    TRY(vendors_hook(vendors, hook, mem, &request));
    return errand_told(errands, hook->vendor, request);
}

static Err *look_work(DbTx *tx, void *news_any)
{
    News *news = news_any;

    return news_row_look(tx, news->name, &news->waits);
}

static Err *hear_work(DbTx *tx, void *news_any)
{
    const News *news = news_any;

    return news_row_hear(tx, news->name);
}

/* News are heard once: who then finds the work unfinished all the same waits on instead of asking in a circle. */
static MUST Err *news_hear(const Errands *errands, NewsName name, bool *ret_heard)
{
    News news = {.name = name};

    TRY(db_read(errands->db, look_work, &news));
    *ret_heard = news.waits;
    return news.waits ? db_write(errands->db, hear_work, &news) : NULL;
}

/* An ear may be rung without news: when a connection was lost, nobody knows what was signalled meanwhile. */
static Err *errand_wait(
    void *errands_any, const char *vendor, const char *request, int64_t most_ms,
    const Cancel *cancel)
{
    const Errands *errands = errands_any;
    const NewsName name = {vendor, request};
    int64_t end_ms = clock_ticks_ms() + most_ms, rest_ms;
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(db_ear_free) DbEar *ear = db_listen(errands->db, topic_of(name, mem));
    bool is_heard;

    do {
        TRY(news_hear(errands, name, &is_heard)); /* they may have come before anybody listened */
        rest_ms = end_ms - clock_ticks_ms();
    } while (!is_heard && rest_ms > 0 && db_wait(ear, rest_ms, (Cancel *)cancel));
    return NULL;
}

VendorJournal errands_journal(Errands *errands)
{
    return (VendorJournal){
        .context = errands,
        .find = errand_find,
        .keep = errand_keep,
        .drop = errand_drop,
        .tenant_key = tenant_key_open,
        .wait = errand_wait,
    };
}

/* ---- the end ---- */

static Err *sweep_work(DbTx *tx, void *unused)
{
    int64_t before_ms = clock_now_ms() - KEPT_MS;

    (void)unused;
    TRY(errand_row_sweep(tx, before_ms));
    return news_row_sweep(tx, before_ms);
}

Err *errands_sweep(Errands *errands)
{
    return db_write(errands->db, sweep_work, NULL);
}
