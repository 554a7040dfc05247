/* Caption: a product's name and a second line such as its price, written on the picture so that everybody can read them. */
#include <math.h>
#include <string.h>

#include "recipe/step/step_priv.h"

typedef enum Position {
    POSITION_AUTO,
    POSITION_TOP,
    POSITION_BOTTOM,
    POSITION_CENTRE,
    POSITION_LEFT,
} Position;

static const char *const position_names[] = {"auto", "top", "bottom", "centre", "left", NULL};

typedef enum Ink {
    INK_AUTO,
    INK_DARK,
    INK_LIGHT,
} Ink;

static const char *const ink_names[] = {"auto", "dark", "light", NULL};

typedef struct CaptionOptions {
    const char *title, *line;
    int position, ink;
    double size, line_size, margin;
    double product[4];
    const char *font;
} CaptionOptions;

static const Field CaptionOptions_fields[] = {
    {FIELD_TEXT(CaptionOptions, title), .help = "Words to write: the name of the product",
     .preset = "", .max = 300},
    {FIELD_TEXT(CaptionOptions, line), .help = "A second line below, such as the price",
     .preset = "", .max = 120},
    {FIELD_NAME(CaptionOptions, position, position_names),
     .help = "Where; auto takes the foot or the top, whichever the product leaves free, and the "
             "calmer one of both",
     .preset = "auto"},
    {FIELD_NAME(CaptionOptions, ink, ink_names),
     .help = "Dark or light letters; auto takes what can be read with the least help",
     .preset = "auto"},
    {FIELD_NUMBER(CaptionOptions, size),
     .help = "Height of the title's letters, of the frame's shorter side", .preset = "6.4",
     .min = 1, .max = 30, .unit = "%"},
    {FIELD_NUMBER(CaptionOptions, line_size), .help = "The same of the second line",
     .preset = "4.6", .min = 1, .max = 30, .unit = "%"},
    {FIELD_NUMBER(CaptionOptions, margin),
     .help = "Room kept free at the edges; 0 takes what apps need that show a frame of this shape",
     .preset = "0", .max = 40, .unit = "%"},
    {FIELD_VECTOR(CaptionOptions, product, 4),
     .help = "Where the product stands, which is not written on if there is room beside it: left, "
             "top, width and height; zeros: where it was placed",
     .preset = "0,0,0,0", .min = -200, .max = 300, .unit = "%"},
    {FIELD_TEXT(CaptionOptions, font), .help = "Font families, the first that is there",
     .preset = "Inter Display, Inter, Noto Sans, DejaVu Sans", .max = 120},
    {FIELD_END},
};

enum {
    LINES_MOST = 3,
    SHRUNK_LEAST_PERCENT = 74, /* smaller than so, a long title is cut instead */
    SHRINK_PERCENT = 8,
    LETTER_LEAST_PX = 8
};

#define CONTRAST_KEPT \
    4.65 /* WCAG 2.1 (1.4.3) asks for 4.5; rounding and JPEG take a little of it */

#define GAP 0.02          /* between words and product, of the frame */
#define COLUMN_LEAST 0.24 /* words beside the product get at least so much of its width */
#define CALMER 0.6        /* words stand at the foot, unless so much less goes on at the top */

/* ---- where it may stand ---- */

/* Parts of the frame that apps lay their own things over. */
typedef struct Margins {
    double left, top, right, bottom;
} Margins;

/* TikTok's and Instagram's full-screen video players cover the foot with words and the right edge with buttons; a carousel's page number
 * stands in its upper right corner. */
static Margins margins_of(const CaptionOptions *options, int width, int height)
{
    static const Margins tall = {0.075, 0.1, 0.135, 0.19};
    static const Margins usual = {0.075, 0.08, 0.075, 0.075};
    double own = options->margin / 100, side = MIN(width, height);
    const Margins *shape = height * 10 >= width * 16 ? &tall : &usual;

    if (own > 0)
        return (Margins){own * side, own * side, own * side, own * side};
    return (Margins){
        shape->left * side, shape->top * height, shape->right * side, shape->bottom * height};
}

/* ---- the words, drawn ---- */

