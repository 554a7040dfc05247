/* What is done to keys and users from outside, with its line in the audit. */
#include <string.h>

#include "account/office.h"

typedef struct Errand {
    const Clerk *clerk;
    const char *tenant_id, *id;
    OfficePage page;
    const KeyWish *key_wish;
    bool is_disabled;
    const UserFacts *facts;
    Arena *mem;
    Key *key;
    User *user;
    const char **secret;
    List *rows;
} Errand;

typedef struct Note {
    const char *tenant_id, *action, *subject;
    Value *detail; /* taken over */
} Note;

static MUST Err *noted(const Errand *errand, DbTx *tx, Note note)
{
    AUTO(value_free) Value *detail = note.detail;

    return audit_add(
        tx, &(Audit){
                .tenant_id = note.tenant_id,
                .caller = errand->clerk->caller,
                .action = note.action,
                .subject = note.subject,
                .detail = detail,
                .address = errand->clerk->address,
            });
}

/* Is what belongs to OWNER (NULL: the house) the errand's to touch? */
static bool is_in_reach(const Errand *errand, const char *owner)
{
    return !errand->tenant_id || (owner && strcmp(owner, errand->tenant_id) == 0);
}

/* ---- keys ---- */

static Err *key_create_work(DbTx *tx, void *context)
{
    const Errand *errand = context;
    Value *detail = value_object();

    value_set(detail, "role", value_of_text(role_names[errand->key_wish->role]));
    Err *err = key_create(tx, errand->key_wish, errand->mem, errand->key, errand->secret);
    if (err) {
        value_free(detail);
        return err;
    }
    return noted(errand, tx, (Note){errand->key->tenant_id, "key.create", errand->key->id, detail});
}

Err *office_key_create(
    const Clerk *clerk, const KeyWish *wish, Arena *mem, Key *ret, const char **ret_secret)
{
    return db_write(
        accounts_db(clerk->accounts), key_create_work,
        &(Errand){.clerk = clerk, .key_wish = wish, .mem = mem, .key = ret, .secret = ret_secret});
}

static Err *key_list_work(DbTx *tx, void *context)
{
    const Errand *errand = context;

    return key_list(
        tx, errand->tenant_id, errand->page.after, errand->page.limit, errand->mem, errand->rows);
}

Err *office_key_list(
    const Clerk *clerk, const char *tenant_id, OfficePage page, Arena *mem, List *ret)
{
    return db_read(
        accounts_db(clerk->accounts), key_list_work,
        &(Errand){.tenant_id = tenant_id, .page = page, .mem = mem, .rows = ret});
}

static Err *key_revoke_work(DbTx *tx, void *context)
{
    const Errand *errand = context;
    AUTO(arena_free) Arena *mem = arena_new();
    Key key;

    TRY(key_find(tx, errand->id, mem, &key));
    TRY(key_revoke(tx, errand->tenant_id ? errand->tenant_id : key.tenant_id, errand->id));
    return noted(errand, tx, (Note){key.tenant_id, "key.revoke", errand->id, NULL});
}

Err *office_key_revoke(const Clerk *clerk, const char *tenant_id, const char *id)
{
    return db_write(
        accounts_db(clerk->accounts), key_revoke_work,
        &(Errand){.clerk = clerk, .tenant_id = tenant_id, .id = id});
}

/* ---- users ---- */

static Err *user_note_work(DbTx *tx, void *context)
{
    const Errand *errand = context;
    Value *detail = value_object();

    value_set(detail, "role", value_of_text(role_names[errand->user->role]));
    return noted(
        errand, tx, (Note){errand->user->tenant_id, "user.create", errand->user->id, detail});
}

Err *office_user_create(const Clerk *clerk, const UserWish *wish, Arena *mem, User *ret)
{
    TRY(user_create(clerk->accounts, wish, mem, ret));
    return db_write(
        accounts_db(clerk->accounts), user_note_work, &(Errand){.clerk = clerk, .user = ret});
}

Err *office_user_first(
    const Clerk *clerk, const UserWish *wish, Arena *mem, User *ret, const char **ret_token)
{
    Accounts *accounts = clerk->accounts;

    TRY(user_create_first(accounts, wish, mem, ret));
    TRY(db_write(accounts_db(accounts), user_note_work, &(Errand){.clerk = clerk, .user = ret}));
    return session_open(accounts, ret->email, wish->password, mem, ret, ret_token);
}

static Err *user_count_work(DbTx *tx, void *count)
{
    return user_count(tx, count);
}

Err *office_is_empty(const Accounts *accounts, bool *ret)
{
    int64_t count;

    TRY(db_read(accounts_db(accounts), user_count_work, &count));
    *ret = count == 0;
    return NULL;
}

static Err *user_list_work(DbTx *tx, void *context)
{
    const Errand *errand = context;

    return user_list(
        tx, errand->tenant_id, errand->page.after, errand->page.limit, errand->mem, errand->rows);
}

