/* house_priv.h - what the files of this door share. */
#pragma once

#include "http/endpoint.h"

extern const Endpoint house_queues, house_queue_get, house_queue_pause, house_queue_resume,
    house_queue_retry, house_dead_retry, house_dead_drop;
