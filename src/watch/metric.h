/* metric.h - numbers that the program keeps about itself, for Prometheus. Rows in tbl/metrics.def.
 *
 *     metric_add(METRIC_JOBS_ENDED_TOTAL, 1, "jobs", "done");
 *     metric_observe(METRIC_JOB_SECONDS, took_ms, "jobs");
 *
 * Any thread, at any time; a number costs a look-up and an atomic addition. Memory is bounded: past 500 combinations of labels a metric
 * counts the rest under "other".
 */
#pragma once

#include <stdint.h>

#include "base/buf.h"

typedef enum Metric {
#define METRIC(name, kind, labels, help) METRIC_##name,
#include "tbl/metrics.def"
#undef METRIC
    METRIC_MAX_
} Metric;

enum {
    METRIC_LABELS_MAX = 3
};

/* What the labels say, in the row's order; NULL for a metric without labels. */
#define METRIC_LABELS(...) ((const char *const[METRIC_LABELS_MAX + 1]){__VA_ARGS__})

#define metric_add(metric, amount, ...) \
    metric_add_labelled(metric, amount, METRIC_LABELS(__VA_ARGS__))
#define metric_set(metric, value, ...) \
    metric_set_labelled(metric, value, METRIC_LABELS(__VA_ARGS__))
#define metric_observe(metric, took_ms, ...) \
    metric_observe_labelled(metric, took_ms, METRIC_LABELS(__VA_ARGS__))

void metric_add_labelled(
    Metric metric, int64_t amount, const char *const *labels); /* COUNTER, GAUGE */
void metric_set_labelled(
    Metric metric, double value,
    const char *const *labels); /* GAUGE; COUNTER that is counted elsewhere */
void metric_observe_labelled(
    Metric metric, int64_t took_ms, const char *const *labels); /* HISTOGRAM */

/* A histogram that is counted elsewhere: how many took up to each of BOUNDS (COUNT of them, ms), not those below it; ALL of them took SUM_MS. */
typedef struct MetricTally {
    const int *bounds_ms;
    const int64_t *within;
    int count;
    int64_t all, sum_ms;
} MetricTally;
void metric_tally_set(Metric metric, const MetricTally *tally, const char *const *labels);

/* Forget what METRIC says, to set it anew from records. Only for one that nobody else counts in: not while another thread does. */
void metric_forget(Metric metric);

/* All of them in the text format of Prometheus (version 0.0.4), sorted. */
MUST Err *metrics_write(Buf *buf);

/* Forget everything: for tests. */
void metrics_reset(void);