Err *office_user_list(
    const Clerk *clerk, const char *tenant_id, OfficePage page, Arena *mem, List *ret)
{
    return db_read(
        accounts_db(clerk->accounts), user_list_work,
        &(Errand){.tenant_id = tenant_id, .page = page, .mem = mem, .rows = ret});
}

static MUST Err *user_reach(DbTx *tx, const Errand *errand, Arena *mem, User *ret)
{
    User user;

    TRY(user_find(tx, errand->id, mem, &user));
    if (!is_in_reach(errand, user.tenant_id))
        return err_new(ERR_NOT_FOUND, "'%s' is another tenant's", errand->id);
    *ret = user;
    return NULL;
}

static Err *user_reach_work(DbTx *tx, void *context)
{
    const Errand *errand = context;

    return user_reach(tx, errand, errand->mem, errand->user);
}

Err *office_user_find(const Clerk *clerk, UserName name, Arena *mem, User *ret)
{
    return db_read(
        accounts_db(clerk->accounts), user_reach_work,
        &(Errand){.tenant_id = name.tenant_id, .id = name.id, .mem = mem, .user = ret});
}

static Err *user_disable_work(DbTx *tx, void *context)
{
    const Errand *errand = context;
    AUTO(arena_free) Arena *mem = arena_new();
    const char *action = errand->is_disabled ? "user.disable" : "user.enable";
    User user;

    TRY(user_reach(tx, errand, mem, &user));
    TRY(user_disable(tx, user.tenant_id, user.id, errand->is_disabled));
    return noted(errand, tx, (Note){user.tenant_id, action, user.id, NULL});
}

Err *office_user_disable(const Clerk *clerk, UserName name, bool is_disabled)
{
    return db_write(
        accounts_db(clerk->accounts), user_disable_work,
        &(Errand){
            .clerk = clerk,
            .tenant_id = name.tenant_id,
            .id = name.id,
            .is_disabled = is_disabled,
        });
}

static Err *user_change_work(DbTx *tx, void *context)
{
    const Errand *errand = context;
    const UserFacts *facts = errand->facts;
    AUTO(value_free) Value *detail = value_object();
    User user;

    TRY(user_reach(tx, errand, errand->mem, &user));
    if (facts->name) {
        TRY(user_name_set(tx, user.tenant_id, user.id, facts->name));
        value_set(detail, "name", value_of_text(facts->name));
    }
    if (facts->role >= 0) {
        TRY(user_role_set(tx, user.tenant_id, user.id, facts->role));
        value_set(detail, "role", value_of_text(role_names[facts->role]));
    }
    TRY(noted(errand, tx, (Note){user.tenant_id, "user.change", user.id, value_ref(detail)}));
    return user_find(tx, user.id, errand->mem, errand->user);
}

Err *office_user_change(
    const Clerk *clerk, UserName name, const UserFacts *facts, Arena *mem, User *ret)
{
    return db_write(
        accounts_db(clerk->accounts), user_change_work,
        &(Errand){
            .clerk = clerk,
            .tenant_id = name.tenant_id,
            .id = name.id,
            .facts = facts,
            .mem = mem,
            .user = ret,
        });
}

static Err *sign_out_work(DbTx *tx, void *context)
{
    const Errand *errand = context;
    AUTO(arena_free) Arena *mem = arena_new();
    User user;

    TRY(user_reach(tx, errand, mem, &user));
    TRY(user_sign_out(tx, user.tenant_id, user.id));
    return noted(errand, tx, (Note){user.tenant_id, "user.sign_out", user.id, NULL});
}

Err *office_user_sign_out(const Clerk *clerk, UserName name)
{
    return db_write(
        accounts_db(clerk->accounts), sign_out_work,
        &(Errand){.clerk = clerk, .tenant_id = name.tenant_id, .id = name.id});
}

static Err *password_note_work(DbTx *tx, void *context)
{
    const Errand *errand = context;

    return noted(
        errand, tx, (Note){errand->user->tenant_id, "user.password", errand->user->id, NULL});
}

Err *office_user_password(const Clerk *clerk, UserName name, const char *password)
{
    AUTO(arena_free) Arena *mem = arena_new();
    Db *db = accounts_db(clerk->accounts);
    User user;
    Errand errand = {
        .clerk = clerk, .tenant_id = name.tenant_id, .id = name.id, .mem = mem, .user = &user};

    TRY(db_read(db, user_reach_work, &errand));
    TRY(user_password_set(clerk->accounts, user.id, password));
    return db_write(db, password_note_work, &errand);
}

Err *office_password_change(
    const Clerk *clerk, const PasswordChange *change, Arena *mem, const char **ret_token)
{
    const char *token;
    User user;
    Errand errand = {.clerk = clerk, .mem = mem, .user = &user};

    TRY(session_open(clerk->accounts, change->email, change->old, mem, &user, &token));
    AUTO(err_free) Err *err = user_password_set(clerk->accounts, user.id, change->wished);
    if (err) {
        err_free(session_close(clerk->accounts, token));
        return TAKE(err);
    }
    TRY(db_write(accounts_db(clerk->accounts), password_note_work, &errand));
    return session_open(clerk->accounts, change->email, change->wished, mem, &user, ret_token);
}
