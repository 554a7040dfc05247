/* Items: photos of products, looked at and changed. */
#include "door/lumiku/items.h"

#include <math.h>

const Field LumikuDone_fields[] = {
    {FIELD_BOOL(LumikuDone, success), .help = "Always true"},
    {FIELD_END},
};

/* ---- what an item says of itself ---- */

#define ADDRESS .format = "uri", .nullable = true

const Field LumikuItem_fields[] = {
    {FIELD_TEXT(LumikuItem, id), .help = "Name of the photo"},
    {FIELD_TEXT(LumikuItem, project_id), .name = "projectId", .help = "The project it is in"},
    {FIELD_TEXT(LumikuItem, original_file_name), .name = "originalFileName",
     .help = "What its file was called"},
    {FIELD_TEXT(LumikuItem, original_file_path), .name = "originalFilePath",
     .help = "Address of the photo, good for an hour; null once it is no longer kept", ADDRESS},
    {FIELD_INT(LumikuItem, original_file_size), .name = "originalFileSize",
     .help = "Of the photo's file", .unit = "bytes"},
    {FIELD_INT(LumikuItem, original_width), .name = "originalWidth", .help = "Of the photo",
     .unit = "px"},
    {FIELD_INT(LumikuItem, original_height), .name = "originalHeight", .help = "Of the photo",
     .unit = "px"},
    {FIELD_TEXT(LumikuItem, processed_file_path), .name = "processedFilePath",
     .help = "Address of the picture that stands for it, good for an hour", ADDRESS},
    {FIELD_TEXT(LumikuItem, bg_removed_file_path), .name = "bgRemovedFilePath",
     .help = "Address of its product without a background", ADDRESS},
    {FIELD_TEXT(LumikuItem, thumbnail_url), .name = "thumbnailUrl",
     .help = "Address of the photo as a JPEG of 400 pixels", ADDRESS},
    {FIELD_TEXT(LumikuItem, processed_thumbnail_url), .name = "processedThumbnailUrl",
     .help = "Address of the picture that stands for it as a WebP of 400 pixels; its own when it "
             "is small",
     ADDRESS},
    {FIELD_INT(LumikuItem, processed_width), .name = "processedWidth",
     .help = "Of that picture; 0 while there is none", .unit = "px"},
    {FIELD_INT(LumikuItem, processed_height), .name = "processedHeight",
     .help = "Of that picture; 0 while there is none", .unit = "px"},
    {FIELD_TEXT(LumikuItem, original_url), .name = "originalUrl", .help = "Before", ADDRESS},
    {FIELD_TEXT(LumikuItem, processed_url), .name = "processedUrl", .help = "After", ADDRESS},
    {FIELD_NAME(LumikuItem, status, item_state_names), .help = "How it stands"},
    {FIELD_NUMBER(LumikuItem, progress), .help = "Of what is being done with it", .max = 100,
     .unit = "%"},
    {FIELD_TEXT(LumikuItem, workflow_config), .name = "workflowConfig",
     .help = "The workflow that was asked for last, as JSON text", .nullable = true},
    {FIELD_VALUE(LumikuItem, workflow), .help = "The same as an object", .nullable = true},
    {FIELD_TEXT(LumikuItem, template_id), .name = "templateId",
     .help = "The template that was asked for last", .nullable = true},
    {FIELD_TEXT(LumikuItem, product_name), .name = "productName",
     .help = "What the product is called", .nullable = true},
    {FIELD_TEXT(LumikuItem, product_sku), .name = "productSku", .help = "What you know it by",
     .nullable = true},
    {FIELD_TEXT(LumikuItem, product_price), .name = "productPrice",
     .help = "What it costs, as it is to be read", .nullable = true},
    {FIELD_TEXTS(LumikuItem, product_tags), .name = "productTags", .help = "Words to find it by"},
    {FIELD_BOOL(LumikuItem, is_favorite), .name = "isFavorite", .help = "Is it one of the best?"},
    {FIELD_INT(LumikuItem, variation_count), .name = "variationCount",
     .help = "Pictures there are of it"},
    {FIELD_TEXT(LumikuItem, selected_variation_id), .name = "selectedVariationId",
     .help = "The one that stands for it", .nullable = true},
    {FIELD_TEXT(LumikuItem, error_code), .name = "errorCode", .help = "Why it failed, for programs",
     .nullable = true},
    {FIELD_TEXT(LumikuItem, error_message), .name = "errorMessage",
     .help = "Why it failed, for people", .nullable = true},
    {FIELD_MAYBE(LumikuItem, error_said, Said, &said_shape), .name = "errorSaid",
     .help = "The same for translators", .omit = true},
    {FIELD_TIME(LumikuItem, created_at), .name = "createdAt", .help = "When it came"},
    {FIELD_TIME(LumikuItem, updated_at), .name = "updatedAt", .help = "When it was changed last"},
    {FIELD_END},
};

