/* Shadows and reflections drawn from the product's outline. All of them are worked out on a small copy of the frame, since nothing
 * soft needs more, and then spread over the layer. */
#include "scene/shadow.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/crew.h"
#include "base/dice.h"
#include "scene/foot.h"
#include "scene/plane.h"

enum {
    SMALL_SIDE_MAX = 1200, /* of the small frame, pixels */
    LEVELS = 4,            /* of blur that a place can choose between */
};

/* The product on the small frame. */
typedef struct Figure {
    double scale;      /* small pixels a frame pixel */
    double unit;       /* small pixels a thousandth of the frame's longer side */
    Plane cover;       /* alpha */
    Plane colours[3];  /* premultiplied, linear; only when asked for */
    float *ground;     /* row of the lower hull under each column */
    double base;       /* lowest covered row */
    double tall, wide; /* of the product */
    int left, right;   /* columns it covers */
} Figure;

static void figure_done(Figure *figure)
{
    plane_done(&figure->cover);
    for (int k = 0; k < 3; k++)
        plane_done(&figure->colours[k]);
    free(figure->ground);
}
DEFINE_AUTO_DONE(Figure, figure_done);

static void figure_draw(const ShadowCast *cast, const Image *small, Figure *figure)
{
    int left = (int)lround(cast->box.left * figure->scale);
    int top = (int)lround(cast->box.top * figure->scale);

    for (int y = 0; y < image_height(small); y++) {
        const uint8_t *row = image_row(small, y);
        int to_y = y + top;
        if (to_y < 0 || to_y >= figure->cover.height)
            continue;
        for (int x = 0; x < image_width(small); x++) {
            int to_x = x + left;
            if (to_x < 0 || to_x >= figure->cover.width)
                continue;
            size_t at = (size_t)to_y * (size_t)figure->cover.width + (size_t)to_x;
            float alpha = (float)row[x * 4 + 3] / 255;
            figure->cover.cells[at] = alpha;
            for (int k = 0; k < 3 && figure->colours[k].cells; k++)
                figure->colours[k].cells[at] = colour_linear(row[x * 4 + k]) * alpha;
        }
    }
}

/* How the ground is taken from the feet, in small pixels. */
typedef struct Stance {
    double rise; /* a foot never counts as standing higher above the base */
    double hug;  /* a foot that hangs less than this above the hull touches the ground itself */
} Stance;

/* The ground under every column of the small frame. */
static MUST Err *figure_stand(Figure *figure, Stance stance)
{
    int width = figure->cover.width, height = figure->cover.height;
    AUTO(free) int *feet = calloc((size_t)width, sizeof(int));

    figure->ground = calloc((size_t)width, sizeof(float));
    if (!feet || !figure->ground)
        return err_new(ERR_MEMORY_SPENT, "no memory for a shadow");
    figure->left = width;
    figure->right = -1;
    for (int x = 0; x < width; x++) {
        feet[x] = -1;
        for (int y = height - 1; y >= 0 && feet[x] < 0; y--)
            if (figure->cover.cells[(size_t)y * (size_t)width + (size_t)x] > 0.5f)
                feet[x] = y + 1;
        if (feet[x] < 0)
            continue;
        figure->left = MIN(figure->left, x);
        figure->right = x;
        figure->base = fmax(figure->base, feet[x]);
    }
    TRY(foot_hull(feet, width, figure->ground));
    for (int x = 0; x < width; x++) {
        if (feet[x] >= 0 && (double)figure->ground[x] - feet[x] < stance.hug)
            figure->ground[x] = (float)feet[x];
        figure->ground[x] = fmaxf(figure->ground[x], (float)(figure->base - stance.rise));
    }
    return NULL;
}

static MUST Err *cast_check(const ShadowCast *cast)
{
    if (image_channels(cast->product) == 4 && image_depth(cast->product) == DEPTH_8 &&
        cast->box.width > 0 && cast->box.height > 0 && cast->width_px > 0 && cast->height_px > 0)
        return NULL;
    return err_new(ERR_INPUT_INVALID, "a shadow needs an RGBA product of 8 bits in a box");
}

typedef enum FigureWant {
    FIGURE_OUTLINE,
    FIGURE_COLOURS,
} FigureWant;

