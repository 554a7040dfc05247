/* replicate_priv.h - what the files about Replicate share. Not for others. */
#pragma once

#include "vendor/vendor_priv.h"

Err *replicate_hook(VendorLine *line, const VendorHook *hook, Arena *mem, const char **ret_request);
