/* Finding a thing in another picture: every place and size at a glance, then step by step finer. */
#include "image/align.h"

#include <math.h>
#include <string.h>

enum {
    GLANCE_PX = 80, /* longest side of the picture at first */
    GLANCE_LEAST_PX = 10,
    GLANCES_MAX = 6, /* of different sizes, that are looked at closer */
    LAST_PX = 400,   /* the thing's longer side at the last look, where there is as much of it */
    STEPS = 10,      /* at each level */
    UNKNOWNS = 6     /* zoom and turn as one complex number, shift, light's gain and offset */
};

static const int levels[] = {40, 80, 160, 320}; /* the thing's longer side in pixels */
static const double glance_growth = 1.12;
static const double turns[] = {
    0, -0.06, 0.06}; /* radians, tried at a closer look: thin things leave little room */

/* A picture's luma as floats. */
typedef struct Plane {
    int width, height;
    float *values;
} Plane;

static void plane_done(Plane *plane)
{
    free(plane->values);
}
DEFINE_AUTO_DONE(Plane, plane_done);

/* Luma of IMAGE, or its own values where it has one channel. */
static MUST Err *plane_of(const Image *image, int width, int height, Plane *ret)
{
    AUTO(image_free) Image *fitted = NULL;
    AUTO(plane_done) Plane plane = {MAX(width, 1), MAX(height, 1), NULL};
    int channels = image_channels(image);

    TRY(image_resize(image, plane.width, plane.height, IMAGE_LINEAR, &fitted));
    plane.values = malloc((size_t)plane.width * (size_t)plane.height * sizeof(float));
    if (!plane.values)
        return err_new(ERR_MEMORY_SPENT, "no memory to align pictures");
    for (int y = 0; y < plane.height; y++) {
        const uint8_t *pixel = image_row(fitted, y);
        float *to = plane.values + (ptrdiff_t)y * plane.width;

        for (int x = 0; x < plane.width; x++, pixel += channels)
            to[x] = channels == 1 ? (float)pixel[0]
                                  : 0.299f * pixel[0] + 0.587f * pixel[1] + 0.114f * pixel[2];
    }
    *ret = plane;
    plane.values = NULL;
    return NULL;
}

/* The thing in question at one size: luma, and how much each pixel counts. */
typedef struct Thing {
    Plane luma, weight;
    double across,
        down; /* what a pixel stands for each way: its size is whole, so a little more or less than 1 */
} Thing;

static void thing_done(Thing *thing)
{
    plane_done(&thing->luma);
    plane_done(&thing->weight);
}
DEFINE_AUTO_DONE(Thing, thing_done);

/* REFERENCE and MASK are cut to the thing's box already. */
static MUST Err *thing_new(const Image *reference, const Image *mask, int side, Thing *ret)
{
    AUTO(thing_done) Thing thing = {{0}, {0}, 1, 1};
    int longer = MAX(image_width(reference), image_height(reference));
    int width = (int)lround((double)image_width(reference) * side / longer);
    int height = (int)lround((double)image_height(reference) * side / longer);

    TRY(plane_of(reference, width, height, &thing.luma));
    TRY(plane_of(mask, width, height, &thing.weight));
    thing.across = (double)image_width(reference) * side / longer / thing.luma.width;
    thing.down = (double)image_height(reference) * side / longer / thing.luma.height;
    /* A thin thing has nothing but edge when small; as soon as it has more, the edge, where the old backdrop shines in, is left out. */
    const float counts = side <= levels[0] ? 190 : 250;

    for (int i = 0; i < thing.weight.width * thing.weight.height; i++)
        thing.weight.values[i] = thing.weight.values[i] > counts ? 1 : 0;
    *ret = thing;
    memset(&thing, 0, sizeof(thing));
    return NULL;
}

/* Weighted sums of two lumas. */
typedef struct Sums {
    double weight, a, b, aa, bb, ab;
} Sums;

static void sums_add(Sums *sums, double weight, double a, double b)
{
    sums->weight += weight, sums->a += weight * a, sums->b += weight * b;
    sums->aa += weight * a * a, sums->bb += weight * b * b, sums->ab += weight * a * b;
}

