/* jobs.h - what tests of the queue do over and over. */
#pragma once

#include "base/clock.h"
#include "harness/db.h"
#include "job/job_priv.h"
#include "watch/watch.h"

/* Migrate DB, and let the clock go that a test before may have held. */
void jobs_begin(Db *db);

/* For watch_divert, until the next jobs_begin: what is logged is expected. */
void jobs_hush(void *context, const char *line, size_t size);

/* Queue ORDER, COUNT times in one transaction; gives the id of the last. */
Id jobs_put(Db *db, const JobOrder *order, int count);

/* Take up to MOST jobs of KIND under LEASE; a List of JobRow in MEM. */
List jobs_take(Db *db, const JobKind *kind, const char *lease, int64_t most, Arena *mem);

/* Take one and end it well; its tenant's id in MEM, "" for the house's, NULL when there was none. */
const char *jobs_do(Db *db, const JobKind *kind, Arena *mem);

/* End LEASE well, in a transaction of its own. */
MUST Err *jobs_end(Db *db, JobLease *lease);

MUST Err *jobs_cancel(Db *db, const char *subject, int64_t *ret_waiting);

/* Wake what is due in QUEUE. */
void jobs_wake(Db *db, const char *queue);

long long jobs_in(Db *db, const char *state);

/* Wait until SQL gives WANT, at most half a minute; fails the test else. */
void jobs_await(Db *db, const char *sql, long long want);
