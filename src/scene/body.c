/* Bodies: where they stand, how they are turned and repeated, and the box around each. */
#include "scene/body.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "scene/lathe.h"
#include "scene/outline.h"

/* ---- turning ---- */

typedef struct Turn {
    double rows[3][3];
} Turn;

static Turn turn_after(const Turn *first, const Turn *then)
{
    Turn both = {0};

    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            for (int k = 0; k < 3; k++)
                both.rows[i][j] += then->rows[i][k] * first->rows[k][j];
    return both;
}

/* About axis AXIS: 0 x, 1 y, 2 z. */
static Turn turn_about(int axis, double degrees)
{
    int a = (axis + 1) % 3, b = (axis + 2) % 3;
    double c = cos(degrees * M_PI / 180), s = sin(degrees * M_PI / 180);
    Turn turn = {0};

    turn.rows[axis][axis] = 1;
    turn.rows[a][a] = turn.rows[b][b] = c;
    turn.rows[a][b] = -s;
    turn.rows[b][a] = s;
    return turn;
}

/* Rolled, then pitched, then yawed. */
static Turn turn_of(const double degrees[3], double yaw)
{
    Turn roll = turn_about(2, degrees[2]), pitch = turn_about(0, degrees[0]);
    Turn about = turn_about(1, degrees[1] + yaw), both = turn_after(&roll, &pitch);

    return turn_after(&both, &about);
}

static void turned(const Turn *turn, const double v[3], double ret[3])
{
    for (int k = 0; k < 3; k++)
        ret[k] = turn->rows[k][0] * v[0] + turn->rows[k][1] * v[1] + turn->rows[k][2] * v[2];
}

/* The turn that lays the upright axis along TO. */
static Turn turn_upright_to(const double to[3])
{
    double flat = hypot(to[0], to[2]);
    double lean[3] = {atan2(flat, to[1]) * 180 / M_PI, atan2(to[0], to[2]) * 180 / M_PI, 0};

    return turn_of(lean, 0);
}

/* ---- one body ---- */

static bool capsule_spans(const SolidPlan *plan)
{
    return fabs(plan->to[0]) + fabs(plan->to[1]) + fabs(plan->to[2]) > 1e-6;
}

/* Half sizes of an untilted box around SOLID. */
static void solid_reach(const Solid *solid, float ret[3])
{
    memcpy(ret, solid->half, sizeof solid->half);
    switch (solid->kind) {
    case SOLID_SPHERE:
        ret[0] = ret[1] = ret[2] = solid->radius;
        break;
    case SOLID_RING:
        ret[0] = ret[1] = solid->radius + solid->half[1];
        break;
    case SOLID_TORUS:
        ret[0] = ret[1] = solid->radius + solid->half[1];
        ret[2] = solid->half[1];
        break;
    case SOLID_CAPSULE:
        ret[0] = ret[2] = solid->radius;
        ret[1] = solid->half[1] + solid->radius;
        break;
    case SOLID_CUSHION:
        for (int k = 0; k < 3; k++)
            ret[k] += solid->puff;
        break;
    default:
        break;
    }
}

static void solid_bound(Solid *solid)
{
    float reach[3], offset[3] = {0};

    solid_reach(solid, reach);
    for (int k = 0; k < 2 && solid->is_hole; k++) {
        reach[k] = (solid->wall_high[k] - solid->wall_low[k]) / 2;
        offset[k] = (solid->wall_high[k] + solid->wall_low[k]) / 2;
    }
    for (int k = 0; k < 3; k++) {
        float middle = solid->centre[k], far = 1e-3f;
        for (int axis = 0; axis < 3; axis++) {
            middle += solid->axes[axis][k] * offset[axis];
            far += fabsf(solid->axes[axis][k]) * reach[axis];
        }
        solid->low[k] = middle - far;
        solid->high[k] = middle + far;
    }
}

