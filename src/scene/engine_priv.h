/* engine_priv.h - names for what is compiled once per instruction set; the build sets ENGINE. */
#pragma once

#include "scene/grid.h"

#ifndef ENGINE
#error "compiled once per instruction set: the build must say which"
#endif

#define ENGINE_JOIN_(a, b) a##_##b
#define ENGINE_JOIN(a, b) ENGINE_JOIN_(a, b)
#define ENGINE_NAME(verb) ENGINE_JOIN(verb, ENGINE)

void ENGINE_NAME(trace_row)(const Stage *stage, Grid *grid, int y);
void ENGINE_NAME(filter_row)(const Grid *grid, int y, int step);
void ENGINE_NAME(develop_row)(const Darkroom *darkroom, int y);
void ENGINE_NAME(develop_sketch_row)(const Darkroom *darkroom, Lens *lens, int y);
void ENGINE_NAME(lens_blur_row)(const Lens *lens, int level, int y);
void ENGINE_NAME(relight_row)(const Stage *stage, Relight *relight, int y);
