/* cyclorama render --quote. */
#include "app/quote.h"

#include <math.h>
#include <string.h>

#include "app/providers.h"
#include "recipe/quote.h"

typedef struct Quoted {
    const Plan *plan;
    List steps;
    int64_t each_micro_usd;
    bool is_known;
} Quoted;

static double usd(int64_t micro_usd)
{
    return (double)micro_usd / 1e6;
}

static Value *step_value(const QuoteStep *step)
{
    Value *line = value_object();

    value_set(line, "step", value_of_text(step->step));
    value_set(line, "provider", value_of_text(step->provider));
    if (step->model)
        value_set(line, "model", value_of_text(step->model));
    value_set(
        line, "cost_usd",
        step->is_cost_known ? value_of_number(usd(step->cost_micro_usd)) : value_of_null());
    if (step->price_as_of)
        value_set(line, "price_as_of", value_of_text(step->price_as_of));
    if (step->price_source)
        value_set(line, "price_source", value_of_text(step->price_source));
    return line;
}

static MUST Err *quoted_json(FILE *out, const Quoted *quoted)
{
    AUTO(value_free) Value *json = value_object();
    Value *steps = value_list();
    int64_t photos = (int64_t)quoted->plan->photos.count;
    const QuoteStep *rows = quoted->steps.items;

    for (size_t i = 0; i < quoted->steps.count; i++)
        value_add(steps, step_value(&rows[i]));
    value_set(json, "photos", value_of_int(photos));
    value_set(json, "cost_usd_each", value_of_number(usd(quoted->each_micro_usd)));
    value_set(json, "cost_usd", value_of_number(usd(quoted->each_micro_usd * photos)));
    value_set(json, "is_cost_known", value_of_bool(quoted->is_known));
    value_set(json, "steps", steps);
    return print_json(out, json);
}

static void step_print(const QuoteStep *step, FILE *out)
{
    AUTO(arena_free) Arena *mem = arena_new();
    const char *whom = step->model ? arena_print(mem, "%s (%s)", step->provider, step->model)
                                   : "the built-in studio";

    fprintf(out, "  %-11s %-28s ", step->step, whom);
    if (!step->model)
        fprintf(out, "nothing\n");
    else if (!step->is_cost_known)
        fprintf(out, "not known: this model has no price in the list\n");
    else
        fprintf(out, "$%.4f\n", usd(step->cost_micro_usd));
    if (step->model && step->is_cost_known && step->price_as_of)
        fprintf(
            out, "  %-11s %-28s price of %s, %s\n", "", "", step->price_as_of,
            step->price_source ? step->price_source : "no source");
}

static void quoted_print(FILE *out, const Quoted *quoted)
{
    int64_t photos = (int64_t)quoted->plan->photos.count;
    const QuoteStep *rows = quoted->steps.items;

    fprintf(out, "One picture:\n");
    for (size_t i = 0; i < quoted->steps.count; i++)
        step_print(&rows[i], out);
    fprintf(
        out, "%jd picture%s: $%.4f at vendors%s. Nothing was made.\n", (intmax_t)photos,
        photos == 1 ? "" : "s", usd(quoted->each_micro_usd * photos),
        quoted->is_known ? "" : ", and what is not known");
}

Err *quote_tell(App *app, const RenderOptions *options, const Plan *plan, const Vendors *vendors)
{
    Quoted quoted = {.plan = plan};

    TRY(recipe_quote(
        &(QuoteWish){.recipe = plan->recipe, .vendors = vendors}, app->mem, &quoted.steps));
    quoted.each_micro_usd = quote_sum(&quoted.steps, &quoted.is_known);
    const char *advice = providers_advice(&app->settings, app->mem);
    if (advice && !options->quiet)
        fprintf(stderr, "%s\n", advice);
    if (options->json)
        return quoted_json(app->out, &quoted);
    quoted_print(app->out, &quoted);
    return NULL;
}