typedef struct Block {
    Image *title, *line; /* masks; NULL for none */
    int width, height, gap;
    int lines;
    bool is_cut;
} Block;

static void block_done(Block *block)
{
    image_free(block->title);
    image_free(block->line);
}
DEFINE_AUTO_DONE(Block, block_done);

typedef struct Room {
    int left, top, width, height;
    bool is_centred;
} Room;

static const char *font_of(const CaptionOptions *options, const char *weight, Arena *mem)
{
    return arena_print(mem, "%s, %s", options->font, weight);
}

/* Words that are too long become smaller first, and only then are cut. */
static MUST Err *words_fit(ImageWords words, Image **ret, ImageWordsFacts *ret_facts)
{
    double size_px = words.size_px;

    for (int percent = 100;; percent -= SHRINK_PERCENT) {
        AUTO(image_free) Image *mask = NULL;
        bool is_last = percent - SHRINK_PERCENT < SHRUNK_LEAST_PERCENT;
        ImageWordsFacts facts;

        words.size_px = MAX(size_px * percent / 100, LETTER_LEAST_PX);
        TRY(image_words(&words, &mask, &facts));
        if (!is_last && (facts.is_cut || facts.lines == words.lines_most))
            continue;
        *ret = TAKE(mask);
        *ret_facts = facts;
        return NULL;
    }
}

static MUST Err *
block_draw(const CaptionOptions *options, const Room *room, double side, Arena *mem, Block *ret)
{
    AUTO(block_done) Block block = {0};
    double line_px = options->line_size / 100 * side;
    ImageWords title = {
        .text = options->title,
        .font = font_of(options, "Bold", mem),
        .size_px = options->size / 100 * side,
        .width_px = room->width,
        .lines_most = LINES_MOST,
        .leading = 0.94,
        .tracking = -0.012,
        .is_centred = room->is_centred,
    };
    ImageWords line = title;
    ImageWordsFacts facts[2] = {0};

    line.text = options->line;
    line.font = font_of(options, "Medium", mem);
    line.size_px = line_px;
    line.lines_most = LINES_MOST - 1;
    line.tracking = 0;
    if (*title.text)
        TRY(words_fit(title, &block.title, &facts[0]));
    if (*line.text)
        TRY(words_fit(line, &block.line, &facts[1]));
    block.lines = facts[0].lines;
    block.is_cut = facts[0].is_cut || facts[1].is_cut;
    block.gap = block.title && block.line ? (int)lround(line_px * 0.22) : 0;
    block.width =
        MAX(block.title ? image_width(block.title) : 0, block.line ? image_width(block.line) : 0);
    block.height = (block.title ? image_height(block.title) : 0) + block.gap +
                   (block.line ? image_height(block.line) : 0);
    *ret = block;
    block = (Block){0};
    return NULL;
}

/* ---- what is under it ---- */

/* Relative luminance (WCAG 2.1) of an encoded pixel. */
static double luminance(const uint8_t *rgb)
{
    return 0.2126 * colour_linear(rgb[0]) + 0.7152 * colour_linear(rgb[1]) +
           0.0722 * colour_linear(rgb[2]);
}

static double contrast(double a, double b)
{
    return (MAX(a, b) + 0.05) / (MIN(a, b) + 0.05);
}

static Box box_within(Box box, const Image *picture)
{
    int left = MAX(box.left, 0), top = MAX(box.top, 0);
    int right = MIN(box.left + box.width, image_width(picture));
    int bottom = MIN(box.top + box.height, image_height(picture));

    return (Box){left, top, MAX(right - left, 0), MAX(bottom - top, 0)};
}

/* How much goes on in BOX: the mean step from pixel to pixel, in levels. */
static double bustle(const Image *picture, Box box)
{
    int channels = image_channels(picture);
    double sum = 0;
    int64_t count = 1;

    box = box_within(box, picture);
    for (int y = box.top + 2; y < box.top + box.height; y += 2) {
        const uint8_t *row = image_row(picture, y), *above = image_row(picture, y - 2);

        for (int x = box.left + 2; x < box.left + box.width; x += 2, count++) {
            const uint8_t *pixel = row + x * channels;

            sum +=
                abs(pixel[1] - pixel[1 - 2 * channels]) + abs(pixel[1] - above[x * channels + 1]);
        }
    }
    return sum / (double)count;
}