/* A thing of one tone has little to go by; the ground variance keeps noise from deciding. */
static double sums_correlation(const Sums *sums)
{
    const double ground = 4;
    double aa = sums->aa - sums->a * sums->a / sums->weight;
    double bb = sums->bb - sums->b * sums->b / sums->weight;
    double ab = sums->ab - sums->a * sums->b / sums->weight;

    if (sums->weight <= 0)
        return -1;
    return ab / sqrt((aa + ground * sums->weight) * (bb + ground * sums->weight));
}

/* ---- at a glance ---- */

typedef struct Glance {
    double side, x, y; /* longer side and middle of the thing, pixels of the picture at a glance */
    double correlation;
} Glance;

static double correlation_at(const Thing *thing, const Plane *picture, int left, int top)
{
    Sums sums = {0};

    for (int y = 0; y < thing->luma.height; y++) {
        const float *luma = thing->luma.values + (ptrdiff_t)y * thing->luma.width;
        const float *weight = thing->weight.values + (ptrdiff_t)y * thing->luma.width;
        const float *seen = picture->values + (ptrdiff_t)(top + y) * picture->width + left;

        for (int x = 0; x < thing->luma.width; x++)
            if (weight[x] > 0)
                sums_add(&sums, 1, (double)luma[x], (double)seen[x]);
    }
    return sums_correlation(&sums);
}

static void size_glance(const Thing *thing, const Plane *picture, Glance *ret)
{
    for (int top = 0; top + thing->luma.height <= picture->height; top++)
        for (int left = 0; left + thing->luma.width <= picture->width; left++) {
            double correlation = correlation_at(thing, picture, left, top);

            if (correlation > ret->correlation) {
                ret->correlation = correlation;
                ret->x = left + thing->luma.width / 2.0;
                ret->y = top + thing->luma.height / 2.0;
            }
        }
}

static void glance_keep(Glance glances[GLANCES_MAX], Glance glance)
{
    for (int i = 0; i < GLANCES_MAX; i++)
        if (glance.correlation > glances[i].correlation) {
            Glance pushed = glances[i];

            glances[i] = glance;
            glance = pushed;
        }
}

static MUST Err *glances_find(
    const Image *reference, const Image *mask, const Plane *picture, Glance ret[GLANCES_MAX])
{
    int longer = MAX(image_width(reference), image_height(reference));
    double across = (double)image_width(reference) / longer;
    double down = (double)image_height(reference) / longer;
    double most = MIN(picture->width / across, picture->height / down);

    for (int i = 0; i < GLANCES_MAX; i++)
        ret[i] = (Glance){0, 0, 0, -2};
    for (double side = most; side >= GLANCE_LEAST_PX; side /= glance_growth) {
        AUTO(thing_done) Thing thing = {{0}, {0}, 1, 1};
        Glance glance = {side, 0, 0, -2};

        TRY(thing_new(reference, mask, (int)side, &thing));
        size_glance(&thing, picture, &glance);
        glance_keep(ret, glance);
    }
    return NULL;
}

/* ---- closer ---- */

/* From a thing's pixels, counted from its middle, to the picture's: x = a u - b v + x0, y = b u + a v + y0. */
typedef struct Pose {
    double a, b, x, y;
} Pose;

/* Value and slope at a place between pixels; false outside. */
static bool plane_read(const Plane *plane, double x, double y, double ret[3])
{
    if (!(x >= 1 && y >= 1 && x < plane->width - 2 && y < plane->height - 2))
        return false;

    int left = (int)x, top = (int)y;
    double across = x - left, down = y - top;
    const float *at = plane->values + (ptrdiff_t)top * plane->width + left;
    double nw = (double)at[0], ne = (double)at[1];
    double sw = (double)at[plane->width], se = (double)at[plane->width + 1];
    double north = nw + (ne - nw) * across, south = sw + (se - sw) * across;

    ret[0] = north + (south - north) * down;
    ret[1] = (ne - nw) * (1 - down) + (se - sw) * down;
    ret[2] = south - north;
    return true;
}

