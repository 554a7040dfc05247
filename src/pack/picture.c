/* One picture in one form: framed, sized, marked, and written so that it fits. */
#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "pack/pack_priv.h"

enum {
    QUALITY_USUAL = 92,
    QUALITY_LEAST = 60, /* below it a smaller picture looks better */
    QUALITY_STEP = 6,
    SHRINKS_MOST = 12,
    EFFORT = 3
};

static const double print_dpi = 300, shrink = 0.85;
static const char mark_ours[] = "Cyclorama";

/* ---- what is asked ---- */

/* "jpeg" is kept, "original" is its own size, and nothing is to be written on it. */
bool pack_is_untouched(const PackMaking *making)
{
    const PackForm *form = making->form;
    bool is_same_kind =
        form->is_as_it_is || strcmp(image_format_name(form->format), making->picture->format) == 0;
    bool is_same_size = !form->width_px || (form->width_px == making->picture->width_px &&
                                            form->height_px == making->picture->height_px);

    return !form->platform && is_same_kind && is_same_size && !form->quality &&
           making->mark != MARK_OURS && !making->mark_text;
}

static ImageFormat format_of(const PackMaking *making)
{
    if (!making->form->is_as_it_is)
        return making->form->format;
    for (int format = 0; format < IMAGE_FORMAT_MAX_; format++)
        if (strcmp(image_format_name((ImageFormat)format), making->picture->format) == 0)
            return (ImageFormat)format;
    return IMAGE_PNG;
}

static bool has_quality(ImageFormat format)
{
    return format == IMAGE_JPEG || format == IMAGE_WEBP || format == IMAGE_AVIF;
}

Err *pack_picture_read(
    const Studio *studio, const PackPicture *picture, Cancel *cancel, ImageDecoded *ret)
{
    AUTO(buf_done) Buf bytes = BUF((size_t)image_limits_default.bytes * 10);
    ImageLimits limits = image_limits_default;

    limits.bytes *= 10; /* it is our own */
    TRY(blob_get(studio->shelf.blob, &(BlobGet){.key = picture->key, .cancel = cancel}, &bytes));
    return image_decode(bytes.bytes, bytes.size, &limits, cancel, ret);
}

/* Where the steps that placed the product say that it stands (recipe/step/survey.c), unless the picture was framed anew after them. */
static Box product_of(const PackPicture *picture, const Image *image)
{
    const Value *place = value_get(picture->notes, "place");
    const Value *box = value_get(place, "box"), *frame = value_get(place, "frame");
    double width = value_number(value_at(frame, 0)), height = value_number(value_at(frame, 1));

    if (value_count(box) != 4 || width <= 0 || height <= 0)
        return (Box){0};
    double across = image_width(image) / width, down = image_height(image) / height;
    if (fabs(across / down - 1) > 0.01 ||
        value_bool(value_get(value_get(picture->notes, "comply"), "framed")))
        return (Box){0};
    return (Box){
        (int)lround(value_number(value_at(box, 0)) * across),
        (int)lround(value_number(value_at(box, 1)) * down),
        (int)lround(value_number(value_at(box, 2)) * across),
        (int)lround(value_number(value_at(box, 3)) * down)};
}

static Listing listing_now(Arena *mem)
{
    char now[CLOCK_TEXT_SIZE];

    clock_text(clock_now_ms(), now);
    return (Listing){.day = arena_text_n(mem, now, 10), .slot = SLOT_MAIN};
}

/* ---- framing ---- */

static double part_of_percent(double percent)
{
    return percent > 0 ? percent / 100 : 0;
}

static FrameWish
frame_wish(const PackMaking *making, const Image *picture, ImageFormat format, Arena *mem)
{
    const PackForm *form = making->form;
    FrameWish wish = {
        .width_px = form->width_px ? form->width_px : image_width(picture),
        .height_px = form->height_px ? form->height_px : image_height(picture),
        .product = product_of(making->picture, picture),
        .ground = {255, 255, 255, 255},
        .is_opaque = format == IMAGE_JPEG || form->platform,
        .threads = making->threads,
    };
    if (!form->platform)
        return wish;

    Listing listing = listing_now(mem);
    double least, most;
    market_limits(form->platform, MEASURE_FILL, &listing, &least, &most);
    wish.fill_least = part_of_percent(least);
    wish.fill_most = part_of_percent(most);
    wish.ground = form->form->ground;
    wish.whiten = (int)form->form->whiten;
    return wish;
}

