/* Promises of 'cyclorama admin' and 'cyclorama migrate', from the outside. */
#include "program.h"
#include "test.h"

/* What the program wrote as JSON; fails the test unless it went well. */
static Value *said(const Desk *desk, const char *words)
{
    Ran ran = desk_run(desk, words);
    Value *value = NULL;

    if (ran.status != 0)
        test_fail(__FILE__, __LINE__, "'%s' ended with %d: %s", words, ran.status, ran.err);
    CHECK_OK(value_parse(ran.out, strlen(ran.out), &value));
    return value;
}

static const char *tenant_make(const Desk *desk)
{
    AUTO(value_free) Value *tenant =
        said(desk, "admin tenant create --name Mugs --email ann@example.com --plan pro --json");

    CHECK_INT(strlen(value_text(value_get(tenant, "key"))), 44);
    CHECK_INT(value_int(value_get(tenant, "quota")), 500);
    return arena_text(desk->mem, value_text(value_get(tenant, "id")));
}

static int64_t available(const Desk *desk, const char *tenant)
{
    AUTO(value_free) Value *purse =
        said(desk, arena_print(desk->mem, "admin credits show %s --json", tenant));

    return value_int(value_get(purse, "available"));
}

TEST(an_operator_makes_a_tenant_and_gives_it_credits_once)
{
    AUTO(desk_clear) Desk desk = desk_new();
    const char *tenant = tenant_make(&desk);
    const char *grant = arena_print(desk.mem, "admin credits grant %s 500 --key i17", tenant);

    CHECK_INT(available(&desk, tenant), 1500);
    CHECK_INT(desk_run(&desk, grant).status, 0);
    CHECK_INT(desk_run(&desk, grant).status, 0);
    CHECK_INT(available(&desk, tenant), 2000);

    AUTO(value_free) Value *statement =
        said(&desk, arena_print(desk.mem, "admin credits statement %s --json", tenant));
    CHECK_INT(value_count(statement), 2);
    AUTO(value_free) Value *check = said(&desk, "admin ledger check --json");
    CHECK(value_bool(value_get(check, "is_well")));

    Ran list = desk_run(&desk, "admin tenant list");
    CHECK(strstr(list.out, "Mugs") && strstr(list.out, "pro"));
}

TEST(an_operator_sets_the_tier_of_a_tenant)
{
    AUTO(desk_clear) Desk desk = desk_new();
    AUTO(value_free) Value *made = said(
        &desk, "admin tenant create --name Mugs --email ann@example.com --tier standard --json");
    const char *id = arena_text(desk.mem, value_text(value_get(made, "id")));

    CHECK_TEXT(value_text(value_get(made, "tier")), "standard");
    CHECK_INT(available(&desk, id), 0);
    AUTO(value_free) Value *higher =
        said(&desk, arena_print(desk.mem, "admin tenant tier %s premium --json", id));
    CHECK_TEXT(value_text(value_get(higher, "tier")), "premium");
    CHECK_INT(available(&desk, id), 2000);
    AUTO(value_free) Value *plans =
        said(&desk, arena_print(desk.mem, "admin tenant tier %s plan --json", id));
    CHECK(value_kind(value_get(plans, "tier")) == VALUE_NULL);
    Ran unknown = desk_run(&desk, arena_print(desk.mem, "admin tenant tier %s gold", id));
    CHECK(unknown.status != 0 && strstr(unknown.err, "professional or premium"));
}

TEST(an_operator_changes_what_a_tenant_has)
{
    AUTO(desk_clear) Desk desk = desk_new();
    const char *tenant = tenant_make(&desk);

    CHECK_INT(
        desk_run(&desk, arena_print(desk.mem, "admin tenant name %s Cups", tenant)).status, 0);
    CHECK_INT(desk_run(&desk, arena_print(desk.mem, "admin tenant rate %s 90", tenant)).status, 0);
    AUTO(value_free) Value *shown =
        said(&desk, arena_print(desk.mem, "admin tenant show %s --json", tenant));
    CHECK_TEXT(value_text(value_get(shown, "name")), "Cups");
    CHECK_INT(value_int(value_get(shown, "requests_a_minute")), 90);

    const char *take = arena_print(desk.mem, "admin credits take %s 1000", tenant);
    CHECK_INT(desk_run(&desk, take).status, 0);
    CHECK_INT(available(&desk, tenant), 500);
    Ran more = desk_run(&desk, take);
    CHECK(more.status != 0 && strstr(more.err, "Only 500 credits"));
    Ran used = desk_run(&desk, arena_print(desk.mem, "admin usage %s", tenant));
    CHECK(strstr(used.out, "Nothing was made"));
}

TEST(an_operator_changes_a_user)
{
    AUTO(desk_clear) Desk desk = desk_new();
    const char *tenant = tenant_make(&desk);
    const char *create =
        arena_print(desk.mem, "admin user create b@example.com --tenant %s --role viewer", tenant);

    CHECK_INT(desk_run(&desk, create).status, 0);
    AUTO(value_free) Value *raised = said(&desk, "admin user role b@example.com owner --json");
    CHECK_TEXT(value_text(value_get(raised, "role")), "owner");
    AUTO(value_free) Value *named = said(&desk, "admin user name b@example.com Budi --json");
    CHECK_TEXT(value_text(value_get(named, "name")), "Budi");
    CHECK_INT(desk_run(&desk, "admin user sign-out b@example.com").status, 0);
    CHECK(desk_run(&desk, "admin user role b@example.com admin").status != 0);
    Ran audit = desk_run(&desk, "admin audit --json");
    CHECK(strstr(audit.out, "user.change") && strstr(audit.out, "user.sign_out"));
}

