/* Forms: what a wish for formats, platforms and sizes comes to. */
#include <string.h>

#include "base/clock.h"
#include "pack/pack_priv.h"

enum {
    SIDE_MOST_PX = 8000,
    FORMS_MOST = 64
};

static const char *const format_names[] = {"png", "jpeg", "webp", "avif", "jpg"};
static const ImageFormat formats[] = {IMAGE_PNG, IMAGE_JPEG, IMAGE_WEBP, IMAGE_AVIF, IMAGE_JPEG};
static const char *const mark_names[] = {
    [MARK_OURS] = "ours", [MARK_NONE] = "none", [MARK_OWN] = "own", NULL};

const char *const pack_folder_names[] = {"format", "platform", "date", "flat", NULL};

static MUST Err *unknown(const char *what, const char *word, const char *const *names, size_t count)
{
    const char *near = shape_nearest(word, names, count);

    return err_public(
        err_new(ERR_INPUT_INVALID, "no %s is called '%s'", what, word),
        "There is no %s called '%s'.%s%s%s", what, word, near ? " Did you mean '" : "",
        near ? near : "", near ? "'?" : "");
}

static MUST Err *format_find(const char *word, ImageFormat *ret)
{
    for (size_t i = 0; i < COUNT(formats); i++)
        if (strcmp(word, format_names[i]) == 0) {
            *ret = formats[i];
            return NULL;
        }
    return unknown("format", word, format_names, COUNT(format_names));
}

/* "1080x1350"; *RET_WIDTH 0 for original. */
static MUST Err *size_read(const char *size, int *ret_width, int *ret_height)
{
    char *end = NULL, *rest = NULL;

    *ret_width = *ret_height = 0;
    if (!size || !*size || strcmp(size, "original") == 0)
        return NULL;
    long width = strtol(size, &end, 10);
    long height = *end == 'x' && end[1] >= '0' && end[1] <= '9' ? strtol(end + 1, &rest, 10) : 0;
    if (size[0] < '1' || size[0] > '9' || !rest || *rest)
        return err_public(
            err_new(ERR_INPUT_INVALID, "no size is called '%s'", size),
            "There is no size called '%s'. Take original, 1080x1080, 1200x1200, 2400x2400, or any "
            "other as width x height.",
            size);
    if (width < 16 || height < 16 || width > SIDE_MOST_PX || height > SIDE_MOST_PX)
        return err_public(
            err_new(ERR_INPUT_INVALID, "size '%s' is not to be had", size),
            "A size must have between 16 and %d pixels a side, such as 1080x1080.", SIDE_MOST_PX);
    *ret_width = (int)width;
    *ret_height = (int)height;
    return NULL;
}

/* ---- platforms ---- */

static void value_end(void *value)
{
    value_free(value);
}

static MUST Err *form_find(const Platform *platform, const char *word, Arena *mem, const Form **ret)
{
    const Form *forms = platform->forms.items;
    const char **names = ARENA_ARRAY(mem, const char *, platform->forms.count + 1);

    for (size_t i = 0; i < platform->forms.count; i++) {
        names[i] = forms[i].form;
        if (!word || strcmp(word, forms[i].form) == 0) {
            *ret = &forms[i];
            return NULL;
        }
    }
    return unknown(
        arena_print(mem, "form of %s", platform->title), word, names, platform->forms.count);
}

/* "instagram" or "instagram:4x5". */
static MUST Err *
platform_find(const char *word, Arena *mem, const Platform **ret, const Form **ret_form)
{
    const char *colon = strchr(word, ':');
    const char *name = colon ? arena_text_n(mem, word, (size_t)(colon - word)) : word;
    Platform *platform = ARENA_ARRAY(mem, Platform, 1);
    Value *json = NULL;
    Err *err = market_find_platform(name, NULL, mem, &json, platform);

    if (err && err_code(err) == ERR_NOT_FOUND) {
        const char *text = arena_text(mem, err_text(err));

        err_free(err);
        return err_public(
            err_new(ERR_INPUT_INVALID, "no platform is called '%s'", name), "%s", text);
    }
    TRY(err);
    arena_keep(mem, value_end, json);
    *ret = platform;
    return form_find(platform, colon ? colon + 1 : NULL, mem, ret_form);
}

