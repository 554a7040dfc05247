/* Strokes, discs and blots of light on a canvas, and its blur. */
#include "scene/canvas.h"

#include <math.h>
#include <stdlib.h>

#include "scene/plane.h"

double canvas_throw(Canvas *canvas, double low, double high)
{
    return dice_between(&canvas->dice, low, high);
}

double canvas_throw_near(Canvas *canvas, double middle, double spread)
{
    double sum =
        canvas_throw(canvas, -1, 1) + canvas_throw(canvas, -1, 1) + canvas_throw(canvas, -1, 1);
    return middle + sum * spread;
}

void canvas_mix(const float a[3], const float b[3], double share, float ret[3])
{
    for (int k = 0; k < 3; k++)
        ret[k] = a[k] + (b[k] - a[k]) * (float)share;
}

double canvas_ease(double low, double high, double x)
{
    double t = CLAMP((x - low) / (high - low), 0.0, 1.0);
    return t * t * (3 - 2 * t);
}

/* ---- noise ---- */

static double lattice(uint64_t seed, int64_t x, int64_t y)
{
    return (double)(dice_hash(seed, (uint64_t)x * 0x9E3779B97F4A7C15u + (uint64_t)y) >> 40) /
           (double)(1 << 24);
}

double canvas_noise(uint64_t seed, double x, double y)
{
    double cell_x = floor(x), cell_y = floor(y), fx = x - cell_x, fy = y - cell_y;
    int64_t ix = (int64_t)cell_x, iy = (int64_t)cell_y;
    double u = fx * fx * (3 - 2 * fx), v = fy * fy * (3 - 2 * fy);
    double above = lattice(seed, ix, iy) * (1 - u) + lattice(seed, ix + 1, iy) * u;
    double below = lattice(seed, ix, iy + 1) * (1 - u) + lattice(seed, ix + 1, iy + 1) * u;

    return (above * (1 - v) + below * v) * 2 - 1;
}

double canvas_clouds(uint64_t seed, double x, double y, int octaves)
{
    double sum = 0, strength = 0.5;

    for (int octave = 0; octave < octaves; octave++) {
        sum += strength * canvas_noise(seed + (uint64_t)octave, x, y);
        double turned = x * 1.6 + y * 1.2 + 17.3;
        y = y * 1.6 - x * 1.2 + 9.1;
        x = turned;
        strength *= 0.5;
    }
    return sum;
}

/* ---- strokes ---- */

void canvas_each(
    Canvas *canvas, void (*paint)(const Canvas *canvas, double x, double y, float colour[3]))
{
    for (int row = 0; row < canvas->height && !cancel_is_asked(canvas->cancel); row++)
        for (int column = 0; column < canvas->width; column++)
            paint(
                canvas, (column + 0.5 - canvas->left) / canvas->unit,
                (row + 0.5 - canvas->top) / canvas->unit,
                canvas->rgb + ((size_t)row * (size_t)canvas->width + (size_t)column) * 3);
}

static void fade_texel(const Canvas *canvas, double x, double y, float colour[3])
{
    double uneven = canvas_clouds(canvas->seed, x * 1.3, y * 1.3, 2) * 0.25;

    canvas_mix(canvas->colours[0], canvas->colours[1], canvas_ease(-0.1, 0.9, y + uneven), colour);
}

void canvas_fade(Canvas *canvas)
{
    canvas_each(canvas, fade_texel);
}

static double stroke_covers(const Stroke *stroke, double x, double y)
{
    double c = cos(stroke->angle), s = sin(stroke->angle);
    double u = (x * c + y * s) / stroke->wide, v = (y * c - x * s) / stroke->high;
    double out = stroke->is_square ? fmax(fabs(u), fabs(v)) : hypot(u, v);

    if (stroke->eye > 0) {
        double du = u + stroke->x * stroke->eye * 2, dv = v + (stroke->y - 0.5) * stroke->eye * 2;
        out = fmax(out, hypot(du, dv));
    }
    double inside = 1 - canvas_ease(1 - stroke->edge, 1, out);
    return inside * (1 + stroke->ring * canvas_ease(0.70, 0.93, out)) * stroke->alpha;
}

