/* Gobos: masks cut to throw a shadow, as a window or palm fronds would. Drawn at birth, small and soft-edged. */
#include <math.h>
#include <stdlib.h>

#include "base/dice.h"
#include "scene/stage.h"

typedef struct Sheet {
    float *mask; /* GOBO_SIDE squared */
    Dice dice;
} Sheet;

static double thrown(Sheet *sheet, double low, double high)
{
    return dice_between(&sheet->dice, low, high);
}

static void sheet_fill(Sheet *sheet, float value)
{
    for (int i = 0; i < GOBO_SIDE * GOBO_SIDE; i++)
        sheet->mask[i] = value;
}

/* One leaflet from (x0, y0) to (x1, y1), WIDE across its belly. */
static void leaf_cut(Sheet *sheet, double x0, double y0, double x1, double y1, double wide)
{
    double length = hypot(x1 - x0, y1 - y0) + 1e-6;
    double ux = (x1 - x0) / length, uy = (y1 - y0) / length;
    int left = CLAMP((int)(fmin(x0, x1) - wide - 1), 0, GOBO_SIDE - 1);
    int right = CLAMP((int)(fmax(x0, x1) + wide + 1), 0, GOBO_SIDE - 1);
    int top = CLAMP((int)(fmin(y0, y1) - wide - 1), 0, GOBO_SIDE - 1);
    int bottom = CLAMP((int)(fmax(y0, y1) + wide + 1), 0, GOBO_SIDE - 1);

    for (int y = top; y <= bottom; y++) {
        for (int x = left; x <= right; x++) {
            double dx = x - x0, dy = y - y0;
            double along = (dx * ux + dy * uy) / length;
            if (along < 0 || along > 1)
                continue;
            double belly = wide * pow(sin(M_PI * pow(along, 0.75)), 0.8) + 0.6;
            double covers = CLAMP(belly - fabs(dx * uy - dy * ux) + 0.5, 0.0, 1.0);
            float *cell = &sheet->mask[y * GOBO_SIDE + x];
            *cell = fminf(*cell, (float)(1 - covers));
        }
    }
}

typedef struct Frond {
    double x, y, angle, length, curl, wide;
    double reach; /* of its longest leaflet, in its own length */
} Frond;

static void frond_cut(Sheet *sheet, Frond frond)
{
    enum {
        JOINTS = 27
    };
    double x = frond.x, y = frond.y;

    for (int joint = 0; joint < JOINTS; joint++) {
        double t = joint / (double)JOINTS;
        double angle = frond.angle + frond.curl * t * t;
        double c = cos(angle), s = sin(angle);
        double next_x = x + c * frond.length / JOINTS, next_y = y + s * frond.length / JOINTS;
        double leaflet = frond.length * frond.reach * pow(sin(M_PI * (0.10 + 0.88 * t)), 0.75);
        leaf_cut(sheet, x - c, y - s, next_x + c, next_y + s, 2.4 * (1 - t) + 0.8);
        for (int side = -1; side <= 1; side += 2) {
            double lean = angle + side * (1.15 - 0.55 * t) + thrown(sheet, -0.07, 0.07);
            double reach = leaflet * thrown(sheet, 0.88, 1.08);
            leaf_cut(
                sheet, x, y, x + cos(lean) * reach, y + sin(lean) * reach,
                frond.wide * thrown(sheet, 0.8, 1.2));
        }
        x = next_x;
        y = next_y;
    }
}

static void palm_cut(Sheet *sheet)
{
    static const Frond fronds[] = {
        {-40, 330, -0.75, 430, 1.0, 3.6, 0.52},
        {-40, 110, -0.1, 380, 0.75, 3.6, 0.52},
        {560, 60, 2.5, 330, -0.8, 3.4, 0.52},
        {150, 560, -1.1, 300, 0.5, 3.4, 0.52},
    };

    sheet_fill(sheet, 1);
    for (size_t f = 0; f < COUNT(fronds); f++) {
        Frond frond = fronds[f];
        frond.angle += thrown(sheet, -0.12, 0.12);
        frond.x += thrown(sheet, -20, 20);
        frond.y += thrown(sheet, -20, 20);
        frond_cut(sheet, frond);
    }
}

/* Fronds that rise from one root and bend over, their leaflets short and close. */
static void fern_cut(Sheet *sheet)
{
    enum {
        FRONDS = 8
    };

    sheet_fill(sheet, 1);
    for (int f = 0; f < FRONDS; f++) {
        double fan = (f + 0.5) / FRONDS * 2 - 1;
        frond_cut(
            sheet, (Frond){
                       .x = 200 + 60 * fan + thrown(sheet, -15, 15),
                       .y = 540,
                       .angle = -M_PI / 2 + fan * 0.85 + thrown(sheet, -0.08, 0.08),
                       .length = thrown(sheet, 330, 500),
                       .curl = fan * 1.1 + thrown(sheet, -0.2, 0.2),
                       .wide = thrown(sheet, 5.5, 7),
                       .reach = 0.20,
                   });
    }
}