/* RISE and HUG of STANCE are shares of the product's width here. */
static MUST Err *figure_new(const ShadowCast *cast, FigureWant want, Stance stance, Figure *ret)
{
    AUTO(figure_done) Figure figure = {0};
    AUTO(image_free) Image *small = NULL;
    int longer = MAX(cast->width_px, cast->height_px);

    TRY(cast_check(cast));
    figure.scale = fmin(1, SMALL_SIDE_MAX / (double)longer);
    figure.unit = longer * figure.scale / 1000;
    figure.wide = cast->box.width * figure.scale;
    figure.tall = cast->box.height * figure.scale;
    int width = MAX((int)lround(cast->width_px * figure.scale), 1);
    int height = MAX((int)lround(cast->height_px * figure.scale), 1);
    TRY(plane_new(width, height, &figure.cover));
    for (int k = 0; k < 3 && want == FIGURE_COLOURS; k++)
        TRY(plane_new(width, height, &figure.colours[k]));
    TRY(image_resize(
        cast->product, MAX((int)lround(figure.wide), 1), MAX((int)lround(figure.tall), 1),
        IMAGE_LINEAR, &small));
    figure_draw(cast, small, &figure);
    TRY(figure_stand(&figure, (Stance){stance.rise * figure.wide, stance.hug * figure.wide}));
    *ret = figure;
    memset(&figure, 0, sizeof figure);
    return NULL;
}

/* ---- from small planes to a layer ---- */

typedef struct Layer {
    Image *image;
    const Plane *cover;   /* what its alpha is */
    const Plane *colours; /* three, premultiplied and linear; NULL for one colour */
    Colour colour;
    double scale;
} Layer;

/* The small plane is mixed smoothly and its alpha dithered, or a soft shadow on a plain ground would show bands. */
static void layer_row(void *layer_any, size_t y)
{
    const Layer *layer = layer_any;
    uint8_t *row = image_row_mut(layer->image, (int)y);

    for (int x = 0; x < image_width(layer->image); x++, row += 4) {
        double sx = (x + 0.5) * layer->scale, sy = ((double)y + 0.5) * layer->scale;
        float alpha = plane_at(layer->cover, sx, sy);
        float chance = (float)(dice_hash((uint64_t)y << 32 | (uint64_t)x, 17) >> 40) / 16777216.0f;
        if (alpha <= 0)
            continue;
        row[3] = (uint8_t)fminf(alpha * 255 + chance, 255);
        row[0] = layer->colour.r;
        row[1] = layer->colour.g;
        row[2] = layer->colour.b;
        for (int k = 0; k < 3 && layer->colours; k++)
            row[k] = (uint8_t)lroundf(
                colour_encoded(plane_at(&layer->colours[k], sx, sy) / fmaxf(alpha, 1e-4f)));
    }
}

static MUST Err *layer_new(
    const ShadowCast *cast, const Figure *figure, const Plane *cover, const Plane *colours,
    Image **ret)
{
    AUTO(image_free) Image *image = NULL;

    TRY(image_new(cast->width_px, cast->height_px, 4, DEPTH_8, &image));
    Layer layer = {image, cover, colours, cast->look.colour, figure->scale};
    crew_run(cast->threads, (size_t)cast->height_px, layer_row, &layer);
    *ret = TAKE(image);
    return NULL;
}

/* ---- blurred the more, the further away ---- */

typedef struct Softness {
    Plane levels[LEVELS];
    double sigmas[LEVELS];
} Softness;

static void softness_done(Softness *softness)
{
    for (int level = 0; level < LEVELS; level++)
        plane_done(&softness->levels[level]);
}
DEFINE_AUTO_DONE(Softness, softness_done);

/* FLAT is how much less the blur reaches up and down than across. */
static MUST Err *softness_new(const Plane *plane, double most, double flat, Softness *ret)
{
    AUTO(softness_done) Softness softness = {0};

    for (int level = 0; level < LEVELS; level++) {
        double share = level / (double)(LEVELS - 1);
        Plane *to = &softness.levels[level];
        softness.sigmas[level] = most * share * share;
        TRY(plane_new(plane->width, plane->height, to));
        memcpy(
            to->cells, plane->cells, sizeof(float) * (size_t)plane->width * (size_t)plane->height);
        TRY(plane_blur(to, softness.sigmas[level], softness.sigmas[level] * flat));
    }
    *ret = softness;
    memset(&softness, 0, sizeof softness);
    return NULL;
}

