/* A shop that takes orders, photos and forms, and gives files and news. */
#include "shop.h"

#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "http/download.h"
#include "http/openapi.h"
#include "test.h"

static Shop *shop_of(const Call *call)
{
    return call_context(call);
}

/* ---- orders ---- */

static const char *const sizes[] = {"small", "large", NULL};

typedef struct OrderIn {
    const char *shop_id, *name, *tenant_id;
    int64_t count;
    bool dry;
    int size;
    Texts tags;
} OrderIn;

static const Field OrderIn_fields[] = {
    {FIELD_TEXT(OrderIn, shop_id), .help = "Shop", .max = 20},
    {FIELD_TEXT(OrderIn, name), .help = "Name", .min = 1, .max = 40},
    {FIELD_TEXT(OrderIn, tenant_id), .help = "Tenant", .optional = true},
    {FIELD_INT(OrderIn, count), .help = "How many", .preset = "1", .min = 1, .max = 10},
    {FIELD_BOOL(OrderIn, dry), .help = "Only try", .preset = "false"},
    {FIELD_NAME(OrderIn, size, sizes), .help = "Size", .preset = "small"},
    {FIELD_TEXTS(OrderIn, tags), .help = "Tags", .optional = true, .max = 4},
    {FIELD_END},
};

typedef struct OrderOut {
    const char *shop_id, *name, *tenant_id, *peer, *origin, *key;
    int64_t count;
    bool dry;
} OrderOut;

static const Field OrderOut_fields[] = {
    {FIELD_TEXT(OrderOut, shop_id), .help = "Shop"},
    {FIELD_TEXT(OrderOut, name), .help = "Name"},
    {FIELD_TEXT(OrderOut, tenant_id), .help = "Tenant", .nullable = true},
    {FIELD_TEXT(OrderOut, peer), .help = "Who asked"},
    {FIELD_TEXT(OrderOut, origin), .help = "How we were called"},
    {FIELD_TEXT(OrderOut, key), .help = "Idempotency key", .omit = true},
    {FIELD_INT(OrderOut, count), .help = "How many"},
    {FIELD_BOOL(OrderOut, dry), .help = "Only tried"},
    {FIELD_END},
};

HANDLER(order_make, OrderIn, OrderOut);
static const Endpoint order_make_endpoint = {
    .id = "order_make",
    .method = POST,
    .path = "/v1/shops/{shop_id}/orders",
    .summary = "Order something",
    .tag = "Orders",
    .scope = "orders:write",
    .ok = 201,
    .errors = ERRORS(ERR_CONFLICT, ERR_QUOTA_EXCEEDED),
    .in = SHAPE(OrderIn),
    .out = SHAPE(OrderOut),
    .query = (const char *const[]){"dry", NULL},
    .headers = (const HeaderField[]){{"tenant_id", "X-Tenant-ID"}, {0}},
    .max_bytes = 64 * 1024,
    .retried = true,
    .handle = CALLS(order_make),
};

static Err *order_make(Call *call, const OrderIn *in, OrderOut *out)
{
    atomic_fetch_add(&shop_of(call)->handled, 1);
    if (strcmp(in->name, "taken") == 0)
        return err_field(err_new(ERR_CONFLICT, "the name is taken"), "/name");
    if (strcmp(in->name, "dear") == 0)
        return err_new(ERR_QUOTA_EXCEEDED, "quota");
    if (strcmp(in->name, "bug") == 0)
        return err_new(ERR_BUG, "a secret of the house");
    *out = (OrderOut){
        .shop_id = in->shop_id,
        .name = in->name,
        .tenant_id = in->tenant_id,
        .peer = call_peer(call),
        .origin = call_origin(call),
        .key = call_idempotency_key(call),
        .count = in->count,
        .dry = in->dry,
    };
    call_log_text(call, "tenant_id", "tenant_1");
    return NULL;
}

typedef struct Word {
    const char *word;
} Word;

static const Field Word_fields[] = {
    {FIELD_TEXT(Word, word), .help = "A word"},
    {FIELD_END},
};
static const Shape word_shape = SHAPE(Word);

typedef struct Words {
    List items;
} Words;

static const Field Words_fields[] = {
    {FIELD_LIST(Words, items, &word_shape), .help = "Words"},
    {FIELD_END},
};

typedef struct WordsIn {
    int64_t limit;
} WordsIn;

static const Field WordsIn_fields[] = {
    {FIELD_INT(WordsIn, limit), .help = "Most", .preset = "2", .min = 0, .max = 100},
    {FIELD_END},
};

