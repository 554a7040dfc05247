/* follow.h - event streams of what happens in projects: what all of them share, and the usual one.
 *
 * A stream has a Follower as the first member of its struct. It lives in an arena of its own, as it outlives the call that began it; ears wake it
 * when a project has news, on any thread, and it is asked for them by its own NEXT.
 */
#pragma once

#include "door/desk.h"

enum {
    FOLLOWER_EARS_MAX = 16
};

typedef struct Follower {
    const Studio *studio;
    const char *tenant_id;
    Arena *mem;
    RunEar *ears[FOLLOWER_EARS_MAX];
    size_t count;
    Events *_Atomic events; /* NULL until the stream stands; it asks once by itself then */
} Follower;

/* SIZE zeroed bytes that begin with a Follower; freed with follower_free, or by the stream. */
void *follower_new(Call *call, const char *tenant_id, size_t size);
void follower_free(void *follower);

/* Be woken by news of the project; at most FOLLOWER_EARS_MAX times. */
MUST Err *follower_listen(Follower *follower, const char *project_id);

/* Answer CALL with what NEXT gives (events.h). FOLLOWER is taken over, whatever comes of it. */
MUST Err *follower_answer(
    Call *call, Follower *follower,
    Err *(*next)(void *follower, const char *last_id, Arena *mem, EventBatch *ret));

/* The usual one: all events of a project, or of one of its batches. */
typedef struct Following {
    const char *tenant_id, *project_id;
    const char *batch_id; /* NULL: all of the project, as run_events has it */
} Following;

MUST Err *follow_project(Call *call, const Following *of);
