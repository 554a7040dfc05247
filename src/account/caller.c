/* Who is asking: found by a key or session, and remembered for some seconds. */
#include <pthread.h>
#include <string.h>

#include "account/account_priv.h"
#include "base/clock.h"
#include "watch/watch.h"

enum {
    SETS = 1024,
    WAYS = 4,
    KEPT_MS = 10000,
    USED_EVERY_MS = 60000
};

/* ---- the memory ---- */

typedef struct Known {
    Hash hash;
    Arena *mem; /* NULL: nobody */
    Caller caller;
    int64_t until_ms; /* of clock_ticks_ms */
} Known;

/* A caller has WAYS places where it may stand. TURN is raised with every change that somebody signals: what was read from the database
 * before is not remembered after. */
struct Callers {
    pthread_mutex_t mutex;
    DbEar *ear;
    uint64_t turn;
    Known known[SETS][WAYS];
};

Callers *callers_new(Db *db)
{
    Callers *callers = calloc(1, sizeof(*callers));

    if (!callers)
        abort();
    pthread_mutex_init(&callers->mutex, NULL);
    callers->ear = db_listen(db, CALLERS_TOPIC);
    return callers;
}

static void known_forget(Known *known)
{
    arena_free(known->mem);
    *known = (Known){0};
}

static void all_forget(Callers *callers)
{
    for (int set = 0; set < SETS; set++)
        for (int way = 0; way < WAYS; way++)
            known_forget(&callers->known[set][way]);
}

void callers_free(Callers *callers)
{
    if (!callers)
        return;
    db_ear_free(callers->ear);
    all_forget(callers);
    pthread_mutex_destroy(&callers->mutex);
    free(callers);
}

static Caller caller_copy(const Caller *caller, Arena *mem)
{
    Caller copy = *caller;

    copy.tenant_id = arena_text(mem, caller->tenant_id);
    copy.user_id = arena_text(mem, caller->user_id);
    copy.key_id = arena_text(mem, caller->key_id);
    copy.session_id = arena_text(mem, caller->session_id);
    copy.scopes.items = ARENA_ARRAY(mem, const char *, caller->scopes.count + 1);
    for (size_t i = 0; i < caller->scopes.count; i++)
        copy.scopes.items[i] = arena_text(mem, caller->scopes.items[i]);
    return copy;
}

static Known *set_of(Callers *callers, Hash hash)
{
    return callers->known[(hash.bytes[0] << 8 | hash.bytes[1]) % SETS];
}

static uint64_t turn_now(Callers *callers)
{
    if (db_wait(callers->ear, 0, NULL)) {
        all_forget(callers);
        callers->turn++;
    }
    return callers->turn;
}

static bool recall(Callers *callers, Hash hash, Arena *mem, Caller *ret, uint64_t *ret_turn)
{
    int64_t now_ms = clock_ticks_ms();
    bool is_known = false;

    pthread_mutex_lock(&callers->mutex);
    *ret_turn = turn_now(callers);
    Known *set = set_of(callers, hash);
    for (Known *known = set; known < set + WAYS && !is_known; known++)
        if (known->mem && known->until_ms > now_ms && hash_equal(known->hash, hash)) {
            *ret = caller_copy(&known->caller, mem);
            is_known = true;
        }
    pthread_mutex_unlock(&callers->mutex);
    return is_known;
}

static void keep(Callers *callers, Hash hash, const Caller *caller, int64_t kept_ms, uint64_t turn)
{
    pthread_mutex_lock(&callers->mutex);
    if (turn_now(callers) == turn) {
        Known *set = set_of(callers, hash), *oldest = set;

        for (Known *known = set + 1; known < set + WAYS; known++)
            if (known->until_ms < oldest->until_ms)
                oldest = known;
        known_forget(oldest);
        oldest->hash = hash;
        oldest->mem = arena_new();
        oldest->caller = caller_copy(caller, oldest->mem);
        oldest->until_ms = clock_ticks_ms() + kept_ms;
    }
    pthread_mutex_unlock(&callers->mutex);
}

/* ---- finding ---- */

typedef struct Search {
    const char *secret, *hash;
    Arena *mem;
    CallerRow row;
    int64_t now_ms;
} Search;

static Err *row_read(DbTx *tx, void *search_any)
{
    Search *search = search_any;

    return secret_has(search->secret, SECRET_SESSION)
               ? caller_row_by_session(tx, search->hash, search->mem, &search->row)
               : caller_row_by_key(tx, search->hash, search->mem, &search->row);
}

static Err *row_use(DbTx *tx, void *search_any)
{
    const Search *search = search_any;

    TRY(caller_row_used(tx, &search->row, search->now_ms, search->now_ms + SESSION_MS));
    return search->row.tenant_id ? tenant_renew(tx, search->row.tenant_id) : NULL;
}

