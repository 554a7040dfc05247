/* plan.h - what a render was asked for, thought through before the first photo: which recipe, which photos, which names. */
#pragma once

#include "app/photos.h"
#include "recipe/recipe.h"

typedef struct RenderOptions {
    const char *review;
    const char *output, *template, *recipe, *scene;
    Texts set;
    int64_t seed;
    const char *size;
    int format;
    int64_t quality;
    int64_t jobs;
    bool recursive, resume, cache, preview, quote, json, quiet;
} RenderOptions;

typedef struct Plan {
    Recipe *recipe;
    Photos photos;
    const char *folder;       /* where pictures go; it is there */
    bool is_one_file;         /* the output was named as a file */
    const char *scene_words;  /* what became of --scene, in words; else NULL */
    const char *chosen_by_us; /* template taken because none was named; else NULL */
} Plan;

/* All text lives in MEM; a quote has no output. INPUT_INVALID or NOT_FOUND with what to type instead; nothing was written then but perhaps the folder. */
MUST Err *plan_make(const RenderOptions *options, const Texts *words, Arena *mem, Plan *ret);
void plan_done(Plan *plan);
DEFINE_AUTO_DONE(Plan, plan_done);

/* The format that the ending of a file's NAME stands for; false when it is none of a picture's. */
bool plan_format_of_ending(const char *name, ImageFormat *ret);

/* The words of --format, NULL-ended; the first leaves it to the recipe. */
extern const char *const plan_formats[];

/* How many photos to work on at once. */
typedef struct JobsWish {
    int64_t asked; /* 0 when nobody asked */
    size_t photos;
    int cores;
    int64_t memory_mb;
} JobsWish;

int plan_jobs(const JobsWish *wish);
