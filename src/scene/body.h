/* body.h - from bodies as planned to bodies as traced: placed, turned, repeated and bounded. */
#pragma once

#include "scene/plan.h"
#include "scene/stage.h"

/* Fill the solids of STAGE. On failure they are still to be ended. MEMORY_SPENT. */
MUST Err *body_put_all(const Scene *scene, Stage *stage);
void body_done_all(Stage *stage);
