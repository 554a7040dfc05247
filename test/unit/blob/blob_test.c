/* What every store promises: blob/blob.h, on a folder, S3 and Azure. */
#include <pthread.h>
#include <unistd.h>

#include "base/clock.h"
#include "blob/blob.h"
#include "harness/stores.h"

enum {
    MIB = 1 << 20
};

static void put_text(Given *given, const char *key, const char *text)
{
    CHECK_OK(blob_put(
        given->blob, &(BlobPut){.key = key, .type = "text/plain"}, text, strlen(text), NULL));
}

/* The whole blob as text, or the name of the error. */
static const char *got_text(Given *given, const char *key)
{
    AUTO(buf_done) Buf buf = BUF(64 * 1024);
    AUTO(err_free) Err *err = blob_get(given->blob, &(BlobGet){.key = key}, &buf);

    return arena_text(given->mem, err ? err_name(err_code(err)) : buf_text(&buf));
}

static ErrCode code_of(Err *err)
{
    ErrCode code = err ? err_code(err) : ERR_MAX_;

    err_free(err);
    return code;
}

#define CHECK_CODE(expr, want) CHECK_TEXT(name_of(code_of(expr)), name_of(want))

static const char *name_of(ErrCode code)
{
    return code == ERR_MAX_ ? "no error" : err_name(code);
}

/* Bytes that are nothing like themselves elsewhere. */
static unsigned char *bytes_drawn(Given *given, size_t size)
{
    unsigned char *bytes = arena_take(given->mem, size + 1);
    uint32_t state = 1;

    for (size_t i = 0; i < size; i++) {
        state = state * 1664525 + 1013904223;
        bytes[i] = (unsigned char)(state >> 24);
    }
    return bytes;
}

TEST_BLOB(what_was_put_is_got)
{
    BlobWritten written;
    BlobFacts facts;

    CHECK_OK(blob_put(
        given->blob, &(BlobPut){.key = "raw/t1/shoe.jpg", .type = "image/jpeg"}, "shoe", 4,
        &written));
    CHECK_INT(written.bytes, 4);
    CHECK(hash_equal(written.sha256, hash_bytes("shoe", 4)));
    CHECK_TEXT(got_text(given, "raw/t1/shoe.jpg"), "shoe");
    CHECK_OK(blob_head(given->blob, "raw/t1/shoe.jpg", NULL, given->mem, &facts));
    CHECK_INT(facts.bytes, 4);
    CHECK_TEXT(facts.type, "image/jpeg");
    CHECK(facts.etag[0] == '"' && facts.etag[strlen(facts.etag) - 1] == '"');
    CHECK(llabs(facts.changed_ms - clock_now_ms()) < 10 * 60 * 1000);
}

TEST_BLOB(an_empty_blob_is_a_blob)
{
    BlobFacts facts;

    put_text(given, "raw/empty", "");
    CHECK_TEXT(got_text(given, "raw/empty"), "");
    CHECK_OK(blob_head(given->blob, "raw/empty", NULL, given->mem, &facts));
    CHECK_INT(facts.bytes, 0);
}

TEST_BLOB(what_was_never_put_is_not_found)
{
    BlobReader *reader;
    BlobFacts facts;
    AUTO(buf_done) Buf buf = BUF(16);

    put_text(given, "raw/t1/a", "x");
    CHECK_CODE(blob_head(given->blob, "raw/t1/none", NULL, given->mem, &facts), ERR_NOT_FOUND);
    CHECK_CODE(blob_head(given->blob, "raw/t1", NULL, given->mem, &facts), ERR_NOT_FOUND);
    CHECK_CODE(blob_head(given->blob, "raw/t1/a/b", NULL, given->mem, &facts), ERR_NOT_FOUND);
    CHECK_CODE(blob_head(given->blob, "never/made", NULL, given->mem, &facts), ERR_NOT_FOUND);
    CHECK_CODE(blob_get(given->blob, &(BlobGet){.key = "raw/none"}, &buf), ERR_NOT_FOUND);
    CHECK_CODE(
        blob_reader_open(given->blob, &(BlobGet){.key = "raw/none"}, given->mem, NULL, &reader),
        ERR_NOT_FOUND);
}

