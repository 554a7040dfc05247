/* So many at once, the others wait. */
#include "base/turns.h"

#include <stdlib.h>
#include <time.h>

enum {
    LOOK_NS = 50 * 1000 * 1000 /* between two looks at Cancel */
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
    pthread_condattr_t monotonic;

    if (!turns)
        abort();
    turns->places = places;
    turns->waiting_most = waiting;
    pthread_mutex_init(&turns->mutex, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&turns->left, &monotonic);
    pthread_condattr_destroy(&monotonic);
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

static void wait_a_little(Turns *turns)
{
    struct timespec until;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += LOOK_NS;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_cond_timedwait(&turns->left, &turns->mutex, &until);
}

/* Holding the mutex. */
static MUST Err *place_take(Turns *turns, const Cancel *cancel)
{
    Err *err = NULL;

    if (turns->inside >= turns->places && turns->waiting >= turns->waiting_most)
        return err_new(ERR_RATE_LIMITED, "%d wait for a place already", turns->waiting);
    turns->waiting++;
    while (!err && turns->inside >= turns->places) {
        wait_a_little(turns);
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
