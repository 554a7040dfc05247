/* Numbers about the program, and Prometheus' text of them. */
#include "watch/metric.h"

#include <ctype.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

enum {
    SERIES_MAX = 500,
    BUCKETS_MAX = 16,
    KEY_BYTES = 256
};

typedef enum Kind {
    COUNTER,
    GAUGE,
    HISTOGRAM
} Kind;

static const struct {
    const char *name, *labels, *help;
    Kind kind;
} rows[] = {
#define METRIC(name_, kind_, labels_, help_) {#name_, labels_, help_, kind_},
#include "tbl/metrics.def"
#undef METRIC
};

/* From a request of a few milliseconds to a picture of a minute. */
static const int bounds_usual_ms[] = {5,    10,   25,   50,    100,   250,  500,
                                      1000, 2500, 5000, 10000, 30000, 60000};

/* One combination of labels. Lives until metrics_reset. */
typedef struct Series {
    struct Series *next;
    char *labels; /* {door="opal",status="200"}, without the braces */
    _Atomic double value;
    const int *bounds_ms;
    int bounds;
    atomic_int_fast64_t within[BUCKETS_MAX], all, sum_ms;
} Series;

static pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
static struct {
    Series *first; /* sorted by labels */
    int count;
} kept[METRIC_MAX_];

/* VALUE as Prometheus quotes it. Too long is cut: labels are few and short. */
static size_t label_add(char *text, size_t used, const char *name, size_t length, const char *value)
{
    int wrote =
        snprintf(text + used, KEY_BYTES - used, "%s%.*s=\"", used ? "," : "", (int)length, name);

    used = MIN(used + (size_t)wrote, (size_t)KEY_BYTES - 1);
    for (; *value && used < KEY_BYTES - 4; value++) {
        if (*value == '"' || *value == '\\')
            text[used++] = '\\';
        text[used++] = (unsigned char)*value < ' ' ? ' ' : *value;
    }
    used += (size_t)snprintf(text + used, KEY_BYTES - used, "\"");
    return MIN(used, (size_t)KEY_BYTES - 1);
}

/* OTHER puts "other" in place of every value. */
static void labels_print(Metric metric, const char *const *values, bool other, char text[KEY_BYTES])
{
    const char *name = rows[metric].labels;
    size_t used = 0;

    text[0] = '\0';
    while (*name) {
        size_t length = strcspn(name, ",");
        const char *value = values && *values ? *values++ : "";

        used = label_add(text, used, name, length, other ? "other" : value);
        name += length + (name[length] == ',');
    }
}

static Series *series_find(Metric metric, const char *labels)
{
    for (Series *series = kept[metric].first; series; series = series->next)
        if (strcmp(series->labels, labels) == 0)
            return series;
    return NULL;
}

static Series *series_new(Metric metric, const char *labels)
{
    Series *series = calloc(1, sizeof(*series));
    Series **place = &kept[metric].first;

    if (!series || !(series->labels = strdup(labels)))
        abort(); /* a few hundred bytes, as in arena_take */
    series->bounds_ms = bounds_usual_ms;
    series->bounds = COUNT(bounds_usual_ms);
    while (*place && strcmp((*place)->labels, labels) < 0)
        place = &(*place)->next;
    series->next = *place;
    *place = series;
    kept[metric].count++;
    return series;
}

static Series *series_take(Metric metric, const char *const *values)
{
    char labels[KEY_BYTES];
    Series *series;

    labels_print(metric, values, false, labels);
    pthread_rwlock_rdlock(&lock);
    series = series_find(metric, labels);
    pthread_rwlock_unlock(&lock);
    if (series)
        return series;

    pthread_rwlock_wrlock(&lock);
    if (kept[metric].count >= SERIES_MAX)
        labels_print(metric, values, true, labels);
    series = series_find(metric, labels);
    if (!series)
        series = series_new(metric, labels);
    pthread_rwlock_unlock(&lock);
    return series;
}

void metric_add_labelled(Metric metric, int64_t amount, const char *const *labels)
{
    Series *series = series_take(metric, labels);
    double value = atomic_load(&series->value);

    while (!atomic_compare_exchange_weak(&series->value, &value, value + (double)amount))
        continue;
}

