/* Sibling apps: pictures that a customer takes there by hand. */
#include "door/lumiku/apps_priv.h"

typedef struct ExportToIn {
    const char *id, *target_app;
} ExportToIn;

static const Field ExportToIn_fields[] = {
    {FIELD_TEXT(ExportToIn, id), .help = "Name of the photo", .max = 64},
    {FIELD_TEXT(ExportToIn, target_app), .name = "targetApp",
     .help = "image-upscaler, background-remover or carousel-mix", .max = 40},
    {FIELD_END},
};

typedef struct ExportToOut {
    bool success;
    const char *target_app, *redirect_url, *source_app, *source_item_id, *source_project_id;
    const char *image_path, *image_url, *product_name, *product_price, *return_to;
    int64_t credit_cost;
} ExportToOut;

static const Field ExportToOut_fields[] = {
    {FIELD_BOOL(ExportToOut, success), .help = "Always true"},
    {FIELD_TEXT(ExportToOut, target_app), .name = "targetApp", .help = "Who is to take it"},
    {FIELD_TEXT(ExportToOut, redirect_url), .name = "redirectUrl",
     .help = "Its page, with the picture loaded"},
    {FIELD_TEXT(ExportToOut, source_app), .name = "sourceApp", .help = "product-photo-studio"},
    {FIELD_TEXT(ExportToOut, source_item_id), .name = "sourceItemId", .help = "The photo"},
    {FIELD_TEXT(ExportToOut, source_project_id), .name = "sourceProjectId", .help = "Its project"},
    {FIELD_TEXT(ExportToOut, image_path), .name = "imagePath",
     .help = "The picture that is handed over"},
    {FIELD_TEXT(ExportToOut, image_url), .name = "imageUrl", .help = "Where it is, for an hour"},
    {FIELD_TEXT(ExportToOut, product_name), .name = "productName", .help = "Of the photo"},
    {FIELD_TEXT(ExportToOut, product_price), .name = "productPrice", .help = "Of the photo"},
    {FIELD_TEXT(ExportToOut, return_to), .name = "returnTo", .help = "Back to the photo"},
    {FIELD_INT(ExportToOut, credit_cost), .name = "creditCost",
     .help = "What the app charges, before discounts"},
    {FIELD_END},
};

HANDLER(export_to, ExportToIn, ExportToOut);

const Endpoint lumiku_item_export_to = {
    .method = GET,
    .path = LUMIKU "/items/{id}/export-to/{targetApp}",
    .id = "lumiku_item_export_to",
    .summary = "Take a picture to another app by hand",
    .about = "Nothing is begun: what comes is what the app loads. From the standard plan on; one "
             "click is the professional plan's.",
    .tag = "Sibling apps",
    .scope = "projects:read",
    .in = SHAPE(ExportToIn),
    .out = SHAPE(ExportToOut),
    .errors = ERRORS(ERR_NOT_FOUND, ERR_CONFLICT),
    .handle = CALLS(export_to),
};

/* The background remover takes the photo, the others the picture that stands for it. */
static MUST Err *handed_over(Call *call, const SiblingApp *app, const Item *item, ExportToOut *out)
{
    const bool is_made = app->kind != BATCH_CUTOUT && item->picture_key;
    const char *key = is_made ? item->picture_key : item->key;
    Link link;

    if (!key || (app->kind == BATCH_CAROUSEL && !is_made))
        return err_public(
            err_new(ERR_CONFLICT, "photo '%s' has no picture", item->id),
            "There is no picture of this photo yet: process it first.");
    TRY(link_make(&desk_of(call)->studio->shelf, &(LinkWish){.key = key}, call_arena(call), &link));
    out->image_path = key;
    out->image_url = link.url;
    return NULL;
}

static Err *export_to(Call *call, const ExportToIn *in, ExportToOut *out)
{
    Arena *mem = call_arena(call);
    const SiblingApp *app;
    CatalogueOf of;
    Buyer buyer;
    Item item;

    TRY(app_find(in->target_app, &app));
    TRY(lumiku_of(call, in->id, &of));
    TRY(item_find(&desk_of(call)->studio->shelf, &of, mem, &item));
    TRY(lumiku_buyer(call, &buyer));
    TRY(tier_check_handover((TierId)buyer.tier));
    TRY(handed_over(call, app, &item, out));
    out->success = true;
    out->target_app = app->name;
    out->source_app = LUMIKU_APP;
    out->source_item_id = item.id;
    out->source_project_id = item.project_id;
    out->product_name = item.product_name;
    out->product_price = item.product_price;
    out->credit_cost = price_credits(app->price);
    out->return_to =
        arena_print(mem, "/apps/" LUMIKU_APP "/projects/%s/items/%s", item.project_id, item.id);
    out->redirect_url = arena_print(
        mem, "/apps/%s?sourceApp=" LUMIKU_APP "&sourceItemId=%s&sourceProjectId=%s", app->name,
        item.id, item.project_id);
    return NULL;
}
