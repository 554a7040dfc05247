/* Jobs: photos that the customer sends, and the pictures made of them. */
#include "door/follow.h"
#include "door/opal/opal_priv.h"

typedef OpalProject JobOut;
typedef OpalProject JobBrief;

static const Field JobOut_fields[] = {
    OPAL_PROJECT_FIELDS("job_id", "Name of the job", project_state_names)
        OPAL_PROJECT_ITEMS{FIELD_END},
};
static const Field JobBrief_fields[] = {
    OPAL_PROJECT_FIELDS("job_id", "Name of the job", project_state_names){FIELD_END},
};

typedef struct JobIn {
    const char *tenant_id, *brand_profile_id, *name;
    List items;
} JobIn;

static const Field JobIn_fields[] = {
    {FIELD_TEXT(JobIn, tenant_id), .help = "Whose it is; your own if left out", .optional = true,
     .nullable = true, .max = 64},
    {FIELD_TEXT(JobIn, brand_profile_id), .help = "Brand whose look it is to have",
     .optional = true, .nullable = true, .max = 64},
    {FIELD_TEXT(JobIn, name), .help = "What you call it", .optional = true, .nullable = true,
     .max = 200},
    {FIELD_LIST(JobIn, items, &photo_wish_shape), .help = "The photos that will come", .min = 1,
     .max = RUN_PROJECT_MOST},
    {FIELD_END},
};

HANDLER(job_create, JobIn, JobOut);

const Endpoint opal_job_create = {
    .method = POST,
    .path = "/v1/jobs",
    .id = "opal_job_create",
    .summary = "Say which photos will come and what is to be made of them",
    .about = "Each item is one photo. With `scene_count` or `scene_types` it becomes as many items "
             "as scenes, all of one photo. "
             "`scene_prompt` is a scene in your own words, and goes before all else. A scene type "
             "is tuned by the brand's words; without either the brand's own scene is taken, else "
             "the house's.",
    .tag = "Jobs",
    .scope = "jobs:write",
    .ok = 201,
    .max_bytes = 8 << 20,
    .in = SHAPE(JobIn),
    .out = SHAPE(JobOut),
    .errors = ERRORS(ERR_NOT_FOUND, ERR_QUOTA_EXCEEDED),
    .retried = true,
    .handle = CALLS(job_create),
};

static Err *job_create(Call *call, const JobIn *in, JobOut *out)
{
    const char *tenant_id;
    Project project;
    List runs;

    TRY(desk_tenant(call, in->tenant_id, &tenant_id));
    TRY(opal_photos_check(PROJECT_JOB, &in->items));
    TRY(opal_quota_check(call, tenant_id));
    TRY(opal_project_begin(
        call, &(OpalWish){tenant_id, in->brand_profile_id, in->name, PROJECT_JOB, in->items},
        &project, &runs));
    return opal_project_whole(call, &project, NULL, out);
}

typedef struct JobList {
    List jobs;
} JobList;

static const Shape job_brief_shape = SHAPE(JobBrief);

static const Field JobList_fields[] = {
    {FIELD_LIST(JobList, jobs, &job_brief_shape),
     .help = "Jobs, newest first, without their items"},
    {FIELD_END},
};

HANDLER(job_list, OpalPageIn, JobList);

const Endpoint opal_job_list = {
    .method = GET,
    .path = "/v1/jobs",
    .id = "opal_job_list",
    .summary = "List jobs",
    .about = "When there are more, the header `Link` says where.",
    .tag = "Jobs",
    .scope = "jobs:read",
    .in = SHAPE(OpalPageIn),
    .out = SHAPE(JobList),
    .handle = CALLS(job_list),
};

static Err *job_list(Call *call, const OpalPageIn *in, JobList *out)
{
    List projects;

    TRY(opal_project_page(call, in, PROJECT_JOB, &projects));
    JobBrief *jobs = ARENA_ARRAY(call_arena(call), JobBrief, projects.count);
    for (size_t i = 0; i < projects.count; i++)
        jobs[i] = opal_project_out(&((const Project *)projects.items)[i]);
    out->jobs = (List){jobs, projects.count};
    return NULL;
}

typedef OpalProjectIn JobNamed;
typedef OpalProjectIn JobGetIn;

static const Field JobNamed_fields[] = {
    OPAL_PROJECT_IN_FIELDS("job_id", "Name of the job"){FIELD_END},
};
static const Field JobGetIn_fields[] = {
    OPAL_PROJECT_IN_FIELDS("job_id", "Name of the job") OPAL_PROJECT_PAGE_FIELDS{FIELD_END},
};

static MUST Err *job_find(Call *call, const OpalProjectIn *in, Project *ret)
{
    const char *tenant_id;

    TRY(desk_tenant(call, in->tenant_id, &tenant_id));
    return opal_project_find(call, tenant_id, in->id, PROJECT_JOB, ret);
}

