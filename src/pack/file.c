/* A pack's ZIP, read in ranges from whichever store it lies in. */
#include "pack/pack_priv.h"

struct PackFile {
    Arena *mem; /* of the pack's texts */
    Blob *blob;
    const char *key;
    BlobReader *reader; /* NULL before the first byte, or after a jump */
    int64_t at;         /* where the reader stands */
};

Err *pack_file_open(
    const Studio *studio, const char *tenant_id, const char *id, Cancel *cancel, Pack *ret_pack,
    PackFile **ret)
{
    AUTO(pack_file_free) PackFile *file = calloc(1, sizeof(*file));
    BlobFacts facts;
    Link link;
    Pack pack;

    if (!file)
        abort();
    file->mem = arena_new();
    TRY(pack_link(studio, tenant_id, id, file->mem, &link)); /* says why it is not there */
    TRY(pack_find(studio, tenant_id, id, file->mem, &pack));
    file->blob = studio->shelf.blob;
    file->key = pack.key;
    TRY(blob_head(file->blob, file->key, cancel, file->mem, &facts));
    *ret_pack = pack;
    *ret = TAKE(file);
    return NULL;
}

Err *pack_file_read(PackFile *file, int64_t at, void *to, size_t size, size_t *ret)
{
    AUTO(arena_free) Arena *mem = arena_new();

    if (!file->reader || at != file->at) {
        blob_reader_free(file->reader);
        file->reader = NULL;
        TRY(blob_reader_open(
            file->blob, &(BlobGet){.key = file->key, .from = at}, mem, NULL, &file->reader));
        file->at = at;
    }
    TRY(blob_reader_take(file->reader, to, size, ret));
    file->at += (int64_t)*ret;
    return NULL;
}

void pack_file_free(PackFile *file)
{
    if (!file)
        return;
    blob_reader_free(file->reader);
    arena_free(file->mem);
    free(file);
}
