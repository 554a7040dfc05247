/* Single pictures in another form, and the forms that platforms ask for. */
#include "http/download.h"

#include <string.h>

#include "door/lumiku/lumiku_priv.h"

enum {
    PICTURE_BYTES_MAX = 512 << 20
};

/* ---- one picture ---- */

typedef struct ItemDownloadIn {
    const char *id, *format, *platform, *size, *variation, *watermark;
    int64_t quality;
} ItemDownloadIn;

static const Field ItemDownloadIn_fields[] = {
    {FIELD_TEXT(ItemDownloadIn, id), .help = "Photo", .max = 64},
    {FIELD_TEXT(ItemDownloadIn, format),
     .help = "png, jpeg (or jpg), webp, avif; without it as the picture is", .nullable = true,
     .optional = true, .max = 10},
    {FIELD_TEXT(ItemDownloadIn, platform),
     .help = "As `GET /platforms` lists them: shopee, instagram:4x5", .nullable = true,
     .optional = true, .max = 60},
    {FIELD_TEXT(ItemDownloadIn, size),
     .help = "original, 1080x1080, 1200x1200, 2400x2400, or any other as width x height",
     .nullable = true, .optional = true, .max = 20},
    {FIELD_INT(ItemDownloadIn, quality), .help = "Of JPEG, WebP and AVIF; 0 for the usual one",
     .preset = "0", .max = 100},
    {FIELD_TEXT(ItemDownloadIn, variation),
     .help = "A variation of the photo; without it the one that stands for it", .nullable = true,
     .optional = true, .max = 64},
    {FIELD_TEXT(ItemDownloadIn, watermark), .help = "Words of your own in the corner: premium plan",
     .nullable = true, .optional = true, .max = 60},
    {FIELD_END},
};

HANDLER(item_download, ItemDownloadIn, void);

const Endpoint lumiku_item_download = {
    .method = GET,
    .kind = ENDPOINT_DOWNLOAD,
    .path = LUMIKU "/items/{id}/download",
    .id = "lumiku_item_download",
    .summary = "Download a photo's picture",
    .about = "Free. The picture as it is, or in another format, size, or a platform's form; on the "
             "free plan with our mark in its corner, and as PNG.",
    .tag = "Exports",
    .scope = "exports:read",
    .types = (const char *const[]){"image/png", "image/jpeg", "image/webp", "image/avif", NULL},
    .in = SHAPE(ItemDownloadIn),
    .errors = ERRORS(ERR_NOT_FOUND, ERR_CONFLICT),
    .handle = CALLS(item_download),
};

static MUST Err *run_choose(Call *call, const ItemDownloadIn *in, const char **ret)
{
    const Studio *studio = desk_of(call)->studio;
    Arena *mem = call_arena(call);
    CatalogueOf of;
    Item item;
    Run run;

    TRY(lumiku_of(call, in->id, &of));
    TRY(item_find(&studio->shelf, &of, mem, &item));
    if (!in->variation) {
        TRY(variation_of_photo(studio, of.tenant_id, item.id, mem, &run));
        *ret = run.id;
        return NULL;
    }
    TRY(run_find(studio, of.tenant_id, in->variation, mem, &run));
    if (strcmp(run.photo_id, item.id) != 0)
        return err_public(
            err_new(ERR_NOT_FOUND, "run '%s' is of another photo", run.id),
            "This variation is of another photo.");
    *ret = run.id;
    return NULL;
}

static Err *picture_read(void *picture_any, int64_t at, void *to, size_t size, size_t *ret)
{
    const Buf *picture = picture_any;
    size_t left = picture->size - MIN(picture->size, (size_t)at);

    *ret = MIN(size, left);
    if (*ret)
        memcpy(to, picture->bytes + at, *ret);
    return NULL;
}

static void picture_free(void *picture_any)
{
    Buf *picture = picture_any;

    buf_done(picture);
    free(picture);
}

/* In a list of one an error points at its first; here the parameter is the thing itself. */
static MUST Err *renamed(Err *err)
{
    const char *where = err ? err_where(err) : NULL;

    if (where && strncmp(where, "/formats", 8) == 0)
        return err_field(err, "/format");
    if (where && strncmp(where, "/platforms", 10) == 0)
        return err_field(err, "/platform");
    return err;
}