static MUST Err *row_check(const CallerRow *row, int64_t now_ms)
{
    if (row->revoked_ms || row->is_disabled)
        return err_new(ERR_UNAUTHENTICATED, "a key that was revoked, or of a disabled user");
    if (row->expires_ms && row->expires_ms <= now_ms)
        return err_public(
            err_new(ERR_UNAUTHENTICATED, "a key or session that has expired"),
            "This key has expired. Make a new one, or sign in again.");
    if (row->is_suspended)
        return err_public(
            err_new(ERR_FORBIDDEN, "a key of a suspended tenant"),
            "This account is suspended. Write to the people who run this studio.");
    return NULL;
}

static Caller caller_of(const CallerRow *row)
{
    bool is_of_house = row->session_id && row->role == ROLE_ADMIN;

    return (Caller){
        .tenant_id = is_of_house ? TENANT_OF_HOUSE : row->tenant_id,
        .user_id = row->user_id,
        .key_id = row->key_id,
        .session_id = row->session_id,
        .role = MIN(row->role, row->user_role),
        .scopes = row->scopes,
        .plan = row->plan,
        .requests_a_minute = row->requests_a_minute,
    };
}

/* Write down that the key is in use, now and then, and begin the tenant's month. Failing to is no reason to refuse anybody. */
static void use_note(Accounts *accounts, Search *search)
{
    const CallerRow *row = &search->row;
    bool is_month_over = row->tenant_id && row->reset_ms <= search->now_ms;

    if (!is_month_over && search->now_ms - row->used_ms < USED_EVERY_MS)
        return;
    AUTO(err_free) Err *err = db_write(accounts->db, row_use, search);
    if (err)
        watch_err(
            "caller.unnoted", err,
            row->key_id       ? row->key_id
            : row->session_id ? row->session_id
                              : row->user_id);
}

static MUST Err *mistyped_check(const char *secret)
{
    if (!secret_is_mistyped(secret))
        return NULL;
    return err_public(
        err_new(ERR_UNAUTHENTICATED, "a mistyped key"),
        "This key has a typing error. Copy all of it, from its first letters to its last.");
}

/* In the database, or with who signs on elsewhere; remembered from now on unless something changed since TURN. */
static MUST Err *
caller_look(Accounts *accounts, const char *secret, uint64_t turn, Arena *mem, Caller *ret)
{
    Search search = {
        .secret = secret,
        .hash = secret_hash(secret, mem),
        .mem = mem,
        .now_ms = clock_now_ms(),
    };
    if (accounts->sso && sso_is_token(secret))
        TRY(sso_row_find(accounts, secret, mem, &search.row));
    else
        TRY(db_read(accounts->db, row_read, &search));
    TRY(row_check(&search.row, search.now_ms));
    use_note(accounts, &search);

    const Caller caller = caller_of(&search.row);
    int64_t rest_ms =
        search.row.expires_ms ? search.row.expires_ms - search.now_ms : (int64_t)KEPT_MS;
    keep(
        accounts->callers, hash_bytes(secret, strlen(secret)), &caller,
        MIN(rest_ms, (int64_t)KEPT_MS), turn);
    *ret = caller;
    return NULL;
}

Err *caller_find(Accounts *accounts, const char *secret, Arena *mem, Caller *ret)
{
    uint64_t turn;

    TRY(mistyped_check(secret));
    if (recall(accounts->callers, hash_bytes(secret, strlen(secret)), mem, ret, &turn))
        return NULL;
    return caller_look(accounts, secret, turn, mem, ret);
}

static bool is_this_machine(const char *address)
{
    return strncmp(address, "127.", 4) == 0 || strcmp(address, "::1") == 0 ||
           strcmp(address, "local") == 0;
}

Err *caller_admit(
    Accounts *accounts, const char *address, const char *secret, Arena *mem, Caller *ret)
{
    static const RateLimit failures = {.a_minute = 30, .burst = 30};
    const char *who = arena_print(mem, "unknown keys from %s", address);
    uint64_t turn;

    TRY(mistyped_check(secret));
    if (recall(accounts->callers, hash_bytes(secret, strlen(secret)), mem, ret, &turn))
        return NULL;
    if (is_this_machine(address))
        return caller_look(accounts, secret, turn, mem, ret);
    if (rates_are_spent(accounts->rates, who, failures))
        return err_public(
            err_new(ERR_RATE_LIMITED, "too many unknown keys from one address"),
            "Too many keys that are not valid came from your address. Wait a minute.");

    Err *err = caller_look(accounts, secret, turn, mem, ret);
    if (err && err_code(err) == ERR_UNAUTHENTICATED)
        rates_note(accounts->rates, who, failures);
    return err;
}
