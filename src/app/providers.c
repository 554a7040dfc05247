/* The vendors that the operator chose: who is asked for what, with which key. */
#include "app/providers.h"

#include <ctype.h>
#include <string.h>

#include "watch/watch.h"

enum {
    NAMES_MAX = 8,
    ABILITIES_MAX = 3
};

/* A kind of work. A vendor named for it must have the first ability; the others it is asked for if it has them. */
typedef struct Trade {
    const char *setting, *work;
    size_t at; /* of the setting */
    Ability abilities[ABILITIES_MAX];
    size_t ability_count;
} Trade;

#define TRADE_AT(name) .setting = #name, .at = offsetof(Settings, name)

static const Trade trades[] = {
    {TRADE_AT(image_gen_provider), .work = "pictures from words",
     .abilities = {ABILITY_GENERATE, ABILITY_EDIT, ABILITY_VARIATION}, .ability_count = 3},
    {TRADE_AT(background_removal_provider), .work = "cutting out", .abilities = {ABILITY_CUTOUT},
     .ability_count = 1},
    {TRADE_AT(relight_provider), .work = "light in a mood", .abilities = {ABILITY_RELIGHT},
     .ability_count = 1},
    {TRADE_AT(upscale_provider), .work = "enlarging", .abilities = {ABILITY_UPSCALE},
     .ability_count = 1},
};

typedef struct Account {
    const char *vendor, *key_setting;
    size_t key_at, url_at, model_at; /* model_at 0: it has none */
} Account;

#define ACCOUNT(vendor_, key, url) \
    .vendor = (vendor_), .key_setting = #key, .key_at = offsetof(Settings, key), \
    .url_at = offsetof(Settings, url)

static const Account accounts[] = {
    {ACCOUNT("openai", openai_api_key, openai_base_url),
     .model_at = offsetof(Settings, openai_image_model)},
    {ACCOUNT("fal", fal_key, fal_base_url)},
    {ACCOUNT("replicate", replicate_api_token, replicate_base_url)},
    {ACCOUNT("stability", stability_api_key, stability_base_url)},
    {ACCOUNT("segmind", segmind_api_key, segmind_base_url)},
    {ACCOUNT("remove.bg", removebg_api_key, removebg_base_url)},
};

/* What the specifications call the house's own work. */
static const char *const house_words[] = {"builtin", "rembg", "realesrgan", "real-esrgan", "local"};

static const struct {
    const char *said, *vendor;
} other_names[] = {
    {"removebg", "remove.bg"}, {"fal.ai", "fal"}, {"fal-ai", "fal"}, {"stability.ai", "stability"}};

static const char *text_at(const Settings *settings, size_t at)
{
    const char *text;

    memcpy(&text, (const char *)settings + at, sizeof(text));
    return text;
}

static const char *text_or_null(const char *text)
{
    return *text ? text : NULL;
}

static const char *variable_of(const char *setting, Arena *mem)
{
    return conf_variable(shape_find(&settings_whole_shape, setting), mem);
}

/* ---- one list of names ---- */

/* Who was named for a kind of work, and can be asked. */
typedef struct Named {
    const Trade *trade;
    const char *names[NAMES_MAX], *keyless[NAMES_MAX];
    size_t count, keyless_count;
    bool has_ended; /* the house was named; nobody comes after it */
} Named;

static const Account *account_of(const char *vendor)
{
    for (size_t i = 0; i < COUNT(accounts); i++)
        if (strcmp(accounts[i].vendor, vendor) == 0)
            return &accounts[i];
    return NULL;
}

/* Servers of one's own need not have keys. */
static bool account_is_set(const Settings *settings, const Account *account)
{
    bool has_url = strcmp(account->vendor, "openai") == 0 && *text_at(settings, account->url_at);

    return *text_at(settings, account->key_at) || has_url;
}

static bool is_house(const char *name)
{
    for (size_t i = 0; i < COUNT(house_words); i++)
        if (strcmp(house_words[i], name) == 0)
            return true;
    return false;
}

static const char *name_plain(const char *word, size_t length, Arena *mem)
{
    char *name = arena_text_n(mem, word, length);

    for (char *at = name; *at; at++)
        *at = (char)tolower((unsigned char)*at);
    for (size_t i = 0; i < COUNT(other_names); i++)
        if (strcmp(other_names[i].said, name) == 0)
            return other_names[i].vendor;
    return name;
}

