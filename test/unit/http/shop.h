/* shop.h - a door for tests: one endpoint of every kind, and a server behind it. */
#pragma once

#include <stdatomic.h>

#include "http/events.h"
#include "http/server.h"

typedef struct Shop {
    atomic_int sinks_open, bytes_sunk, handled, cancelled; /* what its handlers saw */
    atomic_int next_event, last_event; /* events so far; the stream ends after the last */
    _Atomic(Events *) stream;
    atomic_int streams_freed;
    const char *owner;   /* of its streams */
    atomic_bool slow_go; /* lets "shop_slow" and "shop_wait" end */
} Shop;

extern const FrontDoor shop_door;

/* Key "good" may everything, "poor" nothing. SETUP's listen, doors and authorise are filled in; NULL is the presets. */
HttpServer *shop_start(Shop *shop, const HttpSetup *setup);
