/* Outlines by name, as loops of corners. Where one is stretched to a size, windows, arches and lattices keep their parts in
 * shape; the others are stretched whole. */
#include "scene/outline.h"

#include <math.h>
#include <string.h>

/* ---- a pen ---- */

static void loop_begin(Outline *outline, bool is_cut)
{
    if (outline->loop_count < OUTLINE_LOOPS_MAX)
        outline->loops[outline->loop_count++] = (Loop){outline->corner_count, 0, is_cut};
}

static void corner_add(Outline *outline, double x, double y)
{
    if (outline->corner_count >= OUTLINE_CORNERS_MAX)
        return;
    outline->corners[outline->corner_count][0] = (float)x;
    outline->corners[outline->corner_count][1] = (float)y;
    outline->corner_count++;
    outline->loops[outline->loop_count - 1].count++;
}

/* From angle FROM to TO, both in radians and included. */
static void
arc_add(Outline *outline, double x, double y, double radius, double from, double to, int corners)
{
    for (int i = 0; i <= corners; i++) {
        double angle = from + (to - from) * i / corners;
        corner_add(outline, x + radius * cos(angle), y + radius * sin(angle));
    }
}

static void disc_add(Outline *outline, double x, double y, double radius, bool is_cut)
{
    loop_begin(outline, is_cut);
    arc_add(outline, x, y, radius, 0, 2 * M_PI * 95 / 96, 95);
}

static void
box_add(Outline *outline, double left, double bottom, double right, double top, bool is_cut)
{
    loop_begin(outline, is_cut);
    corner_add(outline, left, bottom);
    corner_add(outline, right, bottom);
    corner_add(outline, right, top);
    corner_add(outline, left, top);
}

typedef struct Star {
    double x, y, radius, inner, turn;
    int points;
} Star;

static void star_add(Outline *outline, Star star, bool is_cut)
{
    loop_begin(outline, is_cut);
    for (int i = 0; i < star.points * 2; i++) {
        double radius = star.radius * (i % 2 ? star.inner : 1);
        double angle = star.turn + M_PI / 2 + M_PI * i / star.points;
        corner_add(outline, star.x + radius * cos(angle), star.y + radius * sin(angle));
    }
}

/* A leaflet from (x, y), LONG at ANGLE, with a belly WIDE either side. */
typedef struct Blade {
    double x, y, angle, length, wide;
} Blade;

static void blade_add(Outline *outline, Blade blade, bool is_cut)
{
    enum {
        STEPS = 8
    };
    double c = cos(blade.angle), s = sin(blade.angle);

    loop_begin(outline, is_cut);
    for (int i = 0; i < 2 * STEPS; i++) {
        double t = i <= STEPS ? i / (double)STEPS : 2 - i / (double)STEPS;
        double belly = blade.wide * pow(sin(M_PI * pow(t, 0.8)), 0.9) * (i <= STEPS ? 1 : -1);
        double along = t * blade.length;
        corner_add(outline, blade.x + along * c - belly * s, blade.y + along * s + belly * c);
    }
}

/* ---- figures ---- */

static void disc_draw(Outline *outline)
{
    disc_add(outline, 0, 0, 1, false);
}

static void halfdisc_draw(Outline *outline)
{
    loop_begin(outline, false);
    arc_add(outline, 0, 0, 1, 0, M_PI, 64);
}

static void ring_draw(Outline *outline)
{
    disc_add(outline, 0, 0, 1, false);
    disc_add(outline, 0, 0, 0.84, true);
}

/* What a disc leaves of another, as one loop with true tips. */
static void crescent_draw(Outline *outline)
{
    const double away = 0.36, inner = 0.80;
    double x = (1 - inner * inner + away * away) / (2 * away);
    double tip = acos(x), tip_inner = atan2(sin(tip), x - away);

    loop_begin(outline, false);
    arc_add(outline, 0, 0, 1, tip, 2 * M_PI - tip, 80);
    arc_add(outline, away, 0, inner, 2 * M_PI - tip_inner, tip_inner, 64);
}

static void star_draw(Outline *outline)
{
    star_add(outline, (Star){.radius = 1, .inner = 0.42, .points = 5}, false);
}

static void star8_draw(Outline *outline)
{
    star_add(outline, (Star){.radius = 1, .inner = 0.7654, .points = 8}, false);
}

static void burst_draw(Outline *outline)
{
    star_add(outline, (Star){.radius = 1, .inner = 0.80, .points = 18}, false);
}

/* UP of -1 turns its tip upwards. */
static void heart_loop(Outline *outline, double up)
{
    enum {
        STEPS = 96
    };

    loop_begin(outline, false);
    for (int i = 0; i < STEPS; i++) {
        double t = 2 * M_PI * i / STEPS;
        corner_add(
            outline, 16 * pow(sin(t), 3),
            up * (13 * cos(t) - 5 * cos(2 * t) - 2 * cos(3 * t) - cos(4 * t)));
    }
}

