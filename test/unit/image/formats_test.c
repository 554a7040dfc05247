/* Every file of the shared formats folder: the right picture or the right error. Skipped where that folder is not. */
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "image/image.h"
#include "test.h"

#define FOLDER "../shared/photos/formats"

/* The address sanitizer keeps shadows and freed memory; what it weighs says nothing. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define WEIGHS_MEMORY false
#elif defined(__has_feature)
#define WEIGHS_MEMORY !(__has_feature(address_sanitizer) || __has_feature(thread_sanitizer))
#else
#define WEIGHS_MEMORY true
#endif

enum {
    HOSTILE_RSS_MAX_MB = 300,
    HOSTILE_CPU_MAX_S = 10 /* generous: memory is the promise here, time is shown */
};

/* What a picture must look like beside ref-srgb.png, in mean difference of 0..255; 0 for "not compared". */
typedef struct Row {
    const char *name;
    ErrCode code; /* ERR_MAX_ for "a picture" */
    int width_px, height_px;
    double near_reference;
} Row;

#define PICTURE ERR_MAX_

static const Row rows[] = {
    {"all-black.png", PICTURE, 800, 600},
    {"all-transparent.png", PICTURE, 800, 600},
    {"all-white.jpg", PICTURE, 800, 600},
    {"alpha-lossless.webp", PICTURE, 320, 320, 1},
    {"alpha-lossy.webp", PICTURE, 320, 320, 3},
    {"anim-apng.png", PICTURE, 240, 240},
    {"anim.gif", ERR_IMAGE_UNSUPPORTED},
    {"anim.webp", PICTURE, 240, 240},
    {"arithmetic.jpg", PICTURE, 640, 640, 2},
    {"avif-example.avif", PICTURE, 800, 533},
    {"avif-orientation-6.avif", PICTURE, 3024, 4032},
    {"big-height.webp", PICTURE, 13, 169},
    {"bilevel.png", PICTURE, 320, 320},
    {"bomb-17000x17000.avif", ERR_IMAGE_TOO_LARGE},
    {"bomb-1bit-50000x50000.png", ERR_IMAGE_TOO_LARGE},
    {"bomb-frames-40x16MP.gif", ERR_IMAGE_UNSUPPORTED},
    {"bomb-header-2G.png", ERR_IMAGE_TOO_LARGE},
    {"bomb-header-65500.jpg", ERR_IMAGE_TOO_LARGE},
    {"bomb-header-65535.gif", ERR_IMAGE_UNSUPPORTED},
    {"bomb-iccp-150MB.png", ERR_IMAGE_TOO_LARGE},
    {"bomb-pillow.gif", ERR_IMAGE_UNSUPPORTED},
    {"bomb-rgb-12000x12000.png", ERR_IMAGE_TOO_LARGE},
    {"bomb-svg-1000000.svg", ERR_IMAGE_UNSUPPORTED},
    {"broken-stream.png", ERR_IMAGE_UNREADABLE},
    {"cmyk-adobe-noprofile.jpg", PICTURE, 640, 640, 15},
    {"cmyk-with-profile.jpg", PICTURE, 500, 333},
    {"cmyk.tif", PICTURE, 256, 256, 6},
    {"corrupt-bytes.jpg", ERR_IMAGE_UNREADABLE},
    {"corrupt-crc.png", ERR_IMAGE_UNREADABLE},
    {"empty.jpg", ERR_IMAGE_UNREADABLE},
    {"exif-thumbnail-leak.jpg", PICTURE, 640, 640, 2},
    {"fixture-corrupt-header.jpg", ERR_IMAGE_UNREADABLE},
    {"fixture-truncated.jpg", ERR_IMAGE_UNREADABLE},
    {"fixture-truncated.png", ERR_IMAGE_UNREADABLE},
    {"flag-16bit.png", PICTURE, 900, 600},
    {"ftyp-mp4.heic", ERR_IMAGE_UNSUPPORTED},
    {"gainmap-apple.jpg", PICTURE, 384, 512},
    {"gps-exif.avif", PICTURE, 640, 640, 2},
    {"gps-exif.heic", PICTURE, 640, 640, 2},
    {"gps-exif.jpg", PICTURE, 640, 640, 2},
    {"gps-exif.png", PICTURE, 320, 320, 1},
    {"gps-exif.webp", PICTURE, 640, 640, 2},
    {"grey-alpha-16bit.png", PICTURE, 109, 96},
    {"grey-alpha.png", PICTURE, 213, 213},
    {"grey.jpg", PICTURE, 640, 640},
    {"heic-iphone11-gps.heic", PICTURE, 2566, 3313},
    {"heic-named.jpg", PICTURE, 640, 640, 2},
    {"heif-corrupted.heic", ERR_IMAGE_UNREADABLE},
    {"html.png", ERR_IMAGE_UNSUPPORTED},
    {"icc-adobergb.jpg", PICTURE, 640, 640, 2},
    {"icc-display-p3.png", PICTURE, 640, 640, 0.5},
    {"icc-prophoto-16bit.png", PICTURE, 640, 640, 0.5},
    {"icc-rec2020.jpg", PICTURE, 640, 640, 2},
    {"interlaced.png", PICTURE, 320, 320, 1},
    {"jpeg-gps-coolpix.jpg", PICTURE, 640, 480},
    {"jpeg-named.heic", PICTURE, 640, 640, 2},
    {"looks-like-svg.webp", PICTURE, 256, 256},
    {"motion-photo.jpg", PICTURE, 640, 640, 2},
    {"noextension", PICTURE, 640, 640, 2},
    {"one-byte.png", ERR_IMAGE_UNREADABLE},
    {"orient-invalid99.jpg", PICTURE, 640, 640, 2},
    {"orient6-gps.jpg", PICTURE, 640, 640, 2},
    {"orient6.png", PICTURE, 320, 320, 1},
    {"orient6.webp", PICTURE, 320, 320, 2},
    {"orientation-landscape-1.jpg", PICTURE, 600, 450},
    {"orientation-landscape-2.jpg", PICTURE, 600, 450},
    {"orientation-landscape-3.jpg", PICTURE, 600, 450},
    {"orientation-landscape-4.jpg", PICTURE, 600, 450},
    {"orientation-landscape-5.jpg", PICTURE, 600, 450},
    {"orientation-landscape-6.jpg", PICTURE, 600, 450},
    {"orientation-landscape-7.jpg", PICTURE, 600, 450},
    {"orientation-landscape-8.jpg", PICTURE, 600, 450},
    {"p3.png", PICTURE, 8, 8},
    {"palette-transparent.png", PICTURE, 320, 320, 5},
    {"palette.png", PICTURE, 640, 640, 3},
    {"photo-10bit-444.avif", PICTURE, 640, 640, 2},
    {"photo-irot90.avif", PICTURE, 640, 640},
    {"photo.avif", PICTURE, 640, 640, 2},
    {"photo.bmp", ERR_IMAGE_UNSUPPORTED},
    {"photo.heic", PICTURE, 640, 640, 2},
    {"photo.ico", ERR_IMAGE_UNSUPPORTED},
    {"photo.jp2", ERR_IMAGE_UNSUPPORTED},
    {"png-65536-limit.png", ERR_IMAGE_TOO_LARGE},
    {"png-named.jpg", PICTURE, 320, 320, 1},
    {"png-signature-only.png", ERR_IMAGE_UNREADABLE},
    {"polyglot-gif-js.gif", ERR_IMAGE_UNSUPPORTED},
    {"polyglot-jpg-html-comment.jpg", PICTURE, 640, 640, 2},
    {"polyglot-jpg-zip.jpg", PICTURE, 640, 640, 2},
    {"polyglot-pdf.jpg", ERR_IMAGE_UNSUPPORTED},
    {"polyglot-png-php.png", PICTURE, 320, 320, 1},
    {"progressive.jpg", PICTURE, 640, 640, 2},
    {"prophoto.png", PICTURE, 1, 1},
    {"random.heic", ERR_IMAGE_UNSUPPORTED},
    {"ref-srgb.png", PICTURE, 640, 640, 0.01},
    {"rgb16.png", PICTURE, 256, 256, 1},
    {"rgba.png", PICTURE, 320, 320, 1},
    {"riff-not-webp.webp", ERR_IMAGE_UNSUPPORTED},
    {"rotating-squares.gif", ERR_IMAGE_UNSUPPORTED},
    {"rotating-squares.webp", PICTURE, 80, 80},
    {"small-valid.jpg", PICTURE, 1, 1},
    {"soi-only.jpg", ERR_IMAGE_UNREADABLE},
    {"strip-3x6000.jpg", PICTURE, 3, 6000},
    {"strip-8000x2.png", PICTURE, 8000, 2},
    {"svg-billion-laughs.svg", ERR_IMAGE_UNSUPPORTED},
    {"svg-external-image.svg", ERR_IMAGE_UNSUPPORTED},
    {"svg-file-ref.svg", ERR_IMAGE_UNSUPPORTED},
    {"svg-named.png", ERR_IMAGE_UNSUPPORTED},
    {"svg-plain.svg", ERR_IMAGE_UNSUPPORTED},
    {"svg-plain.svgz", ERR_IMAGE_UNSUPPORTED},
    {"svg-script.svg", ERR_IMAGE_UNSUPPORTED},
    {"svg-xxe.svg", ERR_IMAGE_UNSUPPORTED},
    {"text.jpg", ERR_IMAGE_UNSUPPORTED},
    {"tiny-16x16.jpg", PICTURE, 16, 16},
    {"tiny-1x1.png", PICTURE, 1, 1},
    {"trunc-10pc.jpg", ERR_IMAGE_UNREADABLE},
    {"trunc-half.avif", ERR_IMAGE_UNREADABLE},
    {"trunc-half.heic", ERR_IMAGE_UNREADABLE},
    {"trunc-half.jpg", ERR_IMAGE_UNREADABLE},
    {"trunc-half.png", ERR_IMAGE_UNREADABLE},
    {"trunc-half.webp", ERR_IMAGE_UNREADABLE},
    {"trunc-header.jpg", ERR_IMAGE_UNREADABLE},
    {"trunc-no-eoi.jpg", PICTURE, 640, 640, 2},
    {"webp-named.png", PICTURE, 320, 320, 3},
    {"zero-dim.png", ERR_IMAGE_UNREADABLE},
};

