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
#include "shape/shape.h"

typedef enum CheckSubject {
    CHECK_AUTO, /* a person where a face takes an eighth of the reference or more, else a product;
                   a product, too, where no network that finds faces may be used or is installed */
    CHECK_PERSON,
    CHECK_PRODUCT,
} CheckSubject;

extern const char *const check_subject_names[]; /* "auto", by CheckSubject, NULL-ended */

/* What is asked for. Who takes it from a user has a member `CheckDemand demand` and CHECK_FIELDS among its fields. */
typedef struct CheckDemand {
    int subject;         /* CheckSubject */
    double identity;     /* least likeness of faces, 0..1 */
    double ssim;         /* least of the product, in luma and in each channel */
    double ssim_part;    /* least of its worst part: a logo is a small part of a product */
    double delta_e;      /* most mean difference of colour, even light set aside */
    double delta_e_part; /* most of the worst part */
} CheckDemand;

#define CHECK_FIELDS(Type) \
    CHECK_SUBJECT_(Type), \
        CHECK_NUMBER_(Type, identity, "0.65", 1, "Likeness of faces that is asked for"), \
        CHECK_NUMBER_(Type, ssim, "0.92", 1, "Likeness of the product's structure, as SSIM"), \
        CHECK_NUMBER_(Type, ssim_part, "0.7", 1, "The same of its worst part, such as a logo"), \
        CHECK_NUMBER_(Type, delta_e, "5", 100, "Most that its colours may differ, as CIEDE2000"), \
        CHECK_NUMBER_(Type, delta_e_part, "13", 100, "The same of its worst part")
#define CHECK_NUMBER_(Type, member, preset_, most, help_) \
    { \
        FIELD_NUMBER_IN(Type, demand, member), .preset = (preset_), .max = (most), .help = (help_) \
    }
#define CHECK_SUBJECT_(Type) \
    { \
        FIELD_NAME_IN(Type, demand, subject, check_subject_names), \
            .preset = "auto", \
            .help = "person compares faces, product shape and colour; auto looks for a large face" \
    }

typedef struct CheckWish {
    Models *models;
    const Image *reference; /* RGB, or RGBA whose alpha is the product's mask */
    const Image *picture;   /* RGB or RGBA */
    CheckDemand demand;
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

/* Add to HASHER what the result depends on besides pictures and demand: the networks that would be used. */
void check_identify(const Models *models, const CheckDemand *demand, Hasher *hasher);

/* The result for reports: scores, limits and reasons. */
Value *check_value(const CheckResult *result, const CheckDemand *demand);

/* The first reason as a sentence for a shopkeeper; "" when the picture passed. */
const char *check_sentence(const CheckResult *result);