/* Whether a place ALONG a monstera's leaf (0 stalk, 1 tip) and ASIDE of its rib is leaf: a heart, slit between its veins. */
static bool monstera_covers(double along, double aside)
{
    double across = fabs(aside), lobe = along + 0.10 * (1 - 2 * across);

    if (lobe <= 0 || lobe >= 1)
        return false;
    double half = 0.56 * pow(sin(M_PI * pow(lobe, 0.62)), 0.75);
    double vein = (along - across * 0.42) * 6.5, between = fabs(vein - floor(vein) - 0.5);
    bool is_slit = between < 0.16 && across > 0.42 * half;
    bool is_hole = between < 0.13 && across > 0.14 * half && across < 0.30 * half;

    return across < half && !is_slit && !is_hole;
}

static void monstera_cut(Sheet *sheet)
{
    static const double leaves[][4] = {
        /* stalk end, where it points, length */
        {20, 60, 0.55, 300},  {-30, 330, -0.15, 310}, {470, -10, 1.9, 260},
        {540, 380, 2.9, 240}, {240, 560, -1.2, 250},
    };

    sheet_fill(sheet, 1);
    for (size_t l = 0; l < COUNT(leaves); l++) {
        double x0 = leaves[l][0] + thrown(sheet, -25, 25),
               y0 = leaves[l][1] + thrown(sheet, -25, 25);
        double angle = leaves[l][2] + thrown(sheet, -0.3, 0.3);
        double length = leaves[l][3] * thrown(sheet, 0.85, 1.1), c = cos(angle), s = sin(angle);
        for (int y = 0; y < GOBO_SIDE; y++) {
            for (int x = 0; x < GOBO_SIDE; x++) {
                double dx = (x - x0) / length, dy = (y - y0) / length;
                if (monstera_covers(dx * c + dy * s, dy * c - dx * s))
                    sheet->mask[y * GOBO_SIDE + x] = 0;
            }
        }
        leaf_cut(sheet, x0 - c * length * 0.5, y0 - s * length * 0.5, x0 + c * 8, y0 + s * 8, 3);
    }
}

static void leaves_cut(Sheet *sheet)
{
    enum {
        TWIGS = 9,
        JOINTS = 14
    };

    sheet_fill(sheet, 1);
    for (int twig = 0; twig < TWIGS; twig++) {
        bool from_side = twig < 5;
        double x = from_side ? -20 : thrown(sheet, 0, GOBO_SIDE);
        double y = thrown(sheet, 0, GOBO_SIDE);
        double angle = from_side ? thrown(sheet, -0.6, 0.6) : thrown(sheet, 0, 6.28);
        double length = thrown(sheet, 230, 390);
        for (int joint = 0; joint < JOINTS; joint++) {
            double next_x = x + cos(angle) * length / JOINTS;
            double next_y = y + sin(angle) * length / JOINTS;
            double lean = angle + (joint % 2 ? 1 : -1) * thrown(sheet, 0.6, 1.2);
            double reach = thrown(sheet, 42, 76);
            leaf_cut(sheet, x, y, next_x, next_y, 2);
            leaf_cut(
                sheet, x, y, x + cos(lean) * reach, y + sin(lean) * reach, thrown(sheet, 13, 19));
            x = next_x;
            y = next_y;
            angle += thrown(sheet, -0.17, 0.17);
        }
    }
}

static float window_passes(double u, double v)
{
    double across = fmod((u - 0.08) / 0.84 * 2, 1), down = fmod((v - 0.04) / 0.92 * 3, 1);
    bool is_frame = u < 0.08 || u > 0.92 || v < 0.04 || v > 0.96;

    return is_frame || fmin(across, 1 - across) < 0.045 || fmin(down, 1 - down) < 0.06 ? 0 : 1;
}

static float blinds_pass(double u, double v)
{
    double slat = v * 13 - floor(v * 13);
    bool is_open = u > 0.05 && u < 0.95 && v > 0.03 && v < 0.97;

    return is_open ? (float)CLAMP((slat - 0.40) / 0.04, 0.0, 1.0) : 0;
}