static void file_of(const char *name, Buf *file)
{
    char path[256];

    snprintf(path, sizeof(path), FOLDER "/%s", name);
    CHECK_OK(file_read(path, file));
}

/* The mean difference of what can be seen. */
static double difference(const Image *image, const Image *reference)
{
    AUTO(image_free) Image *small = NULL;
    int channels = image_channels(image);
    double sum = 0, weight = 0;

    CHECK_OK(
        image_resize(reference, image_width(image), image_height(image), IMAGE_LANCZOS3, &small));
    for (int y = 0; y < image_height(image); y++) {
        const uint8_t *p = image_row(image, y), *q = image_row(small, y);

        for (int x = 0; x < image_width(image); x++, p += channels, q += 3) {
            double alpha = channels == 4 ? p[3] / 255.0 : 1;

            for (int c = 0; c < 3; c++)
                sum += alpha * abs(p[c] - q[c]);
            weight += 3 * alpha;
        }
    }
    return sum / weight;
}

static void row_check(const Row *row, const Image *reference)
{
    AUTO(buf_done) Buf file = BUF(64 * 1024 * 1024);
    AUTO(image_decoded_done) ImageDecoded decoded = {0};

    ImageLimits limits = image_limits_default;

    limits.time_ms = TEST_PATIENCE_MS;
    file_of(row->name, &file);
    AUTO(err_free) Err *err = image_decode(file.bytes, file.size, &limits, NULL, &decoded);
    if (row->code != PICTURE) {
        if (!err || err_code(err) != row->code)
            test_fail(
                __FILE__, __LINE__, "%s gave %s, expected %s", row->name,
                err ? err_message(err) : "a picture", err_name(row->code));
        return;
    }
    if (err)
        test_fail(__FILE__, __LINE__, "%s: %s", row->name, err_message(err));
    if (image_width(decoded.image) != row->width_px ||
        image_height(decoded.image) != row->height_px)
        test_fail(
            __FILE__, __LINE__, "%s is %d x %d", row->name, image_width(decoded.image),
            image_height(decoded.image));
    CHECK_INT(decoded.facts.width_px, row->width_px);
    CHECK_INT(decoded.facts.height_px, row->height_px);
    if (row->near_reference > 0) {
        double far = difference(decoded.image, reference);

        if (far > row->near_reference)
            test_fail(__FILE__, __LINE__, "%s differs by %.2f", row->name, far);
    }
}

