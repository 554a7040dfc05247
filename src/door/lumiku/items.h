/* items.h - what projects.c, items.c, upload.c and variations.c share: photos as this door shows them. */
#pragma once

#include "door/lumiku/lumiku_priv.h"

enum {
    LUMIKU_ITEMS_MOST = 200 /* on a page */
};

typedef struct LumikuItem {
    const char *id, *project_id;
    const char *original_file_name, *original_file_path;
    int64_t original_file_size, original_width, original_height;
    const char *processed_file_path, *bg_removed_file_path, *thumbnail_url,
        *processed_thumbnail_url;
    int64_t processed_width, processed_height;
    const char *original_url, *processed_url; /* before, and after */
    int status;
    double progress;
    const char *workflow_config, *template_id;
    const Value *workflow;
    const char *product_name, *product_sku, *product_price;
    Texts product_tags;
    bool is_favorite;
    int64_t variation_count;
    const char *selected_variation_id;
    const char *error_code, *error_message;
    Said *error_said;
    int64_t created_at, updated_at;
} LumikuItem;

extern const Field LumikuItem_fields[];
extern const Shape lumiku_item_shape;

/* Texts live as long as ITEM and the call. */
MUST Err *lumiku_item_fill(Call *call, const Item *item, LumikuItem *ret);

typedef struct LumikuPage {
    List items; /* LumikuItem */
    int64_t total;
    const char *next_cursor; /* NULL on the last */
} LumikuPage;

/* QUERY's limit is what is shown. */
MUST Err *lumiku_items_page(Call *call, const ItemQuery *query, LumikuPage *ret);

/* It is done, and there is nothing to tell. */
typedef struct LumikuDone {
    bool success;
} LumikuDone;

extern const Field LumikuDone_fields[];

/* Why none of the photos of an upload was taken: LumikuFault, one a file; none for other calls. */
List lumiku_upload_faults(const Call *call);
