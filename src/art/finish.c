/* Pictures as the customer gets them: what is protected is the customer's own again, in the size and format that was asked for. */
#include <math.h>
#include <string.h>

#include "art/art_priv.h"
#include "image/lock.h"

enum {
    QUALITY_PRESET = 92, /* of jpeg and webp, when nobody says one */
};

static void buf_end(void *buf)
{
    buf_done(buf);
}

Buf *art_buf(Arena *mem, size_t most)
{
    Buf *buf = arena_take(mem, sizeof(*buf));

    buf->limit = most;
    arena_keep(mem, buf_end, buf);
    return buf;
}

/* IMAGE cut about its middle to the shape of WIDTH x HEIGHT, and scaled to it. */
static MUST Err *image_fit(const Image *image, int width_px, int height_px, Image **ret)
{
    const int width = image_width(image), height = image_height(image);
    const double scale = fmin((double)width / width_px, (double)height / height_px);
    Box box = {
        .width = CLAMP((int)lround(width_px * scale), 1, width),
        .height = CLAMP((int)lround(height_px * scale), 1, height),
    };
    AUTO(image_free) Image *cut = NULL;

    box.left = (width - box.width) / 2;
    box.top = (height - box.height) / 2;
    TRY(image_crop(image, box, &cut));
    return image_resize(cut, width_px, height_px, IMAGE_LANCZOS3, ret);
}

/* ---- one picture ---- */

typedef struct Finishing {
    const Drawing *drawing;
    const Drawn *drawn;
    size_t index;
    Image *image;     /* NULL while the bytes are good as they came */
    ImageFacts facts; /* of those bytes */
    double changed;
    bool was_cleared, is_painted; /* of a ground that was to be see-through */
} Finishing;

static MUST Err *bytes_decode(Finishing *finishing)
{
    const VendorPicture *picture = &finishing->drawn->encoded[finishing->index];
    AUTO(image_decoded_done) ImageDecoded decoded = {0};

    if (finishing->image)
        return NULL;
    TRY(image_decode(
        picture->bytes, picture->size, &image_limits_default, finishing->drawing->cancel,
        &decoded));
    finishing->image = TAKE(decoded.image);
    return NULL;
}

/* A vendor's picture whose ground was to be see-through: bytes that are right stay as they came. */
static MUST Err *clear(Finishing *finishing)
{
    const Drawing *drawing = finishing->drawing;
    const char *ground = drawing->plan->background;
    AUTO(image_free) Image *cleared = NULL;

    if (finishing->image || drawing->free || !ground || strcmp(ground, "transparent") != 0)
        return NULL;
    TRY(bytes_decode(finishing));
    bool is_right = art_is_see_through(finishing->image);
    image_free(TAKE(finishing->image));
    if (is_right)
        return NULL;
    TRY(art_ground_clear(drawing, &finishing->drawn->encoded[finishing->index], &cleared));
    finishing->was_cleared = cleared && art_is_see_through(cleared);
    finishing->is_painted = !finishing->was_cleared;
    if (finishing->was_cleared)
        finishing->image = TAKE(cleared);
    return NULL;
}

static MUST Err *protect(Finishing *finishing)
{
    const Drawing *drawing = finishing->drawing;
    AUTO(image_free) Image *locked = NULL;
    LockReport report = {0};

    if (!drawing->free)
        return NULL;
    TRY(bytes_decode(finishing));
    TRY(image_lock(
        drawing->original, finishing->image, drawing->free, drawing->room->threads, &locked,
        &report));
    image_free(finishing->image);
    finishing->image = TAKE(locked);
    finishing->changed = report.changed;
    return NULL;
}

static MUST Err *fit(Finishing *finishing)
{
    const ArtPlan *plan = finishing->drawing->plan;
    AUTO(image_free) Image *fitted = NULL;
    int width = finishing->image ? image_width(finishing->image) : finishing->facts.width_px;
    int height = finishing->image ? image_height(finishing->image) : finishing->facts.height_px;

    if (!plan->width_px || (width == plan->width_px && height == plan->height_px))
        return NULL;
    TRY(bytes_decode(finishing));
    TRY(image_fit(finishing->image, plan->width_px, plan->height_px, &fitted));
    image_free(finishing->image);
    finishing->image = TAKE(fitted);
    return NULL;
}

static MUST Err *encode(const Finishing *finishing, Buf *buf)
{
    const Drawing *drawing = finishing->drawing;
    const int said = drawing->plan->compression;
    const ImageRights claims = {
        .source_type = (char *)(uintptr_t)finishing->drawn->origin,
        .program = (char *)(uintptr_t)drawing->room->program,
    };

    return image_encode(
        finishing->image,
        &(ImageEncoding){
            .format = drawing->plan->format,
            .quality = said < 0 ? QUALITY_PRESET : MAX(said, 1),
            .effort = 3,
            .ground = {255, 255, 255, 255},
            .metadata = IMAGE_METADATA_RIGHTS,
            .rights = &claims,
        },
        buf);
}

static MUST Err *finish(Finishing *finishing, Arena *mem, ArtPicture *ret)
{
    const ArtPlan *plan = finishing->drawing->plan;
    const VendorPicture *came = &finishing->drawn->encoded[finishing->index];

    if (!finishing->image)
        TRY(image_probe(came->bytes, came->size, &image_limits_default, &finishing->facts));
    TRY(clear(finishing));
    TRY(protect(finishing));
    TRY(fit(finishing));
    if (!finishing->image && finishing->facts.format != plan->format)
        TRY(bytes_decode(finishing));

    *ret = (ArtPicture){
        .bytes = came->bytes,
        .size = came->size,
        .filetype = image_format_name(plan->format),
        .width_px = finishing->facts.width_px,
        .height_px = finishing->facts.height_px,
        .changed = finishing->changed,
    };
    if (!finishing->image)
        return NULL;

    Buf *buf = art_buf(mem, VENDOR_PICTURE_BYTES_MOST);
    TRY(encode(finishing, buf));
    ret->bytes = buf->bytes;
    ret->size = buf->size;
    ret->width_px = image_width(finishing->image);
    ret->height_px = image_height(finishing->image);
    return NULL;
}

Err *art_drawn_finish(const Drawing *drawing, Drawn *drawn, Arena *mem, Art *art)
{
    for (size_t i = 0; i < drawn->count; i++) {
        Finishing finishing = {
            .drawing = drawing,
            .drawn = drawn,
            .index = i,
            .image = drawn->images[i] ? image_ref(drawn->images[i]) : NULL,
            .changed = -1,
        };
        Err *err = finish(&finishing, mem, &art->pictures[i]);

        image_free(finishing.image);
        TRY(err);
        art->count = i + 1;
        drawn->cleared += finishing.was_cleared;
        drawn->painted += finishing.is_painted;
    }
    return NULL;
}
