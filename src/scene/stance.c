/* The lower hull of an outline read as the front edge of a base on level ground. */
#include "scene/stance.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "scene/foot.h"
#include "scene/plane.h"

enum {
    CELLS = 400, /* on the longer side of the outline */
};

static const double steep = 0.95;    /* hull that rises faster is the product's side */
static const double sure_roll = 0.8; /* degrees: less is not seen */

typedef struct Outline {
    Plane cover, bright; /* alpha; luminance */
    int *feet;
    float *ground;
    int left, right; /* columns of the product */
    int top, base;   /* rows */
    double middle;   /* of its mass, across */
} Outline;

static void outline_done(Outline *outline)
{
    plane_done(&outline->cover);
    plane_done(&outline->bright);
    free(outline->feet);
    free(outline->ground);
}
DEFINE_AUTO_DONE(Outline, outline_done);

static void outline_measure(Outline *outline)
{
    const Plane *cover = &outline->cover;
    double mass = 0, moment = 0;

    outline->left = outline->top = INT32_MAX;
    outline->right = outline->base = -1;
    for (int x = 0; x < cover->width; x++) {
        outline->feet[x] = -1;
        for (int y = 0; y < cover->height; y++) {
            float alpha = cover->cells[y * cover->width + x];
            mass += (double)alpha;
            moment += (double)alpha * (x + 0.5);
            if (alpha <= 0.5f)
                continue;
            outline->feet[x] = y + 1;
            outline->left = MIN(outline->left, x);
            outline->right = MAX(outline->right, x);
            outline->top = MIN(outline->top, y);
            outline->base = MAX(outline->base, y + 1);
        }
    }
    outline->middle = mass > 0 ? moment / mass : 0;
}

static MUST Err *outline_new(const Image *product, Outline *ret)
{
    AUTO(outline_done) Outline outline = {0};
    AUTO(image_free) Image *small = NULL;
    double scale = CELLS / (double)MAX(image_width(product), image_height(product));
    int width = MAX((int)lround(image_width(product) * scale), 1);
    int height = MAX((int)lround(image_height(product) * scale), 1);

    TRY(image_resize(product, width, height, IMAGE_LINEAR, &small));
    TRY(plane_new(width, height, &outline.cover));
    TRY(plane_new(width, height, &outline.bright));
    outline.feet = calloc((size_t)width, sizeof(int));
    outline.ground = calloc((size_t)width, sizeof(float));
    if (!outline.feet || !outline.ground)
        return err_new(ERR_MEMORY_SPENT, "no memory for an outline");
    for (int y = 0; y < height; y++) {
        const uint8_t *row = image_row(small, y);
        for (int x = 0; x < width; x++) {
            const uint8_t *pixel = row + x * 4;
            outline.cover.cells[y * width + x] = (float)pixel[3] / 255;
            outline.bright.cells[y * width + x] = 0.2126f * colour_linear(pixel[0]) +
                                                  0.7152f * colour_linear(pixel[1]) +
                                                  0.0722f * colour_linear(pixel[2]);
        }
    }
    outline_measure(&outline);
    TRY(foot_hull(outline.feet, width, outline.ground));
    *ret = outline;
    memset(&outline, 0, sizeof outline);
    return NULL;
}

/* ---- what touches the ground ---- */

typedef struct Span {
    int from, to; /* columns, both within */
} Span;

static double hull_slope(const Outline *outline, int x)
{
    return (double)(outline->ground[x + 1] - outline->ground[x]);
}

/* The hull around its lowest place, as far as it rises less than STEEPEST. */
static Span span_find(const Outline *outline, double steepest)
{
    int lowest = outline->left;
    Span span;

    for (int x = outline->left; x <= outline->right; x++)
        if (outline->ground[x] > outline->ground[lowest])
            lowest = x;
    span = (Span){lowest, lowest};
    while (span.from > outline->left && fabs(hull_slope(outline, span.from - 1)) <= steepest)
        span.from--;
    while (span.to < outline->right && fabs(hull_slope(outline, span.to)) <= steepest)
        span.to++;
    return span;
}

/* ---- lines and arcs through the hull ---- */

typedef struct Line {
    double slope, at; /* row of column 0 */
    double error;     /* sum of squares */
} Line;

static Line line_fit(const Outline *outline, Span span)
{
    double n = span.to - span.from + 1, sx = 0, sy = 0, sxx = 0, sxy = 0;
    Line line = {0};

    for (int x = span.from; x <= span.to; x++) {
        double y = (double)outline->ground[x];
        sx += x;
        sy += y;
        sxx += (double)x * x;
        sxy += x * y;
    }
    double under = n * sxx - sx * sx;
    line.slope = under > 0 ? (n * sxy - sx * sy) / under : 0;
    line.at = (sy - line.slope * sx) / n;
    for (int x = span.from; x <= span.to; x++) {
        double off = (double)outline->ground[x] - line.at - line.slope * x;
        line.error += off * off;
    }
    return line;
}

typedef struct Corner {
    Line left, right;
    double error;
} Corner;

