/* easel.h - a customer who asks for pictures: what tests of art begin with. */
#pragma once

#include "art/art.h"
#include "harness/stand_in.h"
#include "unit/run/shop.h"

typedef struct Easel {
    Shop shop;
    ArtRoom room;
    ArtPresets presets;
    Caller caller; /* a user of the shop */
    StandIn *stand_in;
    Vendors *vendors;
} Easel;

/* Nobody is set up but the house itself. */
void easel_open(Easel *easel, Db *db);

/* OpenAI is set up; the stand-in plays it. */
void easel_open_vendor(Easel *easel, Db *db);
void easel_close(Easel *easel);

/* One small picture by the house. */
ArtWish easel_wish(const Easel *easel, const char *prompt);

/* One of its usual size by MODEL. */
ArtWish easel_wish_of(const Easel *easel, const char *model, const char *prompt);
void easel_make(Easel *easel, const ArtWish *wish, Art *ret);

/* The name of what WISH fails with. */
const char *easel_refused(Easel *easel, const ArtWish *wish);

int64_t easel_spent(Easel *easel); /* credits captured */

/* A PNG of noise, WIDTH x HEIGHT; see-through in the middle when it HAS_HOLE. Another for each SEED. */
VendorPicture easel_picture(Easel *easel, int side_px, bool has_hole, int seed);
