/* Where the product stands: what cannot be reached from the picture's border without crossing an edge.
 *
 * Plain backgrounds are seldom one colour: they fade, and the product's shadow lies on them. Both change slowly and keep the
 * background's hue, so a flood from the border goes over them and stops at the product's outline.
 */
#include <math.h>
#include <stdlib.h>

#include "market/points.h"

enum {
    WORK_SIDE_PX = 640,
    STEP_MOST = 5,   /* levels from one point to the next, on a background */
    SLOPE_MOST = 16, /* levels over two points, in a shadow; sharper is an edge */
    SLOPE_FAINT = 5, /* the same where a point is nearly as light as the background */
    FAINT_LEVELS = 14,
    HUE_MOST = 16,       /* levels between the channels, beyond the background's own */
    LIGHTER_MOST = 40,   /* levels above the middle of the border */
    SHADOW_LEAST = 7,    /* levels below it that are called shadow */
    DARKER_PERCENT = 30, /* of the background's light: nothing darker is taken for its shadow */
    SEEN_ALPHA = 24,
};

static const double even_least =
    0.75; /* of the border must be without texture for a background to be plain */

/* ---- the picture, small ---- */

typedef struct Look {
    Image *small; /* RGB */
    int width, height;
    int ground[3]; /* middle colour of the border */
    int grain;     /* slope that nine of ten points of the border stay below */
    double even;
} Look;

static void look_done(Look *look)
{
    image_free(look->small);
}
DEFINE_AUTO_DONE(Look, look_done);

static const uint8_t *point_at(const Look *look, int x, int y)
{
    return (const uint8_t *)image_row(look->small, y) + (ptrdiff_t)x * 3;
}

static int step_between(const uint8_t *a, const uint8_t *b)
{
    int step = 0;

    for (int c = 0; c < 3; c++)
        step = MAX(step, abs(a[c] - b[c]));
    return step;
}

/* How fast colour changes at a point, in levels over two points. */
static int slope_at(const Look *look, int x, int y)
{
    int left = MAX(x - 1, 0), right = MIN(x + 1, look->width - 1);
    int up = MAX(y - 1, 0), down = MIN(y + 1, look->height - 1);
    int across = step_between(point_at(look, left, y), point_at(look, right, y));
    int along = step_between(point_at(look, x, up), point_at(look, x, down));

    return MAX(across, along);
}

/* Walks once around the border, two points deep; CALL for each. */
typedef void PointCall(void *context, int x, int y);

static void border_walk(const Look *look, PointCall *call, void *context)
{
    const int deep = 2;

    for (int y = 0; y < look->height; y++)
        for (int x = 0; x < look->width; x++) {
            if (y >= deep && y < look->height - deep && x == deep && look->width > 2 * deep)
                x = look->width - deep;
            call(context, x, y);
        }
}

typedef struct Border {
    const Look *look;
    int counts[3][256], slopes[256];
    int total;
} Border;

static void border_count(void *border_any, int x, int y)
{
    Border *border = border_any;
    const uint8_t *point = point_at(border->look, x, y);

    for (int c = 0; c < 3; c++)
        border->counts[c][point[c]]++;
    border->slopes[slope_at(border->look, x, y)]++;
    border->total++;
}

/* The level that COUNT of what was counted lie at or below. */
static int level_below(const int counts[256], int count)
{
    int sum = 0, level = 0;

    while (level < 255 && (sum += counts[level]) <= count)
        level++;
    return level;
}

static MUST Err *look_take(const Image *picture, Look *ret)
{
    AUTO(look_done) Look look = {0};
    AUTO(image_free) Image *flat = NULL;
    Border border = {.look = &look};

    TRY(image_flatten(picture, (Colour){255, 255, 255, 255}, &flat));
    points_size(
        image_width(picture), image_height(picture), WORK_SIDE_PX, &look.width, &look.height);
    TRY(image_resize(flat, look.width, look.height, IMAGE_LINEAR, &look.small));
    border_walk(&look, border_count, &border);
    for (int c = 0; c < 3; c++)
        look.ground[c] = level_below(border.counts[c], border.total / 2);
    look.grain = level_below(border.slopes, border.total * 9 / 10);
    for (int slope = 0; slope <= SLOPE_MOST / 2; slope++)
        look.even += (double)border.slopes[slope] / border.total;
    *ret = look;
    look.small = NULL;
    return NULL;
}

/* ---- the flood ---- */

typedef struct Flood {
    const Look *look;
    uint8_t *map; /* Cover */
    int *stack;
    int depth;
} Flood;

