/* From wishes to a project with its photos and runs. */
#include <string.h>
#include <strings.h>

#include "run/run_priv.h"

enum {
    FILENAME_BYTES_MAX = 255,
    URL_BYTES_MAX = 2048,
    PRODUCT_BYTES_MAX = 200
};

static const char recipe_usual[] = "opal";

static const Field PhotoWish_fields[] = {
    {FIELD_TEXT(PhotoWish, filename), .help = "What the photo is called", .optional = true,
     .nullable = true, .min = 1, .max = FILENAME_BYTES_MAX},
    {FIELD_TEXT(PhotoWish, source_url), .help = "Where the photo is fetched", .optional = true,
     .nullable = true, .format = "uri", .max = URL_BYTES_MAX},
    {FIELD_TEXT(PhotoWish, product_id), .help = "The shop's own id of the product",
     .optional = true, .nullable = true, .max = PRODUCT_BYTES_MAX},
    {FIELD_TEXT(PhotoWish, scene_prompt),
     .help = "The set this photo is to stand in, in words; goes before the brand's",
     .optional = true, .nullable = true, .max = PROMPT_BYTES_MAX},
    {FIELD_INT(PhotoWish, scene_count), .help = "How many pictures are made of it", .preset = "0",
     .nullable = true, .max = RUN_SCENES_MOST},
    {FIELD_TEXTS(PhotoWish, scene_types),
     .help = "Built-in scenes, one a picture: living_room, bedroom, kitchen, patio, office, ...",
     .preset = "", .nullable = true, .max = RUN_SCENES_MOST},
    {FIELD_END},
};
const Shape photo_wish_shape = SHAPE(PhotoWish);

typedef struct Beginning {
    const Studio *studio;
    const ProjectWish *wish;
    Arena *mem;
    Photo *photos; /* as many as wishes */
    RunRow *runs;
    size_t run_count;
    Project *ret;
    List *ret_runs;
    Quota *ret_quota;
} Beginning;

/* ---- what is wished can be ---- */

static MUST Err *text_check(const char *text, size_t most, const char *field)
{
    if (!text || strlen(text) <= most)
        return NULL;
    return err_field(
        err_public(
            err_new(ERR_INPUT_INVALID, "%s has %zu bytes", field, strlen(text)),
            "%s can have at most %zu letters.", field, most),
        "/%s", field);
}

static MUST Err *source_check(const ProjectWish *project, const PhotoWish *photo)
{
    const char *url = photo->source_url;

    if (project->kind == PROJECT_BATCH && !url)
        return err_field(
            err_public(
                err_new(ERR_INPUT_MISSING, "a batch's photo without an address"),
                "Each photo of a batch needs a source_url that it is fetched from."),
            "/source_url");
    if (!url && !photo->filename)
        return err_field(
            err_public(
                err_new(ERR_INPUT_MISSING, "a photo without a name"),
                "Each photo needs a filename."),
            "/filename");
    if (url && strncasecmp(url, "https://", 8) != 0 && strncasecmp(url, "http://", 7) != 0)
        return err_field(
            err_public(
                err_new(ERR_INPUT_INVALID, "a source that is neither http nor https"),
                "source_url must begin with https:// or http://."),
            "/source_url");
    return NULL;
}

MUST Err *photo_wish_check(const PhotoWish *photo)
{
    if (photo->scene_count < 0 || photo->scene_count > RUN_SCENES_MOST ||
        photo->scene_types.count > RUN_SCENES_MOST)
        return err_field(
            err_public(
                err_new(ERR_INPUT_INVALID, "too many scenes"),
                "A photo can have at most %d scenes.", RUN_SCENES_MOST),
            "/scene_count");
    if (photo->scene_count && (size_t)photo->scene_count < photo->scene_types.count)
        return err_field(
            err_public(
                err_new(ERR_INPUT_INVALID, "more scene types than scenes"),
                "%zu scene_types are named for a scene_count of %jd. Leave scene_count out, or "
                "name fewer.",
                photo->scene_types.count, (intmax_t)photo->scene_count),
            "/scene_types");
    for (size_t i = 0; i < photo->scene_types.count; i++)
        if (!*photo->scene_types.items[i])
            return err_field(
                err_public(
                    err_new(ERR_INPUT_INVALID, "a scene type is empty"),
                    "A scene type is the name of a built-in scene, such as kitchen."),
                "/scene_types/%zu", i);
    return NULL;
}

