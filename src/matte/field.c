/* Planes of floats: box means and linear stretching. */
#include "matte/field.h"

#include <stdlib.h>

#include "base/crew.h"

Err *matte_field_new(int width, int height, Field **ret)
{
    size_t count = (size_t)width * (size_t)height;
    Field *field = calloc(1, sizeof(Field) + count * sizeof(float));

    if (!field)
        return err_new(ERR_MEMORY_SPENT, "no memory for a field of %d x %d", width, height);
    field->width = width;
    field->height = height;
    *ret = field;
    return NULL;
}

void matte_field_free(Field *field)
{
    free(field);
}

size_t matte_field_count(const Field *field)
{
    return (size_t)field->width * (size_t)field->height;
}

enum {
    ROWS = 4 /* summed side by side: one running sum alone would wait for itself */
};

static inline void box_rows(const float *from, int width, int rows, int radius, float *to)
{
    double sums[ROWS] = {0};

    for (int x = 0; x <= radius && x < width; x++)
        for (int r = 0; r < rows; r++)
            sums[r] += (double)from[(size_t)r * width + x];
    for (int x = 0; x < width; x++) {
        int first = x - radius, next = x + radius + 1;
        bool inside = first >= 0 && next <= width;
        double part = inside ? 1.0 / (2 * radius + 1) : 1.0 / (MIN(next, width) - MAX(first, 0));

        for (int r = 0; r < rows; r++)
            to[(size_t)r * width + x] = (float)(sums[r] * part);
        for (int r = 0; next < width && r < rows; r++)
            sums[r] += (double)from[(size_t)r * width + next];
        for (int r = 0; first >= 0 && r < rows; r++)
            sums[r] -= (double)from[(size_t)r * width + first];
    }
}

enum {
    COLUMNS = 64 /* summed side by side: their sums stay in the first cache */
};

static void box_columns(const Field *from, int radius, int left, int columns, Field *to)
{
    double sums[COLUMNS] = {0};
    int width = from->width, height = from->height;

    for (int y = 0; y <= radius && y < height; y++)
        for (int x = 0; x < columns; x++)
            sums[x] += from->values[(size_t)y * width + left + x];
    for (int y = 0; y < height; y++) {
        float *out = to->values + (size_t)y * width + left;
        double part = 1.0 / (MIN(y + radius, height - 1) - MAX(y - radius, 0) + 1);

        for (int x = 0; x < columns; x++)
            out[x] = (float)(sums[x] * part);
        if (y + radius + 1 < height) {
            const float *in = from->values + (size_t)(y + radius + 1) * width + left;
            for (int x = 0; x < columns; x++)
                sums[x] += in[x];
        }
        if (y - radius >= 0) {
            const float *in = from->values + (size_t)(y - radius) * width + left;
            for (int x = 0; x < columns; x++)
                sums[x] -= in[x];
        }
    }
}

void matte_field_box(const Field *from, int radius, Field *spare, Field *to)
{
    int width = from->width;

    for (int y = 0; y < from->height; y += ROWS) {
        size_t at = (size_t)y * width;
        int rows = MIN(ROWS, from->height - y);

        if (rows == ROWS)
            box_rows(from->values + at, width, ROWS, radius, spare->values + at);
        else
            box_rows(from->values + at, width, rows, radius, spare->values + at);
    }
    for (int left = 0; left < width; left += COLUMNS)
        box_columns(spare, radius, left, MIN(COLUMNS, width - left), to);
}

Tap matte_tap_at(int index, int length, int from_length)
{
    float at = ((float)index + 0.5f) * (float)from_length / (float)length - 0.5f;
    float inside = CLAMP(at, 0.0f, (float)(from_length - 1));
    int near = (int)inside;

    return (Tap){
        .near = near, .far = MIN(near + 1, from_length - 1), .weight = inside - (float)near};
}

void matte_field_stretch_row(
    const Field *field, const Tap *taps, int width, int y, int height, float *row)
{
    Tap down = matte_tap_at(y, height, field->height);
    const float *upper = field->values + (size_t)down.near * field->width;
    const float *lower = field->values + (size_t)down.far * field->width;

    for (int x = 0; x < width; x++) {
        Tap tap = taps[x];
        float above = upper[tap.near] + tap.weight * (upper[tap.far] - upper[tap.near]);
        float below = lower[tap.near] + tap.weight * (lower[tap.far] - lower[tap.near]);
        row[x] = above + down.weight * (below - above);
    }
}

typedef struct Shrink {
    const Image *image;
    Field *const *to;
    int planes;
} Shrink;

static void shrink_row(void *shrink_any, size_t row)
{
    const Shrink *shrink = shrink_any;
    int to_width = shrink->to[0]->width, to_height = shrink->to[0]->height;
    int width = image_width(shrink->image), height = image_height(shrink->image);
    int channels = image_channels(shrink->image);
    int top = (int)((int64_t)row * height / to_height);
    int bottom = (int)((int64_t)(row + 1) * height / to_height);

    for (int x = 0; x < to_width; x++) {
        int left = (int)((int64_t)x * width / to_width);
        int right = (int)((int64_t)(x + 1) * width / to_width);
        uint32_t sum[4] = {0};

        for (int y = top; y < bottom; y++) {
            const uint8_t *pixel = (const uint8_t *)image_row(shrink->image, y) + left * channels;
            for (int i = left; i < right; i++, pixel += channels)
                for (int c = 0; c < shrink->planes; c++)
                    sum[c] += pixel[c];
        }
        float part = 1.0f / (255.0f * (float)((right - left) * (bottom - top)));
        for (int c = 0; c < shrink->planes; c++)
            shrink->to[c]->values[row * (size_t)to_width + (size_t)x] = (float)sum[c] * part;
    }
}

void matte_field_shrink(const Image *image, int threads, Field *const *to, int planes)
{
    Shrink shrink = {.image = image, .to = to, .planes = planes};

    crew_run(threads, (size_t)to[0]->height, shrink_row, &shrink);
}
