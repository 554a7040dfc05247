/* fal_priv.h - what the files about fal share. Not for others. */
#pragma once

#include "vendor/vendor_priv.h"

Err *fal_hook(VendorLine *line, const VendorHook *hook, Arena *mem, const char **ret_request);
