/* Small pictures of those that are kept, to be shown among many. */
#include "asset/asset_priv.h"
#include "watch/watch.h"

enum {
    SMALL_ENOUGH_PX = 512, /* previews are as large */
    THUMB_QUALITY = 82,
    THUMB_EFFORT = 4,
    THUMB_BYTES_MAX = 4 << 20
};

/* The pictures are our own: whatever could be encoded is shown. */
static const ImageLimits own_limits = {
    .bytes = INT64_MAX, .pixels = INT64_C(1) << 32, .side_px = 65535, .time_ms = 60000};

static MUST Err *thumb_draw(const ThumbWish *wish, Asset *ret, Buf *bytes)
{
    static const ImageEncoding encoding = {
        .format = IMAGE_WEBP, .quality = THUMB_QUALITY, .effort = THUMB_EFFORT};
    AUTO(image_free) Image *small = NULL;
    ImageFacts facts;

    TRY(image_decode_small(
        wish->bytes, wish->size,
        &(ImageSmall){.side_px = THUMB_SIDE_PX, .limits = &own_limits, .cancel = wish->cancel},
        &facts, &small));
    ret->width_px = image_width(small);
    ret->height_px = image_height(small);
    return image_encode(small, &encoding, bytes);
}

static MUST Err *thumb_make(const Shelf *shelf, const ThumbWish *wish, Arena *mem, Asset *ret)
{
    AUTO(buf_done) Buf bytes = BUF(THUMB_BYTES_MAX);
    const char *key = arena_print(mem, "%s.thumb.webp", wish->key);
    char sha256[HASH_TEXT_SIZE];
    BlobWritten written;

    TRY(thumb_draw(wish, ret, &bytes));
    TRY(blob_put(
        shelf->blob, &(BlobPut){.key = key, .type = "image/webp", .cancel = wish->cancel},
        bytes.bytes, bytes.size, &written));
    hash_text(written.sha256, sha256);
    ret->sha256 = arena_text(mem, sha256);
    ret->bytes = written.bytes;
    ret->key = key;
    return NULL;
}

Err *thumb_keep(const Shelf *shelf, const ThumbWish *wish, Arena *mem, Asset *ret)
{
    Asset thumb = {.format = "webp", .purpose = PURPOSE_THUMB};
    ImageFacts facts;

    Err *err = image_probe(wish->bytes, wish->size, &own_limits, &facts);
    if (!err && MAX(facts.width_px, facts.height_px) > SMALL_ENOUGH_PX)
        err = thumb_make(shelf, wish, mem, &thumb);
    if (err && err_code(err) == ERR_CANCELLED)
        return err;
    if (err) {
        watch_err("asset.thumb", err, wish->key);
        err_free(err);
    }
    *ret = thumb;
    return NULL;
}