/* "openai, fal": who can do WORK. */
static const char *able_words(const Trade *trade, Arena *mem)
{
    const char *words = "";

    for (size_t i = 0; i < COUNT(accounts); i++)
        if (vendor_can(accounts[i].vendor, trade->abilities[0]))
            words = arena_print(mem, "%s, %s", words, accounts[i].vendor);
    return words;
}

static MUST Err *name_unknown(const Trade *trade, const char *name)
{
    AUTO(arena_free) Arena *mem = arena_new();
    const char *variable = variable_of(trade->setting, mem);
    bool is_vendor = account_of(name) != NULL;

    return err_public(
        err_new(ERR_INPUT_INVALID, "'%s' is set to '%s'", variable, name),
        "%s cannot be '%s'%s. There are: builtin%s.", variable, name,
        is_vendor ? ", which cannot do this" : "", able_words(trade, mem));
}

static MUST Err *name_add(const Settings *settings, const char *name, Arena *mem, Named *named)
{
    const Account *account = account_of(name);
    const char *variable = variable_of(named->trade->setting, mem);

    if (named->has_ended || named->count + named->keyless_count == NAMES_MAX)
        return err_public(
            err_new(ERR_INPUT_INVALID, "'%s' names '%s' too late", variable, name),
            "%s names '%s' after the built-in studio, which always does what it is asked: put the "
            "studio last.",
            variable, name);
    if (is_house(name)) {
        named->has_ended = true;
        return NULL;
    }
    if (!account || !vendor_can(name, named->trade->abilities[0]))
        return name_unknown(named->trade, name);
    if (account_is_set(settings, account))
        named->names[named->count++] = account->vendor;
    else
        named->keyless[named->keyless_count++] = account->vendor;
    return NULL;
}

static MUST Err *keys_check(const Settings *settings, const Named *named)
{
    AUTO(arena_free) Arena *mem = arena_new();

    if (named->count || !named->keyless_count || named->has_ended ||
        settings->provider_fallback == PROVIDER_FALLBACK_BUILTIN)
        return NULL;
    const char *vendor = named->keyless[0];
    const char *variable = variable_of(account_of(vendor)->key_setting, mem);
    return err_public(
        err_new(ERR_INPUT_INVALID, "vendor '%s' has no key, and nobody stands in", vendor),
        "%s asks for %s, which has no key, and PROVIDER_FALLBACK=none lets nobody stand in. Set "
        "%s.",
        variable_of(named->trade->setting, mem), vendor, variable);
}

static MUST Err *named_read(const Settings *settings, const Trade *trade, Arena *mem, Named *ret)
{
    const char *text = text_at(settings, trade->at);

    *ret = (Named){.trade = trade};
    for (text += strspn(text, ", "); *text; text += strspn(text, ", ")) {
        size_t length = strcspn(text, ", ");

        TRY(name_add(settings, name_plain(text, length, mem), mem, ret));
        text += length;
    }
    return keys_check(settings, ret);
}

/* ---- opening ---- */

static bool has_any_key(const Settings *settings)
{
    for (size_t i = 0; i < COUNT(accounts); i++)
        if (account_is_set(settings, &accounts[i]))
            return true;
    return false;
}

static const VendorKey *keys_of(const Settings *settings, Arena *mem)
{
    VendorKey *keys = ARENA_ARRAY(mem, VendorKey, COUNT(accounts) + 1);
    size_t count = 0;

    for (size_t i = 0; i < COUNT(accounts); i++) {
        const Account *account = &accounts[i];
        const char *url = text_or_null(text_at(settings, account->url_at));

        if (!account_is_set(settings, account) && !url)
            continue;
        keys[count++] = (VendorKey){
            .vendor = account->vendor,
            .secret = text_or_null(text_at(settings, account->key_at)),
            .base_url = url,
            .model = account->model_at ? text_or_null(text_at(settings, account->model_at)) : NULL,
        };
    }
    return keys;
}

static void routes_add(const Named *named, Arena *mem, Texts routes[ABILITY_MAX_])
{
    for (size_t i = 0; i < named->trade->ability_count; i++) {
        Ability ability = named->trade->abilities[i];
        const char **names = ARENA_ARRAY(mem, const char *, NAMES_MAX);
        size_t count = 0;

        for (size_t k = 0; k < named->count; k++)
            if (vendor_can(named->names[k], ability))
                names[count++] = named->names[k];
        routes[ability] = (Texts){names, count};
    }
}