TEST_BLOB(a_second_put_takes_the_place_of_the_first)
{
    BlobFacts first, second;

    put_text(given, "raw/a", "first");
    CHECK_OK(blob_head(given->blob, "raw/a", NULL, given->mem, &first));
    put_text(given, "raw/a", "second!");
    CHECK_OK(blob_head(given->blob, "raw/a", NULL, given->mem, &second));
    CHECK_TEXT(got_text(given, "raw/a"), "second!");
    CHECK(strcmp(first.etag, second.etag) != 0);
    put_text(given, "raw/a", "second!");
    CHECK_TEXT(got_text(given, "raw/a"), "second!");
}

TEST_BLOB(nothing_is_there_before_commit_nor_after_a_writer_that_was_dropped)
{
    AUTO(blob_writer_free) BlobWriter *writer = NULL;

    put_text(given, "raw/a", "old");
    CHECK_OK(blob_writer_open(given->blob, &(BlobPut){.key = "raw/a"}, &writer));
    CHECK_OK(blob_writer_add(writer, "new", 3));
    CHECK_TEXT(got_text(given, "raw/a"), "old");
    blob_writer_free(TAKE(writer));
    CHECK_TEXT(got_text(given, "raw/a"), "old");

    CHECK_OK(blob_writer_open(given->blob, &(BlobPut){.key = "raw/b"}, &writer));
    CHECK_OK(blob_writer_add(writer, "new", 3));
    CHECK_TEXT(got_text(given, "raw/b"), "not_found");
    CHECK_OK(blob_writer_commit(writer, NULL));
    CHECK_TEXT(got_text(given, "raw/b"), "new");
    CHECK_CODE(blob_writer_add(writer, "x", 1), ERR_BUG);
    CHECK_CODE(blob_writer_commit(writer, NULL), ERR_BUG);
}

TEST_BLOB(a_large_blob_is_written_in_pieces_and_read_in_ranges)
{
    enum {
        SIZE = 20 * MIB + 12345
    };
    unsigned char *bytes = bytes_drawn(given, SIZE);
    AUTO(blob_writer_free) BlobWriter *writer = NULL;
    BlobWritten written;
    BlobFacts facts;

    CHECK_OK(blob_writer_open(
        given->blob, &(BlobPut){.key = "raw/large", .type = "image/tiff"}, &writer));
    for (size_t at = 0; at < SIZE; at += 700001)
        CHECK_OK(blob_writer_add(writer, bytes + at, MIN((size_t)700001, SIZE - at)));
    CHECK_OK(blob_writer_commit(writer, &written));
    CHECK_INT(written.bytes, SIZE);
    CHECK(hash_equal(written.sha256, hash_bytes(bytes, SIZE)));

    CHECK_OK(blob_head(given->blob, "raw/large", NULL, given->mem, &facts));
    CHECK_INT(facts.bytes, SIZE);
    CHECK_TEXT(facts.type, "image/tiff");
    AUTO(buf_done) Buf whole = BUF(SIZE);
    CHECK_OK(blob_get(given->blob, &(BlobGet){.key = "raw/large"}, &whole));
    CHECK_INT(whole.size, SIZE);
    CHECK(memcmp(whole.bytes, bytes, SIZE) == 0);

    const BlobGet ranges[] = {
        {.key = "raw/large", .from = 0, .bytes = 1},
        {.key = "raw/large", .from = 8 * MIB - 1, .bytes = 2},
        {.key = "raw/large", .from = SIZE - 5},
        {.key = "raw/large", .from = SIZE - 5, .bytes = 1000},
        {.key = "raw/large", .from = 12345, .bytes = 9 * MIB},
    };
    for (size_t i = 0; i < COUNT(ranges); i++) {
        AUTO(buf_done) Buf part = BUF(SIZE);
        size_t rest = SIZE - (size_t)ranges[i].from;
        size_t want = ranges[i].bytes ? MIN((size_t)ranges[i].bytes, rest) : rest;

        CHECK_OK(blob_get(given->blob, &ranges[i], &part));
        CHECK_INT(part.size, want);
        CHECK(memcmp(part.bytes, bytes + ranges[i].from, want) == 0);
    }
}

