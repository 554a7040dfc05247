/* The facts of a picture: numbers and words that rules ask for. */
#include <math.h>
#include <strings.h>

#include "base/file.h"
#include "market/points.h"

const MeasureRow market_measures[MEASURE_MAX_] = {
    [MEASURE_WIDTH] = {"width_px", "px", "Width"},
    [MEASURE_HEIGHT] = {"height_px", "px", "Height"},
    [MEASURE_LONGEST] = {"longest_px", "px", "Longer side"},
    [MEASURE_SHORTEST] = {"shortest_px", "px", "Shorter side"},
    [MEASURE_MEGAPIXELS] = {"megapixels", "MP", "Million pixels"},
    [MEASURE_ASPECT] = {"aspect", "", "Width over height", .tolerance = 0.005},
    [MEASURE_BYTES] = {"bytes", "bytes", "Size of the file"},
    [MEASURE_FORMAT] = {"format", "", "Kind of file", .is_word = true},
    [MEASURE_ENDING] =
        {"ending", "", "Whether the name's ending is that of the format", .is_word = true},
    [MEASURE_COLOURS] = {"colours", "", "Colour space: srgb, grey, cmyk or other", .is_word = true},
    [MEASURE_FRAMES] = {"frames", "", "Pictures in the file"},
    [MEASURE_OPAQUE] = {"opaque_percent", "%", "Pixels that cannot be seen through"},
    [MEASURE_BORDER_WHITE] =
        {"border_white_percent", "%",
         "Pixels of the border, beside the product, that are 255,255,255"},
    [MEASURE_GROUND_WHITE] =
        {"ground_white_percent", "%",
         "Pixels of the background, beside product and shadow, that are "
         "255,255,255"},
    [MEASURE_CORNER] = {"corner", "", "Darkest channel in the worst corner"},
    [MEASURE_GROUND_MEAN] = {"ground_mean", "", "Mean light of the border, 0 to 255"},
    [MEASURE_GROUND_EVEN] = {"ground_even_percent", "%", "Border without texture"},
    [MEASURE_FILL] =
        {"fill_percent", "%", "Product, of the picture in its tighter direction", .tolerance = 1},
    [MEASURE_AREA] = {"area_percent", "%", "Product, of the picture's area"},
    [MEASURE_CUT] = {"cut_sides", "", "Sides of the picture that the product runs out of"},
    [MEASURE_PIECES] = {"pieces", "", "Separate things of like size"},
    [MEASURE_TEXTS] =
        {"texts", "", "Places that look like writing beside the product", .is_suspicion = true},
    [MEASURE_WATERMARKS] =
        {"watermarks", "", "Places that look like a watermark", .is_suspicion = true},
    [MEASURE_FRAME] =
        {"frame_sides", "", "Sides along which a line or border runs", .is_suspicion = true},
    [MEASURE_PANELS] =
        {"panels", "", "Parts that straight seams divide the picture into", .is_suspicion = true},
    [MEASURE_ORIGIN] =
        {"digital_source_type", "", "What the file says of how it came about", .is_word = true},
};

static void number_set(Facts *facts, Measure measure, double number)
{
    facts->of[measure].is_known = true;
    facts->of[measure].number = number;
}

static void word_set(Facts *facts, Measure measure, const char *word)
{
    facts->of[measure].is_known = word != NULL;
    facts->of[measure].word = word;
}

/* ---- the file ---- */

static const char *ending_word(const char *path, ImageFormat format)
{
    static const struct {
        const char *ending;
        ImageFormat format;
    } also[] = {
        {"jpeg", IMAGE_JPEG},
        {"jfif", IMAGE_JPEG},
        {"tif", IMAGE_TIFF},
        {"tiff", IMAGE_TIFF},
        {"heif", IMAGE_HEIC}};
    const char *ending = path_ending(path);

    if (strcasecmp(ending, image_format_ending(format)) == 0)
        return "matches";
    for (size_t i = 0; i < COUNT(also); i++)
        if (also[i].format == format && strcasecmp(ending, also[i].ending) == 0)
            return "matches";
    return "differs";
}

