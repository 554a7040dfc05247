/* account_priv.h - what the files of this room share. Not for other folders. */
#pragma once

#include "account/account.h"
#include "base/hash.h"
#include "base/turns.h"
#include "once/once.h"

/* Callers that are remembered may no longer be as they were; signalled with every change of a key, session, user or tenant. */
#define CALLERS_TOPIC "callers"

/* ---- month.c: by the calendar, UTC ---- */

const char *month_name(int64_t at_ms, Arena *mem); /* "2026-11" */

/* ---- secret.c: keys and tokens ---- */

#define SECRET_KEY "cyc_"
#define SECRET_SESSION "cys_"

const char *secret_new(const char *prefix, Arena *mem);
bool secret_has(const char *secret, const char *prefix);
bool secret_is_mistyped(
    const char *secret); /* of our form, and its last letters do not fit the others */
const char *secret_hash(const char *secret, Arena *mem);

/* ---- password.c ---- */

/* Places for AT_ONCE passwords that are hashed at the same time; 0 for the house's number. Free with turns_free. */
MUST Err *password_places(int at_once, Turns **ret);

/* INPUT_INVALID for one that is too short or too long. */
MUST Err *password_hash(Turns *places, const char *password, Arena *mem, const char **ret);

/* The same for one that was right before, whatever its length. */
MUST Err *password_again(Turns *places, const char *password, Arena *mem, const char **ret);

bool password_is_hash(const char *hash); /* of a kind that we can check */

/* HASH of NULL is nobody's password; finding that out takes as long. *RET_STALE: right, and to be hashed anew. */
MUST Err *password_check(
    Turns *places, const char *hash, const char *password, bool *ret_right, bool *ret_stale);

/* ---- rate.c, rate_redis.c ---- */

typedef struct RateLimit {
    int64_t a_minute, burst;
} RateLimit;

/* LEVEL is in 60,000ths of a request, so that what flows in within a millisecond is a whole number. */
typedef struct RateBucket {
    int64_t level, at_ms;
} RateBucket;

enum {
    RATE_UNIT = 60000
};

/* What LEVEL, after a request was taken or refused, means for the caller. */
Rate rate_of_level(int64_t level, RateLimit limit, bool is_taken);

/* An empty BUCKET (at_ms 0) is new, and full. False when there was not enough in it. */
bool rate_bucket_take(RateBucket *bucket, RateLimit limit, int64_t now_ms, Rate *ret);

typedef struct Rates Rates;

MUST Err *rates_new(const char *redis_url, Rates **ret); /* REDIS_URL may be NULL */
void rates_free(Rates *rates);

/* RATE_LIMITED */
MUST Err *rates_take(Rates *rates, const char *who, RateLimit limit, Rate *ret);

/* Is WHO's bucket in this process empty? Takes nothing. */
bool rates_are_spent(Rates *rates, const char *who, RateLimit limit);

/* Takes from it, if there is anything. */
void rates_note(Rates *rates, const char *who, RateLimit limit);

typedef struct RateRedis RateRedis;

/* Does not connect yet. INPUT_INVALID when URL is none. */
MUST Err *rate_redis_new(const char *url, RateRedis **ret);
void rate_redis_free(RateRedis *redis);

/* *RET_TAKEN as of rate_bucket_take. False when Redis is away: said in the log when it goes and when it is back. */
bool rate_redis_take(
    RateRedis *redis, const char *who, RateLimit limit, bool *ret_taken, Rate *ret);

/* ---- caller.c ---- */

typedef struct Callers Callers;

Callers *callers_new(Db *db);
void callers_free(Callers *callers);

/* A key or session as it stands in the database, with what its user and tenant have to say. */
typedef struct CallerRow {
    const char *tenant_id, *user_id, *key_id, *session_id;
    int role, user_role, plan;
    Texts scopes;
    int64_t expires_ms, used_ms, revoked_ms, reset_ms, requests_a_minute;
    bool is_disabled, is_suspended;
} CallerRow;

MUST Err *caller_row_by_key(DbTx *tx, const char *hash, Arena *mem, CallerRow *ret);
MUST Err *caller_row_by_session(DbTx *tx, const char *hash, Arena *mem, CallerRow *ret);
MUST Err *caller_row_used(DbTx *tx, const CallerRow *row, int64_t now_ms, int64_t expires_ms);

/* Of the user whom ISSUER calls SUBJECT; UNAUTHENTICATED when it is nobody. */
MUST Err *caller_row_by_identity(
    DbTx *tx, const char *issuer, const char *subject, Arena *mem, CallerRow *ret);

/* ---- jwks.c: tokens signed by another house ---- */

typedef struct Jwks Jwks;

Jwks *jwks_new(const SsoSetup *setup); /* borrows SETUP; asks nobody yet */
void jwks_free(Jwks *jwks);

/* Add what TOKEN says, its body, to RET: a key of the issuer has signed it. UNAUTHENTICATED, SERVER_BUSY; RET is then good for nothing. */
MUST Err *jwks_verify(Jwks *jwks, const char *token, Arena *mem, Buf *ret);

/* ---- sso.c ---- */

typedef struct Sso Sso;

