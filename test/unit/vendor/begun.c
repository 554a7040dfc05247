/* A journal of one line. */
#include "begun.h"

#include <stdio.h>

static Err *
request_find(void *begun_any, const char *key, const char *vendor, Arena *mem, const char **ret)
{
    const Begun *begun = begun_any;
    (void)key;
    (void)vendor;

    *ret = *begun->request ? arena_text(mem, begun->request) : NULL;
    return NULL;
}

static Err *request_keep(void *begun_any, const char *key, const char *vendor, const char *request)
{
    Begun *begun = begun_any;
    (void)key;
    (void)vendor;

    snprintf(begun->request, sizeof(begun->request), "%s", request);
    begun->kept++;
    return NULL;
}

static Err *request_drop(void *begun_any, const char *key, const char *vendor)
{
    Begun *begun = begun_any;
    (void)key;
    (void)vendor;

    *begun->request = 0;
    begun->dropped++;
    return NULL;
}

VendorJournal begun_journal(Begun *begun)
{
    return (VendorJournal){
        .context = begun, .find = request_find, .keep = request_keep, .drop = request_drop};
}
