/* Khronos PBR Neutral (github.com/KhronosGroup/ToneMapping): it leaves colours below 0.76 alone but for a small toe, so that a
 * brand's red stays that red, and can be undone exactly. */
#include "scene/tone.h"

#include <math.h>

static const float tone_start = 0.76f; /* 0.8 less the Fresnel toe of 0.04 */
static const float tone_grey = 0.15f;  /* how fast bright colours turn to white */
static const float tone_most = 0.985f;

static float most_of(const float c[3])
{
    return fmaxf(c[0], fmaxf(c[1], c[2]));
}

static float least_of(const float c[3])
{
    return fminf(c[0], fminf(c[1], c[2]));
}

void tone_to_display(float colour[3])
{
    float least = least_of(colour), d = 1 - tone_start;
    float offset = least < 0.08f ? least - 6.25f * least * least : 0.04f;

    for (int k = 0; k < 3; k++)
        colour[k] -= offset;
    float peak = most_of(colour);
    if (peak < tone_start)
        return;
    float pressed = 1 - d * d / (peak + d - tone_start);
    float grey = 1 - 1 / (tone_grey * (peak - pressed) + 1);
    for (int k = 0; k < 3; k++)
        colour[k] = colour[k] * pressed / peak * (1 - grey) + pressed * grey;
}

void tone_from_display(float colour[3])
{
    float pressed = most_of(colour), d = 1 - tone_start;

    if (pressed > tone_most) {
        for (int k = 0; k < 3; k++)
            colour[k] *= tone_most / pressed;
        pressed = tone_most;
    }
    if (pressed > tone_start) {
        float peak = d * d / (1 - pressed) - d + tone_start;
        float kept = 1 / (tone_grey * (peak - pressed) + 1);
        for (int k = 0; k < 3; k++)
            colour[k] = fmaxf((colour[k] - pressed * (1 - kept)) / kept, 0) * peak / pressed;
    }
    float least = fmaxf(least_of(colour), 0);
    float offset = least <= 0.04f ? sqrtf(least / 6.25f) - least : 0.04f;
    for (int k = 0; k < 3; k++)
        colour[k] += offset;
}
