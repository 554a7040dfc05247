/* stage_priv.h - setting a stage up and taking it down. */
#pragma once

#include "scene/stage.h"
#include "scene/stance.h"

/* STANCE is of the view's product; NULL without one. On failure STAGE is still to be ended. */
MUST Err *stage_set(const Scene *scene, const SceneView *view, const Stance *stance, Stage *stage);
void stage_done(Stage *stage);
DEFINE_AUTO_DONE(Stage, stage_done);
