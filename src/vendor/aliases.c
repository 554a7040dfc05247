/* Names of models that customers write, and what serves them today. */
#include <string.h>

#include "base/clock.h"
#include "base/embed.h"
#include "base/file.h"
#include "vendor/core_priv.h"
#include "watch/watch.h"

extern const Embedded embedded_vendors[];

enum {
    ALIASES_MOST = 200,
    FILE_BYTES_MOST = 1 << 20,
    WARNING_DAYS = 90,
    LIST_MS = 20 * 1000
};

static const Field ModelAlias_fields[] = {
    {FIELD_TEXT(ModelAlias, name), .help = "What customers write", .min = 1, .max = 100},
    {FIELD_TEXT(ModelAlias, title), .help = "Its name for people", .max = 100},
    {FIELD_TEXT(ModelAlias, vendor), .help = "Who serves it; 'builtin' is the studio itself",
     .max = 40},
    {FIELD_TEXT(ModelAlias, model), .help = "The vendor's own name for the model that serves it",
     .max = 200},
    {FIELD_TEXTS(ModelAlias, sizes), .help = "Sizes that may be asked for; none: any",
     .optional = true},
    {FIELD_TEXTS(ModelAlias, qualities),
     .help = "Qualities that may be asked for; none: it has no such thing", .optional = true},
    {FIELD_TEXTS(ModelAlias, backgrounds),
     .help = "Backgrounds that may be asked for; none: it has no such thing", .optional = true},
    {FIELD_TEXTS(ModelAlias, formats),
     .help = "Formats that may be asked for; none: it has no such thing", .optional = true},
    {FIELD_TEXTS(ModelAlias, abilities), .help = "What it can do: generate, edit, variation"},
    {FIELD_INT(ModelAlias, count_most), .help = "Most pictures at once", .preset = "10", .min = 1,
     .max = VENDOR_PICTURES_MOST},
    {FIELD_INT(ModelAlias, prompt_most), .help = "Longest prompt", .preset = "32000", .min = 1,
     .max = 100000, .unit = "characters"},
    {FIELD_TEXTS(ModelAlias, becomes),
     .help = "Qualities in old words and what they are today: 'hd=high'", .optional = true},
    {FIELD_BOOL(ModelAlias, is_emulated),
     .help = "Another model stands in for it, as its maker has switched it off", .preset = "false"},
    {FIELD_TEXT(ModelAlias, shutdown_date),
     .help = "When the maker will switch the serving model off", .optional = true, .nullable = true,
     .format = "date"},
    {FIELD_END},
};

const Shape model_alias_shape = SHAPE(ModelAlias);

typedef struct AliasFile {
    const char *as_of;
    Texts sources;
    List models;
} AliasFile;

static const Field AliasFile_fields[] = {
    {FIELD_TEXT(AliasFile, as_of), .help = "When it was last looked through", .format = "date"},
    {FIELD_TEXTS(AliasFile, sources), .help = "Where it stands written", .optional = true},
    {FIELD_LIST(AliasFile, models, &model_alias_shape), .help = "The names", .min = 1,
     .max = ALIASES_MOST},
    {FIELD_END},
};

static const Shape alias_file_shape = SHAPE(AliasFile);

/* ---- reading ---- */

static bool is_vendor(const char *name)
{
    if (strcmp(name, "builtin") == 0)
        return true;
    for (size_t i = 0; vendor_list[i]; i++)
        if (strcmp(vendor_list[i]->name, name) == 0)
            return true;
    return false;
}

static bool is_ability(const char *name)
{
    for (int i = 0; i < ABILITY_MAX_; i++)
        if (strcmp(ability_names[i], name) == 0)
            return true;
    return false;
}

static MUST Err *alias_check(const ModelAlias *aliases, size_t at)
{
    const ModelAlias *alias = &aliases[at];
    int64_t then_ms;

    for (size_t i = 0; i < at; i++)
        if (strcmp(aliases[i].name, alias->name) == 0)
            return err_field(
                err_new(ERR_INPUT_INVALID, "model '%s' is there twice", alias->name),
                "/models/%zu/name", at);
    if (!is_vendor(alias->vendor))
        return err_field(
            err_new(ERR_INPUT_INVALID, "there is no vendor '%s'", alias->vendor),
            "/models/%zu/vendor", at);
    if (alias->shutdown_date && !clock_parse(alias->shutdown_date, &then_ms))
        return err_field(
            err_new(ERR_INPUT_INVALID, "'%s' is no date", alias->shutdown_date),
            "/models/%zu/shutdown_date", at);
    for (size_t i = 0; i < alias->abilities.count; i++)
        if (!is_ability(alias->abilities.items[i]))
            return err_field(
                err_new(ERR_INPUT_INVALID, "'%s' is no ability", alias->abilities.items[i]),
                "/models/%zu/abilities/%zu", at, i);
    for (size_t i = 0; i < alias->becomes.count; i++)
        if (!strchr(alias->becomes.items[i], '='))
            return err_field(
                err_new(ERR_INPUT_INVALID, "'%s' has no '='", alias->becomes.items[i]),
                "/models/%zu/becomes/%zu", at, i);
    return NULL;
}

