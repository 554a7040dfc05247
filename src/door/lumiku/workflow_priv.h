/* workflow_priv.h - what both ways of the translation share. */
#pragma once

#include "door/lumiku/workflow.h"

enum {
    MODE_NONE,
    MODE_AUTO,
    MODE_PRESET,
    MODE_MANUAL
};

enum {
    SHADOW_NONE,
    SHADOW_NATURAL,
    SHADOW_DROP,
    SHADOW_REFLECTION
};

enum {
    FORMAT_PNG,
    FORMAT_JPEG,
    FORMAT_WEBP,
    FORMAT_AVIF,
    FORMAT_JPG
};

enum {
    EXPORT_QUALITY = 92 /* when nothing is said */
};

extern const char *const workflow_preset_names[];
extern const char *const workflow_shadow_names[];
extern const char *const workflow_gradient_names[];
extern const char *const workflow_format_names[];

/* What BACKGROUND (NULL for none) asks for, by action or type; -1 when it does not say. */
int workflow_action(const WorkflowBackground *background);

/* What the other fields of LIGHTING call for when its mode is not said. */
int workflow_mode(const WorkflowLighting *lighting);

/* From the door's angle of a shadow to the step's, and back. */
double workflow_angle(double angle);

/* Do these fit together? Pointers are into the workflow. */
MUST Err *workflow_check(const Workflow *workflow);
