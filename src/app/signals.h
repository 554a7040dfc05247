/* signals.h - ^C, and the tick of the clock: one thread that waits for both, so that no handler interrupts any work. */
#pragma once

#include "base/cancel.h"

/* Block the signals here and in all threads started later, and start the thread. The first SIGINT or SIGTERM asks CANCEL, the second
 * ends the program at once with status 130. Once, from main, before any other thread. */
void signals_start(Cancel *cancel);

/* Call TICK(CONTEXT) five times a second and when the terminal changes its size; NULL stops it, and it runs no more once this
 * returns. */
void signals_tick(void (*tick)(void *context), void *context);

/* Let a child process have its signals back: for posix_spawn. */
const void *signals_for_child(void);
