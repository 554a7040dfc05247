/* What templates look like: their pictures. */
#include <string.h>

#include "door/lumiku/lumiku_priv.h"
#include "http/download.h"

enum {
    SOON_SECONDS = 2
};

Err *lumiku_viewer(Call *call, const char **ret)
{
    if (desk_caller(call)->role == ROLE_ADMIN && !call_header(call, "X-Tenant-ID")) {
        *ret = NULL;
        return NULL;
    }
    return desk_tenant(call, NULL, ret);
}

typedef struct TemplateViewIn {
    const char *id, *v;
} TemplateViewIn;

static const Field TemplateViewIn_fields[] = {
    {FIELD_TEXT(TemplateViewIn, id), .help = "Its id", TEMPLATE_ID_LETTERS},
    {FIELD_TEXT(TemplateViewIn, v),
     .help = "Which drawing it is, as previewImageUrl says: then it may be kept for a year",
     .optional = true, TEMPLATE_ID_LETTERS},
    {FIELD_END},
};

static const char *const picture_types[] = {"image/webp", NULL};

static void picture_end(void *picture)
{
    template_picture_done(picture);
    free(picture);
}

static Err *picture_read(void *picture_any, int64_t at, void *to, size_t size, size_t *ret)
{
    const TemplatePicture *picture = picture_any;
    size_t left = picture->webp.size - (size_t)at;

    *ret = MIN(size, left);
    memcpy(to, picture->webp.bytes + at, *ret);
    return NULL;
}

static const char *picture_cache(const TemplatePicture *picture, const char *version)
{
    if (!picture->is_ready)
        return "no-store";
    return version && strncmp(version, picture->etag, strlen(version)) == 0
               ? "private, max-age=31536000, immutable"
               : "private, no-cache";
}

static MUST Err *picture_send(Call *call, const TemplateViewIn *in, bool is_thumb)
{
    TemplatePicture *picture = calloc(1, sizeof(*picture));
    const char *viewer;

    if (!picture)
        abort();
    Err *err = lumiku_viewer(call, &viewer);
    if (!err)
        err = template_picture(
            desk_of(call)->studio, viewer, in->id, is_thumb, call_arena(call), picture);
    if (err) {
        picture_end(picture);
        return err;
    }
    if (!picture->is_ready) {
        call_status_set(call, 202);
        call_header_set(call, "Retry-After", arena_print(call_arena(call), "%d", SOON_SECONDS));
    }
    return call_download(
        call, &(Download){
                  .read = picture_read,
                  .free = picture_end,
                  .context = picture,
                  .size = (int64_t)picture->webp.size,
                  .type = "image/webp",
                  .etag = picture->etag,
                  .cache = picture_cache(picture, in->v),
              });
}

#define PICTURE_ABOUT \
    "A WebP with an ETag. Until it was drawn for the first time: `202` with `Retry-After`, and a " \
    "plain ground of its shape in its place."

HANDLER(template_preview, TemplateViewIn, void);

const Endpoint lumiku_template_preview = {
    .method = GET,
    .kind = ENDPOINT_DOWNLOAD,
    .path = LUMIKU "/templates/{id}/preview",
    .id = "lumiku_template_preview",
    .summary = "See what a template does, on a product of our own",
    .about = PICTURE_ABOUT,
    .tag = "Templates",
    .scope = "templates:read",
    .in = SHAPE(TemplateViewIn),
    .types = picture_types,
    .also = 202,
    .errors = ERRORS(ERR_NOT_FOUND),
    .handle = CALLS(template_preview),
};

static Err *template_preview(Call *call, const TemplateViewIn *in, void *out)
{
    (void)out;
    return picture_send(call, in, false);
}

HANDLER(template_thumbnail, TemplateViewIn, void);

const Endpoint lumiku_template_thumbnail = {
    .method = GET,
    .kind = ENDPOINT_DOWNLOAD,
    .path = LUMIKU "/templates/{id}/thumbnail",
    .id = "lumiku_template_thumbnail",
    .summary = "The same, small",
    .about = PICTURE_ABOUT,
    .tag = "Templates",
    .scope = "templates:read",
    .in = SHAPE(TemplateViewIn),
    .types = picture_types,
    .also = 202,
    .errors = ERRORS(ERR_NOT_FOUND),
    .handle = CALLS(template_thumbnail),
};

static Err *template_thumbnail(Call *call, const TemplateViewIn *in, void *out)
{
    (void)out;
    return picture_send(call, in, true);
}
