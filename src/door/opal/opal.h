/* opal.h - the OPAL door: jobs, uploads, brands, batches, quota and tenants in the words of OPAL's specification. */
#pragma once

#include "http/endpoint.h"

extern const FrontDoor opal_door; /* its context is a Desk */
