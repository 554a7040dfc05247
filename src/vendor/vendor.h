/* vendor.h - outside services that draw, change, cut out, relight or enlarge pictures: one constant each, one way to ask them all.
 *
 * A Vendor is a constant: what it is called, what it can do, what it costs and since when, and the function that does it. An operator
 * names the vendors to ask for each ability, in order (IMAGE_GEN_PROVIDER=fal,openai); vendors_ask tries them in that order and says
 * which one answered. Keys come from settings or are a tenant's own; no key, prompt or picture reaches a log or an error.
 *
 * Asking is careful: it waits as long as pictures take, repeats only what surely did not cost anything yet (429, 503 and what reached
 * nobody; a 500 only of a GET or with an idempotency key), comes again when Retry-After and the vendor's rate headers say, leaves a
 * vendor alone for a while that keeps failing (breaker), and never has more under way than the vendor allows (pace). Where it cannot be
 * known whether the vendor did the work, the error is VENDOR_UNSURE, and nobody is asked in its place.
 *
 * One Vendors is shared by all threads; an ask blocks its thread and ends within a tenth of a second of its Cancel.
 */
#pragma once

#include "base/hash.h"
#include "net/net.h"
#include "shape/shape.h"

typedef enum Ability {
    ABILITY_GENERATE,  /* words -> pictures */
    ABILITY_EDIT,      /* pictures, words, perhaps a mask -> pictures */
    ABILITY_VARIATION, /* a picture -> others like it */
    ABILITY_CUTOUT,    /* a photo -> the same with an alpha channel */
    ABILITY_RELIGHT,   /* a product, words -> the same in another light */
    ABILITY_UPSCALE,   /* a picture, a factor -> a larger one */
    ABILITY_DEPTH,     /* a picture -> its depth, near is bright */
    ABILITY_MAX_
} Ability;

extern const char *const ability_names[]; /* "generate", ... NULL */

/* An encoded picture; the bytes belong to somebody else. */
typedef struct VendorPicture {
    const void *bytes;
    size_t size;
    const char *type;        /* "image/png", by its first bytes */
    int width_px, height_px; /* 0 when not known */
} VendorPicture;

enum {
    VENDOR_PICTURES_MOST = 10,
    VENDOR_IMAGES_MOST = 16,
    VENDOR_PICTURE_BYTES_MOST = 64 << 20
};

typedef struct VendorAsk {
    Ability ability;
    const char *vendor;    /* that one and no other; NULL takes those of the ability in order */
    const char *model;     /* the vendor's own name for it; NULL for its usual one for ABILITY */
    const char *tenant_id; /* whose own keys come first; NULL for the house's alone */
    const char *
        key; /* names this ask: asked again after a crash, work that is under way is found again. NULL for none */

    const char *prompt, *avoid;  /* NULL for none */
    int64_t count;               /* of pictures; 0 is 1 */
    int64_t width_px, height_px; /* 0 leaves it to the vendor */
    const char *quality;    /* "low", "medium", "high", "auto", ...; NULL leaves it to the vendor */
    const char *background; /* "transparent", "opaque", "auto"; NULL */
    const char *format;     /* "png", "jpeg", "webp"; NULL is png where there is a choice */
    int64_t compression;    /* of jpeg and webp, 0 to 100; -1 leaves it */
    const char *moderation; /* "low", "auto"; NULL */
    const char *user;       /* an opaque name of the end user for the vendor's abuse checks; NULL */
    int64_t seed;           /* -1 for none */
    int64_t factor;         /* UPSCALE: 2 or 4 */

    VendorPicture images
        [VENDOR_IMAGES_MOST]; /* EDIT, VARIATION and below: images[0] is the one that is changed */
    size_t image_count;
    VendorPicture
        mask; /* PNG as large as images[0]; where its alpha is 0 the vendor may draw. size 0 for none */

    /* Unfinished pictures as they come, where the vendor sends some (openai); PARTIAL runs on the asking thread. */
    int64_t partials; /* 0 to 3 */
    Err *(*partial)(void *context, int index, const VendorPicture *picture);
    void *partial_context;

    int64_t total_ms; /* 0 is the ability's own: what a user waits for a picture */
    const Cancel *cancel;
} VendorAsk;

