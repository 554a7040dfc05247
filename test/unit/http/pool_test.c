/* Promises of threads that are made when they are needed. */
#include <stdatomic.h>
#include <unistd.h>

#include "http/pool_priv.h"
#include "test.h"

typedef struct Task {
    Work work;
    atomic_int *begun;
    atomic_bool *may_end;
} Task;

static void task_run(void *task_any)
{
    Task *task = task_any;

    atomic_fetch_add(task->begun, 1);
    while (!atomic_load(task->may_end))
        usleep(1000);
}

static void until(const atomic_int *number, int wanted)
{
    for (int i = 0; i < 10000 && atomic_load(number) != wanted; i++)
        usleep(1000);
    CHECK_INT(atomic_load(number), wanted);
}

static Pool *pool_elastic(int most)
{
    Pool *pool = NULL;

    CHECK_OK(
        pool_start(&(PoolSetup){.most = most, .stack_bytes = 256 * 1024, .idle_ms = 20}, &pool));
    return pool;
}

static void tasks_add(Pool *pool, Task *tasks, int count, atomic_int *begun, atomic_bool *may_end)
{
    for (int i = 0; i < count; i++) {
        tasks[i] = (Task){.begun = begun, .may_end = may_end};
        tasks[i].work = (Work){.run = task_run, .about = &tasks[i]};
        CHECK(pool_try(pool, &tasks[i].work));
    }
}

TEST(threads_are_made_when_they_are_needed_and_no_more_than_allowed)
{
    Pool *pool = pool_elastic(8);
    atomic_int begun = 0;
    atomic_bool may_end = false;
    Task tasks[8], more = {.begun = &begun, .may_end = &may_end};

    more.work = (Work){.run = task_run, .about = &more};
    CHECK_INT(pool_threads(pool), 0);
    tasks_add(pool, tasks, 8, &begun, &may_end);
    until(&begun, 8);
    CHECK_INT(pool_busy(pool), 8);
    CHECK(!pool_try(pool, &more.work));
    atomic_store(&may_end, true);
    pool_stop(pool);
    CHECK_INT(atomic_load(&begun), 8);
}

TEST(idle_threads_end_and_come_again)
{
    Pool *pool = pool_elastic(4);
    atomic_bool may_end = true;

    for (int round = 0; round < 3; round++) {
        atomic_int begun = 0;
        Task tasks[4];

        tasks_add(pool, tasks, 4, &begun, &may_end);
        until(&begun, 4);
        for (int i = 0; i < 10000 && pool_threads(pool); i++)
            usleep(1000);
        CHECK_INT(pool_threads(pool), 0);
    }
    pool_stop(pool);
}
