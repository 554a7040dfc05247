/* A picture in another frame: never stretched, and nothing of the product cut away.
 *
 * Where the ground is plain, or there is none, the product is framed anew as large as it was (or as large as the shop asks for) and in the same
 * place; what the frame lacks is more ground. A set is cropped towards the shape that is wanted as far as the product leaves room, and
 * grown for the rest (grow.c).
 */
#include "market/frame.h"

#include <math.h>
#include <string.h>

#include "market/market.h"

enum {
    VISIBLE_ALPHA = 8,
    LIKE_LEVELS = 22, /* how far from its middle a plain ground may be, ... */
    LIKE_PERCENT = 85 /* ... and how much of it must be so near */
};

static const double fill_slack = 0.012; /* how far within a shop's limits a product is put */
static const double room_around = 0.07; /* of the picture's side, kept beside a product in a set */
static const double top_share =
    0.6; /* of what a set is grown by: walls bear more of it than floors */

typedef struct Rect {
    double left, top, width, height;
} Rect;

typedef struct Framing {
    const FrameWish *wish;
    int width, height; /* of the picture */
    double aspect;
    bool is_plain;
    Box product; /* what counts as filling the frame; empty when nobody knows */
    Box content; /* with its shadow */
} Framing;

/* ---- where things are ---- */

static Box box_joined(Box a, Box b)
{
    if (a.width <= 0)
        return b;
    int left = MIN(a.left, b.left), top = MIN(a.top, b.top);
    int right = MAX(a.left + a.width, b.left + b.width);
    int bottom = MAX(a.top + a.height, b.top + b.height);

    return (Box){left, top, right - left, bottom - top};
}

/* All that is not bare ground. */
static Box content_of(const Subject *subject, int width, int height)
{
    Box box = subject->box;

    if (!subject->map)
        return box;
    int across = image_width(subject->map), down = image_height(subject->map);
    for (int y = 0; y < down; y++) {
        const uint8_t *row = image_row(subject->map, y);

        for (int x = 0; x < across; x++) {
            if (row[x] == COVER_GROUND)
                continue;
            int left = x * width / across, top = y * height / down;
            Box point = {
                left, top, MIN((x + 1) * width / across + 1, width) - left,
                MIN((y + 1) * height / down + 1, height) - top};
            box = box_joined(box, point);
        }
    }
    return box;
}

/* A wall and a floor without much texture are a set all the same: plain is what is one colour all around. */
static bool is_one_colour(const Image *picture, const Subject *subject)
{
    int width = image_width(picture), height = image_height(picture), like = 0, all = 0;
    int channels = image_channels(picture);
    int longer = MAX(width, height), step = MAX(longer / 400, 1);

    for (int y = 0; y < height; y += step)
        for (int x = 0; x < width; x += step) {
            if (x > width / 50 && y > height / 50 && x < width - width / 50 - 1 &&
                y < height - height / 50 - 1)
                continue;
            const uint8_t *pixel = (const uint8_t *)image_row(picture, y) + (ptrdiff_t)x * channels;
            int apart = MAX(abs(pixel[0] - subject->ground.r), abs(pixel[1] - subject->ground.g));

            apart = MAX(apart, abs(pixel[2] - subject->ground.b));
            like += apart <= LIKE_LEVELS;
            all++;
        }
    return like >= all * LIKE_PERCENT / 100;
}

static bool is_plain(const Image *picture, const Subject *subject)
{
    if (subject->by == SUBJECT_UNKNOWN || subject->box.width <= 0)
        return false;
    return subject->by == SUBJECT_BY_ALPHA || is_one_colour(picture, subject);
}

/* ---- frames ---- */

/* The least height of a frame of ASPECT that BOX fits into. */
static double height_around(Box box, double aspect)
{
    return MAX(box.width / aspect, (double)box.height);
}

static void hold_inside(double *at, double size, int from, int extent)
{
    if (extent > size)
        return;
    *at = MIN(*at, (double)from);
    *at = MAX(*at, from + extent - size);
}

