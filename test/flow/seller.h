/* seller.h - sellers at the product photo studio's door: shops with a plan of it, photos they draw, and work they wait for. */
#pragma once

#include "shop.h"

#define STUDIO "/api/apps/product-photo-studio"

enum {
    SELLER_SIDE_PX = 500 /* the least that the studio takes */
};

/* A tenant whose plan of the studio is TIER, with so many CREDITS more than it brings. */
Shop seller_open(const Place *place, const char *tier, int credits);

/* The id of a new project. */
const char *seller_project(const Shop *shop, const char *name);

/* A product on transparency, a PNG of these sides; another for each NUMBER. */
Buf seller_draw(int width_px, int height_px, int number);

/* One file of a form. */
typedef struct SellerFile {
    const char *name, *type;
    const void *bytes;
    size_t size;
} SellerFile;

/* POST FILES to PROJECT; fails the test unless STATUS comes. */
Reply seller_send(
    const Shop *shop, int status, const char *project, const SellerFile *files, size_t count);

/* COUNT drawn photos for PROJECT: the reply, all taken. */
Reply seller_upload(const Shop *shop, const char *project, int count);

/* ["ID", ...] of the items of a reply, from FIRST on, COUNT of them. */
const char *seller_ids(const Shop *shop, const Reply *uploaded, size_t first, size_t count);

/* POST JSON for ITEM ("process", "apply-template") and wait for it: the finished generation. CREDITS is what it must be said to cost. */
Reply seller_process(
    const Shop *shop, const char *item, const char *verb, const char *json, int64_t credits);

/* Ask generation (or export) at PATH until it has ended; five minutes at most. */
Reply seller_wait(const Shop *shop, const char *path, const char *status_at);

int64_t seller_credits(const Shop *shop);
