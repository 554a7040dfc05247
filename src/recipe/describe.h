/* describe.h - a recipe that is told what its set should be like: by the name of a scene, by words, by a brand's colours.
 *
 * Words choose a built-in scene, or tune the one that there is; a scene that was chosen says itself how large the product stands in the
 * frame and where. The same words give the same set.
 */
#pragma once

#include "recipe/recipe.h"

typedef struct SetWish {
    const char *scene; /* a built-in scene by its name; NULL leaves it to words or recipe */
    const char *words; /* up to 400 bytes; "" or NULL for none */
    Texts palette;     /* up to 3 colours; none for none */
    uint64_t seed;     /* decides between scenes that fit as well as each other */
    bool
        keeps_own; /* words tune the set that the recipe has, or give it one; size and place of the product stay */
} SetWish;

/* INPUT_INVALID: no such scene, a colour that cannot be read, words that are too long, a recipe without a backdrop. *RET_WORDS, unless NULL,
 * says for people what became of the words; NULL when there were none. It lives in MEM. */
MUST Err *recipe_describe(Recipe *recipe, const SetWish *wish, Arena *mem, const char **ret_words);
