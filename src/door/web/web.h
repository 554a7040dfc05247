/* web.h - the web studio: pages that travel in the program (web/), for people.
 *
 * Every page is the same document, whose script shows what the address says; so a page is a path here and a route in web/src/main.tsx, and a
 * test holds the two lists to each other. Where an API has the same path, whoever takes text/html is shown the page.
 */
#pragma once

#include "base/arena.h"
#include "http/endpoint.h"

extern const FrontDoor web_door; /* its context is a Desk */

/* What a page may do: run and show what lies at this server, and send to and show from STORE_ORIGIN, where pictures lie. In MEM. */
const char *web_policy(const char *store_origin, Arena *mem);
