/* telemetry_priv.h - what the files of this folder share. Not for other folders. */
#pragma once

#include <stdatomic.h>

#include "base/value.h"
#include "telemetry/telemetry.h"
#include "watch/span.h"

/* The body of POST /v1/traces (OTLP 1.x, JSON mapping of opentelemetry-proto) for COUNT spans. */
Value *otlp_body(const TelemetrySetup *setup, const SpanDone *spans, size_t count);

/* Where a Sentry DSN, "https://KEY@HOST[:PORT][/PATH]/PROJECT", sends envelopes to. */
typedef struct SentryDsn {
    const char *url; /* ".../api/PROJECT/envelope/" */
    const char *key;
} SentryDsn;

MUST Err *sentry_dsn_read(const char *dsn, Arena *mem, SentryDsn *ret);

/* A bug, copied from its Err. */
typedef struct Bug {
    char event[64], code[48], message[512], file[128];
    int line;
    int64_t at_ms;
} Bug;

/* The envelope of one BUG, added to BUF. */
MUST Err *sentry_envelope(const TelemetrySetup *setup, const Bug *bug, Buf *buf);