static const char *colours_word(const ImageFacts *facts)
{
    if (facts->was_cmyk)
        return "cmyk";
    if (facts->channels <= 2)
        return "grey";
    return !facts->profile[0] || strcasestr(facts->profile, "srgb") ? "srgb" : "other";
}

static void file_measure(const MarketPicture *picture, Facts *facts)
{
    const ImageFacts *file = picture->facts;
    int width = image_width(picture->image), height = image_height(picture->image);

    number_set(facts, MEASURE_WIDTH, width);
    number_set(facts, MEASURE_HEIGHT, height);
    number_set(facts, MEASURE_LONGEST, MAX(width, height));
    number_set(facts, MEASURE_SHORTEST, MIN(width, height));
    number_set(facts, MEASURE_MEGAPIXELS, (double)width * height / 1e6);
    number_set(facts, MEASURE_ASPECT, (double)width / height);
    if (picture->bytes)
        number_set(facts, MEASURE_BYTES, (double)picture->bytes);
    word_set(facts, MEASURE_FORMAT, image_format_name(file->format));
    if (picture->path)
        word_set(facts, MEASURE_ENDING, ending_word(picture->path, file->format));
    word_set(facts, MEASURE_COLOURS, colours_word(file));
    number_set(facts, MEASURE_FRAMES, file->frames);
    word_set(facts, MEASURE_ORIGIN, picture->source_type);
}

/* ---- whiteness ---- */

/* Whole numbers only, so that the order of adding does not matter. */
typedef struct Sum {
    int64_t pixels, white, light;
} Sum;

static double percent(int64_t part, int64_t whole)
{
    return whole ? 100.0 * (double)part / (double)whole : 0;
}

static void pixel_add(Sum *sum, const uint8_t *pixel, int channels)
{
    bool is_seen = channels < 4 || pixel[3] == 255;

    sum->pixels++;
    sum->white += is_seen && pixel[0] == 255 && pixel[1] == 255 && pixel[2] == 255;
    sum->light += is_seen ? (2 * pixel[0] + 5 * pixel[1] + pixel[2]) / 8 : 0;
}

/* One point of the map more than the product covers, so that its soft outline does not count as background. */
static MUST Err *ground_open(const Subject *subject, uint8_t **ret)
{
    int width = image_width(subject->map), height = image_height(subject->map);
    const uint8_t *map = image_row(subject->map, 0);
    size_t count = (size_t)width * (size_t)height;
    AUTO(free) uint8_t *open = malloc(count), *near = malloc(count);

    if (!open || !near)
        return err_new(ERR_MEMORY_SPENT, "no memory to measure the background");
    memset(open, 1, count);
    for (Cover cover = COVER_SHADOW; cover <= COVER_PRODUCT; cover++) {
        TRY(points_grow(map, (uint8_t)cover, width, height, 2, near));
        for (size_t at = 0; at < count; at++)
            open[at] &= !near[at];
    }
    *ret = TAKE(open);
    return NULL;
}

static MUST Err *whiteness_measure(const MarketPicture *picture, Facts *facts)
{
    const Image *image = picture->image;
    const Subject *subject = picture->subject;
    int width = image_width(image), height = image_height(image), channels = image_channels(image);
    int rim = MAX(MIN(width, height) / 64, 1);
    AUTO(free) uint8_t *open = NULL;
    Sum border = {0}, rim_whole = {0}, ground = {0};
    int64_t opaque = 0;

    if (subject->map)
        TRY(ground_open(subject, &open));
    int map_width = open ? image_width(subject->map) : 0;
    int map_height = open ? image_height(subject->map) : 0;
    for (int y = 0; y < height; y++) {
        const uint8_t *row = image_row(image, y);
        const uint8_t *line =
            open ? open + (ptrdiff_t)((int64_t)y * map_height / height) * map_width : NULL;

        for (int x = 0; x < width; x++) {
            const uint8_t *pixel = row + (ptrdiff_t)x * channels;
            bool is_rim = x < rim || y < rim || x >= width - rim || y >= height - rim;

            opaque += channels < 4 || pixel[3] == 255;
            if (is_rim && market_cover_at(subject, x, y, width, height) != COVER_PRODUCT)
                pixel_add(&border, pixel, channels);
            if (is_rim)
                pixel_add(&rim_whole, pixel, channels);
            if (line && line[(int64_t)x * map_width / width])
                pixel_add(&ground, pixel, channels);
        }
    }
    number_set(facts, MEASURE_OPAQUE, percent(opaque, (int64_t)width * height));
    /* What covers most of the border is hardly a product. */
    if (border.pixels * 2 < rim_whole.pixels)
        border = rim_whole;
    if (border.pixels) {
        number_set(facts, MEASURE_BORDER_WHITE, percent(border.white, border.pixels));
        number_set(facts, MEASURE_GROUND_MEAN, (double)border.light / (double)border.pixels);
    }
    if (ground.pixels)
        number_set(facts, MEASURE_GROUND_WHITE, percent(ground.white, ground.pixels));
    return NULL;
}

