/* store.h - signed addresses of our own store: photos are PUT and pictures fetched there without a key, as granted by a signature.
 *
 * They have the shape of Azure's shared access signatures, so a client made for Azure Blob Storage works unchanged.
 */
#pragma once

#include "http/endpoint.h"

extern const FrontDoor store_door; /* its context is a Desk */

/* What the store's addresses begin with, below the server's own. */
#define STORE_PATH "/store"
