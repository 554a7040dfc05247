/* Results of steps, kept on disk: one file a key, a line of JSON and then the layers, packed by zstd. */
#include "recipe/cache.h"

#include <dirent.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include "base/file.h"
#include "shape/shape.h"

enum {
    PACK_LEVEL = 1,
    /* Going over the bound throws away down to this share of it, so that not every write has to look for victims. */
    KEPT_PERCENT = 85,
};

static const char magic[8] = "CYCSHOT3";

struct StepCache {
    char *folder;
    int64_t bound_bytes;
    pthread_mutex_t mutex;
    StepCacheCounts counts;
};

/* What a file says before its pixels. */
typedef struct Head {
    int64_t width_px, height_px;
    double box[4], grain;
    bool is_cut_out, is_placed, is_rendered, lies;
    const Value *notes;
    List layers;
} Head;

typedef struct HeadLayer {
    int64_t slot, width, height, channels, depth, packed_bytes;
} HeadLayer;

static const Field HeadLayer_fields[] = {
    {FIELD_INT(HeadLayer, slot), .max = 8},
    {FIELD_INT(HeadLayer, width), .min = 1, .max = 65535},
    {FIELD_INT(HeadLayer, height), .min = 1, .max = 65535},
    {FIELD_INT(HeadLayer, channels), .min = 1, .max = 4},
    {FIELD_INT(HeadLayer, depth), .min = 1, .max = 4},
    {FIELD_INT(HeadLayer, packed_bytes), .min = 1, .max = 0x1p40},
    {FIELD_END},
};
static const Shape layer_shape = SHAPE(HeadLayer);

static const Field Head_fields[] = {
    {FIELD_INT(Head, width_px), .min = 1, .max = 65535},
    {FIELD_INT(Head, height_px), .min = 1, .max = 65535},
    {FIELD_VECTOR(Head, box, 4)},
    {FIELD_NUMBER(Head, grain), .max = 1},
    {FIELD_BOOL(Head, is_cut_out)},
    {FIELD_BOOL(Head, is_placed)},
    {FIELD_BOOL(Head, is_rendered)},
    {FIELD_BOOL(Head, lies)},
    {FIELD_VALUE(Head, notes), .optional = true},
    {FIELD_LIST(Head, layers, &layer_shape), .max = 8},
    {FIELD_END},
};
static const Shape head_shape = SHAPE(Head);

/* The layers that steps make. The source is not among them: whoever asks holds the photo. */
enum {
    SLOTS = 6
};

static void shot_slots(Shot *shot, Image **slots[SLOTS])
{
    slots[0] = &shot->product;
    slots[1] = &shot->backdrop;
    slots[2] = &shot->reflection;
    slots[3] = &shot->shadow;
    slots[4] = &shot->finished;
    slots[5] = &shot->light;
}

/* ---- the folder ---- */

typedef struct Kept {
    char *path;
    int64_t bytes;
    struct timespec used;
} Kept;

static int kept_compare(const void *a_any, const void *b_any)
{
    const Kept *a = a_any, *b = b_any;

    if (a->used.tv_sec != b->used.tv_sec)
        return a->used.tv_sec < b->used.tv_sec ? -1 : 1;
    return (a->used.tv_nsec > b->used.tv_nsec) - (a->used.tv_nsec < b->used.tv_nsec);
}

/* All kept files, and how many bytes they take. A folder that cannot be read holds nothing. */
static Kept *folder_look(const StepCache *cache, Arena *mem, size_t *ret_count, int64_t *ret_bytes)
{
    const char *const *names = NULL;
    AUTO(err_free) Err *err = folder_list(mem, cache->folder, &names);
    size_t count = 0;

    *ret_count = 0;
    *ret_bytes = 0;
    while (!err && names[count])
        count++;

    Kept *kept = ARENA_ARRAY(mem, Kept, count);
    for (size_t i = 0; i < count; i++) {
        struct stat facts;
        const char *path = path_join(mem, cache->folder, names[i]);

        if (stat(path, &facts) != 0 || !S_ISREG(facts.st_mode))
            continue;
        kept[(*ret_count)++] = (Kept){(char *)(uintptr_t)path, facts.st_size, facts.st_mtim};
        *ret_bytes += facts.st_size;
    }
    return kept;
}

static void oldest_drop(StepCache *cache)
{
    AUTO(arena_free) Arena *mem = arena_new();
    size_t count;
    int64_t bytes, wanted = cache->bound_bytes / 100 * KEPT_PERCENT;
    Kept *kept = folder_look(cache, mem, &count, &bytes);

    qsort(kept, count, sizeof(*kept), kept_compare);
    for (size_t i = 0; i < count && bytes > wanted; i++)
        if (unlink(kept[i].path) == 0)
            bytes -= kept[i].bytes;
    cache->counts.bytes = bytes;
}

