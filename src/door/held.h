/* held.h - files of forms that wait in memory for whoever works on them. All of them together, of all doors, are bounded. */
#pragma once

#include "art/art.h"
#include "http/upload.h"

/* Where a file of at most MOST_BYTES goes: freed with its call. It answers SERVER_BUSY when too many pictures are being sent at once. */
MUST Err *held_open(size_t most_bytes, Sink *ret);

/* The file that came as PART, once all of it is there; borrowed. */
VendorPicture held_picture(const Part *part);
