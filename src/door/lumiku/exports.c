/* Exports: pictures taken away as a ZIP, in the forms that shops ask for. */
#include <math.h>
#include <string.h>

#include "door/follow.h"
#include "door/lumiku/lumiku_priv.h"
#include "http/download.h"

enum {
    EXPORTS_PAGE_MOST = 100
};

/* What the rooms below call so has another name here. */
static MUST Err *renamed(Err *err)
{
    const char *where = err ? err_where(err) : NULL;

    if (where && strncmp(where, "/photo_ids/", 11) == 0)
        return err_field(err, "/itemIds/%ld", strtol(where + 11, NULL, 10));
    if (where && strncmp(where, "/run_ids/", 9) == 0)
        return err_field(err, "/variationIds/%ld", strtol(where + 9, NULL, 10));
    return err;
}

/* ---- what it says of itself ---- */

typedef struct ExportWarning {
    const char *message;
    Said *said;
} ExportWarning;

static const Field ExportWarning_fields[] = {
    {FIELD_TEXT(ExportWarning, message), .help = "What a shop will miss, and what to do"},
    {FIELD_MAYBE(ExportWarning, said, Said, &said_shape), .help = "The same for translators"},
    {FIELD_END},
};
static const Shape export_warning_shape = SHAPE(ExportWarning);

typedef struct ExportOut {
    bool success;
    const char *export_id, *project_id, *export_type, *download_url, *error, *error_message;
    int status;
    int64_t progress, files, done, failed, file_size, credit_charged;
    Texts formats, platforms;
    Said *error_said;
    List warnings;
    int64_t created_at, completed_at, expires_at;
} ExportOut;

#define EXPORT_FIELDS \
    {FIELD_TEXT(ExportOut, export_id), .name = "exportId", .help = "Name of the export"}, \
        {FIELD_TEXT(ExportOut, project_id), .name = "projectId", .help = "Its project"}, \
        {FIELD_TEXT(ExportOut, export_type), .name = "exportType", \
         .help = "zip, multi_format or multi_platform"}, \
        {FIELD_NAME(ExportOut, status, pack_state_names), .help = "How it stands"}, \
        {FIELD_INT(ExportOut, progress), .help = "How much is done", .max = 100, .unit = "%"}, \
        {FIELD_INT(ExportOut, files), .help = "How many pictures the ZIP is to hold"}, \
        {FIELD_INT(ExportOut, done), .help = "How many are done"}, \
        {FIELD_INT(ExportOut, failed), \
         .help = "How many of those could not be made; metadata.json says why"}, \
        {FIELD_INT(ExportOut, file_size), .name = "fileSize", .help = "Of the ZIP", \
         .unit = "bytes"}, \
        {FIELD_INT(ExportOut, credit_charged), .name = "creditCharged", \
         .help = "What it costs; 0 when it failed"}, \
        {FIELD_TEXTS(ExportOut, formats), .help = "Kinds of files"}, \
        {FIELD_TEXTS(ExportOut, platforms), .help = "Shops and networks"}, \
        {FIELD_TEXT(ExportOut, download_url), .name = "downloadUrl", \
         .help = "The ZIP, for whoever has the address, until it expires; null until it is there", \
         .format = "uri", .nullable = true}, \
        {FIELD_TEXT(ExportOut, error), .help = "What went wrong, as a name", .nullable = true}, \
        {FIELD_TEXT(ExportOut, error_message), .name = "errorMessage", \
         .help = "What went wrong, and what to do", .nullable = true}, \
        {FIELD_MAYBE(ExportOut, error_said, Said, &said_shape), .name = "errorSaid", \
         .help = "The same for translators", .omit = true}, \
        {FIELD_LIST(ExportOut, warnings, &export_warning_shape), \
         .help = "What shops will miss in pictures that were exported all the same, such as a " \
                 "white background; known once the ZIP is there"}, \
        {FIELD_TIME(ExportOut, created_at), .name = "createdAt", .help = "When it was asked for"}, \
        {FIELD_TIME(ExportOut, completed_at), .name = "completedAt", .help = "When it ended", \
         .nullable = true}, \
    { \
        FIELD_TIME(ExportOut, expires_at), .name = "expiresAt", .help = "When the ZIP goes", \
                                           .nullable = true \
    }

