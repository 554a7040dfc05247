/* providers.h - the vendors that the operator chose, from settings to Vendors, and in words who does what. */
#pragma once

#include "conf/conf.h"
#include "vendor/vendor.h"

typedef struct ProvidersWish {
    const Settings *settings;
    NetClient *net;
    VendorJournal journal;
    const char *hook_url; /* NULL polls alone */
} ProvidersWish;

/* *RET is NULL when nobody but the house can be asked: no key is set, and no tenant can have one. INPUT_INVALID names the variable: for a name
 * that is no vendor's, for a vendor that cannot do this, and for one without a key where the house may not stand in. */
MUST Err *providers_open(const ProvidersWish *wish, Vendors **ret);

/* One kind of work. */
typedef struct ProviderFacts {
    const char *work;     /* "sets from words" */
    const char *variable; /* "IMAGE_GEN_PROVIDER" */
    const char *by;       /* "fal, then the built-in studio" */
    const char *advice;   /* "fal has no key ..."; NULL when all is well */
} ProviderFacts;

/* A List of ProviderFacts; fails as providers_open. */
MUST Err *providers_look(const Settings *settings, Arena *mem, List *ret);

/* Keys, in words that do not say them: "FAL_KEY set; OPENAI_API_KEY, ... not set". *RET_UNUSED names those that are set although nobody asks their
 * vendor; NULL for none. */
const char *providers_keys(const Settings *settings, Arena *mem, const char **ret_unused);

/* What is amiss, in sentences; NULL when all is well. */
const char *providers_advice(const Settings *settings, Arena *mem);

/* Log what is amiss, once, at the start of a command that makes pictures. */
void providers_warn(const Settings *settings);
