/* The hot loops of one instruction set, as a row. Compiled for each. */
#include "scene/engine_priv.h"

#define ENGINE_TEXT_(name) #name
#define ENGINE_TEXT(name) ENGINE_TEXT_(name)

const Engine ENGINE_JOIN(engine, ENGINE) = {
    .name = ENGINE_TEXT(ENGINE),
    .trace_row = ENGINE_NAME(trace_row),
    .filter_row = ENGINE_NAME(filter_row),
    .develop_row = ENGINE_NAME(develop_row),
    .sketch_row = ENGINE_NAME(develop_sketch_row),
    .blur_row = ENGINE_NAME(lens_blur_row),
    .relight_row = ENGINE_NAME(relight_row),
};
