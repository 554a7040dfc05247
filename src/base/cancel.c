/* A way to stop long work. */
#include "base/cancel.h"

#include "base/clock.h"

void cancel_ask(Cancel *cancel)
{
    atomic_store(&cancel->asked, true);

    pthread_mutex_lock(&cancel->mutex);
    for (CancelHook *hook = cancel->hooks; hook; hook = hook->next)
        hook->stop(hook->work);
    pthread_mutex_unlock(&cancel->mutex);
}

static bool deadline_is_past(const Cancel *cancel)
{
    return cancel->deadline_ms && clock_ticks_ms() > cancel->deadline_ms;
}

bool cancel_is_asked(const Cancel *cancel)
{
    return cancel && (atomic_load(&cancel->asked) || deadline_is_past(cancel));
}

Err *cancel_check(const Cancel *cancel)
{
    if (!cancel)
        return NULL;
    if (atomic_load(&cancel->asked))
        return err_new(ERR_CANCELLED, "work was cancelled");
    if (deadline_is_past(cancel))
        return err_new(ERR_TIMED_OUT, "work ran past its deadline");
    return NULL;
}

void cancel_hook_add(Cancel *cancel, CancelHook *hook)
{
    if (!cancel)
        return;

    pthread_mutex_lock(&cancel->mutex);
    hook->next = cancel->hooks;
    cancel->hooks = hook;
    if (atomic_load(&cancel->asked))
        hook->stop(hook->work);
    pthread_mutex_unlock(&cancel->mutex);
}

void cancel_hook_remove(Cancel *cancel, CancelHook *hook)
{
    if (!cancel)
        return;

    pthread_mutex_lock(&cancel->mutex);
    for (CancelHook **at = &cancel->hooks; *at; at = &(*at)->next)
        if (*at == hook) {
            *at = hook->next;
            break;
        }
    pthread_mutex_unlock(&cancel->mutex);
}

typedef struct Waiting {
    pthread_mutex_t mutex;
    pthread_cond_t asked;
    bool is_asked;
} Waiting;

static void waiting_end(void *waiting_any)
{
    Waiting *waiting = waiting_any;

    pthread_mutex_lock(&waiting->mutex);
    waiting->is_asked = true;
    pthread_cond_signal(&waiting->asked);
    pthread_mutex_unlock(&waiting->mutex);
}

bool cancel_wait(Cancel *cancel, int64_t timeout_ms)
{
    Waiting waiting = {.mutex = PTHREAD_MUTEX_INITIALIZER};
    CancelHook hook = {.stop = waiting_end, .work = &waiting};
    int64_t end_ms = clock_ticks_ms() + timeout_ms;

    clock_cond_init(&waiting.asked);
    cancel_hook_add(cancel, &hook);
    pthread_mutex_lock(&waiting.mutex);
    while (!waiting.is_asked)
        if (timeout_ms < 0)
            pthread_cond_wait(&waiting.asked, &waiting.mutex);
        else if (!clock_cond_wait(&waiting.asked, &waiting.mutex, end_ms))
            break;
    pthread_mutex_unlock(&waiting.mutex);
    cancel_hook_remove(cancel, &hook);
    pthread_cond_destroy(&waiting.asked);
    return waiting.is_asked;
}
