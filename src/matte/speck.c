/* Specks and pinholes: parts of the mask judged by size, strength and distance, on the grid. */
#include <stdlib.h>

#include "matte/refine.h"

#define PART_FROM 0.1f  /* alpha from which a pixel belongs to a part */
#define PART_FAINT 0.5f /* a part whose strongest pixel stays below this is faint */
#define PART_FAR \
    0.05f /* of the longest side, from the product's box: loose parts nearer than this are kept */
#define SPOT_BELOW 0.9f /* alpha under which a pixel belongs to a weak spot */
#define SPOT_OPEN 0.25f /* a spot that gets darker than this somewhere may be a real hole */

typedef struct Part {
    size_t pixels;
    double weight;     /* sum of alpha */
    float least, most; /* alpha */
    int left, top, right, bottom;
    bool at_border;
} Part;

typedef struct Parts {
    int *labels; /* -1 where no part is */
    size_t *trail;
    Part *parts;
    size_t count, room;
} Parts;

static void parts_done(Parts *parts)
{
    free(parts->labels);
    free(parts->trail);
    free(parts->parts);
}
DEFINE_AUTO_DONE(Parts, parts_done);

static Err *parts_new_part(Parts *parts, int *ret)
{
    if (parts->count == parts->room) {
        size_t room = parts->room ? parts->room * 2 : 64;
        Part *more = realloc(parts->parts, room * sizeof(Part));

        if (!more)
            return err_new(ERR_MEMORY_SPENT, "no memory for %zu parts", room);
        parts->parts = more;
        parts->room = room;
    }
    *ret = (int)parts->count;
    parts->parts[parts->count++] =
        (Part){.least = 1, .left = INT16_MAX, .top = INT16_MAX, .right = -1, .bottom = -1};
    return NULL;
}

static bool belongs(float alpha, bool weak)
{
    return weak ? alpha < SPOT_BELOW : alpha > PART_FROM;
}

/* Everything that hangs together with pixel START, four neighbours each. */
static void gather(const Field *alpha, bool weak, size_t start, int label, Parts *parts)
{
    Part *part = &parts->parts[label];
    int width = alpha->width, height = alpha->height;
    size_t left_to_do = 1;

    parts->trail[0] = start;
    parts->labels[start] = label;
    while (left_to_do > 0) {
        size_t at = parts->trail[--left_to_do];
        int x = (int)(at % (size_t)width), y = (int)(at / (size_t)width);
        float value = alpha->values[at];

        part->pixels++;
        part->weight += value;
        part->least = MIN(part->least, value);
        part->most = MAX(part->most, value);
        part->left = MIN(part->left, x);
        part->right = MAX(part->right, x);
        part->top = MIN(part->top, y);
        part->bottom = MAX(part->bottom, y);
        part->at_border |= x == 0 || y == 0 || x == width - 1 || y == height - 1;

        const size_t next[] = {
            x > 0 ? at - 1 : at, x < width - 1 ? at + 1 : at, y > 0 ? at - (size_t)width : at,
            y < height - 1 ? at + (size_t)width : at};
        for (size_t n = 0; n < COUNT(next); n++) {
            if (parts->labels[next[n]] >= 0 || !belongs(alpha->values[next[n]], weak))
                continue;
            parts->labels[next[n]] = label;
            parts->trail[left_to_do++] = next[n];
        }
    }
}

static Err *find_parts(const Field *alpha, bool weak, Parts *parts)
{
    size_t count = matte_field_count(alpha);

    parts->labels = malloc(count * sizeof(int));
    parts->trail = malloc(count * sizeof(size_t));
    if (!parts->labels || !parts->trail)
        return err_new(ERR_MEMORY_SPENT, "no memory for the labels of %zu pixels", count);
    for (size_t i = 0; i < count; i++)
        parts->labels[i] = -1;
    for (size_t i = 0; i < count; i++) {
        int label = 0;

        if (parts->labels[i] >= 0 || !belongs(alpha->values[i], weak))
            continue;
        TRY(parts_new_part(parts, &label));
        gather(alpha, weak, i, label, parts);
    }
    return NULL;
}

static bool is_loose(const Part *part, const Part *product, int side_px, double percent)
{
    int across = MAX(part->left - product->right, product->left - part->right);
    int down = MAX(part->top - product->bottom, product->top - part->bottom);
    bool small = part->weight < product->weight * percent / 100;
    bool faint = part->most < PART_FAINT;
    bool far = (float)MAX(across, down) > PART_FAR * (float)side_px;

    return small && (faint || far);
}

Err *matte_speck_find(const Field *alpha, const MatteOptions *options, Field *keep, Field *fill)
{
    AUTO(parts_done) Parts strong = {0}, weak = {0};
    size_t count = matte_field_count(alpha), biggest = 0;

    TRY(find_parts(alpha, false, &strong));
    TRY(find_parts(alpha, true, &weak));
    for (size_t p = 1; p < strong.count; p++)
        if (strong.parts[p].weight > strong.parts[biggest].weight)
            biggest = p;
    for (size_t i = 0; i < count; i++) {
        const Part *part = strong.labels[i] >= 0 ? &strong.parts[strong.labels[i]] : NULL;
        const Part *spot = weak.labels[i] >= 0 ? &weak.parts[weak.labels[i]] : NULL;
        const Part *product = strong.count ? &strong.parts[biggest] : NULL;
        int side = MAX(alpha->width, alpha->height);

        keep->values[i] = !part || !is_loose(part, product, side, options->island_percent);
        fill->values[i] = product && spot && !spot->at_border && spot->least > SPOT_OPEN &&
                          (double)spot->pixels < product->weight * options->hole_percent / 100;
    }
    return NULL;
}