TEST_BLOB(a_range_past_the_end_is_refused)
{
    AUTO(buf_done) Buf buf = BUF(16);

    put_text(given, "raw/a", "four");
    CHECK_CODE(
        blob_get(given->blob, &(BlobGet){.key = "raw/a", .from = 5}, &buf), ERR_INPUT_INVALID);
    CHECK_CODE(
        blob_get(given->blob, &(BlobGet){.key = "raw/a", .from = -1}, &buf), ERR_INPUT_INVALID);
    CHECK_OK(blob_get(given->blob, &(BlobGet){.key = "raw/a", .from = 4}, &buf));
    CHECK_INT(buf.size, 0);
}

TEST_BLOB(facts_are_of_the_whole_blob_whatever_the_range)
{
    AUTO(blob_reader_free) BlobReader *reader = NULL;
    BlobFacts facts;
    char bytes[64];
    size_t size;

    put_text(given, "raw/a", "0123456789");
    CHECK_OK(blob_reader_open(
        given->blob, &(BlobGet){.key = "raw/a", .from = 3, .bytes = 4}, given->mem, &facts,
        &reader));
    CHECK_INT(facts.bytes, 10);
    CHECK_TEXT(facts.type, "text/plain");
    CHECK_OK(blob_reader_take(reader, bytes, 3, &size));
    CHECK_INT(size, 3);
    CHECK(memcmp(bytes, "345", 3) == 0);
    CHECK_OK(blob_reader_take(reader, bytes, sizeof(bytes), &size));
    CHECK_INT(size, 1);
    CHECK_OK(blob_reader_take(reader, bytes, sizeof(bytes), &size));
    CHECK_INT(size, 0);
}

TEST_BLOB(more_than_the_most_bytes_is_refused_and_leaves_nothing)
{
    AUTO(blob_writer_free) BlobWriter *writer = NULL;

    CHECK_OK(blob_writer_open(given->blob, &(BlobPut){.key = "raw/a", .most_bytes = 5}, &writer));
    CHECK_OK(blob_writer_add(writer, "12345", 5));
    CHECK_CODE(blob_writer_add(writer, "6", 1), ERR_FILE_TOO_LARGE);
    CHECK_CODE(blob_writer_commit(writer, NULL), ERR_BUG);
    CHECK_TEXT(got_text(given, "raw/a"), "not_found");
}

TEST_BLOB(a_blob_larger_than_the_buffer_is_an_error)
{
    AUTO(buf_done) Buf buf = BUF(3);

    put_text(given, "raw/a", "four");
    CHECK_CODE(blob_get(given->blob, &(BlobGet){.key = "raw/a"}, &buf), ERR_FILE_TOO_LARGE);
}

TEST_BLOB(deleting_twice_is_as_good_as_once)
{
    put_text(given, "raw/t1/a", "x");
    put_text(given, "raw/t1/b", "x");
    CHECK_OK(blob_delete(given->blob, "raw/t1/a", NULL));
    CHECK_OK(blob_delete(given->blob, "raw/t1/a", NULL));
    CHECK_OK(blob_delete(given->blob, "never/made", NULL));
    CHECK_TEXT(got_text(given, "raw/t1/a"), "not_found");
    CHECK_TEXT(got_text(given, "raw/t1/b"), "x");
    CHECK_OK(blob_delete(given->blob, "raw/t1/b", NULL));
    put_text(given, "raw/t1/a", "again");
    CHECK_TEXT(got_text(given, "raw/t1/a"), "again");
}

TEST_BLOB(a_blob_may_be_called_like_the_folder_of_others)
{
    put_text(given, "raw/t1", "one");
    put_text(given, "raw/t1/a", "two");
    put_text(given, "raw/t1/a/b", "three");
    CHECK_TEXT(got_text(given, "raw/t1"), "one");
    CHECK_TEXT(got_text(given, "raw/t1/a"), "two");
    CHECK_TEXT(got_text(given, "raw/t1/a/b"), "three");
    CHECK_OK(blob_delete(given->blob, "raw/t1/a", NULL));
    CHECK_TEXT(got_text(given, "raw/t1/a/b"), "three");
}

TEST_BLOB(a_writer_that_is_cancelled_stops)
{
    Cancel cancel = CANCEL_INIT;
    AUTO(blob_writer_free) BlobWriter *writer = NULL;

    CHECK_OK(blob_writer_open(given->blob, &(BlobPut){.key = "raw/a", .cancel = &cancel}, &writer));
    CHECK_OK(blob_writer_add(writer, "x", 1));
    cancel_ask(&cancel);
    CHECK_CODE(blob_writer_commit(writer, NULL), ERR_CANCELLED);
    CHECK_TEXT(got_text(given, "raw/a"), "not_found");
}

