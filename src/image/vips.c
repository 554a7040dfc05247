/* The wall around libvips: starting it, handing pictures over. */
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
    static _Thread_local char text[64];
    AUTO(err_free) Err *err = guest_open();

    if (err)
        return "libvips not installed";
    snprintf(
        text, sizeof(text), "libvips %d.%d.%d", guest.vips_version(0), guest.vips_version(1),
        guest.vips_version(2));
    return text;
}

void image_start(int threads)
{
    threads_of_one_operation = MAX(threads, 1);
    if (guest_is_open())
        guest.vips_concurrency_set(threads_of_one_operation);
}

Err *image_open(void)
{
    return guest_open();
}

Err *vips_begin(void)
{
    static const char *const wanted_loaders[] = {
        "VipsForeignLoadJpegBuffer", "VipsForeignLoadPngBuffer",  "VipsForeignLoadWebpBuffer",
        "VipsForeignLoadHeifBuffer", "VipsForeignLoadTiffBuffer",
    };

    if (guest.vips_init("cyclorama") != 0)
        return vips_err(ERR_BUG, "the picture library did not start");
    /* What it warns about is about the picture; the caller hears of it in an Err. */
    guest.g_log_set_handler("VIPS", G_LOG_LEVEL_MASK, log_nothing, NULL);
    guest.vips_concurrency_set(threads_of_one_operation);
    guest.vips_cache_set_max(0); /* no picture comes twice; kept ones only cost memory */
    guest.vips_block_untrusted_set(TRUE);
    guest.vips_operation_block_set("VipsForeignLoad", TRUE);
    for (size_t i = 0; i < COUNT(wanted_loaders); i++)
        guest.vips_operation_block_set(wanted_loaders[i], FALSE);
    return NULL;
}

void image_stop(void)
{
    if (guest_is_open())
        guest.vips_shutdown();
}

void image_leave_thread(void)
{
    if (guest_is_open())
        guest.vips_thread_shutdown();
}

Err *vips_err(ErrCode code, const char *what)
{
    char *said = guest.vips_error_buffer_copy();
    size_t length = strlen(said);

    while (length > 0 && said[length - 1] == '\n')
        said[--length] = 0;
    Err *err = err_new(code, "%s: %s", what, length ? said : "no reason given");
    guest.g_free(said);
    return err;
}

Err *image_to_vips(const Image *image, VipsImage **ret)
{
    bool deep = image_depth(image) == DEPTH_16;
    VipsImage *wrapped = guest.vips_image_new_from_memory(
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
