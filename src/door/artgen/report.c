/* What was made, what was used, and what there is to choose from. */
#include "base/clock.h"
#include "door/artgen/artgen_priv.h"

#define DAY_MS ((int64_t)24 * 60 * 60 * 1000)

const Field ArtgenPageIn_fields[] = {
    {FIELD_TEXT(ArtgenPageIn, before), .help = "Go on with those older than this one",
     .optional = true, .max = 64},
    {FIELD_INT(ArtgenPageIn, limit), .help = "How many at most", .preset = "50", .min = 1,
     .max = 1000},
    {FIELD_END},
};

/* ---- the log ---- */

typedef struct LogOut {
    List generations;
} LogOut;

static const Field LogOut_fields[] = {
    {FIELD_LIST(LogOut, generations, &art_row_shape), .help = "Requests, newest first"},
    {FIELD_END},
};

HANDLER(generations, ArtgenPageIn, LogOut);

const Endpoint artgen_generations = {
    .method = GET,
    .path = "/generations",
    .id = "artgen_generations",
    .summary = "See what was asked for in the last 30 days",
    .about = "Words and pictures are forgotten when 30 days are over.",
    .tag = "Reports",
    .scope = "images:read",
    .in = SHAPE(ArtgenPageIn),
    .out = SHAPE(LogOut),
    .handle = CALLS(generations),
};

static Err *generations(Call *call, const ArtgenPageIn *in, LogOut *out)
{
    List *rows = &out->generations;
    const char *tenant_id;

    TRY(desk_tenant(call, NULL, &tenant_id));
    TRY(art_list(desk_of(call)->art, tenant_id, in->before, in->limit + 1, call_arena(call), rows));
    if (rows->count > (size_t)in->limit) {
        rows->count = (size_t)in->limit;
        desk_next_page(
            call, "before", ((const ArtRow *)rows->items)[rows->count - 1].id, in->limit);
    }
    return NULL;
}

/* ---- what was used ---- */

typedef struct UsageIn {
    int64_t from, until, limit;
} UsageIn;

typedef struct UsageOut {
    int64_t from, until;
    List usage;
} UsageOut;

static const Field UsageIn_fields[] = {
    {FIELD_TIME(UsageIn, from), .help = "First day, UTC; the month's if left out", .optional = true,
     .format = "date"},
    {FIELD_TIME(UsageIn, until), .help = "Last day; today if left out", .optional = true,
     .format = "date"},
    {FIELD_INT(UsageIn, limit), .help = "How many rows at most, the dearest first", .preset = "100",
     .min = 1, .max = 1000},
    {FIELD_END},
};

static const Field UsageOut_fields[] = {
    {FIELD_TIME(UsageOut, from), .help = "First day", .format = "date"},
    {FIELD_TIME(UsageOut, until), .help = "Last day", .format = "date"},
    {FIELD_LIST(UsageOut, usage, &art_usage_shape), .help = "By model and user, the dearest first"},
    {FIELD_END},
};

HANDLER(usage, UsageIn, UsageOut);

const Endpoint artgen_usage = {
    .method = GET,
    .path = "/usage",
    .id = "artgen_usage",
    .summary = "See requests, tokens and cost by user and model",
    .tag = "Reports",
    .scope = "images:read",
    .in = SHAPE(UsageIn),
    .out = SHAPE(UsageOut),
    .handle = CALLS(usage),
};

static Err *usage(Call *call, const UsageIn *in, UsageOut *out)
{
    const int64_t now_ms = clock_now_ms();
    const char *tenant_id;

    out->until = in->until ? in->until : now_ms / DAY_MS * DAY_MS;
    out->from = in->from ? in->from : month_start_ms(now_ms);
    TRY(desk_tenant(call, NULL, &tenant_id));
    return art_usage(
        desk_of(call)->art, tenant_id, out->from, out->until + DAY_MS, in->limit, call_arena(call),
        &out->usage);
}

/* ---- models ---- */

typedef struct ModelRowOut {
    const char *id, *title;
    Texts abilities, sizes, qualities, backgrounds, formats;
    int64_t n_most, prompt_most;
    const char *served_by;
    int64_t credits;
    bool is_stand_in;
    const char *shutdown_date;
} ModelRowOut;

typedef struct ModelsOut {
    List models;
} ModelsOut;

static const Field ModelRowOut_fields[] = {
    {FIELD_TEXT(ModelRowOut, id), .help = "What `model` takes"},
    {FIELD_TEXT(ModelRowOut, title), .help = "Its name for people"},
    {FIELD_TEXTS(ModelRowOut, abilities), .help = "generate, edit, variation"},
    {FIELD_TEXTS(ModelRowOut, sizes), .help = "Sizes; none: any"},
    {FIELD_TEXTS(ModelRowOut, qualities), .help = "Qualities"},
    {FIELD_TEXTS(ModelRowOut, backgrounds), .help = "Backgrounds; none: cannot be chosen"},
    {FIELD_TEXTS(ModelRowOut, formats), .help = "Kinds of files"},
    {FIELD_INT(ModelRowOut, n_most), .help = "Most pictures in one request"},
    {FIELD_INT(ModelRowOut, prompt_most), .help = "Longest prompt", .unit = "characters"},
    {FIELD_TEXT(ModelRowOut, served_by), .help = "Who draws it here today: VENDOR/MODEL"},
    {FIELD_INT(ModelRowOut, credits),
     .help = "Credits for a square picture of its usual quality, a US cent each"},
    {FIELD_BOOL(ModelRowOut, is_stand_in), .help = "Does another model stand in for it?"},
    {FIELD_TEXT(ModelRowOut, shutdown_date),
     .help = "When its maker will switch the serving model off", .format = "date", .optional = true,
     .nullable = true},
    {FIELD_END},
};
static const Shape model_row_shape = SHAPE(ModelRowOut);

static const Field ModelsOut_fields[] = {
    {FIELD_LIST(ModelsOut, models, &model_row_shape), .help = "Models"},
    {FIELD_END},
};

HANDLER(models, void, ModelsOut);

const Endpoint artgen_models = {
    .method = GET,
    .path = "/models",
    .id = "artgen_models",
    .summary = "See which models there are, what they can, what they cost and who serves them",
    .tag = "Reports",
    .scope = "images:read",
    .out = SHAPE(ModelsOut),
    .handle = CALLS(models),
};

static const char *formats[] = {"png", "jpeg", "webp"}; /* whatever the model gives */

static Err *models(Call *call, const void *in, ModelsOut *out)
{
    Arena *mem = call_arena(call);
    const char *tenant_id;
    List offers;

    (void)in;
    TRY(desk_tenant(call, NULL, &tenant_id));
    TRY(art_offers(desk_of(call)->art, tenant_id, mem, &offers));
    ModelRowOut *rows = ARENA_ARRAY(mem, ModelRowOut, offers.count + 1);

    for (size_t i = 0; i < offers.count; i++) {
        const ArtOffer *offer = &((const ArtOffer *)offers.items)[i];
        const ModelAlias *alias = offer->alias;

        rows[i] = (ModelRowOut){
            .id = alias->name,
            .title = alias->title,
            .abilities = alias->abilities,
            .sizes = alias->sizes,
            .qualities = alias->qualities,
            .backgrounds = alias->backgrounds,
            .formats = {formats, COUNT(formats)},
            .n_most = alias->count_most,
            .prompt_most = alias->prompt_most,
            .served_by = offer->served_by,
            .credits = offer->credits,
            .is_stand_in = offer->is_stand_in,
            .shutdown_date = alias->shutdown_date,
        };
    }
    out->models = (List){rows, offers.count};
    return NULL;
}