static Corner corner_fit(const Outline *outline, Span span)
{
    int least = MAX((span.to - span.from) / 10, 2);
    Corner best = {.error = HUGE_VAL};

    for (int x = span.from + least; x <= span.to - least; x++) {
        Corner corner = {
            line_fit(outline, (Span){span.from, x}), line_fit(outline, (Span){x, span.to}), 0};
        corner.error = corner.left.error + corner.right.error;
        if (corner.error < best.error)
            best = corner;
    }
    return best;
}

/* The lower half of an ellipse of half width A about the span's middle, its depth fitted. */
typedef struct Arc {
    double depth, tilt, error;
} Arc;

static Arc arc_fit(const Outline *outline, Span span, double a)
{
    /* Least squares of row = c + tilt u + depth v, where v = sqrt(1 - u^2) and u runs from -1 to 1. */
    double m[3][4] = {{0}}, middle = (span.from + span.to) * 0.5;
    Arc arc = {0};

    for (int x = span.from; x <= span.to; x++) {
        double u = CLAMP((x - middle) / a, -1.0, 1.0);
        double terms[4] = {1, u, sqrt(1 - u * u), (double)outline->ground[x]};
        for (int i = 0; i < 3; i++)
            for (int j = 0; j < 4; j++)
                m[i][j] += terms[i] * terms[j];
    }
    for (int i = 0; i < 3; i++) {
        double pivot = fabs(m[i][i]) > 1e-9 ? m[i][i] : 1e-9;
        for (int r = 0; r < 3; r++) {
            double share = r == i ? 0 : m[r][i] / pivot;
            for (int j = i; j < 4; j++)
                m[r][j] -= share * m[i][j];
        }
    }
    double at = m[0][3] / m[0][0];
    arc.tilt = m[1][3] / m[1][1] / a;
    arc.depth = m[2][3] / m[2][2];
    for (int x = span.from; x <= span.to; x++) {
        double u = CLAMP((x - middle) / a, -1.0, 1.0);
        double off =
            (double)outline->ground[x] - at - arc.tilt * a * u - arc.depth * sqrt(1 - u * u);
        arc.error += off * off;
    }
    return arc;
}

/* ---- roll ---- */

/* How far the line through the middles of the rows leans, in degrees clockwise; false when they do not lie on a line. */
static bool axis_lean(const Outline *outline, double *ret)
{
    const Plane *cover = &outline->cover;
    double n = 0, sx = 0, sy = 0, syy = 0, sxy = 0, sxx = 0, gaps = 0;
    double wide = outline->right - outline->left + 1;

    int aside = (outline->base - outline->top) / 6; /* ends of what leans are cut askew */
    for (int y = outline->top + aside; y < outline->base - aside; y++) {
        double left = -1, right = -1, covered = 0;
        for (int x = outline->left; x <= outline->right; x++) {
            if (cover->cells[y * cover->width + x] <= 0.5f)
                continue;
            left = left < 0 ? x : left;
            right = x;
            covered++;
        }
        if (left < 0)
            continue;
        double x = (left + right) / 2;
        gaps += covered < 0.9 * (right - left + 1);
        n++;
        sx += x;
        sy += y;
        syy += (double)y * y;
        sxy += x * y;
        sxx += x * x;
    }
    double under = n * syy - sy * sy;
    if (n < 20 || under <= 0 || gaps > 0.1 * n)
        return false;
    double slope = (n * sxy - sx * sy) / under, at = (sx - slope * sy) / n;
    double error = sxx - 2 * slope * sxy - 2 * at * sx + slope * slope * syy + 2 * slope * at * sy +
                   n * at * at;
    *ret = -atan(slope) * 180 / M_PI;
    return sqrt(fmax(error, 0) / n) < 0.012 * wide;
}

/* ---- light ---- */

/* Mean luminance of row Y between two columns; below 0 when less than half of it is product. */
static double row_bright(const Outline *outline, int y, int from, int to)
{
    const float *cover = outline->cover.cells + y * outline->cover.width;
    const float *bright = outline->bright.cells + y * outline->cover.width;
    double sum = 0, weight = 0;

    for (int x = from; x < to; x++) {
        sum += (double)(bright[x] * cover[x]);
        weight += (double)cover[x];
    }
    return weight > 0.5 * (to - from) ? sum / weight : -1;
}

/* Rows whose right third is much brighter than their left, less those where it is the other way round. Only when nearly all agree is
 * that light and not paint. */
static double lit_from(const Outline *outline)
{
    const double clear = 0.12;
    double right = 0, left = 0, rows = 0;

    for (int y = outline->top; y < outline->base; y++) {
        int first = outline->left, last = outline->right;
        while (first < last && outline->cover.cells[y * outline->cover.width + first] < 0.9f)
            first++;
        while (first < last && outline->cover.cells[y * outline->cover.width + last] < 0.9f)
            last--;
        int third = (last - first) / 3;
        if (third < 4)
            continue;
        double a = row_bright(outline, y, first, first + third);
        double b = row_bright(outline, y, last - third, last);
        if (a < 0 || b < 0)
            continue;
        double lean = (b - a) / fmax(a + b, 1e-6);
        rows++;
        right += lean > clear;
        left += lean < -clear;
    }
    double share = rows > 20 ? (right - left) / rows : 0;
    return fabs(share) > 0.75 ? share : 0;
}

