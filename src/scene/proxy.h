/* proxy.h - making the product's stand-in for the tracer. */
#pragma once

#include "scene/stage.h"

DEFINE_AUTO_DONE(Proxy, proxy_done);

/* PRODUCT (RGBA, 8 bits) lies at BOX in the frame of STAGE, whose camera and tone are ready, and stands at STAND. MEMORY_SPENT. */
MUST Err *
proxy_build(const Stage *stage, const Image *product, Box box, const float stand[3], Proxy *ret);
