/* Survey: what a catalogue's review wants to know of a product before it is placed. */
#include <math.h>
#include <string.h>

#include "recipe/step/step_priv.h"

enum {
    SOLID_ALPHA = 128
};

/* How much of the product's alpha may lie outside its core, at each side: a speck is far less. */
static const double loose_share = 0.002;

/* ---- where it runs out of the photo ---- */

static int along_edge(const Image *product, int side)
{
    int width = image_width(product), height = image_height(product), solid = 0;
    bool is_level = side >= 2; /* left, right, top, bottom */
    int length = is_level ? width : height;

    for (int at = 0; at < length; at++) {
        int x = is_level ? at : side == 0 ? 0 : width - 1;
        int y = !is_level ? at : side == 2 ? 0 : height - 1;

        solid += ((const uint8_t *)image_row(product, y))[4 * x + 3] >= SOLID_ALPHA;
    }
    return solid;
}

/* A product that touches all four sides was trimmed, which says nothing of the photo. */
static void cut_survey(Shot *shot)
{
    static const char *const names[] = {"left", "right", "top", "bottom"};
    const Image *product = shot->product;
    int least = MAX(MIN(image_width(product), image_height(product)) / 50, 2);
    Value *sides = value_list();

    for (int side = 0; side < 4; side++)
        if (along_edge(product, side) >= least)
            value_add(sides, value_of_text(names[side]));
    if (value_count(sides) == 0 || value_count(sides) == 4)
        value_free(sides);
    else
        shot_note(shot, "place", "cut", sides);
}

/* ---- its core ---- */

typedef struct Profile {
    double *values;
    int count;
} Profile;

static void profile_core(const Profile *profile, int *ret_first, int *ret_last)
{
    double whole = 0, sum = 0;
    int first = 0, last = profile->count - 1;

    for (int i = 0; i < profile->count; i++)
        whole += profile->values[i];
    while (first < last && (sum += profile->values[first]) <= whole * loose_share)
        first++;
    for (sum = 0; last > first && (sum += profile->values[last]) <= whole * loose_share;)
        last--;
    *ret_first = first;
    *ret_last = last;
}

/* The box that holds nearly all of the product: a forgotten speck far from it makes the outer box useless. And its mean light. */
static MUST Err *core_survey(const Image *placed, Box *ret, double *ret_light)
{
    int width = image_width(placed), height = image_height(placed), left, right, top, bottom;
    AUTO(free) double *columns = calloc((size_t)width, sizeof(double));
    AUTO(free) double *lines = calloc((size_t)height, sizeof(double));
    double light = 0, whole = 0;

    if (!columns || !lines)
        return err_new(ERR_MEMORY_SPENT, "no memory to survey a product");
    for (int y = 0; y < height; y++) {
        const uint8_t *row = image_row(placed, y);

        for (int x = 0; x < width; x++) {
            const uint8_t *pixel = row + (ptrdiff_t)x * 4;

            columns[x] += pixel[3];
            lines[y] += pixel[3];
            light += pixel[3] * (0.299 * pixel[0] + 0.587 * pixel[1] + 0.114 * pixel[2]);
            whole += pixel[3];
        }
    }
    profile_core(&(Profile){columns, width}, &left, &right);
    profile_core(&(Profile){lines, height}, &top, &bottom);
    *ret = (Box){left, top, right - left + 1, bottom - top + 1};
    *ret_light = whole > 0 ? light / whole : 0;
    return NULL;
}

static double rounded(double number)
{
    return round(number * 10) / 10;
}

void survey_photo(Shot *shot)
{
    if (image_has_alpha(shot->product))
        cut_survey(shot);
}

Err *survey_placed(Shot *shot)
{
    Box core = {0, 0, image_width(shot->product), image_height(shot->product)};
    Value *box = value_list();
    double light = 0;

    if (image_has_alpha(shot->product))
        TRY(core_survey(shot->product, &core, &light));

    double across = 100.0 * core.width / shot->width_px,
           down = 100.0 * core.height / shot->height_px;
    value_add(box, value_of_int(shot->box.left + core.left));
    value_add(box, value_of_int(shot->box.top + core.top));
    value_add(box, value_of_int(core.width));
    value_add(box, value_of_int(core.height));
    shot_note(shot, "place", "box", box);
    shot_note(shot, "place", "fill", value_of_number(rounded(fmax(across, down))));
    shot_note(
        shot, "place", "aspect", value_of_number(round(1000.0 * core.width / core.height) / 1000));
    if (image_has_alpha(shot->product))
        shot_note(shot, "place", "light", value_of_number(rounded(light)));
    return NULL;
}
