/* rig.h - what a render works with besides its photos: the picture library, models, the cache of steps, threads. */
#pragma once

#include "conf/conf.h"
#include "recipe/recipe.h"

typedef struct Rig {
    Models *models;
    StepCache *cache; /* NULL when there is none */
    int jobs;         /* photos at once */
    int threads;      /* for each */
} Rig;

typedef struct RigWish {
    const Settings *settings;
    int64_t jobs; /* 0 for the best number */
    size_t photos;
    bool has_cache;
    bool is_for_later; /* there may never be a picture: the library for them is not opened yet */
} RigWish;

/* A cache that cannot be had is a warning in the log, no failure. */
MUST Err *rig_start(const RigWish *wish, Rig *ret);
void rig_done(Rig *rig);
DEFINE_AUTO_DONE(Rig, rig_done);

/* The models of SETTINGS alone. */
MUST Err *rig_models(const Settings *settings, int threads, Models **ret);

/* "/home/ann/.local/share/cyclorama/cache"; in MEM. */
const char *rig_cache_folder(const Settings *settings, Arena *mem);

/* Cores this run may keep busy, and memory in MB it may take, by SETTINGS and the machine. */
int rig_cores(const Settings *settings);
int64_t rig_memory_mb(const Settings *settings);