const Shape lumiku_item_shape = SHAPE(LumikuItem);

static const Shelf *shelf_of(const Call *call)
{
    return &desk_of(call)->studio->shelf;
}

static MUST Err *address(Call *call, const char *key, const char **ret)
{
    Link link = {0};

    if (key)
        TRY(link_make(shelf_of(call), &(LinkWish){.key = key}, call_arena(call), &link));
    *ret = link.url;
    return NULL;
}

static const char *text_or_null(const char *text)
{
    return *text ? text : NULL;
}

Err *lumiku_json_text(Call *call, const Value *value, const char **ret)
{
    AUTO(buf_done) Buf text = BUF(256 << 10);

    *ret = NULL;
    if (!value)
        return NULL;
    TRY(value_write(value, VALUE_COMPACT, &text));
    *ret = arena_text(call_arena(call), buf_text(&text));
    return NULL;
}

Err *lumiku_item_fill(Call *call, const Item *item, LumikuItem *ret)
{
    LumikuItem filled = {
        .id = item->id,
        .project_id = item->project_id,
        .original_file_name = item->filename,
        .original_file_size = item->bytes,
        .original_width = item->width_px,
        .original_height = item->height_px,
        .processed_width = item->picture_width_px,
        .processed_height = item->picture_height_px,
        .status = item->state,
        .progress = round(item->progress * 1000) / 10,
        .workflow = item->wish,
        .template_id = item->template,
        .product_name = text_or_null(item->product_name),
        .product_sku = text_or_null(item->product_sku),
        .product_price = text_or_null(item->product_price),
        .product_tags = item->product_tags,
        .is_favorite = item->is_favorite,
        .variation_count = item->variations,
        .selected_variation_id = item->run_id,
        .error_code = item->error,
        .error_message = said_plain(item->error_text, call_arena(call)),
        .error_said = said_of(item->error_text, call_arena(call)),
        .created_at = item->created_ms,
        .updated_at = item->changed_ms,
    };

    TRY(lumiku_json_text(call, item->wish, &filled.workflow_config));
    TRY(address(call, item->key, &filled.original_file_path));
    TRY(address(call, item->picture_key, &filled.processed_file_path));
    TRY(address(call, item->cutout_key, &filled.bg_removed_file_path));
    TRY(address(call, item->thumb_key, &filled.thumbnail_url));
    TRY(address(
        call, item->picture_thumb_key ? item->picture_thumb_key : item->picture_key,
        &filled.processed_thumbnail_url));
    filled.original_url = filled.original_file_path;
    filled.processed_url = filled.processed_file_path;
    *ret = filled;
    return NULL;
}

/* ---- looked through ---- */

Err *lumiku_items_page(Call *call, const ItemQuery *query, LumikuPage *ret)
{
    Arena *mem = call_arena(call);
    ItemQuery asked = *query;
    List found;

    asked.limit = query->limit + 1;
    TRY(item_list(shelf_of(call), &asked, mem, &found, &ret->total));
    LumikuItem *items = ARENA_ARRAY(mem, LumikuItem, found.count + 1);
    size_t shown = MIN(found.count, (size_t)query->limit);
    for (size_t i = 0; i < shown; i++)
        TRY(lumiku_item_fill(call, &((const Item *)found.items)[i], &items[i]));
    ret->items = (List){items, shown};
    ret->next_cursor = shown && found.count > shown ? items[shown - 1].id : NULL;
    return NULL;
}

typedef struct ItemsIn {
    const char *id, *tag, *search, *after;
    int status, favorite;
    int64_t limit;
} ItemsIn;

static const char *const yes_names[] = {"false", "true", NULL};

static const Field ItemsIn_fields[] = {
    {FIELD_TEXT(ItemsIn, id), .help = "Name of the project", .max = 64},
    {FIELD_NAME(ItemsIn, status, item_state_names), .help = "Those that stand so, alone",
     .optional = true, .nullable = true},
    {FIELD_NAME(ItemsIn, favorite, yes_names), .help = "Favourites alone, or the others",
     .optional = true, .nullable = true},
    {FIELD_TEXT(ItemsIn, tag), .help = "Those with this tag, alone", .optional = true,
     .max = PRODUCT_TAG_LETTERS},
    {FIELD_TEXT(ItemsIn, search), .help = "In names of products, SKUs and names of files",
     .optional = true, .max = 200},
    {FIELD_TEXT(ItemsIn, after), .help = "Go on with the photos after this one", .optional = true,
     .max = 64},
    {FIELD_INT(ItemsIn, limit), .help = "How many at most", .preset = "50", .min = 1,
     .max = LUMIKU_ITEMS_MOST},
    {FIELD_END},
};

