/* review.h - which pictures of a catalogue want a second look.
 *
 * A few numbers of each picture are kept (about 64 bytes) while a render goes on; at its end those that are odd in themselves (cut
 * off, doubtful, blown up) or unlike most of the others (fill, shape, light) are told, each with a sentence. Others are
 * compared by median and median deviation, which a few odd ones cannot move. One thread at a time.
 */
#pragma once

#include "base/value.h"

typedef struct Review Review;

/* For PHOTOS pictures, numbered from 0. */
Review *review_new(size_t photos);
void review_free(Review *review);
DEFINE_AUTO(Review, review_free);

/* Picture NUMBER is made; NOTES are its shot's. NAME is borrowed. */
void review_add(Review *review, size_t number, const char *name, const Value *notes);

/* {"pictures": 97, "odd": [{"picture", "what", "measured", "usual", "say"}, ...]}, in the order of the pictures. */
Value *review_value(const Review *review);
