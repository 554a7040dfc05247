/* Photos come: many in one form, and what is known of them as a table. */
#include <string.h>

#include "door/lumiku/items.h"
#include "door/table.h"

enum {
    FORM_BYTES_MAX =
        2120000000, /* a hundred photos as large as they may be, and what stands between them */
    CSV_BYTES_MAX = 16 << 20
};

/* What a call keeps beside it while its photos come. */
typedef struct Upload {
    Intake *intake; /* freed with the form */
    List faults;    /* LumikuFault: why none was taken */
} Upload;

List lumiku_upload_faults(const Call *call)
{
    const Upload *upload = call_endpoint(call) == &lumiku_item_upload ? call_note(call) : NULL;

    return upload ? upload->faults : (List){0};
}

/* ---- on their way ---- */

static Err *photo_write(void *intake, const void *bytes, size_t size)
{
    return intake_add(intake, bytes, size);
}

static void photos_free(void *intake)
{
    intake_free(intake);
}

/* A wrong project and an empty purse are told before two gigabytes are sent. */
static Err *photos_admit(Call *call)
{
    const Studio *studio = desk_of(call)->studio;
    CatalogueOf of;
    Catalogue found;
    Buyer buyer;
    bool is_paid;

    TRY(lumiku_of(call, call_path_field(call, "id"), &of));
    TRY(catalogue_find(&studio->shelf, &of, call_arena(call), &found));
    TRY(lumiku_buyer(call, &buyer));
    TRY(desk_once_known(call, &is_paid));
    if (is_paid)
        return NULL;
    return shop_upload_check(studio, &buyer, intake_least(call_body_length(call)));
}

static MUST Err *upload_begin(Call *call, Upload **ret)
{
    Upload *upload = arena_take(call_arena(call), sizeof(*upload));
    IntakeSetup setup = {.cancel = call_cancel(call)};

    TRY(lumiku_of(call, call_path_field(call, "id"), &setup.catalogue));
    TRY(intake_open(&desk_of(call)->studio->shelf, &setup, &upload->intake));
    call_note_set(call, upload);
    *ret = upload;
    return NULL;
}

/* The first file's sink frees the intake of all. */
static Err *photo_open(Call *call, const Part *part, Sink *ret)
{
    Upload *upload = call_note(call);
    bool is_first = upload == NULL;

    if (is_first)
        TRY(upload_begin(call, &upload));
    *ret = (Sink){upload->intake, photo_write, is_first ? photos_free : NULL};
    return intake_begin(upload->intake, part->filename);
}

/* ---- there ---- */

typedef struct UploadIn {
    const char *id, *product_name, *sku, *price, *tags;
} UploadIn;

static const Field UploadIn_fields[] = {
    {FIELD_TEXT(UploadIn, id), .help = "Name of the project", .max = 64},
    {FIELD_TEXT(UploadIn, product_name), .name = "productName",
     .help = "What the product on all of them is called", .optional = true,
     .max = PRODUCT_NAME_LETTERS},
    {FIELD_TEXT(UploadIn, sku), .help = "What you know it by", .optional = true,
     .max = PRODUCT_SKU_LETTERS},
    {FIELD_TEXT(UploadIn, price), .help = "What it costs, as it is to be read", .optional = true,
     .max = PRODUCT_PRICE_LETTERS},
    {FIELD_TEXT(UploadIn, tags), .help = "Words to find them by, between commas", .optional = true,
     .max = 2000},
    {FIELD_END},
};

typedef struct UploadResult {
    const char *file_name;
    bool success;
    const char *item_id, *duplicate_of, *error, *message;
    Said *said;
} UploadResult;

static const Field UploadResult_fields[] = {
    {FIELD_TEXT(UploadResult, file_name), .name = "fileName", .help = "What the file was called"},
    {FIELD_BOOL(UploadResult, success), .help = "Was it taken?"},
    {FIELD_TEXT(UploadResult, item_id), .name = "itemId", .help = "Name of the photo",
     .nullable = true},
    {FIELD_TEXT(UploadResult, duplicate_of), .name = "duplicateOf",
     .help = "A photo of this project that is the same file", .nullable = true},
    {FIELD_TEXT(UploadResult, error), .help = "Why it was not, for programs", .nullable = true},
    {FIELD_TEXT(UploadResult, message), .help = "Why it was not, for people", .nullable = true},
    {FIELD_MAYBE(UploadResult, said, Said, &said_shape), .help = "The same for translators",
     .omit = true},
    {FIELD_END},
};
static const Shape upload_result_shape = SHAPE(UploadResult);