/* Whether a point may be background by its colour alone: as light as the border or its shadow, and of its hue. */
static bool is_ground_like(const Look *look, const uint8_t *point)
{
    const int *ground = look->ground;
    int red = (point[0] - point[1]) - (ground[0] - ground[1]);
    int blue = (point[2] - point[1]) - (ground[2] - ground[1]);
    int light = point[0] + point[1] + point[2], whole = ground[0] + ground[1] + ground[2];

    return abs(red) <= HUE_MOST && abs(blue) <= HUE_MOST && light <= whole + 3 * LIGHTER_MOST &&
           light * 100 >= whole * DARKER_PERCENT;
}

/* A faint outline on a light background counts as one; in a shadow the light falls off faster than that. */
static int slope_most(const Look *look, const uint8_t *point)
{
    int faint = CLAMP(2 * look->grain, (int)SLOPE_FAINT, (int)SLOPE_MOST);

    return point[1] > look->ground[1] - FAINT_LEVELS ? faint : SLOPE_MOST;
}

static void flood_reach(Flood *flood, int x, int y)
{
    const Look *look = flood->look;
    int at = y * look->width + x;

    const uint8_t *point = point_at(look, x, y);

    if (flood->map[at] != COVER_PRODUCT || !is_ground_like(look, point) ||
        slope_at(look, x, y) > slope_most(look, point))
        return;
    flood->map[at] = COVER_GROUND;
    flood->stack[flood->depth++] = at;
}

static void flood_begin(void *flood_any, int x, int y)
{
    flood_reach(flood_any, x, y);
}

static void flood_run(Flood *flood)
{
    static const int across[] = {1, -1, 0, 0}, down[] = {0, 0, 1, -1};
    const Look *look = flood->look;

    border_walk(look, flood_begin, flood);
    while (flood->depth > 0) {
        int at = flood->stack[--flood->depth], x = at % look->width, y = at / look->width;

        for (int i = 0; i < 4; i++) {
            int to_x = x + across[i], to_y = y + down[i];

            if (to_x >= 0 && to_x < look->width && to_y >= 0 && to_y < look->height &&
                step_between(point_at(look, x, y), point_at(look, to_x, to_y)) <= STEP_MOST)
                flood_reach(flood, to_x, to_y);
        }
    }
}

/* A point just outside the outline is stopped at by its slope, though it is background. */
static void rim_give_back(Flood *flood)
{
    const Look *look = flood->look;
    int width = look->width, count = width * look->height;

    for (int at = 0; at < count; at++) {
        const uint8_t *point = (const uint8_t *)image_row(look->small, 0) + (ptrdiff_t)at * 3;
        int x = at % width, y = at / width, off = 0;

        for (int c = 0; c < 3; c++)
            off = MAX(off, abs(point[c] - look->ground[c]));
        if (flood->map[at] == COVER_PRODUCT && off < SHADOW_LEAST &&
            ((x > 0 && flood->map[at - 1] == COVER_GROUND) ||
             (x + 1 < width && flood->map[at + 1] == COVER_GROUND) ||
             (y > 0 && flood->map[at - width] == COVER_GROUND) ||
             (at + width < count && flood->map[at + width] == COVER_GROUND)))
            flood->map[at] = COVER_LOOSE; /* or shadow would grow out of shadow */
    }
    for (int at = 0; at < count; at++)
        if (flood->map[at] == COVER_LOOSE)
            flood->map[at] = COVER_GROUND;
}

static void shadow_tell(const Look *look, uint8_t *map)
{
    for (int at = 0; at < look->width * look->height; at++) {
        const uint8_t *point = (const uint8_t *)image_row(look->small, 0) + (ptrdiff_t)at * 3;

        if (map[at] == COVER_GROUND && point[1] < look->ground[1] - SHADOW_LEAST)
            map[at] = COVER_SHADOW;
    }
}

static MUST Err *cover_by_ground(const Look *look, uint8_t *map)
{
    size_t count = (size_t)look->width * (size_t)look->height;
    AUTO(free) int *stack = malloc(count * sizeof(int));
    Flood flood = {look, map, stack, 0};

    if (!stack)
        return err_new(ERR_MEMORY_SPENT, "no memory to look for the product");
    memset(map, COVER_PRODUCT, count);
    flood_run(&flood);
    rim_give_back(&flood);
    TRY(points_close(map, look->width, look->height, MAX(look->width, look->height) / 200 + 1));
    shadow_tell(look, map);
    return NULL;
}

static MUST Err *cover_by_alpha(const Look *look, const Image *picture, uint8_t *map)
{
    AUTO(image_free) Image *alpha = NULL, *small = NULL;

    TRY(image_take_alpha(picture, &alpha));
    TRY(image_resize(alpha, look->width, look->height, IMAGE_LINEAR, &small));
    for (int at = 0; at < look->width * look->height; at++)
        map[at] =
            ((const uint8_t *)image_row(small, 0))[at] >= SEEN_ALPHA ? COVER_PRODUCT : COVER_GROUND;
    return NULL;
}