static Image *reference_read(void)
{
    AUTO(buf_done) Buf file = BUF(1024 * 1024);
    AUTO(image_decoded_done) ImageDecoded decoded = {0};

    file_of("ref-srgb.png", &file);
    CHECK_OK(image_decode(file.bytes, file.size, NULL, NULL, &decoded));
    return image_ref(decoded.image);
}

TEST(image_decode_gives_every_known_file_its_picture_or_its_error)
{
    if (!folder_exists(FOLDER))
        test_skip("no %s", FOLDER);

    AUTO(image_free) Image *reference = reference_read();
    for (size_t i = 0; i < COUNT(rows); i++)
        row_check(&rows[i], reference);
}

TEST(image_formats_table_leaves_no_file_out)
{
    if (!folder_exists(FOLDER))
        test_skip("no %s", FOLDER);

    AUTO(arena_free) Arena *arena = arena_new();
    const char *const *names;

    CHECK_OK(folder_list(arena, FOLDER, &names));
    for (; *names; names++) {
        size_t i = 0;

        while (i < COUNT(rows) && strcmp(rows[i].name, *names) != 0)
            i++;
        if (i == COUNT(rows))
            test_fail(__FILE__, __LINE__, "%s is not in the table", *names);
    }
}

TEST(image_decode_turns_an_avif_by_its_rotation_box)
{
    if (!folder_exists(FOLDER))
        test_skip("no %s", FOLDER);

    AUTO(buf_done) Buf file = BUF(1024 * 1024);
    AUTO(image_decoded_done) ImageDecoded decoded = {0};
    AUTO(image_free) Image *turned = NULL;
    AUTO(image_free) Image *rgb = NULL;
    AUTO(image_free) Image *reference = reference_read();
    file_of("photo-irot90.avif", &file);
    CHECK_OK(image_decode(file.bytes, file.size, NULL, NULL, &decoded));
    CHECK_OK(image_rotate(reference, -90, &turned));
    CHECK_OK(image_take_rgb(turned, &rgb));
    CHECK(difference(decoded.image, rgb) < 2);
}

