/* What a folder of blobs promises beyond every store. */
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "harness/stores.h"

static void put_text(Given *given, const char *key, const char *text)
{
    CHECK_OK(blob_put(given->blob, &(BlobPut){.key = key}, text, strlen(text), NULL));
}

static const char *path_of(Given *given, const char *key)
{
    return arena_print(given->mem, "%s/store/blobs/%s=", given->folder, key);
}

static struct stat facts_of(Given *given, const char *key)
{
    struct stat facts;

    CHECK(stat(path_of(given, key), &facts) == 0);
    return facts;
}

/* Files in folder NAME of the store, and in those right below it. */
static int files_in(Given *given, const char *name)
{
    const char *folder = arena_print(given->mem, "%s/store/%s", given->folder, name);
    const char *const *names;
    int count = 0;

    CHECK_OK(folder_list(given->mem, folder, &names));
    for (; *names; names++) {
        const char *path = path_join(given->mem, folder, *names);

        count += folder_exists(path)
                     ? files_in(given, arena_print(given->mem, "%s/%s", name, *names))
                     : 1;
    }
    return count;
}

TEST_BLOB_ON(STORE_FS, equal_bytes_are_kept_once)
{
    put_text(given, "raw/a", "same");
    put_text(given, "raw/b", "same");
    put_text(given, "raw/c", "other");
    CHECK(facts_of(given, "raw/a").st_ino == facts_of(given, "raw/b").st_ino);
    CHECK(facts_of(given, "raw/a").st_ino != facts_of(given, "raw/c").st_ino);
    CHECK_INT(files_in(given, "bytes"), 2);
    CHECK_INT(files_in(given, "parts"), 0);
}

TEST_BLOB_ON(STORE_FS, equal_bytes_of_another_type_stay_of_that_type)
{
    BlobFacts facts;

    CHECK_OK(blob_put(given->blob, &(BlobPut){.key = "raw/a", .type = "image/png"}, "x", 1, NULL));
    CHECK_OK(blob_put(given->blob, &(BlobPut){.key = "raw/b", .type = "text/css"}, "x", 1, NULL));
    CHECK_OK(blob_head(given->blob, "raw/a", NULL, given->mem, &facts));
    CHECK_TEXT(facts.type, "image/png");
    CHECK_OK(blob_head(given->blob, "raw/b", NULL, given->mem, &facts));
    CHECK_TEXT(facts.type, "text/css");
}

TEST_BLOB_ON(STORE_FS, the_last_of_equal_blobs_takes_the_bytes_with_it)
{
    put_text(given, "raw/t1/a", "same");
    put_text(given, "raw/t2/b", "same");
    CHECK_OK(blob_delete(given->blob, "raw/t1/a", NULL));
    CHECK_INT(files_in(given, "bytes"), 1);
    put_text(given, "raw/t2/b", "replaced");
    CHECK_INT(files_in(given, "bytes"), 1);
    CHECK_OK(blob_delete(given->blob, "raw/t2/b", NULL));
    CHECK_INT(files_in(given, "bytes"), 0);
    CHECK_INT(files_in(given, "blobs"), 0);
    CHECK(!folder_exists(arena_print(given->mem, "%s/store/blobs/raw/t1", given->folder)));
}

TEST_BLOB_ON(STORE_FS, a_sweep_takes_what_a_killed_process_left)
{
    const char *part = arena_print(given->mem, "%s/store/parts/99-1.part", given->folder);
    const char *stray = arena_print(given->mem, "%s/store/bytes/ab/abcd", given->folder);
    int64_t gone;

    put_text(given, "raw/a", "kept");
    CHECK_OK(file_write(part, "half", 4));
    CHECK_OK(folder_make(path_folder(given->mem, stray)));
    CHECK_OK(file_write(stray, "half", 4));
    CHECK_OK(blob_sweep(given->blob, 60 * 1000, NULL, &gone));
    CHECK_INT(gone, 0);
    CHECK_OK(blob_sweep(given->blob, 0, NULL, &gone));
    CHECK_INT(gone, 2);
    CHECK(!file_exists(part) && !file_exists(stray));
    CHECK_INT(files_in(given, "bytes"), 1);
    CHECK_INT(files_in(given, "blobs"), 1);
}

enum {
    LONG = 300000
};

/* Write one key again and again, now all A and now all B, until somebody ends this. */
static void write_for_ever(Given *given)
{
    char *text = arena_take(given->mem, LONG);

    for (int turn = 0;; turn++) {
        memset(text, turn % 2 ? 'B' : 'A', LONG);
        AUTO(err_free) Err *err = blob_put(
            given->blob, &(BlobPut){.key = turn % 3 ? "raw/t/a" : "raw/t/b"}, text, LONG, NULL);
        if (err)
            _exit(1);
    }
}

static void check_whole(Given *given, const char *key)
{
    AUTO(buf_done) Buf buf = BUF(LONG);
    AUTO(err_free) Err *err = blob_get(given->blob, &(BlobGet){.key = key}, &buf);

    if (err) {
        CHECK_INT(err_code(err), ERR_NOT_FOUND);
        return;
    }
    CHECK_INT(buf.size, LONG);
    for (size_t i = 1; i < LONG; i++)
        CHECK(buf.bytes[i] == buf.bytes[0]);
}

