/* Variations: the pictures of a photo, one of which stands for it. */
#include <string.h>

#include "door/lumiku/items.h"

typedef struct VariationOut {
    const char *id, *item_id, *file_path, *thumbnail_url, *variation_type, *variation_config,
        *variation_name;
    bool is_selected;
    const char *format;
    int64_t file_size, width, height, created_at;
} VariationOut;

static const Field VariationOut_fields[] = {
    {FIELD_TEXT(VariationOut, id), .help = "Name of the variation"},
    {FIELD_TEXT(VariationOut, item_id), .name = "itemId", .help = "The photo it was made of"},
    {FIELD_TEXT(VariationOut, file_path), .name = "filePath",
     .help = "Address of the picture, good for an hour", .format = "uri", .nullable = true},
    {FIELD_TEXT(VariationOut, thumbnail_url), .name = "thumbnailUrl",
     .help = "The same as a WebP of 400 pixels; the picture itself when that is small",
     .format = "uri", .nullable = true},
    {FIELD_TEXT(VariationOut, variation_type), .name = "variationType",
     .help = "What was done: background, lighting, shadow, template, cutout, upscale or carousel"},
    {FIELD_TEXT(VariationOut, variation_config), .name = "variationConfig",
     .help = "What was asked for, as JSON text", .nullable = true},
    {FIELD_TEXT(VariationOut, variation_name), .name = "variationName",
     .help = "What it is called: Upscaled 4x", .nullable = true},
    {FIELD_BOOL(VariationOut, is_selected), .name = "isSelected",
     .help = "It stands for the photo"},
    {FIELD_TEXT(VariationOut, format), .help = "Kind of file"},
    {FIELD_INT(VariationOut, file_size), .name = "fileSize", .help = "Of the file",
     .unit = "bytes"},
    {FIELD_INT(VariationOut, width), .help = "Of the picture", .unit = "px"},
    {FIELD_INT(VariationOut, height), .help = "Of the picture", .unit = "px"},
    {FIELD_TIME(VariationOut, created_at), .name = "createdAt", .help = "When it was there"},
    {FIELD_END},
};
static const Shape variation_out_shape = SHAPE(VariationOut);

/* What a workflow does that is named first is what it is for. */
static const char *type_of(const Batch *batch)
{
    static const char *const parts[] = {"background", "lighting", "shadow"};

    if (batch->kind == BATCH_CUTOUT || batch->kind == BATCH_UPSCALE ||
        batch->kind == BATCH_CAROUSEL)
        return batch_kind_names[batch->kind];
    if (batch->template || value_get(batch->wish, "templateIds"))
        return "template";
    for (size_t i = 0; i < COUNT(parts); i++)
        if (value_get(batch->wish, parts[i]))
            return parts[i];
    return parts[0];
}

static MUST Err *batch_read(Call *call, const Run *run, VariationOut *ret)
{
    AUTO(buf_done) Buf text = BUF(256 << 10);
    Batch batch;

    ret->variation_type = "background";
    if (!run->batch_id)
        return NULL;
    TRY(batch_find(desk_of(call)->studio, run->tenant_id, run->batch_id, call_arena(call), &batch));
    ret->variation_type = type_of(&batch);
    if (!batch.wish)
        return NULL;
    TRY(value_write(batch.wish, VALUE_COMPACT, &text));
    ret->variation_config = arena_text(call_arena(call), buf_text(&text));
    return NULL;
}

static MUST Err *out_of(Call *call, const Run *run, VariationOut *ret)
{
    *ret = (VariationOut){
        .id = run->id,
        .item_id = run->photo_id,
        .variation_name = run->title,
        .is_selected = run->is_selected,
        .format = run->output_format,
        .file_size = run->output_bytes,
        .width = run->output_width_px,
        .height = run->output_height_px,
        .created_at = run->ended_ms,
    };
    TRY(batch_read(call, run, ret));
    TRY(run_thumb_url(desk_of(call)->studio, run, call_arena(call), &ret->thumbnail_url));
    return run_output_url(desk_of(call)->studio, run, call_arena(call), &ret->file_path);
}

/* ---- looked at ---- */

typedef struct VariationIn {
    const char *id, *variation_id;
} VariationIn;

typedef VariationIn VariationsIn;

static const Field VariationsIn_fields[] = {
    {FIELD_TEXT(VariationIn, id), .help = "Name of the photo", .max = 64},
    {FIELD_END},
};

static const Field VariationIn_fields[] = {
    {FIELD_TEXT(VariationIn, id), .help = "Name of the photo", .max = 64},
    {FIELD_TEXT(VariationIn, variation_id), .name = "variationId", .help = "Name of the variation",
     .max = 64},
    {FIELD_END},
};

typedef struct VariationsOut {
    bool success;
    const char *original_url, *processed_url;
    List variations;
} VariationsOut;

