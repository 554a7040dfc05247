/* account.h - who is asking, and what they may: tenants, users, keys, sessions, rights, limits, quotas, and who did what.
 *
 * Nothing is reachable without a caller, except what an endpoint with no scope says. A Caller is found by a key or a session; its rights
 * are its role's, narrowed by the key's scopes. Keys and session tokens are shown once and kept as SHA-256 (they are
 * random, 160 bits and more); passwords as argon2id.
 */
#pragma once

#include "base/id.h"
#include "db/db.h"
#include "price/tier.h"

/* ---- tenants ---- */

typedef enum Plan {
    PLAN_FREE,
    PLAN_PRO,
    PLAN_ENTERPRISE
} Plan;

extern const char *const plan_names[]; /* "free", "pro", "enterprise", NULL */

typedef struct PlanRow {
    int64_t images_a_month;    /* -1 for no limit */
    int64_t allowance_credits; /* granted each month */
    int64_t line_credits;
    int64_t requests_a_minute, burst; /* of its keys together */
} PlanRow;

extern const PlanRow plan_rows[]; /* by Plan */

/* What an image costs a tenant. The allowance of a quota of an operator's own is as many images' worth; without a limit there is the
 * line of enterprise instead. */
#define CREDITS_AN_IMAGE 3

typedef struct Tenant {
    const char *id, *name, *email;
    int plan;
    const char
        *tier;     /* of the product photo studio (price/tier.h); NULL: what its plan stands for */
    int64_t quota; /* images a month; -1 for no limit */
    int64_t used;  /* this month */
    int64_t reset_ms;  /* first moment of the next month, UTC */
    int64_t allowance; /* credits granted for this month */
    int64_t retention_days;
    int64_t requests_a_minute; /* of its keys and people together; 0 for its plan's */
    bool is_suspended;
    int64_t created_ms;
} Tenant;

extern const Shape tenant_shape;

typedef struct TenantWish {
    const char *name, *email; /* email: NULL for none */
    int plan;
    const char *tier;       /* name of one; NULL: what the plan stands for */
    int64_t quota;          /* 0 for the plan's */
    int64_t credits;        /* given at once, besides the allowance */
    int64_t retention_days; /* 0 for 30 */
} TenantWish;

/* The tenant with its purse and first allowance, and its first key (all rights within the tenant), which is shown only now. */
MUST Err *
tenant_create(Db *db, const TenantWish *wish, Arena *mem, Tenant *ret, const char **ret_key);

/* The studio's own tenant. An admin who has signed in speaks for it unless another is named, so that whoever has a shop and a studio of
 * their own never meets a tenant. Made, without a limit to its images, when the first admin signs in; has no key. */
#define TENANT_OF_HOUSE "tenant_studio"

MUST Err *tenant_of_house_make(DbTx *tx);

/* NOT_FOUND. A month that is over is shown as the new one, with nothing used. */
MUST Err *tenant_find(DbTx *tx, const char *id, Arena *mem, Tenant *ret);

/* By age, at most LIMIT of those after the id AFTER (NULL for the oldest). */
MUST Err *tenant_list(DbTx *tx, const char *after, int64_t limit, Arena *mem, List *ret);

/* What is granted more for this month is added at once; what is granted less counts from the next month on. */
MUST Err *tenant_quota_set(DbTx *tx, const char *id, int64_t quota);
MUST Err *tenant_plan_set(DbTx *tx, const char *id, Plan plan);        /* with the plan's quota */
MUST Err *tenant_tier_set(DbTx *tx, const char *id, const char *tier); /* NULL: its plan's */
MUST Err *tenant_retention_set(DbTx *tx, const char *id, int64_t days);
MUST Err *tenant_rate_set(DbTx *tx, const char *id, int64_t requests_a_minute); /* 0: its plan's */
MUST Err *tenant_name_set(DbTx *tx, const char *id, const char *name);
MUST Err *tenant_email_set(DbTx *tx, const char *id, const char *email); /* NULL or "" for none */

/* Keys, sessions and tokens of a suspended tenant are refused (FORBIDDEN) in all processes, and its streams end within seconds: it can begin
 * nothing. What was accepted before goes on to its end and is paid for, signed addresses last as long as they say, and nothing is deleted
 * but by its retention. CONFLICT for the studio's own, which its admins stand on. */