static const Field ExportRow_fields[] = {EXPORT_FIELDS, {FIELD_END}};
static const Shape export_row_shape = {"ExportRow", sizeof(ExportOut), ExportRow_fields};

static const Field ExportOut_fields[] = {
    {FIELD_BOOL(ExportOut, success), .help = "Always true"}, EXPORT_FIELDS, {FIELD_END}};

static Texts texts_of(const Value *list, Arena *mem)
{
    Texts texts = {ARENA_ARRAY(mem, const char *, value_count(list) + 1), value_count(list)};

    for (size_t i = 0; i < texts.count; i++)
        texts.items[i] = arena_text(mem, value_text(value_at(list, i)));
    return texts;
}

/* As it is priced: by platforms before formats. */
static const char *type_of(const Texts *formats, const Texts *platforms)
{
    if (platforms->count >= PRICE_PLATFORMS_LEAST)
        return "multi_platform";
    return formats->count > 1 ? "multi_format" : "zip";
}

static List warnings_of(const Texts *said, Arena *mem)
{
    ExportWarning *warnings = ARENA_ARRAY(mem, ExportWarning, said->count);

    for (size_t i = 0; i < said->count; i++)
        warnings[i] =
            (ExportWarning){said_plain(said->items[i], mem), said_of(said->items[i], mem)};
    return (List){warnings, said->count};
}

static MUST Err *export_fill(Call *call, const Pack *pack, ExportOut *out)
{
    Arena *mem = call_arena(call);

    *out = (ExportOut){
        .success = true,
        .export_id = pack->id,
        .project_id = pack->project_id,
        .status = pack->state,
        .progress = (int64_t)floor(pack->progress * 100),
        .files = pack->pictures,
        .done = pack->done,
        .failed = pack->failed,
        .file_size = pack->bytes,
        .credit_charged = pack->state == PACK_FAILED ? 0 : pack->credits,
        .formats = texts_of(value_get(pack->wish, "formats"), mem),
        .platforms = texts_of(value_get(pack->wish, "platforms"), mem),
        .error = pack->error,
        .error_message = said_plain(pack->error_text, mem),
        .error_said = said_of(pack->error_text, mem),
        .warnings = warnings_of(&pack->warnings, mem),
        .created_at = pack->created_ms,
        .completed_at = pack->ended_ms,
        .expires_at = pack->expires_ms,
    };
    out->export_type = type_of(&out->formats, &out->platforms);
    if (pack->state != PACK_COMPLETED)
        return NULL;
    Link link;
    TRY(pack_link(desk_of(call)->studio, pack->tenant_id, pack->id, mem, &link));
    out->download_url = link.url;
    return NULL;
}

/* ---- begun ---- */

typedef struct ExportBeginIn {
    const char *id, *size, *email, *watermark;
    Texts formats, platforms, item_ids, variation_ids;
    int64_t quality;
    int folders;
    bool include_metadata;
} ExportBeginIn;

