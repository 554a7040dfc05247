/* value_priv.h - what the files of a JSON value share. */
#pragma once

#include <jansson.h>

#include "base/value.h"

/* TEXT read with FLAGS, its long plain texts lifted over the library; NULL when there are none, or it is no JSON. */
json_t *value_lift_read(const char *text, size_t size, size_t flags);

/* VALUE in one line, its plain texts as they are. */
MUST Err *value_lift_write(const json_t *value, Buf *buf);

/* VALUE as the library writes it. */
MUST Err *value_leaf_write(const json_t *value, size_t flags, Buf *buf);
