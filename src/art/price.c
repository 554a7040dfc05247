/* Who will draw a picture, and for how much: known before it is asked for, so that it can be set aside. */
#include <string.h>

#include "art/art_priv.h"

enum {
    MICRO_USD_A_CREDIT = 10000,
    BUILTIN_CREDITS = 1,  /* a picture */
    UNKNOWN_CREDITS = 10, /* ... of a model whose price nobody knows */
    LETTERS_A_TOKEN = 4,
    SQUARE_PX = 1024 * 1024
};

/* Tokens of a square megapixel, as OpenAI counts those of gpt-image-1; other sizes follow their pixels. */
static const struct {
    const char *quality;
    int64_t tokens;
} image_tokens[] = {{"low", 272}, {"medium", 1056}, {"high", 4160}};

static int64_t tokens_of_picture(const ArtPlan *plan, const char *quality)
{
    const int64_t pixels = plan->drawn_width_px > 0
                               ? (int64_t)plan->drawn_width_px * plan->drawn_height_px
                               : SQUARE_PX;
    int64_t tokens = image_tokens[1].tokens;

    for (size_t i = 0; quality && i < COUNT(image_tokens); i++)
        if (strcmp(image_tokens[i].quality, quality) == 0)
            tokens = image_tokens[i].tokens;
    return (tokens * pixels + SQUARE_PX - 1) / SQUARE_PX;
}

VendorUsage art_price_usage(const ArtPlan *plan, const ArtWish *wish, const char *quality)
{
    VendorUsage usage = {
        .text_tokens_in = ((int64_t)strlen(plan->prompt) + LETTERS_A_TOKEN - 1) / LETTERS_A_TOKEN,
        .image_tokens_in = (int64_t)wish->image_count * image_tokens[0].tokens,
        .image_tokens_out = plan->count * tokens_of_picture(plan, quality),
    };

    usage.tokens = usage.text_tokens_in + usage.image_tokens_in + usage.image_tokens_out;
    return usage;
}

static const Ability abilities[] = {
    [ART_GENERATE] = ABILITY_GENERATE,
    [ART_EDIT] = ABILITY_EDIT,
    [ART_VARIATION] = ABILITY_VARIATION,
};

VendorAsk art_price_ask(const ArtWish *wish, const ArtPlan *plan, const ArtPrice *price)
{
    VendorAsk ask = {
        .ability = abilities[wish->kind],
        .vendor = price->is_asked_for ? price->vendor : NULL,
        .model = price->is_asked_for ? price->served : NULL,
        .tenant_id = wish->tenant_id,
        .prompt = *plan->prompt ? plan->prompt : NULL,
        .count = plan->count,
        .width_px = plan->drawn_width_px,
        .height_px = plan->drawn_height_px,
        .quality = price->quality,
        .background = plan->background,
        .format = image_format_name(plan->format),
        .compression = plan->compression,
        .moderation = wish->moderation,
        .user = plan->user_id,
        .seed = -1,
        .image_count = MIN(wish->image_count, (size_t)VENDOR_IMAGES_MOST),
        .mask = wish->mask,
        .partials = wish->partials,
        .partial = wish->partial,
        .partial_context = wish->partial_context,
        .cancel = wish->cancel,
    };

    for (size_t i = 0; i < ask.image_count; i++)
        ask.images[i] = wish->images[i];
    return ask;
}

static void price_builtin(const ArtPlan *plan, ArtPrice *price)
{
    price->is_builtin = true;
    price->is_asked_for = strcmp(plan->alias->vendor, "builtin") == 0;
    price->vendor = price->served = "builtin";
    price->credits = plan->count * BUILTIN_CREDITS;
}

/* The alias's own vendor when there is a key for it, else whoever does such work here, else the house. */
static MUST Err *vendor_choose(
    const ArtRoom *room, const ArtWish *wish, const ArtPlan *plan, Arena *mem, ArtPrice *price)
{
    const Ability ability = abilities[wish->kind];
    const ModelAlias *alias = plan->alias;
    const VendorAsk ask = {
        .ability = ability,
        .vendor = alias->vendor,
        .model = alias->model,
        .tenant_id = wish->tenant_id,
    };
    const char *model;

    TRY(vendors_reach(room->vendors, &ask, mem, &model));
    price->is_asked_for = model != NULL;
    price->vendor = model ? alias->vendor : NULL;
    price->served = model;
    return NULL;
}