static const Field VariationsOut_fields[] = {
    {FIELD_BOOL(VariationsOut, success), .help = "Always true"},
    {FIELD_TEXT(VariationsOut, original_url), .name = "originalUrl",
     .help = "Before: address of the photo", .format = "uri", .nullable = true},
    {FIELD_TEXT(VariationsOut, processed_url), .name = "processedUrl",
     .help = "After: address of the picture that stands for it", .format = "uri", .nullable = true},
    {FIELD_LIST(VariationsOut, variations, &variation_out_shape), .help = "The newest first"},
    {FIELD_END},
};

HANDLER(variations_show, VariationsIn, VariationsOut);

const Endpoint lumiku_variation_list = {
    .method = GET,
    .path = LUMIKU "/items/{id}/variations",
    .id = "lumiku_variation_list",
    .summary = "See all pictures that were made of a photo",
    .tag = "Items",
    .scope = "projects:read",
    .in = SHAPE(VariationsIn),
    .out = SHAPE(VariationsOut),
    .errors = ERRORS(ERR_NOT_FOUND),
    .handle = CALLS(variations_show),
};

static MUST Err *photo_find(Call *call, const char *id, LumikuItem *ret)
{
    CatalogueOf of;
    Item item;

    TRY(lumiku_of(call, id, &of));
    TRY(item_find(&desk_of(call)->studio->shelf, &of, call_arena(call), &item));
    return lumiku_item_fill(call, &item, ret);
}

static Err *variations_show(Call *call, const VariationsIn *in, VariationsOut *out)
{
    Arena *mem = call_arena(call);
    const char *tenant_id;
    LumikuItem item;
    List runs;

    TRY(photo_find(call, in->id, &item));
    TRY(desk_tenant(call, NULL, &tenant_id));
    TRY(variation_list(desk_of(call)->studio, tenant_id, in->id, mem, &runs));
    VariationOut *variations = ARENA_ARRAY(mem, VariationOut, runs.count + 1);
    for (size_t i = 0; i < runs.count; i++)
        TRY(out_of(call, &((const Run *)runs.items)[i], &variations[i]));
    *out = (VariationsOut){
        .success = true,
        .original_url = item.original_url,
        .processed_url = item.processed_url,
        .variations = {variations, runs.count},
    };
    return NULL;
}

/* ---- chosen, deleted ---- */

/* The run VARIATION_ID, if it is of that photo. */
static MUST Err *variation_find(Call *call, const VariationIn *in, Run *ret)
{
    const char *tenant_id;
    LumikuItem item;

    TRY(photo_find(call, in->id, &item));
    TRY(desk_tenant(call, NULL, &tenant_id));
    TRY(run_find(desk_of(call)->studio, tenant_id, in->variation_id, call_arena(call), ret));
    if (strcmp(ret->photo_id, in->id) != 0)
        return err_new(ERR_NOT_FOUND, "run '%s' is not of photo '%s'", ret->id, in->id);
    return NULL;
}

HANDLER(variation_choose, VariationIn, VariationOut);

const Endpoint lumiku_variation_select = {
    .method = POST,
    .path = LUMIKU "/items/{id}/variations/{variationId}/select",
    .id = "lumiku_variation_select",
    .summary = "Have a picture stand for its photo",
    .about = "It is what downloads and exports take. Without a choice the newest stands for it.",
    .tag = "Items",
    .scope = "projects:write",
    .in = SHAPE(VariationIn),
    .out = SHAPE(VariationOut),
    .errors = ERRORS(ERR_NOT_FOUND, ERR_CONFLICT),
    .handle = CALLS(variation_choose),
};

static Err *variation_choose(Call *call, const VariationIn *in, VariationOut *out)
{
    Run run;

    TRY(variation_find(call, in, &run));
    TRY(variation_select(desk_of(call)->studio, run.tenant_id, run.id, call_arena(call), &run));
    return out_of(call, &run, out);
}

HANDLER(variation_drop, VariationIn, LumikuDone);

const Endpoint lumiku_variation_delete = {
    .method = DELETE,
    .path = LUMIKU "/items/{id}/variations/{variationId}",
    .id = "lumiku_variation_delete",
    .summary = "Delete a picture of a photo",
    .tag = "Items",
    .scope = "projects:write",
    .in = SHAPE(VariationIn),
    .out = SHAPE(LumikuDone),
    .errors = ERRORS(ERR_NOT_FOUND, ERR_CONFLICT),
    .handle = CALLS(variation_drop),
};

static Err *variation_drop(Call *call, const VariationIn *in, LumikuDone *out)
{
    Run run;

    TRY(variation_find(call, in, &run));
    out->success = true;
    return variation_delete(desk_of(call)->studio, run.tenant_id, run.id);
}
