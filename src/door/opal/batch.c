/* Batches: photos that we fetch, by a list of addresses or a CSV file. */
#include "door/follow.h"
#include "door/opal/opal_priv.h"
#include "door/table.h"

enum {
    CSV_BYTES_MAX = 8 << 20
};

/* OPAL's words for the states of a batch. */
static const char *const status_names[] = {
    [PROJECT_CREATED] = "uploading",   [PROJECT_PROCESSING] = "processing",
    [PROJECT_COMPLETED] = "completed", [PROJECT_FAILED] = "failed",
    [PROJECT_CANCELLED] = "cancelled", NULL,
};

#define BATCH_OUT_FIELDS \
    OPAL_PROJECT_FIELDS( \
        "batch_job_id", "Name of the batch; also the job_id of its items", status_names)

typedef OpalProject BatchOut;
typedef OpalProject BatchBrief;

static const Field BatchOut_fields[] = {BATCH_OUT_FIELDS OPAL_PROJECT_ITEMS{FIELD_END}};
static const Field BatchBrief_fields[] = {BATCH_OUT_FIELDS{FIELD_END}};

typedef struct BatchIn {
    const char *tenant_id, *brand_profile_id, *name;
    List items;
} BatchIn;

#define BATCH_IN_FIELDS \
    {FIELD_TEXT(BatchIn, tenant_id), .help = "Whose it is; your own if left out", \
     .optional = true, .nullable = true, .max = 64}, \
        {FIELD_TEXT(BatchIn, brand_profile_id), .help = "Brand whose look it is to have", \
         .optional = true, .nullable = true, .max = 64}, \
    { \
        FIELD_TEXT(BatchIn, name), .help = "What you call it", .optional = true, .nullable = true, \
                                   .max = 200 \
    }

static const Field BatchIn_fields[] = {
    BATCH_IN_FIELDS,
    {FIELD_LIST(BatchIn, items, &photo_wish_shape), .help = "Where the photos are", .min = 1,
     .max = RUN_PROJECT_MOST},
    {FIELD_END},
};
static const Field BatchCsvIn_fields[] = {BATCH_IN_FIELDS, {FIELD_END}};

static MUST Err *batch_begin(Call *call, const BatchIn *in, const List *items, BatchOut *ret)
{
    const char *tenant_id;
    Project project;
    List runs;

    TRY(desk_tenant(call, in->tenant_id, &tenant_id));
    TRY(opal_photos_check(PROJECT_BATCH, items));
    TRY(opal_project_begin(
        call, &(OpalWish){tenant_id, in->brand_profile_id, in->name, PROJECT_BATCH, *items},
        &project, &runs));
    return opal_project_whole(call, &project, NULL, ret);
}

HANDLER(batch_create, BatchIn, BatchOut);

const Endpoint opal_batch_create = {
    .method = POST,
    .path = "/v1/batch-jobs",
    .id = "opal_batch_create",
    .summary = "Have photos fetched and pictures made of them",
    .about = "Starts at once; addresses must be public. All of it is accepted, or none.",
    .tag = "Batches",
    .scope = "batches:write",
    .ok = 202,
    .max_bytes = CSV_BYTES_MAX,
    .in = SHAPE(BatchIn),
    .out = SHAPE(BatchOut),
    .errors = ERRORS(ERR_NOT_FOUND, ERR_QUOTA_EXCEEDED, ERR_CREDITS_SPENT),
    .retried = true,
    .handle = CALLS(batch_create),
};

static Err *batch_create(Call *call, const BatchIn *in, BatchOut *out)
{
    return batch_begin(call, in, &in->items, out);
}

/* ---- the same by a CSV file ---- */

OPENER(csv_open, BatchIn);
HANDLER(batch_csv, BatchIn, BatchOut);

const Endpoint opal_batch_csv = {
    .method = POST,
    .kind = ENDPOINT_UPLOAD,
    .path = "/v1/batch-jobs/csv",
    .id = "opal_batch_csv",
    .summary = "The same, by a CSV file",
    .about = "A line with the names of the columns (source_url, filename, scene_prompt, "
             "scene_type, product_id; only the first is needed), then "
             "one line a photo.",
    .tag = "Batches",
    .scope = "batches:write",
    .ok = 202,
    .max_bytes = CSV_BYTES_MAX,
    .types = (const char *const[]){"text/csv", NULL},
    .in = {"BatchCsvIn", sizeof(BatchIn), BatchCsvIn_fields},
    .out = SHAPE(BatchOut),
    .errors = ERRORS(ERR_NOT_FOUND, ERR_QUOTA_EXCEEDED, ERR_CREDITS_SPENT),
    .retried = true,
    .open = OPENS(csv_open),
    .handle = CALLS(batch_csv),
};

static Err *csv_open(Call *call, const BatchIn *in, Sink *ret)
{
    (void)call;
    (void)in;
    return table_open(CSV_BYTES_MAX, ret);
}

static Err *batch_csv(Call *call, const BatchIn *in, BatchOut *out)
{
    const Buf *text = table_text(call);
    List items;

    TRY(wishes_read_csv(buf_text(text), text->size, call_arena(call), &items));
    return batch_begin(call, in, &items, out);
}

/* ---- looking after them ---- */

typedef struct BatchList {
    List batch_jobs;
} BatchList;

static const Shape batch_brief_shape = SHAPE(BatchBrief);

