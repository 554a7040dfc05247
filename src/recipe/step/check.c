/* Check: is it still the same product, or the same person? */
#include "recipe/check.h"

#include "recipe/step/step_priv.h"

static const char *const fail_names[] = {"reject", "note", NULL};

typedef enum OnFail {
    ON_FAIL_REJECT,
    ON_FAIL_NOTE,
} OnFail;

typedef struct CheckOptions {
    CheckDemand demand;
    int on_fail;
} CheckOptions;

static const Field CheckOptions_fields[] = {
    CHECK_FIELDS(CheckOptions),
    {FIELD_NAME(CheckOptions, on_fail, fail_names),
     .help = "reject fails the photo; note lets the picture pass and says so in the report",
     .preset = "reject"},
    {FIELD_END},
};

static void check_add_models(const StepRun *run, const void *options_any, Hasher *hasher)
{
    const CheckOptions *options = options_any;

    if (run->models)
        check_identify(run->models, &options->demand, hasher);
}

static Err *check_run(const StepRun *run, const void *options_any, Shot *shot)
{
    const CheckOptions *options = options_any;
    CheckResult result;

    TRY(shot_finish(shot, run->threads));
    CheckWish wish = {
        .models = run->models,
        .reference = shot->source,
        .picture = shot->finished,
        .demand = options->demand,
        .threads = run->threads,
        .cancel = run->cancel,
    };
    TRY(check_pictures(&wish, &result));

    AUTO(value_free) Value *scores = check_value(&result, &wish.demand);
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
    .identify = check_add_models,
    .run = check_run,
};
