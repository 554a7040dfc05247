/* Queues of this room. Pictures are made alike in all that make some: a name tells operators what is asked for, and how patiently. */
#include "run/run_priv.h"

const JobKind run_work = {
    .queue = "jobs",
    .summary = "Make a picture",
    .attempts_most = 10, /* some eight minutes: a store or a database may be away that long */
    .lease_ms = 20000,   /* a worker that died is replaced soon */
    .is_heavy = true,
    .work = run_make,
    .is_lacking = run_is_lacking,
    .give_up = run_give_up,
    .take_up = run_take_up,
};

/* At once, and after 5, 10 and 20 seconds. */
#define PICTURE_KIND(queue_, summary_) \
    { \
        .queue = queue_, .summary = summary_, .attempts_most = 4, .lease_ms = 20000, \
        .retry_first_ms = 5000, .is_punctual = true, .is_heavy = true, .work = run_make, \
        .is_lacking = run_is_lacking, .give_up = run_give_up, .take_up = run_take_up, \
    }

static const JobKind removal_work = PICTURE_KIND("bg_removal", "Cut a product out");
static const JobKind replacement_work =
    PICTURE_KIND("bg_replacement", "Put a product before another background");
static const JobKind lighting_work = PICTURE_KIND("lighting_enhance", "Light a product anew");
static const JobKind shadow_work = PICTURE_KIND("shadow_generate", "Give a product its shadow");
static const JobKind template_work = PICTURE_KIND("template_apply", "Make a picture by a template");
static const JobKind batch_work = PICTURE_KIND("batch_process", "Make one picture of a batch");

const JobKind *const run_picture_kinds[] = {&run_work,      &removal_work, &replacement_work,
                                            &lighting_work, &shadow_work,  &template_work,
                                            &batch_work,    NULL};

const JobKind *const run_kinds[] = {
    &run_work,   &removal_work, &replacement_work, &lighting_work,  &shadow_work, &template_work,
    &batch_work, &fetch_work,   &export_work,      &retention_work, NULL};