Err *step_cache_open(const char *folder, int64_t bound_bytes, StepCache **ret)
{
    TRY(folder_make(folder));

    StepCache *cache = calloc(1, sizeof(*cache));
    if (!cache)
        abort();
    cache->folder = strdup(folder);
    cache->bound_bytes = bound_bytes;
    pthread_mutex_init(&cache->mutex, NULL);

    AUTO(arena_free) Arena *mem = arena_new();
    size_t count;
    folder_look(cache, mem, &count, &cache->counts.bytes);
    *ret = cache;
    return NULL;
}

void step_cache_close(StepCache *cache)
{
    if (!cache)
        return;
    pthread_mutex_destroy(&cache->mutex);
    free(cache->folder);
    free(cache);
}

StepCacheCounts step_cache_counts(StepCache *cache)
{
    pthread_mutex_lock(&cache->mutex);
    StepCacheCounts counts = cache->counts;
    pthread_mutex_unlock(&cache->mutex);
    return counts;
}

static const char *key_path(const StepCache *cache, Arena *mem, Hash key)
{
    char name[HASH_TEXT_SIZE];

    hash_text(key, name);
    return path_join(mem, cache->folder, name);
}

/* ---- one file ---- */

static MUST Err *layer_pack(const Image *image, Buf *buf, size_t *ret_bytes)
{
    size_t size = image_bytes(image), most = ZSTD_compressBound(size);

    TRY(buf_reserve(buf, most));
    ZSTD_CCtx *packer = ZSTD_createCCtx();
    if (!packer)
        return err_new(ERR_MEMORY_SPENT, "no memory to pack a layer");
    ZSTD_CCtx_setParameter(packer, ZSTD_c_compressionLevel, PACK_LEVEL);
    ZSTD_CCtx_setParameter(packer, ZSTD_c_checksumFlag, 1);
    size_t packed = ZSTD_compress2(packer, buf->bytes + buf->size, most, image_row(image, 0), size);
    ZSTD_freeCCtx(packer);
    if (ZSTD_isError(packed))
        return err_new(ERR_BUG, "unable to pack a layer: %s", ZSTD_getErrorName(packed));
    buf->size += packed;
    *ret_bytes = packed;
    return NULL;
}

static MUST Err *layer_unpack(const HeadLayer *facts, const unsigned char *packed, Image **ret)
{
    AUTO(image_free) Image *image = NULL;

    if (facts->depth == 3)
        return err_new(ERR_FILE_UNREADABLE, "a kept layer has no such depth");
    TRY(image_new(
        (int)facts->width, (int)facts->height, (int)facts->channels, (Depth)facts->depth, &image));
    size_t size = ZSTD_decompress(
        image_row_mut(image, 0), image_bytes(image), packed, (size_t)facts->packed_bytes);
    if (ZSTD_isError(size) || size != image_bytes(image))
        return err_new(ERR_FILE_UNREADABLE, "a kept layer is damaged");
    *ret = TAKE(image);
    return NULL;
}

static MUST Err *shot_pack(const Shot *shot, Buf *ret)
{
    AUTO(buf_done) Buf pixels = BUF((size_t)8 << 30), head_text = BUF(1 << 20);
    Image **slots[SLOTS];
    HeadLayer layers[SLOTS];
    Head head = {
        .width_px = shot->width_px,
        .height_px = shot->height_px,
        .box = {shot->box.left, shot->box.top, shot->box.width, shot->box.height},
        .grain = shot->grain,
        .is_cut_out = shot->is_cut_out,
        .is_placed = shot->is_placed,
        .is_rendered = shot->is_rendered,
        .lies = shot->lies,
        .notes = shot->notes,
        .layers = {layers, 0},
    };

    shot_slots((Shot *)(uintptr_t)shot, slots);
    for (int slot = 0; slot < SLOTS; slot++) {
        const Image *image = *slots[slot];
        size_t packed = 0;

        if (!image || image == shot->source)
            continue;
        TRY(layer_pack(image, &pixels, &packed));
        layers[head.layers.count++] = (HeadLayer){slot,
                                                  image_width(image),
                                                  image_height(image),
                                                  image_channels(image),
                                                  image_depth(image),
                                                  (int64_t)packed};
    }

    AUTO(value_free) Value *json = shape_write(&head_shape, &head);
    TRY(value_write(json, VALUE_COMPACT, &head_text));
    uint64_t head_bytes = head_text.size;
    TRY(buf_add(ret, magic, sizeof(magic)));
    TRY(buf_add(ret, &head_bytes, sizeof(head_bytes)));
    TRY(buf_add(ret, head_text.bytes, head_text.size));
    return buf_add(ret, pixels.bytes, pixels.size);
}