static const Field ExportBeginIn_fields[] = {
    {FIELD_TEXT(ExportBeginIn, id), .help = "Project", .max = 64},
    {FIELD_TEXTS(ExportBeginIn, formats),
     .help = "png, jpeg (or jpg), webp, avif; none: as each picture is", .optional = true,
     .max = 8},
    {FIELD_TEXTS(ExportBeginIn, platforms),
     .help = "Shops and networks, as `GET /platforms` lists them: \"shopee\", \"instagram:4x5\". "
             "Their sizes take the place of `size`",
     .optional = true, .max = 20},
    {FIELD_TEXTS(ExportBeginIn, item_ids), .name = "itemIds",
     .help = "Photos; none: all that have a picture", .optional = true, .max = PACK_PICTURES_MOST},
    {FIELD_TEXTS(ExportBeginIn, variation_ids), .name = "variationIds",
     .help = "These pictures, in place of the one that stands for each photo", .optional = true,
     .max = PACK_PICTURES_MOST},
    {FIELD_TEXT(ExportBeginIn, size),
     .help = "original, 1080x1080, 1200x1200, 2400x2400, or any other as width x height",
     .preset = "original", .max = 20},
    {FIELD_INT(ExportBeginIn, quality),
     .help = "Of JPEG, WebP and AVIF; 0 takes the platform's, or the usual one", .preset = "0",
     .max = 100},
    {FIELD_NAME(ExportBeginIn, folders, pack_folder_names), .help = "What folders stand for",
     .preset = "format"},
    {FIELD_BOOL(ExportBeginIn, include_metadata), .name = "includeMetadata",
     .help = "metadata.json: settings, products, sizes and hashes of all files", .preset = "true"},
    {FIELD_TEXT(ExportBeginIn, watermark),
     .help = "Words of your own in the corner of each picture: premium plan", .nullable = true,
     .optional = true, .max = 60},
    {FIELD_TEXT(ExportBeginIn, email),
     .help = "Who is told when an export of 20 files or more is ready; without it, whoever is "
             "signed in",
     .nullable = true, .optional = true, .max = 254},
    {FIELD_END},
};

HANDLER(zip_begin, ExportBeginIn, ExportOut);

const Endpoint lumiku_export_begin = {
    .method = POST,
    .path = LUMIKU "/projects/{id}/export-zip",
    .id = "lumiku_export_begin",
    .summary = "Export a project's pictures as a ZIP",
    .about =
        "Each photo's selected picture is packed, once for each format and platform. Nothing is "
        "stretched and nothing of a product cut away: a plain background goes on, a set is cropped "
        "around the product and extended. The ZIP is kept for seven days. Credits are set aside "
        "now and taken when it is there.",
    .tag = "Exports",
    .scope = "exports:write",
    .in = SHAPE(ExportBeginIn),
    .out = SHAPE(ExportOut),
    .errors = ERRORS(ERR_NOT_FOUND, ERR_CONFLICT, ERR_CREDITS_SPENT),
    .retried = true,
    .handle = CALLS(zip_begin),
};

static Err *zip_begin(Call *call, const ExportBeginIn *in, ExportOut *out)
{
    Arena *mem = call_arena(call);
    PriceBill bill;
    CatalogueOf of;
    Buyer buyer;
    Project project;
    Pack pack;

    TRY(lumiku_buyer(call, &buyer));
    TRY(lumiku_of(call, in->id, &of));
    TRY(project_find(&desk_of(call)->studio->shelf, of.tenant_id, in->id, mem, &project));
    TRY(renamed(shop_pack(
        desk_of(call)->studio, &buyer,
        &(PackWish){
            .project_id = in->id,
            .photo_ids = in->item_ids,
            .run_ids = in->variation_ids,
            .formats = in->formats,
            .platforms = in->platforms,
            .size = in->size,
            .quality = in->quality,
            .folders = in->folders,
            .has_metadata = in->include_metadata,
            .mark_text = in->watermark,
            .email = in->email,
            .once = desk_once(call),
        },
        mem, &pack, &bill)));
    call_log_text(call, "export", pack.id);
    return export_fill(call, &pack, out);
}

/* ---- looked at ---- */

typedef struct ExportsIn {
    const char *project_id, *before;
    int64_t limit;
} ExportsIn;

