/* Hair: alpha is carried along like colours through the unknown band, on the grid. */
#include "base/cancel.h"
#include "matte/refine.h"

enum {
    COVARIANCES = 6,
    PLANES = 5
};

#define COLOUR_FLOOR 1e-4f /* keeps flat windows invertible: a hundredth of the range, squared */
#define HARD_HOLD 0.5f     /* how firmly hard edges keep to their start */
#define DAMPING 0.7f       /* about the diagonal of the window operator, for the preconditioner */

/* The guided filter of one picture, inverted covariances ready. I - filter is the matting Laplacian over its windows. */
typedef struct Guide {
    Field *const *rgb;
    int radius;
    Field *mean[3];
    Field *inverse[COVARIANCES]; /* rr rg rb gg gb bb */
    Field *plane[PLANES];
    Field *spare;
} Guide;

static void guide_done(Guide *guide)
{
    for (int i = 0; i < 3; i++)
        matte_field_free(guide->mean[i]);
    for (int i = 0; i < COVARIANCES; i++)
        matte_field_free(guide->inverse[i]);
    for (int i = 0; i < PLANES; i++)
        matte_field_free(guide->plane[i]);
    matte_field_free(guide->spare);
}
DEFINE_AUTO_DONE(Guide, guide_done);

static void invert(Guide *guide, size_t i)
{
    float *const in[COVARIANCES] = {
        &guide->inverse[0]->values[i], &guide->inverse[1]->values[i], &guide->inverse[2]->values[i],
        &guide->inverse[3]->values[i], &guide->inverse[4]->values[i], &guide->inverse[5]->values[i],
    };
    float rr = *in[0], rg = *in[1], rb = *in[2], gg = *in[3], gb = *in[4], bb = *in[5];
    float c0 = gg * bb - gb * gb, c1 = rb * gb - rg * bb, c2 = rg * gb - rb * gg;
    float part = 1 / (rr * c0 + rg * c1 + rb * c2);

    *in[0] = c0 * part;
    *in[1] = c1 * part;
    *in[2] = c2 * part;
    *in[3] = (rr * bb - rb * rb) * part;
    *in[4] = (rg * rb - rr * gb) * part;
    *in[5] = (rr * gg - rg * rg) * part;
}

static Err *guide_open(const Grid *grid, int radius, Guide *guide)
{
    int width = grid->width, height = grid->height;
    size_t count = (size_t)width * (size_t)height;

    guide->rgb = grid->rgb;
    guide->radius = radius;
    TRY(matte_field_new(width, height, &guide->spare));
    for (int i = 0; i < PLANES; i++)
        TRY(matte_field_new(width, height, &guide->plane[i]));
    for (int c = 0; c < 3; c++) {
        TRY(matte_field_new(width, height, &guide->mean[c]));
        matte_field_box(grid->rgb[c], radius, guide->spare, guide->mean[c]);
    }
    for (int a = 0, k = 0; a < 3; a++) {
        for (int b = a; b < 3; b++, k++) {
            TRY(matte_field_new(width, height, &guide->inverse[k]));
            float *product = guide->plane[0]->values, *covariance = guide->inverse[k]->values;
            const float *mean_a = guide->mean[a]->values, *mean_b = guide->mean[b]->values;

            for (size_t i = 0; i < count; i++)
                product[i] = grid->rgb[a]->values[i] * grid->rgb[b]->values[i];
            matte_field_box(guide->plane[0], radius, guide->spare, guide->inverse[k]);
            for (size_t i = 0; i < count; i++)
                covariance[i] += (a == b ? COLOUR_FLOOR : 0) - mean_a[i] * mean_b[i];
        }
    }
    for (size_t i = 0; i < count; i++)
        invert(guide, i);
    return NULL;
}

/* In each window the best alpha = slope . colour + offset for FROM; TO is the mean of what all windows say. */
static void guide_run(Guide *guide, const Field *from, Field *to)
{
    size_t count = matte_field_count(from);
    Field *const *plane = guide->plane;
    float *slope[3] = {plane[0]->values, plane[1]->values, plane[2]->values};
    float *offset = plane[3]->values;

    matte_field_box(from, guide->radius, guide->spare, plane[3]);
    for (int c = 0; c < 3; c++) {
        for (size_t i = 0; i < count; i++)
            plane[4]->values[i] = from->values[i] * guide->rgb[c]->values[i];
        matte_field_box(plane[4], guide->radius, guide->spare, plane[c]);
    }
    for (size_t i = 0; i < count; i++) {
        float mr = guide->mean[0]->values[i], mg = guide->mean[1]->values[i];
        float mb = guide->mean[2]->values[i], mean = offset[i];
        float r = slope[0][i] - mr * mean, g = slope[1][i] - mg * mean, b = slope[2][i] - mb * mean;
        float rg = guide->inverse[1]->values[i], rb = guide->inverse[2]->values[i];
        float gb = guide->inverse[4]->values[i];

        slope[0][i] = guide->inverse[0]->values[i] * r + rg * g + rb * b;
        slope[1][i] = rg * r + guide->inverse[3]->values[i] * g + gb * b;
        slope[2][i] = rb * r + gb * g + guide->inverse[5]->values[i] * b;
        offset[i] = mean - slope[0][i] * mr - slope[1][i] * mg - slope[2][i] * mb;
    }
    for (int p = 0; p < 4; p++)
        matte_field_box(plane[p], guide->radius, guide->spare, plane[p]);
    for (size_t i = 0; i < count; i++)
        to->values[i] = slope[0][i] * guide->rgb[0]->values[i] +
                        slope[1][i] * guide->rgb[1]->values[i] +
                        slope[2][i] * guide->rgb[2]->values[i] + offset[i];
}