typedef struct Unpacked {
    Image *layers[SLOTS];
} Unpacked;

static void unpacked_done(Unpacked *unpacked)
{
    for (int slot = 0; slot < SLOTS; slot++)
        image_free(unpacked->layers[slot]);
}
DEFINE_AUTO_DONE(Unpacked, unpacked_done);

static MUST Err *
layers_unpack(const Head *head, const unsigned char *at, size_t left, Unpacked *ret)
{
    const HeadLayer *layers = head->layers.items;

    for (size_t i = 0; i < head->layers.count; i++) {
        if ((size_t)layers[i].packed_bytes > left || layers[i].slot >= SLOTS ||
            ret->layers[layers[i].slot])
            return err_new(ERR_FILE_UNREADABLE, "a kept file is cut off");
        TRY(layer_unpack(&layers[i], at, &ret->layers[layers[i].slot]));
        at += layers[i].packed_bytes;
        left -= (size_t)layers[i].packed_bytes;
    }
    return NULL;
}

/* All slots at once: what is not kept was not there, but for a product that still is the source. */
static void layers_put(Unpacked *unpacked, Shot *shot)
{
    Image **slots[SLOTS];

    if (!unpacked->layers[0])
        unpacked->layers[0] = image_ref(shot->source);
    shot_slots(shot, slots);
    for (int slot = 0; slot < SLOTS; slot++)
        shot_put(slots[slot], TAKE(unpacked->layers[slot]));
}

static MUST Err *shot_unpack(const Buf *file, Shot *shot)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(value_free) Value *json = NULL;
    AUTO(unpacked_done) Unpacked unpacked = {0};
    uint64_t head_bytes;
    size_t start = sizeof(magic) + sizeof(head_bytes);
    Head head;

    if (file->size < start || memcmp(file->bytes, magic, sizeof(magic)) != 0)
        return err_new(ERR_FILE_UNREADABLE, "not a kept shot");
    memcpy(&head_bytes, file->bytes + sizeof(magic), sizeof(head_bytes));
    if (head_bytes > file->size - start)
        return err_new(ERR_FILE_UNREADABLE, "a kept file is cut off");
    TRY(value_parse((const char *)file->bytes + start, head_bytes, &json));
    TRY(shape_read(&head_shape, json, mem, &head));

    TRY(layers_unpack(
        &head, file->bytes + start + head_bytes, file->size - start - head_bytes, &unpacked));
    layers_put(&unpacked, shot);
    shot->width_px = (int)head.width_px;
    shot->height_px = (int)head.height_px;
    shot->box = (Box){(int)head.box[0], (int)head.box[1], (int)head.box[2], (int)head.box[3]};
    shot->grain = head.grain;
    shot->is_cut_out = head.is_cut_out;
    shot->is_placed = head.is_placed;
    shot->is_rendered = head.is_rendered;
    shot->lies = head.lies;
    value_free(shot->notes);
    shot->notes = head.notes ? value_copy(head.notes) : value_object();
    return NULL;
}

bool step_cache_find(StepCache *cache, Shot *shot)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(buf_done) Buf file = BUF((size_t)8 << 30);
    const char *path = key_path(cache, mem, shot->state);
    AUTO(err_free) Err *err =
        file_exists(path) ? file_read(path, &file) : err_new(ERR_NOT_FOUND, "not kept");

    if (!err)
        err = shot_unpack(&file, shot);
    if (!err)
        file_touch(path);

    pthread_mutex_lock(&cache->mutex);
    *(err ? &cache->counts.missed : &cache->counts.found) += 1;
    pthread_mutex_unlock(&cache->mutex);
    return !err;
}

void step_cache_keep(StepCache *cache, const Shot *shot)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(buf_done) Buf file = BUF((size_t)8 << 30);
    const char *path = key_path(cache, mem, shot->state);
    AUTO(err_free) Err *err = shot_pack(shot, &file);

    if (!err && (int64_t)file.size > cache->bound_bytes)
        return;
    if (!err)
        err = file_write(path, file.bytes, file.size);
    if (err)
        return;

    pthread_mutex_lock(&cache->mutex);
    cache->counts.kept++;
    cache->counts.bytes += (int64_t)file.size;
    if (cache->counts.bytes > cache->bound_bytes)
        oldest_drop(cache);
    pthread_mutex_unlock(&cache->mutex);
}