HANDLER(words_list, WordsIn, Words);
static const Endpoint words_list_endpoint = {
    .id = "words_list",
    .method = GET,
    .path = "/v1/words",
    .summary = "List words",
    .tag = "Words",
    .in = SHAPE(WordsIn),
    .out = SHAPE_BARE(Words),
    .handle = CALLS(words_list),
};

static Err *words_list(Call *call, const WordsIn *in, Words *out)
{
    Word *words = ARENA_ARRAY(call_arena(call), Word, (size_t)in->limit);

    for (int64_t i = 0; i < in->limit; i++)
        words[i].word = arena_print(call_arena(call), "word %d", (int)i);
    out->items = (List){.items = words, .count = (size_t)in->limit};
    return NULL;
}

HANDLER(words_drop, void, void);
static const Endpoint words_drop_endpoint = {
    .id = "words_drop",
    .method = DELETE,
    .path = "/v1/words",
    .summary = "Forget all words",
    .tag = "Words",
    .scope = "words:write",
    .ok = 204,
    .handle = CALLS(words_drop),
};

static Err *words_drop(Call *call, const void *in, void *out)
{
    (void)in;
    (void)out;
    atomic_fetch_add(&shop_of(call)->handled, 1);
    return NULL;
}

/* ---- slow work ---- */

HANDLER(shop_slow, void, Word);
static const Endpoint shop_slow_endpoint = {
    .id = "shop_slow",
    .method = GET,
    .path = "/v1/slow",
    .summary = "Take long",
    .tag = "Words",
    .errors = ERRORS(ERR_CANCELLED),
    .out = SHAPE(Word),
    .handle = CALLS(shop_slow),
};

static Err *shop_slow(Call *call, const void *in, Word *out)
{
    (void)in;
    for (int i = 0; i < 1000 && !atomic_load(&shop_of(call)->slow_go); i++) {
        Err *err = cancel_check(call_cancel(call));

        if (err) {
            atomic_fetch_add(&shop_of(call)->cancelled, 1);
            return err;
        }
        usleep(10 * 1000);
    }
    out->word = "done";
    return NULL;
}

HANDLER(shop_wait, void, Word);
static const Endpoint shop_wait_endpoint = {
    .id = "shop_wait",
    .method = GET,
    .path = "/v1/wait",
    .summary = "Wait for others",
    .tag = "Words",
    .scope = "words:write",
    .errors = ERRORS(ERR_CANCELLED),
    .out = SHAPE(Word),
    .is_patient = true,
    .handle = CALLS(shop_wait),
};

static Err *shop_wait(Call *call, const void *in, Word *out)
{
    return shop_slow(call, in, out);
}

/* ---- work that tells how it goes ---- */

typedef struct TellIn {
    int64_t count;
    int64_t size;
    bool fails;
} TellIn;

static const Field TellIn_fields[] = {
    {FIELD_INT(TellIn, count), .help = "Events", .preset = "2", .min = 0, .max = 1000},
    {FIELD_INT(TellIn, size), .help = "Letters of each", .preset = "3", .min = 1, .max = 8000000},
    {FIELD_BOOL(TellIn, fails), .help = "Fail after them", .preset = "false"},
    {FIELD_END},
};

HANDLER(shop_tell, TellIn, Word);
static const Endpoint shop_tell_endpoint = {
    .id = "shop_tell",
    .method = POST,
    .path = "/v1/tell",
    .summary = "Tell how it goes",
    .tag = "Words",
    .errors = ERRORS(ERR_QUOTA_EXCEEDED),
    .in = SHAPE(TellIn),
    .out = SHAPE(Word),
    .is_patient = true,
    .handle = CALLS(shop_tell),
};

static Err *shop_tell(Call *call, const TellIn *in, Word *out)
{
    char *text = arena_take(call_arena(call), (size_t)in->size + 1);

    memset(text, 'x', (size_t)in->size);
    for (int64_t i = 0; i < in->count; i++) {
        Err *err = call_event_send(call, &(Event){.name = "piece", .data = text});

        if (err) {
            atomic_fetch_add(&shop_of(call)->cancelled, 1);
            return err;
        }
        atomic_fetch_add(&shop_of(call)->handled, 1);
    }
    while (in->count && !atomic_load(&shop_of(call)->slow_go)) {
        Err *err = cancel_check(call_cancel(call));

        if (err) {
            atomic_fetch_add(&shop_of(call)->cancelled, 1);
            return err;
        }
        usleep(10 * 1000);
    }
    out->word = "nothing was told";
    return in->fails ? err_new(ERR_QUOTA_EXCEEDED, "quota") : NULL;
}

