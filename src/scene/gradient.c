/* Gradients, mixed in Oklab (Ottosson 2020) and dithered. */
#include "scene/gradient.h"

#include <math.h>

#include "base/dice.h"

static void lab_to_bytes(OkLab lab, double ret[3])
{
    double linear[3];

    colour_of_oklab(lab, linear);
    for (int k = 0; k < 3; k++)
        ret[k] = (double)colour_encoded((float)linear[k]);
}

/* ---- the row of colours ---- */

enum {
    RAMP_STEPS = 4096 /* finer than 8 bits can show, also dithered */
};

typedef struct Ramp {
    float bytes[RAMP_STEPS + 1][3];
} Ramp;

static OkLab stops_mix(const OkLab *labs, const Gradient *gradient, double at)
{
    size_t next = 0;

    while (next < gradient->count && gradient->stops[next].at <= at)
        next++;
    if (next == 0)
        return labs[0];
    if (next == gradient->count)
        return labs[next - 1];
    double from = gradient->stops[next - 1].at, to = gradient->stops[next].at;
    double share = (at - from) / fmax(to - from, 1e-9);
    OkLab a = labs[next - 1], b = labs[next];
    return (OkLab){a.l + (b.l - a.l) * share, a.a + (b.a - a.a) * share, a.b + (b.b - a.b) * share};
}

static void ramp_fill(const Gradient *gradient, Ramp *ramp)
{
    OkLab labs[GRADIENT_STOPS_MAX];

    for (size_t i = 0; i < gradient->count; i++)
        labs[i] = colour_oklab(gradient->stops[i].colour);
    for (int step = 0; step <= RAMP_STEPS; step++) {
        double bytes[3];
        lab_to_bytes(stops_mix(labs, gradient, step / (double)RAMP_STEPS), bytes);
        for (int k = 0; k < 3; k++)
            ramp->bytes[step][k] = (float)bytes[k];
    }
}

/* ---- where along it a pixel lies ---- */

typedef struct Course {
    double along_x, along_y, start;        /* linear: at = x * along_x + y * along_y + start */
    double centre_x, centre_y, per_radius; /* radial */
    bool is_radial;
} Course;

static Course course_of(const Gradient *gradient, int width, int height)
{
    Course course = {.is_radial = gradient->kind == GRADIENT_RADIAL};

    if (course.is_radial) {
        course.centre_x = gradient->centre[0] * width;
        course.centre_y = gradient->centre[1] * height;
        course.per_radius = 1 / fmax(gradient->radius * MAX(width, height), 1e-3);
        return course;
    }
    double angle = gradient->angle_degrees * M_PI / 180;
    double x = sin(angle), y = -cos(angle);
    double length = fabs(x) * width + fabs(y) * height;
    course.along_x = x / length;
    course.along_y = y / length;
    course.start = 0.5 - (width * x + height * y) / (2 * length);
    return course;
}

static double course_at(const Course *course, double x, double y)
{
    if (course->is_radial)
        return hypot(x - course->centre_x, y - course->centre_y) * course->per_radius;
    return x * course->along_x + y * course->along_y + course->start;
}

/* Rounded up or down by chance, so that the mean of an area is exact. */
static uint8_t dithered(float value, uint64_t *noise)
{
    float chance = (float)(*noise & 0xffff) / 65536.0f;

    *noise >>= 16;
    return (uint8_t)CLAMP(value + chance, 0.0f, 255.0f);
}

MUST Err *gradient_paint(const Gradient *gradient, int width_px, int height_px, Image **ret)
{
    AUTO(image_free) Image *image = NULL;
    AUTO(free) Ramp *ramp = NULL;

    if (gradient->count < 1 || gradient->count > GRADIENT_STOPS_MAX)
        return err_public(
            err_new(ERR_INPUT_INVALID, "a gradient of %zu colours", gradient->count),
            "A gradient has one to %d colours.", GRADIENT_STOPS_MAX);
    TRY(image_new(width_px, height_px, 3, DEPTH_8, &image));
    ramp = malloc(sizeof *ramp);
    if (!ramp)
        return err_new(ERR_MEMORY_SPENT, "no memory for a gradient");
    ramp_fill(gradient, ramp);
    Course course = course_of(gradient, width_px, height_px);
    for (int y = 0; y < height_px; y++) {
        uint8_t *row = image_row_mut(image, y);
        for (int x = 0; x < width_px; x++) {
            double at = CLAMP(course_at(&course, x + 0.5, y + 0.5), 0.0, 1.0) * RAMP_STEPS;
            int step = MIN((int)at, RAMP_STEPS - 1);
            float share = (float)(at - step);
            uint64_t noise = dice_hash(gradient->seed, (uint64_t)y << 32 | (uint64_t)x);
            for (int k = 0; k < 3; k++) {
                float from = ramp->bytes[step][k], to = ramp->bytes[step + 1][k];
                row[x * 3 + k] = dithered(from + (to - from) * share, &noise);
            }
        }
    }
    *ret = TAKE(image);
    return NULL;
}
