/* Drawn: a set that a vendor draws from words, empty; the product is put into it by the house, and casts its shadow there.
 *
 * No vendor sees the product, so none can change it.
 */
#include <math.h>
#include <string.h>

#include "base/crew.h"
#include "recipe/step/step_priv.h"
#include "scene/shadow.h"
#include "scene/stance.h"

enum {
    ASK_PIXELS = 1200 * 1200, /* about what vendors draw best; larger frames are enlarged */
    ASK_GRAIN_PX = 32,        /* sides that all of them can draw */
    ASK_SIDE_MIN_PX = 512,
    ASK_SIDE_MAX_PX = 1536,
};

static const char avoid[] =
    "product, bottle, jar, box, package, bag, shoe, person, hands, face, animal, text, letters, "
    "logo, label, watermark, frame, border, collage, cartoon, painting, blurry foreground";

static int64_t side_asked(double side_px)
{
    double grains = round(side_px / ASK_GRAIN_PX);

    return CLAMP(
        (int64_t)grains * ASK_GRAIN_PX, (int64_t)ASK_SIDE_MIN_PX, (int64_t)ASK_SIDE_MAX_PX);
}

void drawn_describe(int width_px, int height_px, VendorAsk *ret)
{
    double scale = sqrt((double)ASK_PIXELS / ((double)width_px * height_px));

    *ret = (VendorAsk){
        .ability = ABILITY_GENERATE,
        .avoid = avoid,
        .count = 1,
        .width_px = side_asked(width_px * scale),
        .height_px = side_asked(height_px * scale),
        .quality = "medium",
        .background = "opaque",
        .compression = -1,
        .seed = -1,
    };
}

/* ---- words ---- */

/* The camera must look at the set as it looked at the product, or one of them seems to fall over. */
static const char *camera_words(const Stance *stance, bool is_flat)
{
    if (is_flat)
        return "photographed from straight above as a flat lay, one even surface fills the whole "
               "picture, props only at its edges, the middle is empty";
    if (stance->pitch_degrees >= 20)
        return "the camera looks down at an angle on an empty surface that fills the lower two "
               "thirds "
               "of the picture";
    if (stance->pitch_degrees >= 8)
        return "the camera looks slightly down on an empty surface that fills the lower half of "
               "the "
               "picture";
    return "the camera stands level, above an empty surface that fills the lower two fifths of the "
           "picture";
}

static const char *light_words(const Stance *stance)
{
    if (stance->lit < -0.3)
        return "soft light from the left";
    if (stance->lit > 0.3)
        return "soft light from the right";
    return "soft natural light";
}

static const char *prompt_write(const DrawnWish *wish, const Stance *stance, Arena *mem)
{
    const char *colours = "";

    for (size_t i = 0; i < wish->palette.count; i++)
        colours = arena_print(
            mem, "%s%s%s", colours, i ? ", " : ", in the colours ", wish->palette.items[i]);
    return arena_print(
        mem,
        "%s%s. An empty set for product photography, nothing stands in its middle: %s. %s, "
        "realistic photograph, sharp and even in front, softly out of focus behind. No product, no "
        "people, no text.",
        wish->words, colours, camera_words(stance, wish->is_flat), light_words(stance));
}

/* ---- fitting it to the frame ---- */

/* Covers the frame; what is cut goes from both sides alike. */
static MUST Err *
picture_fit(const StepRun *run, const Image *picture, const Shot *shot, Image **ret)
{
    AUTO(image_free) Image *rgb = NULL;
    AUTO(image_free) Image *larger = NULL;
    AUTO(image_free) Image *covering = NULL;

    TRY(image_take_rgb(picture, &rgb));
    double scale = fmax(
        (double)shot->width_px / image_width(rgb), (double)shot->height_px / image_height(rgb));
    if (scale > 1.3) {
        TRY(image_enlarge(
            rgb, &(ImageEnlarging){.threads = run->threads, .cancel = run->cancel}, &larger));
        shot_put(&rgb, TAKE(larger));
        scale /= 2;
    }
    int width = MAX((int)lround(image_width(rgb) * scale), shot->width_px);
    int height = MAX((int)lround(image_height(rgb) * scale), shot->height_px);
    TRY(image_resize(rgb, width, height, IMAGE_LANCZOS3, &covering));
    return image_crop(
        covering,
        (Box){
            (width - shot->width_px) / 2, (height - shot->height_px) / 2, shot->width_px,
            shot->height_px},
        ret);
}

