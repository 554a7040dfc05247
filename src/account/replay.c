/* Requests that may come twice: answered once, and told again. */
#include <string.h>

#include "account/account_priv.h"
#include "base/clock.h"

enum {
    KEY_BYTES = 255,
    ANSWER_MS = 2 * 60 * 1000 /* whoever takes longer has died */
};

typedef struct Asking {
    ReplayName name;
    const char *request;
    Arena *mem;
    bool is_found;
    Replay replay;
} Asking;

static MUST Err *row_take(const ReplayRow *row, Asking *asking)
{
    if (strcmp(row->request, asking->request) != 0)
        return err_public(
            err_new(ERR_CONFLICT, "an idempotency key was used for another request"),
            "This Idempotency-Key was used for another request. Use a new one.");
    if (!row->status)
        return err_public(
            err_new(ERR_CONFLICT, "a request is being answered"),
            "The same request is being answered right now. Try again in a moment.");
    asking->replay = (Replay){.status = row->status, .body = row->body};
    asking->is_found = true;
    return NULL;
}

static bool row_is_over(const ReplayRow *row, int64_t now_ms)
{
    int64_t age_ms = now_ms - row->begun_ms;

    return age_ms > (row->status ? REPLAY_KEPT_MS : (int64_t)ANSWER_MS);
}

static Err *begin(DbTx *tx, void *asking_any)
{
    Asking *asking = asking_any;
    int64_t now_ms = clock_now_ms();
    bool is_new, is_missing;
    ReplayRow row;

    asking->is_found = false;
    TRY(replay_insert(tx, asking->name, asking->request, now_ms, &is_new));
    if (is_new)
        return NULL;
    TRY(err_expect(replay_select(tx, asking->name, asking->mem, &row), ERR_NOT_FOUND, &is_missing));
    if (!is_missing && !row_is_over(&row, now_ms))
        return row_take(&row, asking);
    if (!is_missing)
        TRY(replay_forget(tx, asking->name, row.begun_ms));
    TRY(replay_insert(tx, asking->name, asking->request, now_ms, &is_new));
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

Err *replay_begin(
    Db *db, const char *tenant_id, const char *key, const char *request, Arena *mem,
    bool *ret_found, Replay *ret)
{
    Asking asking = {{tenant_id ? tenant_id : "", key}, .request = request, .mem = mem};

    TRY(key_check(key));
    TRY(db_write(db, begin, &asking));
    *ret_found = asking.is_found;
    if (asking.is_found)
        *ret = asking.replay;
    return NULL;
}

typedef struct Answer {
    ReplayName name;
    const Replay *replay;
} Answer;

static Err *end(DbTx *tx, void *answer_any)
{
    const Answer *answer = answer_any;

    return answer->replay->status >= 500 ? replay_drop(tx, answer->name)
                                         : replay_answer(tx, answer->name, answer->replay);
}

Err *replay_end(Db *db, const char *tenant_id, const char *key, const Replay *replay)
{
    Answer answer = {{tenant_id ? tenant_id : "", key}, replay};

    return db_write(db, end, &answer);
}
