/* Whether a picture still shows what its reference shows. */
#include "recipe/check.h"

#include <math.h>
#include <string.h>

#include "image/tone.h"
#include "model/face.h"

enum {
    PRODUCT_SIDE_PX = 320, /* the size at which products are compared */
    PRODUCT_LEAST_PX = 64,
    MASK_INNER = 235 /* of 255, after a blur: what lies safely inside the product */
};

static const double person_share = 1.0 / 8; /* of the reference's longer side */
static const double inside_least = 0.95;

const char *const check_subject_names[] = {"auto", "person", "product", NULL};

/* Why a picture did not pass: the word for reports, the sentence for people. */
static const struct {
    const char *word, *sentence;
} reasons[] = {
    {"no_face", "There is no face in the picture."},
    {"another_face", "The face in the picture is not that of the reference."},
    {"too_small", "The product is too small in the picture to be checked."},
    {"cut_off", "Part of the product lies outside the picture."},
    {"another_shape", "The product in the picture does not look like that of the reference."},
    {"another_part", "A part of the product, such as a print or logo, is not as in the reference."},
    {"another_colour", "The product in the picture has another colour than in the reference."},
};

typedef enum Reason {
    REASON_NO_FACE,
    REASON_ANOTHER_FACE,
    REASON_TOO_SMALL,
    REASON_CUT_OFF,
    REASON_ANOTHER_SHAPE,
    REASON_ANOTHER_PART,
    REASON_ANOTHER_COLOUR,
} Reason;

static void reason_add(CheckResult *result, Reason reason)
{
    for (size_t i = 0; i < CHECK_REASONS_MAX; i++)
        if (!result->reasons[i]) {
            result->reasons[i] = reasons[reason].word;
            return;
        }
}

const char *check_sentence(const CheckResult *result)
{
    for (size_t i = 0; i < COUNT(reasons) && result->reasons[0]; i++)
        if (result->reasons[0] == reasons[i].word)
            return reasons[i].sentence;
    return "";
}

/* ---- a network for a task ---- */

/* NULL when every one is refused. Where the product lies need not be known finely. */
static const ModelRow *task_row(const Models *models, ModelTask task)
{
    const ModelRow *row = models_default(models, task);
    const ModelRow *quick =
        row && task == MODEL_MATTE && row->preview ? models_find(models, row->preview) : NULL;

    return quick ? quick : row;
}

static MUST Err *task_load(const CheckWish *wish, ModelTask task, Model **ret)
{
    const ModelRow *row = task_row(wish->models, task);

    if (!row)
        return err_public(
            err_new(ERR_MODEL_REFUSED, "every model for '%s' is refused", model_task_names[task]),
            "Every network that could check this picture has a licence that is refused here.");
    return models_load(wish->models, row->name, ret);
}

/* Most who check sell products, and never installed a network for faces; who asks for a person is told what is missing. */
static bool faces_are_sought(const Models *models, const CheckDemand *demand)
{
    if (demand->subject != CHECK_AUTO)
        return demand->subject == CHECK_PERSON;

    const ModelRow *row = task_row(models, MODEL_FACE_DETECT);
    return row && models_state(models, row) == MODEL_STATE_INSTALLED;
}

void check_identify(const Models *models, const CheckDemand *demand, Hasher *hasher)
{
    static const ModelTask tasks[] = {MODEL_FACE_DETECT, MODEL_FACE_EMBED, MODEL_MATTE};
    bool faces_sought = faces_are_sought(models, demand);

    hasher_add_number(hasher, faces_sought);
    for (size_t i = faces_sought ? 0 : 2; i < COUNT(tasks); i++) {
        const ModelRow *row = task_row(models, tasks[i]);

        if (row)
            model_identify(models, row, hasher);
    }
}

/* ---- persons ---- */

static const Face *main_face(const Faces *faces)
{
    const Face *main = NULL;

    for (size_t i = 0; i < faces->count; i++) {
        const Face *face = &faces->items[i];

        if (!main || face->width * face->confidence > main->width * main->confidence)
            main = face;
    }
    return main;
}

static MUST Err *faces_of(const CheckWish *wish, const Image *image, Faces *ret)
{
    AUTO(image_free) Image *rgb = NULL;
    Model *model;

    TRY(task_load(wish, MODEL_FACE_DETECT, &model));
    TRY(image_take_rgb(image, &rgb));
    return model_faces(model, rgb, wish->cancel, ret);
}

