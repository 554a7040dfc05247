/* The wall around libvips: starting it, handing pictures over, taking pictures back. */
#include <string.h>

#include "image/vips_priv.h"

static int threads_of_one_operation = 1;

int image_threads(void)
{
    return threads_of_one_operation;
}

static void log_nothing(const char *domain, GLogLevelFlags level, const char *text, void *context)
{
    (void)domain;
    (void)level;
    (void)text;
    (void)context;
}

const char *image_library(void)
{
    static char text[64];

    snprintf(
        text, sizeof(text), "libvips %d.%d.%d", vips_version(0), vips_version(1), vips_version(2));
    return text;
}

Err *image_start(int threads)
{
    static const char *const wanted_loaders[] = {
        "VipsForeignLoadJpegBuffer", "VipsForeignLoadPngBuffer",  "VipsForeignLoadWebpBuffer",
        "VipsForeignLoadHeifBuffer", "VipsForeignLoadTiffBuffer",
    };

    threads_of_one_operation = MAX(threads, 1);
    if (VIPS_INIT("cyclorama") != 0)
        return vips_err(ERR_BUG, "the picture library did not start");
    /* What it warns about is about the picture; the caller hears of it in an Err. */
    g_log_set_handler("VIPS", G_LOG_LEVEL_MASK, log_nothing, NULL);
    vips_concurrency_set(threads_of_one_operation);
    vips_cache_set_max(0); /* no picture comes twice; kept ones only cost memory */
    vips_block_untrusted_set(TRUE);
    vips_operation_block_set("VipsForeignLoad", TRUE);
    for (size_t i = 0; i < COUNT(wanted_loaders); i++)
        vips_operation_block_set(wanted_loaders[i], FALSE);
    return NULL;
}

void image_stop(void)
{
    vips_shutdown();
}

void image_leave_thread(void)
{
    vips_thread_shutdown();
}

Err *vips_err(ErrCode code, const char *what)
{
    char *said = vips_error_buffer_copy();
    size_t length = strlen(said);

    while (length > 0 && said[length - 1] == '\n')
        said[--length] = 0;
    Err *err = err_new(code, "%s: %s", what, length ? said : "no reason given");
    g_free(said);
    return err;
}

Err *image_to_vips(const Image *image, VipsImage **ret)
{
    bool deep = image_depth(image) == DEPTH_16;
    VipsImage *wrapped = vips_image_new_from_memory(
        image_row(image, 0), image_bytes(image), image_width(image), image_height(image),
        image_channels(image), deep ? VIPS_FORMAT_USHORT : VIPS_FORMAT_UCHAR);

    if (!wrapped)
        return vips_err(ERR_MEMORY_SPENT, "unable to hand a picture to the library");
    if (image_channels(image) == 1)
        wrapped->Type = deep ? VIPS_INTERPRETATION_GREY16 : VIPS_INTERPRETATION_B_W;
    else
        wrapped->Type = deep ? VIPS_INTERPRETATION_RGB16 : VIPS_INTERPRETATION_sRGB;
    *ret = wrapped;
    return NULL;
}

Err *image_from_vips(VipsImage *from, Image **ret)
{
    const int strip_rows = 64;
    Depth depth = from->BandFmt == VIPS_FORMAT_USHORT  ? DEPTH_16
                  : from->BandFmt == VIPS_FORMAT_FLOAT ? DEPTH_FLOAT
                                                       : DEPTH_8;
    AUTO(image_free) Image *image = NULL;

    TRY(image_new(from->Xsize, from->Ysize, from->Bands, depth, &image));
    VipsRegion *region = vips_region_new(from);
    for (int top = 0; top < from->Ysize; top += strip_rows) {
        VipsRect rect = {0, top, from->Xsize, MIN(strip_rows, from->Ysize - top)};

        if (vips_region_prepare(region, &rect) != 0) {
            g_object_unref(region);
            return vips_err(ERR_MEMORY_SPENT, "unable to compute a picture");
        }
        for (int y = top; y < top + rect.height; y++)
            memcpy(image_row_mut(image, y), VIPS_REGION_ADDR(region, 0, y), image_row_bytes(image));
    }
    g_object_unref(region);
    *ret = TAKE(image);
    return NULL;
}
