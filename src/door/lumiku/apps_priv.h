/* apps_priv.h - what the sibling apps share: the integration contract (chapter 3.7 of the specification). */
#pragma once

#include "door/lumiku/lumiku_priv.h"

#define LUMIKU_APP "product-photo-studio"

/* A sibling app. */
typedef struct SiblingApp {
    const char *name; /* "image-upscaler": in addresses */
    int kind;         /* BatchKind of its work */
    Price price;
    const char *place; /* of its things: "jobs" */
} SiblingApp;

extern const SiblingApp app_upscaler, app_remover, app_carousel;

/* NOT_FOUND. */
MUST Err *app_find(const char *name, const SiblingApp **ret);

/* IntegrationResponse. */
typedef struct AppOut {
    bool success;
    const char *job_id, *status, *output_path, *redirect_url, *message;
    int64_t credit_charged;
} AppOut;

extern const Field AppOut_fields[];

AppOut app_out_of(Call *call, const SiblingApp *app, const Batch *batch);

/* The batch ID, which APP began. NOT_FOUND. */
MUST Err *app_batch(Call *call, const SiblingApp *app, const char *id, Batch *ret);

/* {"app": ..., "returnTo": ...}, with METADATA when there is some; in the call's arena. */
typedef struct AppWords {
    const SiblingApp *app;
    const char *name, *return_to;
    const Value *metadata;
} AppWords;
const Value *app_words(Call *call, const AppWords *words);

void app_value_end(void *value);

/* Is PATH, as this door tells it (an address at the store) or bare, that of KEY (NULL for none)? */
bool app_is_path(const char *path, const char *key);
