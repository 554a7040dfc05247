/* Promises of model names: what is read of them, and what is said of models that end. */
#include "base/clock.h"
#include "base/file.h"
#include "base/value.h"
#include "call.h"
#include "vendor/vendor_priv.h"

static const ModelAlias *alias_of(const List *aliases, const char *name)
{
    const ModelAlias *rows = aliases->items;

    for (size_t i = 0; i < aliases->count; i++)
        if (strcmp(rows[i].name, name) == 0)
            return &rows[i];
    test_fail(__FILE__, __LINE__, "there is no model '%s'", name);
}

TEST(the_names_of_the_specification_are_there_and_lead_to_models_of_today)
{
    AUTO(arena_free) Arena *mem = arena_new();
    List aliases;

    CHECK_OK(model_aliases_read(NULL, mem, &aliases));
    CHECK_TEXT(alias_of(&aliases, "dall-e-2")->model, "gpt-image-2");
    CHECK_TEXT(alias_of(&aliases, "dall-e-3")->model, "gpt-image-2");
    CHECK_TEXT(alias_of(&aliases, "gpt-image-1")->model, "gpt-image-2");
    CHECK(alias_of(&aliases, "dall-e-3")->is_emulated);
    CHECK_INT(alias_of(&aliases, "dall-e-3")->count_most, 1);
    CHECK(!alias_of(&aliases, "gpt-image-2")->is_emulated);
    CHECK_TEXT(alias_of(&aliases, "gpt-image-2")->shutdown_date, NULL);
    CHECK_TEXT(alias_of(&aliases, "builtin")->vendor, "builtin");
    CHECK_TEXT(alias_of(&aliases, "stable-image-core")->vendor, "stability");
    CHECK_TEXT(alias_of(&aliases, "flux-schnell")->vendor, "fal");
    CHECK_TEXT(alias_of(&aliases, "sdxl")->vendor, "replicate");
}

static Ability ability_of(const char *name)
{
    int ability = 0;

    while (strcmp(ability_names[ability], name) != 0)
        ability++;
    return (Ability)ability;
}

TEST(every_name_leads_to_a_model_whose_price_is_known)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(vendors_close) Vendors *vendors = NULL;
    List aliases;

    CHECK_OK(vendors_open(&(VendorsSetup){.keys = NULL}, &vendors));
    CHECK_OK(model_aliases_read(NULL, mem, &aliases));
    for (size_t i = 0; i < aliases.count; i++) {
        const ModelAlias *alias = &((const ModelAlias *)aliases.items)[i];
        VendorAsk ask = {.vendor = alias->vendor, .model = alias->model};
        VendorQuote quote;

        if (strcmp(alias->vendor, "builtin") == 0)
            continue;
        for (size_t j = 0; j < alias->abilities.count; j++) {
            ask.ability = ability_of(alias->abilities.items[j]);
            CHECK_OK(vendors_quote(vendors, &ask, &quote));
            if (!quote.is_cost_known || quote.cost_micro_usd <= 0)
                test_fail(__FILE__, __LINE__, "%s has no price", alias->name);
        }
    }
}

/* What is said of TEXT as the file of names: its field, or "". */
static const char *read_trouble(const char *text, Arena *mem, const char **ret_field)
{
    const char *folder = test_folder();
    const char *path = arena_print(mem, "%s/models.json", folder);
    List aliases;

    CHECK_OK(file_write(path, text, strlen(text)));
    Err *err = model_aliases_read(path, mem, &aliases);
    *ret_field = err && err_where(err) ? arena_text(mem, err_where(err)) : "";
    test_folder_remove(folder);
    return call_code(err);
}

#define FILE_OF(rows) "{\"as_of\":\"2026-11-21\",\"models\":[" rows "]}"
#define ROW(name, vendor, ability, more) \
    "{\"name\":\"" name "\",\"title\":\"T\",\"model\":\"m\",\"vendor\":\"" vendor \
    "\",\"abilities\":[\"" ability "\"]" more "}"