Err *providers_open(const ProvidersWish *wish, Vendors **ret)
{
    AUTO(arena_free) Arena *mem = arena_new();
    const Settings *settings = wish->settings;
    VendorsSetup setup = {
        .net = wish->net,
        .keys = keys_of(settings, mem),
        .hook_url = wish->hook_url,
        .journal = wish->journal,
    };

    for (size_t i = 0; i < COUNT(trades); i++) {
        Named named;

        TRY(named_read(settings, &trades[i], mem, &named));
        routes_add(&named, mem, setup.routes);
    }
    *ret = NULL;
    return has_any_key(settings) || *settings->master_key ? vendors_open(&setup, ret) : NULL;
}

/* ---- in words ---- */

static const char *by_words(const Settings *settings, const Named *named, Arena *mem)
{
    const char *words = "";

    for (size_t i = 0; i < named->count; i++)
        words = arena_print(mem, "%s%s%s", words, i ? ", then " : "", named->names[i]);
    if (!named->count)
        return "the built-in studio";
    return settings->provider_fallback == PROVIDER_FALLBACK_NONE && !named->has_ended
               ? arena_print(mem, "%s, and nobody else", words)
               : arena_print(mem, "%s, then the built-in studio", words);
}

static const char *keyless_words(const Named *named, Arena *mem)
{
    const char *words = NULL;

    for (size_t i = 0; i < named->keyless_count; i++) {
        const char *vendor = named->keyless[i];

        words = arena_print(
            mem, "%s%s%s is chosen by %s but has no key, so it is left out. Set %s.",
            words ? words : "", words ? " " : "", vendor, variable_of(named->trade->setting, mem),
            variable_of(account_of(vendor)->key_setting, mem));
    }
    return words;
}

Err *providers_look(const Settings *settings, Arena *mem, List *ret)
{
    ProviderFacts *facts = ARENA_ARRAY(mem, ProviderFacts, COUNT(trades));

    for (size_t i = 0; i < COUNT(trades); i++) {
        Named named;

        TRY(named_read(settings, &trades[i], mem, &named));
        facts[i] = (ProviderFacts){
            .work = trades[i].work,
            .variable = variable_of(trades[i].setting, mem),
            .by = by_words(settings, &named, mem),
            .advice = keyless_words(&named, mem),
        };
    }
    *ret = (List){facts, COUNT(trades)};
    return NULL;
}

/* Is VENDOR asked for any kind of work? */
static bool is_asked(const Settings *settings, const char *vendor, Arena *mem)
{
    for (size_t i = 0; i < COUNT(trades); i++) {
        Named named;
        AUTO(err_free) Err *err = named_read(settings, &trades[i], mem, &named);

        for (size_t k = 0; !err && k < named.count; k++)
            if (strcmp(named.names[k], vendor) == 0)
                return true;
    }
    return false;
}

static const char *joined(const char *words, const char *more, Arena *mem)
{
    return words ? arena_print(mem, "%s, %s", words, more) : more;
}

const char *providers_keys(const Settings *settings, Arena *mem, const char **ret_unused)
{
    const char *set = NULL, *unset = NULL;

    *ret_unused = NULL;
    for (size_t i = 0; i < COUNT(accounts); i++) {
        const char *variable = variable_of(accounts[i].key_setting, mem);
        bool has_key = *text_at(settings, accounts[i].key_at);

        if (has_key)
            set = joined(set, variable, mem);
        else
            unset = joined(unset, variable, mem);
        if (has_key && !is_asked(settings, accounts[i].vendor, mem))
            *ret_unused = joined(*ret_unused, variable, mem);
    }
    return arena_print(
        mem, "%s%s%s%s%s", set ? set : "", set ? " set" : "", set && unset ? "; " : "",
        unset ? unset : "", unset ? " not set" : "");
}

const char *providers_advice(const Settings *settings, Arena *mem)
{
    const char *advice = NULL;
    List facts = {0};
    AUTO(err_free) Err *err = providers_look(settings, mem, &facts);

    for (size_t i = 0; !err && i < facts.count; i++) {
        const char *more = ((const ProviderFacts *)facts.items)[i].advice;

        if (more)
            advice = advice ? arena_print(mem, "%s %s", advice, more) : more;
    }
    return advice;
}

void providers_warn(const Settings *settings)
{
    AUTO(arena_free) Arena *mem = arena_new();
    const char *advice = providers_advice(settings, mem), *unused;

    if (advice)
        watch(WATCH_WARN, "provider.left_out", WATCH_TEXT("advice", advice));
    providers_keys(settings, mem, &unused);
    if (unused)
        watch(
            WATCH_INFO, "provider.not_chosen", WATCH_TEXT("variables", unused),
            WATCH_TEXT("advice", "no provider variable names these vendors"));
}