MUST Err *sso_new(const SsoSetup *setup, Sso **ret);
void sso_free(Sso *sso);

/* https, or http to this machine; NAME is the setting to blame. INPUT_INVALID. */
MUST Err *sso_url_check(const char *url, const char *name);

bool sso_is_token(const char *secret); /* does it look like one? */

/* Who shows TOKEN, and with what: the row's role, scopes and end are the token's. */
MUST Err *sso_row_find(Accounts *accounts, const char *token, Arena *mem, CallerRow *ret);

struct Accounts {
    Db *db;
    Sso *sso; /* NULL for none */
    int64_t user_a_minute, tenant_a_minute;
    Callers *callers;
    Rates *rates;
    Turns *passwords;
};

/* ---- rights.c ---- */

/* INPUT_INVALID names the one that stands in no row. */
MUST Err *rights_check(const Texts *scopes);

/* ---- tenants and their months ---- */

MUST Err *tenant_check(DbTx *tx, const char *id); /* NOT_FOUND */
MUST Err *tenant_insert(DbTx *tx, const Tenant *tenant);
MUST Err *tenant_select(DbTx *tx, const char *id, Arena *mem, Tenant *ret); /* as it stands there */
MUST Err *tenant_select_after(DbTx *tx, const char *after, int64_t limit, Arena *mem, List *ret);

typedef enum TenantColumn {
    TENANT_NAME,
    TENANT_EMAIL,
    TENANT_PLAN,
    TENANT_TIER,
    TENANT_QUOTA,
    TENANT_ALLOWANCE,
    TENANT_DAYS,
    TENANT_RATE,
    TENANT_SUSPENDED,
} TenantColumn;
MUST Err *tenant_update(DbTx *tx, const char *id, TenantColumn column, DbArg value); /* NOT_FOUND */

/* Into a month that ends at RESET_MS, with nothing used and no allowance. *RET_DONE is false when another was faster. */
MUST Err *tenant_month_update(DbTx *tx, const Tenant *was, int64_t reset_ms, bool *ret_done);
MUST Err *tenant_due(DbTx *tx, int64_t now_ms, int64_t limit, Arena *mem, List *ret);

/* *RET_DONE is false when there is no such tenant, its month is over, or its quota is. */
MUST Err *tenant_used_add(
    DbTx *tx, const char *id, int64_t images, int64_t now_ms, Quota *ret, bool *ret_done);
MUST Err *tenant_used_take(DbTx *tx, const char *id, int64_t images, int64_t reset_ms);

/* Begin the present month when the last is over. */
MUST Err *tenant_renew(DbTx *tx, const char *id);

/* Grant what is missing of the month's allowance, and set the line. */
MUST Err *tenant_allowance_settle(DbTx *tx, const Tenant *tenant);

/* ---- keys ---- */

MUST Err *key_insert(DbTx *tx, const Key *key, const char *hash);
MUST Err *key_user_check(DbTx *tx, const char *tenant_id, const char *user_id); /* NOT_FOUND */
MUST Err *key_admin_count(DbTx *tx, int64_t *ret);                              /* valid ones */
MUST Err *key_admin_revive(DbTx *tx, const char *hash, bool *ret_found);

/* Revoke the house's keys called NAME but the one with HASH. */
MUST Err *key_named_revoke(DbTx *tx, const char *name, const char *hash, int64_t *ret_count);

/* ---- users and sessions ---- */

#define SESSION_MS ((int64_t)30 * 24 * 60 * 60 * 1000) /* since it was last used */

/* A user at the door. */
typedef struct SignIn {
    const char *id, *tenant_id, *email, *name, *password;
    int role;
    int64_t created_ms, seen_ms;
    bool is_disabled, is_suspended; /* suspended: its tenant */
} SignIn;

/* An e-mail address, in small letters. INPUT_INVALID. */
MUST Err *user_email_read(const char *words, Arena *mem, const char **ret);

/* NOT_FOUND unless TENANT_ID (NULL: the house) has such a user. */
MUST Err *user_check(DbTx *tx, const char *tenant_id, const char *id);

/* *RET_NEW is false when the address is taken. */
MUST Err *user_insert(DbTx *tx, const User *user, const char *password, bool *ret_new);
MUST Err *user_password_update(DbTx *tx, const char *id, const char *password);
MUST Err *user_role_update(DbTx *tx, const char *tenant_id, const char *id, int role);
MUST Err *user_name_update(DbTx *tx, const char *tenant_id, const char *id, const char *name);
MUST Err *user_seen_update(DbTx *tx, const char *id, int64_t now_ms);
MUST Err *user_sign_in_select(DbTx *tx, const char *email, Arena *mem, SignIn *ret); /* NOT_FOUND */

MUST Err *
session_insert(DbTx *tx, const char *id, const char *user_id, const char *hash, int64_t now_ms);
MUST Err *session_end(DbTx *tx, const char *hash);
MUST Err *session_end_all(DbTx *tx, const char *user_id);
MUST Err *session_sweep(DbTx *tx, int64_t now_ms);

/* ---- identities ---- */

MUST Err *
user_identity_insert(DbTx *tx, const char *issuer, const char *subject, const char *user_id);