static MUST Err *
best_cosine(const CheckWish *wish, const Face *reference, const Faces *seen, double *ret)
{
    AUTO(image_free) Image *from = NULL;
    AUTO(image_free) Image *in = NULL;
    FaceMark wanted, mark;
    Model *model;

    TRY(task_load(wish, MODEL_FACE_EMBED, &model));
    TRY(image_take_rgb(wish->reference, &from));
    TRY(image_take_rgb(wish->picture, &in));
    TRY(model_face_mark(model, from, reference, wish->cancel, &wanted));
    *ret = -1;
    for (size_t i = 0; i < seen->count; i++) {
        TRY(model_face_mark(model, in, &seen->items[i], wish->cancel, &mark));
        *ret = MAX(*ret, face_cosine(&wanted, &mark));
    }
    return NULL;
}

static MUST Err *person_check(const CheckWish *wish, const Faces *known, CheckResult *result)
{
    Faces seen;

    result->subject = CHECK_PERSON;
    if (known->count == 0)
        return err_public(
            err_new(ERR_INPUT_INVALID, "the reference shows no face"),
            "The reference shows no face. Use a photo in which the person's face can be seen.");
    TRY(faces_of(wish, wish->picture, &seen));
    result->picture_faces = seen.count;
    if (seen.count == 0) {
        reason_add(result, REASON_NO_FACE);
        return NULL;
    }
    TRY(best_cosine(wish, main_face(known), &seen, &result->cosine));
    result->likeness = face_likeness(result->cosine);
    if (result->likeness < wish->demand.identity)
        reason_add(result, REASON_ANOTHER_FACE);
    return NULL;
}

/* ---- products ---- */

static MUST Err *mask_of_values(const Image *coarse, Image **ret)
{
    AUTO(image_free) Image *mask = NULL;

    TRY(image_new(image_width(coarse), image_height(coarse), 1, DEPTH_8, &mask));
    for (int y = 0; y < image_height(mask); y++) {
        const float *from = image_row(coarse, y);
        uint8_t *to = image_row_mut(mask, y);

        for (int x = 0; x < image_width(mask); x++)
            to[x] = (uint8_t)(CLAMP(from[x], 0.0f, 1.0f) * 255 + 0.5f);
    }
    *ret = TAKE(mask);
    return NULL;
}

/* What of the reference is product: its alpha, or else what the network that cuts out says. */
static MUST Err *reference_mask(const CheckWish *wish, Image **ret)
{
    AUTO(image_free) Image *coarse = NULL;
    AUTO(image_free) Image *mask = NULL;
    Model *model;

    if (image_has_alpha(wish->reference))
        return image_take_alpha(wish->reference, ret);
    TRY(task_load(wish, MODEL_MATTE, &model));
    TRY(model_matte(model, wish->reference, wish->cancel, &coarse));
    TRY(mask_of_values(coarse, &mask));
    return image_resize(
        mask, image_width(wish->reference), image_height(wish->reference), IMAGE_LINEAR, ret);
}

/* Both at the size of comparison, and what counts of them: well inside the product and inside the picture. */
typedef struct Pair {
    Image *reference, *picture, *mask;
} Pair;

static void pair_done(Pair *pair)
{
    image_free(pair->reference);
    image_free(pair->picture);
    image_free(pair->mask);
}
DEFINE_AUTO_DONE(Pair, pair_done);

/* The share of the product that lies inside the picture; what does not is taken out of the mask, as is the edge. */
static double mask_trim(const Image *soft, const Image *inside, Image *mask)
{
    double all = 0, seen = 0;

    for (int y = 0; y < image_height(mask); y++) {
        const uint8_t *from = image_row(soft, y), *is_inside = image_row(inside, y);
        uint8_t *to = image_row_mut(mask, y);

        for (int x = 0; x < image_width(mask); x++) {
            bool counts = from[x] >= MASK_INNER;

            all += counts, seen += counts && is_inside[x];
            to[x] = counts && is_inside[x] ? 255 : 0;
        }
    }
    return all > 0 ? seen / all : 0;
}

