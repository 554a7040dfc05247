/* artgen_priv.h - what the files of this folder share. Not for other folders. */
#pragma once

#include <string.h>

#include "door/desk.h"

extern const Endpoint artgen_generate, artgen_edit, artgen_variation;
extern const Endpoint artgen_generations, artgen_usage, artgen_models;
extern const Endpoint artgen_budget_get, artgen_budget_put, artgen_alerts;

/* What the query of a list takes. */
typedef struct ArtgenPageIn {
    const char *before;
    int64_t limit;
} ArtgenPageIn;

extern const Field ArtgenPageIn_fields[];
