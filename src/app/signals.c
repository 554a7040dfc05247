/* Signals and ticks, on a thread of their own. */
#include "app/signals.h"

#include <signal.h>
#include <unistd.h>

#include "app/command.h"

enum {
    TICK_MS = 200
};

static struct {
    pthread_mutex_t mutex;
    Cancel *cancel;
    void (*tick)(void *context);
    void *context;
} house = {.mutex = PTHREAD_MUTEX_INITIALIZER};

static void ours(sigset_t *set)
{
    sigemptyset(set);
    sigaddset(set, SIGINT);
    sigaddset(set, SIGTERM);
    sigaddset(set, SIGWINCH);
}

static void *signals_wait(void *unused)
{
    const struct timespec pause = {.tv_nsec = TICK_MS * 1000000L};
    sigset_t set;

    (void)unused;
    ours(&set);
    for (;;) {
        int signal = sigtimedwait(&set, NULL, &pause);

        if (signal == SIGINT || signal == SIGTERM) {
            if (cancel_is_asked(house.cancel)) {
                (void)!write(STDERR_FILENO, "\n", 1);
                _exit(EXIT_INTERRUPTED);
            }
            cancel_ask(house.cancel);
        }
        pthread_mutex_lock(&house.mutex);
        if (house.tick)
            house.tick(house.context);
        pthread_mutex_unlock(&house.mutex);
    }
    return NULL;
}

void signals_start(Cancel *cancel)
{
    pthread_t thread;
    sigset_t set;

    house.cancel = cancel;
    ours(&set);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    if (pthread_create(&thread, NULL, signals_wait, NULL) != 0) {
        /* No thread to wait in: then ^C does what it does anywhere. */
        pthread_sigmask(SIG_UNBLOCK, &set, NULL);
        return;
    }
    pthread_detach(thread);
}

void signals_tick(void (*tick)(void *context), void *context)
{
    pthread_mutex_lock(&house.mutex);
    house.tick = tick;
    house.context = context;
    pthread_mutex_unlock(&house.mutex);
}

const void *signals_for_child(void)
{
    static sigset_t none;

    sigemptyset(&none);
    return &none;
}