static MUST Err *
pair_cut(const CheckWish *wish, const Image *mask, int side, CheckResult *result, Pair *ret)
{
    AUTO(pair_done) Pair pair = {0};
    AUTO(image_free) Image *inside = NULL;
    AUTO(image_free) Image *own = NULL;
    AUTO(image_free) Image *small = NULL;
    AUTO(image_free) Image *soft = NULL;
    const Box *box = &result->alignment.box;
    Alignment itself = {1, 0, box->left + box->width / 2.0, box->top + box->height / 2.0, 1, *box};
    AUTO(image_free) Image *own_inside = NULL;

    AUTO(image_free) Image *seen = NULL;
    AUTO(image_free) Image *known = NULL;

    TRY(image_align_cut(wish->picture, &result->alignment, side, &seen, &inside));
    TRY(image_align_cut(wish->reference, &itself, side, &known, &own_inside));
    /* How often a picture was resampled on its way is not to be judged: both lose the finest of what they have. */
    TRY(image_blur(seen, 0.8, &pair.picture));
    TRY(image_blur(known, 0.8, &pair.reference));
    TRY(image_crop(mask, *box, &own));
    TRY(image_resize(
        own, image_width(pair.picture), image_height(pair.picture), IMAGE_LINEAR, &small));
    TRY(image_blur(small, 1.5, &soft));
    TRY(image_new(image_width(soft), image_height(soft), 1, DEPTH_8, &pair.mask));
    result->inside = mask_trim(soft, inside, pair.mask);
    *ret = pair;
    pair = (Pair){0};
    return NULL;
}

/* Mean luminance under the mask. */
static double light_under(const Image *image, const Image *mask)
{
    double light = 0, count = 0;

    for (int y = 0; y < image_height(image); y++) {
        const uint8_t *pixel = image_row(image, y), *counts = image_row(mask, y);

        for (int x = 0; x < image_width(image); x++, pixel += 3)
            if (counts[x]) {
                light += 0.2126 * (double)colour_linear(pixel[0]) +
                         0.7152 * (double)colour_linear(pixel[1]) +
                         0.0722 * (double)colour_linear(pixel[2]);
                count++;
            }
    }
    return light / MAX(count, 1.0);
}

/* A picture evenly lighter or darker, within a stop, is given the reference's light. */
static MUST Err *pair_even(const CheckWish *wish, CheckResult *result, Pair *pair)
{
    Image *even = NULL;
    double wanted = light_under(pair->reference, pair->mask);
    double seen = light_under(pair->picture, pair->mask);

    result->relit_ev = CLAMP(log2(MAX(seen, 1e-4) / MAX(wanted, 1e-4)), -1.0, 1.0);
    Tone tone = {.exposure_ev = -result->relit_ev};
    TRY(image_tone(pair->picture, &tone, wish->threads, &even));
    image_free(pair->picture);
    pair->picture = even;
    return NULL;
}

/* Colour is compared softened: files keep it at half the size, and eyes see no more. Beyond the mask both show the same, so that no
 * neighbour shines in. */
static MUST Err *colours_compare(const CheckWish *wish, const Pair *pair, CheckResult *result)
{
    AUTO(image_free) Image *filled = NULL;
    AUTO(image_free) Image *soft = NULL;
    AUTO(image_free) Image *soft_reference = NULL;
    Likeness colours;

    TRY(image_copy(pair->picture, &filled));
    for (int y = 0; y < image_height(filled); y++) {
        const uint8_t *from = image_row(pair->reference, y), *counts = image_row(pair->mask, y);
        uint8_t *to = image_row_mut(filled, y);

        for (int x = 0; x < image_width(filled); x++)
            if (!counts[x])
                memcpy(to + (ptrdiff_t)3 * x, from + (ptrdiff_t)3 * x, 3);
    }
    TRY(image_blur(filled, 2.5, &soft));
    TRY(image_blur(pair->reference, 2.5, &soft_reference));
    TRY(image_likeness(&(LikenessWish){soft, soft_reference, pair->mask, wish->threads}, &colours));
    result->product.delta_e = colours.delta_e;
    result->product.delta_e_worst = colours.delta_e_worst;
    return NULL;
}

static void product_judge(const CheckDemand *demand, CheckResult *result)
{
    const Likeness *product = &result->product;

    if (result->inside < inside_least)
        reason_add(result, REASON_CUT_OFF);
    if (product->ssim < demand->ssim)
        reason_add(result, REASON_ANOTHER_SHAPE);
    else if (product->ssim_worst < demand->ssim_part)
        reason_add(result, REASON_ANOTHER_PART);
    if (product->delta_e > demand->delta_e || product->delta_e_worst > demand->delta_e_part)
        reason_add(result, REASON_ANOTHER_COLOUR);
}

