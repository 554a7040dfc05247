/* Pictures of what a template does. Thumbnails of our own templates travel in the program; all others are drawn once by a worker with a product
 * of our own, and kept in the store for good under what stands for the recipe. Equal recipes share one; a recipe that changes gets another. */
#include <pthread.h>

#include "base/embed.h"
#include "gallery/gallery_priv.h"
#include "recipe/sample.h"

enum {
    SAMPLE_SIDE_PX = 900, /* no picture shows it larger */
    SAMPLE_BYTES_MAX = 16 << 20,
    QUALITY = 84,
    THUMB_QUALITY = 80,
    PRIORITY = -10, /* behind what customers wait for */
    AT_ONCE = 2,
};

void template_picture_done(TemplatePicture *picture)
{
    buf_done(&picture->webp);
}

static const char *picture_key(const char *drawing, int side_px, Arena *mem)
{
    return arena_print(mem, "templates/%s-%d.webp", drawing, side_px);
}

static const int sides[] = {TEMPLATE_PICTURE_PX, TEMPLATE_THUMB_PX};

Err *picture_drop(const Studio *studio, const char *drawing)
{
    AUTO(arena_free) Arena *mem = arena_new();

    for (size_t i = 0; i < COUNT(sides); i++)
        TRY(blob_delete(studio->shelf.blob, picture_key(drawing, sides[i], mem), NULL));
    return NULL;
}

/* ---- a worker draws it ---- */

/* The product as a file, drawn by whoever needs it first. */
static struct {
    pthread_mutex_t drawing;
    Buf png;
} product = {.drawing = PTHREAD_MUTEX_INITIALIZER, .png = BUF(SAMPLE_BYTES_MAX)};

static MUST Err *product_draw(const Studio *studio, Cancel *cancel)
{
    AUTO(image_free) Image *picture = NULL;
    AUTO(buf_done) Buf png = BUF(SAMPLE_BYTES_MAX);

    if (product.png.size)
        return NULL;
    TRY(sample_draw(&(SampleWish){SAMPLE_SIDE_PX, studio->threads, cancel}, &picture));
    TRY(image_encode(picture, &(ImageEncoding){.format = IMAGE_PNG, .effort = 3}, &png));
    product.png = png;
    png = (Buf)BUF(0);
    return NULL;
}

static MUST Err *product_need(const Studio *studio, Cancel *cancel)
{
    pthread_mutex_lock(&product.drawing);
    Err *err = product_draw(studio, cancel);
    pthread_mutex_unlock(&product.drawing);
    return err;
}

typedef struct Drawing {
    const Studio *studio;
    JobLease *lease;
    const Job *job;
    Arena *mem;
    Template template;
    bool is_gone;
} Drawing;

static void size_within(int *width, int *height, int side)
{
    double scale = MIN((double)side / MAX(*width, *height), 1);

    *width = MAX((int)(*width * scale + 0.5), 1);
    *height = MAX((int)(*height * scale + 0.5), 1);
}

static MUST Err *picture_keep(const Drawing *drawing, const Image *picture, int side_px)
{
    AUTO(image_free) Image *sized = NULL, *flat = NULL;
    AUTO(buf_done) Buf webp = BUF(TEMPLATE_PICTURE_BYTES_MOST);
    ImageEncoding encoding = {
        .format = IMAGE_WEBP,
        .quality = side_px == TEMPLATE_THUMB_PX ? THUMB_QUALITY : QUALITY,
        .effort = 6,
        .ground = {255, 255, 255, 255},
    };
    int width = image_width(picture), height = image_height(picture);

    size_within(&width, &height, side_px);
    TRY(image_resize(picture, width, height, IMAGE_LANCZOS3, &sized));
    TRY(image_flatten(sized, encoding.ground, &flat));
    TRY(image_encode(flat, &encoding, &webp));
    return blob_put(
        drawing->studio->shelf.blob,
        &(BlobPut){
            .key = picture_key(drawing->template.drawing, side_px, drawing->mem),
            .type = "image/webp",
            .cancel = job_lease_cancel(drawing->lease),
        },
        webp.bytes, webp.size, NULL);
}

