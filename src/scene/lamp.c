/* Lamps: the colour of their light and which way they point. */
#include <math.h>
#include <string.h>

#include "scene/stage.h"

enum {
    CAMERA_WHITE_KELVIN = 5600
};

static double channel_linear(double encoded)
{
    double c = CLAMP(encoded / 255, 0.0, 1.0);
    return c <= 0.04045 ? c / 12.92 : pow((c + 0.055) / 1.055, 2.4);
}

/* A fit to black-body colours in sRGB (Helland 2012). */
static void blackbody(double kelvin, double ret[3])
{
    double t = kelvin / 100;

    ret[0] = channel_linear(t <= 66 ? 255 : 329.698727 * pow(t - 60, -0.1332047592));
    ret[1] =
        channel_linear(t <= 66 ? 99.4708 * log(t) - 161.1195 : 288.12217 * pow(t - 60, -0.0755148));
    ret[2] = channel_linear(t >= 66 ? 255 : t <= 19 ? 0 : 138.51773 * log(t - 10) - 305.0448);
}

void lamp_kelvin(double kelvin, float ret[3])
{
    double light[3], white[3];

    blackbody(kelvin, light);
    blackbody(CAMERA_WHITE_KELVIN, white);
    for (int k = 0; k < 3; k++)
        light[k] /= white[k];
    double bright = 0.2126 * light[0] + 0.7152 * light[1] + 0.0722 * light[2];
    for (int k = 0; k < 3; k++)
        ret[k] = (float)(light[k] / bright);
}

static void crossed(const double a[3], const double b[3], double ret[3])
{
    ret[0] = a[1] * b[2] - a[2] * b[1];
    ret[1] = a[2] * b[0] - a[0] * b[2];
    ret[2] = a[0] * b[1] - a[1] * b[0];
}

static double length_of(const double a[3])
{
    return sqrt(a[0] * a[0] + a[1] * a[1] + a[2] * a[2]);
}

void lamp_aim(
    Lamp *lamp, const double place[3], const double target[3], const double size[2], double power,
    const float colour[3])
{
    double facing[3], across[3], up[3], above[3] = {0, 1, 0};

    for (int k = 0; k < 3; k++)
        facing[k] = target[k] - place[k];
    double far = fmax(length_of(facing), 1e-3);
    for (int k = 0; k < 3; k++)
        facing[k] /= far;
    if (fabs(facing[1]) > 0.98)
        memcpy(above, (double[3]){0, 0, -1}, sizeof above);
    crossed(facing, above, across);
    double wide = length_of(across);
    for (int k = 0; k < 3; k++)
        across[k] /= wide;
    crossed(across, facing, up);
    lamp->half_width = (float)(size[0] / 2);
    lamp->half_height = (float)(size[1] / 2);
    lamp->area = (float)(size[0] * size[1]);
    for (int k = 0; k < 3; k++) {
        lamp->place[k] = (float)place[k];
        lamp->facing[k] = (float)facing[k];
        lamp->across[k] = (float)(across[k] * size[0] / 2);
        lamp->up[k] = (float)(up[k] * size[1] / 2);
        lamp->radiance[k] = colour[k] * (float)(power * M_PI * far * far / (size[0] * size[1]));
    }
    lamp->bright =
        0.2126f * lamp->radiance[0] + 0.7152f * lamp->radiance[1] + 0.0722f * lamp->radiance[2];
}