/* A product that runs out of the picture runs out of the frame, too. */
static void hold_to_edge(double *at, double size, int from, int extent, int side)
{
    bool is_first = from <= 0, is_last = from + extent >= side;

    if (is_first && !is_last)
        *at = 0;
    if (is_last && !is_first)
        *at = side - size;
}

static Rect frame_plain(const Framing *framing)
{
    const FrameWish *wish = framing->wish;
    Box product = framing->product;
    double fill =
        MAX((double)product.width / framing->width, (double)product.height / framing->height);
    double wanted = fill;

    if (wish->fill_least > 0 && fill < wish->fill_least)
        wanted = MIN(wish->fill_least + fill_slack, 0.98);
    if (wish->fill_most > 0 && fill > wish->fill_most)
        wanted = MAX(wish->fill_most - fill_slack, 0.1);
    double height = height_around(product, framing->aspect) / wanted;
    double with_shadow = height_around(framing->content, framing->aspect);

    /* A shadow is kept whole unless the shop wants the product so large that it cannot be. */
    if (wish->fill_least <= 0 ||
        height_around(product, framing->aspect) / with_shadow >= wish->fill_least)
        height = MAX(height, with_shadow);
    double width = height * framing->aspect;
    double across = (product.left + product.width / 2.0) / framing->width;
    double down = (product.top + product.height / 2.0) / framing->height;
    Rect rect = {
        product.left + product.width / 2.0 - across * width,
        product.top + product.height / 2.0 - down * height, width, height};

    hold_inside(&rect.left, width, framing->content.left, framing->content.width);
    hold_inside(&rect.top, height, framing->content.top, framing->content.height);
    hold_inside(&rect.left, width, product.left, product.width);
    hold_inside(&rect.top, height, product.top, product.height);
    hold_to_edge(&rect.left, width, product.left, product.width, framing->width);
    hold_to_edge(&rect.top, height, product.top, product.height, framing->height);
    return rect;
}

/* What may not be cut in one direction: the product and some room, or all of the picture. */
static void room_of(int from, int extent, int side, double *ret_from, double *ret_size)
{
    double room = side * room_around;

    if (extent <= 0) {
        *ret_from = 0;
        *ret_size = side;
        return;
    }
    *ret_from = MAX(from - room, 0.0);
    *ret_size = MIN(from + extent + room, (double)side) - *ret_from;
}

/* Where a window of SIZE in SIDE lies so that the product stays where it was in it, and nothing outside is shown. */
static double window_at(double size, double side, double from, double extent)
{
    double middle = from + extent / 2, at = middle - middle / side * size;

    at = MIN(at, from);
    at = MAX(at, from + extent - size);
    return CLAMP(at, 0.0, side - size);
}

static Rect frame_set(const Framing *framing)
{
    double left, top, width_least, height_least;
    double width = framing->width, height = framing->height;
    Rect rect = {0, 0, width, height};

    room_of(framing->product.left, framing->product.width, framing->width, &left, &width_least);
    room_of(framing->product.top, framing->product.height, framing->height, &top, &height_least);
    if (framing->aspect < width / height) {
        rect.width = MAX(width_least, height * framing->aspect);
        rect.left = window_at(rect.width, width, left, width_least);
        rect.height = rect.width / framing->aspect;
        rect.top = -(rect.height - height) * top_share;
    } else {
        rect.height = MAX(height_least, width / framing->aspect);
        rect.top = window_at(rect.height, height, top, height_least);
        rect.width = rect.height * framing->aspect;
        rect.left = -(rect.width - width) / 2;
    }
    return rect;
}

/* ---- pixels ---- */

static Box box_rounded(Rect rect, const Framing *framing)
{
    Box box = {
        (int)lround(rect.left), (int)lround(rect.top), MAX((int)lround(rect.width), 1),
        MAX((int)lround(rect.height), 1)};

    /* Nearly all of it is all of it. */
    if (abs(box.left) <= 1 && abs(box.top) <= 1 && abs(box.width - framing->width) <= 1 &&
        abs(box.height - framing->height) <= 1)
        box = (Box){0, 0, framing->width, framing->height};
    return box;
}

