/* The OpenAPI document of doors, out of their rows. */
#include "http/openapi.h"

#include <string.h>

#include "http/router_priv.h"
#include "http/server_priv.h"

enum {
    COMPONENTS_MAX = 512
};

/* A shape that has a name in the document. Rows hold copies of shapes, so their fields tell who they are. */
typedef struct Component {
    const Field *fields;
    const char *name;
} Component;

typedef struct Writing {
    Arena *mem;
    Value *schemas;
    Component components[COMPONENTS_MAX];
    size_t count;
    ShapeNamer namer;
} Writing;

static Value *object_of(const char *name, Value *member)
{
    Value *object = value_object();

    value_set(object, name, member);
    return object;
}

static void text_set(Value *object, const char *name, const char *text)
{
    if (text)
        value_set(object, name, value_of_text(text));
}

/* ---- schemas ---- */

static bool name_is_taken(const Writing *writing, const char *name)
{
    for (size_t i = 0; i < writing->count; i++)
        if (strcmp(writing->components[i].name, name) == 0)
            return true;
    return false;
}

static const char *component_name(Writing *writing, const Shape *shape)
{
    for (size_t i = 0; i < writing->count; i++)
        if (writing->components[i].fields == shape->fields)
            return writing->components[i].name;

    const char *name = shape->name;
    for (int i = 2; name_is_taken(writing, name); i++)
        name = arena_print(writing->mem, "%s%d", shape->name, i);
    if (writing->count == COMPONENTS_MAX)
        abort();
    writing->components[writing->count++] = (Component){.fields = shape->fields, .name = name};
    value_set(writing->schemas, name, shape_schema_named(shape, &writing->namer));
    return name;
}

static Value *shape_ref(void *writing_any, const Shape *shape)
{
    Writing *writing = writing_any;

    return object_of(
        "$ref", value_of_text(arena_print(
                    writing->mem, "#/components/schemas/%s", component_name(writing, shape))));
}

static bool shape_is_empty(const Shape *shape)
{
    return !shape->fields || !shape->fields->name;
}

static Value *content_of(const char *type, Value *schema)
{
    return object_of(type, object_of("schema", schema));
}

static Value *binary_schema(void)
{
    Value *schema = object_of("type", value_of_text("string"));

    text_set(schema, "format", "binary");
    return schema;
}

/* ---- input ---- */

static void
parameter_add(Writing *writing, Value *parameters, const Endpoint *endpoint, const Field *field)
{
    static const char *const places[] = {
        [FIELD_IN_PATH] = "path", [FIELD_IN_QUERY] = "query", [FIELD_IN_HEADER] = "header"};
    FieldPlace place = endpoint_field_place(endpoint, field);
    Value *parameter = value_object();
    const char *name = field->name;

    if (place == FIELD_IN_BODY) {
        value_free(parameter);
        return;
    }
    for (const HeaderField *row = endpoint->headers; row && row->field; row++)
        if (place == FIELD_IN_HEADER && strcmp(row->field, field->name) == 0)
            name = row->header;
    text_set(parameter, "name", name);
    text_set(parameter, "in", places[place]);
    value_set(
        parameter, "required",
        value_of_bool(place == FIELD_IN_PATH || (!field->preset && !field->optional)));
    text_set(parameter, "description", field->help);
    if (field->kind == FIELD_KIND_TEXTS) {
        text_set(parameter, "style", place == FIELD_IN_QUERY ? "form" : "simple");
        value_set(parameter, "explode", value_of_bool(false));
    }
    value_set(parameter, "schema", shape_field_schema(field, &writing->namer));
    value_add(parameters, parameter);
}

static void header_parameter_add(Value *parameters, const char *name, const char *about)
{
    Value *parameter = value_object();

    text_set(parameter, "name", name);
    text_set(parameter, "in", "header");
    text_set(parameter, "description", about);
    value_set(parameter, "schema", object_of("type", value_of_text("string")));
    value_add(parameters, parameter);
}

static Value *parameters_of(Writing *writing, const Endpoint *endpoint)
{
    Value *parameters = value_list();

    for (const Field *field = endpoint->in.fields; field && field->name; field++)
        parameter_add(writing, parameters, endpoint, field);
    if (endpoint->retried)
        header_parameter_add(
            parameters, "Idempotency-Key",
            "Any text of your own: a repeat with the same one changes nothing and gives the first "
            "answer again.");
    if (endpoint->kind == ENDPOINT_EVENTS)
        header_parameter_add(parameters, "Last-Event-ID", "Go on after this event.");
    if (endpoint->kind == ENDPOINT_DOWNLOAD)
        header_parameter_add(parameters, "Range", "A part of it: bytes=0-1023");
    return parameters;
}

