/* cyclorama admin: users and keys. */
#include <string.h>

#include "app/admin_priv.h"
#include "base/clock.h"

enum {
    PASSWORD_BYTES = 1024
};

#define DAY_MS ((int64_t)24 * 60 * 60 * 1000)

/* Owner of a tenant, admin of the house. */
static int role_of(const AdminOptions *options)
{
    if (options->role >= 0)
        return options->role;
    return options->tenant ? ROLE_OWNER : ROLE_ADMIN;
}

/* The first line of standard input, so that no password stands in a list of processes or a history. */
static MUST Err *password_read(const AdminOptions *options, Arena *mem, const char **ret)
{
    char *line = arena_take(mem, PASSWORD_BYTES);

    *ret = NULL;
    if (!options->password_stdin)
        return NULL;
    if (!fgets(line, PASSWORD_BYTES, stdin))
        return err_public(
            err_new(ERR_INPUT_MISSING, "no password on standard input"),
            "No password came on standard input.");
    line[strcspn(line, "\r\n")] = '\0';
    *ret = line;
    return NULL;
}

/* ---- users ---- */

Err *admin_user_create(App *app, const AdminOptions *options, const Texts *words, Exit *exit)
{
    AUTO(admin_close) AdminHouse *house = NULL;
    UserWish wish = {
        .tenant_id = options->tenant,
        .email = words->items[0],
        .name = options->name,
        .role = role_of(options),
    };
    User user;

    (void)exit;
    TRY(password_read(options, app->mem, &wish.password));
    TRY(admin_open(app, &house));
    TRY(office_user_create(&house->clerk, &wish, app->mem, &user));
    return table_print_one(app, &user_shape, &user, options->json);
}

Err *admin_user_list(App *app, const AdminOptions *options, const Texts *words, Exit *exit)
{
    static const Table table = {
        &user_shape, "id email name role seen_ms is_disabled", "There is no user."};
    AUTO(admin_close) AdminHouse *house = NULL;
    List rows;

    (void)words;
    (void)exit;
    TRY(admin_open(app, &house));
    TRY(office_user_list(&house->clerk, options->tenant, admin_page(options), app->mem, &rows));
    return table_print(app, &table, &rows, options->json);
}

static MUST Err *done_print(App *app, const AdminOptions *options, const char *what)
{
    if (!options->json) {
        fprintf(app->out, "%s\n", what);
        return NULL;
    }
    AUTO(value_free) Value *value = value_object();
    value_set(value, "is_done", value_of_bool(true));
    return print_json(app->out, value);
}

static MUST Err *
user_disable_do(App *app, const AdminOptions *options, const char *id, bool is_disabled)
{
    AUTO(admin_close) AdminHouse *house = NULL;

    TRY(admin_open(app, &house));
    TRY(office_user_disable(&house->clerk, (UserName){.id = id}, is_disabled));
    return done_print(
        app, options, is_disabled ? "The user is kept out." : "The user may sign in.");
}

Err *admin_user_disable(App *app, const AdminOptions *options, const Texts *words, Exit *exit)
{
    (void)exit;
    return user_disable_do(app, options, words->items[0], true);
}

Err *admin_user_enable(App *app, const AdminOptions *options, const Texts *words, Exit *exit)
{
    (void)exit;
    return user_disable_do(app, options, words->items[0], false);
}

static MUST Err *
user_facts_do(App *app, const AdminOptions *options, const char *id, const UserFacts *facts)
{
    AUTO(admin_close) AdminHouse *house = NULL;
    User user;

    TRY(admin_open(app, &house));
    TRY(office_user_change(&house->clerk, (UserName){.id = id}, facts, app->mem, &user));
    return table_print_one(app, &user_shape, &user, options->json);
}

Err *admin_user_role(App *app, const AdminOptions *options, const Texts *words, Exit *exit)
{
    static const Field fields[] = {
        {.name = "role", .kind = FIELD_KIND_NAME, .help = "Role", .names = role_names},
        {FIELD_END},
    };
    static const Shape shape = {.name = "Role", .size = sizeof(int), .fields = fields};
    AUTO(value_free) Value *value = value_object();
    UserFacts facts = {0};

    (void)exit;
    value_set(value, "role", value_of_text(words->items[1]));
    TRY(shape_read(&shape, value, app->mem, &facts.role));
    return user_facts_do(app, options, words->items[0], &facts);
}