/* ---- all of it ---- */

static double degrees_of_sine(double sine)
{
    return asin(CLAMP(sine, 0.0, 1.0)) * 180 / M_PI;
}

/* An arc over SPAN, which ends where an ellipse gets steep: half-width and depth over half-width depend on each other. Read from the
 * middle, which rounded lower edges do not bend. */
static Arc arc_find(const Outline *outline, Span span, double *ret_half)
{
    int aside = (span.to - span.from) / 7;
    Span middle = {span.from + aside, span.to - aside};
    double reach = (span.to - span.from) * 0.5 + 0.5, sine = 0.3;
    Arc arc = {0};

    for (int turn = 0; turn < 4; turn++) {
        *ret_half = reach * sqrt(steep * steep + sine * sine) / steep;
        arc = arc_fit(outline, middle, *ret_half);
        sine = CLAMP(arc.depth / *ret_half, 0.0, 1.0);
    }
    arc.error = arc_fit(outline, span, *ret_half).error;
    return arc;
}

/* A straight base that rises to one side: with the product's side beyond its low end, the corner of a box seen so far from its own
 * axis that the short edge looks like a side; or the edge of something tipped, whose two edges are square in the picture. */
static double edge_sine(const Outline *outline, Span span, double slope)
{
    const double upright = 3.5;
    Span full = span_find(outline, upright);
    Span beyond = slope > 0 ? (Span){span.to, full.to} : (Span){full.from, span.from};

    if (beyond.to - beyond.from < 4)
        return 0;
    return sqrt(fmax(-slope * line_fit(outline, beyond).slope, 0));
}

/* Fill base and pitch from the hull over SPAN. */
static double base_read(const Outline *outline, Span span, Stance *stance)
{
    const double deepest = 0.9, belly = 0.62, level = 0.07, tipped = 0.14;
    double wide = span.to - span.from, sine = 0;
    double half;
    double tolerance = 0.006 * wide + 0.45; /* cells: rows are whole numbers */
    Line line = line_fit(outline, span);
    Corner corner = corner_fit(outline, span);
    Arc arc = arc_find(outline, span, &half);
    double tilt = line.slope;

    if (sqrt(line.error / (wide + 1)) < tolerance) {
        stance->base = STANCE_STRAIGHT;
        if (fabs(line.slope) > level) {
            sine = edge_sine(outline, span, line.slope);
            stance->base = sine > 0 ? STANCE_CORNER : STANCE_STRAIGHT;
            stance->stands = stance->stands && (sine > 0 || fabs(line.slope) < tipped);
        }
    } else if (corner.error < arc.error && corner.left.slope > 0 && corner.right.slope < 0) {
        stance->base = STANCE_CORNER;
        sine = sqrt(corner.left.slope * -corner.right.slope);
    } else {
        stance->base = STANCE_ROUND;
        tilt = arc.tilt;
        sine = fmax(arc.depth, 0) / half;
        if (sine > belly) {
            stance->base = STANCE_BELLY;
            sine = 0;
        }
    }
    if (stance->base != STANCE_BELLY && stance->base != STANCE_STRAIGHT)
        sine = fmax(sine, stance->rise / deepest);
    stance->pitch_degrees = degrees_of_sine(sine);
    return atan(tilt) * 180 / M_PI;
}

MUST Err *stance_find(const Image *product, Stance *ret)
{
    AUTO(outline_done) Outline outline = {0};
    Stance stance = {.stands = true};
    double axis;

    if (image_channels(product) != 4 || image_depth(product) != DEPTH_8)
        return err_new(ERR_INPUT_INVALID, "a stance is read from an RGBA product of 8 bits");
    TRY(outline_new(product, &outline));
    if (outline.right <= outline.left) {
        *ret = stance;
        return NULL;
    }
    Span span = span_find(&outline, steep);
    double width = outline.right - outline.left + 1, wide = span.to - span.from;
    double base = outline.base;
    double ends = fmin((double)outline.ground[span.from], (double)outline.ground[span.to]);
    double slack = 0.1 * width;

    stance.from = (span.from - outline.left) / width;
    stance.to = (span.to + 1 - outline.left) / width;
    stance.rise = (base - ends) / fmax(wide, 1);
    stance.stands = outline.middle > span.from - slack && outline.middle < span.to + slack;
    if (stance.to - stance.from < 0.08) {
        stance.base = STANCE_POINT;
        stance.stands = false;
        *ret = stance;
        return NULL;
    }
    double tilt = base_read(&outline, span, &stance);
    /* The ground's line falls to the right of what leans clockwise. */
    if (axis_lean(&outline, &axis) && fabs(axis - tilt) < 1.2 && fabs(axis) > sure_roll &&
        fabs(axis) < 7)
        stance.roll_degrees = axis;
    stance.stands = stance.stands && stance.pitch_degrees < STANCE_ABOVE_DEGREES;
    stance.lit = lit_from(&outline);
    *ret = stance;
    return NULL;
}
