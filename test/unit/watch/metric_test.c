/* Promises of the numbers. */
#include "base/crew.h"
#include "test.h"
#include "watch/metric.h"

static const char *written(Buf *buf)
{
    buf->size = 0;
    CHECK_OK(metrics_write(buf));
    return buf_text(buf);
}

static void check_says(Buf *buf, const char *line)
{
    if (!strstr(written(buf), line))
        test_fail(__FILE__, __LINE__, "no '%s' in:\n%s", line, buf_text(buf));
}

TEST(numbers_are_written_with_help_type_and_labels)
{
    AUTO(buf_done) Buf buf = BUF(1 << 20);

    metrics_reset();
    metric_add(METRIC_JOBS_ENDED_TOTAL, 2, "jobs", "done");
    metric_add(METRIC_JOBS_ENDED_TOTAL, 1, "jobs", "done");
    metric_set(METRIC_HTTP_IN_FLIGHT, 4, NULL);
    metric_add(METRIC_PICTURES_TOTAL, 1, "a\"b\\c\n", "failed");
    check_says(&buf, "# TYPE cyclorama_jobs_ended_total counter\n");
    check_says(&buf, "# HELP cyclorama_jobs_ended_total Jobs ended");
    check_says(&buf, "\ncyclorama_jobs_ended_total{queue=\"jobs\",outcome=\"done\"} 3\n");
    check_says(&buf, "\ncyclorama_http_in_flight 4\n");
    check_says(&buf, "{door=\"a\\\"b\\\\c \",outcome=\"failed\"} 1\n");
    metrics_reset();
    written(&buf);
    CHECK_INT(buf.size, 0);
}

TEST(a_histogram_counts_each_duration_once_and_all_below_it)
{
    AUTO(buf_done) Buf buf = BUF(1 << 20);

    metrics_reset();
    metric_observe(METRIC_JOB_SECONDS, 5, "jobs");
    metric_observe(METRIC_JOB_SECONDS, 6, "jobs");
    metric_observe(METRIC_JOB_SECONDS, 70000, "jobs");
    check_says(&buf, "cyclorama_job_seconds_bucket{queue=\"jobs\",le=\"0.005\"} 1\n");
    check_says(&buf, "cyclorama_job_seconds_bucket{queue=\"jobs\",le=\"0.01\"} 2\n");
    check_says(&buf, "cyclorama_job_seconds_bucket{queue=\"jobs\",le=\"60\"} 2\n");
    check_says(&buf, "cyclorama_job_seconds_bucket{queue=\"jobs\",le=\"+Inf\"} 3\n");
    check_says(&buf, "cyclorama_job_seconds_sum{queue=\"jobs\"} 70.011\n");
    check_says(&buf, "cyclorama_job_seconds_count{queue=\"jobs\"} 3\n");
    metrics_reset();
}

TEST(labels_without_end_are_counted_as_other)
{
    AUTO(buf_done) Buf buf = BUF(1 << 20);

    metrics_reset();
    for (int i = 0; i < 600; i++) {
        char name[16];

        snprintf(name, sizeof(name), "step%d", i);
        metric_add(METRIC_JOBS_STARTED_TOTAL, 1, name);
    }
    check_says(&buf, "cyclorama_jobs_started_total{queue=\"other\"} 100\n");
    metrics_reset();
}

static void add_many(void *context, size_t item)
{
    (void)context;
    metric_add(METRIC_JOBS_STARTED_TOTAL, 1, item % 2 ? "odd" : "even");
    metric_observe(METRIC_JOB_SECONDS, 20, "jobs");
}

TEST(no_count_is_lost_among_threads)
{
    AUTO(buf_done) Buf buf = BUF(1 << 20);

    metrics_reset();
    crew_run(4, 4000, add_many, NULL);
    check_says(&buf, "cyclorama_jobs_started_total{queue=\"odd\"} 2000\n");
    check_says(&buf, "cyclorama_job_seconds_count{queue=\"jobs\"} 4000\n");
    metrics_reset();
}