typedef struct ItemsOut {
    bool success;
    List items;
    int64_t total;
    const char *next_cursor;
} ItemsOut;

static const Field ItemsOut_fields[] = {
    {FIELD_BOOL(ItemsOut, success), .help = "Always true"},
    {FIELD_LIST(ItemsOut, items, &lumiku_item_shape), .help = "In the order they came"},
    {FIELD_INT(ItemsOut, total), .help = "How many fit, on all pages"},
    {FIELD_TEXT(ItemsOut, next_cursor), .name = "nextCursor",
     .help = "Send it as `after` for the next page; null on the last", .nullable = true},
    {FIELD_END},
};

HANDLER(items_show, ItemsIn, ItemsOut);

const Endpoint lumiku_item_list = {
    .method = GET,
    .path = LUMIKU "/projects/{id}/items",
    .id = "lumiku_item_list",
    .summary = "Look through the photos of a project",
    .tag = "Items",
    .scope = "projects:read",
    .in = SHAPE(ItemsIn),
    .out = SHAPE(ItemsOut),
    .errors = ERRORS(ERR_NOT_FOUND),
    .handle = CALLS(items_show),
};

static Err *items_show(Call *call, const ItemsIn *in, ItemsOut *out)
{
    LumikuPage page;
    ItemQuery query = {
        .state = in->status,
        .favorite = in->favorite,
        .tag = in->tag,
        .search = in->search,
        .after = in->after,
        .limit = in->limit,
    };

    TRY(lumiku_of(call, in->id, &query.catalogue));
    TRY(lumiku_items_page(call, &query, &page));
    *out = (ItemsOut){true, page.items, page.total, page.next_cursor};
    return NULL;
}

typedef struct ItemNamed {
    const char *id;
} ItemNamed;

static const Field ItemNamed_fields[] = {
    {FIELD_TEXT(ItemNamed, id), .help = "Name of the photo", .max = 64},
    {FIELD_END},
};

HANDLER(item_show, ItemNamed, LumikuItem);

const Endpoint lumiku_item_get = {
    .method = GET,
    .path = LUMIKU "/items/{id}",
    .id = "lumiku_item_get",
    .summary = "See a photo, before and after",
    .tag = "Items",
    .scope = "projects:read",
    .in = SHAPE(ItemNamed),
    .out = SHAPE(LumikuItem),
    .errors = ERRORS(ERR_NOT_FOUND),
    .handle = CALLS(item_show),
};

static Err *item_show(Call *call, const ItemNamed *in, LumikuItem *out)
{
    CatalogueOf of;
    Item item;

    TRY(lumiku_of(call, in->id, &of));
    TRY(item_find(shelf_of(call), &of, call_arena(call), &item));
    return lumiku_item_fill(call, &item, out);
}

/* ---- changed ---- */

typedef struct ItemIn {
    const char *id, *product_name, *product_sku, *product_price;
    TagsIn *product_tags;
    Yes *is_favorite;
    Texts item_ids;
} ItemIn;

#define PRODUCT_FIELDS \
    {FIELD_TEXT(ItemIn, product_name), .name = "productName", \
     .help = "What the product is called; empty for nothing", .optional = true, \
     .max = PRODUCT_NAME_LETTERS}, \
        {FIELD_TEXT(ItemIn, product_sku), .name = "productSku", \
         .help = "What you know it by; empty for nothing", .optional = true, \
         .max = PRODUCT_SKU_LETTERS}, \
        {FIELD_TEXT(ItemIn, product_price), .name = "productPrice", \
         .help = "What it costs, as it is to be read; empty for nothing", .optional = true, \
         .max = PRODUCT_PRICE_LETTERS}, \
        {FIELD_MAYBE(ItemIn, product_tags, TagsIn, &lumiku_tags_shape), .name = "productTags", \
         .help = "Words to find it by, in place of those it has", .optional = true}, \
    { \
        FIELD_MAYBE(ItemIn, is_favorite, Yes, &lumiku_yes_shape), \
            .name = "isFavorite", .help = "Is it one of the best?", .optional = true \
    }

static const Field ItemIn_fields[] = {
    {FIELD_TEXT(ItemIn, id), .help = "Name of the photo", .max = 64},
    PRODUCT_FIELDS,
    {FIELD_END},
};

static ProductWish product_of(const ItemIn *in)
{
    return (ProductWish){
        .name = in->product_name,
        .sku = in->product_sku,
        .price = in->product_price,
        .tags = in->product_tags ? &in->product_tags->tags : NULL,
        .is_favorite = lumiku_yes(in->is_favorite),
    };
}

HANDLER(item_set, ItemIn, LumikuItem);

