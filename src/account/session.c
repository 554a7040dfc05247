/* Signing in and out. */
#include <string.h>

#include "account/account_priv.h"
#include "base/clock.h"

enum {
    PASSWORD_BYTES = 1000 /* more is no password, and hashing it would take long */
};

typedef struct Visit {
    const char *email, *hash; /* hash of the token */
    const char *anew;         /* the password's new hash, or NULL */
    Arena *mem;
    SignIn user;
    bool is_known;
} Visit;

static Err *user_look(DbTx *tx, void *visit_any)
{
    Visit *visit = visit_any;
    bool is_missing;

    TRY(err_expect(
        user_sign_in_select(tx, visit->email, visit->mem, &visit->user), ERR_NOT_FOUND,
        &is_missing));
    visit->is_known = !is_missing;
    return NULL;
}

static Err *visit_begin(DbTx *tx, void *visit_any)
{
    Visit *visit = visit_any;
    const Id id = id_new("session");
    int64_t now_ms = clock_now_ms();

    if (visit->user.role == ROLE_ADMIN)
        TRY(tenant_of_house_make(tx));
    TRY(session_insert(tx, id.text, visit->user.id, visit->hash, now_ms));
    if (visit->anew)
        TRY(user_password_update(tx, visit->user.id, visit->anew));
    return user_seen_update(tx, visit->user.id, now_ms);
}

static MUST Err *password_wrong(void)
{
    return err_public(
        err_new(ERR_UNAUTHENTICATED, "a wrong address or password"),
        "The address or the password is not right.");
}

/* Whoever guesses has ten tries a minute for one address. */
static MUST Err *tries_count(Accounts *accounts, const char *email, Arena *mem)
{
    static const RateLimit tries = {10, 10};
    Rate rate;

    return rates_take(
        accounts->rates, arena_print(mem, "sign-in:%s", secret_hash(email, mem)), tries, &rate);
}

static MUST Err *visit_check(Accounts *accounts, Visit *visit, const char *password)
{
    const SignIn *user = &visit->user;
    const char *held = visit->is_known && !user->is_disabled ? user->password : NULL;
    bool is_right, is_stale;

    TRY(password_check(accounts->passwords, held, password, &is_right, &is_stale));
    if (!is_right)
        return password_wrong();
    if (user->is_suspended)
        return err_public(
            err_new(ERR_FORBIDDEN, "a user of a suspended tenant"),
            "This account is suspended. Write to the people who run this studio.");
    return is_stale ? password_again(accounts->passwords, password, visit->mem, &visit->anew)
                    : NULL;
}

Err *session_open(
    Accounts *accounts, const char *email, const char *password, Arena *mem, User *ret,
    const char **ret_token)
{
    Visit visit = {.mem = mem};
    const char *token = secret_new(SECRET_SESSION, mem);
    AUTO(err_free) Err *err = user_email_read(email, mem, &visit.email);

    if (err || strlen(password) > PASSWORD_BYTES)
        return password_wrong();
    TRY(tries_count(accounts, visit.email, mem));
    TRY(db_read(accounts->db, user_look, &visit));
    TRY(visit_check(accounts, &visit, password));
    visit.hash = secret_hash(token, mem);
    TRY(db_write(accounts->db, visit_begin, &visit));

    const SignIn *user = &visit.user;
    *ret = (User){
        .id = user->id,
        .tenant_id = user->tenant_id,
        .email = user->email,
        .name = user->name,
        .role = user->role,
        .created_ms = user->created_ms,
        .seen_ms = clock_now_ms(),
    };
    *ret_token = token;
    return NULL;
}

static Err *visit_end(DbTx *tx, void *hash)
{
    return session_end(tx, hash);
}

Err *session_close(Accounts *accounts, const char *token)
{
    AUTO(arena_free) Arena *mem = arena_new();
    char *hash = arena_text(mem, secret_hash(token, mem));

    return db_write(accounts->db, visit_end, hash);
}
