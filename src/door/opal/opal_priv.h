/* opal_priv.h - what the files of this folder share. Not for other folders. */
#pragma once

#include <string.h>

#include "base/said.h"
#include "door/desk.h"
#include "http/events.h"
#include "http/said.h"

extern const Endpoint opal_job_create, opal_job_list, opal_job_get, opal_job_process,
    opal_job_cancel, opal_job_events, opal_job_export, opal_export_get, opal_item_get,
    opal_item_link;
extern const Endpoint opal_upload_link, opal_upload_complete;
extern const Endpoint opal_brand_create, opal_brand_list, opal_brand_get, opal_brand_change,
    opal_brand_delete;
extern const Endpoint opal_batch_create, opal_batch_csv, opal_batch_list, opal_batch_get,
    opal_batch_cancel, opal_batch_events, opal_batch_export;
extern const Endpoint opal_quota_get;
extern const Endpoint opal_tenant_create, opal_tenant_list, opal_tenant_get, opal_tenant_quota,
    opal_tenant_change, opal_tenant_suspend, opal_tenant_resume;

/* ---- what an item says of itself: one picture ---- */

typedef struct OpalItem {
    const char *item_id, *job_id, *filename, *product_id, *source_url;
    int64_t scene_index;
    const char *scene_type, *scene_prompt;
    int status;
    double progress;
    const char *step, *error_code, *error_message, *output_url, *thumbnail_url;
    Said *error_said;
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

/* ---- projects of both kinds ---- */

/* A job or a batch: the same, but for the name of its id and the words for its states. */
typedef struct OpalProject {
    const char *id, *tenant_id, *name, *brand_profile_id;
    int status;
    int64_t total_items, completed_items, failed_items, cancelled_items;
    int64_t created_at, completed_at;
    List items;
} OpalProject;

#define OPAL_PROJECT_FIELDS(id_, help_, states_) \
    {FIELD_TEXT(OpalProject, id), .name = (id_), .help = (help_)}, \
        {FIELD_TEXT(OpalProject, tenant_id), .help = "Whose it is"}, \
        {FIELD_TEXT(OpalProject, name), .help = "What you call it", .nullable = true}, \
        {FIELD_TEXT(OpalProject, brand_profile_id), .help = "Brand whose look it has", \
         .nullable = true}, \
        {FIELD_NAME(OpalProject, status, states_), .help = "How far it is"}, \
        {FIELD_INT(OpalProject, total_items), .help = "Pictures to be made"}, \
        {FIELD_INT(OpalProject, completed_items), .help = "Pictures that are there"}, \
        {FIELD_INT(OpalProject, failed_items), .help = "Pictures that could not be made"}, \
        {FIELD_INT(OpalProject, cancelled_items), .help = "Pictures that were cancelled"}, \
        {FIELD_TIME(OpalProject, created_at), .help = "When it was made"}, \
        {FIELD_TIME(OpalProject, completed_at), .help = "When it ended", .nullable = true},

#define OPAL_PROJECT_ITEMS \
    {FIELD_LIST(OpalProject, items, &opal_item_shape), .help = "One for each picture"},

/* A project that is asked for, and which of its items. */
typedef struct OpalProjectIn {
    const char *id, *tenant_id, *after;
    int64_t limit;
} OpalProjectIn;

#define OPAL_PROJECT_IN_FIELDS(id_, help_) \
    {FIELD_TEXT(OpalProjectIn, id), .name = (id_), .help = (help_), .max = 64}, \
        {FIELD_TEXT(OpalProjectIn, tenant_id), .help = "Whose it is; your own if left out", \
         .optional = true, .max = 64},

#define OPAL_PROJECT_PAGE_FIELDS \
    {FIELD_TEXT(OpalProjectIn, after), .help = "Go on with the items after this one", \
     .optional = true, .max = 64}, \
        {FIELD_INT(OpalProjectIn, limit), .help = "How many items at most; 0 for none", \
         .preset = "5000", .max = RUN_PROJECT_MOST},

#define OPAL_PROJECT_PAGE_ABOUT \
    "All items are told unless `limit` says how many; when there are more, the header `Link` " \
    "says " \
    "where. With `limit=0` only the counts are told, which is what to ask for again and again."

/* The project without its items; texts are PROJECT's. */
OpalProject opal_project_out(const Project *project);

/* With those items that IN asks for, in order, and the header that leads to the next; all when IN is NULL. In the call's arena. */
MUST Err *
opal_project_whole(Call *call, const Project *project, const OpalProjectIn *in, OpalProject *ret);

/* What is to be sent with a job, and to be fetched for a batch: INPUT_MISSING, INPUT_INVALID name the photo and the field. */
MUST Err *opal_photos_check(ProjectKind kind, const List *photos);

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

/* ---- ZIPs ---- */

typedef struct OpalExport {
    const char *export_id, *job_id;
    int status;
    int64_t pictures, bytes;
    const char *download_url, *error_message;
    Said *error_said;
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
