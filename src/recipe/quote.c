/* What a recipe would cost at vendors. */
#include "recipe/quote.h"

#include <string.h>

enum {
    USUAL_SIDE_PX = 2000 /* of a photo that nobody has seen yet */
};

static const Field QuoteStep_fields[] = {
    {FIELD_TEXT(QuoteStep, step), .help = "Step of the recipe"},
    {FIELD_TEXT(QuoteStep, provider),
     .help = "Who would do it now; builtin is the studio itself, which costs nothing more"},
    {FIELD_TEXT(QuoteStep, model), .help = "By which of its models", .nullable = true},
    {FIELD_INT(QuoteStep, cost_micro_usd),
     .help = "What the provider asks for it, in millionths of a US dollar"},
    {FIELD_BOOL(QuoteStep, is_cost_known), .help = "Is there a price for this model?"},
    {FIELD_TEXT(QuoteStep, price_as_of), .help = "Since when this price is known", .format = "date",
     .nullable = true},
    {FIELD_TEXT(QuoteStep, price_source), .help = "Where the price stands", .format = "uri",
     .nullable = true},
    {FIELD_END},
};
const Shape quote_step_shape = SHAPE(QuoteStep);

/* A picture on its way, as far as its size is concerned. */
typedef struct Frame {
    int width_px, height_px;
} Frame;

/* Only a price by pixels depends on it, so what crops and turns is left aside. */
static void frame_follow(Frame *frame, const Value *step)
{
    int64_t width = value_int(value_get(step, "width_px"));
    int64_t height = value_int(value_get(step, "height_px"));
    int64_t factor = value_int(value_get(step, "factor"));

    if (width > 0 && height > 0)
        *frame = (Frame){(int)width, (int)height};
    if (factor > 1)
        *frame = (Frame){frame->width_px * (int)factor, frame->height_px * (int)factor};
}

static MUST Err *step_quote(const QuoteWish *wish, size_t index, const Frame *frame, QuoteStep *ret)
{
    const Step *step = recipe_step(wish->recipe, index);
    const void *options = recipe_options(wish->recipe, index);
    VendorQuote quote;
    VendorAsk ask;

    *ret = (QuoteStep){.step = step->name, .provider = "builtin", .is_cost_known = true};
    if (!step_is_hired(step, options, wish->vendors))
        return NULL;
    step->vendor->describe(options, frame->width_px, frame->height_px, &ask);
    TRY(vendors_quote(wish->vendors, &ask, &quote));
    ret->provider = quote.vendor;
    ret->model = quote.model;
    ret->cost_micro_usd = quote.cost_micro_usd;
    ret->is_cost_known = quote.is_cost_known;
    ret->price_as_of = quote.price_as_of;
    ret->price_source = quote.price_source;
    return NULL;
}

Err *recipe_quote(const QuoteWish *wish, Arena *mem, List *ret)
{
    size_t count = recipe_step_count(wish->recipe);
    QuoteStep *rows = ARENA_ARRAY(mem, QuoteStep, count);
    AUTO(value_free) Value *json = recipe_write(wish->recipe);
    const Value *steps = value_get(json, "steps");
    Frame frame = {
        wish->width_px ? wish->width_px : USUAL_SIDE_PX,
        wish->height_px ? wish->height_px : USUAL_SIDE_PX};

    for (size_t i = 0; i < count; i++) {
        TRY(step_quote(wish, i, &frame, &rows[i]));
        frame_follow(&frame, value_at(steps, i));
    }
    *ret = (List){rows, count};
    return NULL;
}

int64_t quote_sum(const List *steps, bool *ret_is_known)
{
    const QuoteStep *rows = steps->items;
    bool is_known = true;
    int64_t sum = 0;

    for (size_t i = 0; i < steps->count; i++) {
        sum += rows[i].cost_micro_usd;
        is_known &= rows[i].is_cost_known;
    }
    if (ret_is_known)
        *ret_is_known = is_known;
    return sum;
}