typedef struct UploadOut {
    bool success;
    List items, results;
    int64_t uploaded, failed, credit_charged;
} UploadOut;

static const Field UploadOut_fields[] = {
    {FIELD_BOOL(UploadOut, success), .help = "Always true: some photo was taken"},
    {FIELD_LIST(UploadOut, items, &lumiku_item_shape), .help = "Those that were taken"},
    {FIELD_LIST(UploadOut, results, &upload_result_shape),
     .help = "What became of each file, in their order"},
    {FIELD_INT(UploadOut, uploaded), .help = "Files that were taken"},
    {FIELD_INT(UploadOut, failed), .help = "Files that were not; they cost nothing"},
    {FIELD_INT(UploadOut, credit_charged), .name = "creditCharged", .help = "What it cost",
     .unit = "credits"},
    {FIELD_END},
};

HANDLER(photos_upload, UploadIn, UploadOut);

const Endpoint lumiku_item_upload = {
    .method = POST,
    .kind = ENDPOINT_MULTIPART,
    .path = LUMIKU "/projects/{id}/items/upload",
    .id = "lumiku_item_upload",
    .summary = "Send up to 100 photos",
    .about =
        "JPEG, PNG or WebP, 500 to 8000 pixels a side, at most 20 MB each. A file that is none "
        "of these is told in `results`, costs nothing and spoils no other; when none can be "
        "taken, the answer is `400`. The other fields are said of all of them. A wrong project "
        "and too few credits are told before the photos are asked for, to clients that wait for "
        "that (`Expect: 100-continue`).",
    .tag = "Items",
    .scope = "uploads:write",
    .in = SHAPE(UploadIn),
    .out = SHAPE(UploadOut),
    .files =
        (const FileField[]){
            {.name = "files",
             .help = "A photo of a product",
             .least = 1,
             .most = CATALOGUE_FILES_MOST},
            {0},
        },
    .max_bytes = FORM_BYTES_MAX,
    .errors = ERRORS(ERR_NOT_FOUND, ERR_CONFLICT, ERR_CREDITS_SPENT),
    .is_patient = true,
    .retried = true,
    .handle = CALLS(photos_upload),
    .admit = photos_admit,
    .part = photo_open,
};

/* None was taken: each is told with its reason. */
static MUST Err *all_refused(Call *call, Upload *upload)
{
    const List arrivals = intake_arrivals(upload->intake);
    LumikuFault *faults = ARENA_ARRAY(call_arena(call), LumikuFault, arrivals.count + 1);

    for (size_t i = 0; i < arrivals.count; i++) {
        const Arrival *arrival = &((const Arrival *)arrivals.items)[i];

        faults[i] = (LumikuFault){
            arena_print(call_arena(call), "/files/%zu", i),
            arena_print(
                call_arena(call), "%s: %s", arrival->filename,
                said_plain(arrival->error_text, call_arena(call)))};
    }
    upload->faults = (List){faults, arrivals.count};
    const Arrival *first = arrivals.items;
    return err_field(
        err_public(
            err_new(ERR_INPUT_INVALID, "none of %zu files was taken", arrivals.count),
            arrivals.count == 1 ? "%s" : "None of the files can be taken. The first: %s",
            arrivals.count == 1 ? first->error_text
                                : said_plain(first->error_text, call_arena(call))),
        "/files/0");
}

static MUST Err *upload_tell(Call *call, const Upload *upload, const List *items, UploadOut *out)
{
    Arena *mem = call_arena(call);
    const List arrivals = intake_arrivals(upload->intake);
    LumikuItem *shown = ARENA_ARRAY(mem, LumikuItem, arrivals.count + 1);
    UploadResult *results = ARENA_ARRAY(mem, UploadResult, arrivals.count + 1);

    for (size_t i = 0; i < arrivals.count; i++) {
        const Arrival *arrival = &((const Arrival *)arrivals.items)[i];
        bool is_taken = arrival->error == ERR_MAX_;

        results[i] = (UploadResult){
            .file_name = arena_text(mem, arrival->filename),
            .success = is_taken,
            .item_id = is_taken ? arena_text(mem, arrival->id) : NULL,
            .duplicate_of = arena_text(mem, arrival->duplicate_of),
            .error = is_taken ? NULL : err_name(arrival->error),
            .message = said_plain(arrival->error_text, mem),
            .said = said_of(arrival->error_text, mem),
        };
        if (is_taken)
            TRY(lumiku_item_fill(call, &((const Item *)items->items)[i], &shown[out->uploaded++]));
    }
    out->success = true;
    out->items = (List){shown, (size_t)out->uploaded};
    out->results = (List){results, arrivals.count};
    out->failed = (int64_t)arrivals.count - out->uploaded;
    return NULL;
}

