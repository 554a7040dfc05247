/* Errors as bodies: RFC 9457, then in the door's dialect. */
#include <ctype.h>
#include <string.h>

#include "base/after.h"
#include "http/said.h"
#include "http/server_priv.h"

typedef struct ProblemField {
    const char *pointer, *detail;
} ProblemField;

static const Field ProblemField_fields[] = {
    {FIELD_TEXT(ProblemField, pointer), .help = "JSON pointer of the field to blame"},
    {FIELD_TEXT(ProblemField, detail), .help = "What is wrong with it"},
    {FIELD_END},
};
static const Shape problem_field_shape = SHAPE(ProblemField);

typedef struct Problem {
    const char *type, *title, *detail, *instance, *code, *request_id;
    int64_t status;
    Said *said;
    List errors;
} Problem;

static const Field Problem_fields[] = {
    {FIELD_TEXT(Problem, type), .help = "Address of words about this kind of problem",
     .format = "uri-reference"},
    {FIELD_TEXT(Problem, title), .help = "The kind of problem"},
    {FIELD_INT(Problem, status), .help = "HTTP status"},
    {FIELD_TEXT(Problem, detail), .help = "What happened and what to do, for people"},
    {FIELD_TEXT(Problem, instance), .help = "The path that was asked for",
     .format = "uri-reference"},
    {FIELD_TEXT(Problem, code), .help = "The kind of problem, for programs; it never changes"},
    {FIELD_TEXT(Problem, request_id), .help = "Tell us this when you ask about it"},
    {FIELD_MAYBE(Problem, said, Said, &said_shape),
     .help = "The detail for translators; not there when it is the code's own", .omit = true},
    {FIELD_LIST(Problem, errors, &problem_field_shape), .help = "Fields to blame", .omit = true},
    {FIELD_END},
};
const Shape problem_shape = SHAPE(Problem);

/* "not_found" as a title: "Not found". */
static const char *title_of(ErrCode code, Arena *mem)
{
    char *title = arena_text(mem, err_name(code));

    for (char *at = title; *at; at++)
        if (*at == '_')
            *at = ' ';
    *title = (char)toupper((unsigned char)*title);
    return title;
}

static Value *problem_value(Call *call, const Err *err, int status)
{
    Arena *mem = call->arena;
    ErrCode code = err_code(err);
    ProblemField field = {.pointer = err_where(err), .detail = err_text(err)};
    Problem problem = {
        .type = arena_print(mem, "/docs#error-%s", err_name(code)),
        .title = title_of(code, mem),
        .status = status,
        .detail = err_text(err),
        .instance = call_path(call),
        .code = err_name(code),
        .request_id = call->id,
        .said = said_of(err_said(err), mem),
        .errors = {.items = &field, .count = field.pointer != NULL},
    };

    return shape_write(&problem_shape, &problem);
}

static void refusal_headers(Call *call, const Err *err)
{
    bool has_retry = false;

    for (size_t i = 0; i < call->reply_header_count; i++)
        has_retry |= strcasecmp(call->reply_headers[i].name, "Retry-After") == 0;
    if (call->status == 401)
        call_header_set(call, "WWW-Authenticate", "Bearer");
    if (has_retry || (call->status != 409 && call->status != 429 && call->status != 503))
        return;
    int64_t after_s = (err_after_ms(err) + 999) / 1000;
    if (after_s || err_retry(err_code(err)))
        call_header_set(
            call, "Retry-After",
            arena_print(call->arena, "%lld", (long long)MAX(after_s, (int64_t)1)));
}

/* A reply that could not be written is still a reply. */
Err *problem_write(Call *call, const Err *err, Buf *text)
{
    const Dialect *dialect = &call->at->door->dialect;
    int status = door_status(call->at->door, err_code(err));
    AUTO(value_free) Value *problem = problem_value(call, err, status);

    if (dialect->body)
        problem = dialect->body(call, err, problem);
    return value_write(problem, VALUE_COMPACT, text);
}

void call_refuse(Call *call, Err *err)
{
    const Dialect *dialect = &call->at->door->dialect;

    err_free(call->err);
    call->err = err;
    call->code = err_code(err);
    call->status = door_status(call->at->door, call->code);
    call->reply_type = dialect->type ? dialect->type : "application/problem+json";
    refusal_headers(call, err);
    call->reply.size = 0;
    AUTO(err_free) Err *unwritten = problem_write(call, err, &call->reply);
    call_reply_bytes(
        call, unwritten ? "{}" : buf_text(&call->reply), unwritten ? 2 : call->reply.size);
}
