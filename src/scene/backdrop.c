/* Backdrops, painted once a render as a lens would throw them: fades, soft masses, then discs of light.
 *
 * Places are in frame heights from the frame's top middle, so that a backdrop sits the same in frames of every shape. */
#include "scene/backdrop.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/dice.h"
#include "scene/plane.h"

enum {
    LONGEST = 840, /* texels across the frame's longer side */
};

static const double margin = 0.12; /* beyond the frame, in its longer sides */

typedef struct Canvas {
    float *rgb;
    int width, height;
    double unit;       /* texels a frame height */
    double left, top;  /* texels from the corner to the frame's top middle */
    double half, line; /* half the frame's width; where the horizon lies */
    float colours[4][3];
    double size, soft;
    int count;
    uint64_t seed;
    Dice dice;
} Canvas;

static double thrown(Canvas *canvas, double low, double high)
{
    return dice_between(&canvas->dice, low, high);
}

/* Near a middle, seldom far from it. */
static double thrown_near(Canvas *canvas, double middle, double spread)
{
    double sum = thrown(canvas, -1, 1) + thrown(canvas, -1, 1) + thrown(canvas, -1, 1);
    return middle + sum * spread;
}

static void mixed(const float a[3], const float b[3], double share, float ret[3])
{
    for (int k = 0; k < 3; k++)
        ret[k] = a[k] + (b[k] - a[k]) * (float)share;
}

static double eased(double low, double high, double x)
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

static double noise(uint64_t seed, double x, double y)
{
    double cell_x = floor(x), cell_y = floor(y), fx = x - cell_x, fy = y - cell_y;
    int64_t ix = (int64_t)cell_x, iy = (int64_t)cell_y;
    double u = fx * fx * (3 - 2 * fx), v = fy * fy * (3 - 2 * fy);
    double above = lattice(seed, ix, iy) * (1 - u) + lattice(seed, ix + 1, iy) * u;
    double below = lattice(seed, ix, iy + 1) * (1 - u) + lattice(seed, ix + 1, iy + 1) * u;

    return (above * (1 - v) + below * v) * 2 - 1;
}

static double clouds(uint64_t seed, double x, double y, int octaves)
{
    double sum = 0, strength = 0.5;

    for (int octave = 0; octave < octaves; octave++) {
        sum += strength * noise(seed + (uint64_t)octave, x, y);
        double turned = x * 1.6 + y * 1.2 + 17.3;
        y = y * 1.6 - x * 1.2 + 9.1;
        x = turned;
        strength *= 0.5;
    }
    return sum;
}

/* ---- strokes ---- */

/* Call PAINT for every texel with its place. */
static void canvas_each(
    Canvas *canvas, void (*paint)(const Canvas *canvas, double x, double y, float colour[3]))
{
    for (int row = 0; row < canvas->height; row++)
        for (int column = 0; column < canvas->width; column++)
            paint(
                canvas, (column + 0.5 - canvas->left) / canvas->unit,
                (row + 0.5 - canvas->top) / canvas->unit,
                canvas->rgb + ((size_t)row * (size_t)canvas->width + (size_t)column) * 3);
}

typedef struct Stroke {
    double x, y;       /* middle */
    double wide, high; /* half axes */
    double angle;
    double edge;    /* how much of its radius fades out */
    double alpha;   /* strength at its middle */
    double ring;    /* how much brighter its rim is */
    double eye;     /* cut by the lens's barrel away from the frame's middle, 0 .. 0.3 */
    bool is_square; /* a rectangle */
    bool is_light;  /* added, not laid over */
    const float *colour;
} Stroke;

static double stroke_covers(const Stroke *stroke, double x, double y)
{
    double c = cos(stroke->angle), s = sin(stroke->angle);
    double u = (x * c + y * s) / stroke->wide, v = (y * c - x * s) / stroke->high;
    double out = stroke->is_square ? fmax(fabs(u), fabs(v)) : hypot(u, v);

    if (stroke->eye > 0) {
        double du = u + stroke->x * stroke->eye * 2, dv = v + (stroke->y - 0.5) * stroke->eye * 2;
        out = fmax(out, hypot(du, dv));
    }
    double inside = 1 - eased(1 - stroke->edge, 1, out);
    return inside * (1 + stroke->ring * eased(0.70, 0.93, out)) * stroke->alpha;
}