static const Field ExportsIn_fields[] = {
    {FIELD_TEXT(ExportsIn, project_id), .name = "projectId", .help = "Of this project alone",
     .nullable = true, .optional = true, .max = 64},
    {FIELD_TEXT(ExportsIn, before), .help = "Those before this one", .nullable = true,
     .optional = true, .max = 64},
    {FIELD_INT(ExportsIn, limit), .help = "At most so many", .preset = "20", .min = 1,
     .max = EXPORTS_PAGE_MOST},
    {FIELD_END},
};

typedef struct ExportsOut {
    bool success;
    List exports;
    const char *next_before;
} ExportsOut;

static const Field ExportsOut_fields[] = {
    {FIELD_BOOL(ExportsOut, success), .help = "Always true"},
    {FIELD_LIST(ExportsOut, exports, &export_row_shape), .help = "The newest first"},
    {FIELD_TEXT(ExportsOut, next_before), .name = "nextBefore",
     .help = "Ask for those before this one; null on the last page", .nullable = true},
    {FIELD_END},
};

HANDLER(export_list, ExportsIn, ExportsOut);

const Endpoint lumiku_export_list = {
    .method = GET,
    .path = LUMIKU "/exports",
    .id = "lumiku_export_list",
    .summary = "List exports",
    .tag = "Exports",
    .scope = "exports:read",
    .in = SHAPE(ExportsIn),
    .out = SHAPE(ExportsOut),
    .handle = CALLS(export_list),
};

static Err *export_list(Call *call, const ExportsIn *in, ExportsOut *out)
{
    Arena *mem = call_arena(call);
    const char *tenant_id;
    List packs;

    TRY(desk_tenant(call, NULL, &tenant_id));
    TRY(pack_list(
        desk_of(call)->studio, tenant_id, in->project_id, in->before, in->limit + 1, mem, &packs));
    bool has_more = packs.count > (size_t)in->limit;
    size_t count = has_more ? (size_t)in->limit : packs.count;
    ExportOut *rows = ARENA_ARRAY(mem, ExportOut, count + 1);

    for (size_t i = 0; i < count; i++)
        TRY(export_fill(call, (const Pack *)packs.items + i, &rows[i]));
    *out = (ExportsOut){.success = true, .exports = {rows, count}};
    if (has_more)
        out->next_before = rows[count - 1].export_id;
    return NULL;
}

typedef struct ExportIn {
    const char *id;
} ExportIn;

static const Field ExportIn_fields[] = {
    {FIELD_TEXT(ExportIn, id), .help = "Export", .max = 64},
    {FIELD_END},
};

HANDLER(export_get, ExportIn, ExportOut);

const Endpoint lumiku_export_get = {
    .method = GET,
    .path = LUMIKU "/exports/{id}",
    .id = "lumiku_export_get",
    .summary = "See how an export stands",
    .tag = "Exports",
    .scope = "exports:read",
    .in = SHAPE(ExportIn),
    .out = SHAPE(ExportOut),
    .errors = ERRORS(ERR_NOT_FOUND),
    .handle = CALLS(export_get),
};

static Err *export_get(Call *call, const ExportIn *in, ExportOut *out)
{
    const char *tenant_id;
    Pack pack;

    TRY(desk_tenant(call, NULL, &tenant_id));
    TRY(pack_find(desk_of(call)->studio, tenant_id, in->id, call_arena(call), &pack));
    return export_fill(call, &pack, out);
}

/* ---- fetched ---- */

static Err *file_read(void *file, int64_t at, void *to, size_t size, size_t *ret)
{
    return pack_file_read(file, at, to, size, ret);
}

static void file_free(void *file)
{
    pack_file_free(file);
}

HANDLER(export_download, ExportIn, void);

