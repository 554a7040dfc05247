/* Text drawn as a mask, by Pango. Whatever fonts the machine has are used; "sans" always finds one if there is any. */
#include <pthread.h>
#include <string.h>

#include "image/guest_priv.h"

enum {
    MEASURE_PX = 1000, /* large, so that hinting does not round the metrics */
    TEXT_MAX_BYTES = 1000
};

/* Pango's font maps and FreeType beneath are not made for several threads. */
static pthread_mutex_t pango_mutex = PTHREAD_MUTEX_INITIALIZER;

/* The font size at which FONT is HEIGHT_PX high from ascender to descender. */
static double size_for_height(PangoContext *context, PangoFontDescription *font, int height_px)
{
    guest.pango_font_description_set_absolute_size(font, MEASURE_PX * PANGO_SCALE);
    PangoFontMetrics *metrics = guest.pango_context_get_metrics(context, font, NULL);
    int high = guest.pango_font_metrics_get_ascent(metrics) +
               guest.pango_font_metrics_get_descent(metrics);

    guest.pango_font_metrics_unref(metrics);
    double high_px = (double)high / PANGO_SCALE;

    return (high_px > 0 ? height_px * MEASURE_PX / high_px : height_px) * PANGO_SCALE;
}

/* LAYOUT with its corner at X, Y of MASK, which is taken over. */
static MUST Err *layout_paint(PangoLayout *layout, double x, double y, Image **mask, Image **ret)
{
    int width = image_width(*mask), height = image_height(*mask);
    cairo_surface_t *surface = guest.cairo_image_surface_create(CAIRO_FORMAT_A8, width, height);
    cairo_t *cairo = guest.cairo_create(surface);

    guest.cairo_move_to(cairo, x, y);
    guest.pango_cairo_show_layout(cairo, layout);
    guest.cairo_surface_flush(surface);

    const unsigned char *drawn = guest.cairo_image_surface_get_data(surface);
    for (int row = 0; drawn && row < height; row++)
        memcpy(
            image_row_mut(*mask, row),
            drawn + row * (ptrdiff_t)guest.cairo_image_surface_get_stride(surface), (size_t)width);
    Err *err = guest.cairo_status(cairo) == CAIRO_STATUS_SUCCESS
                   ? NULL
                   : err_new(ERR_MEMORY_SPENT, "text of %d pixels cannot be drawn", width);
    guest.cairo_destroy(cairo);
    guest.cairo_surface_destroy(surface);
    if (!err)
        *ret = TAKE(*mask);
    return err;
}

static Err *layout_draw(PangoLayout *layout, int height_px, Image **ret)
{
    AUTO(image_free) Image *mask = NULL;
    PangoRectangle ink, logical;

    guest.pango_layout_get_pixel_extents(layout, &ink, &logical);
    /* Slanted letters reach out of their own box. */
    int left = MIN(ink.x, logical.x);
    int right = MAX(ink.x + ink.width, logical.x + logical.width);

    TRY(image_new(MAX(right - left, 1), height_px, 1, DEPTH_8, &mask));
    return layout_paint(layout, -left, (height_px - logical.height) / 2.0, &mask, ret);
}

/* The desktop's taste in hinting must not change the picture. */
static PangoContext *context_new(PangoFontMap *fonts)
{
    PangoContext *context = guest.pango_font_map_create_context(fonts);
    cairo_font_options_t *options = guest.cairo_font_options_create();

    guest.cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
    guest.cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
    guest.cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    guest.pango_cairo_context_set_font_options(context, options);
    guest.cairo_font_options_destroy(options);
    return context;
}

static MUST Err *text_check(const char *text)
{
    if (text[0] && strlen(text) <= TEXT_MAX_BYTES && guest.g_utf8_validate(text, -1, NULL))
        return NULL;
    return err_public(
        err_new(ERR_INPUT_INVALID, "text of %zu bytes cannot be drawn", strlen(text)),
        "Give a text of 1 to %d letters.", TEXT_MAX_BYTES);
}

Err *image_text(const char *text, const char *font, int height_px, Image **ret)
{
    TRY(guest_open());
    TRY(text_check(text));
    if (height_px < 1)
        return err_new(ERR_INPUT_INVALID, "text %d pixels high was asked for", height_px);

    pthread_mutex_lock(&pango_mutex);
    PangoFontMap *fonts = guest.pango_cairo_font_map_new();
    PangoContext *context = context_new(fonts);
    PangoFontDescription *described = guest.pango_font_description_from_string(font);
    PangoLayout *layout = guest.pango_layout_new(context);

    guest.pango_font_description_set_absolute_size(
        described, size_for_height(context, described, height_px));
    guest.pango_layout_set_font_description(layout, described);
    guest.pango_layout_set_single_paragraph_mode(layout, TRUE);
    guest.pango_layout_set_text(layout, text, -1);
    Err *err = layout_draw(layout, height_px, ret);

    guest.g_object_unref(layout);
    guest.pango_font_description_free(described);
    guest.g_object_unref(context);
    guest.g_object_unref(fonts);
    pthread_mutex_unlock(&pango_mutex);
    return err;
}