static Colour mean_colour(const Image *picture, Box box)
{
    int channels = image_channels(picture);
    double sum[3] = {0}, count = 0;

    for (int y = box.top; y < box.top + box.height; y++) {
        const uint8_t *row = image_row(picture, y);

        for (int x = box.left; x < box.left + box.width; x++, count++)
            for (int c = 0; c < 3; c++)
                sum[c] += colour_linear(row[x * channels + c]);
    }
    if (count == 0)
        return (Colour){128, 128, 128, 255};
    return (Colour){
        (uint8_t)lround(colour_encoded((float)(sum[0] / count))),
        (uint8_t)lround(colour_encoded((float)(sum[1] / count))),
        (uint8_t)lround(colour_encoded((float)(sum[2] / count))), 255};
}

/* MEAN's hue at another lightness, hardly coloured. */
static Colour tinted(Colour mean, double lightness, double chroma_most)
{
    OkLab lab = colour_oklab(mean);
    double linear[3], chroma = hypot(lab.a, lab.b);
    double keep = chroma > chroma_most ? chroma_most / chroma : 1;

    colour_of_oklab((OkLab){lightness, lab.a * keep, lab.b * keep}, linear);
    return (Colour){
        (uint8_t)lround(colour_encoded((float)linear[0])),
        (uint8_t)lround(colour_encoded((float)linear[1])),
        (uint8_t)lround(colour_encoded((float)linear[2])), 255};
}

/* Letters, and what is laid under them where the picture alone leaves too little contrast. */
typedef struct Scheme {
    Colour ink, veil;
    double veiled; /* 0 none .. 1 nothing of the picture is seen */
} Scheme;

static void veil_pixel(const uint8_t *from, Colour veil, double share, uint8_t to[3])
{
    to[0] = (uint8_t)lround(from[0] + (veil.r - from[0]) * share);
    to[1] = (uint8_t)lround(from[1] + (veil.g - from[1]) * share);
    to[2] = (uint8_t)lround(from[2] + (veil.b - from[2]) * share);
}

/* The least contrast of SCHEME's ink in BOX. */
static double contrast_least(const Image *picture, Box box, const Scheme *scheme)
{
    const uint8_t ink_rgb[] = {scheme->ink.r, scheme->ink.g, scheme->ink.b};
    double ink = luminance(ink_rgb), least = 21;
    int channels = image_channels(picture);

    for (int y = box.top; y < box.top + box.height; y++) {
        const uint8_t *row = image_row(picture, y);

        for (int x = box.left; x < box.left + box.width; x++) {
            uint8_t rgb[3];

            veil_pixel(row + x * channels, scheme->veil, scheme->veiled, rgb);
            least = MIN(least, contrast(ink, luminance(rgb)));
        }
    }
    return least;
}

/* The thinnest veil by which the ink can be read everywhere in BOX, to a fortieth. */
static void veil_find(const Image *picture, Box box, Scheme *scheme)
{
    int few = 0, many = 40;

    while (few < many) {
        int middle = (few + many) / 2;

        scheme->veiled = middle / 40.0;
        if (contrast_least(picture, box, scheme) >= CONTRAST_KEPT)
            many = middle;
        else
            few = middle + 1;
    }
    scheme->veiled = few / 40.0;
}

static Scheme scheme_find(const CaptionOptions *options, const Image *picture, Box box)
{
    Colour mean = mean_colour(picture, box);
    double lightest = CLAMP(colour_oklab(mean).l + 0.02, 0.965, 1.0);
    Scheme dark = {tinted(mean, 0.24, 0.035), tinted(mean, lightest, 0.02), 0};
    Scheme light = {tinted(mean, 0.99, 0.006), tinted(mean, 0.17, 0.035), 0};

    veil_find(picture, box, &dark);
    veil_find(picture, box, &light);
    if (options->ink != INK_AUTO)
        return options->ink == INK_DARK ? dark : light;
    if (dark.veiled == light.veiled)
        return contrast_least(picture, box, &dark) >= contrast_least(picture, box, &light) ? dark
                                                                                           : light;
    return dark.veiled < light.veiled ? dark : light;
}