/* ---- its light ---- */

/* Mean linear light of a part of PICTURE. */
static void light_mean(const Image *picture, Box part, double ret[3])
{
    int left = CLAMP(part.left, 0, image_width(picture) - 1);
    int right = CLAMP(part.left + part.width, left + 1, image_width(picture));
    int top = CLAMP(part.top, 0, image_height(picture) - 1);
    int bottom = CLAMP(part.top + part.height, top + 1, image_height(picture));
    double sum[3] = {0};

    for (int y = top; y < bottom; y++) {
        const uint8_t *pixel = (const uint8_t *)image_row(picture, y) + (ptrdiff_t)left * 3;

        for (int x = left; x < right; x++, pixel += 3)
            for (int k = 0; k < 3; k++)
                sum[k] += (double)colour_linear(pixel[k]);
    }
    for (int k = 0; k < 3; k++)
        ret[k] = sum[k] / ((double)(right - left) * (bottom - top));
}

static double luminance(const double rgb[3])
{
    return 0.2126 * rgb[0] + 0.7152 * rgb[1] + 0.0722 * rgb[2];
}

/* -1 when the left of PICTURE is the bright side .. 1 for the right. */
static double brighter_side(const Image *picture)
{
    int width = image_width(picture), height = image_height(picture);
    double left[3], right[3];

    light_mean(picture, (Box){0, 0, width / 3, height}, left);
    light_mean(picture, (Box){width - width / 3, 0, width / 3, height}, right);
    double sum = luminance(left) + luminance(right);
    return sum > 0 ? CLAMP((luminance(right) - luminance(left)) / sum * 3, -1.0, 1.0) : 0;
}

/* ---- its ground ---- */

/* The row at which PICTURE changes most between FROM and TO: where a table ends, as a rule. -1 when nothing does clearly. */
static int edge_find(const Image *picture, int from, int to)
{
    static const double clear = 0.03; /* of linear light */
    int width = image_width(picture), band = MAX(image_height(picture) / 40, 2), found = -1;
    double most = clear;

    for (int y = from; y < to; y += MAX(band / 4, 1)) {
        double above[3], below[3], change = 0;

        light_mean(picture, (Box){0, y - band, width, band}, above);
        light_mean(picture, (Box){0, y, width, band}, below);
        for (int k = 0; k < 3; k++)
            change = fmax(change, fabs(above[k] - below[k]));
        if (change > most) {
            most = change;
            found = y;
        }
    }
    return found;
}

/* A product at the very end of a table seems to stand behind it: then the picture is shown a little larger, from its bottom up, until there
 * is ground behind its foot. */
static MUST Err *ground_widen(const Shot *shot, Image **picture)
{
    static const double room = 0.07, most = 1.35;
    AUTO(image_free) Image *larger = NULL;
    AUTO(image_free) Image *cut = NULL;
    int width = image_width(*picture), height = image_height(*picture);
    int foot = MIN(shot->box.top + shot->box.height, height - 1);
    int edge = edge_find(
        *picture, MAX(foot - (int)(room * height), height / 2),
        MIN(foot + (int)(0.12 * height), height - height / 10));

    if (edge < 0)
        return NULL;
    double scale = (height - foot + room * height) / (height - edge);
    if (scale <= 1.02)
        return NULL;
    scale = fmin(scale, most);
    int wide = (int)lround(width * scale), high = (int)lround(height * scale);
    TRY(image_resize(*picture, wide, high, IMAGE_LANCZOS3, &larger));
    TRY(image_crop(larger, (Box){(wide - width) / 2, high - height, width, height}, &cut));
    shot_put(picture, TAKE(cut));
    return NULL;
}

/* A product that was clearly lit from one side stands in a set that is lit from there. */
static MUST Err *picture_turn(const Stance *stance, Image **picture)
{
    AUTO(image_free) Image *turned = NULL;
    double side = brighter_side(*picture);

    if (fabs(stance->lit) < 0.3 || fabs(side) < 0.15 || stance->lit * side > 0)
        return NULL;
    TRY(image_mirror(*picture, &turned));
    shot_put(picture, TAKE(turned));
    return NULL;
}

/* ---- the shadow ---- */

