/* Keys: how they are made, and an admin's first. */
#include <ctype.h>
#include <string.h>

#include "account/account_priv.h"
#include "base/clock.h"

enum {
    NAME_BYTES = 100,
    HINT_LETTERS = 10,
    BROUGHT_HINT_LETTERS = 3,
    BROUGHT_LEAST = 16,
    BROUGHT_MOST = 200
};

static const char operators_name[] = "CYCLORAMA_ADMIN_KEY";

/* ---- what is asked for ---- */

static MUST Err *name_check(const char *name)
{
    if (name && *name && strlen(name) <= NAME_BYTES)
        return NULL;
    return err_field(
        err_public(
            err_new(ERR_INPUT_INVALID, "a key's name of %zu bytes", name ? strlen(name) : 0),
            "name must have from 1 to %d characters.", NAME_BYTES),
        "/name");
}

static MUST Err *brought_check(const char *secret)
{
    size_t letters = 0;

    while (isgraph((unsigned char)secret[letters]))
        letters++;
    if (!secret[letters] && letters >= BROUGHT_LEAST && letters <= BROUGHT_MOST &&
        !secret_has(secret, SECRET_SESSION) && !secret_is_mistyped(secret))
        return NULL;
    return err_public(
        err_new(ERR_INPUT_INVALID, "a key that was brought cannot be one"),
        "A key of your own has from %d to %d letters, digits and signs, without blanks.",
        BROUGHT_LEAST, BROUGHT_MOST);
}

static MUST Err *wish_check(DbTx *tx, const KeyWish *wish)
{
    bool is_admins = wish->role == ROLE_ADMIN;

    TRY(name_check(wish->name));
    TRY(rights_check(&wish->scopes));
    if (is_admins != !wish->tenant_id)
        return err_field(
            err_public(
                err_new(ERR_INPUT_INVALID, "a key's role does not fit its tenant"),
                "role can be admin for the studio's own keys alone, and must be for those."),
            "/role");
    if (wish->tenant_id)
        TRY(tenant_check(tx, wish->tenant_id));
    if (wish->user_id)
        TRY(key_user_check(tx, wish->tenant_id, wish->user_id));
    return wish->secret ? brought_check(wish->secret) : NULL;
}

Err *key_create(DbTx *tx, const KeyWish *wish, Arena *mem, Key *ret, const char **ret_secret)
{
    const Id id = id_new("key");
    const char *secret = wish->secret ? wish->secret : secret_new(SECRET_KEY, mem);
    size_t hint = wish->secret ? BROUGHT_HINT_LETTERS : HINT_LETTERS;

    TRY(wish_check(tx, wish));
    const Key key = {
        .id = arena_text(mem, id.text),
        .tenant_id = wish->tenant_id,
        .user_id = wish->user_id,
        .name = wish->name,
        .hint = arena_text_n(mem, secret, hint),
        .role = wish->role,
        .scopes = wish->scopes,
        .created_ms = clock_now_ms(),
        .expires_ms = wish->expires_ms,
    };
    TRY(key_insert(tx, &key, secret_hash(secret, mem)));
    *ret = key;
    *ret_secret = secret;
    return NULL;
}

/* ---- an admin's first ---- */

typedef struct First {
    const char *wished;
    Arena *mem;
    FirstKey made;
} First;

static MUST Err *brought_keep(DbTx *tx, First *first)
{
    const KeyWish wish = {.name = operators_name, .role = ROLE_ADMIN, .secret = first->wished};
    const char *hash = secret_hash(first->wished, first->mem), *secret;
    bool is_there;
    Key key;

    TRY(brought_check(first->wished));
    TRY(key_named_revoke(tx, operators_name, hash, &first->made.ended));
    TRY(key_admin_revive(tx, hash, &is_there));
    return is_there ? NULL : key_create(tx, &wish, first->mem, &key, &secret);
}

static Err *first_make(DbTx *tx, void *first_any)
{
    First *first = first_any;
    const KeyWish wish = {.name = "First admin key", .role = ROLE_ADMIN};
    int64_t count;
    Key key;

    first->made = (FirstKey){0};
    TRY(db_lock(tx, "admin key")); /* of several processes that start at once, one makes it */
    if (first->wished && *first->wished)
        TRY(brought_keep(tx, first));
    else if (first->wished)
        TRY(key_named_revoke(tx, operators_name, "", &first->made.ended));
    TRY(key_admin_count(tx, &count));
    if (count)
        return NULL;
    TRY(key_create(tx, &wish, first->mem, &key, &first->made.secret));
    return audit_add(tx, &(Audit){.action = "key.create", .subject = key.id});
}

Err *key_admin_first(Db *db, const char *wished, Arena *mem, FirstKey *ret)
{
    First first = {.wished = wished, .mem = mem};

    TRY(db_write(db, first_make, &first));
    *ret = first.made;
    return NULL;
}
