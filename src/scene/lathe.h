/* lathe.h - the outside of a turned body, from a profile to cones. */
#pragma once

#include "scene/stage.h"
#include "shape/shape.h"

enum {
    LATHE_FRUSTA_MAX = 128, /* of one body */
};

/* Cones that follow PROFILE (radius, height), bent through its gentle turns and rounded by BEVEL at its edges, about the middle of
 * its height. FRUSTA has room for LATHE_FRUSTA_MAX; returns how many there are. */
int lathe_turn(const Pairs *profile, double bevel, Frustum *frusta);
