/* Pictures of what each template does. */
#include "app/previews.h"

#include "app/rig.h"
#include "app/version.h"
#include "base/clock.h"
#include "base/file.h"
#include "recipe/sample.h"

enum {
    SAMPLE_SIDE_PX = 1200, /* no preview shows it larger */
    LEDGER_BYTES_MAX = 1 << 20,
    FILE_BYTES_MAX = 16 << 20,
    MAKING = 2, /* raised when the same template and product give other files */
};

typedef struct PreviewWork {
    App *app;
    const char *folder, *ledger_path;
    Value *ledger; /* {template: key} */
    RecipeContext context;
    Buf product; /* a PNG; empty until the first template needs it */
    size_t made, kept;
} PreviewWork;

const char *preview_file(const char *template, Arena *mem)
{
    return arena_print(mem, "%s.webp", template);
}

const char *previews_thumbnail_file(const char *template, Arena *mem)
{
    return arena_print(mem, "%s-%d.webp", template, TEMPLATE_THUMB_PX);
}

static void size_within(int *width, int *height, int side)
{
    double scale = (double)side / MAX(*width, *height);

    *width = MAX((int)(*width * scale + 0.5), 1);
    *height = MAX((int)(*height * scale + 0.5), 1);
}

/* The template called NAME at a preview's size and format. */
static MUST Err *recipe_small(const char *name, Recipe **ret)
{
    AUTO(recipe_free) Recipe *recipe = NULL;
    bool found;

    TRY(recipe_find(name, &recipe));
    TRY(sample_frame(recipe, TEMPLATE_PICTURE_PX));
    TRY(recipe_set_option(recipe, "encode", "format", "webp", &found));
    TRY(recipe_set_option(recipe, "encode", "quality", "84", &found));
    *ret = TAKE(recipe);
    return NULL;
}

/* The product comes cut out: no model has a say. */
static const char *recipe_state(const Recipe *recipe, Arena *mem)
{
    char key[HASH_TEXT_SIZE];

    hash_text(recipe_key(recipe, &(RecipeContext){0}, sample_identity()), key);
    return arena_print(mem, "%d-%.32s", MAKING, key);
}

Err *previews_state(const char *template, Arena *mem, const char **ret)
{
    AUTO(recipe_free) Recipe *recipe = NULL;

    TRY(recipe_small(template, &recipe));
    *ret = recipe_state(recipe, mem);
    return NULL;
}

static bool is_made(const PreviewWork *work, const char *name, const char *state, Arena *mem)
{
    const char *known = value_text(value_get(work->ledger, name));

    return known && strcmp(known, state) == 0 &&
           file_exists(path_join(mem, work->folder, preview_file(name, mem))) &&
           file_exists(path_join(mem, work->folder, previews_thumbnail_file(name, mem)));
}

static MUST Err *thumbnail_make(const Image *picture, Buf *file)
{
    AUTO(image_free) Image *small = NULL;
    ImageEncoding webp = {
        .format = IMAGE_WEBP, .quality = 80, .effort = 6, .ground = {255, 255, 255, 255}};
    int width = image_width(picture), height = image_height(picture);

    size_within(&width, &height, TEMPLATE_THUMB_PX);
    TRY(image_resize(picture, width, height, IMAGE_LANCZOS3, &small));
    return image_encode(small, &webp, file);
}

static MUST Err *ledger_write(const PreviewWork *work)
{
    AUTO(buf_done) Buf text = BUF(LEDGER_BYTES_MAX);

    TRY(value_write(work->ledger, VALUE_PRETTY, &text));
    TRY(buf_add_text(&text, "\n"));
    return file_write(work->ledger_path, text.bytes, text.size);
}

/* Without one, or with one that is damaged, everything is made anew. */
static void ledger_read(PreviewWork *work)
{
    AUTO(buf_done) Buf text = BUF(LEDGER_BYTES_MAX);
    AUTO(err_free) Err *err = file_read(work->ledger_path, &text);

    if (!err)
        err = value_parse((const char *)text.bytes, text.size, &work->ledger);
    if (value_kind(work->ledger) == VALUE_OBJECT)
        return;
    value_free(work->ledger);
    work->ledger = value_object();
}

static MUST Err *product_make(PreviewWork *work)
{
    AUTO(image_free) Image *product = NULL;
    SampleWish wish = {SAMPLE_SIDE_PX, work->context.threads, work->context.cancel};

    if (work->product.size)
        return NULL;
    TRY(sample_draw(&wish, &product));
    return image_encode(
        product, &(ImageEncoding){.format = IMAGE_PNG, .effort = 3}, &work->product);
}

static MUST Err *
pictures_make(PreviewWork *work, const char *name, const Recipe *recipe, Arena *mem)
{
    AUTO(shot_done) Shot shot = {0};
    AUTO(buf_done) Buf thumbnail = BUF(FILE_BYTES_MAX);

    TRY(product_make(work));
    TRY(shot_open(
        &shot, work->product.bytes, work->product.size, &image_limits_default,
        work->context.cancel));
    TRY(recipe_perform(recipe, &work->context, &shot));
    TRY(thumbnail_make(shot_picture(&shot), &thumbnail));
    TRY(file_write(
        path_join(mem, work->folder, preview_file(name, mem)), shot.encoded.bytes,
        shot.encoded.size));
    return file_write(
        path_join(mem, work->folder, previews_thumbnail_file(name, mem)), thumbnail.bytes,
        thumbnail.size);
}

static MUST Err *preview_make(PreviewWork *work, const char *name)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(recipe_free) Recipe *recipe = NULL;
    int64_t began = clock_ticks_ms();

    TRY(recipe_small(name, &recipe));
    const char *state = recipe_state(recipe, mem);
    if (is_made(work, name, state, mem)) {
        work->kept++;
        return NULL;
    }
    TRY(pictures_make(work, name, recipe, mem));
    value_set(work->ledger, name, value_of_text(state));
    work->made++;
    fprintf(work->app->out, "  %-22s %.1f s\n", name, (double)(clock_ticks_ms() - began) / 1000);
    fflush(work->app->out);
    return ledger_write(work);
}

static MUST Err *work_do(PreviewWork *work, const Rig *rig, const char *const *names)
{
    work->context = (RecipeContext){
        .models = rig->models,
        .threads = rig->threads,
        .cancel = work->app->cancel,
        .program = version_maker,
    };
    TRY(folder_make(work->folder));
    ledger_read(work);
    for (; *names; names++)
        TRY(preview_make(work, *names));
    fprintf(
        work->app->out, "%zu made, %zu up to date, in %s\n", work->made, work->kept,
        print_safe(work->folder, work->app->mem));
    return NULL;
}

Err *previews_make(App *app, const char *folder, const char *const *names)
{
    AUTO(rig_done) Rig rig = {0};
    PreviewWork work = {
        .app = app,
        .folder = folder,
        .ledger_path = path_join(app->mem, folder, "previews.json"),
        .product = BUF(FILE_BYTES_MAX),
    };

    TRY(rig_start(&(RigWish){.settings = &app->settings, .jobs = 1, .photos = 1}, &rig));
    Err *err = work_do(&work, &rig, names);
    buf_done(&work.product);
    value_free(work.ledger);
    return err;
}
