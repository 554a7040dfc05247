/* The OPAL door: its list, and how it says that a month's images are used up. */
#include "door/opal/opal.h"

#include "base/after.h"
#include "base/clock.h"
#include "door/opal/opal_priv.h"

/* The body of 429 as OPAL's document has it. */
typedef struct QuotaExceeded {
    const char *error;
    int64_t quota, used;
    const char *reset_date;
    const char *code, *request_id;
} QuotaExceeded;

static const Field QuotaExceeded_fields[] = {
    {FIELD_TEXT(QuotaExceeded, error), .help = "Monthly quota exceeded"},
    {FIELD_INT(QuotaExceeded, quota), .help = "Images a month"},
    {FIELD_INT(QuotaExceeded, used), .help = "Images made or begun this month"},
    {FIELD_TEXT(QuotaExceeded, reset_date), .help = "Day on which a new month begins",
     .format = "date"},
    {FIELD_TEXT(QuotaExceeded, code), .help = "quota_exceeded"},
    {FIELD_TEXT(QuotaExceeded, request_id), .help = "Name of this request, for support"},
    {FIELD_END},
};

static const Shape quota_exceeded_shape = SHAPE(QuotaExceeded);

Err *opal_quota_noted(Call *call, Err *err, const Quota *quota)
{
    if (err && err_code(err) == ERR_QUOTA_EXCEEDED) {
        Quota *note = arena_take(call_arena(call), sizeof(*note));

        *note = *quota;
        call_note_set(call, note);
    }
    return err;
}

Err *opal_quota_check(Call *call, const char *tenant_id)
{
    const Clerk clerk = desk_clerk(call);
    bool is_begun;
    Quota quota;

    TRY(desk_once_known(call, &is_begun));
    if (is_begun)
        return NULL;
    TRY(office_quota_find(&clerk, tenant_id, &quota));
    if (quota.quota < 0 || quota.remaining > 0)
        return NULL;
    return opal_quota_noted(
        call,
        err_after(
            err_new(ERR_QUOTA_EXCEEDED, "quota of %lld is used up", (long long)quota.quota),
            quota.reset_ms - clock_now_ms()),
        &quota);
}

static Value *body_write(Call *call, const Err *err, Value *problem)
{
    const Quota *quota = call_note(call);

    if (err_code(err) != ERR_QUOTA_EXCEEDED || !quota)
        return problem;
    value_free(problem);
    return shape_write(
        &quota_exceeded_shape, &(QuotaExceeded){
                                   .error = err_text(err),
                                   .quota = quota->quota,
                                   .used = quota->used,
                                   .reset_date = desk_day(call, quota->reset_ms),
                                   .code = err_name(ERR_QUOTA_EXCEEDED),
                                   .request_id = call_id(call),
                               });
}

static const Shape *body_shape(ErrCode code)
{
    return code == ERR_QUOTA_EXCEEDED ? &quota_exceeded_shape : NULL;
}

const FrontDoor opal_door = {
    .name = "opal",
    .title = "Cyclorama: the OPAL API",
    .version = "1.0",
    .about =
        "Turns plain product photos into lifestyle pictures.\n\n"
        "1. `POST /v1/jobs` says which photos will come and what is to be made of them.\n\n"
        "2. `POST /v1/uploads/sas` gives an address; `PUT` the photo there with `x-ms-blob-type: "
        "BlockBlob`.\n\n"
        "3. `POST /v1/uploads/complete` says that it is there.\n\n"
        "4. `POST /v1/jobs/{job_id}/process` starts the work; `GET /v1/jobs/{job_id}` or `/events` "
        "follow it.\n\n"
        "5. `GET /v1/jobs/{job_id}/items/{item_id}/download-sas` gives the picture's address.\n\n"
        "Send your key as `Authorization: Bearer KEY` or `X-API-Key: KEY`. A picture costs 3 "
        "credits ($0.03), set aside when "
        "it is queued and spent when it is made; what fails or is cancelled costs nothing.",
    .endpoints =
        (const Endpoint *const[]){
            &opal_job_create,     &opal_job_list,      &opal_job_get,
            &opal_job_process,    &opal_job_cancel,    &opal_job_events,
            &opal_item_get,       &opal_item_link,     &opal_job_export,
            &opal_export_get,     &opal_upload_link,   &opal_upload_complete,
            &opal_brand_create,   &opal_brand_list,    &opal_brand_get,
            &opal_brand_change,   &opal_brand_delete,  &opal_batch_create,
            &opal_batch_csv,      &opal_batch_list,    &opal_batch_get,
            &opal_batch_cancel,   &opal_batch_events,  &opal_batch_export,
            &opal_quota_get,      &opal_tenant_create, &opal_tenant_list,
            &opal_tenant_get,     &opal_tenant_quota,  &opal_tenant_change,
            &opal_tenant_suspend, &opal_tenant_resume, NULL,
        },
    .dialect = {.body = body_write, .shape = body_shape},
};
