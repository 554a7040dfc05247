/* Backdrops under an open sky: sea, clouds, dusk. */
#include <math.h>

#include "scene/brush.h"

static void sea_texel(const Canvas *canvas, double x, double y, float colour[3])
{
    double down = y - canvas->line;

    if (down < 0) {
        double haze = canvas_ease(0, 0.75, pow(fmax(-down, 0), 0.8));
        double wisp = canvas_clouds(canvas->seed + 9, x * 1.2, y * 5.0, 4);
        canvas_mix(canvas->colours[1], canvas->colours[0], haze, colour);
        for (int k = 0; k < 3; k++)
            colour[k] += (1 - colour[k]) * (float)(canvas_ease(0.02, 0.5, wisp) * 0.28);
        return;
    }
    /* Waves lie closer the nearer they are to the horizon. */
    double far = 1 / (down + 0.012);
    double wave = canvas_clouds(canvas->seed, x * far * 0.42, far * 2.4, 3) +
                  0.6 * canvas_noise(canvas->seed + 5, x * 6, down * 46);
    canvas_mix(canvas->colours[2], canvas->colours[3], canvas_ease(0, 0.30, down), colour);
    double light = 1 + wave * 0.26 * canvas_ease(0.0, 0.04, down);
    for (int k = 0; k < 3; k++)
        colour[k] *= (float)light;
}

Err *brush_sea(Canvas *canvas)
{
    static const float glint[3] = {1.0f, 0.97f, 0.90f};
    int glints = canvas->count ? canvas->count : 90;

    canvas_each(canvas, sea_texel);
    TRY(canvas_blur(canvas, 0.0035));
    for (int g = 0; g < glints; g++) {
        double down = pow(canvas_throw(canvas, 0, 1), 1.6) * 0.30 + 0.006;
        double radius = (0.0022 + down * 0.022) * canvas->size * canvas_throw(canvas, 0.6, 1.3);
        canvas_stroke(
            canvas, &(Stroke){
                        .x = canvas_throw_near(canvas, canvas->half * 0.35, canvas->half * 0.38),
                        .y = canvas->line + down,
                        .wide = radius,
                        .high = radius,
                        .edge = 0.35,
                        .alpha = canvas_throw(canvas, 0.12, 0.5),
                        .ring = 0.3,
                        .is_light = true,
                        .colour = glint,
                    });
    }
    return NULL;
}

static void clouds_texel(const Canvas *canvas, double x, double y, float colour[3])
{
    double up = canvas_ease(-0.05, 1.0, (canvas->line - y) / fmax(canvas->line, 0.2));
    double wide = 1.5 / canvas->size,
           bend = canvas_clouds(canvas->seed + 3, x * wide, y * wide * 1.5, 3);
    double there =
        canvas_clouds(canvas->seed, x * wide + bend * 0.7, y * wide * 1.7 + bend * 0.5, 6);
    double above = canvas_clouds(
        canvas->seed, (x - 0.05) * wide + bend * 0.7, (y - 0.08) * wide * 1.7 + bend * 0.5, 4);
    double thick = canvas_ease(-0.02, 0.34, there + 0.10 * (1 - up));
    double lit = CLAMP(0.72 + (there - above) * 1.6, 0.0, 1.0);
    float cloud[3];

    canvas_mix(canvas->colours[1], canvas->colours[0], up, colour);
    canvas_mix(canvas->colours[3], canvas->colours[2], lit, cloud);
    canvas_mix(colour, cloud, thick, colour);
}

Err *brush_clouds(Canvas *canvas)
{
    canvas_each(canvas, clouds_texel);
    return canvas_blur(canvas, 0.006);
}

static void dusk_texel(const Canvas *canvas, double x, double y, float colour[3])
{
    double up = (canvas->line - y) / fmax(canvas->line, 0.25);
    double streak = canvas_clouds(canvas->seed, x * 1.1, y * 7.0 + x * 0.4, 5);
    float glow[3], dark[3];

    canvas_mix(canvas->colours[1], canvas->colours[0], canvas_ease(0.15, 1.0, up), dark);
    canvas_mix(canvas->colours[2], dark, canvas_ease(-0.1, 0.42, up), glow);
    double cloud = canvas_ease(0.02, 0.42, streak) * canvas_ease(0.04, 0.3, up) * 0.55;
    canvas_mix(glow, canvas->colours[canvas_ease(0.2, 0.8, up) > 0.5 ? 1 : 2], cloud, colour);
    /* Hills, the further the paler. */
    for (int hill = 0; hill < 3; hill++) {
        double crest =
            0.060 - 0.026 * hill +
            0.045 * canvas_clouds(canvas->seed + 20 + (uint64_t)hill, x * (1.2 + hill), 0.5, 3);
        double inside = canvas_ease(-0.006, 0.006, crest - (canvas->line - y));
        float ground[3];
        canvas_mix(canvas->colours[2], canvas->colours[3], 0.45 + 0.27 * hill, ground);
        canvas_mix(colour, ground, inside, colour);
    }
}

Err *brush_dusk(Canvas *canvas)
{
    static const float sun[3] = {1.0f, 0.80f, 0.52f};
    double x = canvas_throw(canvas, 0.25, 0.7) * canvas->half *
               (canvas_throw(canvas, 0, 1) < 0.5 ? -1 : 1);
    double y = canvas->line - canvas_throw(canvas, 0.12, 0.18);

    canvas_each(canvas, dusk_texel);
    TRY(canvas_blur(canvas, 0.006));
    for (int ring = 0; ring < 3; ring++) {
        static const double radii[] = {0.62, 0.24, 0.052}, strengths[] = {0.16, 0.28, 1.6};
        double radius = radii[ring] * (ring == 2 ? canvas->size : 1);
        canvas_stroke(
            canvas, &(Stroke){
                        .x = x,
                        .y = y,
                        .wide = radius,
                        .high = radius,
                        .edge = ring == 2 ? 0.14 : 1,
                        .alpha = strengths[ring],
                        .is_light = true,
                        .colour = ring == 2 ? sun : canvas->colours[2]});
    }
    return NULL;
}
