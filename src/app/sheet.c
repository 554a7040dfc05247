/* cyclorama sheet: pictures side by side with a line of words under each. */
#include <string.h>

#include "app/command.h"
#include "app/photos.h"
#include "base/file.h"
#include "image/image.h"

enum {
    SHEET_SIDE_MAX_PX = 16384,
    CHECKER_CELLS = 32, /* squares along a cell that stand for transparency */
    FILE_BYTES_MAX = 64 << 20,
};

typedef struct SheetOptions {
    const char *output;
    int64_t columns, cell;
    Colour ground, ink;
} SheetOptions;

static const Field SheetOptions_fields[] = {
    {FIELD_TEXT(SheetOptions, output), .help = "The sheet: a JPEG, PNG or WebP file",
     .format = "file", .letter = 'o', .max = 4096},
    {FIELD_INT(SheetOptions, columns), .help = "Pictures in a row; 0 puts all into one",
     .preset = "0", .max = 20},
    {FIELD_INT(SheetOptions, cell), .help = "Longest side of a picture on the sheet",
     .preset = "480", .min = 32, .max = 4096, .unit = "px"},
    {FIELD_COLOUR(SheetOptions, ground), .help = "Colour of the sheet", .preset = "#f6f5f3"},
    {FIELD_COLOUR(SheetOptions, ink), .help = "Colour of the words", .preset = "#3a3733"},
    {FIELD_END},
};

/* Where everything lies, in pixels. */
typedef struct SheetPlan {
    int columns, rows, cell, gap, caption;
    int width, height;
} SheetPlan;

static MUST Err *sheet_plan(const SheetOptions *options, size_t pictures, SheetPlan *ret)
{
    int count = (int)pictures, cell = (int)options->cell, gap = cell / 16;
    int columns = options->columns ? (int)MIN(options->columns, count) : count;
    int rows = (count + columns - 1) / columns, caption = cell / 12;
    SheetPlan plan = {columns, rows, cell, gap, caption, 0, 0};

    plan.width = columns * (cell + gap) + gap;
    plan.height = rows * (cell + caption + 2 * gap) + gap;
    if (plan.width > SHEET_SIDE_MAX_PX || plan.height > SHEET_SIDE_MAX_PX)
        return err_public(
            err_new(ERR_INPUT_INVALID, "sheet of %dx%d px", plan.width, plan.height),
            "The sheet would be %d x %d px; %d is the most. Choose fewer pictures or a smaller "
            "--cell.",
            plan.width, plan.height, SHEET_SIDE_MAX_PX);
    *ret = plan;
    return NULL;
}

/* "file=words" names its own words, unless there is a file of that whole name. */
static void word_split(const char *word, Arena *mem, const char **ret_path, const char **ret_words)
{
    const char *sign = strrchr(word, '=');

    if (!sign || file_exists(word)) {
        *ret_path = word;
        *ret_words = path_stem(mem, word);
        return;
    }
    *ret_path = arena_print(mem, "%.*s", (int)(sign - word), word);
    *ret_words = sign + 1;
}

/* RGB; what is transparent shows squares. */
static MUST Err *checkered(const Image *image, Image **ret)
{
    AUTO(image_free) Image *light = NULL;
    AUTO(image_free) Image *dark = NULL;

    TRY(image_flatten(image, (Colour){255, 255, 255, 255}, &light));
    TRY(image_flatten(image, (Colour){222, 222, 222, 255}, &dark));
    int longest = MAX(image_width(image), image_height(image));
    int square = MAX(longest / CHECKER_CELLS, 1);
    for (int y = 0; y < image_height(image); y++) {
        const uint8_t *from = image_row(dark, y);
        uint8_t *to = image_row_mut(light, y);

        for (int x = 0; x < image_width(image); x++)
            if ((x / square + y / square) % 2)
                memcpy(to + x * 3, from + x * 3, 3);
    }
    *ret = TAKE(light);
    return NULL;
}

/* The picture of file PATH, RGB, to fit a square of CELL pixels. */
static MUST Err *picture_read(const char *path, int cell, Image **ret)
{
    AUTO(buf_done) Buf file = BUF(FILE_BYTES_MAX);
    AUTO(image_decoded_done) ImageDecoded decoded = {0};
    AUTO(image_free) Image *fitted = NULL;
    ImageLimits limits = image_limits_default;

    limits.bytes = FILE_BYTES_MAX;
    TRY(photo_read(path, &file));
    TRY(image_decode(file.bytes, file.size, &limits, NULL, &decoded));
    int width = image_width(decoded.image), height = image_height(decoded.image);
    double scale = (double)cell / MAX(width, height);
    TRY(image_resize(
        decoded.image, MAX((int)(width * scale + 0.5), 1), MAX((int)(height * scale + 0.5), 1),
        IMAGE_LANCZOS3, &fitted));
    if (image_has_alpha(fitted))
        return checkered(fitted, ret);
    *ret = TAKE(fitted);
    return NULL;
}

