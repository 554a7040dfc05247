/* tree.h - which bodies a ray has to ask: a tree of boxes for rays in all directions, lists by square of the frame for rays from the
 * camera. */
#pragma once

#include "scene/stage.h"

/* Sort the solids of STAGE, whose camera is ready, into both. On failure they are still to be ended. MEMORY_SPENT. */
MUST Err *tree_grow(Stage *stage);
void tree_done(Stage *stage);
