/* A tree of path segments. */
#include <string.h>

#include "http/router_priv.h"

typedef enum NodeKind {
    NODE_FIXED,
    NODE_FIELD,
    NODE_REST
} NodeKind;

typedef struct Node {
    NodeKind kind;
    const char *segment; /* of the row; not ended, LENGTH letters */
    size_t length;
    struct Node *children, *next; /* fixed ones stand before fields, fields before a rest */
    RouteSeat seats[SEATS];
    bool is_end;
} Node;

struct Router {
    Node root;
};

bool path_field_at(const char *path, size_t index, PathField *ret)
{
    const char *open = path - 1;

    for (size_t i = 0; i <= index; i++)
        if (!(open = strchr(open + 1, '{')))
            return false;

    size_t length = strcspn(open + 1, "}*");
    snprintf(ret->name, sizeof(ret->name), "%.*s", (int)length, open + 1);
    ret->takes_rest = open[1 + length] == '*';
    return true;
}

static void node_free(Node *node)
{
    for (Node *child = node->children, *next; child; child = next) {
        next = child->next;
        node_free(child);
        free(child);
    }
}

void router_free(Router *router)
{
    if (!router)
        return;
    node_free(&router->root);
    free(router);
}

static Node *node_child(Node *node, const char *segment, size_t length)
{
    NodeKind kind = *segment != '{'              ? NODE_FIXED
                    : segment[length - 2] == '*' ? NODE_REST
                                                 : NODE_FIELD;
    Node **at = &node->children;

    for (; *at && (*at)->kind <= kind; at = &(*at)->next)
        if ((*at)->kind == kind &&
            (kind != NODE_FIXED ||
             ((*at)->length == length && memcmp((*at)->segment, segment, length) == 0)))
            return *at;

    Node *child = calloc(1, sizeof(*child));
    if (!child)
        abort();
    *child = (Node){.kind = kind, .segment = segment, .length = length, .next = *at};
    return *at = child;
}

static MUST Err *endpoint_add(Router *router, const HttpDoor *at, const Endpoint *endpoint)
{
    Node *node = &router->root;
    const char *path = endpoint->path;

    while (*path == '/' && path[1]) {
        size_t length = strcspn(++path, "/");

        node = node_child(node, path, length);
        path += length;
    }

    RouteSeat *seat = &node->seats[endpoint->is_view ? (int)SEAT_VIEW : (int)endpoint->method];
    if (seat->endpoint)
        return err_new(
            ERR_BUG, "endpoints '%s' and '%s' stand at one address", seat->endpoint->id,
            endpoint->id);
    *seat = (RouteSeat){.endpoint = endpoint, .at = at};
    node->is_end = true;
    return NULL;
}

Err *router_new(const HttpDoor *doors, Router **ret)
{
    AUTO(router_free) Router *router = calloc(1, sizeof(*router));

    if (!router)
        abort();
    for (; doors->door; doors++)
        for (const Endpoint *const *row = doors->door->endpoints; *row; row++)
            TRY(endpoint_add(router, doors, *row));
    *ret = TAKE(router);
    return NULL;
}

static bool segment_fits(const Node *node, const char *segment)
{
    if (node->kind == NODE_FIELD)
        return *segment;
    return strlen(segment) == node->length && memcmp(segment, node->segment, node->length) == 0;
}

static const Node *node_find(const Node *node, const Uri *uri, size_t depth, Route *route)
{
    if (depth == uri->segment_count)
        return node->is_end ? node : NULL;

    for (const Node *child = node->children; child; child = child->next) {
        size_t values = route->value_count;

        if (child->kind == NODE_REST && *uri->segments[depth]) {
            route->rest = depth;
            route->values[route->value_count++] = "";
            return child;
        }
        if (child->kind == NODE_REST || !segment_fits(child, uri->segments[depth]))
            continue;
        if (child->kind == NODE_FIELD)
            route->values[route->value_count++] = uri->segments[depth];

        const Node *found = node_find(child, uri, depth + 1, route);
        if (found)
            return found;
        route->value_count = values;
    }
    return NULL;
}

void router_find(const Router *router, const Uri *uri, Arena *mem, Route *ret)
{
    *ret = (Route){0};

    const Node *node = node_find(&router->root, uri, 0, ret);
    ret->seats = node ? node->seats : NULL;
    if (!node || node->kind != NODE_REST)
        return;

    const char **rest = &ret->values[ret->value_count - 1];
    for (size_t i = ret->rest; i < uri->segment_count; i++)
        *rest = arena_print(mem, "%s%s%s", *rest, **rest ? "/" : "", uri->segments[i]);
}

const char *router_allow(const RouteSeat *seats, Arena *mem)
{
    const char *allow = "";

    for (Method method = GET; method < METHOD_MAX_; method++)
        if (seats[method].endpoint || (method == GET && seats[SEAT_VIEW].endpoint))
            allow = arena_print(
                mem, "%s%s%s, ", allow, method_name(method), method == GET ? ", HEAD" : "");
    return arena_print(mem, "%sOPTIONS", allow);
}
