/* Suspicions: writing, watermarks, frames and seams, found by what strokes and straight lines look like.
 *
 * Strokes are what a closing (and, for light ones, an opening) takes away: structures narrower than its square, whatever lies
 * behind them. Many of like size and strength side by side, outside the product, look like writing.
 */
#include <math.h>
#include <stdlib.h>

#include "market/points.h"

enum {
    WORK_SIDE_PX = 1024,
    SQUARE = 29,         /* points; 1 + the hops below */
    LETTERS_MOST = 1200, /* more than any label has: it is a texture */
    LETTER_SIDE_MOST = 220,
    LINE_LEVELS = 8,
    FAINT_LEVELS = 28, /* a watermark is weaker than that */
    SHUT_RADIUS = 8,
    NEAR_RADIUS = 50,
};

#define LINE_SHARE 0.95

static const int hops[] = {1, 2, 4, 8, 13};

typedef struct Sheet {
    uint8_t *light; /* luma */
    int width, height;
} Sheet;

static void sheet_done(Sheet *sheet)
{
    free(sheet->light);
}
DEFINE_AUTO_DONE(Sheet, sheet_done);

static MUST Err *sheet_take(const Image *picture, Sheet *ret)
{
    AUTO(image_free) Image *flat = NULL, *small = NULL;
    AUTO(sheet_done) Sheet sheet = {0};

    points_size(
        image_width(picture), image_height(picture), WORK_SIDE_PX, &sheet.width, &sheet.height);
    TRY(image_flatten(picture, (Colour){255, 255, 255, 255}, &flat));
    TRY(image_resize(flat, sheet.width, sheet.height, IMAGE_LINEAR, &small));
    size_t count = (size_t)sheet.width * (size_t)sheet.height;
    sheet.light = malloc(count);
    if (!sheet.light)
        return err_new(ERR_MEMORY_SPENT, "no memory to look for writing");
    for (size_t at = 0; at < count; at++) {
        const uint8_t *point = (const uint8_t *)image_row(small, 0) + at * 3;

        sheet.light[at] = (uint8_t)((77 * point[0] + 151 * point[1] + 28 * point[2]) >> 8);
    }
    *ret = sheet;
    sheet.light = NULL;
    return NULL;
}

/* ---- strokes ---- */

static uint8_t most_of(uint8_t a, uint8_t b)
{
    return a > b ? a : b;
}

static uint8_t least_of(uint8_t a, uint8_t b)
{
    return a < b ? a : b;
}

static void row_most(uint8_t *restrict to, const uint8_t *restrict from, int count)
{
    for (int i = 0; i < count; i++)
        to[i] = most_of(to[i], from[i]);
}

static void row_least(uint8_t *restrict to, const uint8_t *restrict from, int count)
{
    for (int i = 0; i < count; i++)
        to[i] = least_of(to[i], from[i]);
}

/* The largest within the square to the right and below; what lies past the end is left out. */
static void points_raise(uint8_t *points, int width, int height)
{
    for (size_t hop = 0; hop < COUNT(hops); hop++) {
        for (int y = 0; y + hops[hop] < height; y++)
            row_most(
                points + (ptrdiff_t)y * width, points + (ptrdiff_t)(y + hops[hop]) * width, width);
        for (int y = 0; y < height; y++) {
            uint8_t *row = points + (ptrdiff_t)y * width;

            for (int x = 0; x + hops[hop] < width; x++)
                row[x] = most_of(row[x], row[x + hops[hop]]);
        }
    }
}

/* The smallest within the square to the left and above. */
static void points_lower(uint8_t *points, int width, int height)
{
    for (size_t hop = 0; hop < COUNT(hops); hop++) {
        for (int y = height - 1; y - hops[hop] >= 0; y--)
            row_least(
                points + (ptrdiff_t)y * width, points + (ptrdiff_t)(y - hops[hop]) * width, width);
        for (int y = 0; y < height; y++) {
            uint8_t *row = points + (ptrdiff_t)y * width;

            for (int x = width - 1; x - hops[hop] >= 0; x--)
                row[x] = least_of(row[x], row[x - hops[hop]]);
        }
    }
}

