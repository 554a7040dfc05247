/* choose.h - from words to a set: "sunny kitchen with marble, pastel pink, morning" picks a built-in scene and tunes it.
 *
 * Scenes are tagged with what they are. The scene that has most of what was said and least of what was not wins; what it lacks of
 * colour, surface and light is tuned into it, and what no scene can give is said. No network, no chance but the seed's: the same
 * words give the same set.
 */
#pragma once

#include "base/arena.h"
#include "scene/tune.h"

typedef struct SceneWish {
    const char *words; /* up to WORDS_BYTES_MAX bytes; "" or NULL for none */
    const Value *
        scene; /* the set to tune, called NAME; NULL to choose one of the built-in ones by the words */
    const char *name;
    Texts palette; /* colours that go before the words' own; none for none */
    uint64_t
        seed; /* decides between scenes that fit as well as each other; 0 takes the first by name */
} SceneWish;

typedef struct SceneChoice {
    const char *name; /* of the scene; "" for one of the caller's own without a name */
    Value *json;      /* tuned, ready for scene_vary and scene_read */
    Value *
        report; /* {"scene": name, "heard": [{"said", "means"}], "tuned": [text], "unmet": [text], "unknown": [text]} */
} SceneChoice;

void scene_choice_done(SceneChoice *choice);
DEFINE_AUTO_DONE(SceneChoice, scene_choice_done);

/* INPUT_INVALID for words that are too long, or a colour that cannot be read; words that nothing understands are no error: the
 * plain studio is taken then. Name lives in MEM. */
MUST Err *scene_choose(const SceneWish *wish, Arena *mem, SceneChoice *ret);

/* The report as a sentence or three for people; in MEM. */
const char *scene_choice_words(const Value *report, Arena *mem);