/* Shops are said to sample the corners. */
static void corner_measure(const Image *image, Facts *facts)
{
    int width = image_width(image), height = image_height(image), channels = image_channels(image);
    int side = MAX(MIN(width, height) / 100, 1), worst = 255;

    for (int corner = 0; corner < 4; corner++)
        for (int i = 0; i < side * side; i++) {
            int x = corner & 1 ? width - 1 - i % side : i % side;
            int y = corner & 2 ? height - 1 - i / side : i / side;
            const uint8_t *pixel = (const uint8_t *)image_row(image, y) + (ptrdiff_t)x * channels;

            for (int c = 0; c < 3; c++)
                worst = MIN(worst, channels == 4 && pixel[3] < 255 ? 0 : pixel[c]);
        }
    number_set(facts, MEASURE_CORNER, worst);
}

/* ---- the product ---- */

/* A product that runs out of the picture touches its edge along a good part of itself. */
static int sides_cut(const Subject *subject)
{
    int width = image_width(subject->map), height = image_height(subject->map), sides = 0;
    int least = MAX(MIN(width, height) / 50, 3), touching[4] = {0};

    for (int x = 0; x < width; x++) {
        touching[0] += market_cover_at(subject, x, 0, width, height) == COVER_PRODUCT;
        touching[1] += market_cover_at(subject, x, height - 1, width, height) == COVER_PRODUCT;
    }
    for (int y = 0; y < height; y++) {
        touching[2] += market_cover_at(subject, 0, y, width, height) == COVER_PRODUCT;
        touching[3] += market_cover_at(subject, width - 1, y, width, height) == COVER_PRODUCT;
    }
    for (int side = 0; side < 4; side++)
        sides += touching[side] >= least;
    return sides;
}

static void product_measure(const MarketPicture *picture, Facts *facts)
{
    const Subject *subject = picture->subject;
    double across = 100.0 * subject->box.width / image_width(picture->image);
    double down = 100.0 * subject->box.height / image_height(picture->image);
    int64_t points = 0, count;

    number_set(facts, MEASURE_GROUND_EVEN, 100 * subject->even);
    if (!subject->map)
        return;
    count = (int64_t)image_width(subject->map) * image_height(subject->map);
    for (int64_t at = 0; at < count; at++)
        points += ((const uint8_t *)image_row(subject->map, 0))[at] == COVER_PRODUCT;
    if (!subject->is_doubtful) {
        number_set(facts, MEASURE_FILL, across > down ? across : down);
        number_set(facts, MEASURE_AREA, percent(points, count));
    }
    number_set(facts, MEASURE_CUT, sides_cut(subject));
    number_set(facts, MEASURE_PIECES, subject->pieces);
}

Err *market_measure(const MarketPicture *picture, Facts *ret)
{
    Facts facts = {0};

    file_measure(picture, &facts);
    TRY(whiteness_measure(picture, &facts));
    corner_measure(picture->image, &facts);
    product_measure(picture, &facts);
    TRY(market_find_marks(picture->image, picture->subject, &facts));
    *ret = facts;
    return NULL;
}
