/* cyclorama admin: tenants' own keys at vendors. */
#include <string.h>

#include "app/admin_priv.h"
#include "errand/errand.h"

enum {
    SECRET_BYTES = 1024
};

/* The house, and what is remembered of vendors in it. */
typedef struct Counter {
    AdminHouse *house;
    Errands *errands;
} Counter;

static void counter_close(Counter *counter)
{
    errands_close(counter->errands);
    admin_close(counter->house);
}
DEFINE_AUTO_DONE(Counter, counter_close);

static MUST Err *counter_open(App *app, Counter *counter)
{
    TRY(admin_open(app, &counter->house));
    return errands_open(counter->house->db, app->settings.master_key, &counter->errands);
}

/* The first line of standard input: a secret in a list of processes or a history is none. */
static MUST Err *secret_read(Arena *mem, const char **ret)
{
    char *line = arena_take(mem, SECRET_BYTES);

    if (!fgets(line, SECRET_BYTES, stdin))
        return err_public(
            err_new(ERR_INPUT_MISSING, "no key on standard input"),
            "No key came on standard input. Pipe it in, or type it and press Enter.");
    line[strcspn(line, "\r\n")] = '\0';
    *ret = line;
    return NULL;
}

Err *admin_vendor_key_set(App *app, const AdminOptions *options, const Texts *words, Exit *exit)
{
    AUTO(counter_close) Counter counter = {0};
    TenantKeyWish wish = {.tenant_id = words->items[0], .vendor = words->items[1]};
    TenantKey key;

    (void)exit;
    TRY(counter_open(app, &counter));
    TRY(secret_read(app->mem, &wish.secret));
    TRY(tenant_key_set(counter.errands, &counter.house->clerk, &wish, app->mem, &key));
    return table_print_one(app, &tenant_key_shape, &key, options->json);
}

Err *admin_vendor_key_list(App *app, const AdminOptions *options, const Texts *words, Exit *exit)
{
    static const Table table = {
        &tenant_key_shape, "vendor hint created_ms used_ms", "It has no key of its own."};
    AUTO(counter_close) Counter counter = {0};
    List rows;

    (void)exit;
    TRY(counter_open(app, &counter));
    TRY(tenant_key_list(counter.errands, words->items[0], app->mem, &rows));
    return table_print(app, &table, &rows, options->json);
}

Err *admin_vendor_key_drop(App *app, const AdminOptions *options, const Texts *words, Exit *exit)
{
    AUTO(counter_close) Counter counter = {0};

    (void)exit;
    TRY(counter_open(app, &counter));
    TRY(tenant_key_drop(counter.errands, &counter.house->clerk, words->items[0], words->items[1]));
    if (!options->json) {
        fprintf(app->out, "The key is forgotten.\n");
        return NULL;
    }
    AUTO(value_free) Value *value = value_object();
    value_set(value, "is_done", value_of_bool(true));
    return print_json(app->out, value);
}