static Value *file_schema(const FileField *row)
{
    Value *file = binary_schema();

    if (row->types && row->types[0] && !row->types[1])
        text_set(file, "contentMediaType", row->types[0]);
    if (row->most <= 1) {
        text_set(file, "description", row->help);
        return file;
    }
    Value *files = object_of("type", value_of_text("array"));
    value_set(files, "items", file);
    value_set(files, "maxItems", value_of_int(row->most));
    text_set(files, "description", row->help);
    return files;
}

/* The fields that stand in the body, as an object of their own when others stand elsewhere. */
static Value *body_schema(Writing *writing, const Endpoint *endpoint, bool *ret_required)
{
    Value *properties = value_object(), *required = value_list(), *schema = value_object();
    bool is_all = !endpoint->files;

    for (const Field *field = endpoint->in.fields; field && field->name; field++) {
        if (endpoint_field_place(endpoint, field) != FIELD_IN_BODY) {
            is_all = false;
            continue;
        }
        value_set(properties, field->name, shape_field_schema(field, &writing->namer));
        if (!field->preset && !field->optional)
            value_add(required, value_of_text(field->name));
    }
    for (const FileField *row = endpoint->files; row && row->name; row++) {
        value_set(properties, row->name, file_schema(row));
        if (row->least > 0)
            value_add(required, value_of_text(row->name));
    }
    *ret_required = value_count(required) > 0;

    bool is_empty = value_count(properties) == 0;
    text_set(schema, "type", "object");
    value_set(schema, "additionalProperties", value_of_bool(false));
    value_set(schema, "properties", properties);
    if (*ret_required)
        value_set(schema, "required", required);
    else
        value_free(required);
    if (!is_empty && !is_all)
        return schema;
    value_free(schema);
    return is_empty ? NULL : shape_ref(writing, &endpoint->in);
}

static Value *types_content(const char *const *types)
{
    Value *content = value_object();

    for (; types && *types; types++)
        value_set(content, *types, object_of("schema", binary_schema()));
    if (!value_count(content))
        value_set(content, "application/octet-stream", object_of("schema", binary_schema()));
    return content;
}

static Value *body_of(Writing *writing, const Endpoint *endpoint)
{
    Value *body = value_object(), *content = NULL;
    bool is_required = true;

    if (endpoint->kind == ENDPOINT_UPLOAD) {
        content = types_content(endpoint->types);
    } else if (
        endpoint->kind == ENDPOINT_MULTIPART ||
        (endpoint->kind == ENDPOINT_JSON && endpoint->method != GET &&
         endpoint->method != DELETE)) {
        Value *schema = body_schema(writing, endpoint, &is_required);

        if (schema)
            content = content_of(
                endpoint->kind == ENDPOINT_MULTIPART ? "multipart/form-data" : "application/json",
                schema);
    }
    if (!content) {
        value_free(body);
        return NULL;
    }
    value_set(body, "required", value_of_bool(is_required));
    value_set(body, "content", content);
    return body;
}

/* ---- replies ---- */

static const char stream_words[] =
    "Events as they happen. A request with `Upgrade: websocket` (RFC 6455) is answered by 101, and "
    "the same events come as text frames: `{\"id\": ..., \"event\": ..., \"data\": ...}`. What "
    "clients say there is not read; more than 4096 bytes of it end the line.";

static const char *status_words(int status)
{
    switch (status) {
    case 201:
        return "Made.";
    case 202:
        return "Accepted; it goes on by itself.";
    case 204:
        return "Done; there is nothing to say.";
    default:
        return "Done.";
    }
}

static Value *success_of(Writing *writing, const Endpoint *endpoint, int status)
{
    bool is_stream = endpoint->kind == ENDPOINT_EVENTS;
    Value *reply =
        object_of("description", value_of_text(is_stream ? stream_words : status_words(status)));

    if (is_stream)
        value_set(
            reply, "content",
            content_of("text/event-stream", object_of("type", value_of_text("string"))));
    else if (endpoint->kind == ENDPOINT_DOWNLOAD)
        value_set(reply, "content", types_content(endpoint->types));
    else if (!shape_is_empty(&endpoint->out))
        value_set(
            reply, "content", content_of("application/json", shape_ref(writing, &endpoint->out)));
    else if (endpoint->types)
        value_set(reply, "content", types_content(endpoint->types));
    return reply;
}