TEST_BLOB(the_store_says_that_it_is_well)
{
    CHECK_OK(blob_check(given->blob, NULL));
    CHECK(strlen(blob_place(given->blob)) > 3);
}

/* ---- keys ---- */

TEST_BLOB(keys_that_are_none_are_refused)
{
    static const char *const keys[] = {
        "",         "raw",           "raw/",     "/raw/a",       "raw//a",
        "raw/a/",   "raw/../a",      "raw/./a",  "raw/.a",       "ra/a",
        "Raw/a",    "-raw/a",        "raw-/a",   "ra--w/a",      "raw/a b",
        "raw/a%41", "raw/a?b",       "raw/a\\b", "raw/\xc3\xbc", "raw/a\nb",
        "raw/a=",   "raw/a/../../b", "../raw/a",
    };
    BlobFacts facts;
    BlobWriter *writer;
    BlobTicket ticket;

    for (size_t i = 0; i < COUNT(keys); i++) {
        BlobGrant grant = {.key = keys[i], .until_ms = clock_now_ms() + 60000};

        CHECK_CODE(blob_key_check(keys[i]), ERR_INPUT_INVALID);
        CHECK_CODE(blob_head(given->blob, keys[i], NULL, given->mem, &facts), ERR_INPUT_INVALID);
        CHECK_CODE(
            blob_writer_open(given->blob, &(BlobPut){.key = keys[i]}, &writer), ERR_INPUT_INVALID);
        CHECK_CODE(blob_delete(given->blob, keys[i], NULL), ERR_INPUT_INVALID);
        CHECK_CODE(blob_grant(given->blob, &grant, given->mem, &ticket), ERR_INPUT_INVALID);
    }
    char long_part[200] = "raw/";
    memset(long_part + 4, 'a', 129);
    CHECK_CODE(blob_key_check(long_part), ERR_INPUT_INVALID);
    long_part[4 + 128] = 0;
    put_text(given, long_part, "x");
    CHECK_TEXT(got_text(given, long_part), "x");
}

TEST_BLOB(content_types_that_are_none_are_refused)
{
    static const char *const types[] = {"", " a", "a\r\nX: y", "\xc3\xbc", "a/b "};
    BlobWriter *writer;

    for (size_t i = 0; i < COUNT(types); i++)
        CHECK_CODE(
            blob_writer_open(given->blob, &(BlobPut){.key = "raw/a", .type = types[i]}, &writer),
            ERR_INPUT_INVALID);
}

/* ---- listing ---- */

/* Keys of all pages of MOST rows, each followed by a blank. */
static const char *listed(Given *given, const char *prefix, int most)
{
    const char *text = "";
    BlobQuery query = {.prefix = prefix, .most = most};
    BlobPage page;
    int pages = 0;

    do {
        CHECK_OK(blob_list(given->blob, &query, given->mem, &page));
        CHECK(page.count <= (size_t)most);
        for (size_t i = 0; i < page.count; i++)
            text = arena_print(given->mem, "%s%s ", text, page.rows[i].key);
        query.after = page.next;
        CHECK(++pages < 100);
    } while (page.next);
    return text;
}

TEST_BLOB(keys_are_listed_by_prefix_in_order_page_by_page)
{
    static const char *const keys[] = {
        "raw/t1/b", "raw/t1/a",  "raw/t1/a/z",   "raw/t1/a-b", "raw/t1/a.c",
        "raw/t1/B", "raw/t10/a", "raw/t2/x/y/z", "raw/t1",
    };

    for (size_t i = 0; i < COUNT(keys); i++)
        put_text(given, keys[i], "12345");
    put_text(given, "outputs/t1/a", "x");
    for (int most = 1; most < 12; most += 3) {
        CHECK_TEXT(
            listed(given, "raw/t1/", most),
            "raw/t1/B raw/t1/a raw/t1/a-b raw/t1/a.c raw/t1/a/z raw/t1/b ");
        CHECK_TEXT(
            listed(given, "raw/", most),
            "raw/t1 raw/t1/B raw/t1/a raw/t1/a-b raw/t1/a.c raw/t1/a/z raw/t1/b raw/t10/a "
            "raw/t2/x/y/z ");
        CHECK_TEXT(listed(given, "raw/t1/a", most), "raw/t1/a raw/t1/a-b raw/t1/a.c raw/t1/a/z ");
        CHECK_TEXT(listed(given, "raw/t2/x/", most), "raw/t2/x/y/z ");
        CHECK_TEXT(listed(given, "raw/t3/", most), "");
        CHECK_TEXT(listed(given, "never/", most), "");
    }
}