/* What the vendor says it used. All 0 when it says nothing. */
typedef struct VendorUsage {
    int64_t text_tokens_in, image_tokens_in, text_tokens_out, image_tokens_out;
    int64_t tokens;     /* in total */
    int64_t compute_ms; /* of the vendor's machine, for prices by the second */
} VendorUsage;

typedef struct VendorAnswer {
    VendorPicture pictures[VENDOR_PICTURES_MOST]; /* bytes live in the ask's MEM */
    size_t count;
    const char *vendor, *model; /* who answered, by which model of its own */
    const char *request_id;     /* the vendor's; NULL */
    const char *words;          /* the prompt as the vendor rewrote it; NULL */
    int64_t seed;               /* -1 when not said */
    VendorUsage usage;
    int64_t cost_micro_usd; /* by the usage, else by the price list */
    bool is_cost_known; /* false: no price for this model; the cost is 0 and an alarm was logged */
    int64_t took_ms;    /* waiting included */
    int tries;          /* requests that were sent for it */
    const char *instead_of; /* vendors that were asked first and failed: "fal, openai"; NULL */
} VendorAnswer;

typedef struct Vendors Vendors;

/* A key that is set, of the house. */
typedef struct VendorKey {
    const char *vendor, *secret;
    const char *base_url; /* NULL for the vendor's own; with one, SECRET may be NULL */
    const char *model;    /* for all it can do; NULL for the vendor's usual ones */
} VendorKey;

/* Where asks that outlive a process are remembered; given by who has a database. Each may be NULL. CONTEXT is passed on. */
typedef struct VendorJournal {
    void *context;
    /* The request that was begun under KEY at VENDOR; *RET stays NULL when there is none. */
    Err *(*find)(
        void *context, const char *key, const char *vendor, Arena *mem, const char **ret_request);
    Err *(*keep)(void *context, const char *key, const char *vendor, const char *request);
    Err *(*drop)(
        void *context, const char *key,
        const char *vendor); /* it has ended badly; what ended well stays, and is told again */
    /* The tenant's own key for VENDOR; *RET stays NULL when there is none. */
    Err *(*tenant_key)(
        void *context, const char *tenant_id, const char *vendor, Arena *mem,
        const char **ret_secret);
    /* Return when news of REQUEST have come from VENDOR (a webhook), or after MOST_MS. */
    Err *(*wait)(
        void *context, const char *vendor, const char *request, int64_t most_ms,
        const Cancel *cancel);
} VendorJournal;

typedef struct VendorsSetup {
    NetClient *net;
    const VendorKey *keys; /* ended by a nameless one */
    Texts routes
        [ABILITY_MAX_]; /* names of vendors in order; none: nobody is asked, the house does it itself */
    const char *
        hook_url; /* where vendors' webhooks come in, "https://studio.example/v1/hooks/"; NULL polls alone */
    VendorJournal journal;
} VendorsSetup;

/* INPUT_INVALID, with the names there are, for a route to an unknown vendor, or to one that lacks the ability or a key. Copies what
 * it needs but the journal's context. */
MUST Err *vendors_open(const VendorsSetup *setup, Vendors **ret);
void vendors_close(Vendors *vendors); /* after the last ask */
DEFINE_AUTO(Vendors, vendors_close);

/* Is anybody to be asked for ABILITY? NULL VENDORS: nobody. */
bool vendors_serve(const Vendors *vendors, Ability ability);

/* Who is asked for ABILITY, in order; lives as long as VENDORS. */
Texts vendors_route(const Vendors *vendors, Ability ability);

/* Is there a vendor by that name that has ABILITY? */
bool vendor_can(const char *name, Ability ability);

/* Ask, and have the pictures in hand, fetched and looked at: each of them begins as a picture of its type does.
 *   VENDOR_MISSING     nobody has this ability here, or no key
 *   VENDOR_KEY_REFUSED the vendor does not take our key            VENDOR_UNPAID  our account there is empty
 *   VENDOR_BUSY        rate limit, or its breaker is open; says when to come again
 *   PROMPT_REFUSED     moderation; the public text holds the vendor's reason in words
 *   MODEL_UNKNOWN, MODEL_RETIRED  the vendor has no such model (any more)
 *   INPUT_INVALID      the vendor refuses a value, with its words   FILE_TOO_LARGE  a picture is too large for it
 *   UPSTREAM_FAILED, UPSTREAM_TIMED_OUT, UPSTREAM_REFUSED, VENDOR_UNSURE (it may have been billed), CANCELLED
 */
