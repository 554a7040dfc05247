/* cyclorama admin: tenants, users, keys, credits, queues and who did what, from the machine itself. */
#include <string.h>

#include "app/admin_priv.h"
#include "app/records.h"

static const Field AdminOptions_fields[] = {
    {FIELD_TEXT(AdminOptions, tenant), .help = "Id of a tenant", .optional = true, .max = 100},
    {FIELD_TEXT(AdminOptions, name), .help = "Name", .optional = true, .max = 200},
    {FIELD_TEXT(AdminOptions, email), .help = "E-mail address", .optional = true, .max = 254},
    {FIELD_NAME(AdminOptions, plan, plan_names), .help = "Plan; free unless given",
     .optional = true, .nullable = true},
    {FIELD_NAME(AdminOptions, tier, tier_names),
     .help = "Plan of the product photo studio; what the plan stands for unless given",
     .optional = true, .nullable = true},
    {FIELD_INT(AdminOptions, quota),
     .help = "Images a month, -1 for no limit; the plan's unless given", .optional = true,
     .nullable = true},
    {FIELD_INT(AdminOptions, credits), .help = "Credits to begin with (100 are a dollar)",
     .optional = true, .nullable = true},
    {FIELD_INT(AdminOptions, retention_days),
     .help = "Days that pictures are kept; 30 unless given", .optional = true, .nullable = true},
    {FIELD_NAME(AdminOptions, role, role_names),
     .help = "Role; owner unless given, admin without a tenant", .optional = true,
     .nullable = true},
    {FIELD_TEXTS(AdminOptions, scope),
     .help = "What a key is limited to, such as jobs:read or jobs:*; may come again",
     .optional = true},
    {FIELD_INT(AdminOptions, days), .help = "Days that a key is valid; for ever unless given",
     .optional = true, .nullable = true, .unit = "days"},
    {FIELD_TEXT(AdminOptions, reason),
     .help = "Why, for the statement; or the error that jobs died of", .optional = true,
     .max = 200},
    {FIELD_TEXT(AdminOptions, key),
     .help = "Grants once however often it is run, such as the number of an invoice",
     .optional = true, .max = 200},
    {FIELD_TEXT(AdminOptions, queue), .help = "Name of a queue", .optional = true, .max = 100},
    {FIELD_BOOL(AdminOptions, password_stdin),
     .help = "Read the password from the first line of standard input", .preset = "false"},
    {FIELD_TEXT(AdminOptions, after), .help = "Go on after this id", .optional = true, .max = 100},
    {FIELD_TEXT(AdminOptions, before), .help = "Go on before this id", .optional = true,
     .max = 100},
    {FIELD_INT(AdminOptions, limit), .help = "Most rows; 100 unless given", .optional = true,
     .nullable = true},
    {FIELD_BOOL(AdminOptions, json), .help = "Write JSON", .preset = "false"},
    {FIELD_END},
};
const Shape admin_options_shape = SHAPE(AdminOptions);

/* One line of 'cyclorama admin': what it is called, what it takes, and who does it. */
typedef struct AdminVerb {
    const char *words, *usage, *what;
    const char *takes; /* options, between blanks; all take --json */
    size_t least, most;
    AdminRun *run;
} AdminVerb;