TEST_BLOB_ON(STORE_FS, a_process_that_is_killed_leaves_whole_blobs_and_nothing_a_sweep_cannot_take)
{
    for (int kills = 0; kills < 15; kills++) {
        int64_t gone;
        pid_t pid = fork();

        if (pid == 0)
            write_for_ever(given);
        usleep((useconds_t)(2000 + kills * 1700));
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
        check_whole(given, "raw/t/a");
        check_whole(given, "raw/t/b");
        CHECK_OK(blob_sweep(given->blob, 0, NULL, &gone));
        CHECK_INT(files_in(given, "parts"), 0);
        check_whole(given, "raw/t/a");
    }
    CHECK_OK(blob_delete(given->blob, "raw/t/a", NULL));
    CHECK_OK(blob_delete(given->blob, "raw/t/b", NULL));
    CHECK_INT(files_in(given, "blobs"), 0);
    CHECK_INT(files_in(given, "bytes"), 0);
}

TEST_BLOB_ON(STORE_FS, what_is_being_read_stays_when_it_is_deleted_or_replaced)
{
    AUTO(blob_reader_free) BlobReader *reader = NULL;
    char bytes[16];
    size_t size;

    put_text(given, "raw/a", "first");
    CHECK_OK(blob_reader_open(given->blob, &(BlobGet){.key = "raw/a"}, given->mem, NULL, &reader));
    put_text(given, "raw/a", "second");
    CHECK_OK(blob_delete(given->blob, "raw/a", NULL));
    CHECK_OK(blob_reader_take(reader, bytes, sizeof(bytes), &size));
    CHECK_INT(size, 5);
    CHECK(memcmp(bytes, "first", 5) == 0);
}

TEST_BLOB_ON(STORE_FS, a_reader_gives_its_file)
{
    AUTO(blob_reader_free) BlobReader *reader = NULL;
    char bytes[16];

    put_text(given, "raw/a", "first");
    CHECK_OK(blob_reader_open(given->blob, &(BlobGet){.key = "raw/a"}, given->mem, NULL, &reader));
    int fd = blob_reader_file(reader);
    CHECK(fd >= 0);
    blob_reader_free(TAKE(reader));
    CHECK_INT(pread(fd, bytes, 5, 0), 5);
    CHECK(memcmp(bytes, "first", 5) == 0);
    close(fd);
}

TEST_BLOB_ON(STORE_FS, a_damaged_blob_is_an_error_and_put_again_is_whole)
{
    BlobFacts facts;

    put_text(given, "raw/a", "precious");
    CHECK(truncate(path_of(given, "raw/a"), 200) == 0);
    CHECK_ERR(
        blob_head(given->blob, "raw/a", NULL, given->mem, &facts), ERR_FILE_UNREADABLE,
        arena_print(given->mem, "'%s' is damaged", path_of(given, "raw/a")));
    put_text(given, "raw/a", "precious");
    CHECK_OK(blob_head(given->blob, "raw/a", NULL, given->mem, &facts));
    CHECK_INT(facts.bytes, 8);
}

TEST_BLOB_ON(STORE_FS, a_store_opened_again_has_what_it_had)
{
    AUTO(buf_done) Buf buf = BUF(16);

    put_text(given, "raw/a", "kept");
    blob_close(TAKE(given->blob));
    CHECK_OK(blob_open(&given->setup, &given->blob));
    CHECK_OK(blob_get(given->blob, &(BlobGet){.key = "raw/a"}, &buf));
    CHECK_TEXT(buf_text(&buf), "kept");
}

TEST_BLOB_ON(STORE_FS, a_folder_of_very_many_is_listed_whole)
{
    enum {
        MANY = 2500
    };
    BlobQuery query = {.prefix = "raw/t/", .most = 700};
    BlobPage page;
    size_t count = 0;
    const char *last = "";

    for (int i = 0; i < MANY; i++) {
        const char *path = path_of(given, arena_print(given->mem, "raw/t/k%05d", i * 7919 % MANY));

        CHECK_OK(folder_make(path_folder(given->mem, path)));
        if (i == 0)
            put_text(given, "raw/t/k00000", "x");
        else
            CHECK(link(path_of(given, "raw/t/k00000"), path) == 0);
    }
    do {
        CHECK_OK(blob_list(given->blob, &query, given->mem, &page));
        for (size_t i = 0; i < page.count; i++) {
            CHECK(strcmp(last, page.rows[i].key) < 0);
            last = page.rows[i].key;
        }
        count += page.count;
        query.after = page.next;
    } while (page.next);
    CHECK_INT(count, MANY);
}

TEST(stores_that_cannot_be_are_refused)
{
    static const BlobSetup setups[] = {
        {.store = "ftp://x"},
        {.store = "file:"},
        {.store = "/tmp", .secret = "short", .secret_bytes = 5},
    };

    for (size_t i = 0; i < COUNT(setups); i++) {
        Blob *blob = NULL;
        AUTO(err_free) Err *err = blob_open(&setups[i], &blob);

        CHECK(err && err_code(err) == ERR_INPUT_INVALID);
    }
}
