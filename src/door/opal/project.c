/* What jobs and batches share: finding, pages, events, ZIPs. */
#include "base/hash.h"
#include "door/opal/opal_priv.h"

Err *opal_project_find(
    Call *call, const char *tenant_id, const char *project_id, ProjectKind kind, Project *ret)
{
    TRY(project_find(&desk_of(call)->studio->shelf, tenant_id, project_id, call_arena(call), ret));
    if (ret->kind != (int)kind || strcmp(ret->door, "opal") != 0)
        return err_new(ERR_NOT_FOUND, "'%s' is no %s", project_id, project_kind_names[kind]);
    return NULL;
}

_Static_assert(RUN_PROJECT_MOST == 5000, "the preset of OPAL_PROJECT_PAGE_FIELDS");

OpalProject opal_project_out(const Project *project)
{
    return (OpalProject){
        .id = project->id,
        .tenant_id = project->tenant_id,
        .name = project->name && *project->name ? project->name : NULL,
        .brand_profile_id = project->brand_id,
        .status = project->state,
        .total_items = project->total,
        .completed_items = project->completed,
        .failed_items = project->failed,
        .cancelled_items = project->cancelled,
        .created_at = project->created_ms,
        .completed_at = project->ended_ms,
    };
}

/* Where the item AFTER stands in PROJECT; -1, before the first, for none. */
static MUST Err *
item_place(Call *call, const Project *project, const char *after, int64_t *ret_position)
{
    Run run = {.position = -1};

    if (after)
        TRY(opal_run_find(call, &(OpalItemName){project->tenant_id, project->id, after}, &run));
    *ret_position = run.position;
    return NULL;
}

Err *opal_project_whole(
    Call *call, const Project *project, const OpalProjectIn *in, OpalProject *ret)
{
    Arena *mem = call_arena(call);
    int64_t limit = in ? in->limit : RUN_PROJECT_MOST, after;
    List runs = {0};

    TRY(item_place(call, project, in ? in->after : NULL, &after));
    if (limit)
        TRY(run_list(
            desk_of(call)->studio,
            &(RunQuery){
                .tenant_id = project->tenant_id,
                .project_id = project->id,
                .after = after,
                .limit = limit},
            mem, &runs));

    OpalItem *items = ARENA_ARRAY(mem, OpalItem, runs.count);
    for (size_t i = 0; i < runs.count; i++)
        TRY(opal_item_fill(call, &((const Run *)runs.items)[i], &items[i]));
    *ret = opal_project_out(project);
    ret->items = (List){items, runs.count};
    if (runs.count && ((const Run *)runs.items)[runs.count - 1].position + 1 < project->total)
        desk_next_page(call, "after", items[runs.count - 1].item_id, limit);
    return NULL;
}

Err *opal_photos_check(ProjectKind kind, const List *photos)
{
    static const struct {
        ProjectKind kind;
        const char *field;
        size_t at;
        bool is_wanted; /* or must not be there */
        ErrCode code;
        const char *words;
    } rules[] = {
        {PROJECT_JOB, "source_url", offsetof(PhotoWish, source_url), false, ERR_INPUT_INVALID,
         "A job's photos are sent by you. Use /v1/batch-jobs to have them fetched."},
        {PROJECT_JOB, "filename", offsetof(PhotoWish, filename), true, ERR_INPUT_MISSING,
         "filename is missing: say what the photo is called."},
        {PROJECT_BATCH, "source_url", offsetof(PhotoWish, source_url), true, ERR_INPUT_MISSING,
         "source_url is missing: say where the photo is."},
    };

    for (size_t i = 0; i < photos->count; i++)
        for (size_t j = 0; j < COUNT(rules); j++) {
            const char *photo = (const char *)&((const PhotoWish *)photos->items)[i], *text;

            memcpy(&text, photo + rules[j].at, sizeof(text));
            if (rules[j].kind != kind || (text != NULL) == rules[j].is_wanted)
                continue;
            return err_field(
                err_public(
                    err_new(
                        rules[j].code, "item %s %s", rules[j].is_wanted ? "without" : "with",
                        rules[j].field),
                    "%s", rules[j].words),
                "/items/%zu/%s", i, rules[j].field);
        }
    return NULL;
}

const Field OpalPageIn_fields[] = {
    {FIELD_TEXT(OpalPageIn, tenant_id), .help = "Whose; your own if left out", .optional = true,
     .max = 64},
    {FIELD_TEXT(OpalPageIn, before), .help = "Go on with those older than this one",
     .optional = true, .max = 64},
    {FIELD_INT(OpalPageIn, limit), .help = "How many at most", .preset = "50", .min = 1,
     .max = 1000},
    {FIELD_END},
};

