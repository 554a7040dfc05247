/* openapi.h - the OpenAPI 3.1 document of doors, made of their rows; and the page that shows it.
 *
 * One component a Shape, every error of a row as a response, grouped by status; fields by the place where they stand.
 */
#pragma once

#include "http/endpoint.h"

/* The document of DOORS (NULL-ended), in the order of their rows; title and words are the first one's. */
Value *openapi_document(const FrontDoor *const *doors);

/* GET /openapi.json (?door=NAME: of that door alone) and GET /docs with its script and style, for a door to list. They describe all doors of
 * the server that they are asked at. */
extern const Endpoint openapi_endpoint, docs_endpoint, docs_file_endpoint;
