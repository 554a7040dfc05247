/* Any bytes: a picture or an error, never a crash, a leak or more than the limits allow. */
#include "image/image.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    image_start(1);
    AUTO(err_free) Err *err = image_open();

    if (err)
        abort();
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    const ImageLimits limits = {
        .bytes = 1024 * 1024, .pixels = 512 * 512, .side_px = 4096, .time_ms = 2000};
    AUTO(image_decoded_done) ImageDecoded decoded = {0};
    AUTO(image_traces_done) ImageTraces traces = {0};
    AUTO(err_free) Err *unread = image_inspect(bytes, size, &limits, &traces);
    AUTO(err_free) Err *err = image_decode(bytes, size, &limits, NULL, &decoded);

    if (!err && (int64_t)image_width(decoded.image) * image_height(decoded.image) > limits.pixels)
        abort();
    return 0;
}
