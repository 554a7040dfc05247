/* backdrop.h - pictures at infinity: lights, leaves, sea and sky as a lens far out of focus shows them. */
#pragma once

#include "base/cancel.h"
#include "scene/plan.h"
#include "scene/stage.h"

/* Paint what PLAN asks for over all that STAGE's camera sees, and a little beyond for mirrors; BACKDROP_NONE leaves RET without
 * texels. The same plan and frame shape give the same picture. At most about a million texels; MEMORY_SPENT, CANCELLED. */
MUST Err *
backdrop_paint(const BackdropPlan *plan, const Stage *stage, const Cancel *cancel, Backdrop *ret);
void backdrop_done(Backdrop *backdrop);
DEFINE_AUTO_DONE(Backdrop, backdrop_done);
