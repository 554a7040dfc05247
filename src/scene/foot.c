/* The lower convex hull of an outline (monotone chain). */
#include "scene/foot.h"

#include <stdlib.h>

/* Above 0 when b lies below the line from a to c, rows counted downwards. */
static double bulge(const int *feet, int a, int b, int c)
{
    return (double)(feet[b] - feet[a]) * (c - a) - (double)(feet[c] - feet[a]) * (b - a);
}

MUST Err *foot_hull(const int *feet, int count, float *ground)
{
    AUTO(free) int *hull = calloc((size_t)count + 1, sizeof(int));
    int corners = 0;

    if (!hull)
        return err_new(ERR_MEMORY_SPENT, "no memory for the product's hull");
    for (int x = 0; x < count; x++) {
        ground[x] = 0;
        if (feet[x] < 0)
            continue;
        while (corners >= 2 && bulge(feet, hull[corners - 2], hull[corners - 1], x) <= 0)
            corners--;
        hull[corners++] = x;
    }
    for (int x = 0, at = 0; x < count && corners > 0; x++) {
        while (at + 2 < corners && x > hull[at + 1])
            at++;
        int a = hull[at], b = hull[MIN(at + 1, corners - 1)];
        double share = b > a ? CLAMP((x - a) / (double)(b - a), 0.0, 1.0) : 0;
        ground[x] = (float)(feet[a] + (feet[b] - feet[a]) * share);
    }
    return NULL;
}
