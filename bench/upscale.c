/* How much of a photo shrunk to half comes back by the faithful mode, against Lanczos: bench_upscale MODELS PHOTO...
 *
 * Photos are cut to 1600 x 1200 at most, from the upper left. */
#include <stdio.h>

#include "base/file.h"
#include "image/likeness.h"
#include "model/model.h"

static MUST Err *photo_read(const char *path, Image **ret)
{
    AUTO(buf_done) Buf file = BUF(64 << 20);
    AUTO(image_decoded_done) ImageDecoded decoded = {0};
    AUTO(image_free) Image *rgb = NULL;

    TRY(file_read(path, &file));
    TRY(image_decode(file.bytes, file.size, &image_limits_default, NULL, &decoded));
    TRY(image_take_rgb(decoded.image, &rgb));
    int width = MIN(image_width(rgb), 1600) / 2 * 2, height = MIN(image_height(rgb), 1200) / 2 * 2;
    return image_crop(rgb, (Box){0, 0, width, height}, ret);
}

static MUST Err *photo_measure(Model *model, const char *path, double *gain)
{
    AUTO(image_free) Image *whole = NULL;
    AUTO(image_free) Image *half = NULL;
    AUTO(image_free) Image *lanczos = NULL;
    AUTO(image_free) Image *drawn = NULL;
    AUTO(image_free) Image *ours = NULL;
    Likeness theirs, mine;

    TRY(photo_read(path, &whole));
    int width = image_width(whole), height = image_height(whole);
    TRY(image_resize(whole, width / 2, height / 2, IMAGE_LANCZOS3, &half));
    TRY(image_resize(half, width, height, IMAGE_LANCZOS3, &lanczos));
    TRY(model_upscale(model, half, NULL, &drawn));
    TRY(image_faithful(drawn, half, &ours));
    TRY(image_likeness(&(LikenessWish){lanczos, whole, NULL, 2}, &theirs));
    TRY(image_likeness(&(LikenessWish){ours, whole, NULL, 2}, &mine));
    *gain = mine.psnr_db - theirs.psnr_db;
    printf(
        "%-32s Lanczos %.2f dB %.4f, ours %.2f dB %.4f, gain %+.2f dB\n", path_name(path),
        theirs.psnr_db, theirs.ssim, mine.psnr_db, mine.ssim, *gain);
    fflush(stdout);
    return NULL;
}

static MUST Err *photos_measure(const char *folder, int count, char **paths)
{
    AUTO(models_close) Models *models = NULL;
    Model *model;
    double sum = 0;

    TRY(image_start(2));
    TRY(models_open(&(ModelsOptions){.folder = folder, .threads = 2}, &models));
    TRY(models_load(models, "esrgan-slim-2x", &model));
    for (int i = 0; i < count; i++) {
        double gain;

        TRY(photo_measure(model, paths[i], &gain));
        sum += gain;
    }
    printf("mean gain %+.2f dB over %d photos\n", sum / MAX(count, 1), count);
    return NULL;
}

int main(int argc, char **argv)
{
    AUTO(err_free) Err *err = argc > 2 ? photos_measure(argv[1], argc - 2, argv + 2) : NULL;

    if (err)
        fprintf(stderr, "%s\n", err_message(err));
    return err ? 1 : 0;
}