/* Sizes of SOLID in the tracer's own form; returns how high its middle is above `at`. */
static double solid_shape(const SolidPlan *plan, Solid *solid)
{
    float least = (float)fmin(plan->size[0], fmin(plan->size[1], plan->size[2])) / 2;
    float length = (float)hypot(hypot(plan->to[0], plan->to[1]), plan->to[2]);

    switch (solid->kind) {
    case SOLID_FLOOR:
    case SOLID_SWEEP:
        return 0;
    case SOLID_CYLINDER:
        solid->half[0] = solid->half[2] = solid->radius;
        solid->half[1] = (float)(plan->height / 2);
        return plan->height / 2;
    case SOLID_SPHERE:
        return plan->radius;
    case SOLID_RING:
    case SOLID_TORUS:
        solid->half[1] = (float)(plan->height / 2);
        return plan->radius + plan->height / 2;
    case SOLID_ARCH:
        solid->half[1] = fmaxf(solid->half[1], solid->half[0] / 2);
        return (double)solid->half[1];
    case SOLID_CUSHION:
        solid->radius = fminf((float)plan->round, least);
        solid->puff = (float)plan->puff;
        return plan->size[1] / 2;
    case SOLID_CAPSULE:
        if (!capsule_spans(plan)) {
            solid->half[1] = fmaxf((float)(plan->height / 2) - solid->radius, 0);
            return (double)(solid->half[1] + solid->radius);
        }
        solid->half[1] = length / 2;
        return 0;
    case SOLID_TURNED:
        return 0;
    default:
        return plan->size[1] / 2;
    }
}

typedef struct Copy {
    double at[3];
    Turn turn;
} Copy;

/* SOLID, of which all but its place is ready, at COPY's place. RISE is how high its middle is above it. */
static void
solid_place(const SolidPlan *plan, const Copy *copy, const double middle[3], Solid *solid)
{
    Turn own = turn_of(plan->turn, plan->yaw), all = turn_after(&own, &copy->turn);
    double centre[3];

    turned(&all, middle, centre);
    if (solid->kind == SOLID_CAPSULE && capsule_spans(plan)) {
        Turn along = turn_upright_to(plan->to);
        all = turn_after(&along, &all);
    }
    solid->is_turned = false;
    for (int k = 0; k < 3; k++) {
        solid->centre[k] = (float)(copy->at[k] + centre[k]);
        for (int axis = 0; axis < 3; axis++) {
            solid->axes[axis][k] = (float)all.rows[k][axis];
            solid->is_turned |= fabs(all.rows[k][axis] - (k == axis)) > 1e-7;
        }
    }
    solid_bound(solid);
}

/* ---- what bodies are made from ---- */

static void turned_make(const SolidPlan *plan, Stage *stage, Solid *solid, double middle[3])
{
    Frustum *frusta = stage->frusta + stage->frustum_count;
    double low = 1e9, high = -1e9;

    solid->frusta = frusta;
    solid->frustum_count = lathe_turn(&plan->profile, plan->bevel, frusta);
    stage->frustum_count += solid->frustum_count;
    memset(solid->half, 0, sizeof solid->half);
    for (int f = 0; f < solid->frustum_count; f++) {
        solid->half[0] = fmaxf(solid->half[0], frusta[f].outer);
        solid->half[1] = fmaxf(solid->half[1], fmaxf(-frusta[f].low, frusta[f].high));
    }
    solid->half[2] = solid->half[0];
    for (size_t i = 0; i < plan->profile.count; i++) {
        low = fmin(low, plan->profile.items[i][1]);
        high = fmax(high, plan->profile.items[i][1]);
    }
    middle[1] = (low + high) / 2;
}

static const Cutting *cutting_find(const Stage *stage, const SolidPlan *plan)
{
    for (int c = 0; c < stage->cutting_count; c++) {
        const Cutting *cutting = &stage->cuttings[c];
        if (cutting->plan_points == (const double(*)[2])plan->points.items &&
            cutting->outline == plan->outline &&
            (plan->points.count > 0 || (cutting->half[0] == (float)(plan->size[0] / 2) &&
                                        cutting->half[1] == (float)(plan->size[1] / 2))))
            return cutting;
    }
    return NULL;
}

