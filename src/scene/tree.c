/* Which bodies a ray has to ask. */
#include "scene/tree.h"

#include <math.h>
#include <stdlib.h>

typedef struct Bound {
    float low[3], high[3];
} Bound;

static Bound bound_none(void)
{
    return (Bound){{1e9f, 1e9f, 1e9f}, {-1e9f, -1e9f, -1e9f}};
}

static void bound_add(Bound *bound, const Solid *solid)
{
    for (int k = 0; k < 3; k++) {
        bound->low[k] = fminf(bound->low[k], solid->low[k]);
        bound->high[k] = fmaxf(bound->high[k], solid->high[k]);
    }
}

static float bound_area(const Bound *bound)
{
    float x = bound->high[0] - bound->low[0], y = bound->high[1] - bound->low[1],
          z = bound->high[2] - bound->low[2];
    return x * y + y * z + z * x;
}

/* ---- the tree ---- */

static float solid_middle(const Solid *solid, int axis)
{
    return solid->low[axis] + solid->high[axis];
}

static void ids_sort(const Stage *stage, uint8_t *ids, int count, int axis)
{
    for (int i = 1; i < count; i++) {
        uint8_t id = ids[i];
        float middle = solid_middle(&stage->solids[id], axis);
        int to = i;
        for (; to > 0 && solid_middle(&stage->solids[ids[to - 1]], axis) > middle; to--)
            ids[to] = ids[to - 1];
        ids[to] = id;
    }
}

typedef struct Split {
    int axis, at;
    float cost;
} Split;

/* Where IDS, sorted along AXIS, are best parted: boxes that are small are met by few rays. */
static void split_try(const Stage *stage, const uint8_t *ids, int count, int axis, Split *best)
{
    float after[STAGE_SOLIDS_MAX + 1];
    Bound bound = bound_none();

    for (int i = count - 1; i > 0; i--) {
        bound_add(&bound, &stage->solids[ids[i]]);
        after[i] = bound_area(&bound) * (float)(count - i);
    }
    bound = bound_none();
    for (int i = 1; i < count; i++) {
        bound_add(&bound, &stage->solids[ids[i - 1]]);
        float cost = bound_area(&bound) * (float)i + after[i];
        if (cost < best->cost)
            *best = (Split){axis, i, cost};
    }
}

enum {
    LEAF_SOLIDS = 2
};

static void node_grow(Stage *stage, int first, int count)
{
    uint8_t *ids = stage->tree_ids + first;
    Node *node = &stage->nodes[stage->node_count++];
    Bound bound = bound_none();
    Split best = {0, count / 2, 1e30f};

    for (int i = 0; i < count; i++)
        bound_add(&bound, &stage->solids[ids[i]]);
    *node = (Node){.first = first, .count = count <= LEAF_SOLIDS ? count : 0};
    for (int k = 0; k < 3; k++) {
        node->low[k] = bound.low[k];
        node->high[k] = bound.high[k];
    }
    if (count > LEAF_SOLIDS) {
        for (int axis = 0; axis < 3; axis++) {
            ids_sort(stage, ids, count, axis);
            split_try(stage, ids, count, axis, &best);
        }
        ids_sort(stage, ids, count, best.axis);
        node_grow(stage, first, best.at);
        node_grow(stage, first + best.at, count - best.at);
    }
    node->next = stage->node_count;
}

/* ---- squares of the frame ---- */

typedef struct Rect {
    double left, top, right, bottom; /* frame pixels */
} Rect;

/* What SOLID's box covers in the frame, a little more for looks beside a pixel's middle. */
static Rect solid_rect(const Stage *stage, const Solid *solid)
{
    const Camera *camera = &stage->camera;
    const double margin = 3, eye_z = (double)camera->eye[2];
    Rect rect = {1e9, 1e9, -1e9, -1e9};

    if (solid->kind == SOLID_FLOOR || solid->kind == SOLID_SWEEP ||
        (double)solid->high[2] > eye_z - 0.02)
        return (Rect){-1e9, -1e9, 1e9, 1e9};
    for (int corner = 0; corner < 8; corner++) {
        double x = (double)(corner & 1 ? solid->high[0] : solid->low[0]);
        double y = (double)(corner & 2 ? solid->high[1] : solid->low[1]);
        double z = (double)(corner & 4 ? solid->high[2] : solid->low[2]);
        double per_depth = (double)camera->focal / (eye_z - z);
        double sx = (x - (double)camera->eye[0]) * per_depth + (double)camera->shift_x;
        double sy = (y - (double)camera->eye[1]) * per_depth + (double)camera->shift_y;
        double px = (sx - (double)camera->left) / (double)camera->pixel;
        double py = ((double)camera->top - sy) / (double)camera->pixel;
        rect.left = fmin(rect.left, px - margin);
        rect.right = fmax(rect.right, px + margin);
        rect.top = fmin(rect.top, py - margin);
        rect.bottom = fmax(rect.bottom, py + margin);
    }
    return rect;
}

static int square_of(double pixel, int most)
{
    return (int)CLAMP(floor(pixel / SIGHT_SIDE_PX), -1.0, (double)most);
}

MUST static Err *sights_find(Stage *stage)
{
    int columns = (stage->frame_width + SIGHT_SIDE_PX - 1) / SIGHT_SIDE_PX;
    int rows = (stage->frame_height + SIGHT_SIDE_PX - 1) / SIGHT_SIDE_PX;

    stage->sights = calloc((size_t)columns * (size_t)rows, sizeof(Sight));
    if (!stage->sights)
        return err_new(ERR_MEMORY_SPENT, "no memory for what the camera sees");
    stage->sight_columns = columns;
    stage->sight_rows = rows;
    for (int s = 0; s < stage->solid_count; s++) {
        Rect rect = solid_rect(stage, &stage->solids[s]);
        int left = MAX(square_of(rect.left, columns), 0);
        int right = MIN(square_of(rect.right, columns), columns - 1);
        int top = MAX(square_of(rect.top, rows), 0);
        int bottom = MIN(square_of(rect.bottom, rows), rows - 1);
        for (int row = top; row <= bottom; row++)
            for (int column = left; column <= right; column++) {
                Sight *sight = &stage->sights[row * columns + column];
                sight->ids[sight->count++] = (uint8_t)s;
            }
    }
    return NULL;
}

MUST Err *tree_grow(Stage *stage)
{
    int count = 0;

    for (int s = 0; s < stage->solid_count; s++) {
        SolidKind kind = stage->solids[s].kind;
        if (kind == SOLID_FLOOR || kind == SOLID_SWEEP)
            stage->endless_ids[stage->endless_count++] = (uint8_t)s;
        else
            stage->tree_ids[count++] = (uint8_t)s;
    }
    if (count > 0)
        node_grow(stage, 0, count);
    return sights_find(stage);
}

void tree_done(Stage *stage)
{
    free(stage->sights);
}
