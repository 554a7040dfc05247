/* cyclorama admin: tenants, credits and the ledger. */
#include <inttypes.h>
#include <string.h>

#include "app/admin_priv.h"
#include "base/clock.h"
#include "base/said.h"

#define DAY_MS ((int64_t)24 * 60 * 60 * 1000)

static int64_t given_or(int64_t number, int64_t preset)
{
    return number == FIELD_NONE ? preset : number;
}

static MUST Err *number_read(const char *name, const char *words, int64_t *ret)
{
    const Field field = {.name = name, .kind = FIELD_KIND_INT};
    AUTO(value_free) Value *value = NULL;

    TRY(shape_parse_words(&field, words, &value));
    *ret = value_int(value);
    return NULL;
}

/* ---- tenants ---- */

Err *admin_tenant_create(App *app, const AdminOptions *options, const Texts *words, Exit *exit)
{
    AUTO(admin_close) AdminHouse *house = NULL;
    const TenantWish wish = {
        .name = options->name,
        .email = options->email,
        .plan = MAX(options->plan, PLAN_FREE),
        .tier = options->tier < 0 ? NULL : tier_names[options->tier],
        .quota = given_or(options->quota, 0),
        .credits = given_or(options->credits, 0),
        .retention_days = given_or(options->retention_days, 0),
    };
    const char *key;
    Tenant tenant;

    (void)words;
    (void)exit;
    TRY(admin_open(app, &house));
    TRY(office_tenant_create(&house->clerk, &wish, app->mem, &tenant, &key));
    if (options->json) {
        AUTO(value_free) Value *value = shape_write(&tenant_shape, &tenant);

        value_set(value, "key", value_of_text(key));
        return print_json(app->out, value);
    }
    TRY(table_print_one(app, &tenant_shape, &tenant, false));
    fprintf(app->out, "\nIts first key, which is shown only now:\n%s\n", key);
    return NULL;
}

Err *admin_tenant_list(App *app, const AdminOptions *options, const Texts *words, Exit *exit)
{
    static const Table table = {
        &tenant_shape, "id name plan tier used quota reset_ms is_suspended",
        "There is no tenant. Make one: cyclorama admin tenant create"};
    AUTO(admin_close) AdminHouse *house = NULL;
    List rows;

    (void)words;
    (void)exit;
    TRY(admin_open(app, &house));
    TRY(office_tenant_list(&house->clerk, admin_page(options), app->mem, &rows));
    return table_print(app, &table, &rows, options->json);
}

static MUST Err *tenant_print(App *app, const AdminHouse *house, const Tenant *tenant, bool as_json)
{
    Purse purse;

    TRY(office_purse_find(&house->clerk, tenant->id, &purse));
    if (as_json) {
        AUTO(value_free) Value *value = shape_write(&tenant_shape, tenant);

        value_set(value, "credits", shape_write(&purse_shape, &purse));
        return print_json(app->out, value);
    }
    TRY(table_print_one(app, &tenant_shape, tenant, false));
    return table_print_one(app, &purse_shape, &purse, false);
}

Err *admin_tenant_show(App *app, const AdminOptions *options, const Texts *words, Exit *exit)
{
    AUTO(admin_close) AdminHouse *house = NULL;
    Tenant tenant;

    (void)exit;
    TRY(admin_open(app, &house));
    TRY(office_tenant_find(&house->clerk, words->items[0], app->mem, &tenant));
    return tenant_print(app, house, &tenant, options->json);
}

static MUST Err *
tenant_change(App *app, const AdminOptions *options, const char *id, const TenantChange *change)
{
    AUTO(admin_close) AdminHouse *house = NULL;
    Tenant tenant;

    TRY(admin_open(app, &house));
    TRY(office_tenant_change(&house->clerk, id, change, app->mem, &tenant));
    return tenant_print(app, house, &tenant, options->json);
}

Err *admin_tenant_suspend(App *app, const AdminOptions *options, const Texts *words, Exit *exit)
{
    const bool is_suspended = true;

    (void)exit;
    return tenant_change(
        app, options, words->items[0], &(TenantChange){.is_suspended = &is_suspended});
}

Err *admin_tenant_resume(App *app, const AdminOptions *options, const Texts *words, Exit *exit)
{
    const bool is_suspended = false;

    (void)exit;
    return tenant_change(
        app, options, words->items[0], &(TenantChange){.is_suspended = &is_suspended});
}

Err *admin_tenant_plan(App *app, const AdminOptions *options, const Texts *words, Exit *exit)
{
    static const Field fields[] = {
        {.name = "plan", .kind = FIELD_KIND_NAME, .help = "Plan", .names = plan_names},
        {FIELD_END},
    };
    static const Shape shape = {.name = "Plan", .size = sizeof(int), .fields = fields};
    AUTO(value_free) Value *value = value_object();
    int plan;

    (void)exit;
    value_set(value, "plan", value_of_text(words->items[1]));
    TRY(shape_read(&shape, value, app->mem, &plan));
    return tenant_change(app, options, words->items[0], &(TenantChange){.plan = &plan});
}

Err *admin_tenant_tier(App *app, const AdminOptions *options, const Texts *words, Exit *exit)
{
    const char *tier = words->items[1];

    (void)exit;
    return tenant_change(
        app, options, words->items[0],
        &(TenantChange){.tier = strcmp(tier, "plan") == 0 ? "" : tier});
}

Err *admin_tenant_quota(App *app, const AdminOptions *options, const Texts *words, Exit *exit)
{
    int64_t quota;

    (void)exit;
    TRY(number_read("quota", words->items[1], &quota));
    return tenant_change(app, options, words->items[0], &(TenantChange){.quota = &quota});
}

