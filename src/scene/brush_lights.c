/* Backdrops that are mostly lights: bokeh, leaves in the sun, a city, a night sky. */
#include <math.h>

#include "scene/brush.h"

Err *brush_bokeh(Canvas *canvas)
{
    canvas_fade(canvas);
    canvas_masses(canvas, (Masses){9, 0.15, 0.4, 0, 0.8, 0.8, 0.10, 0.1, 0.4, 1, 2});
    TRY(canvas_blur(canvas, 0.03));
    canvas_lights(
        canvas,
        (Lights){canvas->count ? canvas->count : 110, 0.010, 0.052, -0.05, 0.72, 0.85, 0.33, 5});
    return NULL;
}

Err *brush_greenery(Canvas *canvas)
{
    canvas_fade(canvas);
    canvas_masses(canvas, (Masses){26, 0.10, 0.30, -0.1, 1, 0.7, 0.40, 0.2, 1.25, 0, 1});
    canvas_masses(canvas, (Masses){90, 0.03, 0.10, -0.1, 0.9, 0.5, 0.45, -0.15, 1.1, 0, 1});
    canvas_masses(canvas, (Masses){40, 0.02, 0.07, -0.1, 0.6, 0.5, 0.45, 0, 0.7, 2, 0});
    TRY(canvas_blur(canvas, 0.009));
    canvas_lights(
        canvas,
        (Lights){canvas->count ? canvas->count : 120, 0.009, 0.040, -0.08, 0.62, 0.30, 0.30, 6});
    return NULL;
}

Err *brush_city(Canvas *canvas)
{
    int towers = 16;

    canvas_fade(canvas);
    for (int tower = 0; tower < towers; tower++) {
        double high = canvas_throw(canvas, 0.15, 0.55), wide = canvas_throw(canvas, 0.05, 0.13);
        float wall[3];
        canvas_mix(canvas->colours[0], canvas->colours[1], canvas_throw(canvas, 0.1, 0.8), wall);
        for (int k = 0; k < 3; k++)
            wall[k] *= 0.55f;
        canvas_stroke(
            canvas, &(Stroke){
                        .x = ((tower + 0.5) / towers * 2 - 1) * canvas->half * 1.15,
                        .y = canvas->line + 0.05 - high / 2,
                        .wide = wide,
                        .high = high,
                        .edge = 0.05,
                        .alpha = 0.75,
                        .is_square = true,
                        .colour = wall});
    }
    TRY(canvas_blur(canvas, 0.014));
    int count = canvas->count ? canvas->count : 190;
    canvas_lights(
        canvas,
        (Lights){count * 2 / 3, 0.008, 0.026, canvas->line - 0.48, canvas->line, 0.75, 0.3, 7});
    canvas_lights(
        canvas,
        (Lights){count / 3, 0.014, 0.042, canvas->line - 0.07, canvas->line + 0.06, 0.9, 0.5, 0});
    return NULL;
}

Err *brush_night(Canvas *canvas)
{
    static const float white[3] = {0.92f, 0.94f, 1.0f};
    double x = canvas_throw(canvas, 0.35, 0.75) * canvas->half *
               (canvas_throw(canvas, 0, 1) < 0.5 ? -1 : 1);
    int stars = canvas->count ? canvas->count : 140;

    canvas_fade(canvas);
    for (int star = 0; star < stars; star++) {
        double radius = canvas_throw(canvas, 0.0016, 0.0045) * canvas->size;
        canvas_stroke(
            canvas, &(Stroke){
                        .x = canvas_throw(canvas, -canvas->half * 1.1, canvas->half * 1.1),
                        .y = canvas_throw(canvas, -0.1, 0.8),
                        .wide = radius,
                        .high = radius,
                        .edge = 0.8,
                        .alpha = pow(canvas_throw(canvas, 0.2, 1), 3),
                        .is_light = true,
                        .colour = white});
    }
    for (int ring = 0; ring < 3; ring++) {
        static const double radii[] = {0.45, 0.16, 0.062}, strengths[] = {0.07, 0.14, 1.0};
        double radius = radii[ring] * (ring == 2 ? canvas->size : 1);
        canvas_stroke(
            canvas, &(Stroke){
                        .x = x,
                        .y = 0.18,
                        .wide = radius,
                        .high = radius,
                        .edge = ring == 2 ? 0.10 : 1,
                        .alpha = strengths[ring],
                        .is_light = true,
                        .colour = ring == 2 ? white : canvas->colours[2]});
    }
    return canvas_blur(canvas, 0.0025);
}
