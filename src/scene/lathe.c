/* Turned bodies: a profile, bent through its gentle turns and rounded at its edges, as a row of cones. */
#include "scene/lathe.h"

#include <math.h>
#include <string.h>

enum {
    KNOTS_MAX = 64, /* of the profile, with discs at its ends and two for each edge */
    BENDS_MAX = 6,  /* cones between two knots */
};

typedef struct Knot {
    double at[2];     /* radius, height */
    double before[2]; /* direction in which the profile arrives, of unit length */
    double after[2];  /* and leaves */
    double pull;      /* how far these directions are kept: the shorter of its two sides */
} Knot;

typedef struct Lathe {
    Knot knots[KNOTS_MAX];
    int count;
    bool is_wall; /* the last knot is the first */
} Lathe;

static double way(const double from[2], const double to[2], double ret[2])
{
    double length = hypot(to[0] - from[0], to[1] - from[1]);

    for (int k = 0; k < 2; k++)
        ret[k] = length > 1e-9 ? (to[k] - from[k]) / length : 0;
    return length;
}

static void knot_add(Lathe *lathe, double radius, double height)
{
    const double *last = lathe->count ? lathe->knots[lathe->count - 1].at : NULL;

    if (last && hypot(last[0] - radius, last[1] - height) < 1e-5)
        return;
    if (lathe->count < KNOTS_MAX)
        lathe->knots[lathe->count++] = (Knot){.at = {fmax(radius, 0), height}};
}

/* Twice the area to the left of the profile, closed along the axis. */
static double profile_area(const Pairs *profile)
{
    double area = 0;
    size_t last = profile->count - 1;

    for (size_t i = 0; i < last; i++) {
        const double *a = profile->items[i], *b = profile->items[i + 1];
        area += a[0] * b[1] - a[1] * b[0];
    }
    return area + profile->items[0][0] * -profile->items[0][1] +
           profile->items[last][0] * profile->items[last][1];
}

/* Knots that keep the body on their left, with discs where an end does not reach the axis. */
static void knots_make(const Pairs *profile, Lathe *lathe)
{
    size_t last = profile->count - 1;
    const double *first = profile->items[0], *end = profile->items[last];
    bool is_up = profile_area(profile) >= 0;

    lathe->is_wall = profile->count > 3 && hypot(first[0] - end[0], first[1] - end[1]) < 1e-6;
    if (!lathe->is_wall)
        knot_add(lathe, 0, is_up ? first[1] : end[1]);
    for (size_t i = 0; i <= last; i++) {
        const double *pair = profile->items[is_up ? i : last - i];
        knot_add(lathe, pair[0], pair[1]);
    }
    if (!lathe->is_wall)
        knot_add(lathe, 0, is_up ? end[1] : first[1]);
}

static const Knot *knot_beside(const Lathe *lathe, int at, int step)
{
    int count = lathe->count - (lathe->is_wall ? 1 : 0), beside = at + step;

    if (lathe->is_wall)
        return &lathe->knots[(beside + count) % count];
    return beside < 0 || beside >= count ? NULL : &lathe->knots[beside];
}

/* At the axis the other half of the body goes on: a nearly level profile is smooth there, a steep one a tip. */
static void knot_direct_at_axis(Knot *knot, const Knot *other, double sign)
{
    double along[2];

    way(knot->at, other->at, along);
    if (fabs(along[1]) < 0.62)
        memcpy(along, (double[2]){along[0] < 0 ? -1 : 1, 0}, sizeof along);
    for (int k = 0; k < 2; k++)
        knot->before[k] = knot->after[k] = along[k] * sign;
}

static void knots_direct(Lathe *lathe)
{
    const double gentle = cos(50 * M_PI / 180);

    for (int i = 0; i < lathe->count; i++) {
        Knot *knot = &lathe->knots[i];
        const Knot *last = knot_beside(lathe, i, -1), *next = knot_beside(lathe, i, 1);
        double before[2], after[2], length_before, length_after;

        knot->pull = 1e9;
        if (!last || !next) {
            knot_direct_at_axis(knot, last ? last : next, last ? -1 : 1);
            continue;
        }
        length_before = way(last->at, knot->at, before);
        length_after = way(knot->at, next->at, after);
        memcpy(knot->before, before, sizeof before);
        memcpy(knot->after, after, sizeof after);
        if (before[0] * after[0] + before[1] * after[1] < gentle)
            continue;
        knot->pull = fmin(length_before, length_after);
        for (int k = 0; k < 2; k++)
            before[k] = before[k] * length_after + after[k] * length_before;
        double length = hypot(before[0], before[1]);
        for (int k = 0; k < 2; k++)
            knot->before[k] = knot->after[k] = before[k] / length;
    }
}

static bool knot_is_edge(const Knot *knot)
{
    return knot->before[0] * knot->after[0] + knot->before[1] * knot->after[1] < 0.9999;
}

