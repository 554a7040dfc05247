/* openai_priv.h - what the files of this folder share. Not for other folders. */
#pragma once

#include <string.h>

#include "door/desk.h"
#include "http/events.h"

extern const Endpoint openai_generate, openai_edit, openai_vary;
extern const Endpoint openai_model_list, openai_model_get;

/* What a request may say: each endpoint takes the fields that its document has. */
typedef struct OpenaiIn {
    const char *prompt, *model, *size, *quality, *background, *moderation;
    const char *output_format, *style, *user;
    int64_t n, output_compression, partial_images; /* FIELD_NONE when unsaid */
    int response_format, input_fidelity;           /* -1 when unsaid */
    bool stream;
} OpenaiIn;

extern const char *const openai_answer_formats[]; /* url, b64_json */
extern const char *const openai_fidelities[];     /* high, low */

/* ---- the rows that endpoints share ---- */

#define OPENAI_PROMPT FIELD_TEXT(OpenaiIn, prompt), .help = "What the picture shall show"

#define OPENAI_MODEL_FIELDS \
    {FIELD_TEXT(OpenaiIn, model), .help = "Model, of GET /v1/models; left out for the first", \
     .optional = true, .nullable = true, .max = 100}, \
        {FIELD_INT(OpenaiIn, n), \
         .help = "How many pictures; 1 when left out", \
         .optional = true, \
         .nullable = true, \
         .min = 1, \
         .max = 10}, \
        {FIELD_TEXT(OpenaiIn, size), .help = "WIDTHxHEIGHT that the model takes, or auto", \
         .optional = true, .nullable = true, .max = 20}, \
    { \
        FIELD_TEXT(OpenaiIn, user), .help = "Accepted; who asks is known by the key", \
                                    .optional = true, .nullable = true, .max = 512 \
    }

#define OPENAI_ANSWER_FIELD \
    { \
        FIELD_NAME(OpenaiIn, response_format, openai_answer_formats), \
            .help = "The pictures themselves, or addresses that are good for an hour; when left " \
                    "out, addresses for dall-e models and variations", \
            .optional = true, .nullable = true \
    }

#define OPENAI_PICTURE_FIELDS \
    {FIELD_TEXT(OpenaiIn, quality), \
     .help = "low, medium, high or auto; older models take standard and hd", .optional = true, \
     .nullable = true, .max = 20}, \
        {FIELD_TEXT(OpenaiIn, background), .help = "transparent, opaque or auto", \
         .optional = true, .nullable = true, .max = 20}, \
        {FIELD_TEXT(OpenaiIn, moderation), \
         .help = "How strictly words are looked at: auto or low", .optional = true, \
         .nullable = true, .max = 10}, \
        {FIELD_TEXT(OpenaiIn, output_format), .help = "png, jpeg or webp", .optional = true, \
         .nullable = true, .max = 10}, \
        {FIELD_INT(OpenaiIn, output_compression), \
         .help = "Quality of jpeg and webp", \
         .optional = true, \
         .nullable = true, \
         .min = 0, \
         .max = 100, \
         .unit = "%"}, \
        {FIELD_BOOL(OpenaiIn, stream), .help = "Answer with events", .optional = true, \
         .nullable = true}, \
    { \
        FIELD_INT(OpenaiIn, partial_images), \
            .help = "Unfinished pictures on the way, for stream; fewer may come", \
            .optional = true, .nullable = true, .min = 0, .max = 3 \
    }

/* ---- what is answered ---- */

typedef struct OpenaiImage {
    const char *b64_json, *url, *revised_prompt;
} OpenaiImage;

typedef struct OpenaiTokens {
    int64_t text_tokens, image_tokens;
} OpenaiTokens;

typedef struct OpenaiUsage {
    int64_t total_tokens, input_tokens, output_tokens;
    OpenaiTokens input_tokens_details, output_tokens_details;
} OpenaiUsage;

typedef struct OpenaiImages {
    int64_t created;
    List data;
    const char *background, *output_format, *size, *quality;
    OpenaiUsage usage;
} OpenaiImages;

extern const Field OpenaiImages_fields[];
extern const Shape openai_usage_shape;

OpenaiUsage openai_usage_of(const Art *art);

/* Errors of who makes pictures: one for each status that they can have. */
#define OPENAI_ERRORS \
    ERR_PROMPT_REFUSED, ERR_MODEL_UNKNOWN, ERR_CONFLICT, ERR_CREDITS_SPENT, ERR_UPSTREAM_FAILED, \
        ERR_VENDOR_BUSY, ERR_VENDOR_UNSURE

/* Make what IN wishes, with WISH's kind and pictures, and answer with it, as a body or as events. */
MUST Err *openai_make(Call *call, const OpenaiIn *in, ArtWish *wish, OpenaiImages *out);

/* ---- tell.c: pictures as events ---- */

/* For ArtWish.partial; TELLING is an OpenaiTelling. */
typedef struct OpenaiTelling {
    Call *call;
    const ArtWish *wish;
    int64_t began_ms;
} OpenaiTelling;

Err *openai_tell_partial(void *telling, int index, const VendorPicture *picture);
MUST Err *openai_tell_end(const OpenaiTelling *telling, const Art *art);

/* ---- openai.c ---- */

/* What OpenAI says in headers of every reply; BEGAN_MS of the ticks, 0 leaves out how long it took. */
void openai_headers_set(Call *call, int64_t began_ms);