/* ---- photos ---- */

typedef struct Film {
    Shop *shop;
    int64_t size;
    uint32_t sum;
    bool breaks;
} Film;

static Err *film_write(void *film_any, const void *bytes, size_t size)
{
    Film *film = film_any;

    for (size_t i = 0; i < size; i++)
        film->sum = film->sum * 31 + ((const unsigned char *)bytes)[i];
    film->size += (int64_t)size;
    atomic_fetch_add(&film->shop->bytes_sunk, (int)size);
    return film->breaks ? err_new(ERR_IMAGE_UNREADABLE, "no photo") : NULL;
}

static void film_free(void *film_any)
{
    Film *film = film_any;

    atomic_fetch_sub(&film->shop->sinks_open, 1);
    free(film);
}

static void film_open(Shop *shop, bool breaks, Sink *ret)
{
    Film *film = calloc(1, sizeof(*film));

    *film = (Film){.shop = shop, .breaks = breaks};
    atomic_fetch_add(&shop->sinks_open, 1);
    *ret = (Sink){.context = film, .write = film_write, .free = film_free};
}

typedef struct PhotoIn {
    const char *key;
    bool broken;
} PhotoIn;

static const Field PhotoIn_fields[] = {
    {FIELD_TEXT(PhotoIn, key), .help = "Key"},
    {FIELD_BOOL(PhotoIn, broken), .help = "Break while taking it", .preset = "false"},
    {FIELD_END},
};

typedef struct PhotoOut {
    const char *key;
    int64_t size, sum;
} PhotoOut;

static const Field PhotoOut_fields[] = {
    {FIELD_TEXT(PhotoOut, key), .help = "Key"},
    {FIELD_INT(PhotoOut, size), .help = "Bytes"},
    {FIELD_INT(PhotoOut, sum), .help = "Sum"},
    {FIELD_END},
};

OPENER(photo_open, PhotoIn);
HANDLER(photo_put, PhotoIn, PhotoOut);
static const Endpoint photo_put_endpoint = {
    .id = "photo_put",
    .method = PUT,
    .kind = ENDPOINT_UPLOAD,
    .path = "/store/{key*}",
    .summary = "Send a photo",
    .tag = "Photos",
    .scope = "photos:write",
    .ok = 201,
    .errors = ERRORS(ERR_IMAGE_UNREADABLE),
    .types = (const char *const[]){"image/png", "image/jpeg", "application/octet-stream", NULL},
    .in = SHAPE(PhotoIn),
    .out = SHAPE(PhotoOut),
    .max_bytes = 8 * 1024 * 1024,
    .open = OPENS(photo_open),
    .handle = CALLS(photo_put),
};

static Err *photo_open(Call *call, const PhotoIn *in, Sink *ret)
{
    film_open(shop_of(call), in->broken, ret);
    return NULL;
}

static Err *photo_put(Call *call, const PhotoIn *in, PhotoOut *out)
{
    const Film *film = call_sink(call);

    *out = (PhotoOut){.key = in->key, .size = film->size, .sum = film->sum};
    return NULL;
}

typedef struct AlbumIn {
    const char *title;
    int64_t year;
} AlbumIn;

static const Field AlbumIn_fields[] = {
    {FIELD_TEXT(AlbumIn, title), .help = "Title", .max = 20},
    {FIELD_INT(AlbumIn, year), .help = "Year", .preset = "2026"},
    {FIELD_END},
};

typedef struct AlbumOut {
    const char *title, *names;
    int64_t year, files, bytes;
} AlbumOut;

static const Field AlbumOut_fields[] = {
    {FIELD_TEXT(AlbumOut, title), .help = "Title"}, {FIELD_TEXT(AlbumOut, names), .help = "Names"},
    {FIELD_INT(AlbumOut, year), .help = "Year"},    {FIELD_INT(AlbumOut, files), .help = "Files"},
    {FIELD_INT(AlbumOut, bytes), .help = "Bytes"},  {FIELD_END},
};

static Err *album_part(Call *call, const Part *part, Sink *ret)
{
    film_open(shop_of(call), strcmp(part->filename, "broken.png") == 0, ret);
    return NULL;
}

