/* drawn.h - photos that the tests draw themselves. */
#pragma once

#include "recipe/recipe.h"
#include "test.h"

/* A PNG of a soft-edged red disc, RGBA, on transparency; DIAMETER across, in the middle of WIDTH x HEIGHT. */
void drawn_disc_png(int width, int height, int diameter, Buf *ret);

/* Render PNG by the recipe JSON; fails the test on any error. SHOT is to be ended by the caller. */
void drawn_perform(
    const Buf *png, const char *recipe_json, const RecipeContext *context, Shot *ret);
