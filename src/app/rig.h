/* rig.h - what a render works with besides its photos: the picture library, models, the cache of steps, threads. */
#pragma once

#include "conf/conf.h"
#include "net/net.h"
#include "recipe/recipe.h"

typedef struct Rig {
    Models *models;
    StepCache *cache;    /* NULL when there is none */
    int jobs;            /* photos at once */
    int threads;         /* for each */
    Vendors *vendors;    /* NULL when the house does everything itself */
    NetClient *net;      /* of the rig's own, when nobody lent one */
    bool is_vendor_only; /* PROVIDER_FALLBACK=none */
} Rig;

typedef struct RigWish {
    const Settings *settings;
    int64_t jobs; /* 0 for the best number */
    size_t photos;
    bool has_cache, has_vendors;
    bool is_for_later; /* there may never be a picture: the library for them is not opened yet */
    NetClient *net;    /* for vendors; NULL: one is made when it is needed */
    VendorJournal journal; /* of a house with a database */
    const char *hook_url;  /* where vendors' webhooks come in; NULL for nowhere */
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
