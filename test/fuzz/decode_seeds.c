/* Write a small picture of every format into the folder given: what the decode fuzzer starts from. */
#include "base/file.h"
#include "image/image.h"

static Err *seed_write(const char *folder, const Image *image, const ImageEncoding *encoding)
{
    AUTO(arena_free) Arena *arena = arena_new();
    AUTO(buf_done) Buf file = BUF(1024 * 1024);

    TRY(image_encode(image, encoding, &file));
    return file_write(
        path_join(
            arena, folder,
            arena_print(
                arena, "%d-%d.%s", image_channels(image), encoding->lossless,
                image_format_ending(encoding->format))),
        file.bytes, file.size);
}

static Err *seeds_write(const char *folder)
{
    AUTO(image_free) Image *solid = NULL;
    AUTO(image_free) Image *glass = NULL;
    const ImageRights rights = {.copyright = "Shop & Co", .creator = "Ann", .credit = "Studio"};

    TRY(folder_make(folder));
    TRY(image_flat(24, 16, (Colour){200, 80, 20, 255}, &solid));
    TRY(image_flat(24, 16, (Colour){20, 80, 200, 100}, &glass));
    for (ImageFormat format = 0; format < IMAGE_FORMAT_MAX_; format++) {
        ImageEncoding encoding = {
            .format = format,
            .quality = 70,
            .dpi = 300,
            .metadata = IMAGE_METADATA_RIGHTS,
            .rights = &rights,
        };

        if (format == IMAGE_HEIC)
            continue;
        TRY(seed_write(folder, solid, &encoding));
        TRY(seed_write(folder, glass, &encoding));
        encoding.lossless = true;
        TRY(seed_write(folder, glass, &encoding));
    }
    return NULL;
}

int main(int argc, char **argv)
{
    image_start(1);
    AUTO(err_free) Err *err = image_open();

    if (!err)
        err = seeds_write(argc > 1 ? argv[1] : "seeds");
    if (err)
        fprintf(stderr, "%s\n", err_message(err));
    return err != NULL;
}