static MUST Err *text_load(const char *path, Buf *buf)
{
    const Embedded *own = embed_find(embedded_vendors, "models");

    return path ? file_read(path, buf) : buf_add(buf, own->bytes, own->size);
}

Err *model_aliases_read(const char *path, Arena *mem, List *ret)
{
    AUTO(buf_done) Buf text = BUF(FILE_BYTES_MOST);
    Value *value = NULL;
    AliasFile file;

    TRY(text_load(path, &text));
    TRY(value_parse(buf_text(&text), text.size, &value));
    arena_keep(mem, (void (*)(void *))value_free, value);
    TRY(shape_read(&alias_file_shape, value, mem, &file));
    for (size_t i = 0; i < file.models.count; i++)
        TRY(alias_check(file.models.items, i));
    *ret = file.models;
    return NULL;
}

/* ---- holding them against what vendors list ---- */

static const VendorModel *model_find(const List *models, const char *name)
{
    const VendorModel *rows = models->items;

    for (size_t i = 0; i < models->count; i++)
        if (rows[i].name && strcmp(rows[i].name, name) == 0)
            return &rows[i];
    return NULL;
}

/* Days until DATE, negative when it is past; a date that cannot be read is far away. */
static int64_t days_until(const char *date)
{
    int64_t then_ms;

    if (!date || !clock_parse(date, &then_ms))
        return INT64_MAX;
    return (then_ms - clock_now_ms()) / (24LL * 60 * 60 * 1000);
}

static const char *
alias_trouble(const ModelAlias *alias, const List *models, bool is_listed, Arena *mem)
{
    const VendorModel *model = is_listed ? model_find(models, alias->model) : NULL;
    const char *date = model && model->shutdown_date ? model->shutdown_date : alias->shutdown_date;
    int64_t days = days_until(date);

    if (is_listed && !model)
        return arena_print(
            mem, "%s is served by %s of %s, which is not in its list of models (any more).",
            alias->name, alias->model, alias->vendor);
    if (days > WARNING_DAYS)
        return NULL;
    return arena_print(
        mem, "%s is served by %s of %s, which %s switched off on %s.", alias->name, alias->model,
        alias->vendor, days < 0 ? "was" : "will be", date);
}

/* The list of AGENT's models; false when there is none to be had. */
static bool
models_listed(Vendors *vendors, Agent *agent, const Cancel *cancel, Arena *mem, List *ret)
{
    const VendorAsk ask = {.ability = ABILITY_GENERATE, .cancel = cancel, .total_ms = LIST_MS};

    if (!agent->vendor->models)
        return false;
    VendorLine line = line_at(vendors, agent, &ask, mem);
    AUTO(err_free) Err *err = agent->vendor->models(&line, mem, ret);
    if (err && err_code(err) != ERR_CANCELLED)
        watch_err("vendor.models", err, agent->vendor->name);
    return !err;
}

/* What is wrong with the aliases that AGENT serves, added to TROUBLES. */
static void agent_check(
    Vendors *vendors, Agent *agent, const List *aliases, const Cancel *cancel, Arena *mem,
    Texts *troubles)
{
    const ModelAlias *rows = aliases->items;
    List models = {NULL, 0};
    bool is_listed = models_listed(vendors, agent, cancel, mem, &models);

    for (size_t i = 0; i < aliases->count; i++) {
        const char *trouble = strcmp(rows[i].vendor, agent->vendor->name) == 0
                                  ? alias_trouble(&rows[i], &models, is_listed, mem)
                                  : NULL;
        if (!trouble)
            continue;
        troubles->items[troubles->count++] = trouble;
        watch(
            WATCH_WARN, "vendor.model_ending", WATCH_TEXT("model", rows[i].name),
            WATCH_TEXT("what", trouble));
    }
}

void model_aliases_check(
    Vendors *vendors, const List *aliases, const Cancel *cancel, Arena *mem, Texts *ret)
{
    Texts troubles = {ARENA_ARRAY(mem, const char *, aliases->count + 1), 0};

    for (size_t i = 0; vendors && i < vendors->agent_count; i++)
        if (vendors->agents[i].has_key)
            agent_check(vendors, &vendors->agents[i], aliases, cancel, mem, &troubles);
    *ret = troubles;
}