MUST Err *tenant_suspend(DbTx *tx, const char *id, bool is_suspended);

/* What TENANT may use of the product photo studio. One that was set brings its credits as the month's allowance in place of the plan's; a
 * plan alone stands for one (free: free, pro: professional, enterprise: premium) and keeps its own allowance. */
TierId tenant_tier(const Tenant *tenant);

/* ---- quota ----
 *
 * A month that is over is renewed by the first who takes of the quota or comes with a key, and for the others by accounts_sweep: what is
 * left of its allowance expires, the new one is granted. A transaction that takes both takes quota before it holds credits.
 */

typedef struct Quota {
    int64_t quota, used, remaining; /* images; quota and remaining -1 for no limit */
    int64_t reset_ms;
} Quota;

extern const Shape quota_shape;

MUST Err *quota_find(DbTx *tx, const char *tenant_id, Quota *ret);

/* Count IMAGES, in the transaction that queues them. QUOTA_EXCEEDED counts none; *RET says how it stands either way, and all zeroes
 * after any other failure. */
MUST Err *quota_take(DbTx *tx, const char *tenant_id, int64_t images, Quota *ret);

/* Images that were not made after all (failed, cancelled), taken at TAKEN_MS: what was taken in a month that is over is forgotten. */
MUST Err *quota_give_back(DbTx *tx, const char *tenant_id, int64_t images, int64_t taken_ms);

/* ---- months: by the calendar, UTC ---- */

int64_t month_start_ms(int64_t at_ms);
int64_t month_end_ms(int64_t at_ms); /* first moment of the next */

/* ---- callers ---- */

typedef enum Role {
    ROLE_VIEWER,
    ROLE_EDITOR,
    ROLE_OWNER, /* of the tenant: keys, users, billing */
    ROLE_ADMIN  /* of the whole studio: every tenant */
} Role;

extern const char *const role_names[];

typedef struct Caller {
    const char *
        tenant_id; /* NULL for an admin's key, which speaks for no tenant; TENANT_OF_HOUSE for an admin's session */
    const char *user_id, *key_id, *session_id; /* those there are */
    int role;
    Texts scopes;              /* of the key; none: all of its role */
    int plan;                  /* of its tenant; an admin's is enterprise */
    int64_t requests_a_minute; /* its tenant's own; 0: as many as the plan's */
} Caller;

/* SECRET is a key ("cyc_..."), a session's token or a JWT. UNAUTHENTICATED: unknown, revoked, expired; FORBIDDEN: its tenant is suspended, or a
 * token's owner is nobody here; SERVER_BUSY: the issuer's keys were never to be had. Known ones are kept in memory for some seconds, and forgotten at once when one is revoked in this process or, on PostgreSQL, in any. */
typedef struct Accounts
    Accounts; /* the memory of callers, rates, and how many passwords are hashed at once */

/* Single sign-on: who shows a JWT of ISSUER is a caller, as somebody with a key is. A person is known by the token's `sub`; the first time,
 * the user of the tenant with the token's address is taken for that person when the issuer has verified the address, else a new user is
 * made where strangers may come in. The role is the token's (viewer, editor, owner; never admin) or the user's, narrowed by those of
 * the token's scopes that are ours. */
typedef struct SsoSetup {
    const char *issuer;   /* as tokens spell it: "https://shop.eu.auth0.com/" */
    const char *audience; /* that tokens must be for */
    const char *keys_url; /* its public keys (JWKS); NULL: where the issuer's description says */
    const char *tenant_claim, *role_claim; /* names of claims */
    const char *tenant_id; /* whose those are whose token names no tenant; NULL: they are refused */
    bool is_open;          /* who is not known yet becomes a user */

    /* Add what lies at URL, https or of this machine, to INTO; within seconds. On any thread. */
    Err *(*fetch)(void *context, const char *url, Buf *into);
    void *fetch_context;
} SsoSetup;

typedef struct AccountsSetup {
    Db *db;
    const char *redis_url;   /* rates counted for all processes together; NULL counts in this one */
    int passwords_at_once;   /* 64 MiB each; 0 for 2 */
    int64_t user_a_minute;   /* requests of one user; 0 for as many as its tenant */
    int64_t tenant_a_minute; /* ... of all of a tenant together; 0 for its plan's */
    const SsoSetup *sso;     /* copied, its texts borrowed; NULL: keys and sessions alone */
} AccountsSetup;

