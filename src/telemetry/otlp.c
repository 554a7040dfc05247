/* Spans as OpenTelemetry's collectors take them: OTLP over HTTP, in JSON. */
#include "telemetry/telemetry_priv.h"

enum {
    KIND_INTERNAL = 1,
    KIND_SERVER = 2,
    STATUS_ERROR = 2
};

static Value *text_attribute(const char *name, const char *text)
{
    Value *attribute = value_object(), *value = value_object();

    value_set(value, "stringValue", value_of_text(text));
    value_set(attribute, "key", value_of_text(name));
    value_set(attribute, "value", value);
    return attribute;
}

static Value *int_attribute(const char *name, int64_t number)
{
    Value *attribute = value_object(), *value = value_object();
    char text[24];

    snprintf(text, sizeof(text), "%lld", (long long)number); /* 64-bit numbers travel as texts */
    value_set(value, "intValue", value_of_text(text));
    value_set(attribute, "key", value_of_text(name));
    value_set(attribute, "value", value);
    return attribute;
}

static Value *nanoseconds(int64_t us)
{
    char text[32];

    snprintf(text, sizeof(text), "%lld000", (long long)us);
    return value_of_text(text);
}

static Value *span_value(const SpanDone *span)
{
    Value *value = value_object(), *attributes = value_list();

    value_set(value, "traceId", value_of_text(span->place.trace));
    value_set(value, "spanId", value_of_text(span->place.span));
    if (*span->parent)
        value_set(value, "parentSpanId", value_of_text(span->parent));
    value_set(value, "name", value_of_text(span->name));
    value_set(value, "kind", value_of_int(span->is_server ? KIND_SERVER : KIND_INTERNAL));
    value_set(value, "startTimeUnixNano", nanoseconds(span->start_us));
    value_set(value, "endTimeUnixNano", nanoseconds(span->end_us));
    for (int i = 0; i < span->fact_count; i++)
        value_add(
            attributes, span->facts[i].text
                            ? text_attribute(span->facts[i].name, span->facts[i].text)
                            : int_attribute(span->facts[i].name, span->facts[i].number));
    value_set(value, "attributes", attributes);
    if (span->failure) {
        Value *status = value_object();

        value_set(status, "code", value_of_int(STATUS_ERROR));
        value_set(status, "message", value_of_text(span->failure));
        value_set(value, "status", status);
    }
    return value;
}

static Value *one(Value *item)
{
    Value *list = value_list();

    value_add(list, item);
    return list;
}

Value *otlp_body(const TelemetrySetup *setup, const SpanDone *spans, size_t count)
{
    Value *body = value_object(), *resource_spans = value_object(), *resource = value_object();
    Value *scope_spans = value_object(), *scope = value_object();
    Value *attributes = value_list(), *list = value_list();

    value_add(attributes, text_attribute("service.name", setup->service));
    value_add(attributes, text_attribute("service.version", setup->version));
    value_add(attributes, text_attribute("service.instance.id", setup->instance));
    value_set(resource, "attributes", attributes);
    for (size_t i = 0; i < count; i++)
        value_add(list, span_value(&spans[i]));
    value_set(scope, "name", value_of_text(setup->service));
    value_set(scope_spans, "scope", scope);
    value_set(scope_spans, "spans", list);
    value_set(resource_spans, "resource", resource);
    value_set(resource_spans, "scopeSpans", one(scope_spans));
    value_set(body, "resourceSpans", one(resource_spans));
    return body;
}
