/* A wish held against what its model can: every value is known to be good before anybody is paid. */
#include <string.h>

#include "art/art_priv.h"
#include "scene/scene.h"

const char *const art_kind_names[] = {
    [ART_GENERATE] = "generate", [ART_EDIT] = "edit", [ART_VARIATION] = "variation", NULL};

enum {
    SIDE_LEAST_PX = 16,
    DRAWN_LEAST_PX = 1024 /* what is wished smaller is drawn so large and shrunk */
};

static bool texts_have(const Texts *texts, const char *text)
{
    for (size_t i = 0; i < texts->count; i++)
        if (strcmp(texts->items[i], text) == 0)
            return true;
    return false;
}

static const char *texts_join(const Texts *texts, Arena *mem)
{
    const char *joined = "";

    for (size_t i = 0; i < texts->count; i++)
        joined = arena_print(mem, "%s%s%s", joined, i ? ", " : "", texts->items[i]);
    return joined;
}

static bool is_left(const char *text)
{
    return !text || !*text || strcmp(text, "auto") == 0;
}

/* ---- the model ---- */

Err *art_alias(const ArtRoom *room, const char *name, const ModelAlias **ret)
{
    const ModelAlias *aliases = room->aliases.items;
    AUTO(arena_free) Arena *mem = arena_new();
    Texts names = {ARENA_ARRAY(mem, const char *, room->aliases.count + 1), 0};

    for (size_t i = 0; i < room->aliases.count; i++) {
        names.items[names.count++] = aliases[i].name;
        if (strcmp(aliases[i].name, name) == 0) {
            *ret = &aliases[i];
            return NULL;
        }
    }
    const char *near = shape_nearest(name, names.items, names.count);
    return err_field(
        err_public(
            err_new(ERR_MODEL_UNKNOWN, "no model '%.100s'", name),
            "There is no model by that name.%s%s%s There are: %s.", near ? " Did you mean '" : "",
            near ? near : "", near ? "'?" : "", texts_join(&names, mem)),
        "/model");
}

static MUST Err *alias_find(const ArtRoom *room, const ArtWish *wish, const ModelAlias **ret)
{
    const ModelAlias *aliases = room->aliases.items;
    const char *ability = art_kind_names[wish->kind];

    if (wish->model && *wish->model) {
        TRY(art_alias(room, wish->model, ret));
        if (texts_have(&(*ret)->abilities, ability))
            return NULL;
        return err_field(
            err_public(
                err_new(ERR_INPUT_INVALID, "model '%s' cannot %s", (*ret)->name, ability),
                "%s has no %s. Choose another model.", (*ret)->name, ability),
            "/model");
    }
    for (size_t i = 0; i < room->aliases.count; i++)
        if (texts_have(&aliases[i].abilities, ability)) {
            *ret = &aliases[i];
            return NULL;
        }
    return err_new(ERR_VENDOR_MISSING, "no alias can %s", ability);
}

/* ---- words ---- */

static size_t characters(const char *text)
{
    size_t count = 0;

    for (; *text; text++)
        count += ((unsigned char)*text & 0xc0) != 0x80;
    return count;
}

static MUST Err *prompt_check(const ArtWish *wish, const ModelAlias *alias, const char **ret)
{
    const char *prompt = wish->prompt ? wish->prompt : "";
    size_t most = alias->prompt_most > 0 ? (size_t)alias->prompt_most : ART_TEXT_MAX;

    if (!prompt[strspn(prompt, " \t\r\n")]) {
        *ret = "";
        return wish->kind == ART_VARIATION
                   ? NULL
                   : err_field(
                         err_public(
                             err_new(ERR_INPUT_MISSING, "no prompt"),
                             "prompt is missing: say in words what the picture should show."),
                         "/prompt");
    }
    if (characters(prompt) > MIN(most, (size_t)ART_TEXT_MAX))
        return err_field(
            err_public(
                err_new(ERR_INPUT_INVALID, "a prompt of %zu characters", characters(prompt)),
                "prompt has %zu characters; %s takes %zu.", characters(prompt), alias->name, most),
            "/prompt");
    *ret = prompt;
    return NULL;
}

static MUST Err *count_check(const ArtWish *wish, const ModelAlias *alias)
{
    int64_t most = alias->count_most > 0 ? alias->count_most : VENDOR_PICTURES_MOST;

    if (wish->count >= 1 && wish->count <= MIN(most, (int64_t)VENDOR_PICTURES_MOST))
        return NULL;
    return err_field(
        err_public(
            err_new(ERR_INPUT_INVALID, "%lld pictures", (long long)wish->count),
            "n must be %s%lld for %s.", most > 1 ? "1 to " : "",
            (long long)MIN(most, (int64_t)VENDOR_PICTURES_MOST), alias->name),
        "/n");
}

/* WORD, unless it is left to the model, must be one of WORDS. */
static MUST Err *
word_check(const char *name, const char *word, const Texts *words, const char *model, Arena *mem)
{
    if (is_left(word) || texts_have(words, word))
        return NULL;
    return err_field(
        err_public(
            err_new(ERR_INPUT_INVALID, "%s '%.60s' is not of model '%s'", name, word, model),
            "%s must be %s%s for %s.", name,
            words->count > 1    ? "one of auto, "
            : words->count == 1 ? "auto or "
                                : "auto",
            texts_join(words, mem), model),
        "/%s", name);
}

