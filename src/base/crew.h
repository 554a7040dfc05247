/* crew.h - the same work on many items, by a few threads.
 *
 * Items are handed out one by one in order; WORK(context, item) must depend on nothing but its item, so results are the same on
 * any number of threads. The calling thread works too, so THREADS of 1 starts none.
 */
#pragma once

#include <stddef.h>

typedef void CrewWork(void *context, size_t item);

void crew_run(int threads, size_t items, CrewWork *work, void *context);

int crew_cores(void); /* processors this process may use, at least 1 */
