/* Encode: the finished picture becomes a file. */
#include <math.h>

#include "recipe/step/step_priv.h"

static const char *const format_names[] = {"png", "jpeg", "webp", "avif", "tiff", NULL};
static const ImageFormat formats[] = {IMAGE_PNG, IMAGE_JPEG, IMAGE_WEBP, IMAGE_AVIF, IMAGE_TIFF};

static const char *const metadata_names[] = {"none", "rights", NULL};
static const char *const provenance_names[] = {"auto", "google", "none", NULL};
static const char *const profile_names[] = {"srgb", "photo", NULL};

enum {
    PROFILE_SRGB,
    PROFILE_PHOTO,
    QUALITY_LEAST =
        30 /* below this a product picture sells nothing; rather say that it does not fit */
};

typedef struct EncodeOptions {
    int format;
    int64_t quality;
    bool lossless;
    int64_t effort;
    int64_t max_kb, longest_most_px;
    double dpi;
    Colour ground;
    int metadata, provenance, profile;
} EncodeOptions;

static const Field EncodeOptions_fields[] = {
    {FIELD_NAME(EncodeOptions, format, format_names), .help = "Kind of file", .preset = "png"},
    {FIELD_INT(EncodeOptions, quality), .help = "JPEG, WebP and AVIF quality", .preset = "90",
     .min = 1, .max = 100},
    {FIELD_BOOL(EncodeOptions, lossless), .help = "Keep every bit (WebP, AVIF)", .preset = "false"},
    {FIELD_INT(EncodeOptions, effort), .help = "0 writes fastest, 9 makes the smallest file",
     .preset = "3", .max = 9},
    {FIELD_INT(EncodeOptions, max_kb),
     .help = "Lower the quality until the file fits; 0 for no limit", .preset = "0", .max = 1048576,
     .unit = "kB"},
    {FIELD_INT(EncodeOptions, longest_most_px),
     .help = "Shrink the picture until its longer side is no longer than this; 0 for any",
     .preset = "0", .max = 16384, .unit = "px"},
    {FIELD_NUMBER(EncodeOptions, dpi), .help = "Print resolution to note in the file; 0 for none",
     .preset = "0", .max = 2400, .unit = "dpi"},
    {FIELD_COLOUR(EncodeOptions, ground), .help = "What shows where the format has no transparency",
     .preset = "white"},
    {FIELD_NAME(EncodeOptions, metadata, metadata_names),
     .help = "Rights to keep; GPS and personal data never stay", .preset = "rights"},
    {FIELD_NAME(EncodeOptions, provenance, provenance_names),
     .help = "Say in the file how the picture came about (IPTC Digital Source Type) and what made "
             "it; google says it as Merchant Center asks for",
     .preset = "auto"},
    {FIELD_NAME(EncodeOptions, profile, profile_names),
     .help = "Colours as sRGB, or converted back to the photo's own ICC profile", .preset = "srgb"},
    {FIELD_END},
};

ImageFormat step_encode_format(const void *options_any)
{
    const EncodeOptions *options = options_any;

    return formats[options->format];
}

/* What the file says of rights and of how it came about; borrowed from SHOT and KEY. */
static ImageRights
rights_of(const EncodeOptions *options, const Shot *shot, const char key[HASH_TEXT_SIZE])
{
    ImageRights rights = options->metadata ? shot->rights : (ImageRights){0};
    const char *word =
        origin_word(shot->work, shot->rights.source_type, (OriginStyle)options->provenance);

    rights.source_type = rights.program = rights.recipe = rights.key = NULL;
    if (options->provenance == ORIGIN_NONE)
        return rights;
    /* The encoder only reads them. */
    rights.source_type = (char *)(uintptr_t)word;
    if (!shot->program)
        return rights;
    rights.program = (char *)(uintptr_t)shot->program;
    rights.recipe = (char *)(uintptr_t)shot->recipe;
    rights.key = (char *)(uintptr_t)key;
    return rights;
}

