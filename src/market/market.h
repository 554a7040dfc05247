/* market.h - does a finished picture keep to a shop's rules?
 *
 * Three things in a row: the subject (where in the picture the product stands, and on what), the facts (numbers and words that are
 * measured, each of which may be unknown), and the findings (each rule of a platform against its fact). Rules are data: a
 * platform is a JSON file of share/platforms with limits, sources and dates; no shop's number stands in the code.
 *
 * What is only suspected (text, a frame, a watermark, a collage) can bring a warning and never a failure. Everything here reads
 * pictures and leaves them as they are; any thread may call. Working memory is about 40 bytes for each of at most a million points, however
 * large the picture is.
 */
#pragma once

#include "image/image.h"
#include "shape/shape.h"

/* ---- the subject ---- */

typedef enum SubjectBy {
    SUBJECT_UNKNOWN,   /* the background is not plain, and nobody said where the product is */
    SUBJECT_BY_ALPHA,  /* what can be seen through is background */
    SUBJECT_BY_GROUND, /* the background is plain: the product is what differs */
    SUBJECT_BY_CUTOUT, /* as the caller's cut-out says */
} SubjectBy;

typedef enum Cover {
    COVER_GROUND, /* background */
    COVER_SHADOW, /* background, darkened by the product */
    COVER_LOOSE,  /* something small beside the product */
    COVER_PRODUCT,
} Cover;

typedef struct Subject {
    SubjectBy by;
    Image *map; /* Cover of each point, one channel, smaller than the picture; NULL when unknown */
    Box box;    /* of the product, in pixels of the picture */
    bool is_doubtful; /* as much soft shadow as product: glass, or white on white */
    int pieces;       /* of the product that are about as large as the largest */
    Colour ground;    /* middle colour of the picture's border */
    double even;      /* 0..1: how much of the border is without texture */
} Subject;

/* PICTURE is DEPTH_8, RGB or RGBA. CUTOUT is a picture of the same shape whose alpha is the product, or NULL. */
MUST Err *market_find_subject(const Image *picture, const Image *cutout, Subject *ret);
void market_subject_done(Subject *subject);
DEFINE_AUTO_DONE(Subject, market_subject_done);

/* What covers pixel X, Y of a picture of WIDTH x HEIGHT; COVER_GROUND when unknown. */
Cover market_cover_at(const Subject *subject, int x, int y, int width, int height);

/* Is the background plain, and no darker than LEVELS below white? Never for 0. */
bool market_is_near_white(const Subject *subject, int levels);

/* PICTURE (RGB, DEPTH_8), whose background is near white, with a background of pure white; the product and its shadow stay. */
MUST Err *market_whiten(const Image *picture, const Subject *subject, int threads, Image **ret);

/* ---- the facts ---- */

typedef enum Measure {
    MEASURE_WIDTH,
    MEASURE_HEIGHT,
    MEASURE_LONGEST,
    MEASURE_SHORTEST,
    MEASURE_MEGAPIXELS,
    MEASURE_ASPECT,
    MEASURE_BYTES,
    MEASURE_FORMAT,
    MEASURE_ENDING,
    MEASURE_COLOURS,
    MEASURE_FRAMES,
    MEASURE_OPAQUE,
    MEASURE_BORDER_WHITE,
    MEASURE_GROUND_WHITE,
    MEASURE_CORNER,
    MEASURE_GROUND_MEAN,
    MEASURE_GROUND_EVEN,
    MEASURE_FILL,
    MEASURE_AREA,
    MEASURE_CUT,
    MEASURE_PIECES,
    MEASURE_TEXTS,
    MEASURE_WATERMARKS,
    MEASURE_FRAME,
    MEASURE_PANELS,
    MEASURE_ORIGIN,
    MEASURE_MAX_
} Measure;

typedef struct MeasureRow {
    const char *name, *unit, *meaning; /* "fill_percent", "%", a sentence without a full stop */
    bool is_word;
    bool is_suspicion; /* cannot fail a picture, only warn */
    double tolerance;  /* how far the measuring itself may be off */
} MeasureRow;

extern const MeasureRow market_measures[MEASURE_MAX_];

typedef struct Fact {
    bool is_known;
    double number;
    const char *word; /* of a measure that is a word; lives as long as what it was taken from */
    Box where;        /* of a suspicion, pixels; empty when there is none */
} Fact;

typedef struct Facts {
    Fact of[MEASURE_MAX_];
} Facts;