/* The part of SIDE that a frame from AT shows, and what is beyond it at both ends. */
static void
side_cut(int at, int size, int side, int *ret_from, int *ret_size, int *before, int *after)
{
    *ret_from = CLAMP(at, 0, side - 1);
    *ret_size = CLAMP(at + size, *ret_from + 1, side) - *ret_from;
    *before = *ret_from - at;
    *after = at + size - *ret_from - *ret_size;
}

/* How deep the strip is that nothing stands in; some percent of the picture when nobody knows. */
static int strip_free(int free, int side, bool is_known)
{
    int few = MAX(side / 30, 1), apart = MAX(side / 100, 1);

    return is_known ? MAX(free - apart, 1) : few;
}

static Sides strips_free(const Framing *framing, Box shown)
{
    Box content = framing->content;
    bool is_known = content.width > 0;
    int right = shown.left + shown.width, bottom = shown.top + shown.height;

    return (Sides){
        .left = strip_free(content.left - shown.left, shown.width, is_known),
        .top = strip_free(content.top - shown.top, shown.height, is_known),
        .right = strip_free(right - content.left - content.width, shown.width, is_known),
        .bottom = strip_free(bottom - content.top - content.height, shown.height, is_known),
    };
}

static void sides_scale(Sides *sides, double scale)
{
    *sides = (Sides){
        (int)lround(sides->left * scale), (int)lround(sides->top * scale),
        (int)lround(sides->right * scale), (int)lround(sides->bottom * scale)};
}

/* What is much larger than it will be is made smaller first, so that deep pixels of a whole photo are never held. */
static MUST Err *
shown_take(const Image *picture, Box shown, double scale, Sides *beyond, Sides *open, Image **ret)
{
    AUTO(image_free) Image *cropped = NULL, *smaller = NULL;

    TRY(image_crop(picture, shown, &cropped));
    if (scale < 0.5) {
        double by = scale * 2;

        TRY(image_resize(
            cropped, MAX((int)lround(shown.width * by), 1), MAX((int)lround(shown.height * by), 1),
            IMAGE_LANCZOS3, &smaller));
        sides_scale(beyond, by);
        sides_scale(open, by);
    } else {
        smaller = image_ref(cropped);
    }
    return image_to_depth(smaller, DEPTH_16, ret);
}

/* More of nothing. */
static MUST Err *canvas_clear(const Image *picture, const Sides *by, Image **ret)
{
    AUTO(image_free) Image *canvas = NULL;
    int width = image_width(picture), height = image_height(picture);

    TRY(image_new(
        width + by->left + by->right, height + by->top + by->bottom, 4, DEPTH_16, &canvas));
    for (int y = 0; y < height; y++)
        memcpy(
            (uint16_t *)image_row_mut(canvas, y + by->top) + (ptrdiff_t)by->left * 4,
            image_row(picture, y), (size_t)width * 4 * sizeof(uint16_t));
    *ret = TAKE(canvas);
    return NULL;
}

static MUST Err *frame_take(const Image *picture, const Framing *framing, Box box, Image **ret)
{
    AUTO(image_free) Image *shown_16 = NULL, *canvas = NULL, *sized = NULL;
    const FrameWish *wish = framing->wish;
    Sides beyond;
    Box shown;

    side_cut(
        box.left, box.width, framing->width, &shown.left, &shown.width, &beyond.left,
        &beyond.right);
    side_cut(
        box.top, box.height, framing->height, &shown.top, &shown.height, &beyond.top,
        &beyond.bottom);
    Sides open = strips_free(framing, shown);
    TRY(shown_take(picture, shown, (double)wish->width_px / box.width, &beyond, &open, &shown_16));
    if (image_has_alpha(picture))
        TRY(canvas_clear(shown_16, &beyond, &canvas));
    else
        TRY(market_grow(shown_16, &beyond, &open, &canvas));
    TRY(image_resize(canvas, wish->width_px, wish->height_px, IMAGE_LANCZOS3, &sized));
    return image_to_depth(sized, DEPTH_8, ret);
}