static ImageEncoding encoding_of(const EncodeOptions *options, const Shot *shot)
{
    ImageEncoding encoding = {
        .format = formats[options->format],
        .quality = (int)options->quality,
        .lossless = options->lossless,
        .effort = (int)options->effort,
        .dpi = options->dpi,
        .ground = options->ground,
        .metadata = IMAGE_METADATA_RIGHTS,
    };

    if (options->profile == PROFILE_PHOTO && shot->profile.size > 0) {
        encoding.profile = shot->profile.bytes;
        encoding.profile_size = shot->profile.size;
    }
    return encoding;
}

static bool format_has_quality(const ImageEncoding *encoding)
{
    return encoding->format != IMAGE_PNG && encoding->format != IMAGE_TIFF && !encoding->lossless;
}

static MUST Err *encode_at(const Shot *shot, const ImageEncoding *encoding, Buf *buf)
{
    buf->size = 0;
    return image_encode(shot->finished, encoding, buf);
}

/* The best quality whose file fits, by halving the interval: a handful of encodings. The last file made may be one of another
 * quality, so the chosen one is made again. */
static MUST Err *encode_to_fit(Shot *shot, ImageEncoding *encoding, size_t most)
{
    int fits = MIN(QUALITY_LEAST, encoding->quality), fails = encoding->quality;

    while (fails - fits > 1) {
        encoding->quality = (fits + fails) / 2;
        TRY(encode_at(shot, encoding, &shot->encoded));
        *(shot->encoded.size > most ? &fails : &fits) = encoding->quality;
    }
    if (encoding->quality == fits)
        return NULL;
    encoding->quality = fits;
    return encode_at(shot, encoding, &shot->encoded);
}

static MUST Err *picture_shrink(int64_t longest_most_px, Shot *shot)
{
    AUTO(image_free) Image *smaller = NULL;
    int width = image_width(shot->finished), height = image_height(shot->finished);
    double scale = (double)longest_most_px / MAX(width, height);

    if (!longest_most_px || scale >= 1)
        return NULL;
    TRY(image_resize(
        shot->finished, MAX((int)lround(width * scale), 1), MAX((int)lround(height * scale), 1),
        IMAGE_LANCZOS3, &smaller));
    target_put(TARGET_PICTURE, shot, TAKE(smaller));
    return NULL;
}

static Err *encode_run(const StepRun *run, const void *options_any, Shot *shot)
{
    const EncodeOptions *options = options_any;
    size_t most = (size_t)options->max_kb * 1000;

    TRY(shot_finish(shot, run->threads));
    TRY(picture_shrink(options->longest_most_px, shot));
    ImageEncoding encoding = encoding_of(options, shot);
    char key[HASH_TEXT_SIZE];
    hash_text(shot->state, key);
    ImageRights rights = rights_of(options, shot, key);
    encoding.rights = &rights;
    TRY(encode_at(shot, &encoding, &shot->encoded));
    if (most && shot->encoded.size > most && format_has_quality(&encoding))
        TRY(encode_to_fit(shot, &encoding, most));
    if (most && shot->encoded.size > most)
        return err_public(
            err_new(
                ERR_IMAGE_TOO_LARGE, "the file has %zu bytes, the limit is %zu", shot->encoded.size,
                most),
            "The picture needs %zu kB even at the lowest quality; the limit is %zu kB. "
            "Choose a smaller size or JPEG.",
            shot->encoded.size / 1000, most / 1000);

    shot->format = encoding.format;
    shot_note(shot, "encode", "bytes", value_of_int((int64_t)shot->encoded.size));
    if (format_has_quality(&encoding))
        shot_note(shot, "encode", "quality", value_of_int(encoding.quality));
    return NULL;
}

const Step step_encode = {
    .name = "encode",
    .summary = "Write the finished picture as a file",
    .version = 2,
    .phase = PHASE_FILE,
    .options = SHAPE(EncodeOptions),
    .run = encode_run,
};
