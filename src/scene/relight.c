/* Where the product's surface lies and faces, cell by cell; and, once it is lit, that light as a smooth small picture. */
#include "scene/relight.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "scene/plane.h"

void relight_done(Relight *relight)
{
    for (int p = 0; p < RELIGHT_PLANES; p++)
        free(relight->planes[p]);
    memset(relight, 0, sizeof *relight);
}

/* ---- where it lies ---- */

/* Half-thickness without its small bumps, so that light on the product is as broad as its form. */
static MUST Err *relief_smooth(const Proxy *proxy, Plane *ret)
{
    TRY(plane_new(proxy->width, proxy->height, ret));
    for (int i = 0; i < proxy->width * proxy->height; i++)
        ret->cells[i] = fmaxf(proxy->relief[i], 0);
    return plane_blur(ret, 2.5, 2.5);
}

static void cell_set(const Stage *stage, const Plane *relief, const float at[2], float *cells[])
{
    const Proxy *proxy = &stage->proxy;
    const Camera *camera = &stage->camera;
    int x = CLAMP((int)at[0], 0, proxy->width - 1), y = CLAMP((int)at[1], 0, proxy->height - 1);
    float thick = proxy->relief[y * proxy->width + x];
    float z = proxy->depth + proxy->contact[x] + fmaxf(thick, 0);
    float per_focal = (camera->eye[2] - z) / camera->focal;
    float per_cell = proxy->per_screen * camera->focal / (camera->eye[2] - proxy->depth) * 0.5f;
    double px = (double)at[0], py = (double)at[1];
    float gx = (plane_at(relief, px + 1, py) - plane_at(relief, px - 1, py)) * per_cell;
    float gy = (plane_at(relief, px, py - 1) - plane_at(relief, px, py + 1)) * per_cell;
    float per_length = 1 / sqrtf(gx * gx + gy * gy + 1);
    float screen_x = proxy->left + at[0] / proxy->per_screen - camera->shift_x;
    float screen_y = proxy->top - at[1] / proxy->per_screen - camera->shift_y;
    float values[RELIGHT_COVER + 1] = {
        camera->eye[0] + screen_x * per_focal,
        fmaxf(camera->eye[1] + screen_y * per_focal, proxy->ground + 0.01f),
        z,
        -gx * per_length,
        -gy * per_length,
        per_length,
        thick > 0 ? 1 : 0,
    };

    for (int p = 0; p <= RELIGHT_COVER; p++)
        *cells[p] = values[p];
}

MUST Err *relight_new(const Stage *stage, Box box, Relight *ret)
{
    AUTO(relight_done) Relight relight = {0};
    AUTO(plane_done) Plane relief = {0};
    const Proxy *proxy = &stage->proxy;
    double cell_px = MAX(box.width, box.height) / (double)RELIGHT_CELLS;
    double per_pixel = (double)(proxy->per_screen * stage->camera.pixel);
    double left = (double)((proxy->left - stage->camera.left) / stage->camera.pixel);
    double top = (double)((stage->camera.top - proxy->top) / stage->camera.pixel);

    relight.width = MAX((int)ceil(box.width / cell_px), 2);
    relight.height = MAX((int)ceil(box.height / cell_px), 2);
    relight.stride = (relight.width + RELIGHT_ABREAST - 1) / RELIGHT_ABREAST * RELIGHT_ABREAST;
    for (int p = 0; p < RELIGHT_PLANES; p++) {
        relight.planes[p] = calloc((size_t)relight.stride * (size_t)relight.height, sizeof(float));
        if (!relight.planes[p])
            return err_new(ERR_MEMORY_SPENT, "no memory for light on the product");
    }
    TRY(relief_smooth(proxy, &relief));
    for (int y = 0; y < relight.height; y++) {
        for (int x = 0; x < relight.width; x++) {
            float *cells[RELIGHT_PLANES];
            double px = box.left + (x + 0.5) * box.width / relight.width;
            double py = box.top + (y + 0.5) * box.height / relight.height;
            float at[2] = {(float)((px - left) * per_pixel), (float)((py - top) * per_pixel)};
            for (int p = 0; p < RELIGHT_PLANES; p++)
                cells[p] = relight.planes[p] + y * relight.stride + x;
            cell_set(stage, &relief, at, cells);
        }
    }
    *ret = relight;
    memset(&relight, 0, sizeof relight);
    return NULL;
}