static void framing_note(Value *facts, const FrameFacts *frame)
{
    value_set(facts, "ground", value_of_text(frame->ground));
    if (frame->is_cropped)
        value_set(facts, "cropped", value_of_bool(true));
    if (frame->is_grown)
        value_set(facts, "extended", value_of_bool(true));
    if (frame->is_whitened)
        value_set(facts, "whitened", value_of_bool(true));
    if (frame->scale > 1.01)
        value_set(facts, "enlarged", value_of_number(round(frame->scale * 100) / 100));
}

static MUST Err *picture_frame(
    const PackMaking *making, const Image *picture, ImageFormat format, Value *facts, Arena *mem,
    Image **ret)
{
    FrameWish wish = frame_wish(making, picture, format, mem);
    FrameFacts frame;

    if (!making->form->width_px && !making->form->platform) {
        if (image_has_alpha(picture) && wish.is_opaque)
            return image_flatten(picture, wish.ground, ret);
        *ret = image_ref(picture);
        return NULL;
    }
    TRY(market_frame(picture, &wish, ret, &frame));
    framing_note(facts, &frame);
    return NULL;
}

/* ---- writing ---- */

static int64_t bytes_most(const PackMaking *making, Arena *mem)
{
    Listing listing = listing_now(mem);
    double least, most;

    if (!making->form->platform)
        return 0;
    market_limits(making->form->platform, MEASURE_BYTES, &listing, &least, &most);
    return most > 0 ? (int64_t)most : 0;
}

typedef struct Writing {
    ImageEncoding encoding;
    Image *image; /* as it is written last */
    size_t most;  /* bytes; 0 for no limit */
    Buf *buf;
    Value *facts;
    bool lacks_white;
} Writing;

static MUST Err *write_once(Writing *writing)
{
    writing->buf->size = 0;
    return image_encode(writing->image, &writing->encoding, writing->buf);
}

static bool fits(const Writing *writing)
{
    return !writing->most || writing->buf->size <= writing->most;
}

/* Lower quality first, as long as that does not show much; then fewer pixels. */
static MUST Err *write_to_fit(Writing *writing)
{
    int wished = writing->encoding.quality;

    TRY(write_once(writing));
    while (!fits(writing) && has_quality(writing->encoding.format) &&
           writing->encoding.quality > QUALITY_LEAST) {
        writing->encoding.quality = MAX(writing->encoding.quality - QUALITY_STEP, QUALITY_LEAST);
        TRY(write_once(writing));
    }
    if (writing->encoding.quality < wished)
        value_set(writing->facts, "quality_lowered_from", value_of_int(wished));
    for (int i = 0; i < SHRINKS_MOST && !fits(writing); i++) {
        AUTO(image_free) Image *larger = TAKE(writing->image);

        TRY(image_resize(
            larger, MAX((int)lround(image_width(larger) * shrink), 1),
            MAX((int)lround(image_height(larger) * shrink), 1), IMAGE_LANCZOS3, &writing->image));
        value_set(writing->facts, "made_smaller_to_fit", value_of_bool(true));
        TRY(write_once(writing));
    }
    return NULL;
}

/* ---- what the platform says ---- */

static Value *broken_list(const Findings *findings)
{
    Value *broken = value_list();

    for (size_t i = 0; i < findings->count; i++) {
        const Finding *finding = &findings->items[i];
        if (finding->verdict < VERDICT_WARN || finding->is_later)
            continue;

        Value *rule = value_object();
        value_set(rule, "rule", value_of_text(finding->rule->rule));
        value_set(rule, "verdict", value_of_text(market_verdict_names[finding->verdict]));
        value_set(rule, "do", value_of_text(finding->rule->say));
        value_add(broken, rule);
    }
    return broken;
}