/* ---- all of it ---- */

static bool is_opaque(const Image *picture)
{
    if (!image_has_alpha(picture))
        return true;
    for (int y = 0; y < image_height(picture); y++) {
        const uint8_t *row = image_row(picture, y);

        for (int x = 0; x < image_width(picture); x++)
            if (row[4 * x + 3] != 255)
                return false;
    }
    return true;
}

static MUST Err *
framing_find(const Image *picture, const Subject *subject, const FrameWish *wish, Framing *ret)
{
    Framing framing = {
        .wish = wish,
        .width = image_width(picture),
        .height = image_height(picture),
        .aspect = (double)wish->width_px / wish->height_px,
        .is_plain = is_plain(picture, subject),
    };

    if (framing.is_plain) {
        framing.product = subject->box;
        framing.content = content_of(subject, framing.width, framing.height);
    } else if (wish->product.width > 0) {
        framing.product = framing.content = wish->product;
    }
    if (image_has_alpha(picture)) {
        Box visible;

        TRY(image_alpha_box(picture, VISIBLE_ALPHA, &visible));
        framing.content = box_joined(framing.content, visible);
    }
    *ret = framing;
    return NULL;
}

static MUST Err *
ground_whiten(Image **picture, const Subject *subject, const FrameWish *wish, FrameFacts *facts)
{
    AUTO(image_free) Image *white = NULL;

    if (image_has_alpha(*picture) || !market_is_near_white(subject, wish->whiten))
        return NULL;
    TRY(market_whiten(*picture, subject, wish->threads, &white));
    image_free(*picture);
    *picture = TAKE(white);
    facts->is_whitened = true;
    return NULL;
}

static MUST Err *open_picture(const Image *picture, Image **ret)
{
    if (image_has_alpha(picture) && is_opaque(picture))
        return image_take_rgb(picture, ret);
    *ret = image_ref(picture);
    return NULL;
}

/* PRODUCT of the picture in a frame that shows BOX of it. */
static Box product_in(Box product, Box box, double scale)
{
    if (product.width <= 0)
        return (Box){0};
    return (Box){
        (int)lround((product.left - box.left) * scale),
        (int)lround((product.top - box.top) * scale), (int)lround(product.width * scale),
        (int)lround(product.height * scale)};
}

Err *market_frame(const Image *picture, const FrameWish *wish, Image **ret, FrameFacts *ret_facts)
{
    AUTO(market_subject_done) Subject subject = {0};
    AUTO(image_free) Image *whole = NULL, *framed = NULL;
    FrameFacts facts = {0};
    Framing framing;

    TRY(open_picture(picture, &whole));
    TRY(market_find_subject(whole, NULL, &subject));
    TRY(ground_whiten(&whole, &subject, wish, &facts));
    TRY(framing_find(whole, &subject, wish, &framing));
    Box box = box_rounded(framing.is_plain ? frame_plain(&framing) : frame_set(&framing), &framing);

    TRY(frame_take(whole, &framing, box, &framed));
    facts.is_cropped = box.width < framing.width || box.height < framing.height;
    facts.is_grown = box.left < 0 || box.top < 0 || box.left + box.width > framing.width ||
                     box.top + box.height > framing.height;
    facts.scale = (double)wish->width_px / box.width;
    facts.product = product_in(framing.product, box, facts.scale);
    facts.ground = !framing.is_plain ? "set" : image_has_alpha(whole) ? "transparent" : "plain";
    if (image_has_alpha(framed) && wish->is_opaque) {
        AUTO(image_free) Image *clear = TAKE(framed);

        TRY(image_flatten(clear, wish->ground, &framed));
    }
    *ret = TAKE(framed);
    *ret_facts = facts;
    return NULL;
}
