/* What the camera got wrong: too little light, a colour cast, harsh or flat contrast. */
#include <math.h>
#include <string.h>

#include "image/tone.h"

enum {
    LOOK_PX = 256, /* longest side of the copy that is measured */
    SOLID_ALPHA = 200,
    HUE_CELLS = 33, /* of 2 steps of Lab each, grey in the middle one */
    BANDS = 3
};

static const double hue_reach = 31; /* greys are not thrown off farther than this */

typedef struct Measure {
    double luma[1025]; /* how many pixels are as bright; encoded 0..1 */
    double count;
    double cells[BANDS][HUE_CELLS][HUE_CELLS]; /* pale pixels by hue: rows of b, columns of a */
    bool has_gaps; /* something is transparent: what was around the product is gone */
    double whites; /* clipped in all channels: a true white */
    double highlights, highlight_a,
        highlight_b; /* the brightest pixels, and the sum of their hues */
} Measure;

static double luma_of(const uint8_t *pixel)
{
    float luminance = 0.2126f * colour_linear(pixel[0]) + 0.7152f * colour_linear(pixel[1]) +
                      0.0722f * colour_linear(pixel[2]);

    return (double)colour_encoded(luminance) / 255;
}

/* How far A and B are thrown off does not depend on how bright a grey is once they are measured on white's scale. */
static void hue_count(Measure *measure, const uint8_t *pixel)
{
    Lab lab = colour_lab(pixel);
    double onto_white = 116 / ((double)lab.l + 16);
    double a = (double)lab.a * onto_white, b = (double)lab.b * onto_white;
    int band = lab.l < 45 ? 0 : lab.l < 70 ? 1 : 2;

    if (lab.l < 18 || lab.l > 97 || hypot(a, b) > hue_reach)
        return;
    int row = (int)lround(b / 2) + HUE_CELLS / 2, column = (int)lround(a / 2) + HUE_CELLS / 2;
    measure->cells[band][row][column]++;
}

/* Hues of what is brighter than LUMA. */
static void highlights_measure(const Image *image, double luma, Measure *measure)
{
    int channels = image_channels(image);

    for (int y = 0; y < image_height(image); y++) {
        const uint8_t *pixel = image_row(image, y);

        for (int x = 0; x < image_width(image); x++, pixel += channels) {
            if ((channels == 4 && pixel[3] < SOLID_ALPHA) || luma_of(pixel) < luma)
                continue;
            Lab lab = colour_lab(pixel);
            double onto_white = 116 / ((double)lab.l + 16);

            measure->highlights++;
            measure->highlight_a += (double)lab.a * onto_white;
            measure->highlight_b += (double)lab.b * onto_white;
        }
    }
}

static void picture_measure(const Image *image, Measure *measure)
{
    int channels = image_channels(image);

    for (int y = 0; y < image_height(image); y++) {
        const uint8_t *pixel = image_row(image, y);

        for (int x = 0; x < image_width(image); x++, pixel += channels) {
            if (channels == 4 && pixel[3] < SOLID_ALPHA) {
                measure->has_gaps = true;
                continue;
            }
            measure->count++;
            measure->luma[(int)(luma_of(pixel) * 1024 + 0.5)]++;
            measure->whites += pixel[0] > 250 && pixel[1] > 250 && pixel[2] > 250;
            hue_count(measure, pixel);
        }
    }
}

static double quantile(const Measure *measure, double share)
{
    double seen = 0;

    for (int i = 0; i < 1024; i++)
        if ((seen += measure->luma[i]) > measure->count * share)
            return i / 1024.0;
    return 1;
}

static double light_of(double encoded)
{
    return (double)colour_linear((uint8_t)(CLAMP(encoded, 0.0, 1.0) * 255 + 0.5));
}

/* A photo that got enough light has a highlight somewhere, be its subject black. Only where next to everything is dark and yet
 * something shines far above it is it meant so. What may be meant as it is is mended in part. */
static double under_ev(const Measure *measure)
{
    const double highlight = 0.86, unsure_ev = 0.35, sure_ev = 1, most_ev = 2.5;
    double brightest = quantile(measure, 0.999), bright = quantile(measure, 0.95);
    double missing = log2(highlight / MAX(light_of(brightest), 1e-4));
    double sure = CLAMP((missing - unsure_ev) / (sure_ev - unsure_ev), 0.0, 1.0);
    double under = MIN(missing * sure * sure * (3 - 2 * sure), most_ev);

    if (bright < 0.30 && light_of(brightest) > 2.5 * light_of(bright))
        return 0;
    return under >= 0.1 ? under : 0;
}

