/* The same work on many items, by a few threads. */
#include "base/crew.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#include "base/attr.h"

enum {
    THREADS_MAX = 64
};

typedef struct Crew {
    atomic_size_t next;
    size_t items;
    CrewWork *work;
    void *context;
} Crew;

static void *crew_work(void *crew_any)
{
    Crew *crew = crew_any;

    for (;;) {
        size_t item = atomic_fetch_add(&crew->next, 1);

        if (item >= crew->items)
            return NULL;
        crew->work(crew->context, item);
    }
}

void crew_run(int threads, size_t items, CrewWork *work, void *context)
{
    Crew crew = {.items = items, .work = work, .context = context};
    pthread_t hands[THREADS_MAX];
    int hired = 0;
    int wanted = (int)MIN((size_t)CLAMP(threads, 1, THREADS_MAX), items ? items : 1) - 1;

    while (hired < wanted && pthread_create(&hands[hired], NULL, crew_work, &crew) == 0)
        hired++;
    crew_work(&crew);
    while (hired > 0)
        pthread_join(hands[--hired], NULL);
}

int crew_cores(void)
{
    cpu_set_t set;

    if (sched_getaffinity(0, sizeof(set), &set) != 0)
        return 1;
    return MAX(CPU_COUNT(&set), 1);
}
