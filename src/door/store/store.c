/* PUT and GET of one object, as granted by the address. */
#include "door/store/store.h"

#include <unistd.h>

#include "door/desk.h"
#include "http/download.h"

enum {
    PHOTO_BYTES_MAX = 256 << 20 /* the grant's own limit is lower */
};

/* The query is the signature's business: it is read whole. */
typedef struct ObjectIn {
    const char *key, *type;
} ObjectIn;

static const HeaderField object_headers[] = {{"type", "Content-Type"}, {NULL, NULL}};

static const Field ObjectIn_fields[] = {
    {FIELD_TEXT(ObjectIn, key), .help = "Name of the object", .max = 512},
    {FIELD_TEXT(ObjectIn, type), .help = "Kind of file", .optional = true, .max = 100},
    {FIELD_END},
};

static const Shelf *shelf_of(const Call *call)
{
    return &desk_of(call)->studio->shelf;
}

static LinkClaim claim_of(Call *call, const char *method, const ObjectIn *in)
{
    return (LinkClaim){
        .method = method,
        .key = in->key,
        .query = call_query_text(call),
        .type = in->type,
        .cancel = call_cancel(call),
    };
}

static MUST Err *put_write(void *context, const void *bytes, size_t size)
{
    return link_put_add(context, bytes, size);
}

static void put_free(void *context)
{
    link_put_free(context);
}

OPENER(object_open, ObjectIn);
HANDLER(object_put, ObjectIn, void);

static const Endpoint object_put_endpoint = {
    .method = PUT,
    .kind = ENDPOINT_UPLOAD,
    .path = STORE_PATH "/{key*}",
    .id = "store_put",
    .summary = "Send an object",
    .about = "The address comes from the API that gives it out, signature and all.",
    .tag = "Store",
    .ok = 201,
    .max_bytes = PHOTO_BYTES_MAX,
    .in = SHAPE_OPEN(ObjectIn),
    .headers = object_headers,
    .errors = ERRORS(ERR_GRANT_REFUSED, ERR_CONFLICT, ERR_FILE_TOO_LARGE, ERR_DISK_FULL),
    .open = OPENS(object_open),
    .handle = CALLS(object_put),
};

static Err *object_open(Call *call, const ObjectIn *in, Sink *ret)
{
    const LinkClaim claim = claim_of(call, "PUT", in);
    LinkPut *put;

    TRY(link_put_open(shelf_of(call), &claim, &put));
    *ret = (Sink){put, put_write, put_free};
    return NULL;
}

static Err *object_put(Call *call, const ObjectIn *in, void *out)
{
    const char *etag;

    (void)in;
    (void)out;
    TRY(link_put_end(call_sink(call), call_arena(call), &etag));
    call_header_set(call, "ETag", arena_print(call_arena(call), "\"%s\"", etag));
    return NULL;
}

HANDLER(object_get, ObjectIn, void);

static const Endpoint object_get_endpoint = {
    .method = GET,
    .kind = ENDPOINT_DOWNLOAD,
    .path = STORE_PATH "/{key*}",
    .id = "store_get",
    .summary = "Fetch an object",
    .about = "The address comes from the API that gives it out, signature and all.",
    .tag = "Store",
    .in = SHAPE_OPEN(ObjectIn),
    .headers = object_headers,
    .errors = ERRORS(ERR_GRANT_REFUSED, ERR_NOT_FOUND, ERR_RANGE_WRONG, ERR_PRECONDITION_FAILED),
    .handle = CALLS(object_get),
};

static Err *object_get(Call *call, const ObjectIn *in, void *out)
{
    const LinkClaim claim = claim_of(call, "GET", in);
    LinkGet object;

    (void)out;
    TRY(link_get_open(shelf_of(call), &claim, call_arena(call), &object));
    return call_download(
        call, &(Download){
                  .fd = object.fd,
                  .size = object.bytes,
                  .type = object.type,
                  .etag = object.etag,
                  .changed_ms = object.changed_ms,
                  .filename = object.save_as,
                  .attached = object.save_as != NULL,
                  .cache = "private, max-age=3600, immutable",
              });
}

const FrontDoor store_door = {
    .name = "store",
    .title = "Cyclorama: the store",
    .version = "1.0",
    .about = "Photos are sent to, and pictures fetched from, signed addresses.",
    .endpoints = (const Endpoint *const[]){&object_put_endpoint, &object_get_endpoint, NULL},
};