/* ---- pieces ---- */

/* The largest piece and what is not much smaller or stands close to it is the product; the rest lies loose. */
static MUST Err *pieces_tell(Look *look, uint8_t *map, Subject *subject)
{
    AUTO(pieces_done) Pieces pieces = {0};
    int64_t largest = 0;
    int width = look->width, height = look->height;
    int left = width, top = height, right = -1, bottom = -1;

    TRY(points_label(map, COVER_PRODUCT, width, height, &pieces));
    for (int i = 0; i < pieces.count; i++)
        largest = MAX(largest, pieces.items[i].points);
    for (int i = 0; i < pieces.count; i++) {
        Piece *piece = &pieces.items[i];

        piece->is_kept = piece->points * 20 >= largest;
        subject->pieces += piece->points * 4 >= largest;
        if (!piece->is_kept)
            continue;
        left = MIN(left, piece->left);
        top = MIN(top, piece->top);
        right = MAX(right, piece->right);
        bottom = MAX(bottom, piece->bottom);
    }
    for (int at = 0; at < width * height; at++)
        if (map[at] == COVER_PRODUCT && !pieces.items[pieces.labels[at] - 1].is_kept)
            map[at] = COVER_LOOSE;
    if (right < 0)
        return NULL;
    subject->box = (Box){left, top, right - left + 1, bottom - top + 1};
    return NULL;
}

/* Smooth grey may be a shadow, or a thing of glass or porcelain. */
static bool is_mostly_shadow(const Look *look, const uint8_t *map)
{
    int shadow = 0, product = 0;

    for (int at = 0; at < look->width * look->height; at++) {
        shadow += map[at] == COVER_SHADOW;
        product += map[at] == COVER_PRODUCT;
    }
    return shadow > product / 4;
}

/* From points to pixels of the picture. */
static Box box_scaled(Box box, const Look *look, const Image *picture)
{
    double across = (double)image_width(picture) / look->width;
    double down = (double)image_height(picture) / look->height;
    int left = (int)lround(box.left * across), top = (int)lround(box.top * down);

    return (Box){
        left, top, (int)lround((box.left + box.width) * across) - left,
        (int)lround((box.top + box.height) * down) - top};
}

Cover market_cover_at(const Subject *subject, int x, int y, int width, int height)
{
    if (!subject->map)
        return COVER_GROUND;

    int across = (int)((int64_t)x * image_width(subject->map) / width);
    int down = (int)((int64_t)y * image_height(subject->map) / height);
    return ((const uint8_t *)image_row(subject->map, down))[across];
}

void market_subject_done(Subject *subject)
{
    image_free(subject->map);
    *subject = (Subject){0};
}

/* Whether enough can be seen through for alpha to mean something. */
static bool is_seen_through(const Image *picture)
{
    int64_t open = 0;

    if (!image_has_alpha(picture))
        return false;
    for (int y = 0; y < image_height(picture); y++) {
        const uint8_t *row = image_row(picture, y);

        for (int x = 0; x < image_width(picture); x++)
            open += row[4 * x + 3] < SEEN_ALPHA;
    }
    return open * 200 > (int64_t)image_width(picture) * image_height(picture);
}

Err *market_find_subject(const Image *picture, const Image *cutout, Subject *ret)
{
    AUTO(look_done) Look look = {0};
    AUTO(market_subject_done) Subject subject = {0};

    TRY(look_take(picture, &look));
    subject.ground =
        (Colour){(uint8_t)look.ground[0], (uint8_t)look.ground[1], (uint8_t)look.ground[2], 255};
    subject.even = look.even;
    TRY(image_new(look.width, look.height, 1, DEPTH_8, &subject.map));
    uint8_t *map = image_row_mut(subject.map, 0);

    if (is_seen_through(picture)) {
        subject.by = SUBJECT_BY_ALPHA;
        TRY(cover_by_alpha(&look, picture, map));
    } else if (cutout) {
        subject.by = SUBJECT_BY_CUTOUT;
        TRY(cover_by_alpha(&look, cutout, map));
    } else if (look.even >= even_least) {
        subject.by = SUBJECT_BY_GROUND;
        TRY(cover_by_ground(&look, map));
    }
    if (subject.by)
        TRY(pieces_tell(&look, map, &subject));
    subject.is_doubtful = subject.by == SUBJECT_BY_GROUND && is_mostly_shadow(&look, map);
    if (subject.box.width == 0) {
        image_free(TAKE(subject.map));
        subject.by = SUBJECT_UNKNOWN;
    }
    subject.box = box_scaled(subject.box, &look, picture);
    *ret = subject;
    subject.map = NULL;
    return NULL;
}