static float softness_at(const Softness *softness, int x, int y, double sigma)
{
    int level = 0;
    size_t at = (size_t)y * (size_t)softness->levels[0].width + (size_t)x;

    while (level < LEVELS - 2 && sigma > softness->sigmas[level + 1])
        level++;
    double from = softness->sigmas[level], to = softness->sigmas[level + 1];
    float share = (float)CLAMP((sigma - from) / fmax(to - from, 1e-9), 0.0, 1.0);
    return softness->levels[level].cells[at] * (1 - share) +
           softness->levels[level + 1].cells[at] * share;
}

/* ---- natural ---- */

/* How the ground lies and where the light stands. */
typedef struct Fall {
    double aside; /* small pixels that a shadow moves aside for each of height */
    double back;  /* and back, as the camera sees the ground */
} Fall;

static Fall fall_of(const ShadowLook *look)
{
    double angle = look->angle_degrees > 180 ? 90 : look->angle_degrees;
    double radians = angle * M_PI / 180;
    double reach = 0.3 + look->distance_px / 45;

    return (Fall){.aside = -cos(radians) * reach, .back = 0.07 + 0.10 * reach * sin(radians)};
}

/* The outline laid down: for each place on the ground, the height of what stands between it and the light. */
static void fall_draw(const Figure *figure, Fall fall, Plane *plane)
{
    for (int y = 0; y < plane->height; y++) {
        for (int x = 0; x < plane->width; x++) {
            double row = figure->base, height = 0, from = x + 0.5;
            for (int turn = 0; turn < 3; turn++) {
                height = (row - (y + 0.5)) / fall.back;
                from = x + 0.5 - fall.aside * height;
                int column = CLAMP((int)from, figure->left, MAX(figure->right, figure->left));
                row = (double)figure->ground[CLAMP(column, 0, plane->width - 1)];
            }
            if (height > 0)
                plane->cells[(size_t)y * (size_t)plane->width + (size_t)x] =
                    plane_at(&figure->cover, from, row - height);
        }
    }
}

/* What of the outline lies less than HEIGHT above the ground, moved DOWN. */
static void foot_draw(const Figure *figure, double height, double down, Plane *plane)
{
    for (int y = 0; y < plane->height; y++) {
        for (int x = 0; x < plane->width; x++) {
            double above = (double)figure->ground[x] - (y + 0.5 - down);
            if (above > -1 && above < height)
                plane->cells[(size_t)y * (size_t)plane->width + (size_t)x] =
                    plane_at(&figure->cover, x + 0.5, y + 0.5 - down) *
                    (float)(1 - fmax(above, 0) / height);
        }
    }
}

/* The seam under the foot: a fine line, and a wider shade about it. */
static MUST Err *seam_add(const Figure *figure, double soft, double opacity, Plane *sum)
{
    static const struct {
        double height, down, across, flat, strength; /* lengths of the product's smaller side */
    } seams[] = {
        {0.030, 0.004, 0.006, 0.45, 1.7},
        {0.060, 0.010, 0.022, 0.40, 1.0},
        {0.220, 0.012, 0.075, 0.28, 0.75},
    };
    double side = fmin(figure->wide, figure->tall);

    for (size_t s = 0; s < COUNT(seams); s++) {
        AUTO(plane_done) Plane seam = {0};
        double across = seams[s].across * side * soft;
        TRY(plane_new(sum->width, sum->height, &seam));
        foot_draw(figure, fmax(seams[s].height * side, 2), seams[s].down * side, &seam);
        TRY(plane_blur(&seam, across, across * seams[s].flat));
        for (size_t i = 0; i < (size_t)sum->width * (size_t)sum->height; i++) {
            float shade = fminf(seam.cells[i] * (float)(seams[s].strength * opacity), 0.92f);
            sum->cells[i] = 1 - (1 - sum->cells[i]) * (1 - shade);
        }
    }
    return NULL;
}

MUST Err *shadow_natural(const ShadowCast *cast, Image **ret)
{
    AUTO(figure_done) Figure figure = {0};
    AUTO(plane_done) Plane fallen = {0};
    AUTO(plane_done) Plane sum = {0};
    AUTO(softness_done) Softness softness = {0};
    double opacity = cast->look.opacity / 100, blur = cast->look.blur / 50;
    Fall fall = fall_of(&cast->look);

    TRY(figure_new(cast, FIGURE_OUTLINE, (Stance){0.16, 0}, &figure));
    TRY(plane_new(figure.cover.width, figure.cover.height, &fallen));
    TRY(plane_new(figure.cover.width, figure.cover.height, &sum));
    fall_draw(&figure, fall, &fallen);
    double most = fmax(0.16 * figure.tall * blur, 1);
    TRY(softness_new(&fallen, most, 0.35, &softness));
    for (int y = 0; y < sum.height; y++) {
        double height = fmax((figure.base - y) / fall.back, 0);
        double share = fmin(height / fmax(figure.tall, 1), 1);
        double left = opacity * 0.95 * exp(-1.5 * share);
        for (int x = 0; x < sum.width; x++)
            sum.cells[(size_t)y * (size_t)sum.width + (size_t)x] =
                (float)left * softness_at(&softness, x, y, most * (0.06 + 0.94 * share));
    }
    TRY(seam_add(&figure, 0.5 + 0.5 * blur, opacity, &sum));
    return layer_new(cast, &figure, &sum, NULL, ret);
}

