/* shape_priv.h - what the files of this folder share. Not for other folders. */
#pragma once

#include "shape/shape.h"

static inline bool field_has_limits(const Field *field)
{
    return field->min != 0 || field->max != 0;
}