/* ---- laid on ---- */

static double ease(double t)
{
    t = CLAMP(t, 0.0, 1.0);
    return t * t * t * (t * (6 * t - 15) + 10);
}

/* How strongly the veil shows at X, Y, of its strength: whole in BOX, and gone softly around it; at the top or the foot of the picture it
 * stays to the edge. */
static double veil_share(Box box, int position, double soft, double x, double y)
{
    double above = box.top - y, below = y - (box.top + box.height);
    double beside = MAX(box.left - x, x - (box.left + box.width));

    if (position == POSITION_BOTTOM)
        return ease(1 - above / soft);
    if (position == POSITION_TOP)
        return ease(1 - below / soft);
    if (position == POSITION_LEFT)
        return ease(1 - (x - (box.left + box.width)) / soft);
    double away = MAX(above, below);
    return ease(1 - hypot(MAX(beside, 0.0), MAX(away, 0.0)) / soft);
}

/* What is mixed over a transparent picture becomes as opaque as the mixing is strong. */
static void opacity_raise(const Image *picture, uint8_t *pixel, double share)
{
    if (image_channels(picture) == 4)
        pixel[3] = (uint8_t)lround(pixel[3] + (255 - pixel[3]) * share);
}

static void veil_lay(Image *picture, Box box, int position, const Scheme *scheme)
{
    int channels = image_channels(picture), width = image_width(picture);
    int height = image_height(picture);
    double soft = MAX(0.16 * MIN(width, height), box.height * 0.6);

    if (scheme->veiled == 0)
        return;
    for (int y = 0; y < height; y++) {
        uint8_t *pixel = image_row_mut(picture, y);

        for (int x = 0; x < width; x++, pixel += channels) {
            double share = scheme->veiled * veil_share(box, position, soft, x, y);

            if (share <= 0)
                continue;
            veil_pixel(pixel, scheme->veil, share, pixel);
            opacity_raise(picture, pixel, share);
        }
    }
}

static void mask_lay(Image *picture, const Image *mask, int left, int top, Colour ink)
{
    int channels = image_channels(picture);
    Box box = box_within((Box){left, top, image_width(mask), image_height(mask)}, picture);

    for (int y = box.top; y < box.top + box.height; y++) {
        const uint8_t *cover = image_row(mask, y - top);
        uint8_t *row = image_row_mut(picture, y);

        for (int x = box.left; x < box.left + box.width; x++) {
            double share = cover[x - left] / 255.0;

            if (share == 0)
                continue;
            veil_pixel(row + x * channels, ink, share, row + x * channels);
            opacity_raise(picture, row + x * channels, share);
        }
    }
}

static void block_lay(Image *picture, const Block *block, const Room *room, Box box, Colour ink)
{
    const Image *masks[] = {block->title, block->line};
    int top = box.top;

    for (size_t i = 0; i < COUNT(masks); i++) {
        if (!masks[i])
            continue;
        int spare = box.width - image_width(masks[i]);

        mask_lay(picture, masks[i], box.left + (room->is_centred ? spare / 2 : 0), top, ink);
        top += image_height(masks[i]) + block->gap;
    }
}

/* ---- together ---- */

/* Where the product stands in the frame; of no width when nobody knows. */
static Box product_find(const CaptionOptions *options, const Shot *shot, int width, int height)
{
    const double *said = options->product;

    if (said[2] > 0 && said[3] > 0)
        return (Box){
            (int)lround(said[0] * width / 100), (int)lround(said[1] * height / 100),
            (int)lround(said[2] * width / 100), (int)lround(said[3] * height / 100)};
    return shot->is_placed ? shot->box : (Box){0};
}

