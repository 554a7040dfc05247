/* vendor_priv.h - what a Vendor is made of, and how it speaks: for the files of this room. */
#pragma once

#include <pthread.h>

#include "base/value.h"
#include "vendor/vendor.h"

typedef struct VendorLine VendorLine; /* one ask at one vendor: its key, its patience, its cancel */
typedef struct LineReply LineReply;
typedef struct VendorFault VendorFault;

/* A price: of one picture, of a megapixel, of a second, or of a million tokens, by model and what was asked. The first row that fits counts. */
typedef enum PriceUnit {
    PRICE_PICTURE,
    PRICE_MEGAPIXEL,
    PRICE_SECOND,
    PRICE_TEXT_TOKENS_IN, /* a million of them, as the three below */
    PRICE_IMAGE_TOKENS_IN,
    PRICE_TEXT_TOKENS_OUT,
    PRICE_IMAGE_TOKENS_OUT,
} PriceUnit;

typedef struct PriceRow {
    const char *model;
    const char *quality; /* NULL: any */
    const char *size;    /* "square", "wide": NULL: any */
    PriceUnit unit;
    int64_t micro_usd;
    const char *as_of, *source;
    int64_t usual_ms; /* of seconds: about what a picture takes, so that it can be quoted */
} PriceRow;

typedef struct Vendor {
    const char *name, *title, *site;
    const char *base_url;
    const char *key_name; /* "FAL_KEY": what an operator sets */
    const char *auth; /* header and format of the key: "Authorization: Key %s", "x-api-key: %s" */
    const char *usual[ABILITY_MAX_]; /* model when none is named; NULL: it cannot do that */
    const PriceRow *prices;          /* ended by one without a model */
    int most_at_once;                /* asks under way, 0 for no limit of its own */
    int64_t picture_bytes_most, images_most;

    /* The whole of one ask: speak, wait, fetch. Fills pictures, model, request_id, usage and the like, and the cost where the vendor says what it charged; vendor, cost and times are else filled by the caller. */
    Err *(*ask)(VendorLine *line, const VendorAsk *ask, Arena *mem, VendorAnswer *ret);

    /* Make of a reply that is not 2xx what went wrong. */
    void (*fault)(const LineReply *reply, Arena *mem, VendorFault *ret);

    /* What models it has now; NULL when it does not say. */
    Err *(*models)(VendorLine *line, Arena *mem, List *ret); /* of VendorModel */

    /* Where in its answer it says how many credits of its own are left on the account; NULL when it does not say. Below LOW_CREDITS an
     * operator is warned. */
    Err *(*credits)(VendorLine *line, const Value **ret);
    double low_credits;

    /* Check a webhook's signature; NULL when it sends none. */
    Err *(*hook)(VendorLine *line, const VendorHook *hook, Arena *mem, const char **ret_request);
    bool
        is_hook_by_account; /* signed with a secret of the account: only the house's can be checked */
} Vendor;

extern const Vendor vendor_openai, vendor_fal, vendor_replicate, vendor_stability, vendor_segmind,
    vendor_removebg;
extern const Vendor *const vendor_list[]; /* NULL-ended, in the order to show */

typedef struct VendorModel {
    const char *name;
    const char *shutdown_date; /* NULL */
} VendorModel;

/* ---- one request ---- */

typedef struct LineRequest {
    const char *method; /* NULL for GET, or POST with a body */
    const char *
        path; /* below the vendor's base URL, or a whole URL; one of another origin than that is sent no key */
    const NetHeader *headers; /* besides the key; ended by a nameless one; NULL */
    const char *type;         /* of the body */
    const void *body;
    size_t body_bytes;
    bool
        is_billed; /* it begins work that costs: repeated only when the vendor surely did not begin */
    bool
        is_farewell; /* sent once, within some seconds, although the ask was cancelled or its time is over: calls work off */
    bool is_file;    /* a picture on some file server: no key is sent, the address is guarded */
    int64_t most_bytes; /* of the reply; 0 for 64 MiB */
    int64_t stall_ms;   /* 0 for the ability's own */
    NetPush *push;      /* takes a 2xx body as it comes */
    void *push_context;
} LineRequest;

struct LineReply {
    int status;
    const NetHeader *headers;
    const void *body; /* in the line's MEM; with a NUL behind it */
    size_t size;
    const Value *json; /* when it says it is JSON and is; else NULL */
};

/* The value of REPLY's header NAME (any letters), NULL when absent. */
const char *line_header(const LineReply *reply, const char *name);

/* 2xx, or the Err of what the vendor's `fault` says. Does the repeating, the pace, the breaker and the rate headers. */
MUST Err *line_send(VendorLine *line, const LineRequest *request, LineReply *ret);

/* The same with VALUE as JSON body. */
MUST Err *line_send_json(VendorLine *line, LineRequest request, const Value *value, LineReply *ret);

/* Fetch the picture at URL (https, data: too) and look at it. UPSTREAM_FAILED when it is none or has expired. */
MUST Err *line_fetch(VendorLine *line, const char *url, VendorPicture *ret);

/* BYTES as a picture: type and size by its head. As line_nonsense says when it is none, or not whole. */
MUST Err *line_picture(VendorLine *line, const void *bytes, size_t size, VendorPicture *ret);
MUST Err *line_picture_base64(VendorLine *line, const char *text, VendorPicture *ret);