/* ---- size ---- */

bool art_size_read(const char *text, int *ret_width_px, int *ret_height_px)
{
    int sides[2] = {0};

    for (int i = 0; i < 2; i++) {
        size_t digits = strspn(text, "0123456789");

        if (digits < 1 || digits > 5 || *text == '0')
            return false;
        for (; digits; digits--)
            sides[i] = sides[i] * 10 + (*text++ - '0');
        if (i == 0 && *text++ != 'x')
            return false;
    }
    *ret_width_px = sides[0];
    *ret_height_px = sides[1];
    return *text == '\0';
}

static MUST Err *size_check(const ArtWish *wish, ArtPlan *plan, Arena *mem)
{
    const ModelAlias *alias = plan->alias;
    int width = 0, height = 0;

    if (alias->sizes.count)
        TRY(word_check("size", wish->size, &alias->sizes, alias->name, mem));
    if (is_left(wish->size))
        return NULL;
    if (!art_size_read(wish->size, &width, &height) || MIN(width, height) < SIDE_LEAST_PX ||
        MAX(width, height) > SCENE_SIDE_MAX_PX || MAX(width, height) > 3 * MIN(width, height))
        return err_field(
            err_public(
                err_new(ERR_INPUT_INVALID, "size '%.40s'", wish->size),
                "size must be auto or WIDTHxHEIGHT in pixels, %d to %d a side and at most 3 to 1.",
                SIDE_LEAST_PX, SCENE_SIDE_MAX_PX),
            "/size");
    plan->width_px = width;
    plan->height_px = height;
    return NULL;
}

/* Nobody asked for a size: the square that all models know, or the model's first. An edit keeps the size of its picture. */
static void size_default(const ArtWish *wish, ArtPlan *plan)
{
    const Texts *sizes = &plan->alias->sizes;
    const char *first =
        !sizes->count || texts_have(sizes, "1024x1024") ? "1024x1024" : sizes->items[0];

    if (plan->width_px || wish->kind == ART_EDIT)
        return;
    art_size_read(first, &plan->width_px, &plan->height_px);
}

static void size_drawn(ArtPlan *plan)
{
    int least = MIN(plan->width_px, plan->height_px);
    int times = least > 0 ? (DRAWN_LEAST_PX + least - 1) / least : 1;

    if (least >= 768)
        times = 1;
    plan->drawn_width_px = plan->width_px * times;
    plan->drawn_height_px = plan->height_px * times;
}

/* ---- quality, ground, file ---- */

/* In the words of the serving model: the alias says what old ones become. */
static const char *quality_becomes(const ModelAlias *alias, const char *quality)
{
    const char *said = is_left(quality) ? "auto" : quality;

    for (size_t i = 0; i < alias->becomes.count; i++) {
        const char *row = alias->becomes.items[i];
        size_t length = strcspn(row, "=");

        if (strlen(said) == length && strncmp(row, said, length) == 0 && row[length])
            return row + length + 1;
    }
    return is_left(quality) ? NULL : quality;
}

static MUST Err *quality_check(const ArtWish *wish, ArtPlan *plan, Arena *mem)
{
    const ModelAlias *alias = plan->alias;
    Texts known = {
        ARENA_ARRAY(mem, const char *, alias->qualities.count + alias->becomes.count + 1), 0};

    for (size_t i = 0; i < alias->qualities.count; i++)
        if (!is_left(alias->qualities.items[i]))
            known.items[known.count++] = alias->qualities.items[i];
    for (size_t i = 0; i < alias->becomes.count; i++) {
        const char *row = alias->becomes.items[i];
        const char *word = arena_text_n(mem, row, strcspn(row, "="));

        if (!is_left(word) && !texts_have(&known, word))
            known.items[known.count++] = word;
    }
    TRY(word_check("quality", wish->quality, &known, alias->name, mem));
    plan->quality = quality_becomes(alias, wish->quality);
    return NULL;
}

const char *art_quality_calm(const char *quality)
{
    static const char *const calm[] = {"draft", "low", "medium", "standard"};

    for (size_t i = 0; quality && i < COUNT(calm); i++)
        if (strcmp(quality, calm[i]) == 0)
            return quality;
    return "medium";
}

static MUST Err *format_check(const ArtWish *wish, ArtPlan *plan)
{
    static const struct {
        const char *name;
        ImageFormat format;
    } formats[] = {
        {"png", IMAGE_PNG}, {"jpeg", IMAGE_JPEG}, {"jpg", IMAGE_JPEG}, {"webp", IMAGE_WEBP}};

    plan->format = IMAGE_PNG;
    plan->compression = (int)wish->compression;
    for (size_t i = 0; !is_left(wish->format) && i <= COUNT(formats); i++) {
        if (i == COUNT(formats))
            return err_field(
                err_public(
                    err_new(ERR_INPUT_INVALID, "format '%.40s'", wish->format),
                    "format must be one of png, jpeg, webp."),
                "/format");
        if (strcmp(formats[i].name, wish->format) == 0) {
            plan->format = formats[i].format;
            break;
        }
    }
    if (wish->compression >= -1 && wish->compression <= 100)
        return NULL;
    return err_field(
        err_public(
            err_new(ERR_INPUT_INVALID, "compression %lld", (long long)wish->compression),
            "compression must be 0 to 100."),
        "/compression");
}