/* How much darker (or, with INVERT of 255, lighter) each point is than what lies around it, where it is part of a stroke. */
static MUST Err *strokes_take(const Sheet *sheet, uint8_t invert, uint8_t **ret)
{
    size_t count = (size_t)sheet->width * (size_t)sheet->height;
    AUTO(free) uint8_t *closed = malloc(count);

    if (!closed)
        return err_new(ERR_MEMORY_SPENT, "no memory to look for writing");
    for (size_t at = 0; at < count; at++)
        closed[at] = sheet->light[at] ^ invert;
    points_raise(closed, sheet->width, sheet->height);
    points_lower(closed, sheet->width, sheet->height);
    for (size_t at = 0; at < count; at++)
        closed[at] = (uint8_t)(closed[at] - (sheet->light[at] ^ invert));
    *ret = TAKE(closed);
    return NULL;
}

/* ---- letters ---- */

typedef struct Letter {
    int left, top, right, bottom, side;
    double strength; /* mean levels */
    int group;       /* index of another letter of the same word, or of itself */
} Letter;

typedef struct Letters {
    Letter *items;
    int count;
} Letters;

static void letters_done(Letters *letters)
{
    free(letters->items);
}
DEFINE_AUTO_DONE(Letters, letters_done);

static bool is_letter(const Piece *piece)
{
    int width = piece->right - piece->left + 1, height = piece->bottom - piece->top + 1;
    int side = MAX(width, height);
    double stroke = 2.0 * (double)piece->points / (double)piece->rim;

    return side >= 6 && side <= LETTER_SIDE_MOST && piece->points >= 10 &&
           stroke <= 0.4 * side + 1 && (double)piece->points <= 0.8 * width * height + 6;
}

static int root_of(const Letters *letters, int letter)
{
    while (letters->items[letter].group != letter)
        letter = letters->items[letter].group;
    return letter;
}

/* Of like size and strength, and no farther apart than they are large. */
static bool are_neighbours(const Letter *a, const Letter *b)
{
    int side = MAX(a->side, b->side);
    int across = MAX(a->left, b->left) - MIN(a->right, b->right);
    int down = MAX(a->top, b->top) - MIN(a->bottom, b->bottom);

    return 2 * side <= 5 * MIN(a->side, b->side) && across <= side && down <= side / 2 &&
           MAX(a->strength, b->strength) <= 2 * MIN(a->strength, b->strength);
}

static void letters_join(Letters *letters)
{
    for (int i = 0; i < letters->count; i++)
        for (int j = 0; j < i; j++)
            if (are_neighbours(&letters->items[i], &letters->items[j]))
                letters->items[root_of(letters, i)].group = root_of(letters, j);
}

typedef struct Search {
    const Sheet *sheet;
    const uint8_t *strokes;
    const uint8_t *shut; /* 1 where nothing is looked for; NULL looks everywhere */
    const uint8_t *near; /* 1 close to the product */
    int least_levels, least_letters;
    int texts, watermarks;
    Box text_at, watermark_at;
} Search;

/* Pale products have folds as faint as that, and where their outline is lost so is what keeps them apart. */
static bool is_fold(const Search *search, const Letter *letter)
{
    int x = (letter->left + letter->right) / 2, y = (letter->top + letter->bottom) / 2;

    return letter->strength < FAINT_LEVELS && search->near &&
           search->near[y * search->sheet->width + x];
}

static MUST Err *letters_take(const Search *search, Letters *ret)
{
    const Sheet *sheet = search->sheet;
    size_t count = (size_t)sheet->width * (size_t)sheet->height;
    AUTO(free) uint8_t *map = calloc(count, 1);
    AUTO(free) double *strengths = NULL;
    AUTO(pieces_done) Pieces pieces = {0};

    if (!map)
        return err_new(ERR_MEMORY_SPENT, "no memory to look for writing");
    for (size_t at = 0; at < count; at++)
        map[at] =
            search->strokes[at] >= search->least_levels && !(search->shut && search->shut[at]);
    TRY(points_label(map, 1, sheet->width, sheet->height, &pieces));

    strengths = calloc((size_t)pieces.count + 1, sizeof(double));
    ret->items = calloc(LETTERS_MOST, sizeof(Letter));
    if (!strengths || !ret->items)
        return err_new(ERR_MEMORY_SPENT, "no memory for letters");
    for (size_t at = 0; at < count; at++)
        strengths[pieces.labels[at]] += search->strokes[at];
    for (int i = 0; i < pieces.count && ret->count < LETTERS_MOST; i++) {
        const Piece *piece = &pieces.items[i];

        if (!is_letter(piece))
            continue;
        ret->items[ret->count] = (Letter){
            piece->left,
            piece->top,
            piece->right,
            piece->bottom,
            MAX(piece->right - piece->left, piece->bottom - piece->top) + 1,
            strengths[i + 1] / (double)piece->points,
            ret->count};
        ret->count += !is_fold(search, &ret->items[ret->count]);
    }
    return NULL;
}