static Err *item_download(Call *call, const ItemDownloadIn *in, void *out)
{
    PackOne wish = {
        .format = in->format,
        .platform = in->platform,
        .size = in->size,
        .quality = in->quality,
        .mark_text = in->watermark,
    };
    Buf *picture = calloc(1, sizeof(*picture));
    const char *name, *type;
    Buyer buyer;

    (void)out;
    if (!picture)
        abort();
    *picture = (Buf)BUF(PICTURE_BYTES_MAX);
    Err *err = lumiku_buyer(call, &buyer);
    if (!err)
        err = run_choose(call, in, &wish.run_id);
    if (!err)
        err = renamed(shop_download(
            desk_of(call)->studio, &buyer, &wish,
            &(ShopFile){call_cancel(call), call_arena(call), picture, &name, &type}));
    if (err) {
        picture_free(picture);
        return err;
    }
    return call_download(
        call, &(Download){
                  .read = picture_read,
                  .free = picture_free,
                  .context = picture,
                  .size = (int64_t)picture->size,
                  .type = type,
                  .filename = name,
                  .attached = true,
                  .cache = "private, no-store",
              });
}

/* ---- platforms ---- */

typedef struct PlatformForm {
    const char *form, *use;
    int64_t width, height, quality;
    bool is_white;
} PlatformForm;

static const Field PlatformForm_fields[] = {
    {FIELD_TEXT(PlatformForm, form), .help = "To be named after a colon: \"instagram:4x5\""},
    {FIELD_TEXT(PlatformForm, use), .help = "What it is for"},
    {FIELD_INT(PlatformForm, width), .help = "Of the picture", .unit = "px"},
    {FIELD_INT(PlatformForm, height), .help = "Of the picture", .unit = "px"},
    {FIELD_INT(PlatformForm, quality), .help = "Of the JPEG"},
    {FIELD_BOOL(PlatformForm, is_white), .name = "isWhite",
     .help = "A nearly white background is made purely white"},
    {FIELD_END},
};
static const Shape platform_form_shape = SHAPE(PlatformForm);

typedef struct PlatformOut {
    const char *name, *title, *about, *format;
    int64_t max_bytes;
    List forms;
} PlatformOut;

static const Field PlatformOut_fields[] = {
    {FIELD_TEXT(PlatformOut, name), .help = "To be named in an export"},
    {FIELD_TEXT(PlatformOut, title), .help = "What people call it"},
    {FIELD_TEXT(PlatformOut, about), .help = "What no number says"},
    {FIELD_TEXT(PlatformOut, format), .help = "Kind of file"},
    {FIELD_INT(PlatformOut, max_bytes), .name = "maxBytes",
     .help = "The most that it takes; 0 when it does not say"},
    {FIELD_LIST(PlatformOut, forms, &platform_form_shape),
     .help = "Sizes; the first is taken when none is named"},
    {FIELD_END},
};
static const Shape platform_out_shape = SHAPE(PlatformOut);

typedef struct PlatformsOut {
    bool success;
    List platforms;
    Texts sizes, formats;
} PlatformsOut;

static const Field PlatformsOut_fields[] = {
    {FIELD_BOOL(PlatformsOut, success), .help = "Always true"},
    {FIELD_LIST(PlatformsOut, platforms, &platform_out_shape), .help = "All of them"},
    {FIELD_TEXTS(PlatformsOut, sizes), .help = "Sizes by name; any other as width x height"},
    {FIELD_TEXTS(PlatformsOut, formats), .help = "Kinds of files"},
    {FIELD_END},
};

HANDLER(platform_list, void, PlatformsOut);

const Endpoint lumiku_platform_list = {
    .method = GET,
    .path = LUMIKU "/platforms",
    .id = "lumiku_platform_list",
    .summary = "See what exports can be made for",
    .tag = "Exports",
    .scope = "exports:read",
    .out = SHAPE(PlatformsOut),
    .handle = CALLS(platform_list),
};

static Err *platform_list(Call *call, const void *in, PlatformsOut *out)
{
    static const char *sizes[] = {"original", "1080x1080", "1200x1200", "2400x2400"};
    static const char *formats[] = {"png", "jpeg", "webp", "avif"};
    Arena *mem = call_arena(call);
    List presets;

    (void)in;
    TRY(pack_presets(mem, &presets));
    PlatformOut *rows = ARENA_ARRAY(mem, PlatformOut, presets.count + 1);
    for (size_t i = 0; i < presets.count; i++) {
        const PackPreset *preset = (const PackPreset *)presets.items + i;
        PlatformForm *forms = ARENA_ARRAY(mem, PlatformForm, preset->forms.count + 1);

        for (size_t j = 0; j < preset->forms.count; j++) {
            const PackPresetForm *form = (const PackPresetForm *)preset->forms.items + j;

            forms[j] = (PlatformForm){form->form,      form->use,     form->width_px,
                                      form->height_px, form->quality, form->is_white};
        }
        rows[i] = (PlatformOut){preset->name,   preset->title,      preset->about,
                                preset->format, preset->bytes_most, {forms, preset->forms.count}};
    }
    *out = (PlatformsOut){
        .success = true,
        .platforms = {rows, presets.count},
        .sizes = {sizes, COUNT(sizes)},
        .formats = {formats, COUNT(formats)},
    };
    return NULL;
}
