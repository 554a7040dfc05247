/* How much of a photo shrunk to half comes back by the faithful mode and by the network it had before, against Lanczos:
 * bench_upscale MODELS PHOTO...
 *
 * Each photo is taken twice. "As it is": cut to 1600 x 1200 at most, from the upper left, with all that a camera, a shop's scaler and
 * JPEG left of it. "Sharp": first made two to four times smaller by averaging squares, so that its detail reaches down to the
 * pixel, as in the data sets that papers measure with. Then it is halved by Lanczos. Of the network it had before, the bare result
 * and the one held to the photo are measured; without MODELS ("-") neither. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "image/likeness.h"
#include "model/model.h"

enum {
    WIDTH_MOST_PX = 1600,
    HEIGHT_MOST_PX = 1200,
    SHARP_PX = 800 /* about; as long as a photo's longer side becomes */
};

static MUST Err *photo_read(const char *path, Image **ret)
{
    AUTO(buf_done) Buf file = BUF(64 << 20);
    AUTO(image_decoded_done) ImageDecoded decoded = {0};

    TRY(file_read(path, &file));
    TRY(image_decode(file.bytes, file.size, &image_limits_default, NULL, &decoded));
    return image_take_rgb(decoded.image, ret);
}

/* The mean of each square of TIMES x TIMES. */
static MUST Err *photo_average(const Image *rgb, int times, Image **ret)
{
    int area = times * times;

    TRY(image_new(image_width(rgb) / times, image_height(rgb) / times, 3, DEPTH_8, ret));
    for (int y = 0; y < image_height(*ret); y++) {
        uint8_t *to = image_row_mut(*ret, y);

        for (int i = 0; i < image_width(*ret) * 3; i++) {
            int sum = area / 2;

            for (int at = 0; at < area; at++) {
                const uint8_t *row = image_row(rgb, y * times + at / times);

                sum += row[(i / 3 * times + at % times) * 3 + i % 3];
            }
            to[i] = (uint8_t)(sum / area);
        }
    }
    return NULL;
}

static MUST Err *photo_prepare(const Image *photo, bool sharp, Image **ret)
{
    AUTO(image_free) Image *ready = image_ref(photo);
    int longest = MAX(image_width(photo), image_height(photo));

    if (sharp) {
        AUTO(image_free) Image *smaller = NULL;

        TRY(photo_average(photo, CLAMP(longest / SHARP_PX, 2, 4), &smaller));
        image_free(ready);
        ready = TAKE(smaller);
    }
    int width = MIN(image_width(ready), WIDTH_MOST_PX) / 2 * 2;
    int height = MIN(image_height(ready), HEIGHT_MOST_PX) / 2 * 2;

    return image_crop(ready, (Box){0, 0, width, height}, ret);
}

typedef struct Gains {
    double lanczos_db, ours_db, ours_ssim, former_db,
        former_held_db; /* the last four over Lanczos */
} Gains;

static MUST Err *gain_take(
    const Image *made, const Image *whole, const Likeness *base, double *ret_db, double *ret_ssim)
{
    Likeness likeness;

    TRY(image_likeness(&(LikenessWish){made, whole, NULL, 2}, &likeness));
    *ret_db = likeness.psnr_db - base->psnr_db;
    if (ret_ssim)
        *ret_ssim = likeness.ssim - base->ssim;
    return NULL;
}

static MUST Err *photo_measure(Model *model, const Image *whole, Gains *ret)
{
    AUTO(image_free) Image *half = NULL, *lanczos = NULL, *drawn = NULL, *ours = NULL;
    AUTO(image_free) Image *former = NULL, *held = NULL;
    int width = image_width(whole), height = image_height(whole);
    Likeness base;

    TRY(image_resize(whole, width / 2, height / 2, IMAGE_LANCZOS3, &half));
    TRY(image_resize(half, width, height, IMAGE_LANCZOS3, &lanczos));
    TRY(image_likeness(&(LikenessWish){lanczos, whole, NULL, 2}, &base));
    ret->lanczos_db = base.psnr_db;
    TRY(image_enlarge(half, NULL, &drawn));
    TRY(image_faithful(drawn, half, &ours));
    TRY(gain_take(ours, whole, &base, &ret->ours_db, &ret->ours_ssim));
    if (!model)
        return NULL;
    TRY(model_upscale(model, half, NULL, &former));
    TRY(image_faithful(former, half, &held));
    TRY(gain_take(former, whole, &base, &ret->former_db, NULL));
    return gain_take(held, whole, &base, &ret->former_held_db, NULL);
}

static void gains_say(const char *name, const Gains *gains, bool with_former)
{
    printf(
        "%-32s Lanczos %5.2f dB, ours %+.2f dB (SSIM %+.4f)", name, gains->lanczos_db,
        gains->ours_db, gains->ours_ssim);
    if (with_former)
        printf(
            ", former network %+.2f dB, held to the photo %+.2f dB", gains->former_db,
            gains->former_held_db);
    printf("\n");
    fflush(stdout);
}

static MUST Err *photos_measure(Model *model, bool sharp, int count, char **paths)
{
    Gains mean = {0};

    printf("%s:\n", sharp ? "sharp" : "as it is");
    for (int i = 0; i < count; i++) {
        AUTO(image_free) Image *photo = NULL;
        AUTO(image_free) Image *whole = NULL;
        Gains gains = {0};

        TRY(photo_read(paths[i], &photo));
        TRY(photo_prepare(photo, sharp, &whole));
        TRY(photo_measure(model, whole, &gains));
        gains_say(path_name(paths[i]), &gains, model != NULL);
        mean.lanczos_db += gains.lanczos_db / count;
        mean.ours_db += gains.ours_db / count;
        mean.ours_ssim += gains.ours_ssim / count;
        mean.former_db += gains.former_db / count;
        mean.former_held_db += gains.former_held_db / count;
    }
    gains_say(sharp ? "mean, sharp" : "mean, as it is", &mean, model != NULL);
    return NULL;
}

static MUST Err *bench_run(const char *folder, int count, char **paths)
{
    AUTO(models_close) Models *models = NULL;
    Model *model = NULL;

    image_start(2);
    if (strcmp(folder, "-") != 0) {
        TRY(models_open(&(ModelsOptions){.folder = folder, .threads = 2}, &models));
        TRY(models_load(models, "esrgan-slim-2x", &model));
    }
    TRY(photos_measure(model, false, count, paths));
    return photos_measure(model, true, count, paths);
}

int main(int argc, char **argv)
{
    AUTO(err_free) Err *err = argc > 2 ? bench_run(argv[1], argc - 2, argv + 2) : NULL;

    if (err)
        fprintf(stderr, "%s\n", err_message(err));
    return err ? 1 : 0;
}