typedef struct Word {
    int letters, left, top, right, bottom;
    double strength;
} Word;

static Word word_take(const Letters *letters, int root)
{
    Word word = {0, WORK_SIDE_PX, WORK_SIDE_PX, 0, 0, 0};

    for (int i = 0; i < letters->count; i++) {
        const Letter *letter = &letters->items[i];

        if (root_of(letters, i) != root)
            continue;
        word.letters++;
        word.left = MIN(word.left, letter->left);
        word.top = MIN(word.top, letter->top);
        word.right = MAX(word.right, letter->right);
        word.bottom = MAX(word.bottom, letter->bottom);
        word.strength += letter->strength;
    }
    word.strength /= word.letters;
    return word;
}

static void word_count(Search *search, const Word *word)
{
    Box box = {word->left, word->top, word->right - word->left + 1, word->bottom - word->top + 1};
    bool is_faint = word->strength < FAINT_LEVELS;
    Box *at = is_faint ? &search->watermark_at : &search->text_at;

    *(is_faint ? &search->watermarks : &search->texts) += 1;
    if (at->width < box.width)
        *at = box;
}

static MUST Err *words_find(Search *search)
{
    AUTO(letters_done) Letters letters = {0};

    TRY(letters_take(search, &letters));
    if (letters.count == LETTERS_MOST)
        return NULL;
    letters_join(&letters);
    for (int i = 0; i < letters.count; i++) {
        if (letters.items[i].group != i)
            continue;
        Word word = word_take(&letters, i);

        if (word.letters >= search->least_letters)
            word_count(search, &word);
    }
    return NULL;
}

/* ---- straight lines ---- */

static int light_at(const Sheet *sheet, bool is_down, int along, int deep)
{
    return sheet->light
        [is_down ? (ptrdiff_t)deep * sheet->width + along : (ptrdiff_t)along * sheet->width + deep];
}

/* How much of the line at DEEP, counted from the left or, with IS_DOWN, from the top, is a step of LEVELS: 0..1. Its ends, MARGIN
 * long, do not count. */
static double line_share(const Sheet *sheet, bool is_down, int deep, int margin)
{
    int length = is_down ? sheet->width : sheet->height, steps = 0;

    for (int along = margin; along < length - margin; along++)
        steps += abs(light_at(sheet, is_down, along, deep + 1) -
                     light_at(sheet, is_down, along, deep - 1)) >= LINE_LEVELS;
    return (double)steps / MAX(length - 2 * margin, 1);
}

/* How deep below a side, 0 left, 1 top, 2 right, 3 bottom, a line runs along it; 0 when none does. */
static int line_depth(const Sheet *sheet, int side)
{
    bool is_down = side & 1, is_far = side & 2;
    int depth = is_down ? sheet->height : sheet->width;
    int most = MIN(sheet->width, sheet->height) / 14;

    for (int deep = 1; deep < most; deep++)
        if (line_share(sheet, is_down, is_far ? depth - 1 - deep : deep, most + 2) > LINE_SHARE)
            return deep;
    return 0;
}

/* Lines at the same depth below three sides or four are a frame; a boxy product is seldom so exactly in the middle. */
static int frame_sides(const Sheet *sheet)
{
    int depths[4], sides = 0, near = MIN(sheet->width, sheet->height) / 150 + 1;

    for (int side = 0; side < 4; side++)
        depths[side] = line_depth(sheet, side);
    for (int side = 0; side < 4; side++) {
        int alike = 0;

        for (int other = 0; other < 4; other++)
            alike += depths[side] && depths[other] && abs(depths[side] - depths[other]) <= near;
        sides = MAX(sides, alike);
    }
    return sides >= 3 ? sides : 0;
}