Err *admin_user_name(App *app, const AdminOptions *options, const Texts *words, Exit *exit)
{
    (void)exit;
    return user_facts_do(
        app, options, words->items[0], &(UserFacts){.name = words->items[1], .role = -1});
}

Err *admin_user_sign_out(App *app, const AdminOptions *options, const Texts *words, Exit *exit)
{
    AUTO(admin_close) AdminHouse *house = NULL;

    (void)exit;
    TRY(admin_open(app, &house));
    TRY(office_user_sign_out(&house->clerk, (UserName){.id = words->items[0]}));
    return done_print(app, options, "All sessions have ended.");
}

Err *admin_user_password(App *app, const AdminOptions *options, const Texts *words, Exit *exit)
{
    AUTO(admin_close) AdminHouse *house = NULL;
    const char *password;

    (void)exit;
    TRY(password_read(options, app->mem, &password));
    if (!password)
        return err_public(
            err_new(ERR_INPUT_MISSING, "no password was given"),
            "Say --password-stdin, and give the password on standard input.");
    TRY(admin_open(app, &house));
    TRY(office_user_password(&house->clerk, (UserName){.id = words->items[0]}, password));
    return done_print(app, options, "The password is set, and all sessions have ended.");
}

/* ---- keys ---- */

static MUST Err *secret_print(App *app, const AdminOptions *options, const char *secret)
{
    if (!options->json) {
        fprintf(app->out, "%s\n", secret);
        return NULL;
    }
    AUTO(value_free) Value *value = value_object();
    value_set(value, "key", value_of_text(secret));
    return print_json(app->out, value);
}

Err *admin_key_create(App *app, const AdminOptions *options, const Texts *words, Exit *exit)
{
    AUTO(admin_close) AdminHouse *house = NULL;
    const KeyWish wish = {
        .tenant_id = options->tenant,
        .name = options->name ? options->name : "Made by an operator",
        .role = role_of(options),
        .scopes = options->scope,
        .expires_ms =
            options->days == FIELD_NONE
                ? 0
                : clock_now_ms() + CLAMP(options->days, (int64_t)0, (int64_t)100000) * DAY_MS,
    };
    const char *secret;
    Key key;

    (void)words;
    (void)exit;
    TRY(admin_open(app, &house));
    TRY(office_key_create(&house->clerk, &wish, app->mem, &key, &secret));
    if (!options->json) {
        TRY(table_print_one(app, &key_shape, &key, false));
        fprintf(app->out, "\nThe key, which is shown only now:\n%s\n", secret);
        return NULL;
    }
    AUTO(value_free) Value *value = shape_write(&key_shape, &key);
    value_set(value, "key", value_of_text(secret));
    return print_json(app->out, value);
}

Err *admin_key_list(App *app, const AdminOptions *options, const Texts *words, Exit *exit)
{
    static const Table table = {
        &key_shape, "id name hint role scopes used_ms expires_ms revoked_ms", "There is no key."};
    AUTO(admin_close) AdminHouse *house = NULL;
    List rows;

    (void)words;
    (void)exit;
    TRY(admin_open(app, &house));
    TRY(office_key_list(&house->clerk, options->tenant, admin_page(options), app->mem, &rows));
    return table_print(app, &table, &rows, options->json);
}

Err *admin_key_revoke(App *app, const AdminOptions *options, const Texts *words, Exit *exit)
{
    AUTO(admin_close) AdminHouse *house = NULL;

    (void)exit;
    TRY(admin_open(app, &house));
    TRY(office_key_revoke(&house->clerk, NULL, words->items[0]));
    return done_print(app, options, "The key is revoked.");
}

Err *admin_key_first(App *app, const AdminOptions *options, const Texts *words, Exit *exit)
{
    AUTO(admin_close) AdminHouse *house = NULL;
    FirstKey first;

    (void)words;
    (void)exit;
    TRY(admin_open(app, &house));
    TRY(key_admin_first(house->db, NULL, app->mem, &first));
    if (first.secret || options->json)
        return secret_print(app, options, first.secret);
    fprintf(
        app->out, "An admin has a key already. Make another: cyclorama admin key create --name "
                  "NAME\n");
    return NULL;
}