/* INPUT_INVALID for a sign-on without issuer or audience, or with an address that is neither https nor of this machine. */
MUST Err *accounts_open(const AccountsSetup *setup, Accounts **ret);
void accounts_close(Accounts *accounts);
DEFINE_AUTO(Accounts, accounts_close);
Db *accounts_db(const Accounts *accounts);

/* House-keeping, to be called every few minutes by any process: renews months that are over, forgets sessions and answers that are too old. */
MUST Err *accounts_sweep(Db *db);

MUST Err *caller_find(Accounts *accounts, const char *secret, Arena *mem, Caller *ret);

/* The same for who stands at ADDRESS (call_peer). Keys that are nobody's are counted by address, in this process; past a burst of 30 and
 * then 30 a minute, nobody who is not remembered is looked for: RATE_LIMITED. This machine's own addresses are not counted: a proxy may stand
 * there that speaks for everybody. */
MUST Err *
caller_admit(Accounts *accounts, const char *address, const char *secret, Arena *mem, Caller *ret);

/* Scopes are "jobs:read", "jobs:write", "brands:write", "tenants:admin", ...: NOUN:VERB; "jobs:*" and "*" hold several. */
typedef struct Right {
    const char *scope;
    int role;         /* the least that has it */
    const char *what; /* that it allows, for people */
} Right;

extern const Right rights[]; /* ended by one without a scope */

/* A scope that stands in no row is nobody's. */
bool caller_may(const Caller *caller, const char *scope);

/* May CALLER make a key or user with ROLE and SCOPES: no more than it has itself? */
bool caller_may_grant(const Caller *caller, int role, const Texts *scopes);

/* May CALLER act for TENANT_ID (its own, or any for an admin)? *RET is the tenant acted for: TENANT_ID, or the caller's own when NULL. FORBIDDEN;
 * INPUT_MISSING when an admin names none. */
MUST Err *caller_tenant(const Caller *caller, const char *tenant_id, const char **ret);

/* One request of CALLER, from the bucket of its user and from that of its tenant: RATE_LIMITED when one is empty; of the one with less left,
 * what to tell it in either case. A session, unless an operator limited people or the tenant, has a bucket of its own, of PAGES_A_MINUTE
 * at least. */
enum {
    PAGES_A_MINUTE = 1200,
    PAGES_BURST = 300
};

typedef struct Rate {
    int64_t limit, remaining; /* requests: the bucket's size, and what is left in it */
    int64_t reset_ms;         /* until the bucket is full again */
    int64_t retry_after_ms;   /* 0 unless limited */
} Rate;

MUST Err *rate_take(Accounts *accounts, const Caller *caller, Rate *ret);

/* The same for ADDRESS, which has no key to show: a webhook. */
MUST Err *rate_take_address(Accounts *accounts, const char *address, Rate *ret);

/* ---- keys ----
 *
 * "cyc_" and 40 letters of Crockford's base 32: 36 by chance, 4 to tell a mistyped key from an unknown one. Lists with a tenant of NULL
 * are of the house's own (admins').
 */

typedef struct Key {
    const char *id, *tenant_id, *user_id, *name, *hint; /* hint: its first letters, to know it by */
    int role;
    Texts scopes;
    int64_t created_ms, expires_ms, used_ms, revoked_ms; /* 0 for never */
} Key;

extern const Shape key_shape;

typedef struct KeyWish {
    const char *tenant_id; /* NULL: an admin's key */
    const char *user_id, *name;
    int role;
    Texts scopes;
    int64_t expires_ms;
    const char
        *secret; /* NULL makes one; an operator may bring an admin's, 16 to 200 visible letters */
} KeyWish;

/* INPUT_INVALID for an unknown scope, or an admin's key with a tenant; NOT_FOUND for an unknown tenant or user. */
MUST Err *key_create(DbTx *tx, const KeyWish *wish, Arena *mem, Key *ret, const char **ret_secret);
MUST Err *key_find(DbTx *tx, const char *id, Arena *mem, Key *ret); /* NOT_FOUND */
MUST Err *
key_list(DbTx *tx, const char *tenant_id, const char *after, int64_t limit, Arena *mem, List *ret);
MUST Err *
key_revoke(DbTx *tx, const char *tenant_id, const char *id); /* NOT_FOUND; twice is fine */

