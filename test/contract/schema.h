/* schema.h - is this JSON what that schema says? For what our shapes and documents write, not for all of JSON Schema. */
#pragma once

#include "base/arena.h"
#include "base/value.h"

/* Local $refs ("#/...") are looked up in DOCUMENT. NULL when VALUE is what SCHEMA says, else what is wrong, with its pointer; in MEM. */
const char *
schema_breach(const Value *document, const Value *schema, const Value *value, Arena *mem);
