/* proxy.h - making the product's stand-in for the tracer. */
#pragma once

#include "scene/stage.h"
#include "scene/stance.h"

DEFINE_AUTO_DONE(Proxy, proxy_done);

typedef struct ProxyAsk {
    const Image *product; /* RGBA, 8 bits */
    const Stance *stance; /* of it */
    Box box;              /* where it lies in the frame */
    float stand[3];       /* where it stands */
    bool is_flat;         /* it lies against what is behind it */
} ProxyAsk;

/* The camera and tone of STAGE are ready. MEMORY_SPENT. */
MUST Err *proxy_build(const Stage *stage, const ProxyAsk *ask, Proxy *ret);
