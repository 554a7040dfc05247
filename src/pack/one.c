/* One picture in another form, while its caller waits. */
#include <string.h>

#include "pack/pack_priv.h"

typedef struct OneLook {
    const PackOne *wish;
    Arena *mem;
    PackPicture *ret;
} OneLook;

static Err *one_work(DbTx *tx, void *look_any)
{
    OneLook *look = look_any;
    Err *err =
        pack_picture_get(tx, look->wish->tenant_id, look->wish->run_id, look->mem, look->ret);

    if (err && err_code(err) == ERR_NOT_FOUND)
        return err_public(err, "There is no such picture, or it is no longer kept.");
    return err;
}

static Texts texts_of(const char *text, Arena *mem)
{
    Texts texts = {0};

    if (!text || !*text)
        return texts;
    texts.items = ARENA_ARRAY(mem, const char *, 1);
    texts.items[0] = text;
    texts.count = 1;
    return texts;
}

/* In a list of one an error would point at its first; here the field is the thing itself. */
static MUST Err *form_of(const PackOne *wish, Arena *mem, const PackForm **ret)
{
    List forms;

    TRY(pack_forms(
        &(PackWish){
            .formats = texts_of(wish->format, mem),
            .platforms = texts_of(wish->platform, mem),
            .size = wish->size,
            .quality = wish->quality},
        mem, &forms));
    *ret = forms.items;
    return NULL;
}

Err *pack_one(
    const Studio *studio, const PackOne *wish, Cancel *cancel, Arena *mem, Buf *ret,
    const char **ret_name, const char **ret_type)
{
    AUTO(image_decoded_done) ImageDecoded decoded = {0};
    const PackForm *form;
    PackPicture picture = {0};
    PackNames names = {.mem = mem};
    PackMade made = {0};

    TRY(form_of(wish, mem, &form));
    TRY(db_read(studio->shelf.db, one_work, &(OneLook){.wish = wish, .mem = mem, .ret = &picture}));
    PackMaking making = {
        .form = form,
        .picture = &picture,
        .mark = wish->mark,
        .mark_text = wish->mark_text,
        .threads = studio->threads,
    };
    const char *name = pack_name(&names, &picture);
    const char *suffix =
        form->platform || form->width_px ? arena_print(mem, "-%s", form->label) : "";
    if (pack_is_untouched(&making)) {
        const char *dot = strrchr(picture.key, '.');

        TRY(blob_get(studio->shelf.blob, &(BlobGet){.key = picture.key, .cancel = cancel}, ret));
        *ret_name = arena_print(mem, "%s%s%s", name, suffix, dot ? dot : "");
        *ret_type = arena_print(mem, "image/%s", picture.format);
        return NULL;
    }
    TRY(pack_picture_read(studio, &picture, cancel, &decoded));
    TRY(pack_picture_make(&making, &decoded, mem, ret, &made));
    value_free(made.facts);
    *ret_name = arena_print(mem, "%s%s.%s", name, suffix, image_format_ending(made.format));
    *ret_type = image_format_mime(made.format);
    return NULL;
}