/* Gauss's elimination with pivots; false where the equations say too little. */
static bool equations_solve(double m[UNKNOWNS][UNKNOWNS + 1], double ret[UNKNOWNS])
{
    for (int column = 0; column < UNKNOWNS; column++) {
        int pivot = column;

        for (int row = column + 1; row < UNKNOWNS; row++)
            if (fabs(m[row][column]) > fabs(m[pivot][column]))
                pivot = row;
        if (fabs(m[pivot][column]) < 1e-9)
            return false;
        for (int i = 0; i <= UNKNOWNS; i++) {
            double kept = m[column][i];

            m[column][i] = m[pivot][i];
            m[pivot][i] = kept;
        }
        for (int row = column + 1; row < UNKNOWNS; row++) {
            double share = m[row][column] / m[column][column];

            for (int i = column; i <= UNKNOWNS; i++)
                m[row][i] -= share * m[column][i];
        }
    }
    for (int row = UNKNOWNS - 1; row >= 0; row--) {
        ret[row] = m[row][UNKNOWNS];
        for (int i = row + 1; i < UNKNOWNS; i++)
            ret[row] -= m[row][i] * ret[i];
        ret[row] /= m[row][row];
    }
    return true;
}

/* One step of Lucas and Kanade with gain and offset of light; the correlation is that of the pose before. */
static double pose_step(const Thing *thing, const Plane *picture, Pose *pose)
{
    double m[UNKNOWNS][UNKNOWNS + 1] = {{0}}, found[UNKNOWNS];
    Sums sums = {0};
    int width = thing->luma.width, height = thing->luma.height;

    for (int j = 0; j < height; j++)
        for (int i = 0; i < width; i++) {
            double u = (i - (width - 1) / 2.0) * thing->across, seen[3];
            double v = (j - (height - 1) / 2.0) * thing->down;
            ptrdiff_t at = (ptrdiff_t)j * width + i;

            if (thing->weight.values[at] <= 0 || !plane_read(
                                                     picture, pose->a * u - pose->b * v + pose->x,
                                                     pose->b * u + pose->a * v + pose->y, seen))
                continue;
            double luma = (double)thing->luma.values[at];
            double row[UNKNOWNS] = {
                seen[1] * u + seen[2] * v, seen[2] * u - seen[1] * v, seen[1], seen[2], luma, 1};

            sums_add(&sums, 1, luma, seen[0]);
            for (int k = 0; k < UNKNOWNS; k++) {
                for (int l = 0; l < UNKNOWNS; l++)
                    m[k][l] += row[k] * row[l] * (l < 4 ? -1 : 1);
                m[k][UNKNOWNS] += row[k] * seen[0];
            }
        }
    double correlation = sums_correlation(&sums);

    if (sums.weight < 20 || !equations_solve(m, found))
        return correlation;
    pose->a += found[0], pose->b += found[1], pose->x += found[2], pose->y += found[3];
    return correlation;
}

/* Pixels of a picture of which the thing's longer side is SIDE. */
static double pose_level(const Thing *thing, const Plane *picture, Pose *pose)
{
    Pose best = *pose;
    double most = -2;

    for (int i = 0; i < STEPS; i++) {
        Pose before = *pose;
        double correlation = pose_step(thing, picture, pose);

        if (correlation > most)
            most = correlation, best = before;
        if (hypot(pose->a - before.a, pose->b - before.b) < 1e-5 &&
            hypot(pose->x - before.x, pose->y - before.y) < 1e-3)
            break;
    }
    *pose = best;
    return most;
}

/* Where the thing is, in pixels of the picture itself. */
typedef struct Spot {
    double side, turn, x, y, correlation;
} Spot;

