/* cancel.h - a way to stop long work, from any thread.
 *
 * A Cancel is asked once, by a signal handler's thread, a client that left or a deadline. Work looks at it between steps with
 * cancel_check; work inside a library that can be told to stop registers a hook, which runs on the asking thread.
 * NULL is a Cancel that is never asked.
 */
#pragma once

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>

#include "base/err.h"

typedef struct CancelHook {
    void (*stop)(void *work);
    void *work;
    struct CancelHook *next;
} CancelHook;

typedef struct Cancel {
    atomic_bool asked;
    int64_t deadline_ms; /* of clock_ticks_ms; 0 means none */
    pthread_mutex_t mutex;
    CancelHook *hooks;
} Cancel;

#define CANCEL_INIT \
    { \
        .mutex = PTHREAD_MUTEX_INITIALIZER \
    }

void cancel_ask(Cancel *cancel);
bool cancel_is_asked(const Cancel *cancel); /* also true past the deadline */

/* CANCELLED when asked, TIMED_OUT past the deadline. */
MUST Err *cancel_check(const Cancel *cancel);

/* While HOOK is added, cancel_ask calls HOOK->stop(HOOK->work); at once if it was asked already. The caller keeps HOOK alive
 * until cancel_hook_remove returns, after which stop is not running and will not run. */
void cancel_hook_add(Cancel *cancel, CancelHook *hook);
void cancel_hook_remove(Cancel *cancel, CancelHook *hook);

/* Wait until CANCEL is asked, TIMEOUT_MS at most (-1 for as long as it takes). True when it was asked. */
bool cancel_wait(Cancel *cancel, int64_t timeout_ms);
