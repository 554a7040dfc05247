/* router_priv.h - from a method and a path to an endpoint.
 *
 * A tree of path segments, built once. A fixed segment is tried before a {field}; {name*} at the end takes the rest of the path, slashes
 * and all.
 */
#pragma once

#include "http/endpoint.h"
#include "http/server.h"
#include "http/uri_priv.h"

/* What stands at one path, by method; and what people are shown there. */
typedef struct RouteSeat {
    const Endpoint *endpoint;
    const HttpDoor *at;
} RouteSeat;

enum {
    SEAT_VIEW = METHOD_MAX_,
    SEATS
};

typedef struct Route {
    const RouteSeat *seats;               /* SEATS of them; NULL when nothing is at that path */
    const char *values[URI_SEGMENTS_MAX]; /* decoded, of the path's fields in order */
    size_t value_count;
    size_t rest; /* the segment that a field for the rest begins with */
} Route;

typedef struct Router Router;

/* BUG for two endpoints of one method at one path. */
MUST Err *router_new(const HttpDoor *doors, Router **ret);
void router_free(Router *router);
DEFINE_AUTO(Router, router_free);

/* Texts are borrowed from URI or live in MEM. */
void router_find(const Router *router, const Uri *uri, Arena *mem, Route *ret);

/* "GET, HEAD, POST, OPTIONS": what may be asked of SEATS; in MEM. */
const char *router_allow(const RouteSeat *seats, Arena *mem);

typedef struct PathField {
    char name[64]; /* without braces and star */
    bool takes_rest;
} PathField;

/* The field of PATH with that number, from 0; false when there is none. */
bool path_field_at(const char *path, size_t index, PathField *ret);
