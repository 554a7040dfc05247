/* easel.h - a customer who asks for pictures: what tests of art begin with. */
#pragma once

#include "art/art.h"
#include "unit/run/shop.h"

typedef struct Easel {
    Shop shop;
    ArtRoom room;
    ArtPresets presets;
    Caller caller; /* a user of the shop */
} Easel;

/* Nobody is set up but the house itself. */
void easel_open(Easel *easel, Db *db);
void easel_close(Easel *easel);

/* One small picture by the house. */
ArtWish easel_wish(const Easel *easel, const char *prompt);
void easel_make(Easel *easel, const ArtWish *wish, Art *ret);
int64_t easel_spent(Easel *easel); /* credits captured */