static double dot(const Field *a, const Field *b)
{
    double sum = 0;
    size_t count = matte_field_count(a);

    for (size_t i = 0; i < count; i++)
        sum += (double)a->values[i] * (double)b->values[i];
    return sum;
}

typedef struct Solver {
    Field *hold, *rest, *eased, *way, *moved;
} Solver;

static void solver_done(Solver *solver)
{
    matte_field_free(solver->hold);
    matte_field_free(solver->rest);
    matte_field_free(solver->eased);
    matte_field_free(solver->way);
    matte_field_free(solver->moved);
}
DEFINE_AUTO_DONE(Solver, solver_done);

/* Preconditioned conjugate gradient on (Laplacian + hold) alpha = hold start, from ALPHA = start. */
static Err *solve(Guide *guide, Solver *s, int rounds, const Cancel *cancel, Field *alpha)
{
    size_t count = matte_field_count(alpha);
    double strength;

    guide_run(guide, alpha, s->moved);
    for (size_t i = 0; i < count; i++) {
        s->rest->values[i] = s->moved->values[i] - alpha->values[i];
        s->eased->values[i] = s->rest->values[i] / (s->hold->values[i] + DAMPING);
        s->way->values[i] = s->eased->values[i];
    }
    strength = dot(s->rest, s->eased);
    for (int round = 0; round < rounds && strength > 1e-6; round++) {
        TRY(cancel_check(cancel));
        guide_run(guide, s->way, s->moved);
        for (size_t i = 0; i < count; i++)
            s->moved->values[i] =
                s->way->values[i] * (1 + s->hold->values[i]) - s->moved->values[i];

        float step = (float)(strength / dot(s->way, s->moved));
        for (size_t i = 0; i < count; i++) {
            alpha->values[i] += step * s->way->values[i];
            s->rest->values[i] -= step * s->moved->values[i];
            s->eased->values[i] = s->rest->values[i] / (s->hold->values[i] + DAMPING);
        }
        double next = dot(s->rest, s->eased);
        float turn = (float)(next / strength);
        for (size_t i = 0; i < count; i++)
            s->way->values[i] = s->eased->values[i] + turn * s->way->values[i];
        strength = next;
    }
    return NULL;
}

#define HAIR_LEAST 0.002 /* part of the grid that must be hair before it is worth the time */

Err *matte_hair_spread(
    Grid *grid, const Field *start, const Tuning *tuning, const MatteOptions *options)
{
    AUTO(guide_done) Guide guide = {0};
    AUTO(solver_done) Solver solver = {0};
    AUTO(matte_field_free) Field *alpha = NULL;
    Field **parts[] = {&solver.hold, &solver.rest,  &solver.eased,
                       &solver.way,  &solver.moved, &alpha};
    size_t count = matte_field_count(start);
    double hair = 0;

    for (size_t i = 0; i < count; i++)
        hair += (double)(grid->cells[i].unknown * grid->cells[i].hair);
    if (hair < HAIR_LEAST * (double)count || tuning->hair_rounds == 0)
        return NULL;
    for (size_t p = 0; p < COUNT(parts); p++)
        TRY(matte_field_new(grid->width, grid->height, parts[p]));
    TRY(guide_open(grid, tuning->hair_radius, &guide));
    for (size_t i = 0; i < count; i++) {
        const Cell *cell = &grid->cells[i];
        float loose = HARD_HOLD + cell->hair * (tuning->hair_hold - HARD_HOLD);

        solver.hold->values[i] = 1 - cell->unknown + cell->unknown * loose;
        alpha->values[i] = start->values[i];
    }
    TRY(solve(&guide, &solver, tuning->hair_rounds, options->cancel, alpha));
    for (size_t i = 0; i < count; i++)
        grid->cells[i].lift = CLAMP(alpha->values[i], 0.0f, 1.0f) - start->values[i];
    return NULL;
}
