/* Addresses that customers may use without a key, and our own answers to them. */
#include <string.h>

#include "asset/asset_priv.h"
#include "base/clock.h"

enum {
    HOUR_MS = 60 * 60 * 1000,
    QUARTER_MS = 15 * 60 * 1000
};

struct LinkPut {
    BlobWriter *writer;
};

static int64_t end_of(const LinkWish *wish)
{
    const int64_t hour_ms = clock_now_ms() + HOUR_MS;

    if (wish->until_ms)
        return wish->until_ms;
    return wish->is_put ? hour_ms : (hour_ms + QUARTER_MS - 1) / QUARTER_MS * QUARTER_MS;
}

Err *link_make(const Shelf *shelf, const LinkWish *wish, Arena *mem, Link *ret)
{
    int64_t until_ms = end_of(wish);
    BlobTicket ticket;

    TRY(blob_grant(
        shelf->blob,
        &(BlobGrant){
            .key = wish->key,
            .is_put = wish->is_put,
            .until_ms = until_ms,
            .most_bytes = wish->most_bytes,
            .save_as = wish->save_as,
        },
        mem, &ticket));
    *ret = (Link){ticket.url, ticket.method, ticket.headers, until_ms};
    return NULL;
}

static MUST Err *
claim_verify(const Shelf *shelf, const LinkClaim *claim, Arena *mem, BlobGrant *ret)
{
    return blob_grant_verify(
        shelf->blob, &(BlobClaim){claim->method, claim->key, claim->query, clock_now_ms()}, mem,
        ret);
}

typedef struct Sent {
    const char *key;
    Arena *mem;
    bool is_used_up;
} Sent;

/* Keys for photos are "raw/TENANT/PROJECT/PHOTO/...". */
static Err *sent_work(DbTx *tx, void *sent_any)
{
    Sent *sent = sent_any;
    char *parts = arena_text(sent->mem, sent->key), *rest = NULL;
    const char *names[4];
    bool is_no_photo;
    Photo photo;

    for (size_t i = 0; i < COUNT(names); i++)
        if (!(names[i] = strtok_r(i ? NULL : parts, "/", &rest)))
            return NULL;
    TRY(err_expect(
        photo_get(tx, names[1], names[3], sent->mem, &photo), ERR_NOT_FOUND, &is_no_photo));
    sent->is_used_up = !is_no_photo && strcmp(photo_sent_key(&photo, sent->mem), sent->key) != 0;
    return NULL;
}

/* What came by a link and was counted in is kept elsewhere; whoever sends more by the same link must hear that nobody looks at it. */
static MUST Err *sent_check(const Shelf *shelf, const char *key, Arena *mem)
{
    Sent sent = {.key = key, .mem = mem};

    TRY(db_read(shelf->db, sent_work, &sent));
    if (!sent.is_used_up)
        return NULL;
    return err_public(
        err_new(ERR_CONFLICT, "a link is used again after its photo was counted in"),
        "The photo for this link has arrived already. Ask for a new link to send another.");
}

Err *link_put_open(const Shelf *shelf, const LinkClaim *claim, LinkPut **ret)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(link_put_free) LinkPut *put = calloc(1, sizeof(*put));
    BlobGrant grant;

    if (!put)
        abort();
    TRY(claim_verify(shelf, claim, mem, &grant));
    if (!grant.is_put)
        return err_new(ERR_GRANT_REFUSED, "a link to read is used to write");
    TRY(sent_check(shelf, grant.key, mem));
    TRY(blob_writer_open(
        shelf->blob,
        &(BlobPut){
            .key = grant.key,
            .type = grant.type ? grant.type : claim->type,
            .most_bytes = grant.most_bytes,
            .cancel = claim->cancel,
        },
        &put->writer));
    *ret = TAKE(put);
    return NULL;
}

Err *link_put_add(LinkPut *put, const void *bytes, size_t size)
{
    return blob_writer_add(put->writer, bytes, size);
}

Err *link_put_end(LinkPut *put, Arena *mem, const char **ret_etag)
{
    BlobWritten written;
    char sha256[HASH_TEXT_SIZE];

    TRY(blob_writer_commit(put->writer, &written));
    hash_text(written.sha256, sha256);
    *ret_etag = arena_text(mem, sha256);
    return NULL;
}

void link_put_free(LinkPut *put)
{
    if (!put)
        return;
    blob_writer_free(put->writer);
    free(put);
}

/* Without its quotes; in MEM. */
static const char *etag_bare(const char *etag, Arena *mem)
{
    size_t length = strlen(etag);

    if (length < 2 || etag[0] != '"')
        return etag;
    return arena_text_n(mem, etag + 1, length - 2);
}

Err *link_get_open(const Shelf *shelf, const LinkClaim *claim, Arena *mem, LinkGet *ret)
{
    AUTO(blob_reader_free) BlobReader *reader = NULL;
    BlobGrant grant;
    BlobFacts facts;

    TRY(claim_verify(shelf, claim, mem, &grant));
    TRY(blob_reader_open(
        shelf->blob, &(BlobGet){.key = grant.key, .cancel = claim->cancel}, mem, &facts, &reader));

    int fd = blob_reader_file(reader);
    if (fd < 0)
        return err_new(ERR_BUG, "a link of our own to a store that is no folder");
    *ret = (LinkGet){
        .fd = fd,
        .bytes = facts.bytes,
        .changed_ms = facts.changed_ms,
        .type = facts.type,
        .etag = etag_bare(facts.etag, mem),
        .save_as = grant.save_as,
    };
    return NULL;
}

Err *shelf_check(const Shelf *shelf, const Cancel *cancel)
{
    return blob_check(shelf->blob, cancel);
}
