/* The backdrop of a room. */
#include <math.h>

#include "scene/brush.h"

static void canvas_block(Canvas *canvas, Stroke block)
{
    block.is_square = true;
    block.edge = 0.06;
    canvas_stroke(canvas, &block);
}

/* A bright window with a curtain, a sideboard with things on it, a lamp; all far out of focus. */
Err *brush_room(Canvas *canvas)
{
    double side = canvas_throw(canvas, 0, 1) < 0.5 ? -1 : 1, floor = canvas->line + 0.10;
    const float *wood = canvas->colours[3], *light = canvas->colours[2];
    float dark[3], pale[3];

    canvas_fade(canvas);
    canvas_mix(wood, canvas->colours[1], 0.35, dark);
    canvas_mix(canvas->colours[0], light, 0.55, pale);
    double window = side * canvas->half * 0.58;
    canvas_block(
        canvas,
        (Stroke){.x = window, .y = 0.16, .wide = 0.235, .high = 0.36, .alpha = 1, .colour = pale});
    for (int pane = 0; pane < 4; pane++)
        canvas_block(
            canvas, (Stroke){
                        .x = window + (pane % 2 ? 0.11 : -0.11),
                        .y = pane / 2 ? 0.335 : 0.0,
                        .wide = 0.098,
                        .high = 0.155,
                        .alpha = 1,
                        .colour = light});
    canvas_block(
        canvas, (Stroke){
                    .x = window - side * 0.29,
                    .y = 0.22,
                    .wide = 0.075,
                    .high = 0.48,
                    .alpha = 0.75,
                    .colour = pale});
    double board = -side * canvas->half * 0.45;
    canvas_block(
        canvas, (Stroke){
                    .x = board,
                    .y = floor - 0.11,
                    .wide = 0.40,
                    .high = 0.095,
                    .alpha = 1,
                    .colour = wood});
    canvas_block(
        canvas, (Stroke){
                    .x = board,
                    .y = floor - 0.005,
                    .wide = 0.40,
                    .high = 0.02,
                    .alpha = 0.7,
                    .colour = dark});
    for (int thing = 0; thing < 6; thing++) {
        double high = canvas_throw(canvas, 0.03, 0.10);
        float colour[3];
        canvas_mix(
            thing % 2 ? wood : canvas->colours[0], thing % 3 ? canvas->colours[1] : light,
            canvas_throw(canvas, 0.1, 0.7), colour);
        canvas_block(
            canvas, (Stroke){
                        .x = board + canvas_throw(canvas, -0.34, 0.34),
                        .y = floor - 0.205 - high,
                        .wide = canvas_throw(canvas, 0.012, 0.045),
                        .high = high,
                        .alpha = 0.9,
                        .colour = colour});
    }
    canvas_block(
        canvas, (Stroke){
                    .x = board + canvas_throw(canvas, -0.1, 0.1),
                    .y = 0.13,
                    .wide = 0.13,
                    .high = 0.10,
                    .alpha = 0.8,
                    .colour = pale});
    TRY(canvas_blur(canvas, 0.016));
    if (canvas->count > 0)
        canvas_lights(canvas, (Lights){canvas->count, 0.012, 0.035, 0.0, floor - 0.2, 0.7, 0.3, 3});
    return NULL;
}