static const Shape *error_shape(const FrontDoor *door, ErrCode code)
{
    const Shape *own = door->dialect.shape ? door->dialect.shape(code) : NULL;

    return own ? own : &problem_shape;
}

/* Errors that share STATUS are one response, whose body is of one of their shapes. NULL when there are none. */
static Value *
failure_of(Writing *writing, const FrontDoor *door, const Endpoint *endpoint, int status)
{
    Value *names = value_list(), *shapes = value_list();
    const char *words = "";
    const Field *seen[16] = {NULL};

    for (const ErrCode *code = endpoint_errors(endpoint, writing->mem); *code != ERR_MAX_; code++) {
        const Shape *shape = error_shape(door, *code);
        size_t at = 0;

        if (door_status(door, *code) != status)
            continue;
        words = arena_print(
            writing->mem, "%s%s`%s`: %s", words, *words ? "\n\n" : "", err_name(*code),
            err_default_text(*code));
        value_add(names, value_of_text(err_name(*code)));
        while (at + 1 < COUNT(seen) && seen[at] && seen[at] != shape->fields)
            at++;
        if (!seen[at])
            value_add(shapes, shape_ref(writing, shape));
        seen[at] = shape->fields;
    }
    if (!value_count(names)) {
        value_free(names);
        value_free(shapes);
        return NULL;
    }
    Value *schema = value_count(shapes) == 1 ? value_ref(value_at(shapes, 0))
                                             : object_of("oneOf", value_ref(shapes));
    Value *reply = object_of("description", value_of_text(words));
    Value *content =
        content_of(door->dialect.type ? door->dialect.type : "application/problem+json", schema);

    value_free(shapes);
    if (endpoint->also == status)
        value_set(
            content, "application/json", object_of("schema", shape_ref(writing, &endpoint->out)));
    value_set(reply, "content", content);
    value_set(reply, "x-errors", names);
    return reply;
}

static Value *responses_of(Writing *writing, const FrontDoor *door, const Endpoint *endpoint)
{
    Value *responses = value_object();
    int ok = endpoint->ok ? endpoint->ok : 200;
    char text[12];

    for (int status = 200; status < 600; status++) {
        Value *reply = failure_of(writing, door, endpoint, status);

        if (!reply && (status == ok || status == endpoint->also))
            reply = success_of(writing, endpoint, status);
        snprintf(text, sizeof(text), "%d", status);
        if (reply)
            value_set(responses, text, reply);
    }
    return responses;
}

/* ---- the whole ---- */

static Value *security_of(const Endpoint *endpoint)
{
    static const char *const schemes[] = {"bearer", "key"};
    Value *ways = value_list();

    for (size_t i = 0; endpoint->scope && i < COUNT(schemes); i++) {
        Value *scopes = value_list();

        value_add(scopes, value_of_text(endpoint->scope));
        value_add(ways, object_of(schemes[i], scopes));
    }
    return ways;
}

static Value *operation_of(Writing *writing, const FrontDoor *door, const Endpoint *endpoint)
{
    Value *operation = value_object();
    Value *parameters = parameters_of(writing, endpoint), *body = body_of(writing, endpoint);

    text_set(operation, "operationId", endpoint->id);
    text_set(operation, "summary", endpoint->summary);
    text_set(operation, "description", endpoint->about);
    if (endpoint->tag) {
        Value *tags = value_list();

        value_add(tags, value_of_text(endpoint->tag));
        value_set(operation, "tags", tags);
    }
    text_set(operation, "x-door", door->name);
    value_set(operation, "security", security_of(endpoint));
    if (value_count(parameters))
        value_set(operation, "parameters", parameters);
    else
        value_free(parameters);
    if (body)
        value_set(operation, "requestBody", body);
    value_set(operation, "responses", responses_of(writing, door, endpoint));
    return operation;
}

/* "/store/{key*}" as OpenAPI writes it. */
static const char *path_plain(const char *path, Arena *mem)
{
    char *plain = arena_text(mem, path), *to = plain;

    for (const char *at = path; *at; at++)
        if (*at != '*')
            *to++ = *at;
    *to = '\0';
    return plain;
}

static void
endpoint_write(Writing *writing, Value *paths, const FrontDoor *door, const Endpoint *endpoint)
{
    const char *path = path_plain(endpoint->path, writing->mem);
    char method[8];
    size_t i = 0;

    if (endpoint->hidden || endpoint->kind == ENDPOINT_PAGE)
        return;
    for (const char *at = method_name(endpoint->method); *at; at++)
        method[i++] = (char)(*at | 0x20);
    method[i] = '\0';
    if (!value_get(paths, path))
        value_set(paths, path, value_object());

    Value *item = value_copy(value_get(paths, path));
    value_set(item, method, operation_of(writing, door, endpoint));
    value_set(paths, path, item);
}