/* Whether the platform's rules let it have FORMAT. */
static bool format_is_taken(const Platform *platform, ImageFormat format)
{
    const Rule *rules = platform->rules.items;

    for (size_t i = 0; i < platform->rules.count; i++) {
        const Texts *words = &rules[i].any_of;

        if (rules[i].measure != MEASURE_FORMAT || !words->count)
            continue;
        bool is_among = false;
        for (size_t j = 0; j < words->count; j++)
            is_among = is_among || strcmp(words->items[j], image_format_name(format)) == 0;
        if (!is_among)
            return false;
    }
    return true;
}

/* ---- the list ---- */

typedef struct FormList {
    const PackWish *wish;
    PackForm *items;
    size_t count;
    Arena *mem;
    ImageFormat formats[8];
    size_t format_count;
} FormList;

static MUST Err *formats_read(FormList *list)
{
    const Texts *words = &list->wish->formats;

    for (size_t i = 0; i < words->count; i++) {
        ImageFormat format;
        bool is_there = false;
        Err *err = format_find(words->items[i], &format);

        if (err)
            return err_field(err, "/formats/%zu", i);
        for (size_t j = 0; j < list->format_count; j++)
            is_there = is_there || list->formats[j] == format;
        if (!is_there)
            list->formats[list->format_count++] = format;
    }
    return NULL;
}

/* A platform takes which of the formats it can, and its own when it can take none of them. */
static void platform_add(FormList *list, const Platform *platform, const Form *form)
{
    ImageFormat own = IMAGE_JPEG;
    size_t before = list->count;
    PackForm row = {
        .platform = platform,
        .form = form,
        .width_px = (int)form->width_px,
        .height_px = (int)form->height_px,
        .quality = list->wish->quality ? (int)list->wish->quality : (int)form->quality,
        .label = arena_print(
            list->mem, "%s_%jdx%jd", platform->name, (intmax_t)form->width_px,
            (intmax_t)form->height_px),
    };

    err_free(format_find(platform->format, &own));
    for (size_t i = 0; i < list->format_count; i++)
        if (format_is_taken(platform, list->formats[i])) {
            row.format = list->formats[i];
            list->items[list->count++] = row;
        }
    if (list->count > before)
        return;
    row.format = own;
    list->items[list->count++] = row;
}

static MUST Err *platforms_read(FormList *list)
{
    const Texts *words = &list->wish->platforms;

    for (size_t i = 0; i < words->count; i++) {
        const Platform *platform = NULL;
        const Form *form = NULL;
        bool is_there = false;
        Err *err = platform_find(words->items[i], list->mem, &platform, &form);

        if (err)
            return err_field(err, "/platforms/%zu", i);
        for (size_t j = 0; j < list->count; j++)
            is_there = is_there || (strcmp(list->items[j].platform->name, platform->name) == 0 &&
                                    strcmp(list->items[j].form->form, form->form) == 0);
        if (!is_there)
            platform_add(list, platform, form);
    }
    return NULL;
}

static MUST Err *plain_add(FormList *list)
{
    PackForm row = {.quality = (int)list->wish->quality, .label = "original"};
    Err *err = size_read(list->wish->size, &row.width_px, &row.height_px);

    if (err)
        return err_field(err, "/size");
    if (row.width_px)
        row.label = arena_print(list->mem, "%dx%d", row.width_px, row.height_px);
    row.is_as_it_is = !list->format_count;
    if (row.is_as_it_is)
        list->items[list->count++] = row;
    for (size_t i = 0; i < list->format_count; i++) {
        row.format = list->formats[i];
        list->items[list->count++] = row;
    }
    return NULL;
}