static void heart_draw(Outline *outline)
{
    heart_loop(outline, 1);
}

static void flower_draw(Outline *outline)
{
    enum {
        PETALS = 5
    };

    for (int i = 0; i < PETALS; i++) {
        double angle = M_PI / 2 + 2 * M_PI * i / PETALS;
        disc_add(outline, 0.56 * cos(angle), 0.56 * sin(angle), 0.44, false);
    }
    disc_add(outline, 0, 0, 0.4, false);
}

static void leaf_draw(Outline *outline)
{
    Blade blade = {.y = -1, .angle = M_PI / 2, .length = 2, .wide = 0.42};

    blade_add(outline, blade, false);
    box_add(outline, -0.025, -1.22, 0.025, -0.8, false);
}

/* A heart-shaped leaf with its tip up, slit from its rim and holed along its rib. */
static void monstera_draw(Outline *outline)
{
    enum {
        SLITS = 5
    };

    heart_loop(outline, -1);
    for (int side = -1; side <= 1; side += 2) {
        for (int slit = 0; slit < SLITS; slit++) {
            double lean = 0.95 - 0.42 * slit, y = 6.5 - 4.4 * slit;
            double angle = M_PI / 2 - side * (M_PI / 2 - lean);
            Blade cut = {side * (4.6 - 0.5 * slit), y, angle, 20, 0.85};
            Blade hole = {side * 1.7, y - 1.6, angle, 2.6, 0.55};
            blade_add(outline, cut, true);
            if (slit > 0 && slit < SLITS - 1)
                blade_add(outline, hole, true);
        }
    }
    blade_add(outline, (Blade){0, -2, -M_PI / 2, 14, 0.5}, false);
}

typedef struct Spray {
    int joints;
    double bow;         /* radians its rib bends */
    double reach, wide; /* of the longest leaflet, in lengths of the rib */
    double lean;        /* of leaflets, at the foot, against the rib */
} Spray;

/* A rib with leaflets either side, growing up. */
static void spray_draw(Outline *outline, Spray spray)
{
    double x = 0, y = 0, step = 1.0 / spray.joints;

    for (int joint = 0; joint < spray.joints; joint++) {
        double t = joint * step, angle = M_PI / 2 - spray.bow * t * t;
        Blade rib = {x, y, angle, step * 1.6, 0.010 * (1.1 - t)};
        blade_add(outline, rib, false);
        double reach = spray.reach * pow(sin(M_PI * (0.13 + 0.85 * t)), 0.8);
        for (int side = -1; side <= 1 && joint > 0; side += 2) {
            Blade leaflet = {
                x, y, angle + side * spray.lean * (1 - 0.5 * t), reach,
                spray.wide * (0.35 + 0.65 * reach / spray.reach)};
            blade_add(outline, leaflet, false);
        }
        x += cos(angle) * step;
        y += sin(angle) * step;
    }
}

static void frond_draw(Outline *outline)
{
    spray_draw(outline, (Spray){22, 0.9, 0.46, 0.020, 1.05});
}

static void fern_draw(Outline *outline)
{
    spray_draw(outline, (Spray){20, 0.35, 0.20, 0.022, 1.25});
}

/* A twig of eucalyptus: round leaves in pairs. */
static void sprig_draw(Outline *outline)
{
    spray_draw(outline, (Spray){9, 0.5, 0.19, 0.060, 1.0});
}

static void bunting_draw(Outline *outline)
{
    loop_begin(outline, false);
    corner_add(outline, -1, 1);
    corner_add(outline, 0, -1);
    corner_add(outline, 1, 1);
}

static void cloud_draw(Outline *outline)
{
    static const double puffs[][3] = {
        {-0.62, -0.20, 0.34}, {-0.22, 0.10, 0.44}, {0.28, 0.16, 0.36}, {0.66, -0.18, 0.30}};

    for (size_t i = 0; i < COUNT(puffs); i++)
        disc_add(outline, puffs[i][0], puffs[i][1], puffs[i][2], false);
    box_add(outline, -0.62, -0.54, 0.66, -0.1, false);
    disc_add(outline, 0.66, -0.24, 0.30, false);
}

/* A bar LONG from (x, y) at ANGLE. */
static void bar_add(Outline *outline, double x, double y, double angle, double length)
{
    const double half = 0.045;
    double c = cos(angle), s = sin(angle);

    loop_begin(outline, false);
    corner_add(outline, x + half * s, y - half * c);
    corner_add(outline, x + length * c + half * s, y + length * s - half * c);
    corner_add(outline, x + length * c - half * s, y + length * s + half * c);
    corner_add(outline, x - half * s, y + half * c);
}