HANDLER(album_make, AlbumIn, AlbumOut);
static const Endpoint album_make_endpoint = {
    .id = "album_make",
    .method = POST,
    .kind = ENDPOINT_MULTIPART,
    .path = "/v1/albums",
    .summary = "Send many photos",
    .tag = "Photos",
    .scope = "photos:write",
    .ok = 201,
    .errors = ERRORS(ERR_IMAGE_UNREADABLE),
    .files =
        (const FileField[]){
            {.name = "photo",
             .help = "A photo",
             .max_bytes = 1024 * 1024,
             .least = 1,
             .most = 3,
             .types = (const char *const[]){"image/png", NULL}},
            {0}},
    .in = SHAPE(AlbumIn),
    .out = SHAPE(AlbumOut),
    .max_bytes = 4 * 1024 * 1024,
    .part = album_part,
    .handle = CALLS(album_make),
};

static Err *album_make(Call *call, const AlbumIn *in, AlbumOut *out)
{
    size_t count;
    const Part *parts = call_parts(call, &count);

    *out = (AlbumOut){.title = in->title, .names = "", .year = in->year, .files = (int64_t)count};
    for (size_t i = 0; i < count; i++) {
        const Film *film = parts[i].sink;

        out->names = arena_print(call_arena(call), "%s%s,", out->names, parts[i].filename);
        out->bytes += film->size;
    }
    return NULL;
}

/* ---- files ---- */

enum {
    FILE_BYTES = 300 * 1000
};

typedef struct FileIn {
    const char *how;
} FileIn;

static const Field FileIn_fields[] = {
    {FIELD_TEXT(FileIn, how), .help = "file, fetched, endless, broken or elsewhere"},
    {FIELD_END},
};

static Err *file_read_piece(void *how, int64_t at, void *to, size_t size, size_t *ret)
{
    size_t left = at < FILE_BYTES ? (size_t)(FILE_BYTES - at) : 0;

    if (strcmp(how, "broken") == 0 && at > FILE_BYTES / 2)
        return err_new(ERR_FILE_UNREADABLE, "the store broke");
    *ret = MIN(size, left);
    for (size_t i = 0; i < *ret; i++)
        ((unsigned char *)to)[i] = (unsigned char)((at + (int64_t)i) % 251);
    return NULL;
}

HANDLER(file_get, FileIn, void);
static const Endpoint file_get_endpoint = {
    .id = "file_get",
    .method = GET,
    .kind = ENDPOINT_DOWNLOAD,
    .path = "/v1/files/{how}",
    .summary = "Get a file",
    .tag = "Files",
    .errors = ERRORS(ERR_NOT_FOUND, ERR_RANGE_WRONG, ERR_PRECONDITION_FAILED),
    .types = (const char *const[]){"image/png", NULL},
    .in = SHAPE(FileIn),
    .handle = CALLS(file_get),
};

static int file_made(void)
{
    char path[] = "/tmp/cyclorama-test-XXXXXX";
    int file = mkstemp(path);
    unsigned char piece[1000];

    unlink(path);
    for (int at = 0; at < FILE_BYTES; at += (int)sizeof(piece)) {
        for (size_t i = 0; i < sizeof(piece); i++)
            piece[i] = (unsigned char)((at + (int)i) % 251);
        if (write(file, piece, sizeof(piece)) != (ssize_t)sizeof(piece))
            abort();
    }
    return file;
}

static Err *file_get(Call *call, const FileIn *in, void *out)
{
    Download download = {
        .fd = -1,
        .size = FILE_BYTES,
        .type = "image/png",
        .etag = "abc",
        .changed_ms = 1700000000000,
        .filename = "sh\xc3\xb6"
                    "e \"1\".png",
    };

    (void)out;
    if (strcmp(in->how, "elsewhere") == 0) {
        call_redirect(call, 302, "https://store.example/x?sig=1");
        return NULL;
    }
    if (strcmp(in->how, "missing") == 0)
        return err_new(ERR_NOT_FOUND, "no file");
    if (strcmp(in->how, "file") == 0) {
        download.fd = file_made();
    } else {
        download.read = file_read_piece;
        download.context = arena_text(call_arena(call), in->how);
    }
    if (strcmp(in->how, "endless") == 0)
        download.size = -1;
    return call_download(call, &download);
}

/* ---- news ---- */

static Err *news_next(void *shop_any, const char *last_id, Arena *mem, EventBatch *ret)
{
    Shop *shop = shop_any;
    int from = last_id ? (int)strtol(last_id, NULL, 10) + 1 : 1;

    for (int i = from; i <= atomic_load(&shop->next_event) && ret->count < 2; i++)
        ret->items[ret->count++] =
            (Event){.id = arena_print(mem, "%d", i), .name = "news", .data = "{\"a\":\n1}"};
    int sent = from + (int)ret->count - 1;
    ret->more = sent < atomic_load(&shop->next_event);
    ret->ended = sent >= atomic_load(&shop->last_event);
    return NULL;
}