/* Vendors' prices are in millionths of a dollar; what is charged is in whole cents. */
static MUST Err *
vendor_price(const ArtRoom *room, const ArtWish *wish, const ArtPlan *plan, ArtPrice *price)
{
    const VendorAsk ask = art_price_ask(wish, plan, price);
    VendorQuote quote = {0};

    TRY(vendors_quote(room->vendors, &ask, &quote));
    price->vendor = quote.vendor;
    price->served = quote.model;
    price->credits =
        MAX((quote.cost_micro_usd + MICRO_USD_A_CREDIT - 1) / MICRO_USD_A_CREDIT,
            quote.is_cost_known ? (int64_t)1 : plan->count * UNKNOWN_CREDITS);
    return NULL;
}

Err *art_price_find(
    const ArtRoom *room, const ArtWish *wish, const ArtPlan *plan, const char *quality, Arena *mem,
    ArtPrice *ret)
{
    ArtPrice price = {
        .quality = quality,
        .tokens = art_price_usage(plan, wish, quality).tokens,
    };

    TRY(vendor_choose(room, wish, plan, mem, &price));
    if (strcmp(plan->alias->vendor, "builtin") == 0 ||
        (!price.is_asked_for && !vendors_serve(room->vendors, abilities[wish->kind])))
        price_builtin(plan, &price);
    else
        TRY(vendor_price(room, wish, plan, &price));
    *ret = price;
    return NULL;
}

/* ---- the list ---- */

/* A grey PNG of one pixel: what models that only change pictures are priced with. */
static const uint8_t dot[] = {
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x48,
    0x44, 0x52, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x01, 0x08, 0x00, 0x00, 0x00,
    0x00, 0x3a, 0x7e, 0x9b, 0x55, 0x00, 0x00, 0x00, 0x0a, 0x49, 0x44, 0x41, 0x54, 0x78,
    0x9c, 0x63, 0x60, 0x00, 0x00, 0x00, 0x02, 0x00, 0x01, 0x48, 0xaf, 0xa4, 0x71, 0x00,
    0x00, 0x00, 0x00, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82,
};
static const VendorPicture dot_picture = {dot, sizeof(dot), "image/png", 1, 1};

/* The first of ART_GENERATE, ... that ALIAS has. */
static ArtKind kind_of(const ModelAlias *alias)
{
    for (int kind = ART_GENERATE; art_kind_names[kind]; kind++)
        for (size_t i = 0; i < alias->abilities.count; i++)
            if (strcmp(alias->abilities.items[i], art_kind_names[kind]) == 0)
                return (ArtKind)kind;
    return ART_GENERATE;
}

static MUST Err *offer_of(
    const ArtRoom *room, const char *tenant_id, const ModelAlias *alias, Arena *mem, ArtOffer *ret)
{
    const Caller nobody = {0};
    ArtWish wish = {
        .kind = kind_of(alias),
        .caller = &nobody,
        .tenant_id = tenant_id,
        .model = alias->name,
        .prompt = "a picture",
        .images = &dot_picture,
        .image_count = 1,
        .count = 1,
        .compression = -1,
    };
    ArtPlan plan;
    ArtPrice price;

    TRY(art_plan_make(room, &wish, mem, &plan));
    TRY(art_price_find(room, &wish, &plan, plan.quality, mem, &price));
    *ret = (ArtOffer){
        .alias = alias,
        .served_by =
            price.is_builtin ? price.vendor : arena_print(mem, "%s/%s", price.vendor, price.served),
        .credits = price.credits,
        .is_stand_in = alias->is_emulated || !price.is_asked_for,
    };
    return NULL;
}

Err *art_offers(const ArtRoom *room, const char *tenant_id, Arena *mem, List *ret)
{
    const ModelAlias *aliases = room->aliases.items;
    ArtOffer *offers = ARENA_ARRAY(mem, ArtOffer, room->aliases.count + 1);

    for (size_t i = 0; i < room->aliases.count; i++)
        TRY(offer_of(room, tenant_id, &aliases[i], mem, &offers[i]));
    *ret = (List){offers, room->aliases.count};
    return NULL;
}
