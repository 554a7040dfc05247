/* So many at once, the others wait. */
#include "base/turns.h"

#include <stdlib.h>

#include "base/clock.h"

enum {
    LOOK_MS = 50 /* between two looks at Cancel */
};

struct Turns {
    pthread_mutex_t mutex;
    pthread_cond_t left;
    int places, inside;
    int waiting_most, waiting;
};

Turns *turns_new(int places, int waiting)
{
    Turns *turns = calloc(1, sizeof(*turns));

    if (!turns)
        abort();
    turns->places = places;
    turns->waiting_most = waiting;
    pthread_mutex_init(&turns->mutex, NULL);
    clock_cond_init(&turns->left);
    return turns;
}

void turns_free(Turns *turns)
{
    if (!turns)
        return;
    pthread_cond_destroy(&turns->left);
    pthread_mutex_destroy(&turns->mutex);
    free(turns);
}

/* Holding the mutex. */
static MUST Err *place_take(Turns *turns, const Cancel *cancel)
{
    Err *err = NULL;

    if (turns->inside >= turns->places && turns->waiting >= turns->waiting_most)
        return err_new(ERR_RATE_LIMITED, "%d wait for a place already", turns->waiting);
    turns->waiting++;
    while (!err && turns->inside >= turns->places) {
        clock_cond_wait(&turns->left, &turns->mutex, clock_ticks_ms() + LOOK_MS);
        err = cancel_check(cancel);
    }
    turns->waiting--;
    if (!err)
        turns->inside++;
    return err;
}

Err *turns_enter(Turns *turns, const Cancel *cancel)
{
    pthread_mutex_lock(&turns->mutex);
    Err *err = place_take(turns, cancel);
    pthread_mutex_unlock(&turns->mutex);
    return err;
}

void turns_leave(Turns *turns)
{
    pthread_mutex_lock(&turns->mutex);
    turns->inside--;
    pthread_cond_signal(&turns->left);
    pthread_mutex_unlock(&turns->mutex);
}
