/* Uploads: an address to PUT a photo to, and the word that it is there. */
#include "door/opal/opal_priv.h"

typedef struct UploadIn {
    const char *tenant_id, *job_id, *item_id, *filename;
} UploadIn;

static const Field UploadIn_fields[] = {
    {FIELD_TEXT(UploadIn, tenant_id), .help = "Whose it is; your own if left out", .optional = true,
     .nullable = true, .max = 64},
    {FIELD_TEXT(UploadIn, job_id), .help = "Name of the job", .max = 64},
    {FIELD_TEXT(UploadIn, item_id), .help = "Name of the item whose photo it is", .max = 64},
    {FIELD_TEXT(UploadIn, filename), .help = "Name of the photo, as in the job", .optional = true,
     .nullable = true, .max = 255},
    {FIELD_END},
};

typedef struct UploadLink {
    const char *upload_url, *method;
    const Value *headers;
    int64_t expires_at;
} UploadLink;

static const Field UploadLink_fields[] = {
    {FIELD_TEXT(UploadLink, upload_url), .help = "Where to send the photo", .format = "uri"},
    {FIELD_TEXT(UploadLink, method), .help = "How: PUT"},
    {FIELD_MAP(UploadLink, headers), .help = "Headers to send with it"},
    {FIELD_TIME(UploadLink, expires_at), .help = "Until when it is good"},
    {FIELD_END},
};

HANDLER(upload_link, UploadIn, UploadLink);

const Endpoint opal_upload_link = {
    .method = POST,
    .path = "/v1/uploads/sas",
    .id = "opal_upload_link",
    .summary = "Get an address to send a photo to",
    .about = "`PUT` the photo's bytes there with the header `x-ms-blob-type: BlockBlob`; no key is "
             "needed. The address takes one "
             "photo, and may be used again until the upload is marked complete. Items of one photo "
             "in several scenes share "
             "it: send it once.",
    .tag = "Uploads",
    .scope = "uploads:write",
    .in = SHAPE(UploadIn),
    .out = SHAPE(UploadLink),
    .errors = ERRORS(ERR_NOT_FOUND, ERR_CONFLICT),
    .handle = CALLS(upload_link),
};

static void headers_end(void *headers)
{
    value_free(headers);
}

static Err *upload_link(Call *call, const UploadIn *in, UploadLink *out)
{
    Value *headers = value_object();
    Run run;
    Link link;

    arena_keep(call_arena(call), headers_end, headers);
    out->headers = headers;
    TRY(opal_run_find(call, &(OpalItemName){in->tenant_id, in->job_id, in->item_id}, &run));
    TRY(run_upload_link(desk_of(call)->studio, run.tenant_id, run.id, call_arena(call), &link));
    for (const NetHeader *header = link.headers; header && header->name; header++)
        value_set(headers, header->name, value_of_text(header->value));
    out->upload_url = link.url;
    out->method = link.method;
    out->expires_at = link.until_ms;
    return NULL;
}

HANDLER(upload_complete, UploadIn, OpalItem);

const Endpoint opal_upload_complete = {
    .method = POST,
    .path = "/v1/uploads/complete",
    .id = "opal_upload_complete",
    .summary = "Say that a photo was sent",
    .about = "The photo is looked at now: one that is damaged, too large or of a kind we do not "
             "take is refused here, and a better one "
             "may be sent to the same address.",
    .tag = "Uploads",
    .scope = "uploads:write",
    .in = SHAPE(UploadIn),
    .out = SHAPE(OpalItem),
    .errors = ERRORS(
        ERR_NOT_FOUND, ERR_CONFLICT, ERR_IMAGE_UNREADABLE, ERR_IMAGE_UNSUPPORTED,
        ERR_IMAGE_TOO_LARGE, ERR_FILE_TOO_LARGE),
    .handle = CALLS(upload_complete),
};

static Err *upload_complete(Call *call, const UploadIn *in, OpalItem *out)
{
    Run run;

    TRY(opal_run_find(call, &(OpalItemName){in->tenant_id, in->job_id, in->item_id}, &run));
    TRY(run_upload_done(
        desk_of(call)->studio, run.tenant_id, run.id, call_cancel(call), call_arena(call), &run));
    return opal_item_fill(call, &run, out);
}