static MUST Err *photo_check(const ProjectWish *project, const PhotoWish *photo)
{
    TRY(source_check(project, photo));
    TRY(text_check(photo->filename, FILENAME_BYTES_MAX, "filename"));
    TRY(text_check(photo->source_url, URL_BYTES_MAX, "source_url"));
    TRY(text_check(photo->product_id, PRODUCT_BYTES_MAX, "product_id"));
    TRY(text_check(photo->scene_prompt, PROMPT_BYTES_MAX, "scene_prompt"));
    return photo_wish_check(photo);
}

/* ---- which scenes ---- */

static const char *recipe_name(const ProjectWish *wish)
{
    return wish->recipe ? wish->recipe : recipe_usual;
}

size_t photo_wish_count(const PhotoWish *photo)
{
    return photo->scene_count ? (size_t)photo->scene_count
                              : MAX(photo->scene_types.count, (size_t)1);
}

static bool texts_have(const Texts *texts, const char *text)
{
    for (size_t i = 0; i < texts->count; i++)
        if (strcmp(texts->items[i], text) == 0)
            return true;
    return false;
}

void photo_wish_scenes(const PhotoWish *photo, Arena *mem, Texts *ret)
{
    size_t room = photo->scene_types.count + RUN_SCENES_MOST;

    ret->items = ARENA_ARRAY(mem, const char *, room);
    ret->count = 0;
    for (size_t i = 0; i < photo->scene_types.count; i++)
        ret->items[ret->count++] = photo->scene_types.items[i];
    if (photo->scene_count <= 1 || photo->scene_prompt)
        return;
    for (size_t i = 0; look_scenes[i]; i++)
        if (!texts_have(ret, look_scenes[i]))
            ret->items[ret->count++] = look_scenes[i];
}

static MUST Err *scenes_known_check(const ProjectWish *wish)
{
    LookNames names = {.recipe = recipe_name(wish)};

    TRY(look_check(&names, NULL));
    for (size_t i = 0; i < wish->photo_count; i++)
        for (size_t j = 0; j < wish->photos[i].scene_types.count; j++)
            TRY(err_under(
                look_check(&names, wish->photos[i].scene_types.items[j]),
                "/items/%zu/scene_types/%zu", i, j));
    return NULL;
}

/* ---- rows ---- */

/* The last part of an address, without what follows a question mark. */
static const char *url_name(const char *url, Arena *mem)
{
    const char *path = strstr(url, "://") + 3;
    size_t length = strcspn(path, "?#");
    const char *whole = arena_text_n(mem, path, length);
    const char *slash = strrchr(whole, '/');

    if (!slash || !slash[1])
        return "photo";
    return strlen(slash + 1) <= FILENAME_BYTES_MAX ? slash + 1 : "photo";
}

static void photo_prepare(Beginning *beginning, size_t index)
{
    const PhotoWish *wish = &beginning->wish->photos[index];
    Photo *photo = &beginning->photos[index];
    Arena *mem = beginning->mem;
    Id id = id_new("photo");

    *photo = (Photo){
        .id = arena_text(mem, id.text),
        .tenant_id = beginning->wish->tenant_id,
        .project_id = beginning->ret->id,
        .filename = wish->filename && *wish->filename ? wish->filename
                    : wish->source_url                ? url_name(wish->source_url, mem)
                                                      : "photo",
        .source_url = wish->source_url,
        .product_id = wish->product_id,
    };
    photo->key = photo_sent_key(photo, mem);
}

static void runs_prepare(Beginning *beginning, size_t index)
{
    const PhotoWish *wish = &beginning->wish->photos[index];
    size_t count = photo_wish_count(wish);
    Texts scenes;

    photo_wish_scenes(wish, beginning->mem, &scenes);
    for (size_t i = 0; i < count; i++) {
        Id id = id_new("run");

        beginning->runs[beginning->run_count] = (RunRow){
            .id = arena_text(beginning->mem, id.text),
            .tenant_id = beginning->wish->tenant_id,
            .project_id = beginning->ret->id,
            .photo_id = beginning->photos[index].id,
            .position = (int64_t)beginning->run_count,
            .scene_index = (int64_t)i,
            .seed = (int64_t)(i / MAX(scenes.count, (size_t)1)),
            .scene_type = scenes.count ? scenes.items[i % scenes.count] : NULL,
            .scene_prompt = wish->scene_prompt,
            .recipe_name = recipe_name(beginning->wish),
        };
        beginning->run_count++;
    }
}

