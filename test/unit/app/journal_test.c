/* Promises of the journal. */
#include <fcntl.h>
#include <unistd.h>

#include "app/journal.h"
#include "base/crew.h"
#include "base/file.h"
#include "test.h"

static Hash key_of(const char *text)
{
    return hash_bytes(text, strlen(text));
}

static void picture_put(const char *folder, const char *name, const char *bytes)
{
    AUTO(arena_free) Arena *mem = arena_new();

    CHECK_OK(file_write(path_join(mem, folder, name), bytes, strlen(bytes)));
}

/* A journal that has "a.jpg" of 3 bytes, made from "one". */
static const char *folder_with_a(void)
{
    const char *folder = test_folder();
    AUTO(journal_close) Journal *journal = NULL;

    CHECK_OK(journal_open(folder, false, &journal));
    picture_put(folder, "a.jpg", "abc");
    CHECK_OK(journal_add(journal, &(JournalLine){"a.png", "a.jpg", key_of("one"), 3}));
    return folder;
}

static void bytes_append(const char *folder, const char *bytes)
{
    AUTO(arena_free) Arena *mem = arena_new();
    int fd = open(path_join(mem, folder, journal_name), O_WRONLY | O_APPEND);

    CHECK(fd >= 0);
    CHECK(write(fd, bytes, strlen(bytes)) == (ssize_t)strlen(bytes));
    close(fd);
}

TEST(a_finished_picture_is_known_after_a_restart)
{
    const char *folder = folder_with_a();
    AUTO(journal_close) Journal *journal = NULL;

    CHECK_OK(journal_open(folder, true, &journal));
    CHECK_INT(journal_count(journal), 1);
    CHECK(journal_has(journal, "a.jpg", key_of("one")));
    test_folder_remove(folder);
}

TEST(a_picture_counts_as_finished_only_with_its_key_its_name_and_its_size)
{
    const char *folder = folder_with_a();
    AUTO(journal_close) Journal *journal = NULL;

    CHECK_OK(journal_open(folder, true, &journal));
    CHECK(!journal_has(journal, "a.jpg", key_of("two")));
    CHECK(!journal_has(journal, "b.jpg", key_of("one")));
    picture_put(folder, "a.jpg", "ab");
    CHECK(!journal_has(journal, "a.jpg", key_of("one")));
    test_folder_remove(folder);
}

TEST(names_that_are_not_utf8_are_told_apart)
{
    static const char *const names[] = {"\xff.jpg", "\xfe.jpg", "%FF.jpg", "\xd1\x8f%.jpg"};
    const char *folder = test_folder();
    AUTO(journal_close) Journal *fresh = NULL, *journal = NULL;

    CHECK_OK(journal_open(folder, false, &fresh));
    for (size_t i = 0; i < COUNT(names); i++) {
        picture_put(folder, names[i], "abc");
        CHECK_OK(journal_add(fresh, &(JournalLine){names[i], names[i], key_of(names[i]), 3}));
    }
    CHECK_OK(journal_open(folder, true, &journal));
    CHECK_INT(journal_count(journal), COUNT(names));
    for (size_t i = 0; i < COUNT(names); i++)
        CHECK(journal_has(journal, names[i], key_of(names[i])));
    test_folder_remove(folder);
}

TEST(a_torn_last_line_is_no_line_and_does_not_swallow_the_next)
{
    const char *folder = folder_with_a();
    AUTO(journal_close) Journal *torn = NULL, *journal = NULL;

    bytes_append(folder, "{\"photo\":\"b.png\",\"outp");
    picture_put(folder, "c.jpg", "c");
    CHECK_OK(journal_open(folder, true, &torn));
    CHECK_INT(journal_count(torn), 1);
    CHECK_OK(journal_add(torn, &(JournalLine){"c.png", "c.jpg", key_of("three"), 1}));

    CHECK_OK(journal_open(folder, true, &journal));
    CHECK_INT(journal_count(journal), 2);
    CHECK(journal_has(journal, "a.jpg", key_of("one")));
    CHECK(journal_has(journal, "c.jpg", key_of("three")));
    test_folder_remove(folder);
}

TEST(the_last_line_about_a_picture_counts)
{
    const char *folder = folder_with_a();
    AUTO(journal_close) Journal *journal = NULL, *again = NULL;

    CHECK_OK(journal_open(folder, true, &journal));
    CHECK_OK(journal_add(journal, &(JournalLine){"a.png", "a.jpg", key_of("two"), 3}));
    CHECK_OK(journal_open(folder, true, &again));
    CHECK_INT(journal_count(again), 1);
    CHECK(journal_has(again, "a.jpg", key_of("two")));
    CHECK(!journal_has(again, "a.jpg", key_of("one")));
    test_folder_remove(folder);
}

TEST(a_run_that_does_not_resume_begins_a_new_journal)
{
    const char *folder = folder_with_a();
    AUTO(journal_close) Journal *fresh = NULL, *journal = NULL;

    CHECK_OK(journal_open(folder, false, &fresh));
    CHECK_OK(journal_open(folder, true, &journal));
    CHECK_INT(journal_count(journal), 0);
    test_folder_remove(folder);
}

static void line_add(void *journal, size_t item)
{
    char name[24];

    snprintf(name, sizeof(name), "%zu.jpg", item);
    AUTO(err_free) Err *err =
        journal_add(journal, &(JournalLine){"p.png", name, key_of(name), item});
    CHECK(err == NULL);
}

TEST(lines_added_by_several_threads_are_all_there)
{
    const char *folder = test_folder();
    AUTO(journal_close) Journal *journal = NULL, *again = NULL;

    CHECK_OK(journal_open(folder, false, &journal));
    crew_run(4, 200, line_add, journal);
    CHECK_OK(journal_open(folder, true, &again));
    CHECK_INT(journal_count(again), 200);
    test_folder_remove(folder);
}