Err *opal_project_page(Call *call, const OpalPageIn *in, ProjectKind kind, List *ret)
{
    const char *tenant_id;

    TRY(desk_tenant(call, in->tenant_id, &tenant_id));
    TRY(project_list(
        &desk_of(call)->studio->shelf,
        &(ProjectQuery){
            .tenant_id = tenant_id,
            .door = "opal",
            .kind = kind,
            .before = in->before,
            .limit = in->limit + 1},
        call_arena(call), ret));
    if (ret->count > (size_t)in->limit) {
        ret->count = (size_t)in->limit;
        desk_next_page(call, "before", ((const Project *)ret->items)[ret->count - 1].id, in->limit);
    }
    return NULL;
}

Err *opal_project_begin(Call *call, const OpalWish *wish, Project *ret, List *ret_runs)
{
    Quota quota = {0};
    Err *err = project_begin(
        desk_of(call)->studio,
        &(ProjectWish){
            .tenant_id = wish->tenant_id,
            .door = "opal",
            .name = wish->name,
            .brand_id = wish->brand_id,
            .kind = wish->kind,
            .photos = wish->photos.items,
            .photo_count = wish->photos.count,
            .is_started = wish->kind == PROJECT_BATCH,
            .once = desk_once(call),
        },
        call_arena(call), ret, ret_runs, &quota);

    if (err && err_where(err) && strcmp(err_where(err), "/brand_id") == 0)
        err = err_field(err, "/brand_profile_id");
    return opal_quota_noted(call, err, &quota);
}

/* ---- ZIPs ---- */

const Field OpalExport_fields[] = {
    {FIELD_TEXT(OpalExport, export_id), .help = "Name of the ZIP"},
    {FIELD_TEXT(OpalExport, job_id), .help = "Job or batch whose pictures are in it"},
    {FIELD_NAME(OpalExport, status, export_state_names), .help = "How far it is"},
    {FIELD_INT(OpalExport, pictures), .help = "How many pictures are in it"},
    {FIELD_INT(OpalExport, bytes), .help = "Its size"},
    {FIELD_TEXT(OpalExport, download_url), .help = "Its address once it is ready, good for an hour",
     .format = "uri", .nullable = true},
    {FIELD_TEXT(OpalExport, error_message), .help = "Why it could not be made", .nullable = true},
    {FIELD_MAYBE(OpalExport, error_said, Said, &said_shape), .help = "The same for translators",
     .omit = true},
    {FIELD_TIME(OpalExport, created_at), .help = "When it was asked for"},
    {FIELD_END},
};

static MUST Err *
export_fill(Call *call, const char *tenant_id, const Export *export, OpalExport *ret)
{
    Link link = {0};

    if (export->state == EXPORT_READY)
        TRY(export_link(desk_of(call)->studio, tenant_id, export->id, call_arena(call), &link));
    *ret = (OpalExport){
        .export_id = export->id,
        .job_id = export->project_id,
        .status = export->state,
        .pictures = export->pictures,
        .bytes = export->bytes,
        .download_url = link.url,
        .error_message = said_plain(export->error_text, call_arena(call)),
        .error_said = said_of(export->error_text, call_arena(call)),
        .created_at = export->created_ms,
    };
    return NULL;
}

Err *opal_export_begin(Call *call, const char *tenant_id, const char *project_id, OpalExport *ret)
{
    Export export;

    TRY(export_begin(desk_of(call)->studio, tenant_id, project_id, call_arena(call), &export));
    return export_fill(call, tenant_id, &export, ret);
}

typedef struct ExportIn {
    const char *export_id, *tenant_id;
} ExportIn;

static const Field ExportIn_fields[] = {
    {FIELD_TEXT(ExportIn, export_id), .help = "Name of the ZIP", .max = 64},
    {FIELD_TEXT(ExportIn, tenant_id), .help = "Whose it is; your own if left out", .optional = true,
     .max = 64},
    {FIELD_END},
};

HANDLER(export_get, ExportIn, OpalExport);

const Endpoint opal_export_get = {
    .method = GET,
    .path = "/v1/exports/{export_id}",
    .id = "opal_export_get",
    .summary = "See whether a ZIP is ready, and where",
    .tag = "Jobs",
    .scope = "jobs:read",
    .in = SHAPE(ExportIn),
    .out = SHAPE(OpalExport),
    .errors = ERRORS(ERR_NOT_FOUND),
    .handle = CALLS(export_get),
};

static Err *export_get(Call *call, const ExportIn *in, OpalExport *out)
{
    const char *tenant_id;
    Export export;

    TRY(desk_tenant(call, in->tenant_id, &tenant_id));
    TRY(export_find(desk_of(call)->studio, tenant_id, in->export_id, call_arena(call), &export));
    return export_fill(call, tenant_id, &export, out);
}
