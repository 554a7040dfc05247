/* telemetry.h - what the program says about itself, sent to services that collect it: traces by OTLP over HTTP, bugs to Sentry.
 *
 * One thread sends in batches, every two seconds or at 512 spans; what cannot be sent is tried again for a while and then dropped, with one
 * line in the log for each outage. Nothing waits for it, and no secret, address or text of a caller is in it.
 */
#pragma once

#include "net/net.h"

typedef struct Telemetry Telemetry;

typedef struct TelemetrySetup {
    NetClient *net;            /* outlives the Telemetry */
    const char *otlp_endpoint; /* "http://collector:4318"; "" or NULL for none */
    const char *
        otlp_headers; /* "name=value,name=value", percent signs as in URLs (OTEL_EXPORTER_OTLP_HEADERS), or NULL */
    const char *sentry_dsn; /* "https://KEY@sentry.example/7"; "" or NULL for none */
    const char *service;    /* "cyclorama"; with the version, in every report */
    const char *version;
    const char *instance; /* "host/pid" */
    int batch_ms;         /* 0 for 2,000 */
} TelemetrySetup;

/* INPUT_INVALID for an address or DSN that cannot be read. With neither it does nothing. */
MUST Err *telemetry_start(const TelemetrySetup *setup, Telemetry **ret);

/* Sends what there is, for five seconds at most. */
void telemetry_stop(Telemetry *telemetry);
DEFINE_AUTO(Telemetry, telemetry_stop);
