/* A colour as people write it. */
#include "base/colour.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static const struct {
    const char *name;
    Colour colour;
} names[] = {
    {"white", {255, 255, 255, 255}},  {"black", {0, 0, 0, 255}},
    {"grey", {128, 128, 128, 255}},   {"gray", {128, 128, 128, 255}},
    {"silver", {192, 192, 192, 255}}, {"red", {200, 30, 30, 255}},
    {"orange", {240, 140, 40, 255}},  {"yellow", {250, 210, 60, 255}},
    {"green", {60, 140, 80, 255}},    {"teal", {20, 130, 130, 255}},
    {"blue", {40, 90, 180, 255}},     {"navy", {20, 30, 80, 255}},
    {"purple", {110, 60, 150, 255}},  {"pink", {245, 190, 200, 255}},
    {"brown", {120, 80, 50, 255}},    {"beige", {235, 224, 205, 255}},
    {"cream", {250, 244, 230, 255}},  {"transparent", {0, 0, 0, 0}},
};

static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

static bool digits_read(const char *text, size_t count, int *digits)
{
    for (size_t i = 0; i < count; i++)
        if ((digits[i] = digit(text[i])) < 0)
            return false;
    return true;
}

Err *colour_parse(const char *text, Colour *ret)
{
    int d[8] = {0, 0, 0, 0, 0, 0, 15, 15};
    size_t length = strlen(text);

    for (size_t i = 0; i < COUNT(names); i++)
        if (strcasecmp(names[i].name, text) == 0) {
            *ret = names[i].colour;
            return NULL;
        }

    if (text[0] == '#' && length == 4 && digits_read(text + 1, 3, d)) {
        *ret = (Colour){(uint8_t)(d[0] * 17), (uint8_t)(d[1] * 17), (uint8_t)(d[2] * 17), 255};
        return NULL;
    }
    if (text[0] == '#' && (length == 7 || length == 9) && digits_read(text + 1, length - 1, d)) {
        *ret = (Colour){
            (uint8_t)(d[0] * 16 + d[1]), (uint8_t)(d[2] * 16 + d[3]), (uint8_t)(d[4] * 16 + d[5]),
            (uint8_t)(d[6] * 16 + d[7])};
        return NULL;
    }
    return err_public(
        err_new(ERR_INPUT_INVALID, "'%s' is not a colour", text),
        "'%s' is not a colour. Write #rrggbb, or a name such as white, black, beige or navy.",
        text);
}

void colour_text(Colour colour, char text[COLOUR_TEXT_SIZE])
{
    snprintf(text, COLOUR_TEXT_SIZE, "#%02x%02x%02x", colour.r, colour.g, colour.b);
    if (colour.a != 255)
        snprintf(text + 7, 3, "%02x", colour.a);
}

static float linear_of[256];

__attribute__((constructor)) static void linear_fill(void)
{
    for (int i = 0; i < 256; i++) {
        double c = i / 255.0;

        linear_of[i] = (float)(c <= 0.04045 ? c / 12.92 : pow((c + 0.055) / 1.055, 2.4));
    }
}

float colour_linear(uint8_t channel)
{
    return linear_of[channel];
}

float colour_encoded(float linear)
{
    if (!(linear > 0))
        return 0;
    if (linear >= 1)
        return 255;
    return 255 *
           (linear <= 0.0031308f ? linear * 12.92f : 1.055f * powf(linear, 1 / 2.4f) - 0.055f);
}
