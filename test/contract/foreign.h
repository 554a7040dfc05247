/* foreign.h - what we ask of others, held against their own description of it (OpenAPI 3). */
#pragma once

#include "base/arena.h"
#include "base/value.h"
#include "harness/outside.h"

typedef struct ForeignAsked {
    const Value *document; /* theirs */
    Outside *outside;      /* which was asked in their place */
    int index;             /* of the request */
    const char *prefix;    /* what stands before their paths in its target: "/v1", or "" */
} ForeignAsked;

/* NULL when the request is what their document asks for: path, method, key, needed headers, type, and body, JSON or a form. Else what is
 * wrong, in MEM. Fields of a form that they do not know are wrong; of JSON only where they say so. */
const char *foreign_breach(const ForeignAsked *asked, Arena *mem);