void metric_set_labelled(Metric metric, double value, const char *const *labels)
{
    atomic_store(&series_take(metric, labels)->value, value);
}

void metric_observe_labelled(Metric metric, int64_t took_ms, const char *const *labels)
{
    Series *series = series_take(metric, labels);
    int at = 0;

    while (at < series->bounds && took_ms > series->bounds_ms[at])
        at++;
    if (at < series->bounds)
        atomic_fetch_add(&series->within[at], 1);
    atomic_fetch_add(&series->all, 1);
    atomic_fetch_add(&series->sum_ms, took_ms);
}

void metric_tally_set(Metric metric, const MetricTally *tally, const char *const *labels)
{
    Series *series = series_take(metric, labels);

    series->bounds_ms = tally->bounds_ms;
    series->bounds = MIN(tally->count, (int)BUCKETS_MAX);
    for (int i = 0; i < series->bounds; i++)
        atomic_store(&series->within[i], tally->within[i]);
    atomic_store(&series->all, tally->all);
    atomic_store(&series->sum_ms, tally->sum_ms);
}

/* ---- the text ---- */

static const char *wire_name(Metric metric, char name[64])
{
    int used = snprintf(name, 64, "cyclorama_%s", rows[metric].name);

    for (int i = 0; i < used; i++)
        name[i] = (char)tolower((unsigned char)name[i]);
    return name;
}

static MUST Err *histogram_write(const char *name, Series *series, Buf *buf)
{
    const char *comma = *series->labels ? "," : "";
    const char *open = *series->labels ? "{" : "", *close = *series->labels ? "}" : "";
    int64_t below = 0;

    for (int i = 0; i < series->bounds; i++) {
        below += atomic_load(&series->within[i]);
        TRY(buf_print(
            buf, "%s_bucket{%s%sle=\"%g\"} %lld\n", name, series->labels, comma,
            series->bounds_ms[i] / 1000.0, (long long)below));
    }
    /* Read last and never less: it may have grown meanwhile. */
    int64_t all = MAX(atomic_load(&series->all), below);
    TRY(buf_print(
        buf, "%s_bucket{%s%sle=\"+Inf\"} %lld\n", name, series->labels, comma, (long long)all));
    TRY(buf_print(
        buf, "%s_sum%s%s%s %.3f\n", name, open, series->labels, close,
        (double)atomic_load(&series->sum_ms) / 1000.0));
    return buf_print(
        buf, "%s_count%s%s%s %lld\n", name, open, series->labels, close, (long long)all);
}

static MUST Err *metric_write(Metric metric, Buf *buf)
{
    static const char *const kinds[] = {"counter", "gauge", "histogram"};
    char room[64];
    const char *name = wire_name(metric, room);

    TRY(buf_print(
        buf, "# HELP %s %s\n# TYPE %s %s\n", name, rows[metric].help, name,
        kinds[rows[metric].kind]));
    for (Series *series = kept[metric].first; series; series = series->next) {
        const char *open = *series->labels ? "{" : "", *close = *series->labels ? "}" : "";

        if (rows[metric].kind == HISTOGRAM)
            TRY(histogram_write(name, series, buf));
        else
            TRY(buf_print(
                buf, "%s%s%s%s %.17g\n", name, open, series->labels, close,
                atomic_load(&series->value)));
    }
    return NULL;
}

Err *metrics_write(Buf *buf)
{
    Err *err = NULL;

    pthread_rwlock_rdlock(&lock);
    for (int metric = 0; metric < METRIC_MAX_ && !err; metric++)
        if (kept[metric].first)
            err = metric_write((Metric)metric, buf);
    pthread_rwlock_unlock(&lock);
    return err;
}

/* Under the lock. */
static void series_free(int metric)
{
    while (kept[metric].first) {
        Series *series = kept[metric].first;

        kept[metric].first = series->next;
        free(series->labels);
        free(series);
    }
    kept[metric].count = 0;
}

void metric_forget(Metric metric)
{
    pthread_rwlock_wrlock(&lock);
    series_free(metric);
    pthread_rwlock_unlock(&lock);
}

void metrics_reset(void)
{
    pthread_rwlock_wrlock(&lock);
    for (int metric = 0; metric < METRIC_MAX_; metric++)
        series_free(metric);
    pthread_rwlock_unlock(&lock);
}
