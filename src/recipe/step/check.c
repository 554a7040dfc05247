/* Check: is it still the same product, or the same person? */
#include "recipe/check.h"

#include "recipe/step/step_priv.h"

static const char *const fail_names[] = {"reject", "note", NULL};

typedef enum OnFail {
    ON_FAIL_REJECT,
    ON_FAIL_NOTE,
} OnFail;

typedef struct CheckOptions {
    int subject, on_fail;
    double identity, ssim, ssim_part, delta_e, delta_e_part;
} CheckOptions;

static const Field CheckOptions_fields[] = {
    {FIELD_NAME(CheckOptions, subject, check_subject_names),
     .help = "person compares faces, product shape and colour; auto looks for a large face",
     .preset = "auto"},
    {FIELD_NAME(CheckOptions, on_fail, fail_names),
     .help = "reject fails the photo; note lets the picture pass and says so in the report",
     .preset = "reject"},
    {FIELD_NUMBER(CheckOptions, identity), .help = "Likeness of faces that is asked for",
     .preset = "0.65", .max = 1},
    {FIELD_NUMBER(CheckOptions, ssim), .help = "Likeness of the product's structure, as SSIM",
     .preset = "0.92", .max = 1},
    {FIELD_NUMBER(CheckOptions, ssim_part), .help = "The same of its worst part, such as a logo",
     .preset = "0.7", .max = 1},
    {FIELD_NUMBER(CheckOptions, delta_e), .help = "Most that its colours may differ, as CIEDE2000",
     .preset = "5", .max = 100},
    {FIELD_NUMBER(CheckOptions, delta_e_part), .help = "The same of its worst part", .preset = "13",
     .max = 100},
    {FIELD_END},
};

static Err *check_run(const StepRun *run, const void *options_any, Shot *shot)
{
    const CheckOptions *options = options_any;
    CheckResult result;

    TRY(shot_finish(shot, run->threads));
    CheckWish wish = {
        .models = run->models,
        .reference = shot->source,
        .picture = shot->finished,
        .subject = (CheckSubject)options->subject,
        .limits =
            {options->identity, options->ssim, options->ssim_part, options->delta_e,
             options->delta_e_part},
        .threads = run->threads,
        .cancel = run->cancel,
    };
    TRY(check_pictures(&wish, &result));

    AUTO(value_free) Value *scores = check_value(&result, &wish.limits);
    for (ValueMember m = value_first(scores); m.name; m = value_next(scores, m))
        shot_note(shot, "check", m.name, value_ref(m.value));
    if (result.passed || options->on_fail == ON_FAIL_NOTE)
        return NULL;
    return err_public(
        err_new(
            ERR_REJECTED, "check of the %s: %s (identity %.2f, ssim %.3f, part %.2f, delta e %.1f)",
            check_subject_names[result.subject], result.reasons[0], result.likeness,
            result.product.ssim, result.product.ssim_worst, result.product.delta_e),
        "Rejected. %s", check_sentence(&result));
}

const Step step_check = {
    .name = "check",
    .summary = "Reject a picture that no longer shows the photo's product or person",
    .version = 1,
    .phase = PHASE_PICTURE,
    .options = SHAPE(CheckOptions),
    .run = check_run,
};
