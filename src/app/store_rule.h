/* store_rule.h - may pages of this studio reach the store? Where it is S3 or Azure, browsers put photos and get pictures at signed addresses
 * there, which is another origin: the store must say that this studio's pages may (CORS).
 */
#pragma once

#include "app/command.h"

typedef struct StoreRule {
    bool is_bad, is_note;
    const char *found, *advice; /* advice NULL when all is well */
} StoreRule;

/* Asks the store as a browser would: a preflight for a PUT and for a GET from the public address. Writes nothing. Texts live in the app's
 * arena. */
StoreRule store_rule_look(App *app);
