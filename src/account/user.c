/* Users: people who sign in. */
#include <ctype.h>
#include <string.h>

#include "account/account_priv.h"
#include "base/clock.h"

enum {
    EMAIL_BYTES = 254,
    NAME_BYTES = 200
};

/* Whether an address is anybody's can only be found out by writing to it; here only what could never be one is told. */
static bool email_could_be(const char *words)
{
    const char *at = strrchr(words, '@');

    if (!at || at == words || !at[1] || strlen(words) > EMAIL_BYTES)
        return false;
    for (const char *letter = words; *letter; letter++)
        if (isspace((unsigned char)*letter) || iscntrl((unsigned char)*letter) ||
            strchr("<>,;\"", *letter))
            return false;
    return true;
}

Err *user_email_read(const char *words, Arena *mem, const char **ret)
{
    if (!words || !email_could_be(words))
        return err_field(
            err_public(
                err_new(ERR_INPUT_INVALID, "no e-mail address"),
                "email must be an e-mail address, such as ann@example.com."),
            "/email");

    char *email = arena_text(mem, words);
    for (char *letter = email; *letter; letter++)
        if (*letter >= 'A' && *letter <= 'Z')
            *letter |= 0x20;
    *ret = email;
    return NULL;
}

typedef struct Joining {
    const UserWish *wish;
    const char *email, *password;
    Arena *mem;
    User user;
} Joining;

static MUST Err *role_check(const char *tenant_id, int role)
{
    if ((role == ROLE_ADMIN) == !tenant_id)
        return NULL;
    return err_field(
        err_public(
            err_new(ERR_INPUT_INVALID, "a user's role does not fit its tenant"),
            "role can be admin for the studio's own people alone, and must be for those."),
        "/role");
}

static MUST Err *name_check(const char *name)
{
    if (!name || strlen(name) <= NAME_BYTES)
        return NULL;
    return err_field(
        err_public(
            err_new(ERR_INPUT_INVALID, "a user's name of %zu bytes", strlen(name)),
            "name may have %d characters at most.", NAME_BYTES),
        "/name");
}

static MUST Err *wish_check(const UserWish *wish)
{
    TRY(role_check(wish->tenant_id, wish->role));
    TRY(name_check(wish->name));
    if (wish->imported && !password_is_hash(wish->imported))
        return err_field(
            err_public(
                err_new(ERR_INPUT_INVALID, "an imported password is no hash we know"),
                "An imported password must be a bcrypt or argon2id hash."),
            "/imported");
    return NULL;
}

static Err *user_join(DbTx *tx, void *joining_any)
{
    Joining *joining = joining_any;
    const UserWish *wish = joining->wish;
    const Id id = id_new("user");
    bool is_new;

    joining->user = (User){
        .id = arena_text(joining->mem, id.text),
        .tenant_id = wish->tenant_id,
        .email = joining->email,
        .name = wish->name ? wish->name : "",
        .role = wish->role,
        .created_ms = clock_now_ms(),
    };
    if (wish->tenant_id)
        TRY(tenant_check(tx, wish->tenant_id));
    TRY(user_insert(tx, &joining->user, joining->password, &is_new));
    if (is_new)
        return NULL;
    return err_field(
        err_public(
            err_new(ERR_ROW_TAKEN, "a user with that address is there already"),
            "There is a user with this address already."),
        "/email");
}

static Err *user_join_first(DbTx *tx, void *joining)
{
    int64_t count;

    TRY(db_lock(tx, "first user"));
    TRY(user_count(tx, &count));
    if (count)
        return err_public(
            err_new(ERR_CONFLICT, "there is a user already"),
            "This studio has its first account already. Sign in instead.");
    return user_join(tx, joining);
}

Err *user_create_first(Accounts *accounts, const UserWish *wish, Arena *mem, User *ret)
{
    const UserWish admin = {
        .email = wish->email, .name = wish->name, .password = wish->password, .role = ROLE_ADMIN};
    Joining joining = {.wish = &admin, .mem = mem};

    TRY(wish_check(&admin));
    TRY(user_email_read(admin.email, mem, &joining.email));
    TRY(password_hash(accounts->passwords, admin.password, mem, &joining.password));
    TRY(db_write(accounts->db, user_join_first, &joining));
    *ret = joining.user;
    return NULL;
}

Err *user_create(Accounts *accounts, const UserWish *wish, Arena *mem, User *ret)
{
    Joining joining = {.wish = wish, .password = wish->imported, .mem = mem};

    TRY(wish_check(wish));
    TRY(user_email_read(wish->email, mem, &joining.email));
    if (wish->password)
        TRY(password_hash(accounts->passwords, wish->password, mem, &joining.password));
    TRY(db_write(accounts->db, user_join, &joining));
    *ret = joining.user;
    return NULL;
}

/* ---- what changes ---- */

Err *user_role_set(DbTx *tx, const char *tenant_id, const char *id, int role)
{
    TRY(role_check(tenant_id, role));
    return user_role_update(tx, tenant_id, id, role);
}

Err *user_name_set(DbTx *tx, const char *tenant_id, const char *id, const char *name)
{
    TRY(name_check(name));
    return user_name_update(tx, tenant_id, id, name);
}

Err *user_sign_out(DbTx *tx, const char *tenant_id, const char *id)
{
    TRY(user_check(tx, tenant_id, id));
    return session_end_all(tx, id);
}

/* ---- a new password ---- */

typedef struct NewPassword {
    const char *user_id, *hash;
} NewPassword;

static Err *password_replace(DbTx *tx, void *wanted_any)
{
    const NewPassword *wanted = wanted_any;

    TRY(user_password_update(tx, wanted->user_id, wanted->hash));
    return session_end_all(tx, wanted->user_id);
}

Err *user_password_set(Accounts *accounts, const char *user_id, const char *password)
{
    AUTO(arena_free) Arena *mem = arena_new();
    NewPassword wanted = {.user_id = user_id};

    TRY(password_hash(accounts->passwords, password, mem, &wanted.hash));
    return db_write(accounts->db, password_replace, &wanted);
}