Err *admin_tenant_retention(App *app, const AdminOptions *options, const Texts *words, Exit *exit)
{
    int64_t days;

    (void)exit;
    TRY(number_read("days", words->items[1], &days));
    return tenant_change(app, options, words->items[0], &(TenantChange){.retention_days = &days});
}

Err *admin_tenant_rate(App *app, const AdminOptions *options, const Texts *words, Exit *exit)
{
    int64_t rate;

    (void)exit;
    TRY(number_read("requests_per_minute", words->items[1], &rate));
    return tenant_change(
        app, options, words->items[0], &(TenantChange){.requests_a_minute = &rate});
}

Err *admin_tenant_name(App *app, const AdminOptions *options, const Texts *words, Exit *exit)
{
    (void)exit;
    return tenant_change(app, options, words->items[0], &(TenantChange){.name = words->items[1]});
}

Err *admin_tenant_email(App *app, const AdminOptions *options, const Texts *words, Exit *exit)
{
    (void)exit;
    return tenant_change(app, options, words->items[0], &(TenantChange){.email = words->items[1]});
}

/* ---- what it used ---- */

Err *admin_usage(App *app, const AdminOptions *options, const Texts *words, Exit *exit)
{
    static const Table table = {
        &usage_day_shape, "date images cost_micro_usd", "Nothing was made in these days."};
    AUTO(admin_close) AdminHouse *house = NULL;
    int64_t days = CLAMP(given_or(options->days, 30), (int64_t)1, (int64_t)366);
    int64_t until_ms = (clock_now_ms() / DAY_MS + 1) * DAY_MS;
    const OfficeSpan span = {until_ms - days * DAY_MS, until_ms};
    Tenant tenant;
    List rows;

    (void)exit;
    TRY(admin_open(app, &house));
    TRY(office_tenant_find(&house->clerk, words->items[0], app->mem, &tenant));
    TRY(office_usage_days(&house->clerk, tenant.id, &span, app->mem, &rows));
    return table_print(app, &table, &rows, options->json);
}

/* ---- credits ---- */

static MUST Err *purse_print(App *app, const AdminHouse *house, const char *id, bool as_json)
{
    Purse purse;

    TRY(office_purse_find(&house->clerk, id, &purse));
    return table_print_one(app, &purse_shape, &purse, as_json);
}

Err *admin_credits_grant(App *app, const AdminOptions *options, const Texts *words, Exit *exit)
{
    AUTO(admin_close) AdminHouse *house = NULL;
    const Id id = id_new("grant");
    LedgerMove move = {
        .tenant_id = words->items[0],
        .key = options->key ? arena_print(app->mem, "grant:%s", options->key) : id.text,
        .reason = options->reason ? options->reason : "Credits from the studio",
    };
    bool is_moved;

    (void)exit;
    TRY(number_read("credits", words->items[1], &move.credits));
    TRY(admin_open(app, &house));
    TRY(office_credits_grant(&house->clerk, &move, &is_moved));
    if (!is_moved && !options->json)
        fprintf(app->out, "Granted before under this key; nothing was added.\n");
    return purse_print(app, house, move.tenant_id, options->json);
}

Err *admin_credits_take(App *app, const AdminOptions *options, const Texts *words, Exit *exit)
{
    AUTO(admin_close) AdminHouse *house = NULL;
    const Id id = id_new("take");
    LedgerMove move = {
        .tenant_id = words->items[0],
        .key = id.text,
        .reason = options->reason ? options->reason : "Credits taken back by the studio",
    };
    bool is_moved;

    (void)exit;
    TRY(number_read("credits", words->items[1], &move.credits));
    TRY(admin_open(app, &house));
    TRY(office_credits_take(&house->clerk, &move, &is_moved));
    return purse_print(app, house, move.tenant_id, options->json);
}

Err *admin_credits_show(App *app, const AdminOptions *options, const Texts *words, Exit *exit)
{
    AUTO(admin_close) AdminHouse *house = NULL;

    (void)exit;
    TRY(admin_open(app, &house));
    return purse_print(app, house, words->items[0], options->json);
}

Err *admin_credits_statement(App *app, const AdminOptions *options, const Texts *words, Exit *exit)
{
    static const Table table = {
        &ledger_entry_shape, "at_ms kind credits balance held reason subject", "Nothing yet."};
    AUTO(admin_close) AdminHouse *house = NULL;
    List rows;

    (void)exit;
    TRY(admin_open(app, &house));
    TRY(office_statement(
        &house->clerk, words->items[0], admin_page_back(options), app->mem, &rows));
    for (size_t i = 0; i < rows.count; i++) {
        LedgerEntry *entry = &((LedgerEntry *)rows.items)[i];

        entry->reason = said_plain(entry->reason, app->mem);
    }
    return table_print(app, &table, &rows, options->json);
}

Err *admin_ledger_check(App *app, const AdminOptions *options, const Texts *words, Exit *exit)
{
    AUTO(admin_close) AdminHouse *house = NULL;
    Texts wrong;

    (void)words;
    TRY(admin_open(app, &house));
    TRY(office_ledger_audit(&house->clerk, app->mem, &wrong));
    if (wrong.count)
        *exit = EXIT_PART;
    if (!options->json) {
        for (size_t i = 0; i < wrong.count; i++)
            fprintf(app->out, "%s\n", print_safe(wrong.items[i], app->mem));
        fprintf(app->out, wrong.count ? "" : "Every purse is what its entries sum up to.\n");
        return NULL;
    }
    AUTO(value_free) Value *value = value_object(), *list = value_list();
    for (size_t i = 0; i < wrong.count; i++)
        value_add(list, value_of_text(wrong.items[i]));
    value_set(value, "is_well", value_of_bool(!wrong.count));
    value_set(value, "wrong", TAKE(list));
    return print_json(app->out, value);
}
