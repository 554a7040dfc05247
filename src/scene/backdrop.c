/* Backdrops, painted once a render: which brush and colours a kind has, and how large its canvas is. */
#include "scene/backdrop.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "scene/brush.h"

enum {
    LONGEST = 840, /* texels across the frame's longer side */
};

static const double margin = 0.12; /* beyond the frame, in its longer sides */

/* Each kind's brush and its own colours. */
static const struct {
    Err *(*paint)(Canvas *canvas);
    uint8_t colours[4][3];
} backdrop_kinds[] = {
    [BACKDROP_BOKEH] =
        {brush_bokeh, {{52, 40, 30}, {28, 22, 20}, {255, 196, 112}, {255, 236, 205}}},
    [BACKDROP_GREENERY] =
        {brush_greenery, {{150, 186, 108}, {40, 68, 34}, {226, 240, 150}, {255, 250, 214}}},
    [BACKDROP_SEA] =
        {brush_sea, {{108, 172, 222}, {206, 228, 238}, {62, 148, 178}, {28, 104, 140}}},
    [BACKDROP_CLOUDS] =
        {brush_clouds, {{86, 146, 208}, {186, 214, 236}, {250, 250, 250}, {178, 192, 212}}},
    [BACKDROP_DUSK] = {brush_dusk, {{60, 70, 120}, {190, 120, 140}, {255, 180, 110}, {70, 52, 70}}},
    [BACKDROP_CITY] = {brush_city, {{16, 20, 42}, {46, 36, 62}, {255, 190, 110}, {130, 190, 255}}},
    [BACKDROP_NIGHT] = {brush_night, {{8, 12, 34}, {30, 34, 76}, {120, 140, 210}, {255, 255, 255}}},
    [BACKDROP_ROOM] =
        {brush_room, {{214, 204, 190}, {156, 140, 122}, {255, 248, 234}, {132, 98, 68}}},
};

static void canvas_colours(Canvas *canvas, const BackdropPlan *plan)
{
    const Colour own[4] = {plan->colour, plan->colour2, plan->colour3, plan->colour4};

    for (int c = 0; c < 4; c++) {
        const uint8_t *kind = backdrop_kinds[plan->kind].colours[c];
        bool is_own = own[c].a > 0;
        canvas->colours[c][0] = colour_linear(is_own ? own[c].r : kind[0]);
        canvas->colours[c][1] = colour_linear(is_own ? own[c].g : kind[1]);
        canvas->colours[c][2] = colour_linear(is_own ? own[c].b : kind[2]);
    }
}

Err *backdrop_paint(
    const BackdropPlan *plan, const Stage *stage, const Cancel *cancel, Backdrop *ret)
{
    const Camera *camera = &stage->camera;
    double aspect = (double)stage->frame_width / stage->frame_height;
    double beyond = margin * fmax(aspect, 1);
    double unit = fmin(LONGEST, MAX(stage->frame_width, stage->frame_height)) / fmax(aspect, 1);
    Canvas canvas = {
        .width = (int)ceil((aspect + 2 * beyond) * unit),
        .height = (int)ceil((1 + 2 * beyond) * unit),
        .unit = unit,
        .left = (aspect / 2 + beyond) * unit,
        .top = beyond * unit,
        .half = aspect / 2,
        .line = CLAMP((1 - (double)camera->shift_y) / 2, 0.1, 0.95),
        .size = plan->size,
        .soft = plan->soft,
        .count = (int)plan->count,
        .seed = dice_hash((uint64_t)plan->seed, 77),
        .dice = dice_seeded(dice_hash((uint64_t)plan->seed, 78)),
        .cancel = cancel,
    };

    memset(ret, 0, sizeof *ret);
    if (plan->kind == BACKDROP_NONE)
        return NULL;
    size_t count = (size_t)canvas.width * (size_t)canvas.height * 3;
    AUTO(free) float *texels = calloc(count, sizeof(float));
    if (!texels)
        return err_new(ERR_MEMORY_SPENT, "no memory for a backdrop");
    canvas.rgb = texels;
    canvas_colours(&canvas, plan);
    TRY(backdrop_kinds[plan->kind].paint(&canvas));
    TRY(cancel_check(cancel));
    for (size_t i = 0; i < count; i++)
        texels[i] *= (float)plan->gain;
    *ret = (Backdrop){
        .width = canvas.width,
        .height = canvas.height,
        .left = (float)(-canvas.left / unit * 2),
        .top = (float)(1 + canvas.top / unit * 2),
        .per_screen = (float)(unit / 2),
        .texels = TAKE(texels),
    };
    return NULL;
}

void backdrop_done(Backdrop *backdrop)
{
    free(backdrop->texels);
    memset(backdrop, 0, sizeof *backdrop);
}