/* A reply that is 2xx and makes no sense: what of it, for the log. VENDOR_UNSURE after a request that is billed, else UPSTREAM_FAILED. */
MUST Err *line_nonsense(VendorLine *line, const char *what);

/* What the vendor's `fault` makes of REPLY, for refusals that come in other ways than by a status. */
MUST Err *line_refuse(VendorLine *line, const LineReply *reply);

/* Wait MS, or less when a webhook for REQUEST arrives; CANCELLED, UPSTREAM_TIMED_OUT as the ask says. */
MUST Err *line_wait(VendorLine *line, const char *request, int64_t ms);

/* The journal under the ask's key: work that was begun already, begin, end. Nothing without a key. */
MUST Err *line_begun(VendorLine *line, const char **ret_request);
MUST Err *line_begin(VendorLine *line, const char *request);

/* Where VENDOR's webhook is to come in; NULL when it cannot. */
const char *line_hook_url(const VendorLine *line);
const char *line_base_url(const VendorLine *line); /* without a slash at its end */
Arena *line_mem(const VendorLine *line);

/* ASK's mask as most vendors want it: a grey PNG, white where they may draw, black where not. */
MUST Err *line_mask_white(VendorLine *line, const VendorAsk *ask, VendorPicture *ret);

/* PICTURE inside an address, "data:image/png;base64,...". */
const char *line_data_url(VendorLine *line, const VendorPicture *picture);

/* ---- webhooks: hook.c ---- */

enum {
    HOOK_KEYS_MOST = 8,
    HOOK_AGE_MOST_S = 300, /* between a webhook's time and ours */
    HOOK_KEYS_MS = 10000   /* to fetch keys: who sent the webhook waits for us meanwhile */
};

typedef struct HookKey {
    unsigned char bytes[64];
    size_t size;
} HookKey;

typedef struct HookKeys {
    HookKey keys[HOOK_KEYS_MOST];
    size_t count;
} HookKeys;

/* What one vendor's webhooks are checked against: fetched when first needed, kept for a day, and fetched anew at most once a minute when a
 * signature fits none of them. A static one begins as HOOK_RING_INIT. Any thread. */
typedef struct HookRing {
    pthread_mutex_t mutex;
    char base_url[256]; /* whose they are */
    HookKeys keys;
    int64_t fetched_ms, tried_ms; /* of the ticks; 0 for never */
} HookRing;

#define HOOK_RING_INIT \
    { \
        .mutex = PTHREAD_MUTEX_INITIALIZER \
    }

typedef struct HookTrial {
    HookRing *ring;
    Err *(*fetch)(VendorLine *line, HookKeys *ret);
    bool (*fits)(const HookKey *key, const void *context); /* is it signed with KEY? */
    const void *context;
} HookTrial;

/* UNAUTHENTICATED when no key fits. */
MUST Err *hook_try(VendorLine *line, const HookTrial *trial);

/* Header NAME of HOOK; UNAUTHENTICATED when it is missing. */
MUST Err *hook_header(const VendorHook *hook, const char *name, const char **ret);

/* SECONDS since 1970, in words: UNAUTHENTICATED when they are too far from now. */
MUST Err *hook_time_check(const char *seconds);

/* Is NAME one that can stand in a path: letters, digits, dashes and the like? Whatever a vendor calls its requests. */
bool hook_request_is_sane(const char *name);

/* ---- what went wrong ---- */

typedef enum FaultKind {
    FAULT_BROKEN, /* 5xx, nonsense: repeat a GET, try the next vendor */
    FAULT_INPUT,  /* a value is refused: nobody else is asked */
    FAULT_TOO_LARGE,
    FAULT_MODERATED,
    FAULT_KEY,
    FAULT_UNPAID,
    FAULT_MODEL, /* unknown or retired */
    FAULT_BUSY,  /* come again, at least RETRY_AFTER_MS later */
    FAULT_QUOTA, /* as a 429, but coming again does not help */
    FAULT_CONFLICT,
    FAULT_EXPIRED, /* the file or request is gone */
    FAULT_SLOW     /* the vendor gave up on its own work */
} FaultKind;

struct VendorFault {
    FaultKind kind;
    const char *words;      /* the vendor's, for people: cleaned and cut by the caller; NULL */
    const char *code;       /* the vendor's, for the log; NULL */
    int64_t retry_after_ms; /* 0 when it says nothing */
};

/* By status alone; what each `fault` begins with. */
void fault_by_status(const LineReply *reply, VendorFault *ret);

/* ---- multipart/form-data ---- */

typedef struct Form {
    Buf body;
    char boundary[40];
} Form;

void form_init(Form *form);
void form_done(Form *form);
DEFINE_AUTO_DONE(Form, form_done);
MUST Err *form_text(Form *form, const char *name, const char *text); /* NULL text adds nothing */
MUST Err *form_number(Form *form, const char *name, int64_t number);
MUST Err *form_picture(
    Form *form, const char *name, const VendorPicture *picture); /* with a file name by its type */
MUST Err *line_send_form(VendorLine *line, LineRequest request, Form *form, LineReply *ret);