static Err *photos_upload(Call *call, const UploadIn *in, UploadOut *out)
{
    Upload *upload = call_note(call);
    Arena *mem = call_arena(call);
    const ProductWish product = {
        .name = in->product_name,
        .sku = in->sku,
        .price = in->price,
        .tags = in->tags ? product_tags_read(in->tags, mem) : NULL,
        .is_favorite = -1,
    };
    Buyer buyer;
    List items;

    TRY(lumiku_buyer(call, &buyer));
    TRY(shop_photos_keep(
        desk_of(call)->studio, &buyer, &(ShopUpload){upload->intake, &product, desk_once(call)},
        mem, &items, &out->credit_charged));
    return items.count ? upload_tell(call, upload, &items, out) : all_refused(call, upload);
}

/* ---- what is known of them, as a table ---- */

typedef struct ImportIn {
    const char *id;
} ImportIn;

static const Field ImportIn_fields[] = {
    {FIELD_TEXT(ImportIn, id), .help = "Name of the project", .max = 64},
    {FIELD_END},
};

typedef struct ImportLine {
    int64_t line;
    bool success;
    Texts item_ids;
    const char *message;
} ImportLine;

static const Field ImportLine_fields[] = {
    {FIELD_INT(ImportLine, line), .help = "Of the table, from 1, as editors count"},
    {FIELD_BOOL(ImportLine, success), .help = "Was it written down?"},
    {FIELD_TEXTS(ImportLine, item_ids), .name = "itemIds",
     .help = "Photos it was written down for"},
    {FIELD_TEXT(ImportLine, message), .help = "What is wrong with it", .nullable = true},
    {FIELD_END},
};
static const Shape import_line_shape = SHAPE(ImportLine);

typedef struct ImportOut {
    bool success;
    int64_t imported, failed;
    List results;
} ImportOut;

static const Field ImportOut_fields[] = {
    {FIELD_BOOL(ImportOut, success), .help = "Always true: the table could be read"},
    {FIELD_INT(ImportOut, imported), .help = "Lines that were written down"},
    {FIELD_INT(ImportOut, failed), .help = "Lines that could not be"},
    {FIELD_LIST(ImportOut, results, &import_line_shape), .help = "What became of each line"},
    {FIELD_END},
};

OPENER(import_open, ImportIn);
HANDLER(table_import, ImportIn, ImportOut);

const Endpoint lumiku_item_import = {
    .method = POST,
    .kind = ENDPOINT_UPLOAD,
    .path = LUMIKU "/projects/{id}/items/import",
    .id = "lumiku_item_import",
    .summary = "Say what is known of many products by a CSV file",
    .about = "A line with the names of the columns, then one line a photo, or a product. `itemId`, "
             "`filename` or `sku` says which photos (the first of them that the line has); `sku`, "
             "`name`, `price`, `tags` (between "
             "semicolons or commas) and `favorite` (yes or no) say what is known. Empty cells "
             "change nothing. A line that cannot be is told and spoils no other.",
    .tag = "Items",
    .scope = "projects:write",
    .max_bytes = CSV_BYTES_MAX,
    .types = (const char *const[]){"text/csv", NULL},
    .in = SHAPE(ImportIn),
    .out = SHAPE(ImportOut),
    .errors = ERRORS(ERR_NOT_FOUND),
    .open = OPENS(import_open),
    .handle = CALLS(table_import),
};

static Err *import_open(Call *call, const ImportIn *in, Sink *ret)
{
    (void)call;
    (void)in;
    return table_open(CSV_BYTES_MAX, ret);
}

static Err *table_import(Call *call, const ImportIn *in, ImportOut *out)
{
    Arena *mem = call_arena(call);
    const Buf *text = table_text(call);
    CatalogueOf of;
    List lines;

    TRY(lumiku_of(call, in->id, &of));
    TRY(products_read_csv(desk_of(call)->studio, &of, buf_text(text), text->size, mem, &lines));
    ImportLine *results = ARENA_ARRAY(mem, ImportLine, lines.count + 1);
    for (size_t i = 0; i < lines.count; i++) {
        const ProductLine *line = &((const ProductLine *)lines.items)[i];

        results[i] = (ImportLine){line->number, !line->error_text, line->items, line->error_text};
        out->imported += !line->error_text;
        out->failed += line->error_text != NULL;
    }
    out->success = true;
    out->results = (List){results, lines.count};
    return NULL;
}
