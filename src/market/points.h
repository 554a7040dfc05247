/* points.h - maps of points: a byte for each, rows from the top. */
#pragma once

#include <string.h>

#include "market/market.h"

/* WIDTH x HEIGHT shrunk, never grown, so that the longer side is at most SIDE. */
void points_size(int width, int height, int side, int *ret_width, int *ret_height);

/* Points that touch each other, also over corners. */
typedef struct Piece {
    int left, top, right, bottom; /* of its points, all inside */
    int64_t points, rim; /* how many, and how many of those have a neighbour that is not of it */
    bool is_kept;        /* for whoever asked */
} Piece;

typedef struct Pieces {
    int *labels; /* number from 1 for each point; 0 is none */
    Piece *items;
    int count;
} Pieces;

void pieces_done(Pieces *pieces);
DEFINE_AUTO_DONE(Pieces, pieces_done);

/* The pieces of points that are WANTED in MAP. */
MUST Err *points_label(const uint8_t *map, uint8_t wanted, int width, int height, Pieces *ret);

/* Gaps of up to 2 * RADIUS in COVER_PRODUCT close, and what is enclosed by it belongs to it; everything else stays. */
MUST Err *points_close(uint8_t *map, int width, int height, int radius);

/* Points within RADIUS of a point that is WANTED become 1, all others 0. */
MUST Err *
points_grow(const uint8_t *map, uint8_t wanted, int width, int height, int radius, uint8_t *ret);