static const AdminVerb verbs[] = {
    {"tenant create", "--name NAME --email ADDRESS", "Make a tenant, and show its first key",
     " name email plan tier quota credits retention_days ", 0, 0, admin_tenant_create},
    {"tenant list", "", "All tenants", " after limit ", 0, 0, admin_tenant_list},
    {"tenant show", "TENANT", "One, with its credits", " ", 1, 1, admin_tenant_show},
    {"tenant name", "TENANT NAME", "Call it otherwise", " ", 2, 2, admin_tenant_name},
    {"tenant email", "TENANT ADDRESS", "Another address of its owner", " ", 2, 2,
     admin_tenant_email},
    {"tenant suspend", "TENANT", "Refuse all its requests; what is under way ends as always", " ",
     1, 1, admin_tenant_suspend},
    {"tenant resume", "TENANT", "Let them in again", " ", 1, 1, admin_tenant_resume},
    {"tenant plan", "TENANT free|pro|enterprise", "Another plan, with its quota", " ", 2, 2,
     admin_tenant_plan},
    {"tenant tier", "TENANT TIER|plan", "Another plan of the photo studio, or its plan's own", " ",
     2, 2, admin_tenant_tier},
    {"tenant quota", "TENANT N", "Images a month; -1 for no limit", " ", 2, 2, admin_tenant_quota},
    {"tenant retention", "TENANT DAYS", "How long its pictures are kept", " ", 2, 2,
     admin_tenant_retention},
    {"tenant rate", "TENANT N", "Requests a minute of all its keys; 0 for its plan's", " ", 2, 2,
     admin_tenant_rate},
    {"user create", "ADDRESS", "Make a user", " tenant name role password_stdin ", 1, 1,
     admin_user_create},
    {"user list", "", "Users of a tenant, or the studio's own", " tenant after limit ", 0, 0,
     admin_user_list},
    {"user disable", "USER", "Keep one out, by id or address", " ", 1, 1, admin_user_disable},
    {"user enable", "USER", "Let one in again", " ", 1, 1, admin_user_enable},
    {"user role", "USER viewer|editor|owner", "What one of a tenant may do", " ", 2, 2,
     admin_user_role},
    {"user name", "USER NAME", "Call one otherwise", " ", 2, 2, admin_user_name},
    {"user sign-out", "USER", "End all sessions of one", " ", 1, 1, admin_user_sign_out},
    {"user password", "USER --password-stdin", "A new password; ends all sessions",
     " password_stdin ", 1, 1, admin_user_password},
    {"key create", "", "Make a key of a tenant, or an admin's, and show it once",
     " tenant name role scope days ", 0, 0, admin_key_create},
    {"key list", "", "Keys of a tenant, or admins'", " tenant after limit ", 0, 0, admin_key_list},
    {"key revoke", "KEY", "End one, by its id", " ", 1, 1, admin_key_revoke},
    {"key first", "", "Make an admin's key if there is none", " ", 0, 0, admin_key_first},
    {"vendor-keys set", "TENANT VENDOR", "A tenant's own key at a vendor, read from standard input",
     " ", 2, 2, admin_vendor_key_set},
    {"vendor-keys list", "TENANT", "Which vendors' keys it has", " ", 1, 1, admin_vendor_key_list},
    {"vendor-keys drop", "TENANT VENDOR", "Forget one", " ", 2, 2, admin_vendor_key_drop},
    {"credits grant", "TENANT N", "Give credits", " reason key ", 2, 2, admin_credits_grant},
    {"credits take", "TENANT N --reason WHY", "Take credits back", " reason ", 2, 2,
     admin_credits_take},
    {"credits show", "TENANT", "What a tenant has", " ", 1, 1, admin_credits_show},
    {"credits statement", "TENANT", "What came and went, newest first", " before limit ", 1, 1,
     admin_credits_statement},
    {"usage", "TENANT", "Pictures and what they cost, day by day", " days ", 1, 1, admin_usage},
    {"queue list", "", "All queues, and what is in them", " ", 0, 0, admin_queue_list},
    {"queue pause", "QUEUE", "Begin nothing more of one", " ", 1, 1, admin_queue_pause},
    {"queue resume", "QUEUE", "Go on with it", " ", 1, 1, admin_queue_resume},
    {"dead list", "", "Jobs that are not tried again, and why", " queue after limit ", 0, 0,
     admin_dead_list},
    {"dead reasons", "", "Why jobs died, how many, since when", " queue ", 0, 0,
     admin_dead_reasons},
    {"dead retry", "QUEUE --reason NAME", "Begin all of a queue anew, or those of a reason",
     " reason ", 1, 1, admin_dead_retry},
    {"dead revive", "JOB", "Begin one anew; its credits are held again", " ", 1, 1,
     admin_dead_revive},
    {"dead drop", "JOB", "Forget one", " ", 1, 1, admin_dead_drop},
    {"audit", "", "Who did what, newest first", " tenant before limit ", 0, 0, admin_audit_list},
    {"ledger check", "", "Does every purse say what its entries sum up to?", " ", 0, 0,
     admin_ledger_check},
};

/* ---- finding the verb ---- */

/* How many of WORDS are the verb's; 0 when it is not it. */
static size_t verb_matches(const AdminVerb *verb, const Texts *words)
{
    const char *at = verb->words;
    size_t count = 0;

    while (*at) {
        size_t length = strcspn(at, " ");

        if (count >= words->count || strlen(words->items[count]) != length ||
            strncmp(words->items[count], at, length) != 0)
            return 0;
        count++;
        at += length + strspn(at + length, " ");
    }
    return count;
}

static MUST Err *verb_unknown(const Texts *words, Arena *mem)
{
    const char *typed = arena_print(
        mem, "%s%s%s", words->items[0], words->count > 1 ? " " : "",
        words->count > 1 ? words->items[1] : "");
    const char *names[COUNT(verbs)];

    for (size_t i = 0; i < COUNT(verbs); i++)
        names[i] = verbs[i].words;
    const char *near = shape_nearest(typed, names, COUNT(verbs));
    return err_public(
        err_new(ERR_INPUT_INVALID, "unknown verb '%s'", typed),
        "There is no 'cyclorama admin %s'.%s%s%s Run 'cyclorama admin' to see all.", typed,
        near ? " Did you mean '" : "", near ? near : "", near ? "'?" : "");
}

