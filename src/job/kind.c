/* What a kind of job leaves unsaid. */
#include "job/job_priv.h"

int64_t kind_attempts_most(const JobKind *kind)
{
    return kind->attempts_most > 0 ? kind->attempts_most : ATTEMPTS_PRESET;
}

int64_t kind_lease_ms(const JobKind *kind)
{
    return kind->lease_ms > 0 ? kind->lease_ms : LEASE_PRESET_MS;
}

bool kind_is_limited(const JobKind *kind)
{
    return kind->running_most > 0 || kind->tenant_running_most > 0;
}

Job job_of_row(const JobRow *row, const JobKind *kind)
{
    return (Job){
        .id = row->id,
        .queue = kind->queue,
        .tenant_id = row->tenant_id,
        .subject = row->subject,
        .payload = row->payload,
        .attempt = row->attempt,
        .attempts_most = kind_attempts_most(kind),
        .queued_ms = row->queued_ms,
    };
}
