/* Promises of how a product's outline is read. Outlines are drawn here. */
#include <math.h>

#include "scene/stance.h"
#include "test.h"

enum {
    SIDE = 320,
};

typedef struct Corners {
    double x[8], y[8];
    int count;
} Corners;

/* Everything within the corners' convex hull, brighter towards the side that LIT says. */
static Image *hull_drawn(const Corners *corners, double lit)
{
    Image *image = NULL;

    CHECK_OK(image_new(SIDE, SIDE, 4, DEPTH_8, &image));
    for (int y = 0; y < SIDE; y++) {
        uint8_t *row = image_row_mut(image, y);
        for (int x = 0; x < SIDE; x++) {
            bool is_inside = true;
            for (int a = 0; a < corners->count && is_inside; a++) {
                for (int b = 0; b < corners->count && is_inside; b++) {
                    double dx = corners->x[b] - corners->x[a], dy = corners->y[b] - corners->y[a];
                    double here = dx * (y + 0.5 - corners->y[a]) - dy * (x + 0.5 - corners->x[a]);
                    bool is_edge = a != b;
                    for (int c = 0; c < corners->count && is_edge; c++)
                        is_edge = dx * (corners->y[c] - corners->y[a]) -
                                      dy * (corners->x[c] - corners->x[a]) >=
                                  -1e-6;
                    if (is_edge && here < 0)
                        is_inside = false;
                }
            }
            double bright = 120 + 60 * lit * (x - SIDE / 2.0) / (SIDE / 2.0);
            row[x * 4] = row[x * 4 + 1] = row[x * 4 + 2] = (uint8_t)bright;
            row[x * 4 + 3] = is_inside ? 255 : 0;
        }
    }
    return image;
}

/* A box of half sizes W, H, D, turned by YAW, seen from PITCH above, the picture turned by ROLL; degrees. */
static Image *box_drawn(double yaw, double pitch, double roll)
{
    const double half[3] = {70, 60, 50}, per = M_PI / 180;
    Corners corners = {.count = 8};

    for (int i = 0; i < 8; i++) {
        double x = i & 1 ? half[0] : -half[0], y = i & 2 ? half[1] : -half[1];
        double z = i & 4 ? half[2] : -half[2];
        double across = x * cos(yaw * per) + z * sin(yaw * per);
        double near = z * cos(yaw * per) - x * sin(yaw * per);
        double up = y * cos(pitch * per) - near * sin(pitch * per);
        corners.x[i] = SIDE / 2.0 + across * cos(roll * per) + up * sin(roll * per);
        corners.y[i] = SIDE / 2.0 - up * cos(roll * per) + across * sin(roll * per);
    }
    return hull_drawn(&corners, 0);
}

/* An upright cylinder with elliptic ends, half as wide as high, seen from PITCH above and turned by ROLL. */
static Image *can_drawn(double pitch, double roll)
{
    Image *image = NULL;
    double sine = sin(pitch * M_PI / 180), c = cos(roll * M_PI / 180), s = sin(roll * M_PI / 180);

    CHECK_OK(image_new(SIDE, SIDE, 4, DEPTH_8, &image));
    for (int y = 0; y < SIDE; y++) {
        uint8_t *row = image_row_mut(image, y);
        for (int x = 0; x < SIDE; x++) {
            double px = x + 0.5 - SIDE / 2.0, py = y + 0.5 - SIDE / 2.0;
            double u = (px * c + py * s) / 55, v = py * c - px * s;
            double end = fabs(u) < 1 ? 100 + 55 * sine * sqrt(1 - u * u) : -1;
            row[x * 4 + 3] = fabs(v) < end ? 255 : 0;
        }
    }
    return image;
}

TEST(the_corner_of_a_box_tells_the_cameras_pitch_within_four_degrees)
{
    static const double pitches[] = {8, 15, 22, 30}, yaws[] = {25, 40, 55, 68};

    for (size_t p = 0; p < COUNT(pitches); p++) {
        for (size_t y = 0; y < COUNT(yaws); y++) {
            AUTO(image_free) Image *box = box_drawn(yaws[y], pitches[p], 0);
            Stance stance;
            CHECK_OK(stance_find(box, &stance));
            CHECK_INT(stance.base, STANCE_CORNER);
            CHECK(fabs(stance.pitch_degrees - pitches[p]) < 4);
            CHECK(stance.stands);
        }
    }
}

TEST(a_round_base_tells_the_cameras_pitch_within_four_degrees)
{
    static const double pitches[] = {8, 15, 25, 33};

    for (size_t p = 0; p < COUNT(pitches); p++) {
        AUTO(image_free) Image *can = can_drawn(pitches[p], 0);
        Stance stance;
        CHECK_OK(stance_find(can, &stance));
        CHECK_INT(stance.base, STANCE_ROUND);
        CHECK(fabs(stance.pitch_degrees - pitches[p]) < 4);
        CHECK(stance.stands && fabs(stance.roll_degrees) <= 0);
    }
}

TEST(a_straight_base_claims_nothing)
{
    AUTO(image_free) Image *box = box_drawn(0, 20, 0);
    Stance stance;

    CHECK_OK(stance_find(box, &stance));
    CHECK_INT(stance.base, STANCE_STRAIGHT);
    CHECK(stance.pitch_degrees <= 0 && stance.stands);
}

TEST(a_tipped_box_does_not_stand)
{
    static const double rolls[] = {-40, -25, 15, 30};

    for (size_t r = 0; r < COUNT(rolls); r++) {
        AUTO(image_free) Image *box = box_drawn(0, 5, rolls[r]);
        Stance stance;
        CHECK_OK(stance_find(box, &stance));
        CHECK(!stance.stands);
    }
}

TEST(a_bottle_held_askew_is_found_so_and_an_upright_one_is_not)
{
    static const double rolls[] = {-5, -3, 2, 4};

    for (size_t r = 0; r < COUNT(rolls); r++) {
        AUTO(image_free) Image *can = can_drawn(10, rolls[r]);
        Stance stance;
        CHECK_OK(stance_find(can, &stance));
        CHECK(fabs(stance.roll_degrees - rolls[r]) < 0.5);
    }
}

TEST(what_hangs_by_a_cord_does_not_stand)
{
    Corners corners = {.x = {60, 210, 210, 60}, .y = {40, 40, 120, 120}, .count = 4};
    AUTO(image_free) Image *body = hull_drawn(&corners, 0);
    Stance stance;

    for (int y = 120; y < 300; y++)
        for (int x = 120; x < 128; x++)
            ((uint8_t *)image_row_mut(body, y))[x * 4 + 3] = 255;
    CHECK_OK(stance_find(body, &stance));
    CHECK_INT(stance.base, STANCE_POINT);
    CHECK(!stance.stands);
}

TEST(the_side_that_light_came_from_is_seen)
{
    Corners corners = {.x = {80, 240, 240, 80}, .y = {60, 60, 260, 260}, .count = 4};
    static const double lits[] = {-1, 0, 1};

    for (size_t i = 0; i < COUNT(lits); i++) {
        AUTO(image_free) Image *box = hull_drawn(&corners, lits[i]);
        Stance stance;
        CHECK_OK(stance_find(box, &stance));
        CHECK(fabs(stance.lit - lits[i]) < 0.1);
    }
}

TEST(a_blank_product_stands)
{
    AUTO(image_free) Image *blank = NULL;
    Stance stance;

    CHECK_OK(image_new(30, 20, 4, DEPTH_8, &blank));
    CHECK_OK(stance_find(blank, &stance));
    CHECK(stance.stands);
}
