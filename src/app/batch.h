/* batch.h - one recipe on many photos, by a few workers.
 *
 * Photos are handed out one by one in their order, so memory does not grow with their number. A photo that fails is told and
 * does not stop the others, unless they would all fail in the same way (a model is missing, the disk is full).
 */
#pragma once

#include <stdio.h>

#include "app/journal.h"
#include "app/photos.h"
#include "app/review.h"
#include "app/screen.h"
#include "recipe/recipe.h"

typedef struct BatchSetup {
    const Recipe *recipe;
    RecipeContext context; /* its threads are for one photo; the batch sets who watches */
    const Photos *photos;  /* named */
    const char *folder;    /* that the outputs' names are below */
    Journal *journal;      /* NULL keeps none */
    bool is_resumed;       /* skip what the journal has */
    int jobs;
    Screen *screen;
    FILE *json;     /* one line a photo goes here; NULL for none */
    Review *review; /* gets every picture that was made; NULL for none */
} BatchSetup;

typedef struct BatchFailure {
    const char *photo, *text;
    size_t index;
} BatchFailure;

typedef struct BatchSum {
    size_t done, skipped, failed, cancelled;
    int64_t took_ms, cpu_ms;
    BatchFailure *failures; /* FAILED of them, in the order of the photos; in the arena */
    const char *stopped;    /* why all the rest was left; NULL when nothing stopped it */
} BatchSum;

void batch_run(const BatchSetup *setup, Arena *mem, BatchSum *ret);