/* ---- a paragraph ---- */

/* Letters of Arabic, Devanagari, Thai and the like hang together or stack: space between them would tear words. */
static bool stands_apart(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text >= 0xd6) /* from U+0580 on */
            return false;
    return true;
}

static void tracking_set(PangoLayout *layout, const ImageWords *words)
{
    PangoAttrList *list;

    if (words->tracking == 0 || !stands_apart(words->text))
        return;
    list = guest.pango_attr_list_new();
    guest.pango_attr_list_insert(
        list,
        guest.pango_attr_letter_spacing_new((int)(words->tracking * words->size_px * PANGO_SCALE)));
    guest.pango_layout_set_attributes(layout, list);
    guest.pango_attr_list_unref(list);
}

static PangoLayout *words_layout(PangoContext *context, const ImageWords *words)
{
    PangoFontDescription *font = guest.pango_font_description_from_string(words->font);
    PangoLayout *layout = guest.pango_layout_new(context);

    guest.pango_font_description_set_absolute_size(font, words->size_px * PANGO_SCALE);
    guest.pango_layout_set_font_description(layout, font);
    guest.pango_font_description_free(font);
    guest.pango_layout_set_single_paragraph_mode(layout, TRUE);
    guest.pango_layout_set_text(layout, words->text, -1);
    guest.pango_layout_set_width(layout, words->width_px * PANGO_SCALE);
    guest.pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
    guest.pango_layout_set_ellipsize(layout, PANGO_ELLIPSIZE_END);
    guest.pango_layout_set_height(layout, -words->lines_most);
    if (words->leading > 0)
        guest.pango_layout_set_line_spacing(layout, (float)words->leading);
    if (words->is_centred)
        guest.pango_layout_set_alignment(layout, PANGO_ALIGN_CENTER);
    tracking_set(layout, words);
    return layout;
}

/* The narrowest width that needs no more lines: the last one is then no lonely word. */
static void words_balance(PangoLayout *layout, const ImageWords *words)
{
    int lines = guest.pango_layout_get_line_count(layout);
    int narrow = words->width_px / MAX(lines, 1), wide = words->width_px;

    if (lines < 2 || guest.pango_layout_is_ellipsized(layout))
        return;
    while (wide - narrow > 1) {
        int middle = (narrow + wide) / 2;

        guest.pango_layout_set_width(layout, middle * PANGO_SCALE);
        if (guest.pango_layout_get_line_count(layout) > lines ||
            guest.pango_layout_is_ellipsized(layout))
            narrow = middle;
        else
            wide = middle;
    }
    guest.pango_layout_set_width(layout, wide * PANGO_SCALE);
}

static MUST Err *words_draw(PangoLayout *layout, Image **ret)
{
    AUTO(image_free) Image *mask = NULL;
    PangoRectangle ink, logical;

    guest.pango_layout_get_pixel_extents(layout, &ink, &logical);
    int left = MIN(ink.x, logical.x), top = MIN(ink.y, logical.y);
    int right = MAX(ink.x + ink.width, logical.x + logical.width);
    int bottom = MAX(ink.y + ink.height, logical.y + logical.height);

    TRY(image_new(MAX(right - left, 1), MAX(bottom - top, 1), 1, DEPTH_8, &mask));
    return layout_paint(layout, -left, -top, &mask, ret);
}

Err *image_words(const ImageWords *words, Image **ret, ImageWordsFacts *ret_facts)
{
    TRY(guest_open());
    TRY(text_check(words->text));
    pthread_mutex_lock(&pango_mutex);
    PangoFontMap *fonts = guest.pango_cairo_font_map_new();
    PangoContext *context = context_new(fonts);
    PangoLayout *layout = words_layout(context, words);

    words_balance(layout, words);
    *ret_facts = (ImageWordsFacts){
        .lines = guest.pango_layout_get_line_count(layout),
        .is_cut = guest.pango_layout_is_ellipsized(layout),
    };
    Err *err = words_draw(layout, ret);

    guest.g_object_unref(layout);
    guest.g_object_unref(context);
    guest.g_object_unref(fonts);
    pthread_mutex_unlock(&pango_mutex);
    return err;
}

void image_ink(Image *image, const Image *mask, int left, int top, Colour ink)
{
    const uint8_t inks[] = {ink.r, ink.g, ink.b};
    int last_x = MIN(image_width(mask), image_width(image) - left);
    int last_y = MIN(image_height(mask), image_height(image) - top);

    for (int y = MAX(0, -top); y < last_y; y++) {
        const uint8_t *cover = image_row(mask, y);
        uint8_t *row = image_row_mut(image, top + y);

        for (int x = MAX(0, -left); x < last_x; x++)
            for (int channel = 0; channel < 3; channel++) {
                uint8_t *to = row + (left + x) * 3 + channel;

                *to = (uint8_t)((*to * (255 - cover[x]) + inks[channel] * cover[x] + 127) / 255);
            }
    }
}
