/* studio_priv.h - what the files of this folder share. Not for other folders. */
#pragma once

#include "door/desk.h"

extern const Endpoint studio_quote_make, studio_vendors_get;
extern const Endpoint studio_vendor_key_list, studio_vendor_key_set, studio_vendor_key_drop;