static Room room_of(const CaptionOptions *options, Box product, int width, int height)
{
    Margins margins = margins_of(options, width, height);
    Room room = {
        .left = (int)lround(margins.left),
        .top = (int)lround(margins.top),
        .width = (int)lround(width - margins.left - margins.right),
        .height = (int)lround(height - margins.top - margins.bottom),
        .is_centred = options->position != POSITION_LEFT,
    };
    int beside = product.left - room.left - (int)lround(width * GAP);

    if (options->position == POSITION_LEFT) {
        room.width = (int)lround(width * 0.46) - room.left;
        if (product.width > 0 && beside > (int)lround(width * COLUMN_LEAST))
            room.width = MIN(room.width, beside);
    }
    room.width = MAX(room.width, 1);
    room.height = MAX(room.height, 1);
    return room;
}

static Box block_box(const Block *block, const Room *room, int position)
{
    int spare = room->height - block->height;
    int down = position == POSITION_TOP ? 0 : position == POSITION_BOTTOM ? spare : spare / 2;
    int across = room->is_centred ? (room->width - block->width) / 2 : 0;

    return (Box){room->left + across, room->top + MAX(down, 0), block->width, block->height};
}

/* Rows of the product that lie under BOX, or nearer to it than a gap. */
static int rows_under(Box box, Box product, int gap)
{
    int top = MAX(box.top - gap, product.top);
    int bottom = MIN(box.top + box.height + gap, product.top + product.height);
    bool is_beside = product.width == 0 || box.left + box.width <= product.left ||
                     product.left + product.width <= box.left;

    return is_beside ? 0 : MAX(bottom - top, 0);
}

static int position_find(
    const CaptionOptions *options, const Image *picture, const Block *block, const Room *room,
    Box product)
{
    Box top = block_box(block, room, POSITION_TOP);
    Box bottom = block_box(block, room, POSITION_BOTTOM);
    int gap = (int)lround(image_height(picture) * GAP);
    int over_top = rows_under(top, product, gap), over_bottom = rows_under(bottom, product, gap);

    if (options->position != POSITION_AUTO)
        return options->position;
    if (over_top != over_bottom)
        return over_top < over_bottom ? POSITION_TOP : POSITION_BOTTOM;
    return bustle(picture, top) < bustle(picture, bottom) * CALMER ? POSITION_TOP : POSITION_BOTTOM;
}

static void
caption_note(Shot *shot, int position, const Scheme *scheme, const Block *block, double least)
{
    shot_note(shot, "caption", "position", value_of_text(position_names[position]));
    shot_note(shot, "caption", "lines", value_of_int(block->lines));
    shot_note(shot, "caption", "is_cut", value_of_bool(block->is_cut));
    shot_note(shot, "caption", "veil", value_of_number(scheme->veiled));
    shot_note(shot, "caption", "contrast", value_of_number(floor(least * 100) / 100));
}

static Err *caption_run(const StepRun *run, const void *options_any, Shot *shot)
{
    const CaptionOptions *options = options_any;
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(image_free) Image *picture = NULL;
    AUTO(block_done) Block block = {0};

    TRY(shot_finish(shot, run->threads));
    TRY(image_copy(shot->finished, &picture));
    int width = image_width(picture), height = image_height(picture);
    Box product = product_find(options, shot, width, height);
    Room room = room_of(options, product, width, height);

    TRY(block_draw(options, &room, MIN(width, height), mem, &block));
    int position = position_find(options, picture, &block, &room, product);
    Box box = block_box(&block, &room, position);
    Scheme scheme = scheme_find(options, picture, box_within(box, picture));

    caption_note(
        shot, position, &scheme, &block,
        contrast_least(picture, box_within(box, picture), &scheme));
    veil_lay(picture, box, position, &scheme);
    block_lay(picture, &block, &room, box, scheme.ink);
    shot_put(&shot->finished, TAKE(picture));
    return NULL;
}

static Err *caption_check(const void *options_any)
{
    const CaptionOptions *options = options_any;

    if (*options->title || *options->line)
        return NULL;
    return err_field(
        err_public(
            err_new(ERR_INPUT_INVALID, "a caption without words"),
            "A caption needs a title or a line."),
        "/title");
}

const Step step_caption = {
    .name = "caption",
    .summary = "Write a name and a price on the picture, where they can be read",
    .version = 1,
    .phase = PHASE_PICTURE,
    .options = SHAPE(CaptionOptions),
    .check = caption_check,
    .run = caption_run,
};
