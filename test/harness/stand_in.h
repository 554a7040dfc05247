/* stand_in.h - openai, fal, replicate, stability, segmind and removebg in one server on loopback, for flow tests and the bench.
 *
 * Each is below its own name: OPENAI_BASE_URL=http://127.0.0.1:PORT/openai/v1, and /fal, /replicate/v1, /stability, /segmind,
 * /removebg/v1.0. Pictures are drawn in memory, as large as asked for; an edit repaints everything, mask or not; a cut-out is the
 * picture that was sent with a see-through border; what is enlarged is as much larger. Every key is taken but "refused-key".
 *
 * Words in the prompt bring faults: "fault-429" (any status; with a Retry-After of 1 s), "fault-moderated", "fault-quota", "fault-cut" (half the body),
 * "fault-garbage" (a web page with 200), "fault-drip" (a byte a second), "fault-expired" (the file is gone), "fault-once-503" (the
 * first time alone, by prompt).
 */
#pragma once

#include "base/attr.h"

typedef struct StandIn StandIn;

/* PORT 0 is any free one. Each picture takes LATENCY_MS. */
StandIn *stand_in_start(int port, int latency_ms);
void stand_in_stop(StandIn *stand_in);
DEFINE_AUTO(StandIn, stand_in_stop);

int stand_in_port(const StandIn *stand_in);
int stand_in_asked(const StandIn *stand_in); /* requests so far */
