/* Promises of glass: a mixture that is known is unmixed. The pictures are drawn here. */
#include <math.h>

#include "matte/matte.h"
#include "test.h"

enum {
    SIDE = 160,
};

static const double glassy[3] = {235, 240, 238}, painted[3] = {190, 60, 50};

typedef struct Photo {
    Image *photo, *cutout, *alpha;
} Photo;

static void photo_done(Photo *photo)
{
    image_free(photo->photo);
    image_free(photo->cutout);
    image_free(photo->alpha);
}
DEFINE_AUTO_DONE(Photo, photo_done);

static bool is_product(int x, int y)
{
    return x >= 50 && x < 110 && y >= 30 && y < 140;
}

static bool is_rim(int x, int y)
{
    return is_product(x, y) && (x < 54 || x >= 106 || y < 34 || y >= 136);
}

/* A slow gradient of one hue. */
static void ground_at(const double hue[3], int y, double ret[3])
{
    for (int k = 0; k < 3; k++)
        ret[k] = hue[k] * (0.8 + 0.2 * y / SIDE);
}

/* A vessel with a dark rim before a wall of HUE; through its inside PASSES of the wall is seen, the rest is OWN. */
static Photo photo_drawn(const double hue[3], const double own[3], double passes)
{
    Photo photo = {0};

    CHECK_OK(image_new(SIDE, SIDE, 3, DEPTH_8, &photo.photo));
    CHECK_OK(image_new(SIDE, SIDE, 1, DEPTH_8, &photo.alpha));
    for (int y = 0; y < SIDE; y++) {
        uint8_t *row = image_row_mut(photo.photo, y), *cover = image_row_mut(photo.alpha, y);
        for (int x = 0; x < SIDE; x++) {
            double ground[3];
            ground_at(hue, y, ground);
            cover[x] = is_product(x, y) ? 255 : 0;
            for (int k = 0; k < 3; k++) {
                double seen = is_rim(x, y)       ? 60
                              : is_product(x, y) ? passes * ground[k] + (1 - passes) * own[k]
                                                 : ground[k];
                row[x * 3 + k] = (uint8_t)lround(seen);
            }
        }
    }
    CHECK_OK(image_join_alpha(photo.photo, photo.alpha, &photo.cutout));
    return photo;
}

TEST(glass_before_a_coloured_wall_is_seen_to_be_glass_and_paint_is_not)
{
    static const double teal[3] = {60, 150, 160}, white[3] = {250, 250, 250};
    AUTO(photo_done) Photo glass = photo_drawn(teal, glassy, 0.7);
    AUTO(photo_done) Photo paint = photo_drawn(teal, painted, 0);
    AUTO(photo_done) Photo before_white = photo_drawn(white, glassy, 0.7);
    double score;

    CHECK_OK(matte_glass_find(glass.photo, glass.alpha, &score));
    CHECK(score > MATTE_GLASS_LIKELY);
    CHECK_OK(matte_glass_find(paint.photo, paint.alpha, &score));
    CHECK(score < 0.1);
    CHECK_OK(matte_glass_find(before_white.photo, before_white.alpha, &score));
    CHECK(score < 0.1);
}

TEST(a_known_mixture_is_unmixed_and_lets_the_new_wall_through)
{
    static const double hues[][3] = {{60, 150, 160}, {190, 120, 60}}, fresh[3] = {40, 60, 200};
    static const double passes[] = {0.4, 0.7};

    for (size_t h = 0; h < COUNT(hues); h++) {
        for (size_t p = 0; p < COUNT(passes); p++) {
            AUTO(photo_done) Photo photo = photo_drawn(hues[h], glassy, passes[p]);
            AUTO(image_free) Image *clear = NULL;
            double off = 0, count = 0;

            CHECK_OK(matte_glass_clear(photo.photo, photo.cutout, 1, 2, &clear));
            for (int y = 40; y < 130; y++) {
                const uint8_t *row = image_row(clear, y);
                for (int x = 60; x < 100; x++) {
                    double alpha = row[x * 4 + 3] / 255.0;
                    for (int k = 0; k < 3; k++) {
                        double got = alpha * row[x * 4 + k] + (1 - alpha) * fresh[k];
                        double want = passes[p] * fresh[k] + (1 - passes[p]) * glassy[k];
                        off += fabs(got - want);
                        count++;
                    }
                }
            }
            CHECK(off / count < 12);
        }
    }
}

TEST(unmixing_at_no_strength_changes_nothing_and_threads_make_no_difference)
{
    static const double teal[3] = {60, 150, 160};
    AUTO(photo_done) Photo photo = photo_drawn(teal, glassy, 0.6);
    AUTO(image_free) Image *same = NULL;
    AUTO(image_free) Image *one = NULL;
    AUTO(image_free) Image *many = NULL;

    CHECK_OK(matte_glass_clear(photo.photo, photo.cutout, 0, 1, &same));
    CHECK_OK(matte_glass_clear(photo.photo, photo.cutout, 0.8, 1, &one));
    CHECK_OK(matte_glass_clear(photo.photo, photo.cutout, 0.8, 4, &many));
    for (int y = 0; y < SIDE; y++) {
        CHECK(memcmp(image_row(same, y), image_row(photo.cutout, y), SIDE * 4) == 0);
        CHECK(memcmp(image_row(one, y), image_row(many, y), SIDE * 4) == 0);
    }
    CHECK(((const uint8_t *)image_row(one, 80))[80 * 4 + 3] < 200);
}