MUST Err *vendors_ask(Vendors *vendors, const VendorAsk *ask, Arena *mem, VendorAnswer *ret);

/* What ASK would cost at whom it would go to now, without asking: for quotes, holds and budgets. VENDOR_MISSING as above; an unknown
 * price says so and is 0. */
typedef struct VendorQuote {
    const char *vendor, *model;
    int64_t cost_micro_usd;
    bool is_cost_known;
    const char *price_as_of, *price_source; /* "2026-06-10", a web page */
} VendorQuote;
MUST Err *vendors_quote(const Vendors *vendors, const VendorAsk *ask, VendorQuote *ret);

/* Has the vendor that ASK names its ability, and a key of the house or of ASK's tenant? *RET_MODEL is the operator's own model there, when
 * one is set for it, else ASK's; NULL when not. */
MUST Err *
vendors_reach(const Vendors *vendors, const VendorAsk *ask, Arena *mem, const char **ret_model);

/* What goes into a step's hash: who would be asked, by which model. */
void vendors_identify(const Vendors *vendors, Ability ability, Hasher *hasher);

/* ---- how they are ---- */

typedef struct VendorState {
    const char *name, *title, *site;
    Texts abilities;
    bool has_key;
    const char *breaker;   /* "closed", "half_open", "open" */
    int64_t open_until_ms; /* of the wall clock; 0 */
    int64_t under_way, asked, failed;
    int64_t limit, remaining; /* requests, by its last rate headers; -1 when it says nothing */
    double
        credits; /* of the vendor's own that are left there, when vendors_look saw it last; -1 when it does not say */
    int64_t cost_micro_usd; /* since this process began */
    const char *trouble;    /* the last failure, in public words; NULL */
    int64_t trouble_ms;
} VendorState;

extern const Shape vendor_state_shape;

void vendors_states(Vendors *vendors, Arena *mem, List *ret);

/* Ask each vendor that has a key how many credits are left, for the states; where they are few, the log is warned. Never fails for one that
 * does not answer. At the start and now and then; blocks. */
void vendors_look(Vendors *vendors, const Cancel *cancel);

/* ---- model names ----
 *
 * What people ask for ("dall-e-3", "sdxl") and what serves it today stand in a data file (share/vendors/models.json) that an operator
 * can replace (CYCLORAMA_MODEL_ALIASES). A name is what a customer writes; it leads to a vendor's model, with what that can do.
 */
typedef struct ModelAlias {
    const char *name; /* "dall-e-3" */
    const char *title;
    const char *vendor,
        *model;  /* "openai", "gpt-image-2"; vendor "builtin" is the house's own studio */
    Texts sizes; /* "1024x1024", ...; none: any */
    Texts qualities, backgrounds,
        formats;                     /* that may be asked for; none: not a thing of this model */
    Texts abilities;                 /* "generate", "edit", "variation" */
    int64_t count_most, prompt_most; /* characters */
    Texts becomes;                   /* "standard=medium", "hd=high": qualities in old words */
    bool is_emulated; /* another model stands in for it, as the vendor has switched it off */
    const char *shutdown_date; /* of the serving model, "2026-12-01"; NULL when none is known */
} ModelAlias;

extern const Shape model_alias_shape;

/* The file at PATH, or the one that travels in the program when NULL: a List of ModelAlias. INPUT_INVALID names row and field. */
MUST Err *model_aliases_read(const char *path, Arena *mem, List *ret);

/* Hold the aliases against what the vendors list whose keys are set: models that are gone, or will be switched off within 90 days, are a
 * warning in the log each and a text in *RET. A vendor that does not answer within 20 s is judged by the aliases' own dates. */
void model_aliases_check(
    Vendors *vendors, const List *aliases, const Cancel *cancel, Arena *mem, Texts *ret);

/* ---- webhooks ---- */

/* Is this webhook signed by VENDOR, and new enough? *RET_REQUEST is whose it is. UNAUTHENTICATED else; NOT_FOUND for a vendor that
 * sends none. HEADER gives a header's value or NULL. */
typedef struct VendorHook {
    const char *vendor;
    const char *(*header)(void *context, const char *name);
    void *context;
    const void *body;
    size_t size;
} VendorHook;
MUST Err *
vendors_hook(Vendors *vendors, const VendorHook *hook, Arena *mem, const char **ret_request);
