/* opal_priv.h - what the files of this folder share. Not for other folders. */
#pragma once

#include <string.h>

#include "door/desk.h"
#include "http/events.h"

extern const Endpoint opal_job_create, opal_job_list, opal_job_get, opal_job_process,
    opal_job_cancel, opal_job_events, opal_job_export, opal_export_get, opal_item_get,
    opal_item_link;
extern const Endpoint opal_upload_link, opal_upload_complete;
extern const Endpoint opal_brand_create, opal_brand_list, opal_brand_get, opal_brand_change,
    opal_brand_delete;
extern const Endpoint opal_batch_create, opal_batch_csv, opal_batch_list, opal_batch_get,
    opal_batch_cancel, opal_batch_events, opal_batch_export;
extern const Endpoint opal_quota_get;
extern const Endpoint opal_tenant_create, opal_tenant_list, opal_tenant_get, opal_tenant_quota;

/* ---- what an item says of itself: one picture ---- */

typedef struct OpalItem {
    const char *item_id, *job_id, *filename, *product_id, *source_url;
    int64_t scene_index;
    const char *scene_type, *scene_prompt;
    int status;
    double progress;
    const char *step, *error_code, *error_message, *output_url;
    int64_t width, height, bytes;
    double cost_usd;
    int64_t created_at, completed_at;
} OpalItem;

extern const Field OpalItem_fields[];
extern const Shape opal_item_shape;

/* Texts live as long as RUN. */
MUST Err *opal_item_fill(Call *call, const Run *run, OpalItem *ret);

/* The run ITEM_ID, which must be of JOB_ID and of the tenant that CALL acts for (TENANT_ID is what the request names). NOT_FOUND. */
typedef struct OpalItemName {
    const char *tenant_id, *job_id, *item_id;
} OpalItemName;
MUST Err *opal_run_find(Call *call, const OpalItemName *name, Run *ret);

/* All items of a project, in order; in the call's arena. */
MUST Err *opal_items_fill(Call *call, const Project *project, List *ret);

/* ---- projects of both kinds ---- */

/* The project PROJECT_ID, which is a KIND; NOT_FOUND for another kind. */
MUST Err *opal_project_find(
    Call *call, const char *tenant_id, const char *project_id, ProjectKind kind, Project *ret);

typedef struct OpalPageIn {
    const char *tenant_id, *before;
    int64_t limit;
} OpalPageIn;

extern const Field OpalPageIn_fields[];

/* A page of projects (List of Project), newest first, and the header that leads to the next. */
MUST Err *opal_project_page(Call *call, const OpalPageIn *in, ProjectKind kind, List *ret);

/* Begin a project of KIND for TENANT_ID; starts it when it is a batch. */
typedef struct OpalWish {
    const char *tenant_id, *brand_id, *name;
    ProjectKind kind;
    List photos; /* PhotoWish */
} OpalWish;
MUST Err *opal_project_begin(Call *call, const OpalWish *wish, Project *ret, List *ret_runs);

/* Answer CALL with the events of a project. */
MUST Err *opal_project_events(Call *call, const char *tenant_id, const char *project_id);

/* ---- ZIPs ---- */

typedef struct OpalExport {
    const char *export_id, *job_id;
    int status;
    int64_t pictures, bytes;
    const char *download_url, *error_message;
    int64_t created_at;
} OpalExport;

extern const Field OpalExport_fields[];

MUST Err *
opal_export_begin(Call *call, const char *tenant_id, const char *project_id, OpalExport *ret);

/* ---- the quota's own answer ---- */

/* ERR of a call that was to take from a quota: notes QUOTA on the call when it is QUOTA_EXCEEDED, for the dialect. Gives ERR back. */
MUST Err *opal_quota_noted(Call *call, Err *err, const Quota *quota);

/* FORBIDDEN when there is no image left this month: asked before a job is made, to spare the customer the upload. */
MUST Err *opal_quota_check(Call *call, const char *tenant_id);
