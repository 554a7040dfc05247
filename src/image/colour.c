/* Colour profiles, over Little CMS.
 *
 * libvips goes through floating-point Lab and back; this goes from pixel to pixel in one step, several times faster on the
 * Display P3 that every telephone writes.
 */
#include <string.h>

#include "image/colour_priv.h"
#include "image/guest_priv.h"

struct ColourPath {
    cmsHTRANSFORM transform; /* NULL: values only change depth or are repeated */
    Paint paint;
    Depth from, to;
};

static void profile_close_auto(cmsHPROFILE *profile)
{
    if (*profile)
        guest.cmsCloseProfile(*profile);
}

static void log_nothing(cmsContext context, cmsUInt32Number code, const char *text)
{
    (void)context;
    (void)code;
    (void)text;
}

static cmsUInt32Number pixel_format(Paint paint, Depth depth)
{
    if (paint == PAINT_CMYK)
        return depth == DEPTH_8 ? TYPE_CMYK_8 : TYPE_CMYK_16;
    if (paint == PAINT_GREY)
        return depth == DEPTH_8 ? TYPE_GRAY_8 : TYPE_GRAY_16;
    return depth == DEPTH_8 ? TYPE_RGB_8 : TYPE_RGB_16;
}

static bool speaks_of(cmsHPROFILE profile, Paint paint)
{
    cmsColorSpaceSignature space = guest.cmsGetColorSpace(profile);

    return paint == PAINT_CMYK   ? space == cmsSigCmykData
           : paint == PAINT_GREY ? space == cmsSigGrayData
                                 : space == cmsSigRgbData;
}

static cmsHPROFILE profile_open(const void *bytes, size_t size, Paint paint)
{
    guest.cmsSetLogErrorHandler(log_nothing);
    if (!bytes || size < 128)
        return NULL;

    cmsHPROFILE profile = guest.cmsOpenProfileFromMem(bytes, (cmsUInt32Number)size);
    if (profile && !speaks_of(profile, paint)) {
        guest.cmsCloseProfile(profile);
        profile = NULL;
    }
    return profile;
}

/* What libvips carries for CMYK without a profile. */
static cmsHPROFILE profile_of_coated_paper(void)
{
    VipsBlob *blob = NULL;
    size_t size = 0;

    if (guest.vips_profile_load("cmyk", &blob, NULL) != 0 || !blob)
        return NULL;
    const void *bytes = guest.vips_blob_get(blob, &size);
    cmsHPROFILE profile = guest.cmsOpenProfileFromMem(bytes, (cmsUInt32Number)size);
    guest.vips_area_unref(VIPS_AREA(blob));
    return profile;
}

/* sRGB is recognised by what it does to colours, since files call it by many names. */
static bool changes_nothing(cmsHTRANSFORM transform)
{
    for (int i = 0; i < 9 * 9 * 9; i++) {
        const int r = i % 9 * 255 / 8, g = i / 9 % 9 * 255 / 8, b = i / 81 * 255 / 8;
        const uint8_t in[3] = {(uint8_t)r, (uint8_t)g, (uint8_t)b};
        uint8_t out[3];

        guest.cmsDoTransform(transform, in, out, 1);
        if (abs(out[0] - r) > 1 || abs(out[1] - g) > 1 || abs(out[2] - b) > 1)
            return false;
    }
    return true;
}

static cmsHTRANSFORM transform_of(
    cmsHPROFILE from, cmsUInt32Number from_format, cmsHPROFILE to, cmsUInt32Number to_format)
{
    cmsUInt32Number flags = cmsFLAGS_NOCACHE | cmsFLAGS_BLACKPOINTCOMPENSATION;

    if (T_BYTES(from_format) == 2)
        flags |= cmsFLAGS_HIGHRESPRECALC;
    return guest.cmsCreateTransform(
        from, from_format, to, to_format, INTENT_RELATIVE_COLORIMETRIC, flags);
}

