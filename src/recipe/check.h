/* check.h - does a picture still show the person, or the product, that a reference shows?
 *
 * A person is known by the face: the largest of the reference against each of the picture, the best counts. A product is found in the
 * picture wherever it was put, and compared where the reference shows it: structure (SSIM) and colour (CIEDE2000). Moving, enlarging,
 * turning a little, encoding again and light that is evenly stronger or weaker are no faults; another colour, a blurred or missing
 * print, another shape are.
 */
#pragma once

#include "base/value.h"
#include "image/align.h"
#include "image/likeness.h"
#include "model/model.h"

typedef enum CheckSubject {
    CHECK_AUTO, /* a person where a face takes an eighth of the reference or more, else a product;
                   a product, too, where no network that finds faces may be used or is installed */
    CHECK_PERSON,
    CHECK_PRODUCT,
} CheckSubject;

extern const char *const check_subject_names[]; /* "auto", by CheckSubject, NULL-ended */

typedef struct CheckLimits {
    double least_likeness;    /* of faces, 0..1 */
    double least_ssim;        /* of the product, in luma and in each channel */
    double least_ssim_part;   /* of the worst part: a logo is a small part of a product */
    double most_delta_e;      /* mean difference of colour, even light set aside */
    double most_delta_e_part; /* the same of the worst part */
} CheckLimits;

extern const CheckLimits check_limits_default;

typedef struct CheckWish {
    Models *models;
    const Image *reference; /* RGB, or RGBA whose alpha is the product's mask */
    const Image *picture;   /* RGB or RGBA */
    CheckSubject subject;
    CheckLimits limits;
    int threads;
    Cancel *cancel;
} CheckWish;

enum {
    CHECK_REASONS_MAX = 6
};

typedef struct CheckResult {
    CheckSubject subject; /* that was checked: never CHECK_AUTO */
    bool passed;
    bool faces_sought; /* false for CHECK_PRODUCT, and for CHECK_AUTO without a network for faces */
    const char *reasons[CHECK_REASONS_MAX]; /* why not, as words; NULL-ended unless full */

    /* Of a person. */
    size_t reference_faces, picture_faces;
    double cosine, likeness; /* of the best pair; 0 when the picture has no face */

    /* Of a product. */
    Likeness product;    /* after the light was evened */
    double relit_ev;     /* how much lighter the picture shows it */
    double inside;       /* the share of it that lies in the picture */
    Alignment alignment; /* where it was found */
} CheckResult;

/* INPUT_INVALID when the reference shows no face but a person is asked for; PRODUCT_NOT_FOUND; else as networks fail. That the picture
 * is not right is a result, no error. */
MUST Err *check_pictures(const CheckWish *wish, CheckResult *ret);

/* The result for reports: scores, limits and reasons. */
Value *check_value(const CheckResult *result, const CheckLimits *limits);

/* The first reason as a sentence for a shopkeeper; "" when the picture passed. */
const char *check_sentence(const CheckResult *result);
