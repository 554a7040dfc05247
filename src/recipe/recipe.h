/* recipe.h - an ordered list of steps with options, and how it is carried out.
 *
 * A recipe is JSON:
 *
 *     {"name": "white", "title": "Pure white", "steps": [{"step": "cutout"}, {"step": "place", "fill": 85}, ...]}
 *
 * A template is a recipe with a category, tags and a platform beside its name; both are the same thing here. Built-in ones travel
 * inside the program (share/recipes, share/templates) and go by name.
 *
 * The same photo, recipe and seed give the same bytes on every run and any number of threads.
 */
#pragma once

#include "recipe/cache.h"
#include "recipe/step.h"

typedef struct Recipe Recipe;

typedef struct RecipeFacts {
    const char *name, *title, *description, *category, *platform, *aspect;
    Texts tags;
    int64_t width_px, height_px; /* recommended size; 0 when the photo decides */
    bool featured, premium;
    const Value *steps; /* as written in the file */
} RecipeFacts;

/* Read a recipe. INPUT_INVALID or INPUT_MISSING with the pointer of the bad field ("/steps/1/fill"). Free with recipe_free. */
MUST Err *recipe_read(const Value *json, Recipe **ret);

/* The built-in recipe or template called NAME. NOT_FOUND, with the nearest name. */
MUST Err *recipe_find(const char *name, Recipe **ret);

void recipe_free(Recipe *recipe);
DEFINE_AUTO(Recipe, recipe_free);

const RecipeFacts *recipe_facts(const Recipe *recipe);
size_t recipe_step_count(const Recipe *recipe);
const Step *recipe_step(const Recipe *recipe, size_t index);
const void *recipe_options(const Recipe *recipe, size_t index); /* of the step's own struct */

/* The recipe with all options written out. */
Value *recipe_write(const Recipe *recipe);

/* "place.fill=70": set an option of every step of that name. INPUT_INVALID names the steps and options there are. */
MUST Err *recipe_set(Recipe *recipe, const char *assignment);

/* Set one option if the recipe has such a step; *RET_FOUND says whether. WORDS as on a command line. */
MUST Err *recipe_set_option(
    Recipe *recipe, const char *step, const char *option, const char *words, bool *ret_found);

/* The format the recipe ends in; PNG when it has no encode step. */
ImageFormat recipe_format(const Recipe *recipe);

/* JSON Schema of a recipe file. */
Value *recipe_schema(void);

/* All built-in ones, NULL-ended names in the order to show; templates have a category, recipes have none. */
const char *const *recipe_names(Arena *mem);
const char *const *template_names(Arena *mem);

typedef struct RecipeContext {
    Models *models;
    StepCache *cache; /* NULL keeps nothing */
    int threads;
    uint64_t seed;
    Vendors *vendors;      /* whom steps may ask; NULL: the house does everything itself */
    const char *tenant_id; /* whose own keys are used first; NULL for nobody */
    const char *
        key; /* names this work, the same when it is done again after a crash; NULL when that cannot be told */
    bool
        is_vendor_only; /* a step that a vendor fails at fails, instead of being done by the house */
    Cancel *cancel;
    const char *program; /* "Cyclorama 1.0", to note in the file; NULL for none */
    /* Told at the start of each step and while it goes on; DONE is 0..1 of the whole recipe. NULL when nobody watches. */
    void (*progress)(void *watcher, const Step *step, double done);
    void *watcher;
} RecipeContext;

/* Carry out all steps on SHOT; shot->encoded holds the file afterwards. Fails with the first step's error that failed. */
MUST Err *recipe_perform(const Recipe *recipe, const RecipeContext *context, Shot *shot);

/* What stands for the result of RECIPE in CONTEXT (its seed and models) on the photo with this hash: equal keys, equal bytes. */
Hash recipe_key(const Recipe *recipe, const RecipeContext *context, Hash photo);