/* A file as it was read, and what is known of it. */
typedef struct MarketPicture {
    const char *path;        /* for its ending; NULL leaves that unknown */
    int64_t bytes;           /* 0 leaves it unknown */
    const ImageFacts *facts; /* as stored */
    const char *source_type; /* IPTC's bare word, or NULL */
    const Image *image;      /* decoded */
    const Subject *subject;
} MarketPicture;

MUST Err *market_measure(const MarketPicture *picture, Facts *ret);

/* Look for text, watermarks, frames and seams; part of market_measure. */
MUST Err *market_find_marks(const Image *picture, const Subject *subject, Facts *facts);

/* ---- the rules ---- */

typedef enum Severity {
    SEVERITY_SHOULD, /* breaking it is a warning */
    SEVERITY_MUST,
} Severity;

/* Where in a listing a picture goes: shops ask other things of the first one than of those behind it. */
typedef enum Slot {
    SLOT_ANY, /* of a rule: it holds for all */
    SLOT_MAIN,
    SLOT_SECOND,
} Slot;

typedef struct Rule {
    const char *rule;   /* "pure-white" */
    int slot;           /* Slot it holds for */
    int measure;        /* Measure */
    double least, most; /* NO_LIMIT where there is none */
    Texts any_of, none_of;
    int severity;                          /* Severity */
    const char *say;                       /* what to do when it is broken: a sentence */
    const char *source;                    /* who says so */
    int grade;                             /* how sure that is: RuleGrade */
    const char *checked_on, *from, *until; /* days, "2027-01-31"; "" for none */
} Rule;

#define NO_LIMIT (-1.0)

typedef enum RuleGrade {
    GRADE_OFFICIAL,    /* the platform's own page was read */
    GRADE_SECONDARY,   /* others report it */
    GRADE_UNCONFIRMED, /* known, and not looked up */
} RuleGrade;

extern const char *const market_slot_names[]; /* "any", by Slot, NULL-ended */
extern const char *const market_severity_names[], *const market_grade_names[],
                                                      *const market_measure_names[];

/* A size that a platform shows pictures in. */
typedef struct Form {
    const char *form; /* "4x5" */
    int64_t width_px, height_px, quality;
    int64_t whiten;  /* as market_is_near_white: a background no darker is made pure; 0 leaves it */
    Colour ground;   /* behind what is transparent */
    const char *use; /* what it is for: "Stories" */
} Form;

extern const Shape market_form_shape;

typedef struct Platform {
    const char *name, *title, *about;
    int64_t version;
    int64_t width_px, height_px; /* what a template for it is best made in */
    const char *format;
    List rules; /* of Rule */
    List forms; /* of Form; the first is taken when none is named */
} Platform;

extern const Shape market_platform_shape;

/* The names of all built-in platforms, NULL-ended; in MEM. */
const char *const *market_platform_names(Arena *mem);

/* The platform called NAME: the file NAME.json of FOLDER when it is there (NULL for none), else the built-in one; in MEM. *RET_JSON
 * keeps it alive. INPUT_INVALID, NOT_FOUND with the nearest name. */
MUST Err *market_find_platform(
    const char *name, const char *folder, Arena *mem, Value **ret_json, Platform *ret);

/* ---- the findings ---- */

typedef enum Verdict {
    VERDICT_PASS,
    VERDICT_UNKNOWN, /* could not be measured */
    VERDICT_WARN,    /* should be mended, is only suspected, or will be wrong from a day to come */
    VERDICT_FAIL,
} Verdict;

extern const char *const market_verdict_names[];

typedef struct Finding {
    const Rule *rule;
    Verdict verdict;
    bool is_later;        /* the rule holds from a day to come */
    const char *measured; /* "84.2 %" */
    const char *limit;    /* "at least 85 %" */
} Finding;

typedef struct Findings {
    Finding *items;
    size_t count;
    size_t counts[VERDICT_FAIL + 1];
} Findings;

/* What a picture is judged for. */
typedef struct Listing {
    const char *day; /* "2026-11-21" */
    Slot slot;       /* never SLOT_ANY */
} Listing;

/* Whether RULE is in force for LISTING, or will be. */
bool market_rule_holds(const Rule *rule, const Listing *listing);

/* Every rule of PLATFORM that holds for LISTING's slot, on its day or later; rules whose time is over are left out. In MEM. */
void market_judge(
    const Platform *platform, const Facts *facts, const Listing *listing, Arena *mem,
    Findings *ret);

/* The tightest limits that PLATFORM's rules that hold for LISTING set for MEASURE; NO_LIMIT where there is none. */
void market_limits(
    const Platform *platform, Measure measure, const Listing *listing, double *ret_least,
    double *ret_most);
