/* origin.h - how a picture came about, in the words of IPTC's Digital Source Type.
 *
 * Each kind of work that a step does stands for one word; the strongest of a recipe's works and of what the photo itself said is
 * what the finished picture says. A word that came with the photo is kept or raised, never lowered.
 */
#pragma once

#include "base/err.h"

/* From the weakest to the strongest. */
typedef enum Work {
    WORK_NONE,     /* nothing that changes what is seen */
    WORK_EDITED,   /* cut out, cropped, toned, written on */
    WORK_ENHANCED, /* sharpened, relit, enlarged by computing, nothing invented */
    WORK_COMPOSED, /* a photographed product on a plain colour */
    WORK_RENDERED, /* a photographed product in a set that was computed, not photographed */
    WORK_REDRAWN,  /* a trained network has drawn part of it anew */
    WORK_MAX_
} Work;

typedef enum OriginStyle {
    ORIGIN_AUTO,
    ORIGIN_GOOGLE, /* Merchant Center asks for trainedAlgorithmicMedia where a network has drawn, also in part */
    ORIGIN_NONE,
} OriginStyle;

/* The address of the word for WORK done on a picture that said BEFORE (an address, a bare word, or NULL). BEFORE itself when it is
 * as strong or not known; NULL when there is nothing to say. */
const char *origin_word(Work work, const char *before, OriginStyle style);

typedef struct Origin {
    const char *word;    /* "compositeCapture" */
    const char *meaning; /* a sentence for people, no full stop */
    bool is_computed;    /* part of what is seen was never in front of a camera */
    bool is_generated;   /* part of it was drawn by a trained network */
} Origin;

/* What WORD, bare or an address, means; NULL when it is none of IPTC's. */
const Origin *origin_find(const char *word);
