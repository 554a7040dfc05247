/* lumiku_priv.h - what the files of this door share. Names on the wire are the specification's, in camel case. */
#pragma once

#include "asset/catalogue.h"
#include "base/said.h"
#include "door/desk.h"
#include "http/said.h"
#include "shop/shop.h"

#define LUMIKU "/api/apps/product-photo-studio"
#define LUMIKU_DOOR "lumiku" /* of its catalogues */

/* The project or item called ID (NULL for none) of the tenant that CALL acts for. */
MUST Err *lumiku_of(Call *call, const char *id, CatalogueOf *ret);

/* Who buys. */
MUST Err *lumiku_buyer(Call *call, Buyer *ret);

/* VALUE as the text that the specification keeps it as; NULL for NULL. */
MUST Err *lumiku_json_text(Call *call, const Value *value, const char **ret);

/* A list that may be left out, and a yes or no that may be: what is absent stays as it is. */
typedef struct TagsIn {
    Texts tags;
} TagsIn;

typedef struct Yes {
    bool yes;
} Yes;

extern const Shape lumiku_tags_shape, lumiku_yes_shape;

/* 1, 0, or -1 for one that was left out. */
int lumiku_yes(const Yes *yes);

/* A field that is to blame. */
typedef struct LumikuFault {
    const char *field, *message;
} LumikuFault;

/* Each file shows its endpoints here. */
extern const Endpoint lumiku_health;
extern const Endpoint lumiku_template_list, lumiku_template_get, lumiku_template_create,
    lumiku_template_change, lumiku_template_delete, lumiku_template_rate, lumiku_template_preview,
    lumiku_template_thumbnail;
extern const Endpoint lumiku_credits, lumiku_credits_history, lumiku_stats, lumiku_usage,
    lumiku_prices;
extern const Endpoint lumiku_project_create, lumiku_project_list, lumiku_project_get,
    lumiku_project_change, lumiku_project_delete;
extern const Endpoint lumiku_item_upload, lumiku_item_import, lumiku_item_list, lumiku_item_get,
    lumiku_item_change, lumiku_item_change_many, lumiku_item_delete, lumiku_item_delete_many;
extern const Endpoint lumiku_generation_list, lumiku_generation_get, lumiku_generation_pause,
    lumiku_generation_resume, lumiku_generation_cancel, lumiku_generation_retry,
    lumiku_generation_events;
extern const Endpoint lumiku_item_process, lumiku_item_preview, lumiku_item_apply,
    lumiku_project_process, lumiku_project_apply, lumiku_quote;
extern const Endpoint lumiku_variation_list, lumiku_variation_select, lumiku_variation_delete;
extern const Endpoint lumiku_item_upscale, lumiku_item_remover, lumiku_upscaler_begin,
    lumiku_upscaler_job, lumiku_remover_begin, lumiku_remover_job, lumiku_item_export_to;
extern const Endpoint lumiku_export_begin, lumiku_export_list, lumiku_export_get,
    lumiku_export_download, lumiku_export_events, lumiku_item_download, lumiku_platform_list;
extern const Endpoint lumiku_carousel_create, lumiku_carousel_mix, lumiku_carousel_get;

/* Of ids of templates, and names of built-in ones. */
#define TEMPLATE_ID_LETTERS .max = 64, .letters = "A-Za-z0-9_-"

/* Who looks at templates: NULL for an admin who speaks for no tenant. */
MUST Err *lumiku_viewer(Call *call, const char **ret);