/* Edges are cut back by BEVEL either side; what lies between is then bent like any gentle turn. */
static void edges_round(Lathe *lathe, double bevel)
{
    Lathe rounded = {.is_wall = lathe->is_wall};

    for (int i = 0; i < lathe->count; i++) {
        const Knot *knot = &lathe->knots[i];
        const Knot *last = knot_beside(lathe, i, -1), *next = knot_beside(lathe, i, 1);

        if (!last || !next || !knot_is_edge(knot) || bevel <= 0 || rounded.count + 2 > KNOTS_MAX) {
            if (rounded.count < KNOTS_MAX)
                rounded.knots[rounded.count++] = *knot;
            continue;
        }
        double along[2];
        double back = fmin(bevel, 0.3 * way(last->at, knot->at, along));
        double on = fmin(bevel, 0.3 * way(knot->at, next->at, along));
        Knot *start = &rounded.knots[rounded.count++], *end = &rounded.knots[rounded.count++];
        *start = *end = *knot;
        for (int k = 0; k < 2; k++) {
            start->at[k] -= back * knot->before[k];
            start->after[k] = knot->before[k];
            end->at[k] += on * knot->after[k];
            end->before[k] = knot->after[k];
        }
    }
    if (rounded.is_wall)
        rounded.knots[rounded.count - 1] = rounded.knots[0];
    *lathe = rounded;
}

/* ---- from knots to cones ---- */

typedef struct Place {
    double at[2], along[2];
} Place;

/* A cubic from knot A to B (Hermite). */
static Place place_between(const Knot *a, const Knot *b, double length, double t)
{
    double t2 = t * t, t3 = t2 * t;
    Place place;

    for (int k = 0; k < 2; k++) {
        double leave = a->after[k] * fmin(length, a->pull);
        double arrive = b->before[k] * fmin(length, b->pull);
        place.at[k] = (2 * t3 - 3 * t2 + 1) * a->at[k] + (t3 - 2 * t2 + t) * leave +
                      (3 * t2 - 2 * t3) * b->at[k] + (t3 - t2) * arrive;
        place.along[k] = (6 * t2 - 6 * t) * (a->at[k] - b->at[k]) + (3 * t2 - 4 * t + 1) * leave +
                         (3 * t2 - 2 * t) * arrive;
    }
    place.at[0] = fmax(place.at[0], 0);
    return place;
}

static void frustum_make(const Place *from, const Place *to, double middle, Frustum *ret)
{
    const Place *ends[2] = {from, to};
    const Place *lower = from->at[1] < to->at[1] ? from : to, *upper = lower == from ? to : from;
    double rise = to->at[1] - from->at[1], spread = to->at[0] - from->at[0];
    bool is_flat = fabs(rise) < 1e-5;

    *ret = (Frustum){
        .radius = (float)lower->at[0],
        .low = (float)(lower->at[1] - middle),
        .high = (float)(upper->at[1] - middle),
        .slope = is_flat ? 0 : (float)(spread / rise),
        .inner = (float)fmin(from->at[0], to->at[0]),
        .outer = (float)fmax(from->at[0], to->at[0]),
        .is_flat = is_flat,
    };
    for (int end = 0; end < 2; end++) {
        double length = fmax(hypot(ends[end]->along[0], ends[end]->along[1]), 1e-9);
        ret->ends[end][0] = (float)ends[end]->at[0];
        ret->ends[end][1] = (float)(ends[end]->at[1] - middle);
        ret->facing[end][0] = (float)(ends[end]->along[1] / length);
        ret->facing[end][1] = (float)(-ends[end]->along[0] / length);
    }
}

/* How many cones follow the bend from A to B well: one for each 9 degrees. */
static int bends_between(const Knot *a, const Knot *b)
{
    double along[2];

    way(a->at, b->at, along);
    double cosine = fmin(
        a->after[0] * along[0] + a->after[1] * along[1],
        b->before[0] * along[0] + b->before[1] * along[1]);
    double degrees = acos(CLAMP(cosine, -1.0, 1.0)) * 180 / M_PI;
    return CLAMP((int)ceil(2 * degrees / 9), 1, BENDS_MAX);
}

int lathe_turn(const Pairs *profile, double bevel, Frustum *frusta)
{
    Lathe lathe = {0};
    double low = 1e9, high = -1e9;
    int count = 0;

    knots_make(profile, &lathe);
    knots_direct(&lathe);
    edges_round(&lathe, bevel);
    for (size_t i = 0; i < profile->count; i++) {
        low = fmin(low, profile->items[i][1]);
        high = fmax(high, profile->items[i][1]);
    }
    for (int i = 0; i + 1 < lathe.count; i++) {
        const Knot *a = &lathe.knots[i], *b = &lathe.knots[i + 1];
        double along[2], length = way(a->at, b->at, along);
        int bends = MIN(bends_between(a, b), LATHE_FRUSTA_MAX - count - (lathe.count - 2 - i));
        for (int bend = 0; bend < bends; bend++) {
            Place from = place_between(a, b, length, bend / (double)bends);
            Place to = place_between(a, b, length, (bend + 1) / (double)bends);
            if (from.at[0] + to.at[0] > 1e-6)
                frustum_make(&from, &to, (low + high) / 2, &frusta[count++]);
        }
    }
    return count;
}