static MUST Err *picture_draw(const Drawing *drawing)
{
    const Studio *studio = drawing->studio;
    AUTO(recipe_free) Recipe *recipe = NULL;
    AUTO(shot_done) Shot shot = {0};
    Cancel *cancel = job_lease_cancel(drawing->lease);
    RecipeContext context = {
        .models = studio->models,
        .threads = studio->threads,
        .cancel = cancel,
    };

    TRY(recipe_read(drawing->template.recipe, &recipe));
    TRY(sample_frame(recipe, TEMPLATE_PICTURE_PX));
    TRY(product_need(studio, cancel));
    TRY(shot_open(&shot, product.png.bytes, product.png.size, &image_limits_default, cancel));
    TRY(recipe_perform(recipe, &context, &shot));
    for (size_t i = 0; i < COUNT(sides); i++)
        TRY(picture_keep(drawing, shot_picture(&shot), sides[i]));
    return NULL;
}

/* Whoever's it is: the job was queued for somebody who sees it. */
static Err *found_work(DbTx *tx, void *drawing_any)
{
    Drawing *drawing = drawing_any;
    const char *id = drawing->job->subject;
    const Template *built_in;
    TemplateRow row;

    TRY(built_in_find(id, &built_in));
    if (!built_in) {
        TRY(err_expect(
            template_row_find(tx, id, drawing->mem, &row), ERR_NOT_FOUND, &drawing->is_gone));
        if (drawing->is_gone)
            return NULL;
    }
    return template_of(built_in ? NULL : &row, built_in, NULL, drawing->mem, &drawing->template);
}

static Err *preview_work(void *studio, JobLease *lease, const Job *job)
{
    AUTO(arena_free) Arena *mem = arena_new();
    Drawing drawing = {.studio = studio, .lease = lease, .job = job, .mem = mem};

    TRY(db_read(drawing.studio->shelf.db, found_work, &drawing));
    return drawing.is_gone ? NULL : picture_draw(&drawing);
}

static const JobKind preview_kind = {
    .queue = "template_preview",
    .summary = "Draw what a template does",
    .attempts_most = 3,
    .running_most = AT_ONCE,
    .is_heavy = true,
    .work = preview_work,
};

const JobKind *const gallery_kinds[] = {&preview_kind, NULL};

/* ---- and it is looked at ---- */

static Err *order_work(DbTx *tx, void *template_any)
{
    const Template *template = template_any;

    return job_enqueue(
        tx,
        &(JobOrder){
            .queue = preview_kind.queue,
            .subject = template->id,
            .key = template->drawing,
            .priority = PRIORITY,
        },
        NULL);
}

/* A light paper in the picture's shape. */
static MUST Err *ground_draw(const Template *template, int side_px, Buf *webp)
{
    AUTO(image_free) Image *paper = NULL;
    int width = (int)MAX(template->width_px, 0), height = (int)MAX(template->height_px, 0);

    if (!width || !height)
        width = height = side_px;
    size_within(&width, &height, side_px);
    TRY(image_flat(width, height, (Colour){238, 236, 233, 255}, &paper));
    return image_encode(paper, &(ImageEncoding){.format = IMAGE_WEBP, .quality = 80}, webp);
}

extern const Embedded embedded_gallery[];

static const Embedded *packed_find(const Template *template, bool is_thumb)
{
    return template->is_built_in && is_thumb ? embed_find(embedded_gallery, template->id) : NULL;
}

Err *template_picture(
    const Studio *studio, const char *tenant_id, const char *id, bool is_thumb, Arena *mem,
    TemplatePicture *ret)
{
    int side_px = is_thumb ? TEMPLATE_THUMB_PX : TEMPLATE_PICTURE_PX;
    Template template;
    bool is_missing;

    TRY(template_get(studio, tenant_id, id, mem, &template));
    const Embedded *packed = packed_find(&template, is_thumb);

    ret->webp.limit = TEMPLATE_PICTURE_BYTES_MOST;
    ret->is_ready = packed;
    ret->etag = arena_print(mem, "%s-%d", template.drawing, side_px);
    if (packed)
        return buf_add(&ret->webp, packed->bytes, packed->size);
    const char *key = picture_key(template.drawing, side_px, mem);
    TRY(err_expect(
        blob_get(studio->shelf.blob, &(BlobGet){.key = key}, &ret->webp), ERR_NOT_FOUND,
        &is_missing));
    ret->is_ready = !is_missing;
    if (ret->is_ready)
        return NULL;
    ret->etag = arena_print(mem, "%s-soon", ret->etag);
    TRY(db_write(studio->shelf.db, order_work, &template));
    return ground_draw(&template, side_px, &ret->webp);
}