static bool option_is_given(const Field *field, const void *options)
{
    const void *member = (const char *)options + field->at;

    switch (field->kind) {
    case FIELD_KIND_TEXT:
        return *(const char *const *)member != NULL;
    case FIELD_KIND_INT:
        return *(const int64_t *)member != FIELD_NONE;
    case FIELD_KIND_NAME:
        return *(const int *)member >= 0;
    case FIELD_KIND_TEXTS:
        return ((const Texts *)member)->count > 0;
    default:
        return *(const bool *)member;
    }
}

static MUST Err *verb_check(const AdminVerb *verb, const void *options, size_t words, Arena *mem)
{
    if (words < verb->least || words > verb->most)
        return err_public(
            err_new(ERR_INPUT_INVALID, "'admin %s' does not take %zu words", verb->words, words),
            "%s Usage: cyclorama admin %s %s",
            words < verb->least ? "Something is missing." : "That is a word too many.", verb->words,
            verb->usage);

    for (const Field *field = admin_options_shape.fields; field->name; field++)
        if (option_is_given(field, options) && strcmp(field->name, "json") != 0 &&
            !strstr(verb->takes, arena_print(mem, " %s ", field->name)))
            return err_public(
                err_new(ERR_INPUT_INVALID, "'admin %s' takes no '%s'", verb->words, field->name),
                "'cyclorama admin %s' takes no %s.", verb->words, conf_flag(field, mem));
    return NULL;
}

static void verbs_print(FILE *out)
{
    AUTO(arena_free) Arena *mem = arena_new();

    for (size_t i = 0; i < COUNT(verbs); i++) {
        const AdminVerb *verb = &verbs[i];

        fprintf(
            out, "  %-43s %s\n", arena_print(mem, "%s %s", verb->words, verb->usage), verb->what);
    }
}

const char *admin_words(Arena *mem)
{
    const char *words = "";

    for (size_t i = 0; i < COUNT(verbs); i++)
        words = arena_print(mem, "%s%s%s", words, i ? " " : "", verbs[i].words);
    return words;
}

extern const Command command_admin;

static Err *admin_run(App *app, const void *options_any, const Texts *words, Exit *exit)
{
    if (!words->count) {
        help_command(&command_admin, app->out);
        return NULL;
    }
    for (size_t i = 0; i < COUNT(verbs); i++) {
        size_t count = verb_matches(&verbs[i], words);

        if (!count)
            continue;
        const Texts rest = {words->items + count, words->count - count};
        TRY(verb_check(&verbs[i], options_any, rest.count, app->mem));
        return verbs[i].run(app, options_any, &rest, exit);
    }
    return verb_unknown(words, app->mem);
}

/* ---- what the verbs share ---- */

Err *admin_open(App *app, AdminHouse **ret)
{
    AdminHouse *house = arena_take(app->mem, sizeof(*house));

    TRY(records_open(app, &house->db));
    Err *err = accounts_open(&(AccountsSetup){.db = house->db}, &house->accounts);
    if (err) {
        admin_close(house);
        return err;
    }
    house->clerk.accounts = house->accounts;
    *ret = house;
    return NULL;
}

void admin_close(AdminHouse *house)
{
    if (!house)
        return;
    accounts_close(house->accounts);
    db_close(house->db);
}

static int64_t limit_of(const AdminOptions *options)
{
    return options->limit == FIELD_NONE ? 100 : CLAMP(options->limit, (int64_t)1, (int64_t)10000);
}

OfficePage admin_page(const AdminOptions *options)
{
    return (OfficePage){.after = options->after, .limit = limit_of(options)};
}

OfficePage admin_page_back(const AdminOptions *options)
{
    return (OfficePage){.after = options->before, .limit = limit_of(options)};
}

Err *admin_note(DbTx *tx, const char *action, const char *subject)
{
    return audit_add(tx, &(Audit){.action = action, .subject = subject});
}

static const char *const admin_about[] = {
    "For whoever runs the studio, on its own machine or one that reaches its database; no key is "
    "asked for.",
    "What is changed is written down; 'cyclorama admin audit' shows it. Secrets are shown once, "
    "when they are made.",
    NULL,
};

static const Example admin_examples[] = {
    {"cyclorama admin tenant create --name 'Ann Mugs' --email ann@example.com --plan pro",
     "A tenant and its first key"},
    {"cyclorama admin credits grant TENANT 500 --reason 'Invoice 17' --key invoice-17",
     "Five dollars' worth, once however often it is run"},
    {"cyclorama admin key create --name deploy --days 90", "A key of an admin, for three months"},
    {"cyclorama admin dead list --queue jobs --json", "What went wrong, for a program"},
    {NULL, NULL},
};

const Command command_admin = {
    .name = "admin",
    .summary = "Look after tenants, users, keys, credits and queues",
    .usage = "[NOUN VERB ...]",
    .about = admin_about,
    .examples = admin_examples,
    .verbs = verbs_print,
    .options = SHAPE(AdminOptions),
    .words = "verb",
    .is_server = true,
    .most_words = 4,
    .run = admin_run,
};
