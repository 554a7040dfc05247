/* POST /v1/quote. */
#include <math.h>

#include "door/studio/studio_priv.h"
#include "run/offer.h"

static const Field QuoteIn_fields[] = {
    {FIELD_VALUE(OfferWish, recipe),
     .help = "A built-in recipe's or template's name, or a recipe of your own; OPAL's if left out",
     .optional = true},
    {FIELD_INT(OfferWish, photos), .help = "How many photos", .preset = "1", .min = 1,
     .max = RUN_PROJECT_MOST},
    {FIELD_INT(OfferWish, scene_count), .help = "How many pictures are made of each", .preset = "0",
     .max = RUN_SCENES_MOST},
    {FIELD_TEXTS(OfferWish, scene_types),
     .help = "Built-in scenes, one a picture: living_room, bedroom, kitchen, patio, office, ...",
     .preset = "", .max = RUN_SCENES_MOST},
    {FIELD_TEXT(OfferWish, scene_prompt), .help = "The set in words", .optional = true, .max = 400},
    {FIELD_END},
};

/* One of the looks, in dollars. */
typedef struct QuoteStepOut {
    const char *step, *provider, *model, *price_as_of, *price_source;
    double cost_usd;
} QuoteStepOut;

static const Field QuoteStepOut_fields[] = {
    {FIELD_TEXT(QuoteStepOut, step), .help = "Step of the recipe"},
    {FIELD_TEXT(QuoteStepOut, provider),
     .help = "Who would do it now; builtin is the studio itself, which costs nothing more"},
    {FIELD_TEXT(QuoteStepOut, model), .help = "By which of its models", .nullable = true},
    {FIELD_NUMBER(QuoteStepOut, cost_usd),
     .help = "What the provider asks for it, in US dollars; null when this model has no price in "
             "the list",
     .nullable = true},
    {FIELD_TEXT(QuoteStepOut, price_as_of), .help = "Since when this price is known",
     .format = "date", .nullable = true},
    {FIELD_TEXT(QuoteStepOut, price_source), .help = "Where the price stands", .format = "uri",
     .nullable = true},
    {FIELD_END},
};
static const Shape step_shape = {"QuoteStep", sizeof(QuoteStepOut), QuoteStepOut_fields};

typedef struct QuoteLookOut {
    const char *scene_type;
    int64_t pictures;
    double cost_usd;
    List steps;
} QuoteLookOut;

static const Field QuoteLookOut_fields[] = {
    {FIELD_TEXT(QuoteLookOut, scene_type),
     .help = "The scene they stand in; null for the recipe's own", .nullable = true},
    {FIELD_INT(QuoteLookOut, pictures), .help = "How many pictures are made so"},
    {FIELD_NUMBER(QuoteLookOut, cost_usd), .help = "What providers ask for all of them"},
    {FIELD_LIST(QuoteLookOut, steps, &step_shape), .help = "The steps of one picture"},
    {FIELD_END},
};
static const Shape look_shape = {"QuoteLook", sizeof(QuoteLookOut), QuoteLookOut_fields};

typedef struct QuoteOut {
    int64_t pictures, credits;
    double price_usd, cost_usd;
    bool is_cost_known;
    List looks;
} QuoteOut;

static const Field QuoteOut_fields[] = {
    {FIELD_INT(QuoteOut, pictures), .help = "How many pictures would be made"},
    {FIELD_INT(QuoteOut, credits), .help = "What you would pay for them, in credits"},
    {FIELD_NUMBER(QuoteOut, price_usd), .help = "The same in US dollars"},
    {FIELD_NUMBER(QuoteOut, cost_usd),
     .help = "What providers would ask the studio for them; your credits hold it already"},
    {FIELD_BOOL(QuoteOut, is_cost_known),
     .help = "Has every provider's model a price in the list?"},
    {FIELD_LIST(QuoteOut, looks, &look_shape), .help = "How the pictures would be made"},
    {FIELD_END},
};

HANDLER(quote_make, OfferWish, QuoteOut);

const Endpoint studio_quote_make = {
    .method = POST,
    .path = "/v1/quote",
    .id = "studio_quote_make",
    .summary = "See what pictures would cost, without making them",
    .about =
        "For a recipe, a template, or photos in scenes as an OPAL job has them. Nothing is run, "
        "set aside or counted. A price of a provider says since when it is known and where "
        "it stands; what is cached or fails costs less than is said here, never more.",
    .tag = "Quotes",
    .scope = "jobs:read",
    .in = {"QuoteWish", sizeof(OfferWish), QuoteIn_fields},
    .out = SHAPE(QuoteOut),
    .errors = ERRORS(ERR_NOT_FOUND),
    .handle = CALLS(quote_make),
};

static double usd(int64_t micro_usd)
{
    return (double)micro_usd / 1e6;
}

static void steps_fill(const List *steps, Arena *mem, List *ret)
{
    const QuoteStep *rows = steps->items;
    QuoteStepOut *out = ARENA_ARRAY(mem, QuoteStepOut, steps->count);

    for (size_t i = 0; i < steps->count; i++)
        out[i] = (QuoteStepOut){
            .step = rows[i].step,
            .provider = rows[i].provider,
            .model = rows[i].model,
            .price_as_of = rows[i].price_as_of,
            .price_source = rows[i].price_source,
            .cost_usd = rows[i].is_cost_known ? usd(rows[i].cost_micro_usd) : (double)NAN,
        };
    *ret = (List){out, steps->count};
}

static Err *quote_make(Call *call, const OfferWish *in, QuoteOut *out)
{
    Arena *mem = call_arena(call);
    Offer offer;

    TRY(offer_quote(desk_of(call)->studio, in, mem, &offer));
    const OfferLook *looks = offer.looks.items;
    QuoteLookOut *rows = ARENA_ARRAY(mem, QuoteLookOut, offer.looks.count);

    for (size_t i = 0; i < offer.looks.count; i++) {
        rows[i] = (QuoteLookOut){
            .scene_type = looks[i].scene_type,
            .pictures = looks[i].pictures,
            .cost_usd = usd(looks[i].cost_micro_usd),
        };
        steps_fill(&looks[i].steps, mem, &rows[i].steps);
    }
    *out = (QuoteOut){
        .pictures = offer.pictures,
        .credits = offer.credits,
        .price_usd = (double)offer.credits / 100,
        .cost_usd = usd(offer.cost_micro_usd),
        .is_cost_known = offer.is_cost_known,
        .looks = {rows, offer.looks.count},
    };
    return NULL;
}