const Endpoint lumiku_export_download = {
    .method = GET,
    .kind = ENDPOINT_DOWNLOAD,
    .path = LUMIKU "/exports/{id}/download",
    .id = "lumiku_export_download",
    .summary = "Download an export",
    .about = "The ZIP itself. A download that broke off is gone on with by `Range`.",
    .tag = "Exports",
    .scope = "exports:read",
    .types = (const char *const[]){"application/zip", NULL},
    .in = SHAPE(ExportIn),
    .errors = ERRORS(ERR_NOT_FOUND, ERR_CONFLICT, ERR_RANGE_WRONG, ERR_PRECONDITION_FAILED),
    .handle = CALLS(export_download),
};

static Err *export_download(Call *call, const ExportIn *in, void *out)
{
    const char *tenant_id;
    PackFile *file;
    Pack pack;

    (void)out;
    TRY(desk_tenant(call, NULL, &tenant_id));
    TRY(pack_file_open(desk_of(call)->studio, tenant_id, in->id, call_cancel(call), &pack, &file));
    return call_download(
        call, &(Download){
                  .read = file_read,
                  .free = file_free,
                  .context = file,
                  .size = pack.bytes,
                  .type = "application/zip",
                  .etag = arena_text(call_arena(call), pack.id), /* it is written once */
                  .changed_ms = pack.ended_ms,
                  .filename = arena_print(call_arena(call), "%s.zip", pack.id),
                  .attached = true,
                  .cache = "private, no-store",
              });
}

/* ---- as it happens ---- */

typedef struct ExportFollower {
    Follower follower;
    const char *id;
} ExportFollower;

/* Each event says all of it, so that one that was missed is missed by nobody; what has not moved is not told again. */
static Err *export_next(void *context, const char *last_id, Arena *mem, EventBatch *ret)
{
    const ExportFollower *of = context;
    bool has_ended;
    Pack pack;

    TRY(pack_find(of->follower.studio, of->follower.tenant_id, of->id, mem, &pack));
    has_ended = pack.state >= PACK_COMPLETED;
    const char *id =
        arena_print(mem, "%d.%jd", pack.state, (intmax_t)(has_ended ? pack.pictures : pack.done));
    ret->ended = has_ended;
    if (last_id && strcmp(last_id, id) == 0)
        return NULL;
    ret->items[0] = (Event){
        .id = id,
        .name = has_ended ? arena_print(mem, "export.%s", pack_state_names[pack.state])
                          : "export.progress",
        .data = arena_print(
            mem,
            "{\"exportId\":\"%s\",\"status\":\"%s\",\"progress\":%d,\"done\":%jd,\"failed\":%jd,"
            "\"files\":%jd}",
            pack.id, pack_state_names[pack.state], (int)floor(pack.progress * 100),
            (intmax_t)pack.done, (intmax_t)pack.failed, (intmax_t)pack.pictures),
    };
    ret->count = 1;
    return NULL;
}

HANDLER(export_events, ExportIn, void);

const Endpoint lumiku_export_events = {
    .method = GET,
    .kind = ENDPOINT_EVENTS,
    .path = LUMIKU "/exports/{id}/events",
    .id = "lumiku_export_events",
    .summary = "Follow an export as it is packed",
    .about = "Server-sent events: `export.progress`, and at the end `export.completed`, "
             "`export.failed` or `export.expired`.",
    .tag = "Exports",
    .scope = "exports:read",
    .in = SHAPE(ExportIn),
    .errors = ERRORS(ERR_NOT_FOUND),
    .handle = CALLS(export_events),
};

static Err *export_events(Call *call, const ExportIn *in, void *out)
{
    const char *tenant_id;
    Pack pack;

    (void)out;
    TRY(desk_tenant(call, NULL, &tenant_id));
    TRY(pack_find(desk_of(call)->studio, tenant_id, in->id, call_arena(call), &pack));

    ExportFollower *follower = follower_new(call, tenant_id, sizeof(*follower));
    follower->id = arena_text(follower->follower.mem, pack.id);
    Err *err = follower_listen(&follower->follower, pack.project_id);
    if (err) {
        follower_free(follower);
        return err;
    }
    return follower_answer(call, &follower->follower, export_next);
}