static void canvas_stroke(Canvas *canvas, const Stroke *stroke)
{
    double reach =
        (stroke->is_square ? hypot(stroke->wide, stroke->high) : fmax(stroke->wide, stroke->high)) *
        canvas->unit;
    double middle_x = canvas->left + stroke->x * canvas->unit;
    double middle_y = canvas->top + stroke->y * canvas->unit;
    int left = (int)fmax(middle_x - reach, 0), top = (int)fmax(middle_y - reach, 0);
    int right = (int)fmin(middle_x + reach + 2, canvas->width);
    int bottom = (int)fmin(middle_y + reach + 2, canvas->height);

    for (int row = top; row < bottom; row++) {
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
static MUST Err *canvas_blur(Canvas *canvas, double reach)
{
    AUTO(free) float *spare = calloc((size_t)MAX(canvas->width, canvas->height), sizeof(float));
    int texels = (int)lround(reach * canvas->soft * canvas->unit);
    size_t row_floats = (size_t)canvas->width * 3;

    if (!spare)
        return err_new(ERR_MEMORY_SPENT, "no memory to blur a backdrop");
    if (texels < 1)
        return NULL;
    for (int pass = 0; pass < 3; pass++) {
        for (int y = 0; y < canvas->height; y++)
            for (int k = 0; k < 3; k++)
                line_blur(
                    canvas->rgb + (size_t)y * row_floats + k, spare, canvas->width, 3, texels);
        for (size_t x = 0; x < row_floats; x++)
            line_blur(canvas->rgb + x, spare, canvas->height, row_floats, texels);
    }
    return NULL;
}

/* ---- discs of light ---- */

typedef struct Lights {
    int count;
    double least, most; /* radii */
    double from, to;    /* heights they hang at */
    double bright;      /* of the smallest */
    double other;       /* share in the fourth colour */
    int clusters;       /* 0 spreads them evenly */
} Lights;

/* The same light makes a small disc bright and a large one pale. */
static void canvas_lights(Canvas *canvas, Lights lights)
{
    double places[8][2];

    for (int c = 0; c < MIN(lights.clusters, 8); c++) {
        places[c][0] = thrown(canvas, -canvas->half, canvas->half);
        places[c][1] = thrown(canvas, lights.from, lights.to);
    }
    for (int light = 0; light < lights.count; light++) {
        bool is_near = lights.clusters > 0 && thrown(canvas, 0, 1) < 0.72;
        const double *place = places[(int)thrown(canvas, 0, MAX(MIN(lights.clusters, 8), 1))];
        double t = pow(thrown(canvas, 0, 1), 1.7);
        double radius = (lights.least + (lights.most - lights.least) * t) * canvas->size;
        double bright = lights.bright * pow(lights.least * canvas->size / radius, 0.9);
        float colour[3];
        bool is_other = thrown(canvas, 0, 1) < lights.other;
        double shift = thrown(canvas, -0.18, 0.18);
        mixed(
            canvas->colours[is_other ? 3 : 2], canvas->colours[is_other ? 2 : 3], fabs(shift),
            colour);
        for (int k = 0; k < 3; k++)
            colour[k] *= (float)(1 + (k == 0 ? shift : k == 2 ? -shift : 0));
        canvas_stroke(
            canvas, &(Stroke){
                        .x = is_near ? thrown_near(canvas, place[0], 0.16)
                                     : thrown(canvas, -canvas->half * 1.1, canvas->half * 1.1),
                        .y = is_near ? thrown_near(canvas, place[1], 0.11)
                                     : thrown(canvas, lights.from, lights.to),
                        .wide = radius,
                        .high = radius,
                        .edge = fmin(0.10 + 0.0022 / radius, 0.6),
                        .alpha = bright * thrown(canvas, 0.45, 1.0),
                        .ring = 0.35,
                        .eye = 0.16,
                        .is_light = true,
                        .colour = colour,
                    });
    }
}

typedef struct Masses {
    int count;
    double least, most;
    double from, to;
    double flat; /* height over width */
    double alpha;
    double low, high; /* of the way from the first to the second of its colours */
    int first, second;
} Masses;

static void canvas_masses(Canvas *canvas, Masses masses)
{
    for (int mass = 0; mass < masses.count; mass++) {
        double wide = thrown(canvas, masses.least, masses.most);
        float colour[3];
        mixed(
            canvas->colours[masses.first], canvas->colours[masses.second],
            thrown(canvas, masses.low, masses.high), colour);
        canvas_stroke(
            canvas, &(Stroke){
                        .x = thrown(canvas, -canvas->half * 1.2, canvas->half * 1.2),
                        .y = thrown(canvas, masses.from, masses.to),
                        .wide = wide,
                        .high = wide * masses.flat,
                        .angle = thrown(canvas, -1.2, 1.2),
                        .edge = 0.7,
                        .alpha = masses.alpha,
                        .colour = colour,
                    });
    }
}

/* ---- kinds ---- */

static void fade_paint(const Canvas *canvas, double x, double y, float colour[3])
{
    double uneven = clouds(canvas->seed, x * 1.3, y * 1.3, 2) * 0.25;

    mixed(canvas->colours[0], canvas->colours[1], eased(-0.1, 0.9, y + uneven), colour);
}

static MUST Err *bokeh_paint(Canvas *canvas)
{
    canvas_each(canvas, fade_paint);
    canvas_masses(canvas, (Masses){9, 0.15, 0.4, 0, 0.8, 0.8, 0.10, 0.1, 0.4, 1, 2});
    TRY(canvas_blur(canvas, 0.03));
    canvas_lights(
        canvas,
        (Lights){canvas->count ? canvas->count : 110, 0.010, 0.052, -0.05, 0.72, 0.85, 0.33, 5});
    return NULL;
}

static MUST Err *greenery_paint(Canvas *canvas)
{
    canvas_each(canvas, fade_paint);
    canvas_masses(canvas, (Masses){26, 0.10, 0.30, -0.1, 1, 0.7, 0.40, 0.2, 1.25, 0, 1});
    canvas_masses(canvas, (Masses){90, 0.03, 0.10, -0.1, 0.9, 0.5, 0.45, -0.15, 1.1, 0, 1});
    canvas_masses(canvas, (Masses){40, 0.02, 0.07, -0.1, 0.6, 0.5, 0.45, 0, 0.7, 2, 0});
    TRY(canvas_blur(canvas, 0.009));
    canvas_lights(
        canvas,
        (Lights){canvas->count ? canvas->count : 120, 0.009, 0.040, -0.08, 0.62, 0.30, 0.30, 6});
    return NULL;
}

static void sea_texel(const Canvas *canvas, double x, double y, float colour[3])
{
    double down = y - canvas->line;

    if (down < 0) {
        double haze = eased(0, 0.75, pow(fmax(-down, 0), 0.8));
        double wisp = clouds(canvas->seed + 9, x * 1.2, y * 5.0, 4);
        mixed(canvas->colours[1], canvas->colours[0], haze, colour);
        for (int k = 0; k < 3; k++)
            colour[k] += (1 - colour[k]) * (float)(eased(0.02, 0.5, wisp) * 0.28);
        return;
    }
    /* Waves lie closer the nearer they are to the horizon. */
    double far = 1 / (down + 0.012);
    double wave = clouds(canvas->seed, x * far * 0.42, far * 2.4, 3) +
                  0.6 * noise(canvas->seed + 5, x * 6, down * 46);
    mixed(canvas->colours[2], canvas->colours[3], eased(0, 0.30, down), colour);
    double light = 1 + wave * 0.26 * eased(0.0, 0.04, down);
    for (int k = 0; k < 3; k++)
        colour[k] *= (float)light;
}

static MUST Err *sea_paint(Canvas *canvas)
{
    static const float glint[3] = {1.0f, 0.97f, 0.90f};
    int glints = canvas->count ? canvas->count : 90;

    canvas_each(canvas, sea_texel);
    TRY(canvas_blur(canvas, 0.0035));
    for (int g = 0; g < glints; g++) {
        double down = pow(thrown(canvas, 0, 1), 1.6) * 0.30 + 0.006;
        double radius = (0.0022 + down * 0.022) * canvas->size * thrown(canvas, 0.6, 1.3);
        canvas_stroke(
            canvas, &(Stroke){
                        .x = thrown_near(canvas, canvas->half * 0.35, canvas->half * 0.38),
                        .y = canvas->line + down,
                        .wide = radius,
                        .high = radius,
                        .edge = 0.35,
                        .alpha = thrown(canvas, 0.12, 0.5),
                        .ring = 0.3,
                        .is_light = true,
                        .colour = glint,
                    });
    }
    return NULL;
}

static void clouds_texel(const Canvas *canvas, double x, double y, float colour[3])
{
    double up = eased(-0.05, 1.0, (canvas->line - y) / fmax(canvas->line, 0.2));
    double wide = 1.5 / canvas->size, bend = clouds(canvas->seed + 3, x * wide, y * wide * 1.5, 3);
    double there = clouds(canvas->seed, x * wide + bend * 0.7, y * wide * 1.7 + bend * 0.5, 6);
    double above = clouds(
        canvas->seed, (x - 0.05) * wide + bend * 0.7, (y - 0.08) * wide * 1.7 + bend * 0.5, 4);
    double thick = eased(-0.02, 0.34, there + 0.10 * (1 - up));
    double lit = CLAMP(0.72 + (there - above) * 1.6, 0.0, 1.0);
    float cloud[3];

    mixed(canvas->colours[1], canvas->colours[0], up, colour);
    mixed(canvas->colours[3], canvas->colours[2], lit, cloud);
    mixed(colour, cloud, thick, colour);
}

static MUST Err *clouds_paint(Canvas *canvas)
{
    canvas_each(canvas, clouds_texel);
    return canvas_blur(canvas, 0.006);
}

static void dusk_texel(const Canvas *canvas, double x, double y, float colour[3])
{
    double up = (canvas->line - y) / fmax(canvas->line, 0.25);
    double streak = clouds(canvas->seed, x * 1.1, y * 7.0 + x * 0.4, 5);
    float glow[3], dark[3];

    mixed(canvas->colours[1], canvas->colours[0], eased(0.15, 1.0, up), dark);
    mixed(canvas->colours[2], dark, eased(-0.1, 0.42, up), glow);
    double cloud = eased(0.02, 0.42, streak) * eased(0.04, 0.3, up) * 0.55;
    mixed(glow, canvas->colours[eased(0.2, 0.8, up) > 0.5 ? 1 : 2], cloud, colour);
    /* Hills, the further the paler. */
    for (int hill = 0; hill < 3; hill++) {
        double crest = 0.060 - 0.026 * hill +
                       0.045 * clouds(canvas->seed + 20 + (uint64_t)hill, x * (1.2 + hill), 0.5, 3);
        double inside = eased(-0.006, 0.006, crest - (canvas->line - y));
        float ground[3];
        mixed(canvas->colours[2], canvas->colours[3], 0.45 + 0.27 * hill, ground);
        mixed(colour, ground, inside, colour);
    }
}

static MUST Err *dusk_paint(Canvas *canvas)
{
    static const float sun[3] = {1.0f, 0.80f, 0.52f};
    double x = thrown(canvas, 0.25, 0.7) * canvas->half * (thrown(canvas, 0, 1) < 0.5 ? -1 : 1);
    double y = canvas->line - thrown(canvas, 0.12, 0.18);

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

static MUST Err *city_paint(Canvas *canvas)
{
    int towers = 16;

    canvas_each(canvas, fade_paint);
    for (int tower = 0; tower < towers; tower++) {
        double high = thrown(canvas, 0.15, 0.55), wide = thrown(canvas, 0.05, 0.13);
        float wall[3];
        mixed(canvas->colours[0], canvas->colours[1], thrown(canvas, 0.1, 0.8), wall);
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

static MUST Err *night_paint(Canvas *canvas)
{
    static const float white[3] = {0.92f, 0.94f, 1.0f};
    double x = thrown(canvas, 0.35, 0.75) * canvas->half * (thrown(canvas, 0, 1) < 0.5 ? -1 : 1);
    int stars = canvas->count ? canvas->count : 140;

    canvas_each(canvas, fade_paint);
    for (int star = 0; star < stars; star++) {
        double radius = thrown(canvas, 0.0016, 0.0045) * canvas->size;
        canvas_stroke(
            canvas, &(Stroke){
                        .x = thrown(canvas, -canvas->half * 1.1, canvas->half * 1.1),
                        .y = thrown(canvas, -0.1, 0.8),
                        .wide = radius,
                        .high = radius,
                        .edge = 0.8,
                        .alpha = pow(thrown(canvas, 0.2, 1), 3),
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

static void canvas_block(Canvas *canvas, Stroke block)
{
    block.is_square = true;
    block.edge = 0.06;
    canvas_stroke(canvas, &block);
}

/* A bright window with a curtain, a sideboard with things on it, a lamp; all far out of focus. */
static MUST Err *room_paint(Canvas *canvas)
{
    double side = thrown(canvas, 0, 1) < 0.5 ? -1 : 1, floor = canvas->line + 0.10;
    const float *wood = canvas->colours[3], *light = canvas->colours[2];
    float dark[3], pale[3];

    canvas_each(canvas, fade_paint);
    mixed(wood, canvas->colours[1], 0.35, dark);
    mixed(canvas->colours[0], light, 0.55, pale);
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
        double high = thrown(canvas, 0.03, 0.10);
        float colour[3];
        mixed(
            thing % 2 ? wood : canvas->colours[0], thing % 3 ? canvas->colours[1] : light,
            thrown(canvas, 0.1, 0.7), colour);
        canvas_block(
            canvas, (Stroke){
                        .x = board + thrown(canvas, -0.34, 0.34),
                        .y = floor - 0.205 - high,
                        .wide = thrown(canvas, 0.012, 0.045),
                        .high = high,
                        .alpha = 0.9,
                        .colour = colour});
    }
    canvas_block(
        canvas, (Stroke){
                    .x = board + thrown(canvas, -0.1, 0.1),
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

/* Each kind's brush and its own colours. */
static const struct {
    MUST Err *(*paint)(Canvas *canvas);
    uint8_t colours[4][3];
} backdrop_kinds[] = {
    [BACKDROP_BOKEH] =
        {bokeh_paint, {{52, 40, 30}, {28, 22, 20}, {255, 196, 112}, {255, 236, 205}}},
    [BACKDROP_GREENERY] =
        {greenery_paint, {{150, 186, 108}, {40, 68, 34}, {226, 240, 150}, {255, 250, 214}}},
    [BACKDROP_SEA] =
        {sea_paint, {{108, 172, 222}, {206, 228, 238}, {62, 148, 178}, {28, 104, 140}}},
    [BACKDROP_CLOUDS] =
        {clouds_paint, {{86, 146, 208}, {186, 214, 236}, {250, 250, 250}, {178, 192, 212}}},
    [BACKDROP_DUSK] = {dusk_paint, {{60, 70, 120}, {190, 120, 140}, {255, 180, 110}, {70, 52, 70}}},
    [BACKDROP_CITY] = {city_paint, {{16, 20, 42}, {46, 36, 62}, {255, 190, 110}, {130, 190, 255}}},
    [BACKDROP_NIGHT] = {night_paint, {{8, 12, 34}, {30, 34, 76}, {120, 140, 210}, {255, 255, 255}}},
    [BACKDROP_ROOM] =
        {room_paint, {{214, 204, 190}, {156, 140, 122}, {255, 248, 234}, {132, 98, 68}}},
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

MUST Err *backdrop_paint(const BackdropPlan *plan, const Stage *stage, Backdrop *ret)
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
