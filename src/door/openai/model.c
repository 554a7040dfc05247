/* Models: the names that are accepted. */
#include "base/clock.h"
#include "door/openai/openai_priv.h"

typedef struct OpenaiModel {
    const char *id, *object;
    int64_t created;
    const char *owned_by, *shutdown_date;
} OpenaiModel;

static const Field OpenaiModel_fields[] = {
    {FIELD_TEXT(OpenaiModel, id), .help = "Name of the model"},
    {FIELD_TEXT(OpenaiModel, object), .help = "model"},
    {FIELD_INT(OpenaiModel, created), .help = "Always 0: it is not known"},
    {FIELD_TEXT(OpenaiModel, owned_by), .help = "Who serves it; builtin is this studio"},
    {FIELD_TEXT(OpenaiModel, shutdown_date), .help = "When what serves it is switched off",
     .format = "date", .optional = true, .nullable = true},
    {FIELD_END},
};
static const Shape openai_model_shape = SHAPE(OpenaiModel);

typedef struct OpenaiModels {
    const char *object;
    List data;
} OpenaiModels;

static const Field OpenaiModels_fields[] = {
    {FIELD_TEXT(OpenaiModels, object), .help = "list"},
    {FIELD_LIST(OpenaiModels, data, &openai_model_shape), .help = "All of them"},
    {FIELD_END},
};

static OpenaiModel model_of(const ModelAlias *alias)
{
    return (OpenaiModel){
        .id = alias->name,
        .object = "model",
        .owned_by = alias->vendor,
        .shutdown_date = alias->shutdown_date,
    };
}

HANDLER(model_list, void, OpenaiModels);

const Endpoint openai_model_list = {
    .method = GET,
    .path = "/v1/models",
    .id = "openai_model_list",
    .summary = "List models",
    .tag = "Models",
    .scope = "images:read",
    .out = SHAPE(OpenaiModels),
    .handle = CALLS(model_list),
};

static Err *model_list(Call *call, const void *in, OpenaiModels *out)
{
    const List *aliases = &desk_of(call)->art->aliases;
    OpenaiModel *models = ARENA_ARRAY(call_arena(call), OpenaiModel, aliases->count + 1);

    (void)in;
    for (size_t i = 0; i < aliases->count; i++)
        models[i] = model_of(&((const ModelAlias *)aliases->items)[i]);
    *out = (OpenaiModels){"list", {models, aliases->count}};
    openai_headers_set(call, clock_ticks_ms());
    return NULL;
}

typedef struct ModelIn {
    const char *model;
} ModelIn;

static const Field ModelIn_fields[] = {
    {FIELD_TEXT(ModelIn, model), .help = "Name of the model", .max = 100},
    {FIELD_END},
};

HANDLER(model_get, ModelIn, OpenaiModel);

const Endpoint openai_model_get = {
    .method = GET,
    .path = "/v1/models/{model}",
    .id = "openai_model_get",
    .summary = "See a model",
    .tag = "Models",
    .scope = "images:read",
    .in = SHAPE(ModelIn),
    .out = SHAPE(OpenaiModel),
    .errors = ERRORS(ERR_MODEL_UNKNOWN),
    .handle = CALLS(model_get),
};

static Err *model_get(Call *call, const ModelIn *in, OpenaiModel *out)
{
    const ModelAlias *alias;

    TRY(art_alias(desk_of(call)->art, in->model, &alias));
    *out = model_of(alias);
    openai_headers_set(call, clock_ticks_ms());
    return NULL;
}