static MUST Err *
spot_refine(const Image *reference, const Image *mask, const Image *picture, int level, Spot *spot)
{
    AUTO(thing_done) Thing thing = {{0}, {0}, 1, 1};
    AUTO(plane_done) Plane plane = {0};
    /* Sizes are whole, so shrinking a little would stretch a little. */
    double shrink = level < 0.7 * spot->side ? level / spot->side : 1;
    int width = MAX((int)lround(image_width(picture) * shrink), 1);
    int height = MAX((int)lround(image_height(picture) * shrink), 1);
    double across = (double)width / image_width(picture);
    double down = (double)height / image_height(picture);

    TRY(thing_new(reference, mask, level, &thing));
    TRY(plane_of(picture, width, height, &plane));
    double zoom = spot->side * across / level;
    Pose pose = {
        zoom * cos(spot->turn), zoom * sin(spot->turn), spot->x * across - 0.5,
        spot->y * down - 0.5};

    spot->correlation = pose_level(&thing, &plane, &pose);
    spot->side = hypot(pose.a, pose.b) * level / across;
    spot->turn = atan2(pose.b, pose.a);
    spot->x = (pose.x + 0.5) / across;
    spot->y = (pose.y + 0.5) / down;
    return NULL;
}

/* The best of what was glanced at, after a closer look at each. */
static MUST Err *spot_choose(
    const Image *reference, const Image *mask, const Image *picture,
    const Glance glances[GLANCES_MAX], double glance_zoom, Spot *ret)
{
    *ret = (Spot){.correlation = -2};
    for (size_t i = 0; i < GLANCES_MAX * COUNT(turns); i++) {
        const Glance *glance = &glances[i / COUNT(turns)];
        Spot spot = {
            glance->side / glance_zoom, turns[i % COUNT(turns)], glance->x / glance_zoom,
            glance->y / glance_zoom, -2};

        if (glance->correlation <= -2)
            continue;
        for (int level = 0; level < 2; level++)
            TRY(spot_refine(reference, mask, picture, levels[level], &spot));
        if (spot.correlation > ret->correlation)
            *ret = spot;
    }
    if (ret->correlation > -2)
        return NULL;
    return err_public(
        err_new(ERR_PRODUCT_NOT_FOUND, "the thing is too small in the picture to be aligned"),
        "The product of the reference could not be found in the picture.");
}

static MUST Err *mask_box(const Image *mask, Box *ret)
{
    int left = image_width(mask), right = 0, top = image_height(mask), bottom = 0;

    for (int y = 0; y < image_height(mask); y++) {
        const uint8_t *row = image_row(mask, y);

        for (int x = 0; x < image_width(mask); x++)
            if (row[x] > 127) {
                left = MIN(left, x), right = MAX(right, x + 1);
                top = MIN(top, y), bottom = y + 1;
            }
    }
    if (right - left < 8 || bottom - top < 8)
        return err_public(
            err_new(
                ERR_PRODUCT_NOT_FOUND, "the mask shows %d x %d pixels", right - left, bottom - top),
            "The reference shows no product, or a very small one.");
    *ret = (Box){left, top, right - left, bottom - top};
    return NULL;
}

Err *image_align(const Image *reference, const Image *mask, const Image *picture, Alignment *ret)
{
    AUTO(image_free) Image *thing = NULL;
    AUTO(image_free) Image *shape = NULL;
    AUTO(plane_done) Plane glanced = {0};
    Glance glances[GLANCES_MAX];
    Box box;
    Spot spot;

    TRY(mask_box(mask, &box));
    TRY(image_crop(reference, box, &thing));
    TRY(image_crop(mask, box, &shape));
    int longer = MAX(box.width, box.height);
    int side = MAX(image_width(picture), image_height(picture));
    double zoom = MIN((double)GLANCE_PX / side, 1.0);

    TRY(plane_of(
        picture, (int)lround(image_width(picture) * zoom),
        (int)lround(image_height(picture) * zoom), &glanced));
    TRY(glances_find(thing, shape, &glanced, glances));
    TRY(spot_choose(thing, shape, picture, glances, zoom, &spot));
    for (size_t i = 2; i <= COUNT(levels); i++) {
        int most = (int)MIN((double)longer, spot.side);

        TRY(spot_refine(
            thing, shape, picture, i < COUNT(levels) ? MIN(levels[i], most) : MIN(LAST_PX, most),
            &spot));
    }
    *ret = (Alignment){spot.side / longer, spot.turn, spot.x, spot.y, spot.correlation, box};
    return NULL;
}