static float arch_passes(double u, double v)
{
    double x = (u - 0.5) * 2, y = 1 - v;
    bool is_open =
        fabs(x) < 0.62 && y > 0.04 && (y < 0.6 || hypot(x / 0.62 * 0.36, y - 0.6) < 0.36);
    bool is_bar = fabs(x) < 0.03 || fabs(y - 0.6) < 0.018 || fabs(y - 0.32) < 0.014;

    return is_open && !is_bar ? 1 : 0;
}

/* Eight-pointed stars, each of two squares, their points meeting. */
static float lattice_passes(double u, double v)
{
    double x = u * 5 - floor(u * 5) - 0.5, y = v * 5 - floor(v * 5) - 0.5;
    double square = fmax(fabs(x), fabs(y)), turned = (fabs(x) + fabs(y)) * M_SQRT1_2;
    double star = fmin(square, turned);
    bool is_border = u < 0.012 || u > 0.988 || v < 0.012 || v > 0.988;

    return is_border || fabs(star - 0.345) < 0.030 || fabs(star - 0.165) < 0.020 ? 0 : 1;
}

static float slot_passes(double u, double v)
{
    return fabs(u - 0.5) < 0.11 && v > 0.03 && v < 0.97 ? 1 : 0;
}

/* A round pool of light, its edge a little out of focus. */
static float spot_passes(double u, double v)
{
    return (float)CLAMP((0.46 - hypot(u - 0.5, v - 0.5)) / 0.02, 0.0, 1.0);
}

/* A window behind a thin curtain: light, less where the cloth lies in folds. */
static float sheer_passes(double u, double v)
{
    double lean = u + 0.010 * sin(v * 5 + u * 9);
    double fold = 0.5 + 0.30 * sin(lean * 62) + 0.20 * sin(lean * 151 + 1.3);

    return (0.16f + 0.84f * window_passes(u, v)) * (float)(0.40 + 0.55 * fold);
}

/* Spots of sun through a crown of leaves. */
static void dapple_cut(Sheet *sheet)
{
    sheet_fill(sheet, 0);
    for (int spot = 0; spot < 150; spot++) {
        double cx = thrown(sheet, 0, GOBO_SIDE), cy = thrown(sheet, 0, GOBO_SIDE);
        double radius = thrown(sheet, 6, 32), narrow = thrown(sheet, 0.6, 1.2);
        for (int y = MAX(0, (int)cy - 55); y < MIN(GOBO_SIDE, (int)cy + 55); y++) {
            for (int x = MAX(0, (int)cx - 55); x < MIN(GOBO_SIDE, (int)cx + 55); x++) {
                double covers = CLAMP(radius - hypot((x - cx) * narrow, y - cy), 0.0, 1.0);
                float *cell = &sheet->mask[y * GOBO_SIDE + x];
                *cell = fmaxf(*cell, (float)covers);
            }
        }
    }
}

static void pattern_cut(Sheet *sheet, float (*passes)(double u, double v))
{
    for (int y = 0; y < GOBO_SIDE; y++)
        for (int x = 0; x < GOBO_SIDE; x++)
            sheet->mask[y * GOBO_SIDE + x] = passes((x + 0.5) / GOBO_SIDE, (y + 0.5) / GOBO_SIDE);
}

static const struct {
    float outside;
    void (*cut)(Sheet *sheet);
    float (*passes)(double u, double v);
} gobo_kinds[] = {
    [GOBO_WINDOW] = {0, NULL, window_passes},   [GOBO_PALM] = {1, palm_cut, NULL},
    [GOBO_LEAVES] = {1, leaves_cut, NULL},      [GOBO_BLINDS] = {0, NULL, blinds_pass},
    [GOBO_ARCH] = {0, NULL, arch_passes},       [GOBO_DAPPLE] = {0, dapple_cut, NULL},
    [GOBO_LATTICE] = {0, NULL, lattice_passes}, [GOBO_SLOT] = {0, NULL, slot_passes},
    [GOBO_FERN] = {1, fern_cut, NULL},          [GOBO_MONSTERA] = {1, monstera_cut, NULL},
    [GOBO_SHEER] = {0, NULL, sheer_passes},     [GOBO_SPOT] = {0, NULL, spot_passes},
};

MUST Err *gobo_cut(Gobo *gobo, GoboKind kind, uint64_t seed)
{
    Sheet sheet = {calloc((size_t)GOBO_SIDE * GOBO_SIDE, sizeof(float)), dice_seeded(seed)};

    if (!sheet.mask)
        return err_new(ERR_MEMORY_SPENT, "no memory for a gobo");
    if (gobo_kinds[kind].cut)
        gobo_kinds[kind].cut(&sheet);
    else
        pattern_cut(&sheet, gobo_kinds[kind].passes);
    gobo->mask = sheet.mask;
    gobo->outside = gobo_kinds[kind].outside;
    return NULL;
}
