/* One layer of the network that enlarges; compiled for each instruction set, each with the same sums in the same order. */
#include <stdint.h>
#include <string.h>

#include "image/enlarge_priv.h"

#define RUN_JOIN_(a, b) a##_##b
#define RUN_JOIN(a, b) RUN_JOIN_(a, b)
#define RUN_FN static inline __attribute__((always_inline))

enum {
    LANES = 8,
    VECTORS = ENLARGE_GROUP / LANES
};

typedef float Lanes __attribute__((vector_size(LANES * sizeof(float))));
typedef int32_t Bits __attribute__((vector_size(LANES * sizeof(float))));

RUN_FN Lanes lanes_load(const float *from)
{
    Lanes lanes;

    memcpy(&lanes, from, sizeof(lanes));
    return lanes;
}

RUN_FN Lanes lanes_same(float value)
{
    return (Lanes){value, value, value, value, value, value, value, value};
}

RUN_FN Lanes lanes_bend(Lanes value, float slope)
{
    Bits below = value < 0;

    return (Lanes)((below & (Bits)(value * slope)) | (~below & (Bits)value));
}

/* ENLARGE_GROUP outputs of ENLARGE_ABREAST neighbours: as many sums as there are registers to hold them. */
RUN_FN void block_run(
    const EnlargeLayer *layer, int inputs, const float *from, int stride, int group, float *to)
{
    const float *weights = layer->weights + group;
    Lanes sums[ENLARGE_ABREAST][VECTORS];

    for (int pixel = 0; pixel < ENLARGE_ABREAST; pixel++)
        for (int v = 0; v < VECTORS; v++)
            sums[pixel][v] = lanes_load(layer->bias + group + v * LANES);
    for (int row = 0; row < 3; row++)
        for (int tap = 0; tap < 3 * inputs; tap++, weights += layer->outputs) {
            const float *at = from + row * stride + tap;

#pragma GCC unroll 6
            for (int pixel = 0; pixel < ENLARGE_ABREAST; pixel++)
#pragma GCC unroll 2
                for (int v = 0; v < VECTORS; v++)
                    sums[pixel][v] +=
                        lanes_load(weights + v * LANES) * lanes_same(at[pixel * inputs]);
        }
    for (int pixel = 0; pixel < ENLARGE_ABREAST; pixel++)
        for (int v = 0; v < VECTORS; v++) {
            Lanes bent = lanes_bend(sums[pixel][v], layer->slope);

            memcpy(to + pixel * layer->outputs + group + v * LANES, &bent, sizeof(bent));
        }
}

RUN_FN void
rows_run(const EnlargeLayer *layer, int inputs, const float *from, int width, int height, float *to)
{
    int stride = (width + 2) * inputs;

    for (int y = 0; y < height; y++, from += stride, to += width * layer->outputs)
        for (int group = 0; group < layer->outputs; group += ENLARGE_GROUP)
            for (int done = 0; done < width; done += ENLARGE_ABREAST) {
                int x = done + ENLARGE_ABREAST <= width ? done : width - ENLARGE_ABREAST;

                block_run(layer, inputs, from + x * inputs, stride, group, to + x * layer->outputs);
            }
}

void RUN_JOIN(enlarge_run, ENGINE)(
    const EnlargeLayer *layer, const float *from, int width, int height, float *to)
{
    if (layer->inputs == 3)
        rows_run(layer, 3, from, width, height, to);
    else
        rows_run(layer, layer->inputs, from, width, height, to);
}