/* ---- cutting it out ---- */

/* Catmull-Rom's weights of four pixels around a place SHARE beyond the second. */
static void cubic_weights(float share, float ret[4])
{
    float s2 = share * share, s3 = s2 * share;

    ret[0] = -0.5f * s3 + s2 - 0.5f * share;
    ret[1] = 1.5f * s3 - 2.5f * s2 + 1;
    ret[2] = -1.5f * s3 + 2 * s2 + 0.5f * share;
    ret[3] = 0.5f * s3 - 0.5f * s2;
}

static void pixel_sample(const Image *image, double x, double y, uint8_t *to)
{
    int left = (int)floor(x), top = (int)floor(y);
    float across[4], down[4], sums[3] = {0};

    cubic_weights((float)(x - left), across);
    cubic_weights((float)(y - top), down);
    for (int j = 0; j < 4; j++) {
        const uint8_t *row = image_row(image, CLAMP(top + j - 1, 0, image_height(image) - 1));

        for (int i = 0; i < 4; i++) {
            const uint8_t *pixel =
                row + (ptrdiff_t)CLAMP(left + i - 1, 0, image_width(image) - 1) * 3;

            for (int c = 0; c < 3; c++)
                sums[c] += across[i] * down[j] * pixel[c];
        }
    }
    for (int c = 0; c < 3; c++)
        to[c] = (uint8_t)CLAMP(sums[c] + 0.5f, 0.0f, 255.0f);
}

Err *image_align_cut(
    const Image *picture, const Alignment *alignment, int side_px, Image **ret, Image **ret_inside)
{
    AUTO(image_free) Image *rgb = NULL;
    AUTO(image_free) Image *fitted = NULL;
    AUTO(image_free) Image *cut = NULL;
    AUTO(image_free) Image *inside = NULL;
    int longer = MAX(alignment->box.width, alignment->box.height);
    double wanted = side_px / (alignment->zoom * longer);
    double shrink =
        wanted < 0.8 ? wanted : 1; /* sampling twice would soften what once is enough for */
    int width = MAX((int)lround((double)alignment->box.width * side_px / longer), 1);
    int height = MAX((int)lround((double)alignment->box.height * side_px / longer), 1);

    TRY(image_take_rgb(picture, &rgb));
    TRY(image_resize(
        rgb, MAX((int)lround(image_width(rgb) * shrink), 1),
        MAX((int)lround(image_height(rgb) * shrink), 1), IMAGE_LANCZOS3, &fitted));
    TRY(image_new(width, height, 3, DEPTH_8, &cut));
    TRY(image_new(width, height, 1, DEPTH_8, &inside));

    double across = (double)image_width(fitted) / image_width(rgb);
    double down = (double)image_height(fitted) / image_height(rgb);
    double step = alignment->zoom * longer / side_px; /* picture's pixels for one of the cut */
    double a = step * cos(alignment->turn), b = step * sin(alignment->turn);

    for (int j = 0; j < height; j++)
        for (int i = 0; i < width; i++) {
            double u = i - (width - 1) / 2.0, v = j - (height - 1) / 2.0;
            double x = (a * u - b * v + alignment->x) * across - 0.5;
            double y = (b * u + a * v + alignment->y) * down - 0.5;
            bool is_inside =
                x > -1 && y > -1 && x < image_width(fitted) && y < image_height(fitted);

            pixel_sample(
                fitted, CLAMP(x, 0.0, image_width(fitted) - 1.0),
                CLAMP(y, 0.0, image_height(fitted) - 1.0),
                (uint8_t *)image_row_mut(cut, j) + 3 * i);
            ((uint8_t *)image_row_mut(inside, j))[i] = is_inside ? 255 : 0;
        }
    *ret = TAKE(cut);
    *ret_inside = TAKE(inside);
    return NULL;
}
