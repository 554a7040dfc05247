/* Pictures from pictures: edits and variations. */
#include "door/held.h"
#include "door/openai/openai_priv.h"

enum {
    IMAGE_BYTES_MAX = 50 << 20,
    MASK_BYTES_MAX = 4 << 20,
    FORM_BYTES_MAX = 256 << 20
};

static const char *const picture_types[] = {
    "image/png", "image/jpeg", "image/webp", "application/octet-stream", NULL};

static Err *part_open(Call *call, const Part *part, Sink *ret)
{
    (void)call;
    return held_open(strcmp(part->name, "mask") == 0 ? MASK_BYTES_MAX : IMAGE_BYTES_MAX, ret);
}

/* The files of CALL into WISH; PICTURES is for those that may be several: `image`, or each as `image[]`. */
static MUST Err *files_take(Call *call, ArtWish *wish, VendorPicture *pictures)
{
    size_t count;
    const Part *parts = call_parts(call, &count);

    for (size_t i = 0; i < count; i++)
        if (strcmp(parts[i].name, "mask") == 0)
            wish->mask = held_picture(&parts[i]);
        else if (wish->image_count < VENDOR_IMAGES_MOST)
            pictures[wish->image_count++] = held_picture(&parts[i]);
        else
            return err_field(
                err_public(
                    err_new(ERR_INPUT_INVALID, "more than %d images", VENDOR_IMAGES_MOST),
                    "At most %d images can be sent.", VENDOR_IMAGES_MOST),
                "/image");
    wish->images = pictures;
    return NULL;
}

#define IMAGE_FILE(name_, most_) \
    { \
        .name = (name_), .help = "A picture: PNG, JPEG or WebP", .types = picture_types, \
        .max_bytes = IMAGE_BYTES_MAX, .most = (most_) \
    }

static const Field EditIn_fields[] = {
    {OPENAI_PROMPT, .max = 32000},
    OPENAI_MODEL_FIELDS,
    OPENAI_ANSWER_FIELD,
    OPENAI_PICTURE_FIELDS,
    {FIELD_NAME(OpenaiIn, input_fidelity, openai_fidelities),
     .help = "Accepted; what the mask keeps stays as it was, to the last bit", .optional = true,
     .nullable = true},
    {FIELD_END},
};

HANDLER(edit, OpenaiIn, OpenaiImages);

const Endpoint openai_edit = {
    .method = POST,
    .kind = ENDPOINT_MULTIPART,
    .path = "/v1/images/edits",
    .id = "openai_edit",
    .summary = "Change a picture, or make one of several",
    .about =
        "The first `image` is changed where `mask`, or without one the picture itself, is "
        "transparent, and stays as it was everywhere else; without any transparency all of it is "
        "drawn anew. The others are looked at.",
    .tag = "Images",
    .scope = "images:write",
    .in = {"EditIn", sizeof(OpenaiIn), EditIn_fields},
    .out = SHAPE(OpenaiImages),
    .files =
        (const FileField[]){
            IMAGE_FILE("image", VENDOR_IMAGES_MOST),
            IMAGE_FILE("image[]", VENDOR_IMAGES_MOST),
            {.name = "mask",
             .help = "PNG as large as the first picture; transparent where it may change",
             .types = picture_types,
             .max_bytes = MASK_BYTES_MAX,
             .most = 1},
            {0},
        },
    .max_bytes = FORM_BYTES_MAX,
    .errors = ERRORS(OPENAI_ERRORS),
    .is_patient = true,
    .handle = CALLS(edit),
    .part = part_open,
};

static Err *edit(Call *call, const OpenaiIn *in, OpenaiImages *out)
{
    VendorPicture pictures[VENDOR_IMAGES_MOST];
    ArtWish wish = {.kind = ART_EDIT};

    TRY(files_take(call, &wish, pictures));
    return openai_make(call, in, &wish, out);
}

static const Field VaryIn_fields[] = {
    OPENAI_MODEL_FIELDS,
    OPENAI_ANSWER_FIELD,
    {FIELD_END},
};

HANDLER(vary, OpenaiIn, OpenaiImages);

const Endpoint openai_vary = {
    .method = POST,
    .kind = ENDPOINT_MULTIPART,
    .path = "/v1/images/variations",
    .id = "openai_vary",
    .summary = "Make others like a picture",
    .tag = "Images",
    .scope = "images:write",
    .in = {"VaryIn", sizeof(OpenaiIn), VaryIn_fields},
    .out = SHAPE(OpenaiImages),
    .files = (const FileField[]){IMAGE_FILE("image", 1), {0}},
    .max_bytes = FORM_BYTES_MAX,
    .errors = ERRORS(OPENAI_ERRORS),
    .is_patient = true,
    .handle = CALLS(vary),
    .part = part_open,
};

static Err *vary(Call *call, const OpenaiIn *in, OpenaiImages *out)
{
    VendorPicture pictures[VENDOR_IMAGES_MOST];
    ArtWish wish = {.kind = ART_VARIATION};
    OpenaiIn whole = *in; /* its document has no more than its fields */

    whole.output_compression = whole.partial_images = FIELD_NONE;
    TRY(files_take(call, &wish, pictures));
    return openai_make(call, &whole, &wish, out);
}