HANDLER(job_get, JobGetIn, JobOut);

const Endpoint opal_job_get = {
    .method = GET,
    .path = "/v1/jobs/{job_id}",
    .id = "opal_job_get",
    .summary = "See how a job is doing",
    .about = OPAL_PROJECT_PAGE_ABOUT,
    .tag = "Jobs",
    .scope = "jobs:read",
    .in = SHAPE(JobGetIn),
    .out = SHAPE(JobOut),
    .errors = ERRORS(ERR_NOT_FOUND),
    .handle = CALLS(job_get),
};

static Err *job_get(Call *call, const JobGetIn *in, JobOut *out)
{
    Project project;

    TRY(job_find(call, in, &project));
    return opal_project_whole(call, &project, in, out);
}

HANDLER(job_process, JobNamed, JobOut);

const Endpoint opal_job_process = {
    .method = POST,
    .path = "/v1/jobs/{job_id}/process",
    .id = "opal_job_process",
    .summary = "Start the work on all photos that have come",
    .about = "All of it is counted, its credits are set aside and it is queued at once, or none of "
             "it. Ask again to start what came later.",
    .tag = "Jobs",
    .scope = "jobs:write",
    .ok = 202,
    .in = SHAPE(JobNamed),
    .out = SHAPE(JobOut),
    .errors = ERRORS(ERR_NOT_FOUND, ERR_CONFLICT, ERR_QUOTA_EXCEEDED, ERR_CREDITS_SPENT),
    .retried = true,
    .handle = CALLS(job_process),
};

static Err *job_process(Call *call, const JobNamed *in, JobOut *out)
{
    Quota quota = {0};
    int64_t started;
    Project project;

    TRY(job_find(call, in, &project));
    TRY(opal_quota_noted(
        call,
        run_start(
            desk_of(call)->studio, project.tenant_id, project.id, call_arena(call), &project,
            &started, &quota),
        &quota));
    return opal_project_whole(call, &project, NULL, out);
}

HANDLER(job_cancel_handle, JobNamed, JobOut);

const Endpoint opal_job_cancel = {
    .method = DELETE,
    .path = "/v1/jobs/{job_id}",
    .id = "opal_job_cancel",
    .summary = "Cancel a job",
    .about = "What waits is forgotten and its credits are given back; what is being worked on "
             "stops soon. Pictures that are there stay.",
    .tag = "Jobs",
    .scope = "jobs:write",
    .in = SHAPE(JobNamed),
    .out = SHAPE(JobOut),
    .errors = ERRORS(ERR_NOT_FOUND),
    .handle = CALLS(job_cancel_handle),
};

static Err *job_cancel_handle(Call *call, const JobNamed *in, JobOut *out)
{
    Project project;

    TRY(job_find(call, in, &project));
    TRY(project_cancel(
        desk_of(call)->studio, project.tenant_id, project.id, call_arena(call), &project));
    return opal_project_whole(call, &project, NULL, out);
}

HANDLER(job_events, JobNamed, void);

const Endpoint opal_job_events = {
    .method = GET,
    .kind = ENDPOINT_EVENTS,
    .path = "/v1/jobs/{job_id}/events",
    .id = "opal_job_events",
    .summary = "Follow a job as it happens",
    .about = "Server-sent events: `run.queued`, `run.progress`, `run.completed`, `run.failed`, "
             "`run.cancelled`, and "
             "`project.completed` at the end. Send `Last-Event-ID` to go on where you were.",
    .tag = "Jobs",
    .scope = "jobs:read",
    .in = SHAPE(JobNamed),
    .errors = ERRORS(ERR_NOT_FOUND),
    .handle = CALLS(job_events),
};

static Err *job_events(Call *call, const JobNamed *in, void *out)
{
    Project project;

    (void)out;
    TRY(job_find(call, in, &project));
    return follow_project(
        call, &(Following){.tenant_id = project.tenant_id, .project_id = project.id});
}

HANDLER(job_export, JobNamed, OpalExport);

const Endpoint opal_job_export = {
    .method = POST,
    .path = "/v1/jobs/{job_id}/exports",
    .id = "opal_job_export",
    .summary = "Have a ZIP made of all pictures of a job",
    .tag = "Jobs",
    .scope = "jobs:read",
    .ok = 202,
    .in = SHAPE(JobNamed),
    .out = SHAPE(OpalExport),
    .errors = ERRORS(ERR_NOT_FOUND, ERR_CONFLICT),
    .retried = true,
    .handle = CALLS(job_export),
};

static Err *job_export(Call *call, const JobNamed *in, OpalExport *out)
{
    Project project;

    TRY(job_find(call, in, &project));
    return opal_export_begin(call, project.tenant_id, project.id, out);
}