static Value *tags_of(const FrontDoor *const *doors)
{
    Value *seen = value_object(), *tags = value_list();

    for (; *doors; doors++)
        for (const Endpoint *const *row = (*doors)->endpoints; *row; row++)
            if ((*row)->tag && !(*row)->hidden && !value_get(seen, (*row)->tag)) {
                value_set(seen, (*row)->tag, value_of_bool(true));
                value_add(tags, object_of("name", value_of_text((*row)->tag)));
            }
    value_free(seen);
    return tags;
}

static Value *security_schemes(void)
{
    Value *schemes = value_object(), *bearer = value_object(), *key = value_object();

    text_set(bearer, "type", "http");
    text_set(bearer, "scheme", "bearer");
    text_set(bearer, "description", "Authorization: Bearer KEY");
    text_set(key, "type", "apiKey");
    text_set(key, "in", "header");
    text_set(key, "name", "X-API-Key");
    value_set(schemes, "bearer", bearer);
    value_set(schemes, "key", key);
    return schemes;
}

/* One door speaks for itself; of several each has a chapter, under the name that all of them begin with: "Cyclorama: the shop". */
static void info_write(const FrontDoor *const *doors, Arena *mem, Value *info)
{
    const char *title = doors[0]->title, *about = doors[0]->about, *version = doors[0]->version;

    if (doors[1]) {
        title = arena_text_n(mem, title, strcspn(title, ":"));
        about = "";
        for (; *doors; doors++)
            about = arena_print(
                mem, "%s%s## %s\n\n%s", about, *about ? "\n\n" : "", (*doors)->title,
                (*doors)->about);
    }
    text_set(info, "title", title);
    text_set(info, "version", version);
    text_set(info, "description", about);
}

Value *openapi_document(const FrontDoor *const *doors)
{
    AUTO(arena_free) Arena *mem = arena_new();
    Writing *writing = arena_take(mem, sizeof(*writing));
    Value *document = value_object(), *info = value_object();
    Value *paths = value_object(), *components = value_object();

    *writing = (Writing){.mem = mem, .schemas = value_object()};
    writing->namer = (ShapeNamer){.schema = shape_ref, .context = writing};
    for (const FrontDoor *const *door = doors; *door; door++)
        for (const Endpoint *const *row = (*door)->endpoints; *row; row++)
            endpoint_write(writing, paths, *door, *row);

    info_write(doors, mem, info);
    value_set(components, "schemas", writing->schemas);
    value_set(components, "securitySchemes", security_schemes());
    text_set(document, "openapi", "3.1.0");
    value_set(document, "info", info);
    value_set(document, "tags", tags_of(doors));
    value_set(document, "paths", paths);
    value_set(document, "components", components);
    return document;
}

/* ---- asked for over HTTP ---- */

typedef struct OpenapiIn {
    const char *door;
} OpenapiIn;

static const Field OpenapiIn_fields[] = {
    {FIELD_TEXT(OpenapiIn, door), .help = "Of this door alone", .optional = true, .max = 40},
    {FIELD_END},
};

typedef struct OpenapiOut {
    const Value *document;
} OpenapiOut;

static const Field OpenapiOut_fields[] = {
    {FIELD_MAP(OpenapiOut, document), .help = "An OpenAPI 3.1 document"},
    {FIELD_END},
};

HANDLER(openapi_get, OpenapiIn, OpenapiOut);

const Endpoint openapi_endpoint = {
    .id = "openapi_get",
    .method = GET,
    .path = "/openapi.json",
    .summary = "Read what this server offers, as an OpenAPI document",
    .tag = "About",
    .errors = ERRORS(ERR_NOT_FOUND),
    .in = SHAPE(OpenapiIn),
    .out = SHAPE_BARE(OpenapiOut),
    .handle = CALLS(openapi_get),
};

static void document_end(void *document)
{
    value_free(document);
}

static Err *openapi_get(Call *call, const OpenapiIn *in, OpenapiOut *out)
{
    const FrontDoor *doors[16] = {NULL};
    size_t count = 0;

    for (const HttpDoor *row = call->server->setup.doors; row->door; row++)
        if (!in->door || strcmp(in->door, row->door->name) == 0)
            doors[count++] = row->door;
    if (!count)
        return err_new(ERR_NOT_FOUND, "no door '%s'", in->door);

    Value *document = openapi_document(doors);
    arena_keep(call->arena, document_end, document);
    out->document = document;
    return NULL;
}
