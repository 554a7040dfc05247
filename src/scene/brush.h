/* brush.h - how each kind of backdrop is painted: fades, soft masses, then discs of light, as a lens far out of focus throws them.
 *
 * A brush is given a canvas with its place, colours and chance set, and paints all of it. MEMORY_SPENT.
 */
#pragma once

#include "scene/canvas.h"

MUST Err *brush_bokeh(Canvas *canvas);
MUST Err *brush_greenery(Canvas *canvas);
MUST Err *brush_sea(Canvas *canvas);
MUST Err *brush_clouds(Canvas *canvas);
MUST Err *brush_dusk(Canvas *canvas);
MUST Err *brush_city(Canvas *canvas);
MUST Err *brush_night(Canvas *canvas);
MUST Err *brush_room(Canvas *canvas);