/* ---- drop ---- */

MUST Err *shadow_drop(const ShadowCast *cast, Image **ret)
{
    AUTO(figure_done) Figure figure = {0};
    AUTO(plane_done) Plane moved = {0};
    double radians = cast->look.angle_degrees * M_PI / 180;

    TRY(figure_new(cast, FIGURE_OUTLINE, (Stance){0}, &figure));
    TRY(plane_new(figure.cover.width, figure.cover.height, &moved));
    double far = cast->look.distance_px * figure.unit;
    double right = -cos(radians) * far, down = sin(radians) * far;
    for (int y = 0; y < moved.height; y++)
        for (int x = 0; x < moved.width; x++)
            moved.cells[(size_t)y * (size_t)moved.width + (size_t)x] =
                plane_at(&figure.cover, x + 0.5 - right, y + 0.5 - down) *
                (float)(cast->look.opacity / 100);
    double sigma = cast->look.blur * 0.32 * figure.unit;
    TRY(plane_blur(&moved, sigma, sigma));
    return layer_new(cast, &figure, &moved, NULL, ret);
}

/* ---- reflection ---- */

static void mirror_draw(const Figure *figure, const Plane *from, Plane *to)
{
    for (int y = 0; y < to->height; y++) {
        for (int x = 0; x < to->width; x++) {
            double below = y + 0.5 - (double)figure->ground[x];
            if (below > -0.5)
                to->cells[(size_t)y * (size_t)to->width + (size_t)x] =
                    plane_at(from, x + 0.5, (double)figure->ground[x] - fmax(below, 0.5));
        }
    }
}

/* One plane of the mirrored product, in place: softer and fainter the further below the foot. */
static MUST Err *mirror_fade(const ShadowCast *cast, const Figure *figure, Plane *plane)
{
    AUTO(plane_done) Plane mirrored = {0};
    AUTO(softness_done) Softness softness = {0};
    double most = cast->look.blur / 50 * 0.022 * figure->tall;
    double length = fmax(figure->tall * cast->look.length / 100, 1);

    TRY(plane_new(plane->width, plane->height, &mirrored));
    mirror_draw(figure, plane, &mirrored);
    TRY(softness_new(&mirrored, fmax(most, 0.4), 1, &softness));
    for (int y = 0; y < plane->height; y++) {
        for (int x = 0; x < plane->width; x++) {
            double below = fmax(y + 0.5 - (double)figure->ground[x], 0);
            double left = fmax(1 - below / length, 0);
            double fade = cast->look.opacity / 100 * left * left * (3 - 2 * left);
            plane->cells[(size_t)y * (size_t)plane->width + (size_t)x] =
                (float)fade * softness_at(&softness, x, y, most * fmin(0.05 + below / length, 1));
        }
    }
    return NULL;
}

MUST Err *shadow_reflection(const ShadowCast *cast, Image **ret)
{
    AUTO(figure_done) Figure figure = {0};
    AUTO(plane_done) Plane shown = {0};

    TRY(figure_new(cast, FIGURE_COLOURS, (Stance){0.10, 0.03}, &figure));
    for (int k = 0; k < 3; k++)
        TRY(mirror_fade(cast, &figure, &figure.colours[k]));
    TRY(plane_new(figure.cover.width, figure.cover.height, &shown));
    memcpy(
        shown.cells, figure.cover.cells,
        sizeof(float) * (size_t)shown.width * (size_t)shown.height);
    TRY(mirror_fade(cast, &figure, &shown));
    /* Polished ground is dark where it is touched; without the seam the product hovers over its image. */
    TRY(seam_add(&figure, 1, 0.6 * cast->look.opacity / 100, &shown));
    return layer_new(cast, &figure, &shown, figure.colours, ret);
}