static MUST Err *background_check(const ArtWish *wish, ArtPlan *plan, Arena *mem)
{
    const Texts all = {(const char *[]){"transparent", "opaque"}, 2};
    const ModelAlias *alias = plan->alias;

    TRY(word_check(
        "background", wish->background, alias->backgrounds.count ? &alias->backgrounds : &all,
        alias->name, mem));
    plan->background = is_left(wish->background) ? NULL : wish->background;
    if (!plan->background || strcmp(plan->background, "transparent") != 0 ||
        plan->format != IMAGE_JPEG)
        return NULL;
    return err_field(
        err_public(
            err_new(ERR_INPUT_INVALID, "a transparent jpeg"),
            "A transparent background needs png or webp."),
        "/background");
}

static MUST Err *moderation_check(const ArtWish *wish, const ModelAlias *alias, Arena *mem)
{
    const Texts all = {(const char *[]){"low"}, 1};

    return word_check("moderation", wish->moderation, &all, alias->name, mem);
}

/* ---- pictures ---- */

static MUST Err *picture_check(const VendorPicture *picture, const char *field, ImageFacts *ret)
{
    AUTO(err_free) Err *err =
        image_probe(picture->bytes, picture->size, &image_limits_default, ret);

    return err ? err_field(TAKE(err), "%s", field) : NULL;
}

static MUST Err *pictures_check(const ArtWish *wish)
{
    ImageFacts first = {0}, facts;

    if (wish->kind == ART_GENERATE)
        return NULL;
    if (!wish->image_count)
        return err_field(
            err_public(
                err_new(ERR_INPUT_MISSING, "no image"), "image is missing: send it as a file."),
            "/image");
    if (wish->image_count > VENDOR_IMAGES_MOST)
        return err_field(
            err_public(
                err_new(ERR_INPUT_INVALID, "%zu images", wish->image_count),
                "At most %d images can be sent.", VENDOR_IMAGES_MOST),
            "/image");
    for (size_t i = 0; i < wish->image_count; i++)
        TRY(picture_check(&wish->images[i], "/image", i ? &facts : &first));
    if (!wish->mask.size)
        return NULL;
    TRY(picture_check(&wish->mask, "/mask", &facts));
    if (facts.has_alpha && facts.width_px == first.width_px && facts.height_px == first.height_px)
        return NULL;
    return err_field(
        err_public(
            err_new(ERR_INPUT_INVALID, "a mask of another size, or without alpha"),
            "The mask must be a PNG as large as the image (%dx%d), transparent where the picture "
            "may change.",
            first.width_px, first.height_px),
        "/mask");
}

/* ---- who asks, and what ---- */

static const char *user_of(const Caller *caller)
{
    const char *id = caller->user_id  ? caller->user_id
                     : caller->key_id ? caller->key_id
                                      : caller->session_id;

    return id ? id : "house";
}

static const char *request_of(const ArtWish *wish, Arena *mem)
{
    AUTO(hasher_free) Hasher *hasher = hasher_new();
    const char *const words[] = {
        wish->model,      wish->prompt, wish->size,       wish->quality,
        wish->background, wish->format, wish->moderation,
    };
    char *text = arena_take(mem, HASH_TEXT_SIZE);

    hasher_add_number(hasher, wish->kind);
    for (size_t i = 0; i < COUNT(words); i++)
        hasher_add_text(hasher, words[i] ? words[i] : "");
    hasher_add_number(hasher, wish->count);
    hasher_add_number(hasher, wish->compression);
    for (size_t i = 0; i < wish->image_count; i++)
        hasher_add(hasher, wish->images[i].bytes, wish->images[i].size);
    hasher_add(hasher, wish->mask.bytes, wish->mask.size);
    hash_text(hasher_done(hasher), text);
    return text;
}

Err *art_plan_make(const ArtRoom *room, const ArtWish *wish, Arena *mem, ArtPlan *ret)
{
    ArtPlan plan = {.user_id = user_of(wish->caller), .count = wish->count};

    TRY(alias_find(room, wish, &plan.alias));
    TRY(prompt_check(wish, plan.alias, &plan.prompt));
    TRY(count_check(wish, plan.alias));
    TRY(size_check(wish, &plan, mem));
    TRY(quality_check(wish, &plan, mem));
    TRY(format_check(wish, &plan));
    TRY(background_check(wish, &plan, mem));
    TRY(moderation_check(wish, plan.alias, mem));
    TRY(pictures_check(wish));
    size_default(wish, &plan);
    size_drawn(&plan);
    plan.request = request_of(wish, mem);
    *ret = plan;
    return NULL;
}