/* ---- and its light, as a picture ---- */

enum {
    VALUES = 4, /* r, g, b and what masks leave */
};

typedef struct Smoothed {
    Plane values[VALUES], cover;
} Smoothed;

static void smoothed_done(Smoothed *smoothed)
{
    for (int k = 0; k < VALUES; k++)
        plane_done(&smoothed->values[k]);
    plane_done(&smoothed->cover);
}
DEFINE_AUTO_DONE(Smoothed, smoothed_done);

static float cell_value(const Relight *relight, size_t at, int k)
{
    const float *const *planes = (const float *const *)relight->planes;

    if (k < 3)
        return planes[RELIGHT_LIGHT + k][at];
    float bright = 0.2126f * planes[RELIGHT_LIGHT][at] + 0.7152f * planes[RELIGHT_LIGHT + 1][at] +
                   0.0722f * planes[RELIGHT_LIGHT + 2][at];
    return CLAMP(planes[RELIGHT_MASKED][at] / fmaxf(bright, 1e-5f), 0.0f, 1.0f);
}

/* Values times cover, and cover, blurred by SIGMA cells: their ratio is the mean of what is covered nearby. */
static MUST Err *smoothed_new(const Relight *relight, double sigma, Smoothed *ret)
{
    AUTO(smoothed_done) Smoothed smoothed = {0};

    TRY(plane_new(relight->width, relight->height, &smoothed.cover));
    for (int k = 0; k < VALUES; k++)
        TRY(plane_new(relight->width, relight->height, &smoothed.values[k]));
    for (int y = 0; y < relight->height; y++) {
        for (int x = 0; x < relight->width; x++) {
            size_t from = (size_t)(y * relight->stride + x), to = (size_t)(y * relight->width + x);
            float cover = relight->planes[RELIGHT_COVER][from];
            smoothed.cover.cells[to] = cover;
            for (int k = 0; k < VALUES; k++)
                smoothed.values[k].cells[to] = cell_value(relight, from, k) * cover;
        }
    }
    TRY(plane_blur(&smoothed.cover, sigma, sigma));
    for (int k = 0; k < VALUES; k++)
        TRY(plane_blur(&smoothed.values[k], sigma, sigma));
    *ret = smoothed;
    memset(&smoothed, 0, sizeof smoothed);
    return NULL;
}

MUST Err *relight_picture(const Relight *relight, float exposure, Image **ret)
{
    AUTO(smoothed_done) Smoothed near = {0};
    AUTO(smoothed_done) Smoothed far = {0};
    AUTO(image_free) Image *picture = NULL;

    TRY(smoothed_new(relight, 1.6, &near));
    TRY(smoothed_new(relight, 12, &far));
    TRY(image_new(relight->width, relight->height, VALUES, DEPTH_16, &picture));
    for (int y = 0; y < relight->height; y++) {
        uint16_t *row = image_row_mut(picture, y);
        for (int x = 0; x < relight->width; x++) {
            size_t at = (size_t)(y * relight->width + x);
            float close = fminf(near.cover.cells[at] * 4, 1);
            for (int k = 0; k < VALUES; k++) {
                float full = k < 3 ? exposure / SCENE_LIGHT_WHITE : 1;
                float here = near.values[k].cells[at] / fmaxf(near.cover.cells[at], 1e-6f);
                float around = far.values[k].cells[at] / fmaxf(far.cover.cells[at], 1e-6f);
                float value = (around + (here - around) * close) * full;
                row[x * VALUES + k] = (uint16_t)lroundf(65535 * CLAMP(value, 0.0f, 1.0f));
            }
        }
    }
    *ret = TAKE(picture);
    return NULL;
}
