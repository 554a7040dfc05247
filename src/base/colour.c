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

/* ---- as eyes see it ---- */

/* The cube root with a straight foot, so that near black does not run away. */
static float lab_root(float t)
{
    return t > 216.0f / 24389 ? cbrtf(t) : (t * (24389.0f / 27) + 16) / 116;
}

Lab colour_lab_of_linear(const float rgb[3])
{
    float x = 0.4124564f * rgb[0] + 0.3575761f * rgb[1] + 0.1804375f * rgb[2];
    float y = 0.2126729f * rgb[0] + 0.7151522f * rgb[1] + 0.0721750f * rgb[2];
    float z = 0.0193339f * rgb[0] + 0.1191920f * rgb[1] + 0.9503041f * rgb[2];
    float fx = lab_root(x / 0.95047f), fy = lab_root(y), fz = lab_root(z / 1.08883f);

    return (Lab){116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)};
}

Lab colour_lab(const uint8_t rgb[3])
{
    float linear[3] = {colour_linear(rgb[0]), colour_linear(rgb[1]), colour_linear(rgb[2])};

    return colour_lab_of_linear(linear);
}

static const double turn = 2 * M_PI;

/* 0..turn; a grey has no hue and gets 0. */
static double hue_of(double a, double b)
{
    double hue = a != 0 || b != 0 ? atan2(b, a) : 0;

    return hue < 0 ? hue + turn : hue;
}

static double degrees(double d)
{
    return d * M_PI / 180;
}

/* The hue between two, the short way round. */
static double hue_mean(double one, double other)
{
    if (fabs(one - other) <= M_PI)
        return (one + other) / 2;
    return (one + other + (one + other < turn ? turn : -turn)) / 2;
}

/* Sharma, Wu, Dalal: The CIEDE2000 color-difference formula (2005), its equations in their order. */
float colour_difference(Lab one, Lab other)
{
    double c_mean = (hypot(one.a, one.b) + hypot(other.a, other.b)) / 2;
    double c7 = pow(c_mean, 7), g = 0.5 * (1 - sqrt(c7 / (c7 + 6103515625.0)));
    double a1 = (1 + g) * one.a, a2 = (1 + g) * other.a;
    double c1 = hypot(a1, one.b), c2 = hypot(a2, other.b);
    double h1 = hue_of(a1, one.b), h2 = hue_of(a2, other.b);

    double turned = c1 * c2 == 0 ? 0 : h2 - h1;
    turned += turned > M_PI ? -turn : turned < -M_PI ? turn : 0;
    double dl = other.l - one.l, dc = c2 - c1, dh = 2 * sqrt(c1 * c2) * sin(turned / 2);

    double l = (one.l + other.l) / 2, c = (c1 + c2) / 2;
    double h = c1 * c2 == 0 ? h1 + h2 : hue_mean(h1, h2);
    double t = 1 - 0.17 * cos(h - degrees(30)) + 0.24 * cos(2 * h) +
               0.32 * cos(3 * h + degrees(6)) - 0.20 * cos(4 * h - degrees(63));
    double off_blue = (h - degrees(275)) / degrees(25);
    double twist = degrees(30) * exp(-off_blue * off_blue);
    double cm7 = pow(c, 7), rc = 2 * sqrt(cm7 / (cm7 + 6103515625.0));
    double sl = 1 + 0.015 * (l - 50) * (l - 50) / sqrt(20 + (l - 50) * (l - 50));
    double sc = 1 + 0.045 * c, sh = 1 + 0.015 * c * t;

    dl /= sl, dc /= sc, dh /= sh;
    return (float)sqrt(MAX(dl * dl + dc * dc + dh * dh - sin(2 * twist) * rc * dc * dh, 0.0));
}

/* Ottosson 2020. */
OkLab colour_oklab(Colour colour)
{
    double r = (double)colour_linear(colour.r), g = (double)colour_linear(colour.g),
           b = (double)colour_linear(colour.b);
    double l = cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
    double m = cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
    double s = cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);

    return (OkLab){
        0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s,
        1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s,
        0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s};
}

void colour_of_oklab(OkLab lab, double ret_linear[3])
{
    double l = lab.l + 0.3963377774 * lab.a + 0.2158037573 * lab.b;
    double m = lab.l - 0.1055613458 * lab.a - 0.0638541728 * lab.b;
    double s = lab.l - 0.0894841775 * lab.a - 1.2914855480 * lab.b;

    l = l * l * l;
    m = m * m * m;
    s = s * s * s;
    ret_linear[0] = 4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s;
    ret_linear[1] = -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s;
    ret_linear[2] = -0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s;
}
