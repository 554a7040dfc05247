/* lumiku_priv.h - what the files of this door share. Names on the wire are the specification's, in camel case. */
#pragma once

#include "door/desk.h"
#include "shop/shop.h"

#define LUMIKU "/api/apps/product-photo-studio"

/* Each file shows its endpoints here. */
extern const Endpoint lumiku_health;