void canvas_stroke(Canvas *canvas, const Stroke *stroke)
{
    double reach =
        (stroke->is_square ? hypot(stroke->wide, stroke->high) : fmax(stroke->wide, stroke->high)) *
        canvas->unit;
    double middle_x = canvas->left + stroke->x * canvas->unit;
    double middle_y = canvas->top + stroke->y * canvas->unit;
    int left = (int)fmax(middle_x - reach, 0), top = (int)fmax(middle_y - reach, 0);
    int right = (int)fmin(middle_x + reach + 2, canvas->width);
    int bottom = (int)fmin(middle_y + reach + 2, canvas->height);

    for (int row = top; row < bottom && !cancel_is_asked(canvas->cancel); row++) {
        for (int column = left; column < right; column++) {
            float covers = (float)stroke_covers(
                stroke, (column + 0.5 - middle_x) / canvas->unit,
                (row + 0.5 - middle_y) / canvas->unit);
            float *to = canvas->rgb + ((size_t)row * (size_t)canvas->width + (size_t)column) * 3;
            for (int k = 0; covers > 0 && k < 3; k++)
                to[k] += covers * (stroke->colour[k] - (stroke->is_light ? 0 : to[k]));
        }
    }
}

/* Three running means each way. */
Err *canvas_blur(Canvas *canvas, double reach)
{
    AUTO(free) float *spare = calloc((size_t)MAX(canvas->width, canvas->height), sizeof(float));
    int texels = (int)lround(reach * canvas->soft * canvas->unit);
    size_t row_floats = (size_t)canvas->width * 3;

    if (!spare)
        return err_new(ERR_MEMORY_SPENT, "no memory to blur a backdrop");
    if (texels < 1)
        return NULL;
    for (int pass = 0; pass < 3 && !cancel_is_asked(canvas->cancel); pass++) {
        for (int y = 0; y < canvas->height; y++)
            for (int k = 0; k < 3; k++)
                line_blur(
                    canvas->rgb + (size_t)y * row_floats + k, spare, canvas->width, 3, texels);
        for (size_t x = 0; x < row_floats; x++)
            line_blur(canvas->rgb + x, spare, canvas->height, row_floats, texels);
    }
    return NULL;
}

/* ---- many of them ---- */

void canvas_lights(Canvas *canvas, Lights lights)
{
    double places[8][2];

    for (int c = 0; c < MIN(lights.clusters, 8); c++) {
        places[c][0] = canvas_throw(canvas, -canvas->half, canvas->half);
        places[c][1] = canvas_throw(canvas, lights.from, lights.to);
    }
    for (int light = 0; light < lights.count; light++) {
        bool is_near = lights.clusters > 0 && canvas_throw(canvas, 0, 1) < 0.72;
        const double *place = places[(int)canvas_throw(canvas, 0, MAX(MIN(lights.clusters, 8), 1))];
        double t = pow(canvas_throw(canvas, 0, 1), 1.7);
        double radius = (lights.least + (lights.most - lights.least) * t) * canvas->size;
        double bright = lights.bright * pow(lights.least * canvas->size / radius, 0.9);
        float colour[3];
        bool is_other = canvas_throw(canvas, 0, 1) < lights.other;
        double shift = canvas_throw(canvas, -0.18, 0.18);
        canvas_mix(
            canvas->colours[is_other ? 3 : 2], canvas->colours[is_other ? 2 : 3], fabs(shift),
            colour);
        for (int k = 0; k < 3; k++)
            colour[k] *= (float)(1 + (k == 0 ? shift : k == 2 ? -shift : 0));
        canvas_stroke(
            canvas,
            &(Stroke){
                .x = is_near ? canvas_throw_near(canvas, place[0], 0.16)
                             : canvas_throw(canvas, -canvas->half * 1.1, canvas->half * 1.1),
                .y = is_near ? canvas_throw_near(canvas, place[1], 0.11)
                             : canvas_throw(canvas, lights.from, lights.to),
                .wide = radius,
                .high = radius,
                .edge = fmin(0.10 + 0.0022 / radius, 0.6),
                .alpha = bright * canvas_throw(canvas, 0.45, 1.0),
                .ring = 0.35,
                .eye = 0.16,
                .is_light = true,
                .colour = colour,
            });
    }
}

void canvas_masses(Canvas *canvas, Masses masses)
{
    for (int mass = 0; mass < masses.count; mass++) {
        double wide = canvas_throw(canvas, masses.least, masses.most);
        float colour[3];
        canvas_mix(
            canvas->colours[masses.first], canvas->colours[masses.second],
            canvas_throw(canvas, masses.low, masses.high), colour);
        canvas_stroke(
            canvas, &(Stroke){
                        .x = canvas_throw(canvas, -canvas->half * 1.2, canvas->half * 1.2),
                        .y = canvas_throw(canvas, masses.from, masses.to),
                        .wide = wide,
                        .high = wide * masses.flat,
                        .angle = canvas_throw(canvas, -1.2, 1.2),
                        .edge = 0.7,
                        .alpha = masses.alpha,
                        .colour = colour,
                    });
    }
}
