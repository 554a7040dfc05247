/* The promise that dashboards show numbers that there are. */
#include <ctype.h>

#include "base/arena.h"
#include "base/file.h"
#include "base/value.h"
#include "test.h"
#include "watch/metric.h"

static const char *const names[] = {
#define METRIC(name, kind, labels, help) #name,
#include "tbl/metrics.def"
#undef METRIC
};

enum {
    FILE_BYTES_MAX = 1 << 20
};

static bool is_metric(const char *word, size_t length)
{
    static const char *const endings[] = {"", "_bucket", "_sum", "_count"};

    for (size_t i = 0; i < COUNT(names); i++)
        for (size_t j = 0; j < COUNT(endings); j++) {
            size_t name = strlen(names[i]);

            if (length == name + strlen(endings[j]) && strncasecmp(word, names[i], name) == 0 &&
                strncmp(word + name, endings[j], length - name) == 0)
                return true;
        }
    return false;
}

/* How many names of metrics TEXT has; fails for one that there is not. */
static int names_hold(const char *text)
{
    static const char prefix[] = "cyclorama_";
    int count = 0;

    for (const char *at = strstr(text, prefix); at; at = strstr(at, prefix)) {
        size_t length = 0;

        at += strlen(prefix);
        while (isalnum((unsigned char)at[length]) || at[length] == '_')
            length++;
        if (!is_metric(at, length))
            test_fail(__FILE__, __LINE__, "no metric %s%.*s", prefix, (int)length, at);
        count++;
    }
    return count;
}

static int values_hold(const Value *value)
{
    int count = value_text(value) ? names_hold(value_text(value)) : 0;

    if (value_kind(value) == VALUE_LIST)
        for (size_t i = 0; i < value_count(value); i++)
            count += values_hold(value_at(value, i));
    if (value_kind(value) == VALUE_OBJECT)
        for (ValueMember m = value_first(value); m.name; m = value_next(value, m))
            count += values_hold(m.value);
    return count;
}

TEST(every_metric_of_a_dashboard_exists)
{
    AUTO(buf_done) Buf text = BUF(FILE_BYTES_MAX);
    AUTO(value_free) Value *json = NULL;

    CHECK_OK(file_read(TEST_SOURCE "/../pack/grafana/artgen.json", &text));
    CHECK_OK(value_parse(buf_text(&text), text.size, &json));
    CHECK(values_hold(json) >= 15);
    CHECK(value_count(value_get(json, "panels")) >= 10);
}