/* ---- colour cast ---- */

typedef struct Hue {
    double a, b;
} Hue;

/* How many pixels of the bands FIRST..LAST lie within REACH of (A, B). */
static double mass_near(const Measure *measure, int first, int last, Hue at, double reach)
{
    double mass = 0;

    for (int row = 0; row < HUE_CELLS; row++)
        for (int column = 0; column < HUE_CELLS; column++) {
            double a = 2 * (column - HUE_CELLS / 2), b = 2 * (row - HUE_CELLS / 2);

            if (hypot(a - at.a, b - at.b) > reach)
                continue;
            for (int band = first; band <= last; band++)
                mass += measure->cells[band][row][column];
        }
    return mass;
}

/* Where most pale pixels lie, to a fraction of a cell. */
static Hue peak_find(const Measure *measure)
{
    Hue best = {0, 0}, mean = {0, 0};
    double most = 0, weight = 0;

    for (int row = 0; row < HUE_CELLS; row++)
        for (int column = 0; column < HUE_CELLS; column++) {
            Hue at = {2 * (column - HUE_CELLS / 2), 2 * (row - HUE_CELLS / 2)};
            double mass = mass_near(measure, 0, BANDS - 1, at, 3);

            if (mass > most)
                most = mass, best = at;
        }
    for (int row = 0; row < HUE_CELLS; row++)
        for (int column = 0; column < HUE_CELLS; column++) {
            Hue at = {2 * (column - HUE_CELLS / 2), 2 * (row - HUE_CELLS / 2)};

            if (hypot(at.a - best.a, at.b - best.b) > 4.5)
                continue;
            for (int band = 0; band < BANDS; band++) {
                double mass = measure->cells[band][row][column];

                weight += mass, mean.a += mass * at.a, mean.b += mass * at.b;
            }
        }
    return weight > 0 ? (Hue){mean.a / weight, mean.b / weight} : best;
}

/* How far what lies in the direction of PEAK reaches there, of the brightest pixels; a true white among them reaches nowhere. */
static double highlights_reach(const Measure *measure, Hue peak)
{
    double off = hypot(peak.a, peak.b);
    double along = measure->highlight_a * peak.a + measure->highlight_b * peak.b;

    return measure->highlights > 0 ? along / off / measure->highlights : 0;
}

/* The share of pale pixels that lie beyond grey, seen from PEAK: under a cast next to nothing does. */
static double opposite_mass(const Measure *measure, Hue peak)
{
    double off = hypot(peak.a, peak.b), mass = 0;

    for (int row = 0; row < HUE_CELLS; row++)
        for (int column = 0; column < HUE_CELLS; column++) {
            double a = 2 * (column - HUE_CELLS / 2), b = 2 * (row - HUE_CELLS / 2);

            if ((a * peak.a + b * peak.b) / off < -3)
                for (int band = 0; band < BANDS; band++)
                    mass += measure->cells[band][row][column];
        }
    return mass;
}

/* A tinted wall is of one brightness; a cast is on dark and light things alike. */
static bool bands_agree(const Measure *measure, Hue peak)
{
    int agreeing = 0, telling = 0;

    for (int band = 0; band < BANDS; band++) {
        double near = mass_near(measure, band, band, peak, 6);
        double all = mass_near(measure, band, band, (Hue){0, 0}, hue_reach * 1.5);

        telling += all > 0.03 * measure->count;
        agreeing += all > 0.03 * measure->count && near > 0.2 * all;
    }
    return agreeing >= MIN(telling, 2) && telling > 0;
}

static const char *hue_name(Hue hue)
{
    static const struct {
        double end; /* degrees */
        const char *name;
    } rows[] = {{22, "pink"},  {67, "orange"}, {120, "yellow"}, {200, "green"},
                {240, "cyan"}, {300, "blue"},  {338, "violet"}, {361, "pink"}};
    double angle = atan2(hue.b, hue.a) * 180 / M_PI;
    size_t row = 0;

    angle += angle < 0 ? 360 : 0;
    while (angle >= rows[row].end)
        row++;
    return rows[row].name;
}

/* What white is under the cast, in linear light: Lab of lightness 100 back to RGB. */
static void white_of_hue(Hue hue, double ret[3])
{
    double fx = 1 + hue.a / 500, fz = 1 - hue.b / 200;
    double x = 0.95047 * fx * fx * fx, z = 1.08883 * fz * fz * fz;

    ret[0] = 3.2404542 * x - 1.5371385 - 0.4985314 * z;
    ret[1] = -0.9692660 * x + 1.8760108 + 0.0415560 * z;
    ret[2] = 0.0556434 * x - 0.2040259 + 1.0572252 * z;
}