/* Seams across the whole picture, those closer than the sides of a gap counted once. */
static int seams_count(const Sheet *sheet, bool is_down)
{
    int depth = is_down ? sheet->height : sheet->width, seams = 0, last = -depth;

    for (int deep = depth / 8; deep < depth - depth / 8; deep++) {
        if (line_share(sheet, is_down, deep, 2) <= LINE_SHARE)
            continue;
        seams += deep - last > depth / 20;
        last = deep;
    }
    return seams;
}

/* ---- all of it ---- */

static Box box_scaled(Box box, const Sheet *sheet, const Image *picture)
{
    double scale = (double)image_width(picture) / sheet->width;

    return (Box){
        (int)lround(box.left * scale), (int)lround(box.top * scale), (int)lround(box.width * scale),
        (int)lround(box.height * scale)};
}

/* Points that the product covers, and RADIUS more. Pieces much smaller than the largest are looked at: they may be letters. */
static MUST Err *product_shut(const Sheet *sheet, const Subject *subject, int radius, uint8_t **ret)
{
    int width = sheet->width, height = sheet->height;
    int map_width = image_width(subject->map), map_height = image_height(subject->map);
    AUTO(free) uint8_t *map = calloc((size_t)width * (size_t)height, 1);
    AUTO(free) uint8_t *shut = malloc((size_t)width * (size_t)height);
    AUTO(pieces_done) Pieces pieces = {0};
    int64_t largest = 0;

    if (!map || !shut)
        return err_new(ERR_MEMORY_SPENT, "no memory to look for writing");
    TRY(points_label(image_row(subject->map, 0), COVER_PRODUCT, map_width, map_height, &pieces));
    for (int i = 0; i < pieces.count; i++)
        largest = MAX(largest, pieces.items[i].points);
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            int label = pieces.labels[y * map_height / height * map_width + x * map_width / width];

            map[y * width + x] = label && pieces.items[label - 1].points * 6 >= largest;
        }
    TRY(points_grow(map, 1, width, height, radius, shut));
    *ret = TAKE(shut);
    return NULL;
}

static void fact_set(Facts *facts, Measure measure, int count, Box where)
{
    facts->of[measure] = (Fact){.is_known = true, .number = count, .where = where};
}

Err *market_find_marks(const Image *picture, const Subject *subject, Facts *facts)
{
    static const uint8_t inverts[] = {0, 255};
    AUTO(sheet_done) Sheet sheet = {0};
    AUTO(free) uint8_t *shut = NULL, *near = NULL;
    bool is_plain = subject->by == SUBJECT_BY_GROUND || subject->by == SUBJECT_BY_ALPHA;

    TRY(sheet_take(picture, &sheet));
    if (subject->map)
        TRY(product_shut(&sheet, subject, SHUT_RADIUS, &shut));
    if (subject->map)
        TRY(product_shut(&sheet, subject, NEAR_RADIUS, &near));
    /* On a textured background grain and leaves have strokes too: fewer and stronger ones count. */
    Search search = {
        .sheet = &sheet,
        .shut = shut,
        .near = near,
        .least_levels = is_plain ? 5 : 40,
        .least_letters = is_plain ? 4 : 7,
    };
    for (size_t i = 0; i < COUNT(inverts); i++) {
        AUTO(free) uint8_t *strokes = NULL;

        TRY(strokes_take(&sheet, inverts[i], &strokes));
        search.strokes = strokes;
        TRY(words_find(&search));
    }
    int sides = frame_sides(&sheet), seams = seams_count(&sheet, false);

    /* Where the product is not known, its own label would be taken for writing. */
    if (subject->map) {
        fact_set(facts, MEASURE_TEXTS, search.texts, box_scaled(search.text_at, &sheet, picture));
        fact_set(
            facts, MEASURE_WATERMARKS, search.watermarks,
            box_scaled(search.watermark_at, &sheet, picture));
    }
    fact_set(facts, MEASURE_FRAME, sides, (Box){0, 0, 0, 0});
    /* A single level line is where a table ends. */
    fact_set(
        facts, MEASURE_PANELS, seams ? (seams + 1) * (seams_count(&sheet, true) + 1) : 1,
        (Box){0, 0, 0, 0});
    return NULL;
}