/* A format that none of the platforms takes is given as the picture is: it was asked for. */
static void left_add(FormList *list)
{
    size_t count = list->count;

    for (size_t i = 0; i < list->format_count; i++) {
        bool is_there = false;

        for (size_t j = 0; j < count; j++)
            is_there = is_there || list->items[j].format == list->formats[i];
        if (!is_there)
            list->items[list->count++] = (PackForm){
                .format = list->formats[i],
                .quality = (int)list->wish->quality,
                .label = "original",
            };
    }
}

static MUST Err *wish_check(const PackWish *wish)
{
    if (wish->quality < 0 || wish->quality > 100)
        return err_field(
            err_public(
                err_new(ERR_INPUT_INVALID, "quality is %jd", (intmax_t)wish->quality),
                "The quality must lie between 1 and 100."),
            "/quality");
    if (wish->formats.count > 8 || wish->platforms.count > 20)
        return err_field(
            err_public(
                err_new(ERR_INPUT_INVALID, "a pack in too many forms"),
                "A ZIP can have up to 8 formats and 20 platforms."),
            wish->formats.count > 8 ? "/formats" : "/platforms");
    return NULL;
}

Err *pack_forms(const PackWish *wish, Arena *mem, List *ret)
{
    FormList list = {.wish = wish, .mem = mem};

    TRY(wish_check(wish));
    list.items = ARENA_ARRAY(mem, PackForm, (wish->platforms.count + 1) * 8);
    TRY(formats_read(&list));
    TRY(platforms_read(&list));
    if (wish->platforms.count) {
        int width, height;
        Err *err = size_read(wish->size, &width, &height);

        if (err)
            return err_field(err, "/size");
        left_add(&list);
    } else {
        TRY(plain_add(&list));
    }
    *ret = (List){list.items, list.count};
    return NULL;
}

Err *pack_check(const PackWish *wish, int *ret_formats, int *ret_platforms)
{
    AUTO(arena_free) Arena *mem = arena_new();
    const char **platforms = ARENA_ARRAY(mem, const char *, wish->platforms.count + 1);
    unsigned formats_seen = 0;
    int platform_count = 0;
    List forms;

    TRY(pack_forms(wish, mem, &forms));
    for (size_t i = 0; i < forms.count; i++) {
        const PackForm *form = (const PackForm *)forms.items + i;
        bool is_there = !form->platform;

        if (!form->is_as_it_is)
            formats_seen |= 1u << form->format;
        for (int j = 0; j < platform_count && !is_there; j++)
            is_there = strcmp(platforms[j], form->platform->name) == 0;
        if (!is_there)
            platforms[platform_count++] = form->platform->name;
    }
    if (ret_formats)
        *ret_formats = MAX(__builtin_popcount(formats_seen), 1);
    if (ret_platforms)
        *ret_platforms = platform_count;
    return NULL;
}

/* ---- as it is kept ---- */

static const Field PackWish_fields[] = {
    {FIELD_TEXTS(PackWish, formats), .help = "Kinds of files", .optional = true},
    {FIELD_TEXTS(PackWish, platforms), .help = "Where the pictures are to be shown",
     .optional = true},
    {FIELD_TEXT(PackWish, size), .help = "Width and height", .nullable = true, .optional = true},
    {FIELD_INT(PackWish, quality), .help = "Of JPEG and WebP", .preset = "0"},
    {FIELD_NAME(PackWish, folders, pack_folder_names), .help = "What folders stand for",
     .preset = "format"},
    {FIELD_BOOL(PackWish, has_metadata), .help = "With metadata.json", .preset = "true"},
    {FIELD_INT(PackWish, credits), .help = "What it costs", .preset = "0"},
    {FIELD_TEXTS(PackWish, photo_ids), .help = "Photos", .optional = true},
    {FIELD_TEXTS(PackWish, run_ids), .help = "Pictures", .optional = true},
    {FIELD_NAME(PackWish, mark, mark_names), .help = "Whose mark is on them", .preset = "none"},
    {FIELD_TEXT(PackWish, mark_text), .help = "What is written on them", .nullable = true,
     .optional = true},
    {FIELD_END},
};
const Shape pack_wish_shape = SHAPE(PackWish);
