/* foot.h - where an outline touches the ground. */
#pragma once

#include "base/err.h"

/* FEET holds the lowest covered row of each of COUNT columns, -1 for none, rows counted downwards. Fill GROUND with the rows of
 * their lower convex hull: things stand on their hull, and what lies above it hangs free. Columns beyond the ends get the ends'
 * rows; with no foot at all, 0. MEMORY_SPENT. */
MUST Err *foot_hull(const int *feet, int count, float *ground);