static MUST Err *product_check(const CheckWish *wish, CheckResult *result)
{
    AUTO(image_free) Image *mask = NULL;
    AUTO(pair_done) Pair pair = {0};

    result->subject = CHECK_PRODUCT;
    TRY(reference_mask(wish, &mask));
    TRY(image_align(wish->reference, mask, wish->picture, &result->alignment));
    TRY(cancel_check(wish->cancel));

    const Box *box = &result->alignment.box;
    int longer = MAX(box->width, box->height);
    double seen = MIN(result->alignment.zoom, 1.0) * longer;
    int side = (int)MIN(seen, (double)PRODUCT_SIDE_PX);

    if (side < PRODUCT_LEAST_PX) {
        reason_add(result, REASON_TOO_SMALL);
        return NULL;
    }
    TRY(pair_cut(wish, mask, side, result, &pair));
    if (result->inside < 0.5) {
        reason_add(result, REASON_CUT_OFF);
        return NULL;
    }
    TRY(pair_even(wish, result, &pair));
    TRY(image_likeness(
        &(LikenessWish){pair.picture, pair.reference, pair.mask, wish->threads}, &result->product));
    TRY(colours_compare(wish, &pair, result));
    product_judge(&wish->demand, result);
    return NULL;
}

Err *check_pictures(const CheckWish *wish, CheckResult *ret)
{
    CheckResult result = {
        .subject = (CheckSubject)wish->demand.subject,
        .faces_sought = faces_are_sought(wish->models, &wish->demand)};
    Faces known = {.count = 0};

    if (result.faces_sought)
        TRY(faces_of(wish, wish->reference, &known));
    result.reference_faces = known.count;

    const Face *face = main_face(&known);
    double longer = MAX(image_width(wish->reference), image_height(wish->reference));
    bool is_person = wish->demand.subject == CHECK_PERSON ||
                     (face && (double)face->width >= person_share * longer);

    TRY(is_person ? person_check(wish, &known, &result) : product_check(wish, &result));
    result.passed = !result.reasons[0];
    *ret = result;
    return NULL;
}

/* ---- the report ---- */

static void number_set(Value *object, const char *name, double number)
{
    value_set(object, name, value_of_number(isfinite(number) ? number : 0));
}

static void person_write(const CheckResult *result, const CheckDemand *demand, Value *value)
{
    number_set(value, "identity", result->likeness);
    number_set(value, "identity_least", demand->identity);
    number_set(value, "cosine", result->cosine);
    value_set(value, "reference_faces", value_of_int((int64_t)result->reference_faces));
    value_set(value, "picture_faces", value_of_int((int64_t)result->picture_faces));
}

static void product_write(const CheckResult *result, const CheckDemand *demand, Value *value)
{
    const Likeness *product = &result->product;
    Value *channels = value_list(), *found = value_object();

    for (int c = 0; c < 3; c++)
        value_add(channels, value_of_number(product->ssim_channel[c]));
    number_set(value, "ssim", product->ssim);
    number_set(value, "ssim_least", demand->ssim);
    value_set(value, "ssim_channels", channels);
    number_set(value, "ssim_part", product->ssim_worst);
    number_set(value, "ssim_part_least", demand->ssim_part);
    number_set(value, "delta_e", product->delta_e);
    number_set(value, "delta_e_most", demand->delta_e);
    number_set(value, "delta_e_part", product->delta_e_worst);
    number_set(value, "delta_e_part_most", demand->delta_e_part);
    number_set(value, "relit_ev", result->relit_ev);
    number_set(value, "inside", result->inside);
    number_set(found, "x", result->alignment.x);
    number_set(found, "y", result->alignment.y);
    number_set(found, "zoom", result->alignment.zoom);
    number_set(found, "turn_degrees", result->alignment.turn * 180 / M_PI);
    value_set(value, "found_at", found);
}

Value *check_value(const CheckResult *result, const CheckDemand *demand)
{
    Value *value = value_object(), *words = value_list();

    value_set(value, "subject", value_of_text(check_subject_names[result->subject]));
    value_set(value, "passed", value_of_bool(result->passed));
    for (size_t i = 0; i < CHECK_REASONS_MAX && result->reasons[i]; i++)
        value_add(words, value_of_text(result->reasons[i]));
    value_set(value, "reasons", words);
    value_set(value, "faces_sought", value_of_bool(result->faces_sought));
    if (result->subject == CHECK_PERSON)
        person_write(result, demand, value);
    else
        product_write(result, demand, value);
    return value;
}
