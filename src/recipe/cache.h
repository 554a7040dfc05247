/* cache.h - results of steps, kept on disk and found again by what they were made from.
 *
 * A key stands for photo, steps, options, versions and seed; what is stored under it never changes, so there is nothing to
 * invalidate. Files are written beside their place and renamed, so several processes may share a folder. When the folder grows past
 * its bound, what was used longest ago goes first. A damaged or foreign file is as good as none.
 *
 * Any thread may call; failing to keep something is no failure of the work.
 */
#pragma once

#include "recipe/shot.h"

typedef struct StepCache StepCache;

/* FOLDER is made when missing. BOUND_BYTES is what all files together may take. */
MUST Err *step_cache_open(const char *folder, int64_t bound_bytes, StepCache **ret);
void step_cache_close(StepCache *cache);
DEFINE_AUTO(StepCache, step_cache_close);

/* Put the layers kept under shot->state into SHOT. False when there are none. */
bool step_cache_find(StepCache *cache, Shot *shot);

/* Keep the layers of SHOT under shot->state. */
void step_cache_keep(StepCache *cache, const Shot *shot);

typedef struct StepCacheCounts {
    int64_t found, missed, kept, bytes;
} StepCacheCounts;

StepCacheCounts step_cache_counts(StepCache *cache);