TEST(what_an_operator_changes_is_written_down_without_secrets)
{
    AUTO(desk_clear) Desk desk = desk_new();
    const char *tenant = tenant_make(&desk);

    CHECK_INT(desk_run(&desk, arena_print(desk.mem, "admin tenant suspend %s", tenant)).status, 0);
    CHECK_INT(desk_run(&desk, "admin key first").status, 0);
    Ran audit = desk_run(&desk, "admin audit --json");
    CHECK(strstr(audit.out, "tenant.create") && strstr(audit.out, "tenant.suspend"));
    CHECK(strstr(audit.out, "key.create"));
    CHECK(!strstr(audit.out, "cyc_"));
}

TEST(an_admin_has_a_first_key_once)
{
    AUTO(desk_clear) Desk desk = desk_new();
    Ran first = desk_run(&desk, "admin key first"), second = desk_run(&desk, "admin key first");

    CHECK(strncmp(first.out, "cyc_", 4) == 0);
    CHECK(strstr(second.out, "already"));
    AUTO(value_free) Value *keys = said(&desk, "admin key list --json");
    CHECK_INT(value_count(keys), 1);
    const char *id = value_text(value_get(value_at(keys, 0), "id"));
    CHECK_INT(desk_run(&desk, arena_print(desk.mem, "admin key revoke %s", id)).status, 0);
    CHECK(strncmp(desk_run(&desk, "admin key first").out, "cyc_", 4) == 0);
}

TEST(an_operator_who_mistypes_is_told_what_to_type)
{
    static const char *const cases[][2] = {
        {"admin tenant lst", "Did you mean 'tenant list'?"},
        {"admin tenant list --plan pro", "takes no --plan"},
        {"admin tenant show", "Something is missing."},
        {"admin tenant show nobody", "There is no such account."},
        {"admin tenant quota nobody 5x", "quota cannot be '5x'"},
        {"admin tenant create --name A --email nobody", "email must be an e-mail address"},
        {"admin key create --scope jobs:reed", "Did you mean 'jobs:read'?"},
        {"admin key revoke nothing", "There is no such key."},
        {"admin user password nobody", "--password-stdin"},
    };
    AUTO(desk_clear) Desk desk = desk_new();

    for (size_t i = 0; i < COUNT(cases); i++) {
        Ran ran = desk_run(&desk, cases[i][0]);

        if (ran.status != 2 || !strstr(ran.err, cases[i][1]))
            test_fail(
                __FILE__, __LINE__, "'%s' ended with %d and said '%s'", cases[i][0], ran.status,
                ran.err);
    }
}

TEST(a_database_is_migrated_and_says_so)
{
    AUTO(desk_clear) Desk desk = desk_new();

    CHECK_INT(desk_run(&desk, "migrate --check").status, 1);
    AUTO(value_free) Value *done = said(&desk, "migrate --json");
    CHECK_INT(value_int(value_get(done, "was")), 0);
    CHECK_INT(value_int(value_get(done, "at")), value_int(value_get(done, "newest")));
    CHECK_INT(desk_run(&desk, "migrate --check").status, 0);
}

TEST(an_operator_sets_a_tenants_key_from_standard_input_alone)
{
    static const char *const rows[] = {
        "CYCLORAMA_MASTER_KEY=0123456789abcdef0123456789abcdef", NULL};
    AUTO(desk_clear) Desk desk = desk_new();
    const char *tenant = tenant_make(&desk);
    const char *set = arena_print(desk.mem, "admin vendor-keys set %s fal", tenant);
    const char *list = arena_print(desk.mem, "admin vendor-keys list %s", tenant);
    const char *drop = arena_print(desk.mem, "admin vendor-keys drop %s fal", tenant);

    CHECK_INT(desk_run_with(&desk, set, rows).status, 2); /* nothing on standard input */
    desk_put(&desk, "stdin.txt", "key-id:0123456789-wxyz\n");
    Ran ran = desk_run_with(&desk, set, rows);
    CHECK_INT(ran.status, 0);
    CHECK(strstr(ran.out, "wxyz") && !strstr(ran.out, "0123456789"));
    Ran listed = desk_run(&desk, list);
    CHECK(strstr(listed.out, "fal") && strstr(listed.out, "wxyz"));
    CHECK_INT(desk_run(&desk, drop).status, 0);
    CHECK_INT(desk_run(&desk, drop).status, 2);
    CHECK(strstr(desk_run(&desk, list).out, "no key of its own"));
    Ran audit = desk_run(&desk, "admin audit --json");
    CHECK(strstr(audit.out, "vendor-key.set") && strstr(audit.out, "vendor-key.drop"));
    CHECK(!strstr(audit.out, "wxyz"));
}