/* At the first start: an admin's key if there is none yet; RET's secret. WISHED (CYCLORAMA_ADMIN_KEY) becomes a valid
 * admin key, and the only one that was made so; "" ends the one there was, NULL leaves it. */
typedef struct FirstKey {
    const char *secret; /* NULL when there was a key */
    int64_t
        ended; /* keys that were WISHED before and end with this: another process may still have been started with one */
} FirstKey;
MUST Err *key_admin_first(Db *db, const char *wished, Arena *mem, FirstKey *ret);

/* ---- users and sessions ---- */

typedef struct User {
    const char *id, *tenant_id, *email, *name;
    int role;
    int64_t created_ms, seen_ms;
    bool is_disabled;
} User;

extern const Shape user_shape;

typedef struct UserWish {
    const char *tenant_id, *email, *name;
    const char *password; /* 8 to 200 characters; NULL for none yet */
    const char *imported; /* or a bcrypt or argon2id hash from elsewhere */
    int role;
} UserWish;

MUST Err *user_create(
    Accounts *accounts, const UserWish *wish, Arena *mem,
    User *ret); /* ROW_TAKEN for a known address */
/* The first user of the studio, an admin, whatever WISH says of tenant and role. CONFLICT when there is one already. */
MUST Err *user_create_first(Accounts *accounts, const UserWish *wish, Arena *mem, User *ret);
MUST Err *user_count(DbTx *tx, int64_t *ret);

MUST Err *
user_list(DbTx *tx, const char *tenant_id, const char *after, int64_t limit, Arena *mem, List *ret);
MUST Err *
user_find(DbTx *tx, const char *id, Arena *mem, User *ret); /* by id or address; NOT_FOUND */
MUST Err *user_disable(DbTx *tx, const char *tenant_id, const char *id, bool is_disabled);
MUST Err *user_password_set(Accounts *accounts, const char *user_id, const char *password);

/* INPUT_INVALID unless ROLE fits: the studio's own people are admins, and nobody else is. Its keys may do no more from then on. */
MUST Err *user_role_set(DbTx *tx, const char *tenant_id, const char *id, int role);
MUST Err *user_name_set(DbTx *tx, const char *tenant_id, const char *id, const char *name);

/* Ends all its sessions; its keys stay. */
MUST Err *user_sign_out(DbTx *tx, const char *tenant_id, const char *id);

/* A session for who knows the password (argon2id; bcrypt of imports is verified and made anew). UNAUTHENTICATED takes as long for an unknown
 * address as for a wrong password; RATE_LIMITED after ten tries a minute for one address, or when too many are being checked; FORBIDDEN when
 * the tenant is suspended. Ends 30 days after it was last used. */
MUST Err *session_open(
    Accounts *accounts, const char *email, const char *password, Arena *mem, User *ret,
    const char **ret_token);
MUST Err *session_close(Accounts *accounts, const char *token);

/* ---- who did what ---- */

typedef struct Audit {
    const char *tenant_id;
    const Caller *caller; /* NULL for the house itself */
    const char *action;   /* "key.revoke" */
    const char *subject;  /* id */
    const Value *detail;  /* without secrets; or NULL */
    const char *address;  /* of the peer, or NULL */
} Audit;

MUST Err *audit_add(DbTx *tx, const Audit *audit);

typedef struct AuditRow {
    const char *id, *tenant_id, *action, *subject, *address;
    const char *actor;                                   /* "key_01...", "user_01...", "house" */
    const char *tenant_name, *actor_name, *subject_name; /* as they are called now; NULL for none */
    const Value *detail;
    int64_t at_ms;
} AuditRow;

extern const Shape audit_row_shape;

/* Newest first; of all tenants when TENANT_ID is NULL. */
MUST Err *audit_list(
    DbTx *tx, const char *tenant_id, const char *before, int64_t limit, Arena *mem, List *ret);

/* ---- secrets of the house ---- */

/* 64 random letters called NAME ("links"), the same in all processes on DB; made when there are none yet. */
MUST Err *secret_of_house(Db *db, const char *name, Arena *mem, const char **ret);