static void picture_lay(Image *sheet, const Image *picture, int left, int top)
{
    for (int y = 0; y < image_height(picture); y++)
        memcpy(
            (uint8_t *)image_row_mut(sheet, top + y) + left * 3, image_row(picture, y),
            (size_t)image_width(picture) * 3);
}

static MUST Err *sheet_draw(App *app, const SheetOptions *options, const Texts *words, Image **ret)
{
    AUTO(image_free) Image *sheet = NULL;
    Colour ground = options->ground;
    SheetPlan plan = {0};

    ground.a = 255;
    TRY(sheet_plan(options, words->count, &plan));
    TRY(image_flat(plan.width, plan.height, ground, &sheet));
    for (size_t i = 0; i < words->count; i++) {
        AUTO(image_free) Image *picture = NULL;
        AUTO(image_free) Image *mask = NULL;
        const char *path, *caption;
        int left = plan.gap + (int)i % plan.columns * (plan.cell + plan.gap);
        int top = plan.gap + (int)i / plan.columns * (plan.cell + plan.caption + 2 * plan.gap);

        word_split(words->items[i], app->mem, &path, &caption);
        TRY(photos_check_spared(
            &(Photos){.items = &(Photo){.path = path}, .count = 1}, options->output));
        TRY(photo_blame(picture_read(path, plan.cell, &picture), path));
        picture_lay(
            sheet, picture, left + (plan.cell - image_width(picture)) / 2,
            top + (plan.cell - image_height(picture)) / 2);
        if (!*caption)
            continue;
        TRY(image_text(caption, "sans", plan.caption * 2 / 3, &mask));
        image_ink(
            sheet, mask, left + (plan.cell - image_width(mask)) / 2, top + plan.cell + plan.gap / 2,
            options->ink);
    }
    *ret = TAKE(sheet);
    return NULL;
}

static MUST Err *sheet_format(const char *path, ImageFormat *ret)
{
    const char *ending = path_ending(path);

    for (ImageFormat format = 0; format < IMAGE_FORMAT_MAX_; format++)
        if (format != IMAGE_HEIC && (strcmp(image_format_ending(format), ending) == 0 ||
                                     strcmp(image_format_name(format), ending) == 0)) {
            *ret = format;
            return NULL;
        }
    return err_public(
        err_new(ERR_INPUT_INVALID, "no format for '%s'", path),
        "Give the sheet a name that ends in .jpg, .png or .webp.");
}

static MUST Err *sheet_make(App *app, const SheetOptions *options, const Texts *words)
{
    AUTO(image_free) Image *sheet = NULL;
    AUTO(buf_done) Buf file = BUF(FILE_BYTES_MAX);
    ImageEncoding encoding = {.quality = 88, .effort = 4, .metadata = IMAGE_METADATA_NONE};

    TRY(sheet_format(options->output, &encoding.format));
    TRY(sheet_draw(app, options, words, &sheet));
    TRY(image_encode(sheet, &encoding, &file));
    return file_write(options->output, file.bytes, file.size);
}

static Err *sheet_run(App *app, const void *options, const Texts *words, Exit *exit)
{
    (void)exit;
    image_start(1);
    Err *err = sheet_make(app, options, words);
    image_stop();
    return err;
}

static const char *const sheet_about[] = {
    "Each PICTURE is a file; words behind an equals sign stand under it, else its name does. "
    "Transparency shows as squares.",
    NULL,
};

static const Example sheet_examples[] = {
    {"cyclorama sheet shoe.jpg=before shoe-shop.jpg=after -o sheet.jpg", "Before and after"},
    {"cyclorama sheet out/*.jpg --columns 4 -o all.jpg", "A folder at a glance"},
    {NULL, NULL},
};

const Command command_sheet = {
    .name = "sheet",
    .summary = "Put pictures side by side, with words under each",
    .usage = "PICTURE[=WORDS]... -o FILE",
    .about = sheet_about,
    .examples = sheet_examples,
    .options = SHAPE(SheetOptions),
    .words = "file",
    .least_words = 1,
    .most_words = 400,
    .run = sheet_run,
};
