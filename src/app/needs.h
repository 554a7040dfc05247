/* needs.h - which models the built-in recipes cannot do without: for each task they use, the first allowed one and its preview. */
#pragma once

#include "model/model.h"

bool needs_model(const Models *models, const ModelRow *row);

/* "runtime" and the names of all that are needed; in MEM. */
Texts needs_names(const Models *models, Arena *mem);

/* Names of those that are not there whole; without the runtime. In MEM. */
Texts needs_missing(const Models *models, Arena *mem);