static void news_free(void *shop_any)
{
    Shop *shop = shop_any;

    atomic_store(&shop->stream, NULL);
    atomic_fetch_add(&shop->streams_freed, 1);
}

HANDLER(news_follow, void, void);
static const Endpoint news_follow_endpoint = {
    .id = "news_follow",
    .method = GET,
    .kind = ENDPOINT_EVENTS,
    .path = "/v1/news",
    .summary = "Follow the news",
    .tag = "News",
    .handle = CALLS(news_follow),
};

static Err *news_follow(Call *call, const void *in, void *out)
{
    Shop *shop = shop_of(call);
    Events *events;

    (void)in;
    (void)out;
    TRY(call_events(
        call,
        &(EventSource){.context = shop, .next = news_next, .free = news_free, .owner = shop->owner},
        &events));
    atomic_store(&shop->stream, events);
    return NULL;
}

/* ---- pages for people ---- */

extern const Embedded embedded_docs[];

static const char *view_policy(const void *shop)
{
    return shop ? "default-src 'none'; img-src https://bucket.example" : "";
}

static const Page view_page = {.rows = embedded_docs, .name = "docs.html", .policy = view_policy};
static const Page view_lasting = {.rows = embedded_docs, .is_lasting = true};
static const Page view_missing = {.rows = embedded_docs, .name = "docs.html", .status = 404};

#define VIEW(id_, path_, page_) \
    { \
        .id = id_, .method = GET, .kind = ENDPOINT_PAGE, .path = path_, .summary = "A page", \
        .page = page_, .hidden = true, .is_view = true \
    }

static const Endpoint view_words = VIEW("view_words", "/v1/words", &view_page);
static const Endpoint view_alone = VIEW("view_alone", "/alone", &view_page);
static const Endpoint view_rest = VIEW("view_rest", "/{path*}", &view_missing);
static const Endpoint view_asset = {
    .id = "view_asset",
    .method = GET,
    .kind = ENDPOINT_PAGE,
    .path = "/assets/{file}",
    .summary = "A file",
    .page = &view_lasting,
    .hidden = true,
};

static const Endpoint *const endpoints[] = {
    &order_make_endpoint, &words_list_endpoint,
    &words_drop_endpoint, &shop_slow_endpoint,
    &shop_wait_endpoint,  &shop_tell_endpoint,
    &photo_put_endpoint,  &album_make_endpoint,
    &file_get_endpoint,   &news_follow_endpoint,
    &openapi_endpoint,    &docs_endpoint,
    &docs_file_endpoint,  &view_words,
    &view_alone,          &view_rest,
    &view_asset,          NULL,
};

static Value *shop_body(Call *call, const Err *err, Value *problem)
{
    (void)call;
    if (err_code(err) != ERR_QUOTA_EXCEEDED)
        return problem;
    value_free(problem);
    problem = value_object();
    value_set(problem, "error", value_of_text(err_text(err)));
    return problem;
}

const FrontDoor shop_door = {
    .name = "shop",
    .title = "Shop",
    .version = "1",
    .about = "For tests.",
    .endpoints = endpoints,
    .dialect = {.body = shop_body},
};

static Err *shop_authorise(void *context, Call *call, const Endpoint *endpoint)
{
    const char *key = call_key(call);

    (void)context;
    if (!endpoint->scope)
        return NULL;
    if (!key || (strcmp(key, "good") != 0 && strcmp(key, "poor") != 0))
        return err_new(ERR_UNAUTHENTICATED, "no such key");
    call_caller_set(call, key);
    return strcmp(key, "good") == 0 ? NULL : err_new(ERR_FORBIDDEN, "poor");
}

HttpServer *shop_start(Shop *shop, const HttpSetup *setup)
{
    static HttpDoor doors[2];
    HttpSetup filled = setup ? *setup : (HttpSetup){0};
    HttpServer *server = NULL;

    doors[0] = (HttpDoor){.door = &shop_door, .context = shop};
    filled.listen = filled.listen ? filled.listen : "127.0.0.1:0";
    filled.doors = filled.doors ? filled.doors : doors;
    filled.authorise = shop_authorise;
    atomic_store(&shop->last_event, 1000000);
    CHECK_OK(http_server_start(&filled, &server));
    return server;
}