static const Field BatchList_fields[] = {
    {FIELD_LIST(BatchList, batch_jobs, &batch_brief_shape),
     .help = "Batches, newest first, without their items"},
    {FIELD_END},
};

HANDLER(batch_list, OpalPageIn, BatchList);

const Endpoint opal_batch_list = {
    .method = GET,
    .path = "/v1/batch-jobs",
    .id = "opal_batch_list",
    .summary = "List batches",
    .about = "When there are more, the header `Link` says where.",
    .tag = "Batches",
    .scope = "batches:read",
    .in = SHAPE(OpalPageIn),
    .out = SHAPE(BatchList),
    .handle = CALLS(batch_list),
};

static Err *batch_list(Call *call, const OpalPageIn *in, BatchList *out)
{
    List projects;

    TRY(opal_project_page(call, in, PROJECT_BATCH, &projects));
    BatchBrief *batches = ARENA_ARRAY(call_arena(call), BatchBrief, projects.count);
    for (size_t i = 0; i < projects.count; i++)
        batches[i] = opal_project_out(&((const Project *)projects.items)[i]);
    out->batch_jobs = (List){batches, projects.count};
    return NULL;
}

typedef OpalProjectIn BatchNamed;
typedef OpalProjectIn BatchGetIn;

static const Field BatchNamed_fields[] = {
    OPAL_PROJECT_IN_FIELDS("id", "Name of the batch"){FIELD_END},
};
static const Field BatchGetIn_fields[] = {
    OPAL_PROJECT_IN_FIELDS("id", "Name of the batch") OPAL_PROJECT_PAGE_FIELDS{FIELD_END},
};

static MUST Err *batch_find(Call *call, const OpalProjectIn *in, Project *ret)
{
    const char *tenant_id;

    TRY(desk_tenant(call, in->tenant_id, &tenant_id));
    return opal_project_find(call, tenant_id, in->id, PROJECT_BATCH, ret);
}

HANDLER(batch_get, BatchGetIn, BatchOut);

const Endpoint opal_batch_get = {
    .method = GET,
    .path = "/v1/batch-jobs/{id}",
    .id = "opal_batch_get",
    .summary = "See how a batch is doing",
    .about = OPAL_PROJECT_PAGE_ABOUT,
    .tag = "Batches",
    .scope = "batches:read",
    .in = SHAPE(BatchGetIn),
    .out = SHAPE(BatchOut),
    .errors = ERRORS(ERR_NOT_FOUND),
    .handle = CALLS(batch_get),
};

static Err *batch_get(Call *call, const BatchGetIn *in, BatchOut *out)
{
    Project project;

    TRY(batch_find(call, in, &project));
    return opal_project_whole(call, &project, in, out);
}

HANDLER(batch_cancel, BatchNamed, BatchOut);

const Endpoint opal_batch_cancel = {
    .method = POST,
    .path = "/v1/batch-jobs/{id}/cancel",
    .id = "opal_batch_cancel",
    .summary = "Cancel a batch",
    .about = "What waits is forgotten and its credits are given back; what is being worked on "
             "stops soon. Pictures that are there stay.",
    .tag = "Batches",
    .scope = "batches:write",
    .in = SHAPE(BatchNamed),
    .out = SHAPE(BatchOut),
    .errors = ERRORS(ERR_NOT_FOUND),
    .handle = CALLS(batch_cancel),
};

static Err *batch_cancel(Call *call, const BatchNamed *in, BatchOut *out)
{
    Project project;

    TRY(batch_find(call, in, &project));
    TRY(project_cancel(
        desk_of(call)->studio, project.tenant_id, project.id, call_arena(call), &project));
    return opal_project_whole(call, &project, NULL, out);
}

HANDLER(batch_events, BatchNamed, void);

const Endpoint opal_batch_events = {
    .method = GET,
    .kind = ENDPOINT_EVENTS,
    .path = "/v1/batch-jobs/{id}/events",
    .id = "opal_batch_events",
    .summary = "Follow a batch as it happens",
    .about = "As for a job.",
    .tag = "Batches",
    .scope = "batches:read",
    .in = SHAPE(BatchNamed),
    .errors = ERRORS(ERR_NOT_FOUND),
    .handle = CALLS(batch_events),
};

static Err *batch_events(Call *call, const BatchNamed *in, void *out)
{
    Project project;

    (void)out;
    TRY(batch_find(call, in, &project));
    return follow_project(
        call, &(Following){.tenant_id = project.tenant_id, .project_id = project.id});
}

HANDLER(batch_export, BatchNamed, OpalExport);

const Endpoint opal_batch_export = {
    .method = POST,
    .path = "/v1/batch-jobs/{id}/exports",
    .id = "opal_batch_export",
    .summary = "Have a ZIP made of all pictures of a batch",
    .tag = "Batches",
    .scope = "batches:read",
    .ok = 202,
    .in = SHAPE(BatchNamed),
    .out = SHAPE(OpalExport),
    .errors = ERRORS(ERR_NOT_FOUND, ERR_CONFLICT),
    .retried = true,
    .handle = CALLS(batch_export),
};

static Err *batch_export(Call *call, const BatchNamed *in, OpalExport *out)
{
    Project project;

    TRY(batch_find(call, in, &project));
    return opal_export_begin(call, project.tenant_id, project.id, out);
}