static bool white_is_missed(const Findings *findings)
{
    bool is_missed = false;

    for (size_t i = 0; i < findings->count; i++) {
        const Finding *finding = &findings->items[i];
        int measure = finding->rule->measure;

        is_missed |= finding->verdict >= VERDICT_WARN && !finding->is_later &&
                     (measure == MEASURE_BORDER_WHITE || measure == MEASURE_GROUND_WHITE);
    }
    return is_missed;
}

static MUST Err *platform_judge(const PackMaking *making, Writing *writing, Arena *mem)
{
    AUTO(market_subject_done) Subject subject = {0};
    Listing listing = listing_now(mem);
    ImageFacts facts;
    Findings findings;
    Facts measured;

    TRY(image_probe(writing->buf->bytes, writing->buf->size, &image_limits_default, &facts));
    TRY(market_find_subject(writing->image, NULL, &subject));
    TRY(market_measure(
        &(MarketPicture){
            .bytes = (int64_t)writing->buf->size,
            .facts = &facts,
            .image = writing->image,
            .subject = &subject,
        },
        &measured));
    market_judge(making->form->platform, &measured, &listing, mem, &findings);
    bool has_failed = findings.counts[VERDICT_FAIL] > 0;
    value_set(
        writing->facts, "platform_says",
        value_of_text(market_verdict_names
                          [has_failed                      ? VERDICT_FAIL
                           : findings.counts[VERDICT_WARN] ? VERDICT_WARN
                                                           : VERDICT_PASS]));
    writing->lacks_white = white_is_missed(&findings);
    Value *broken = broken_list(&findings);
    if (value_count(broken))
        value_set(writing->facts, "rules_broken", broken);
    else
        value_free(broken);
    return NULL;
}

/* ---- all of it ---- */

static const char *mark_of(const PackMaking *making)
{
    if (making->mark == MARK_OURS)
        return mark_ours;
    return making->mark == MARK_OWN && making->mark_text && *making->mark_text ? making->mark_text
                                                                               : NULL;
}

static ImageEncoding
encoding_of(const PackMaking *making, ImageFormat format, const ImageRights *kept)
{
    return (ImageEncoding){
        .format = format,
        .quality = making->form->quality ? making->form->quality : QUALITY_USUAL,
        .effort = EFFORT,
        .dpi = print_dpi,
        .ground = {255, 255, 255, 255},
        .metadata = IMAGE_METADATA_RIGHTS,
        .rights = kept,
    };
}

static MUST Err *
picture_write(const PackMaking *making, const ImageDecoded *decoded, Arena *mem, Writing *writing)
{
    ImageFormat format = format_of(making);
    const char *mark = mark_of(making);

    TRY(picture_frame(making, decoded->image, format, writing->facts, mem, &writing->image));
    if (mark)
        TRY(pack_stamp(mark, &writing->image));
    writing->encoding = encoding_of(making, format, &decoded->rights);
    writing->most = (size_t)bytes_most(making, mem);
    TRY(write_to_fit(writing));
    return making->form->platform ? platform_judge(making, writing, mem) : NULL;
}

Err *pack_picture_make(
    const PackMaking *making, const ImageDecoded *decoded, Arena *mem, Buf *buf, PackMade *ret)
{
    Writing writing = {.buf = buf, .facts = value_object()};
    Err *err = picture_write(making, decoded, mem, &writing);

    if (!err && !fits(&writing))
        err = err_public(
            err_new(
                ERR_IMAGE_TOO_LARGE, "a picture of %zu bytes does not fit into %zu", buf->size,
                writing.most),
            "The picture does not fit into %zu kB.", writing.most / 1000);
    if (!err)
        *ret = (PackMade){
            .format = writing.encoding.format,
            .width_px = image_width(writing.image),
            .height_px = image_height(writing.image),
            .quality = has_quality(writing.encoding.format) ? writing.encoding.quality : 0,
            .lacks_white = writing.lacks_white,
            .facts = value_ref(writing.facts),
        };
    value_free(writing.facts);
    image_free(writing.image);
    return err;
}