const Endpoint lumiku_item_change = {
    .method = PUT,
    .path = LUMIKU "/items/{id}",
    .id = "lumiku_item_change",
    .summary = "Say what is known of a photo's product",
    .about = "What is left out stays as it is.",
    .tag = "Items",
    .scope = "projects:write",
    .in = SHAPE(ItemIn),
    .out = SHAPE(LumikuItem),
    .errors = ERRORS(ERR_NOT_FOUND),
    .handle = CALLS(item_set),
};

static Err *item_set(Call *call, const ItemIn *in, LumikuItem *out)
{
    const ProductWish wish = product_of(in);
    CatalogueOf of;
    Item item;

    TRY(lumiku_of(call, in->id, &of));
    TRY(item_change(shelf_of(call), &of, &wish, call_arena(call), &item));
    return lumiku_item_fill(call, &item, out);
}

typedef ItemIn ItemsSet;

static const Field ItemsSet_fields[] = {
    {FIELD_TEXT(ItemIn, id), .help = "Name of the project", .max = 64},
    {FIELD_TEXTS(ItemIn, item_ids), .name = "itemIds",
     .help = "Photos it is said of; all of the project's if left out", .preset = "", .max = 1000},
    PRODUCT_FIELDS,
    {FIELD_END},
};

typedef struct ItemsChanged {
    bool success;
    int64_t updated;
} ItemsChanged;

static const Field ItemsChanged_fields[] = {
    {FIELD_BOOL(ItemsChanged, success), .help = "Always true"},
    {FIELD_INT(ItemsChanged, updated), .help = "Photos that were changed"},
    {FIELD_END},
};

HANDLER(items_set, ItemsSet, ItemsChanged);

const Endpoint lumiku_item_change_many = {
    .method = PUT,
    .path = LUMIKU "/projects/{id}/items",
    .id = "lumiku_item_change_many",
    .summary = "Say the same of several photos' products, or of all",
    .about = "What is left out stays as it is. When one of the photos is not there, none is "
             "changed.",
    .tag = "Items",
    .scope = "projects:write",
    .in = SHAPE(ItemsSet),
    .out = SHAPE(ItemsChanged),
    .errors = ERRORS(ERR_NOT_FOUND),
    .handle = CALLS(items_set),
};

static Err *items_set(Call *call, const ItemsSet *in, ItemsChanged *out)
{
    const ProductWish wish = product_of(in);
    CatalogueOf of;

    TRY(lumiku_of(call, in->id, &of));
    out->success = true;
    return items_change(shelf_of(call), &of, &in->item_ids, &wish, &out->updated);
}

/* ---- deleted ---- */

HANDLER(item_delete, ItemNamed, LumikuDone);

const Endpoint lumiku_item_delete = {
    .method = DELETE,
    .path = LUMIKU "/items/{id}",
    .id = "lumiku_item_delete",
    .summary = "Delete a photo with all its pictures",
    .about = "What is under way is stopped, and its credits are given back. This cannot be undone.",
    .tag = "Items",
    .scope = "projects:write",
    .in = SHAPE(ItemNamed),
    .out = SHAPE(LumikuDone),
    .errors = ERRORS(ERR_NOT_FOUND),
    .handle = CALLS(item_delete),
};

static Err *item_delete(Call *call, const ItemNamed *in, LumikuDone *out)
{
    const char *id = in->id;
    CatalogueOf of;
    Item item;

    TRY(lumiku_of(call, in->id, &of));
    TRY(item_find(shelf_of(call), &of, call_arena(call), &item));
    of.id = item.project_id;
    out->success = true;
    return shop_photos_delete(desk_of(call)->studio, &of, &(Texts){&id, 1});
}

typedef struct ItemsGone {
    const char *id;
    Texts item_ids;
} ItemsGone;

static const Field ItemsGone_fields[] = {
    {FIELD_TEXT(ItemsGone, id), .help = "Name of the project", .max = 64},
    {FIELD_TEXTS(ItemsGone, item_ids), .name = "itemIds", .help = "Photos, between commas",
     .min = 1, .max = CATALOGUE_FILES_MOST},
    {FIELD_END},
};

HANDLER(items_delete, ItemsGone, LumikuDone);

const Endpoint lumiku_item_delete_many = {
    .method = DELETE,
    .path = LUMIKU "/projects/{id}/items",
    .id = "lumiku_item_delete_many",
    .summary = "Delete several photos with all their pictures",
    .about = "When one of them is not there, none is deleted. This cannot be undone.",
    .tag = "Items",
    .scope = "projects:write",
    .in = SHAPE(ItemsGone),
    .out = SHAPE(LumikuDone),
    .errors = ERRORS(ERR_NOT_FOUND),
    .handle = CALLS(items_delete),
};

static Err *items_delete(Call *call, const ItemsGone *in, LumikuDone *out)
{
    CatalogueOf of;

    TRY(lumiku_of(call, in->id, &of));
    out->success = true;
    return shop_photos_delete(desk_of(call)->studio, &of, &in->item_ids);
}