static void snowflake_draw(Outline *outline)
{
    for (int arm = 0; arm < 6; arm++) {
        double angle = M_PI / 2 + arm * M_PI / 3, c = cos(angle), s = sin(angle);
        bar_add(outline, 0, 0, angle, 1);
        for (int twig = 0; twig < 2; twig++) {
            double at = 0.42 + 0.27 * twig, length = 0.32 - 0.11 * twig;
            bar_add(outline, at * c, at * s, angle + M_PI / 3.4, length);
            bar_add(outline, at * c, at * s, angle - M_PI / 3.4, length);
        }
    }
}

static void pine_draw(Outline *outline)
{
    static const double tiers[][3] = {
        {-0.78, 0.05, 0.70}, {-0.28, 0.45, 0.55}, {0.18, 1.0, 0.40}}; /* foot, top, half width */

    for (size_t i = 0; i < COUNT(tiers); i++) {
        loop_begin(outline, false);
        corner_add(outline, -tiers[i][2], tiers[i][0]);
        corner_add(outline, tiers[i][2], tiers[i][0]);
        corner_add(outline, 0, tiers[i][1]);
    }
    box_add(outline, -0.09, -1, 0.09, -0.7, false);
}

/* A valance: round lappets along its lower edge. */
static void scallop_draw(Outline *outline)
{
    int lappets = CLAMP((int)lround(2 / (double)outline->tall), 3, 40);
    double radius = 1.0 / lappets, low = fmin(radius - (double)outline->tall, 0);

    loop_begin(outline, false);
    for (int i = 0; i < lappets; i++)
        arc_add(outline, -1 + radius * (2 * i + 1), low, radius, M_PI, 2 * M_PI, 16);
    corner_add(outline, 1, outline->tall);
    corner_add(outline, -1, outline->tall);
}

static void wave_draw(Outline *outline)
{
    enum {
        STEPS = 96
    };
    double tall = (double)outline->tall;

    loop_begin(outline, false);
    corner_add(outline, -1, -tall);
    corner_add(outline, 1, -tall);
    for (int i = 0; i <= STEPS; i++) {
        double x = 1 - 2.0 * i / STEPS;
        corner_add(outline, x, tall * (0.6 + 0.28 * sin(x * 4.4 + 0.6) + 0.12 * sin(x * 9 + 2)));
    }
}

/* ---- architecture: round parts stay round at any height ---- */

static void arch_loop(Outline *outline, double half, double bottom, double top, bool is_cut)
{
    double rise = fmin(half, top - bottom), spring = top - rise;

    loop_begin(outline, is_cut);
    corner_add(outline, -half, bottom);
    corner_add(outline, half, bottom);
    for (int i = 0; i <= 64; i++) {
        double angle = M_PI * i / 64;
        corner_add(outline, half * cos(angle), spring + rise * sin(angle));
    }
}

static void arch_draw(Outline *outline)
{
    arch_loop(outline, 1, -(double)outline->tall, (double)outline->tall, false);
}

/* Two arcs that meet in a point, struck from beyond the middle. */
static void mihrab_draw(Outline *outline)
{
    const double away = 0.42;
    double tall = (double)outline->tall, radius = 1 + away;
    double rise = sqrt(radius * radius - away * away), squeeze = fmin(1, 2 * tall / rise);
    double tip = acos(away / radius);

    loop_begin(outline, false);
    corner_add(outline, -1, -tall);
    corner_add(outline, 1, -tall);
    for (int i = 0; i <= 64; i++) {
        double share = fabs(i - 32.0) / 32, angle = tip * (1 - share);
        double side = i < 32 ? 1 : -1;
        corner_add(
            outline, side * (radius * cos(angle) - away),
            tall - (rise - radius * sin(angle)) * squeeze);
    }
}

static void window_draw(Outline *outline)
{
    const double frame = 0.09, bar = 0.05;
    double tall = (double)outline->tall;
    int rows = CLAMP((int)lround(2 * tall), 1, 6);
    double wide = (2 - 2 * frame - bar) / 2,
           high = (2 * tall - 2 * frame - bar * (rows - 1)) / rows;

    box_add(outline, -1, -tall, 1, tall, false);
    for (int row = 0; row < rows; row++) {
        double bottom = -tall + frame + row * (high + bar);
        box_add(outline, -1 + frame, bottom, -1 + frame + wide, bottom + high, true);
        box_add(outline, 1 - frame - wide, bottom, 1 - frame, bottom + high, true);
    }
}

