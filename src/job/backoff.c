/* How long to wait before trying again. */
#include <string.h>

#include "base/dice.h"
#include "base/hash.h"
#include "job/job_priv.h"

enum {
    DOUBLINGS_MOST = 40
};

int64_t backoff_ms(const JobKind *kind, const char *job_id, int64_t attempt)
{
    int64_t wait_ms = kind->retry_first_ms > 0 ? kind->retry_first_ms : RETRY_FIRST_PRESET_MS;
    Hash hash = hash_bytes(job_id, strlen(job_id));
    uint64_t seed;

    for (int64_t i = 1; i < MIN(attempt, DOUBLINGS_MOST) && wait_ms < RETRY_MOST_MS; i++)
        wait_ms *= 2;
    if (kind->is_punctual)
        return MIN(wait_ms, RETRY_MOST_MS);
    memcpy(&seed, hash.bytes, sizeof(seed));

    Dice dice = dice_seeded(dice_hash(seed, (uint64_t)attempt));
    return (int64_t)((double)MIN(wait_ms, RETRY_MOST_MS) * dice_between(&dice, 0.75, 1.25));
}