/* ---- hostile files: a child each, so that each one's peak is its own ---- */

static void child_decode(const Buf *file, ErrCode code)
{
    const struct rlimit cpu = {HOSTILE_CPU_MAX_S, HOSTILE_CPU_MAX_S};
    ImageDecoded decoded = {0};

    setrlimit(RLIMIT_CPU, &cpu);
    Err *err = image_decode(file->bytes, file->size, NULL, NULL, &decoded);
    _exit(!err || err_code(err) != code);
}

TEST(image_decode_refuses_hostile_files_within_their_memory)
{
    if (!folder_exists(FOLDER))
        test_skip("no %s", FOLDER);

    long peak_kb = 0;
    int64_t slowest_ms = 0;
    for (size_t i = 0; i < COUNT(rows); i++) {
        AUTO(buf_done) Buf file = BUF(64 * 1024 * 1024);
        struct rusage used;
        int status = 0;

        if (rows[i].code == PICTURE)
            continue;
        file_of(rows[i].name, &file);
        int64_t start_ms = clock_ticks_ms();
        pid_t child = fork();
        if (child == 0)
            child_decode(&file, rows[i].code);
        CHECK_INT(wait4(child, &status, 0, &used), child);
        if (status != 0)
            test_fail(
                __FILE__, __LINE__, "%s ended with status %#x", rows[i].name, (unsigned)status);
        if (WEIGHS_MEMORY && used.ru_maxrss > HOSTILE_RSS_MAX_MB * 1024L)
            test_fail(__FILE__, __LINE__, "%s took %ld MB", rows[i].name, used.ru_maxrss / 1024);
        peak_kb = MAX(peak_kb, used.ru_maxrss);
        slowest_ms = MAX(slowest_ms, clock_ticks_ms() - start_ms);
    }
    printf("# at most %ld MB and %lld ms\n", peak_kb / 1024, (long long)slowest_ms);
}
