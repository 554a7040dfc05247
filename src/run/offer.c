/* What can be had here, by whom, and for how much. */
#include "run/offer.h"

#include <string.h>

#include "run/run_priv.h"

/* ---- who does it ---- */

static const Field OfferWork_fields[] = {
    {FIELD_TEXT(OfferWork, work), .help = "images, cutout, relight or upscale"},
    {FIELD_TEXTS(OfferWork, by),
     .help = "Who is asked, in order; builtin is the studio's own work, which costs nothing more"},
    {FIELD_END},
};
const Shape offer_work_shape = SHAPE(OfferWork);

static const struct {
    const char *work;
    Ability ability;
} works[] = {
    {"images", ABILITY_GENERATE},
    {"cutout", ABILITY_CUTOUT},
    {"relight", ABILITY_RELIGHT},
    {"upscale", ABILITY_UPSCALE},
};

void offer_work(const Studio *studio, Arena *mem, List *ret)
{
    OfferWork *rows = ARENA_ARRAY(mem, OfferWork, COUNT(works));

    for (size_t i = 0; i < COUNT(works); i++) {
        const Texts route = vendors_route(studio->vendors, works[i].ability);
        const char **by = ARENA_ARRAY(mem, const char *, route.count + 1);
        size_t count = 0;

        for (; count < route.count; count++)
            by[count] = route.items[count];
        if (!count || !studio->is_vendor_only)
            by[count++] = "builtin";
        rows[i] = (OfferWork){works[i].work, {by, count}};
    }
    *ret = (List){rows, COUNT(works)};
}

void offer_vendors(const Studio *studio, Arena *mem, List *ret)
{
    vendors_states(studio->vendors, mem, ret);
}

/* ---- what it costs ---- */

static const Field OfferLook_fields[] = {
    {FIELD_TEXT(OfferLook, scene_type), .help = "The scene they stand in; null for the recipe's",
     .nullable = true},
    {FIELD_INT(OfferLook, pictures), .help = "How many pictures are made so"},
    {FIELD_INT(OfferLook, cost_micro_usd),
     .help = "What providers ask for all of them, in millionths of a US dollar"},
    {FIELD_LIST(OfferLook, steps, &quote_step_shape), .help = "The steps of one picture"},
    {FIELD_END},
};
const Shape offer_look_shape = SHAPE(OfferLook);

typedef struct Offering {
    const Studio *studio;
    const OfferWish *wish;
    Arena *mem;
    Offer *offer;
} Offering;

/* The recipe of one look, as a run would have it. */
static MUST Err *look_recipe(const Offering *offering, const char *scene_type, Recipe **ret)
{
    const OfferWish *wish = offering->wish;
    const char *name = wish->recipe ? value_text(wish->recipe) : "opal", *text;
    AUTO(value_free) Value *look = NULL;

    if (wish->recipe && !name)
        return err_under(recipe_read(wish->recipe, ret), "/recipe");
    TRY(look_write(
        &(LookWish){
            .recipe_name = name,
            .scene_type = scene_type,
            .scene_prompt = wish->scene_prompt,
            .is_upscaled = offering->studio->is_upscaled,
        },
        offering->mem, &text));
    TRY(value_parse(text, strlen(text), &look));
    return look_compose(look, ret);
}

static MUST Err *look_offer(const Offering *offering, const char *scene_type, int64_t pictures)
{
    AUTO(recipe_free) Recipe *recipe = NULL;
    Offer *offer = offering->offer;
    OfferLook *look = (OfferLook *)offer->looks.items + offer->looks.count++;
    bool is_known;

    *look = (OfferLook){.scene_type = scene_type, .pictures = pictures};
    TRY(look_recipe(offering, scene_type, &recipe));
    TRY(recipe_quote(
        &(QuoteWish){.recipe = recipe, .vendors = offering->studio->vendors}, offering->mem,
        &look->steps));
    look->cost_micro_usd = pictures * quote_sum(&look->steps, &is_known);
    offer->pictures += pictures;
    offer->cost_micro_usd += look->cost_micro_usd;
    offer->is_cost_known &= is_known;
    return NULL;
}

static MUST Err *wish_check(const OfferWish *wish, const PhotoWish *photo)
{
    LookNames names = {.recipe = wish->recipe ? value_text(wish->recipe) : "opal"};

    TRY(photo_wish_check(photo));
    if (!names.recipe && (photo->scene_types.count || photo->scene_count || photo->scene_prompt))
        return err_field(
            err_public(
                err_new(ERR_INPUT_INVALID, "scenes for a recipe of one's own"),
                "A recipe of your own says itself what its set is: leave scene_types, scene_count "
                "and scene_prompt out."),
            "/recipe");
    if (!names.recipe)
        return NULL;
    TRY(err_under(look_check(&names, NULL), "/recipe"));
    for (size_t i = 0; i < photo->scene_types.count; i++)
        TRY(err_under(look_check(&names, photo->scene_types.items[i]), "/scene_types/%zu", i));
    return NULL;
}

Err *offer_quote(const Studio *studio, const OfferWish *wish, Arena *mem, Offer *ret)
{
    const PhotoWish photo = {
        .scene_count = wish->scene_count,
        .scene_types = wish->scene_types,
        .scene_prompt = wish->scene_prompt,
    };
    size_t count = photo_wish_count(&photo);
    Offer offer = {.is_cost_known = true, .looks = {ARENA_ARRAY(mem, OfferLook, count + 1), 0}};
    const Offering offering = {studio, wish, mem, &offer};
    Texts scenes;

    TRY(wish_check(wish, &photo));
    photo_wish_scenes(&photo, mem, &scenes);
    if (!scenes.count)
        TRY(look_offer(&offering, NULL, wish->photos * (int64_t)count));
    for (size_t i = 0; i < MIN(scenes.count, count); i++) {
        size_t times = count / scenes.count + (i < count % scenes.count);

        TRY(look_offer(&offering, scenes.items[i], wish->photos * (int64_t)times));
    }
    offer.credits = offer.pictures * RUN_CREDITS;
    *ret = offer;
    return NULL;
}
