/* contract.h - are replies what the OpenAPI document says, and has every endpoint and every listed error been seen?
 *
 *     Contract *contract = contract_new(doors);
 *     http_watch_replies(server, contract_see, contract);
 *     ... flows ...
 *     const char *wrong = contract_breaches(contract, mem);
 */
#pragma once

#include "base/attr.h"
#include "http/server.h"

typedef struct Contract Contract;

/* Of DOORS, NULL-ended, which must outlive it. */
Contract *contract_new(const FrontDoor *const *doors);
void contract_free(Contract *contract);
DEFINE_AUTO(Contract, contract_free);

/* For http_watch_replies. */
void contract_see(void *contract, const HttpReply *reply);

/* The same for a reply that came over a line from another process; BODY may be NULL. */
void contract_see_line(
    Contract *contract, const char *method, const char *path, int status, const char *body);

/* One line for each reply that was not as the document says; "" when there was none. In MEM. */
const char *contract_breaches(const Contract *contract, Arena *mem);

/* One line for each endpoint that was never called with success, and each listed error that never came. In MEM. */
const char *contract_unseen(const Contract *contract, Arena *mem);
