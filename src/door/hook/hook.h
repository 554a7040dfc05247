/* hook.h - where vendors say that work is done. Nobody shows a key there: what counts is the vendor's signature. */
#pragma once

#include "http/endpoint.h"

extern const FrontDoor hook_door; /* its context is a Desk */

/* What its addresses begin with, below the server's own; the vendor's name follows. */
#define HOOK_PATH "/v1/hooks"