TEST_BLOB(a_row_of_a_list_tells_size_and_time)
{
    BlobPage page;

    put_text(given, "raw/a", "12345");
    CHECK_OK(blob_list(given->blob, &(BlobQuery){.prefix = "raw/"}, given->mem, &page));
    CHECK_INT(page.count, 1);
    CHECK_INT(page.rows[0].bytes, 5);
    CHECK(llabs(page.rows[0].changed_ms - clock_now_ms()) < 10 * 60 * 1000);
}

TEST_BLOB(prefixes_without_a_container_are_refused)
{
    static const char *const prefixes[] = {"", "raw", "/", "../", "raw/../", "Raw/", "raw//"};
    BlobPage page;

    for (size_t i = 0; i < COUNT(prefixes); i++)
        CHECK_CODE(
            blob_list(given->blob, &(BlobQuery){.prefix = prefixes[i]}, given->mem, &page),
            ERR_INPUT_INVALID);
}

/* ---- sweeping and doing things at once ---- */

TEST_BLOB(a_sweep_takes_what_was_abandoned_and_nothing_else)
{
    int64_t gone;

    put_text(given, "raw/a", "kept");
    put_text(given, "raw/b", "kept");
    CHECK_OK(blob_sweep(given->blob, 0, NULL, &gone));
    CHECK_TEXT(got_text(given, "raw/a"), "kept");
    CHECK_TEXT(got_text(given, "raw/b"), "kept");
}

typedef struct Crowd {
    Given *given;
    int number;
    Err *err;
} Crowd;

/* Write, read, list and delete among others that do the same. */
static Err *crowd_work(const Crowd *crowd)
{
    Blob *blob = crowd->given->blob;
    AUTO(arena_free) Arena *mem = arena_new();
    const char *own = arena_print(mem, "raw/own/%d/a", crowd->number);

    for (int i = 0; i < 5; i++) {
        AUTO(buf_done) Buf buf = BUF(64);
        BlobPage page;

        TRY(blob_put(blob, &(BlobPut){.key = own}, "same bytes", 10, NULL));
        TRY(blob_put(blob, &(BlobPut){.key = "raw/shared"}, "same bytes", 10, NULL));
        TRY(blob_get(blob, &(BlobGet){.key = own}, &buf));
        TRY(blob_get(blob, &(BlobGet){.key = "raw/shared"}, &buf));
        if (strcmp(buf_text(&buf), "same bytessame bytes") != 0)
            return err_new(ERR_BUG, "got '%s'", buf_text(&buf));
        TRY(blob_list(blob, &(BlobQuery){.prefix = "raw/own/"}, mem, &page));
        TRY(blob_delete(blob, own, NULL));
    }
    return NULL;
}

static void *crowd_run(void *crowd_any)
{
    Crowd *crowd = crowd_any;

    crowd->err = crowd_work(crowd);
    return NULL;
}

TEST_BLOB(many_may_use_one_store_at_once)
{
    Crowd crowd[8];
    pthread_t threads[COUNT(crowd)];

    for (size_t i = 0; i < COUNT(crowd); i++) {
        crowd[i] = (Crowd){.given = given, .number = (int)i};
        CHECK(pthread_create(&threads[i], NULL, crowd_run, &crowd[i]) == 0);
    }
    for (size_t i = 0; i < COUNT(crowd); i++)
        pthread_join(threads[i], NULL);
    for (size_t i = 0; i < COUNT(crowd); i++)
        CHECK_OK(crowd[i].err);
    CHECK_TEXT(got_text(given, "raw/shared"), "same bytes");
    CHECK_TEXT(listed(given, "raw/", 100), "raw/shared ");
}