MUST static Err *cutting_make(const SolidPlan *plan, Stage *stage, const Cutting **ret)
{
    AUTO(free) Outline *outline = calloc(1, sizeof *outline);
    double width = plan->size[0], height = plan->size[1];
    Cutting *cutting = &stage->cuttings[stage->cutting_count];

    *ret = cutting_find(stage, plan);
    if (*ret)
        return NULL;
    if (!outline)
        return err_new(ERR_MEMORY_SPENT, "no memory for an outline");
    if (plan->points.count > 0)
        outline_trace(&plan->points, &width, &height, outline);
    else
        outline_draw(plan->outline, height / width, outline);
    TRY(outline_measure(outline, width, cutting));
    stage->cutting_count++;
    cutting->outline = plan->outline;
    cutting->plan_points = (const double(*)[2])plan->points.items;
    cutting->half[1] = (float)(height / 2);
    *ret = cutting;
    return NULL;
}

MUST static Err *cut_make(const SolidPlan *plan, Stage *stage, Solid *solid, double middle[3])
{
    double low[2] = {1e9, 1e9}, high[2] = {-1e9, -1e9};

    TRY(cutting_make(plan, stage, &solid->cutting));
    for (size_t i = 0; i < plan->points.count; i++)
        for (int k = 0; k < 2; k++) {
            low[k] = fmin(low[k], plan->points.items[i][k]);
            high[k] = fmax(high[k], plan->points.items[i][k]);
        }
    for (int k = 0; k < 2; k++) {
        if (plan->points.count > 0)
            middle[k] = (low[k] + high[k]) / 2;
        solid->half[k] = solid->cutting->half[k];
    }
    solid->is_hole = plan->hole;
    solid->wall_low[0] = -solid->half[0] - (float)plan->border[0];
    solid->wall_high[0] = solid->half[0] + (float)plan->border[0];
    solid->wall_low[1] = -solid->half[1] - (float)plan->border[2];
    solid->wall_high[1] = solid->half[1] + (float)plan->border[1];
    return NULL;
}

MUST static Err *solid_put(const Scene *scene, const SolidPlan *plan, Stage *stage)
{
    Solid solid = {
        .kind = (SolidKind)plan->kind,
        .paint = plan_paint(scene, plan->paint),
        .radius = (float)plan->radius,
        .bevel = (float)plan->bevel,
    };
    Copy copy = {.turn = turn_of((double[3]){0}, 0)};
    double middle[3] = {0};

    for (int k = 0; k < 3; k++) {
        solid.half[k] = (float)(plan->size[k] / 2);
        copy.at[k] = plan->at[k];
    }
    middle[1] = solid_shape(plan, &solid);
    if (solid.kind == SOLID_CAPSULE)
        for (int k = 0; k < 3; k++)
            middle[k] += plan->to[k] / 2;
    if (solid.kind == SOLID_TURNED)
        turned_make(plan, stage, &solid, middle);
    if (solid.kind == SOLID_CUT)
        TRY(cut_make(plan, stage, &solid, middle));
    for (int64_t i = 0; i < plan->repeat.count; i++) {
        Turn more = turn_of(plan->repeat.turn, 0);
        double step[3];
        solid_place(plan, &copy, middle, &solid);
        stage->solids[stage->solid_count++] = solid;
        turned(&copy.turn, plan->repeat.step, step);
        for (int k = 0; k < 3; k++)
            copy.at[k] += step[k];
        copy.turn = turn_after(&more, &copy.turn);
    }
    return NULL;
}

MUST Err *body_put_all(const Scene *scene, Stage *stage)
{
    const SolidPlan *plans = scene->solids.items;
    size_t turned_count = 0, cut_count = 0;

    for (size_t i = 0; i < scene->solids.count; i++) {
        turned_count += plans[i].kind == SOLID_TURNED;
        cut_count += plans[i].kind == SOLID_CUT;
    }
    stage->frusta = calloc(turned_count * LATHE_FRUSTA_MAX + 1, sizeof(Frustum));
    stage->cuttings = calloc(cut_count + 1, sizeof(Cutting));
    if (!stage->frusta || !stage->cuttings)
        return err_new(ERR_MEMORY_SPENT, "no memory for the bodies of a scene");
    for (size_t i = 0; i < scene->solids.count; i++)
        TRY(solid_put(scene, &plans[i], stage));
    return NULL;
}

void body_done_all(Stage *stage)
{
    for (int c = 0; c < stage->cutting_count; c++)
        free(stage->cuttings[c].cells);
    free(stage->cuttings);
    free(stage->frusta);
}
