/* Requests that may come twice: claimed by what they make, answered once, and told again. */
#include <string.h>

#include "base/after.h"
#include "base/clock.h"
#include "once/once_priv.h"

enum {
    KEY_BYTES = 255,
    ANSWER_MS = 2 * 60 * 1000 /* whoever takes longer to accept it has died */
};

/* ---- around a request ---- */

typedef struct Asking {
    const Once *once;
    const char *request;
    Arena *mem;
    bool is_found;
    OnceAnswer answer;
} Asking;

static MUST Err *being_carried_out(const OnceRow *row, int64_t now_ms)
{
    return err_after(
        err_public(
            err_new(ERR_CONFLICT, "a request is being answered"),
            "The same request is being answered right now. Try again in a moment."),
        row->begun_ms + ANSWER_MS - now_ms);
}

static MUST Err *row_take(const OnceRow *row, Asking *asking, int64_t now_ms)
{
    if (strcmp(row->request, asking->request) != 0)
        return err_public(
            err_new(ERR_CONFLICT, "an idempotency key was used for another request"),
            "This Idempotency-Key was used for another request. Use a new one.");
    asking->is_found = row->status != 0;
    asking->answer = (OnceAnswer){.status = row->status, .body = row->body};
    return row->status || row->made ? NULL : being_carried_out(row, now_ms);
}

static bool row_is_over(const OnceRow *row, int64_t now_ms)
{
    const int64_t age_ms = now_ms - row->begun_ms;

    return age_ms > (row->status || row->made ? ONCE_KEPT_MS : (int64_t)ANSWER_MS);
}

static Err *begin_work(DbTx *tx, void *asking_any)
{
    Asking *asking = asking_any;
    const int64_t now_ms = clock_now_ms();
    bool is_new, is_missing;
    OnceRow row;

    asking->is_found = false;
    TRY(once_row_add(tx, asking->once, asking->request, now_ms, &is_new));
    if (is_new)
        return NULL;
    TRY(err_expect(once_row(tx, asking->once, asking->mem, &row), ERR_NOT_FOUND, &is_missing));
    if (!is_missing && !row_is_over(&row, now_ms))
        return row_take(&row, asking, now_ms);
    if (!is_missing)
        TRY(once_row_forget(tx, asking->once, row.begun_ms));
    TRY(once_row_add(tx, asking->once, asking->request, now_ms, &is_new));
    return is_new ? NULL : err_new(ERR_CONFLICT, "an idempotency key was taken by another");
}

static MUST Err *key_check(const char *key)
{
    if (*key && strlen(key) <= KEY_BYTES)
        return NULL;
    return err_public(
        err_new(ERR_INPUT_INVALID, "an idempotency key of %zu bytes", strlen(key)),
        "An Idempotency-Key has from 1 to %d characters.", KEY_BYTES);
}

Err *once_begin(
    Db *db, const Once *once, const char *request, Arena *mem, bool *ret_found, OnceAnswer *ret)
{
    Asking asking = {.once = once, .request = request, .mem = mem};

    TRY(key_check(once->key));
    TRY(db_write(db, begin_work, &asking));
    *ret_found = asking.is_found;
    if (asking.is_found)
        *ret = asking.answer;
    return NULL;
}

typedef struct Ending {
    const Once *once;
    const OnceAnswer *answer;
} Ending;

static Err *end_work(DbTx *tx, void *ending_any)
{
    const Ending *ending = ending_any;
    const int64_t status = ending->answer->status;

    return !status || status >= 500 ? once_row_drop(tx, ending->once)
                                    : once_row_answer(tx, ending->once, ending->answer);
}

Err *once_end(Db *db, const Once *once, const OnceAnswer *answer)
{
    Ending ending = {once, answer};

    return db_write(db, end_work, &ending);
}

typedef struct Looking {
    const Once *once;
    bool is_known;
} Looking;

static Err *look_work(DbTx *tx, void *looking_any)
{
    AUTO(arena_free) Arena *mem = arena_new();
    Looking *looking = looking_any;
    bool is_missing;
    OnceRow row = {0};

    TRY(err_expect(once_row(tx, looking->once, mem, &row), ERR_NOT_FOUND, &is_missing));
    looking->is_known =
        !is_missing && (row.status || row.made) && !row_is_over(&row, clock_now_ms());
    return NULL;
}

Err *once_is_known(Db *db, const Once *once, bool *ret)
{
    Looking looking = {.once = once};

    if (once->key)
        TRY(db_read(db, look_work, &looking));
    *ret = looking.is_known;
    return NULL;
}

/* ---- inside the transaction ---- */

Err *once_claim(DbTx *tx, const Once *once, Arena *mem, const char **ret_made)
{
    *ret_made = NULL;
    return once->key ? once_row_lock(tx, once, clock_now_ms(), mem, ret_made) : NULL;
}

Err *once_keep(DbTx *tx, const Once *once, const char *made)
{
    return once->key ? once_row_made(tx, once, made) : NULL;
}
