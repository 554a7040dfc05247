/* palette.h - repainting a set in another colour without losing its lights and darks. */
#pragma once

#include "scene/plan.h"

/* The colour that PAINT of a set whose leading colour is ANCHOR gets when the set is repainted in WANTED: the anchor becomes
 * WANTED itself, lighter paints stay lighter, greyer ones greyer. Never blacker or whiter than paint can be. */
Colour palette_move(Colour paint, Colour anchor, Colour wanted);

/* Whether paint of this Grain can have any colour, as a wall can and a marble cannot. */
bool palette_takes(int grain);