TEST(a_file_of_ones_own_is_read_and_what_is_wrong_in_it_is_named)
{
    static const struct {
        const char *text, *code, *field;
    } rows[] = {
        {FILE_OF(ROW("a", "openai", "generate", "")), "no error", ""},
        {FILE_OF(ROW("a", "midway", "generate", "")), "input_invalid", "/models/0/vendor"},
        {FILE_OF(ROW("a", "openai", "generate", "") "," ROW("a", "openai", "edit", "")),
         "input_invalid", "/models/1/name"},
        {FILE_OF(ROW("a", "openai", "edit", ",\"becomes\":[\"hd\"]")), "input_invalid",
         "/models/0/becomes/0"},
        {FILE_OF(ROW("a", "openai", "edit", ",\"count_most\":11")), "input_invalid",
         "/models/0/count_most"},
        {FILE_OF(ROW("a", "openai", "paint", "")), "input_invalid", "/models/0/abilities/0"},
        {FILE_OF(ROW("a", "openai", "edit", ",\"shutdown_date\":\"soon\"")), "input_invalid",
         "/models/0/shutdown_date"},
        {"{\"as_of\":\"2026-11-21\",\"models\":[]}", "input_invalid", "/models"},
        {"{", "input_invalid", ""},
    };
    AUTO(arena_free) Arena *mem = arena_new();
    const char *field;

    for (size_t i = 0; i < COUNT(rows); i++) {
        const char *code = read_trouble(rows[i].text, mem, &field);

        if (strcmp(code, rows[i].code) != 0 || strcmp(field, rows[i].field) != 0)
            test_fail(__FILE__, __LINE__, "row %zu: %s at '%s'", i, code, field);
    }
}

/* ---- held against a vendor's list ---- */

#define MODEL(id, date) \
    "{\"id\":\"" id \
    "\",\"object\":\"model\",\"created\":1,\"owned_by\":\"o\",\"shutdown_date\":" date "}"

static bool has_words(const Texts *texts, const char *words)
{
    for (size_t i = 0; i < texts->count; i++)
        if (strstr(texts->items[i], words))
            return true;
    return false;
}

TEST(models_that_end_or_are_gone_are_told)
{
    static const OutsideRow rows[] = {
        {"GET", "/v1/models",
         .body = "{\"object\":\"list\",\"data\":[" MODEL("gpt-image-2", "\"2027-02-01\"") "," MODEL(
             "gpt-image-1.5", "\"2027-12-01\"") "]}"},
        {NULL},
    };
    AUTO(call_end) Call call = call_begin("openai", "/v1", rows);
    List aliases;
    Texts told;

    CHECK_OK(model_aliases_read(NULL, call.mem, &aliases));
    model_aliases_check(call.vendors, &aliases, NULL, call.mem, &told);
    CHECK(has_words(
        &told, "gpt-image-2 is served by gpt-image-2 of openai, which will be switched off on "
               "2027-02-01."));
    CHECK(has_words(&told, "dall-e-3 is served by gpt-image-2"));
    CHECK(has_words(
        &told, "gpt-image-1-mini is served by gpt-image-1-mini of openai, which is not in its "
               "list of models (any more)."));
    CHECK(!has_words(&told, "gpt-image-1.5 is served"));
}

TEST(a_vendor_that_does_not_answer_keeps_nobody_from_starting)
{
    static const OutsideRow rows[] = {{"GET", "*", .status = 401}, {NULL}};
    AUTO(call_end) Call call = call_begin("openai", "/v1", rows);
    List aliases;
    Texts told;

    CHECK_OK(model_aliases_read(NULL, call.mem, &aliases));
    clock_hold(1790000000000); /* 2026-09-21: the dates of the file itself are near */
    model_aliases_check(call.vendors, &aliases, NULL, call.mem, &told);
    CHECK_INT(told.count, 2);
    CHECK(has_words(&told, "gpt-image-1.5 of openai, which will be switched off on 2026-12-01."));
    clock_hold(1760000000000);
    model_aliases_check(NULL, &aliases, NULL, call.mem, &told);
    CHECK_INT(told.count, 0);
}
