/* Whom the house can ask. */
#include "vendor/vendor_priv.h"

const Vendor *const vendor_list[] = {
    &vendor_openai,   &vendor_fal, &vendor_replicate, &vendor_stability, &vendor_segmind,
    &vendor_removebg, NULL,
};

const char *const ability_names[] = {
    [ABILITY_GENERATE] = "generate",   [ABILITY_EDIT] = "edit",
    [ABILITY_VARIATION] = "variation", [ABILITY_CUTOUT] = "cutout",
    [ABILITY_RELIGHT] = "relight",     [ABILITY_UPSCALE] = "upscale",
    [ABILITY_DEPTH] = "depth",         [ABILITY_MAX_] = NULL,
};