static MUST Err *wishes_check(const ProjectWish *wish, size_t *ret_runs)
{
    *ret_runs = 0;
    if (!wish->photo_count)
        return err_field(
            err_public(err_new(ERR_INPUT_MISSING, "no photos"), "Name at least one photo."),
            "/items");
    for (size_t i = 0; i < wish->photo_count && *ret_runs <= RUN_PROJECT_MOST; i++) {
        TRY(err_under(photo_check(wish, &wish->photos[i]), "/items/%zu", i));
        *ret_runs += photo_wish_count(&wish->photos[i]);
    }
    if (*ret_runs <= RUN_PROJECT_MOST)
        return NULL;
    return err_field(
        err_public(
            err_new(ERR_INPUT_INVALID, "more than %d runs", RUN_PROJECT_MOST),
            "At most %d pictures can be made at once. Send the rest in another batch.",
            RUN_PROJECT_MOST),
        "/items");
}

static MUST Err *runs_tell(DbTx *tx, const Beginning *beginning)
{
    return run_rows(
        tx, &(RunQuery){beginning->wish->tenant_id, beginning->ret->id, -1, RUN_PROJECT_MOST},
        beginning->mem, beginning->ret_runs);
}

/* So that it is told from what else may be missing. */
static MUST Err *brand_known(Err *err)
{
    return err && err_code(err) == ERR_NOT_FOUND
               ? err_field(err_public(err, "There is no brand profile by that name."), "/brand_id")
               : err;
}

static Err *begin_work(DbTx *tx, void *beginning_any)
{
    Beginning *beginning = beginning_any;
    const ProjectWish *wish = beginning->wish;
    Arena *mem = beginning->mem;
    Project *project = beginning->ret;
    const char *made;
    Brand brand;

    TRY(once_claim(tx, &wish->once, mem, &made));
    if (made) {
        TRY(project_get(tx, wish->tenant_id, made, mem, project));
        return runs_tell(tx, beginning);
    }
    if (wish->brand_id)
        TRY(brand_known(brand_get(tx, wish->tenant_id, wish->brand_id, mem, &brand)));
    TRY(project_add(
        tx, &(Project){
                .id = project->id,
                .tenant_id = wish->tenant_id,
                .door = wish->door,
                .name = wish->name,
                .brand_id = wish->brand_id,
                .kind = wish->kind,
                .total = (int64_t)beginning->run_count,
            }));
    TRY(photos_add(tx, &(List){beginning->photos, wish->photo_count}));
    TRY(run_rows_add(tx, &(List){beginning->runs, beginning->run_count}));
    TRY(project_get(tx, wish->tenant_id, project->id, mem, project));

    if (wish->is_started) {
        Starting starting = {
            .tenant_id = wish->tenant_id,
            .project = *project,
            .quota = beginning->ret_quota,
            .is_upscaled = beginning->studio->is_upscaled,
        };

        TRY(starting_carry_out(tx, &starting, mem));
        *project = starting.project;
    }
    TRY(once_keep(tx, &wish->once, project->id));
    return runs_tell(tx, beginning);
}

Err *project_begin(
    const Studio *studio, const ProjectWish *wish, Arena *mem, Project *ret, List *ret_runs,
    Quota *ret_quota)
{
    Id id = id_new(project_kind_names[wish->kind]);
    Project project = {.id = arena_text(mem, id.text)};
    Beginning beginning = {
        .studio = studio,
        .wish = wish,
        .mem = mem,
        .ret = &project,
        .ret_runs = ret_runs,
        .ret_quota = ret_quota,
    };
    size_t runs;

    TRY(wishes_check(wish, &runs));
    TRY(scenes_known_check(wish));
    beginning.photos = ARENA_ARRAY(mem, Photo, wish->photo_count);
    beginning.runs = ARENA_ARRAY(mem, RunRow, runs);
    for (size_t i = 0; i < wish->photo_count; i++) {
        photo_prepare(&beginning, i);
        runs_prepare(&beginning, i);
    }
    TRY(db_write(studio->shelf.db, begin_work, &beginning));
    *ret = project;
    return NULL;
}
