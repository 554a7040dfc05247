/* enlarge_priv.h - the network of enlarge.c and its hot loop, which is compiled once for each instruction set. */
#pragma once

enum {
    ENLARGE_ABREAST = 6, /* neighbours that are worked on at once; no layer's row may be shorter */
    ENLARGE_GROUP = 16   /* outputs likewise; a layer has a multiple of it */
};

/* A 3 x 3 convolution; values lie pixel by pixel, a pixel's channels together. */
typedef struct EnlargeLayer {
    int inputs, outputs;
    const float *weights; /* [row][column][input][output] */
    const float *bias;
    float slope; /* of what is below zero; 1 leaves it as it is */
} EnlargeLayer;

/* FROM is (width + 2) x (height + 2) pixels, TO is WIDTH x HEIGHT. The same bits from every engine. */
typedef void
EnlargeRun(const EnlargeLayer *layer, const float *from, int width, int height, float *to);

EnlargeRun enlarge_run_plain;
#if defined(__x86_64__)
EnlargeRun enlarge_run_avx2;
#endif