/* As dark as what it falls on in shade, and of its colour: grey shadows on warm wood look pasted. */
static Colour shadow_colour(const Image *picture, Box box)
{
    static const double shade = 0.10;
    int foot = box.top + box.height, band = MAX(box.height / 12, 4);
    double ground[3];
    uint8_t channels[3];

    light_mean(picture, (Box){box.left, foot - band, box.width, 2 * band}, ground);
    for (int k = 0; k < 3; k++)
        channels[k] = (uint8_t)lroundf(colour_encoded((float)(ground[k] * shade)));
    return (Colour){channels[0], channels[1], channels[2], 255};
}

/* Where little light of the whole room reaches, about the foot: without it things seem to float over bright, even ground. */
static void shade_add(const Shot *shot, const Stance *stance, Image *shadow)
{
    static const double strength = 0.68, fall = 1.0;
    double across = shot->box.width;
    double x0 = shot->box.left + across * (stance->from + stance->to) / 2;
    double wide = fmax(across * (stance->to - stance->from) * 0.6, across * 0.2);
    double flat = CLAMP(0.1 + sin(stance->pitch_degrees * M_PI / 180) * 0.35, 0.1, 0.4);
    double high = wide * flat, y0 = shot->box.top + shot->box.height - high * 0.4;
    int top = MAX((int)(y0 - 3 * high), 0);
    int bottom = MIN((int)(y0 + 3 * high), image_height(shadow) - 1);
    Colour colour = shadow_colour(shot->backdrop, shot->box);

    for (int y = top; y <= bottom; y++) {
        uint8_t *pixel = image_row_mut(shadow, y);

        for (int x = 0; x < image_width(shadow); x++, pixel += 4) {
            double u = (x - x0) / wide, v = (y - y0) / high;
            double shade = strength * exp(-fall * (u * u + v * v));
            double alpha = 1 - (1 - pixel[3] / 255.0) * (1 - shade);

            if (shade < 0.004)
                continue;
            pixel[0] = colour.r;
            pixel[1] = colour.g;
            pixel[2] = colour.b;
            pixel[3] = (uint8_t)lround(alpha * 255);
        }
    }
}

static MUST Err *
shadow_cast(const StepRun *run, const Shot *shot, const Image *picture, bool is_flat, Image **ret)
{
    static const double reach_degrees = 50;
    ShadowCast cast = {
        .product = shot->product,
        .box = shot->box,
        .width_px = shot->width_px,
        .height_px = shot->height_px,
        .threads = run->threads,
        .look =
            {
                .opacity = is_flat ? 60 : 85,
                .blur = is_flat ? 35 : 55,
                .angle_degrees = 90 - reach_degrees * brighter_side(picture),
                .distance_px = is_flat ? 14 : 20,
                .colour = shadow_colour(picture, shot->box),
            },
    };

    return is_flat ? shadow_drop(&cast, ret) : shadow_natural(&cast, ret);
}

/* ---- the step ---- */

static MUST Err *stance_of(const Shot *shot, Stance *ret)
{
    *ret = (Stance){.stands = true};
    return image_has_alpha(shot->product) ? stance_find(shot->product, ret) : NULL;
}

Err *drawn_run(const StepRun *run, const DrawnWish *wish, Shot *shot)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(image_free) Image *picture = NULL;
    AUTO(image_free) Image *backdrop = NULL;
    AUTO(image_free) Image *shadow = NULL;
    DrawnWish seen = *wish;
    Stance stance;
    VendorAsk ask;

    TRY(stance_of(shot, &stance));
    seen.is_flat |= stance.pitch_degrees >= STANCE_ABOVE_DEGREES;
    drawn_describe(shot->width_px, shot->height_px, &ask);
    ask.prompt = prompt_write(&seen, &stance, mem);
    if (run->is_varied)
        ask.seed = (int64_t)(run->seed & INT32_MAX);
    TRY(ask_picture(run, &ask, shot, &picture));
    TRY(picture_fit(run, picture, shot, &backdrop));
    TRY(picture_turn(&stance, &backdrop));
    if (image_has_alpha(shot->product) && !seen.is_flat)
        TRY(ground_widen(shot, &backdrop));
    if (image_has_alpha(shot->product) && !shot->shadow)
        TRY(shadow_cast(run, shot, backdrop, seen.is_flat, &shadow));
    shot_put(&shot->backdrop, TAKE(backdrop));
    if (shadow && !seen.is_flat)
        shade_add(shot, &stance, shadow);
    if (shadow)
        shot_put(&shot->shadow, TAKE(shadow));
    shot_put(&shot->light, NULL);
    shot->grain = 0;
    shot->lies = seen.is_flat;
    shot->is_rendered = image_has_alpha(shot->product);
    return NULL;
}