static Err *path_new(Paint paint, Depth from, Depth to, ColourPath **ret)
{
    ColourPath *path = calloc(1, sizeof(*path));

    if (!path)
        return err_new(ERR_MEMORY_SPENT, "no memory for a colour path");
    *path = (ColourPath){.paint = paint, .from = from, .to = to};
    *ret = path;
    return NULL;
}

void colour_path_free(ColourPath *path)
{
    if (!path)
        return;
    if (path->transform)
        guest.cmsDeleteTransform(path->transform);
    free(path);
}

static void name_read(cmsHPROFILE profile, char name[64])
{
    name[0] = 0;
    guest.cmsGetProfileInfoASCII(profile, cmsInfoDescription, "en", "US", name, 64);
    name[63] = 0;
    for (char *c = name; *c; c++)
        if (*c < 0x20 || *c > 0x7e)
            *c = '?';
}

Err *colour_path_in(
    Paint paint, Depth depth, const void *profile, size_t size, char ret_name[64], ColourPath **ret)
{
    AUTO(colour_path_free) ColourPath *path = NULL;
    AUTO(profile_close) cmsHPROFILE from = profile_open(profile, size, paint);
    AUTO(profile_close) cmsHPROFILE srgb = NULL;

    ret_name[0] = 0;
    TRY(path_new(paint, depth, DEPTH_8, &path));
    if (from)
        name_read(from, ret_name);
    else if (paint == PAINT_CMYK)
        from = profile_of_coated_paper();
    if (from && (srgb = guest.cmsCreate_sRGBProfile()))
        path->transform = transform_of(from, pixel_format(paint, depth), srgb, TYPE_RGB_8);
    if (!path->transform)
        ret_name[0] = 0;
    if (path->transform && paint == PAINT_RGB && depth == DEPTH_8 &&
        changes_nothing(path->transform)) {
        guest.cmsDeleteTransform(path->transform);
        path->transform = NULL;
    }
    *ret = TAKE(path);
    return NULL;
}

Err *colour_path_out(Depth depth, const void *profile, size_t size, ColourPath **ret)
{
    AUTO(colour_path_free) ColourPath *path = NULL;
    AUTO(profile_close) cmsHPROFILE to = profile_open(profile, size, PAINT_RGB);
    AUTO(profile_close) cmsHPROFILE srgb = guest.cmsCreate_sRGBProfile();
    cmsUInt32Number format = pixel_format(PAINT_RGB, depth);

    TRY(path_new(PAINT_RGB, depth, depth, &path));
    if (to && srgb)
        path->transform = transform_of(srgb, format, to, format);
    if (!path->transform)
        return err_public(
            err_new(ERR_INPUT_INVALID, "profile of %zu bytes cannot be written to", size),
            "This colour profile cannot be used for export. Use an RGB profile such as Adobe RGB.");
    *ret = TAKE(path);
    return NULL;
}

static uint8_t to_8(const void *values, Depth depth, size_t at)
{
    if (depth == DEPTH_8)
        return ((const uint8_t *)values)[at];
    return (uint8_t)((((const uint16_t *)values)[at] * 255u + 32767u) / 65535u);
}

void colour_path_row(const ColourPath *path, const void *from, size_t width, void *to)
{
    uint8_t *out = to;

    if (path->transform) {
        guest.cmsDoTransform(path->transform, from, to, (cmsUInt32Number)width);
    } else if (path->paint == PAINT_RGB) {
        for (size_t i = 0; i < width * 3; i++)
            out[i] = to_8(from, path->from, i);
    } else if (path->paint == PAINT_GREY) {
        for (size_t i = 0; i < width; i++)
            out[i * 3] = out[i * 3 + 1] = out[i * 3 + 2] = to_8(from, path->from, i);
    } else {
        /* The plainest inks there are, for a machine without any CMYK profile. */
        for (size_t i = 0; i < width; i++)
            for (size_t c = 0; c < 3; c++) {
                unsigned ink = to_8(from, path->from, i * 4 + c);
                unsigned black = to_8(from, path->from, i * 4 + 3);

                out[i * 3 + c] = (uint8_t)((255 - ink) * (255 - black) / 255);
            }
    }
}