/* Eight-pointed stars in rows and crosses between them, within a frame. */
static void lattice_draw(Outline *outline)
{
    const double frame = 0.05;
    double tall = (double)outline->tall;
    int columns = CLAMP((int)lround(sqrt(28 / tall)), 2, 14);
    int rows = CLAMP((int)lround(columns * tall), 1, 60 / columns);
    double wide = (2 - 2 * frame) / columns, high = (2 * tall - 2 * frame) / rows;
    double radius = fmin(wide, high) / 2;

    box_add(outline, -1, -tall, 1, tall, false);
    for (int row = 0; row < rows; row++) {
        for (int column = 0; column < columns; column++) {
            double x = -1 + frame + (column + 0.5) * wide;
            double y = -tall + frame + (row + 0.5) * high;
            star_add(
                outline,
                (Star){.x = x, .y = y, .radius = radius * 0.86, .inner = 0.7654, .points = 8},
                true);
            if (row > 0 && column > 0)
                star_add(
                    outline,
                    (Star){
                        .x = x - wide / 2,
                        .y = y - high / 2,
                        .radius = radius * 0.56,
                        .inner = 0.42,
                        .points = 4},
                    true);
        }
    }
}

/* ---- all of them ---- */

static const struct {
    const char *name;
    void (*draw)(Outline *outline);
    bool keeps_shape; /* drawn for its height; else stretched to it */
} figures[] = {
    {"disc", disc_draw, false},
    {"halfdisc", halfdisc_draw, false},
    {"ring", ring_draw, false},
    {"crescent", crescent_draw, false},
    {"star", star_draw, false},
    {"star8", star8_draw, false},
    {"burst", burst_draw, false},
    {"heart", heart_draw, false},
    {"flower", flower_draw, false},
    {"leaf", leaf_draw, false},
    {"monstera", monstera_draw, false},
    {"frond", frond_draw, false},
    {"fern", fern_draw, false},
    {"sprig", sprig_draw, false},
    {"bunting", bunting_draw, false},
    {"cloud", cloud_draw, false},
    {"snowflake", snowflake_draw, false},
    {"pine", pine_draw, false},
    {"scallop", scallop_draw, true},
    {"wave", wave_draw, true},
    {"arch", arch_draw, true},
    {"mihrab", mihrab_draw, true},
    {"window", window_draw, true},
    {"lattice", lattice_draw, true},
};

const char *const outline_names[] = {
    "disc",    "halfdisc", "ring",  "crescent", "star",   "star8",   "burst", "heart",     "flower",
    "leaf",    "monstera", "frond", "fern",     "sprig",  "bunting", "cloud", "snowflake", "pine",
    "scallop", "wave",     "arch",  "mihrab",   "window", "lattice", NULL};
_Static_assert(COUNT(outline_names) == COUNT(figures) + 1, "each figure has its name");

/* Move and stretch all corners so that the added loops fill their space. */
static void outline_fit(Outline *outline)
{
    float low[2] = {1e9f, 1e9f}, high[2] = {-1e9f, -1e9f};
    const float half[2] = {1, outline->tall};

    for (int l = 0; l < outline->loop_count; l++) {
        const Loop *loop = &outline->loops[l];
        for (int i = loop->first; !loop->is_cut && i < loop->first + loop->count; i++) {
            for (int k = 0; k < 2; k++) {
                low[k] = fminf(low[k], outline->corners[i][k]);
                high[k] = fmaxf(high[k], outline->corners[i][k]);
            }
        }
    }
    for (int i = 0; i < outline->corner_count; i++)
        for (int k = 0; k < 2; k++)
            outline->corners[i][k] =
                ((outline->corners[i][k] - low[k]) / fmaxf(high[k] - low[k], 1e-6f) * 2 - 1) *
                half[k];
}

void outline_draw(int kind, double tall, Outline *ret)
{
    memset(ret, 0, sizeof *ret);
    ret->tall = (float)tall;
    figures[kind].draw(ret);
    if (!figures[kind].keeps_shape)
        outline_fit(ret);
}

void outline_trace(const Pairs *points, double *ret_width, double *ret_height, Outline *ret)
{
    double low[2] = {1e9, 1e9}, high[2] = {-1e9, -1e9};

    memset(ret, 0, sizeof *ret);
    loop_begin(ret, false);
    for (size_t i = 0; i < points->count; i++) {
        corner_add(ret, points->items[i][0], points->items[i][1]);
        for (int k = 0; k < 2; k++) {
            low[k] = fmin(low[k], points->items[i][k]);
            high[k] = fmax(high[k], points->items[i][k]);
        }
    }
    *ret_width = high[0] - low[0];
    *ret_height = high[1] - low[1];
    ret->tall = (float)(*ret_height / *ret_width);
    outline_fit(ret);
}
