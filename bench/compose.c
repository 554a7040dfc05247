/* Decode, resize, composite and encode, COUNT times: compose PHOTO OVERLAY OUT COUNT; compose --draw PHOTO OVERLAY draws both. */
#include <string.h>

#include "base/dice.h"
#include "base/file.h"
#include "recipe/shot.h"

enum {
    SIDE_PX = 1200,
    OVERLAY_PX = 800,
    FILE_BYTES_MAX = 64 << 20
};

static MUST Err *picture_read(const char *path, Image **ret)
{
    AUTO(buf_done) Buf file = BUF(FILE_BYTES_MAX);
    AUTO(image_decoded_done) ImageDecoded decoded = {0};

    TRY(file_read(path, &file));
    TRY(image_decode(file.bytes, file.size, NULL, NULL, &decoded));
    *ret = TAKE(decoded.image);
    return NULL;
}

static MUST Err *compose_once(const Buf *photo, const Image *overlay, Buf *file)
{
    AUTO(shot_done) Shot shot = {0};
    AUTO(image_decoded_done) ImageDecoded decoded = {0};
    Image *resized = NULL;
    const ImageEncoding encoding = {.format = IMAGE_JPEG, .quality = 90};

    TRY(image_decode(photo->bytes, photo->size, NULL, NULL, &decoded));
    TRY(image_resize(decoded.image, SIDE_PX, SIDE_PX, IMAGE_LANCZOS3, &resized));
    shot_put(&shot.backdrop, resized);
    shot_put(&shot.product, image_ref(overlay));
    shot.width_px = shot.height_px = SIDE_PX;
    shot.is_cut_out = shot.is_placed = true;
    shot.box = (Box){200, 200, OVERLAY_PX, OVERLAY_PX};
    TRY(shot_finish(&shot, 1));
    file->size = 0;
    return image_encode(shot_picture(&shot), &encoding, file);
}

static MUST Err *compose(char **words)
{
    AUTO(buf_done) Buf photo = BUF(FILE_BYTES_MAX), file = BUF(FILE_BYTES_MAX);
    AUTO(image_free) Image *overlay = NULL;
    long count = strtol(words[3], NULL, 10);

    TRY(file_read(words[0], &photo));
    TRY(picture_read(words[1], &overlay));
    for (long i = 0; i < count; i++)
        TRY(compose_once(&photo, overlay, &file));
    return file_write(words[2], file.bytes, file.size);
}

/* Soft blotches with a little noise, as a photo has. */
static MUST Err *picture_draw(int width, int height, const char *path, bool has_alpha)
{
    AUTO(image_free) Image *coarse = NULL;
    AUTO(image_free) Image *image = NULL;
    AUTO(buf_done) Buf file = BUF(FILE_BYTES_MAX);
    Dice dice = dice_seeded(7);
    ImageEncoding encoding = {.format = has_alpha ? IMAGE_PNG : IMAGE_JPEG, .quality = 92};

    TRY(image_new(width / 16, height / 16, has_alpha ? 4 : 3, DEPTH_8, &coarse));
    for (int y = 0; y < height / 16; y++) {
        uint8_t *row = image_row_mut(coarse, y);

        for (int x = 0; x < width / 16 * image_channels(coarse); x++)
            row[x] = (uint8_t)dice_bits(&dice);
    }
    TRY(image_resize(coarse, width, height, IMAGE_CUBIC, &image));
    TRY(image_encode(image, &encoding, &file));
    return file_write(path, file.bytes, file.size);
}

static MUST Err *both_draw(char **words)
{
    TRY(picture_draw(4000, 3000, words[0], false));
    return picture_draw(OVERLAY_PX, OVERLAY_PX, words[1], true);
}

int main(int argc, char **argv)
{
    bool is_drawing = argc == 4 && strcmp(argv[1], "--draw") == 0;

    if (argc != 5 && !is_drawing)
        return 2;
    image_start(1);
    AUTO(err_free) Err *err = image_open();
    if (!err)
        err = is_drawing ? both_draw(argv + 2) : compose(argv + 1);
    if (err)
        fprintf(stderr, "%s\n", err_message(err));
    return err != NULL;
}
