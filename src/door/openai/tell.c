/* Pictures as events, unfinished ones too. */
#include "base/base64.h"
#include "base/clock.h"
#include "door/openai/openai_priv.h"

enum {
    EVENT_BYTES_MAX = 96 * 1024 * 1024
};

typedef struct OpenaiEvent {
    const char *type, *b64_json;
    int64_t created_at;
    const char *size, *quality, *background, *output_format;
    int64_t partial_image_index;
    OpenaiUsage usage;
} OpenaiEvent;

#define EVENT_FIELDS \
    {FIELD_TEXT(OpenaiEvent, type), .help = "Type"}, \
        {FIELD_TEXT(OpenaiEvent, b64_json), .help = "The picture"}, \
        {FIELD_INT(OpenaiEvent, created_at), .help = "Seconds since 1970"}, \
        {FIELD_TEXT(OpenaiEvent, size), .help = "WIDTHxHEIGHT, or auto"}, \
        {FIELD_TEXT(OpenaiEvent, quality), .help = "Quality, or auto"}, \
        {FIELD_TEXT(OpenaiEvent, background), .help = "transparent, opaque or auto"}, \
    { \
        FIELD_TEXT(OpenaiEvent, output_format), .help = "png, jpeg or webp" \
    }

static const Field PartialEvent_fields[] = {
    EVENT_FIELDS,
    {FIELD_INT(OpenaiEvent, partial_image_index), .help = "Which, from 0"},
    {FIELD_END},
};
static const Shape partial_shape = {"PartialEvent", sizeof(OpenaiEvent), PartialEvent_fields};

static const Field CompletedEvent_fields[] = {
    EVENT_FIELDS,
    {FIELD_OBJECT(OpenaiEvent, usage, OpenaiUsage, &openai_usage_shape), .help = "Tokens"},
    {FIELD_END},
};
static const Shape completed_shape = {"CompletedEvent", sizeof(OpenaiEvent), CompletedEvent_fields};

static const char *word(const char *text, const char *otherwise)
{
    return text && *text ? text : otherwise;
}

static MUST Err *tell(Call *call, const Shape *shape, const OpenaiEvent *event)
{
    AUTO(buf_done) Buf text = BUF(EVENT_BYTES_MAX);
    AUTO(value_free) Value *value = shape_write(shape, event);

    TRY(value_write(value, VALUE_COMPACT, &text));
    return call_event_send(call, &(Event){.name = event->type, .data = buf_text(&text)});
}

static const char *type_of(const ArtWish *wish, bool is_whole)
{
    if (wish->kind == ART_GENERATE)
        return is_whole ? "image_generation.completed" : "image_generation.partial_image";
    return is_whole ? "image_edit.completed" : "image_edit.partial_image";
}

Err *openai_tell_partial(void *telling_any, int index, const VendorPicture *picture)
{
    const OpenaiTelling *telling = telling_any;
    const ArtWish *wish = telling->wish;
    AUTO(arena_free) Arena *mem = arena_new();

    if (!call_has_told(telling->call))
        openai_headers_set(telling->call, telling->began_ms);
    return tell(
        telling->call, &partial_shape,
        &(OpenaiEvent){
            .type = type_of(wish, false),
            .b64_json = base64_text(picture->bytes, picture->size, mem),
            .created_at = clock_now_ms() / 1000,
            .size = word(wish->size, "auto"),
            .quality = word(wish->quality, "auto"),
            .background = word(wish->background, "auto"),
            .output_format = word(wish->format, "png"),
            .partial_image_index = index,
        });
}

static MUST Err *tell_picture(const OpenaiTelling *telling, const Art *art, size_t index)
{
    const ArtPicture *picture = &art->pictures[index];
    AUTO(arena_free) Arena *mem = arena_new();
    OpenaiEvent event = {
        .type = type_of(telling->wish, true),
        .b64_json = base64_text(picture->bytes, picture->size, mem),
        .created_at = art->created_ms / 1000,
        .size = arena_print(mem, "%dx%d", picture->width_px, picture->height_px),
        .quality = word(art->quality, "auto"),
        .background = word(telling->wish->background, "opaque"),
        .output_format = picture->filetype,
    };

    if (index + 1 == art->count) /* of the whole request: told once, so that who sums up is right */
        event.usage = openai_usage_of(art);
    return tell(telling->call, &completed_shape, &event);
}

Err *openai_tell_end(const OpenaiTelling *telling, const Art *art)
{
    for (size_t i = 0; i < art->count; i++)
        TRY(tell_picture(telling, art, i));
    return NULL;
}