static void cast_find(const Measure *measure, LightFaults *faults)
{
    const double least = 4.5, most = 28, true_greys = 0.25, candidates = 0.08;
    Hue peak = peak_find(measure);
    double off = hypot(peak.a, peak.b), white[3];
    double tinted = mass_near(measure, 0, BANDS - 1, peak, 3);
    double grey = mass_near(measure, 0, BANDS - 1, (Hue){0, 0}, 2.9) + measure->whites;

    for (int c = 0; c < 3; c++)
        faults->cast[c] = 1;
    /* A product alone may be golden from end to end: only its surroundings tell that from a yellow lamp. */
    if (measure->has_gaps || off < least || off > most || tinted < candidates * measure->count ||
        grey > true_greys * tinted || opposite_mass(measure, peak) > 0.1 * tinted ||
        highlights_reach(measure, peak) < 0.5 * off || !bands_agree(measure, peak))
        return;
    white_of_hue(peak, white);
    double level = 0.2126 * white[0] + 0.7152 * white[1] + 0.0722 * white[2];

    for (int c = 0; c < 3; c++)
        faults->cast[c] = CLAMP(level / MAX(white[c], 1e-3), 0.5, 2.0);
    faults->cast_delta = off;
    faults->cast_name = hue_name(peak);
}

/* ---- contrast ---- */

/* Backdrops are left out: a white sweep is no clipped light. What remains is squares in which something happens. */
static void contrast_find(const Image *image, const Measure *measure, LightFaults *faults)
{
    const int side = 8;
    double crushed = 0, clipped = 0, count = 0;
    int channels = image_channels(image);

    for (int top = 0; top + side <= image_height(image); top += side)
        for (int left = 0; left + side <= image_width(image); left += side) {
            double dark = 0, light = 0, seen = 0;

            for (int y = top; y < top + side; y++)
                for (int x = left; x < left + side; x++) {
                    const uint8_t *pixel =
                        (const uint8_t *)image_row(image, y) + (ptrdiff_t)x * channels;

                    if (channels == 4 && pixel[3] < SOLID_ALPHA)
                        continue;
                    double luma = luma_of(pixel);

                    seen++, dark += luma<0.02, light += luma> 0.985;
                }
            if (dark + light >= 0.9 * seen)
                continue;
            count += seen, crushed += dark, clipped += light;
        }
    crushed /= MAX(count, 1.0), clipped /= MAX(count, 1.0);
    if (crushed > 0.02 && clipped > 0.02 && count > 0.05 * measure->count)
        faults->harsh = MIN(sqrt(crushed * clipped) / 0.12, 1.0);

    double range = faults->bright - faults->dark;
    if (faults->under_ev == 0 && range < 0.55 && faults->dark > 0.14 && faults->bright < 0.86)
        faults->flat = MIN((0.55 - range) / 0.25, 1.0);
}

Err *image_light_faults(const Image *image, LightFaults *ret)
{
    AUTO(free) Measure *measure = calloc(1, sizeof(*measure));
    AUTO(image_free) Image *small = NULL;
    int width = image_width(image), height = image_height(image);
    double zoom = MIN((double)LOOK_PX / MAX(width, height), 1.0);
    LightFaults faults = {.cast = {1, 1, 1}};

    if (!measure)
        return err_new(ERR_MEMORY_SPENT, "no memory to measure light");
    TRY(image_resize(
        image, MAX((int)lround(width * zoom), 1), MAX((int)lround(height * zoom), 1), IMAGE_LINEAR,
        &small));
    picture_measure(small, measure);
    if (measure->count > 0) {
        faults.dark = quantile(measure, 0.005), faults.bright = quantile(measure, 0.995);
        faults.under_ev = under_ev(measure);
        highlights_measure(small, quantile(measure, 0.98), measure);
        cast_find(measure, &faults);
        contrast_find(small, measure, &faults);
    }
    *ret = faults;
    return NULL;
}

Tone tone_of_faults(const LightFaults *faults)
{
    Tone tone = {
        .exposure_ev = faults->under_ev,
        .contrast = -38 * faults->harsh,
        .soften = 0.45 * faults->harsh};

    for (int c = 0; c < 3 && faults->cast_delta > 0; c++)
        tone.gain[c] = pow(faults->cast[c], 0.95);
    if (faults->flat > 0) {
        tone.black = faults->flat * MAX(faults->dark - 0.04, 0.0);
        tone.white = 1 - faults->flat * MAX(0.94 - faults->bright, 0.0);
    }
    return tone;
}
