/* studio.h - the house's own API: what it would cost, and who does the work. */
#pragma once

#include "http/endpoint.h"

extern const FrontDoor studio_door; /* its context is a Desk */
