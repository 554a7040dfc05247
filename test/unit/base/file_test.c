/* Promises of files and folders. */
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "test.h"

TEST(a_file_that_was_written_reads_back_the_same)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(buf_done) Buf buf = BUF(100);
    const char *folder = test_folder(), *path = path_join(mem, folder, "a.txt");

    CHECK_OK(file_write(path, "first", 5));
    CHECK_OK(file_write(path, "second", 6));
    CHECK_OK(file_read(path, &buf));
    CHECK_TEXT(buf_text(&buf), "second");
    test_folder_remove(folder);
}

TEST(a_failed_write_leaves_the_old_file_and_nothing_beside_it)
{
    AUTO(arena_free) Arena *mem = arena_new();
    const char *folder = test_folder(), *taken = path_join(mem, folder, "taken");
    const char *inside = path_join(mem, taken, "inside");

    CHECK_OK(folder_make(inside));
    AUTO(err_free) Err *err = file_write(taken, "x", 1);
    CHECK_TEXT(err_name(err_code(err)), "file_unwritable");
    CHECK_INT(rmdir(inside), 0);
    CHECK_INT(rmdir(taken), 0);
    CHECK_INT(rmdir(folder), 0);
}

TEST(a_file_may_have_the_longest_name_there_is)
{
    AUTO(arena_free) Arena *mem = arena_new();
    const char *folder = test_folder(),
               *path = path_join(mem, folder, arena_print(mem, "%0255d", 0));

    CHECK_OK(file_write(path, "x", 1));
    CHECK(file_exists(path));
    test_folder_remove(folder);
}

TEST(a_new_file_has_the_rights_that_the_umask_leaves)
{
    AUTO(arena_free) Arena *mem = arena_new();
    const char *folder = test_folder(), *path = path_join(mem, folder, "a");
    struct stat facts;
    mode_t before = umask(027);

    CHECK_OK(file_write(path, "x", 1));
    umask(before);
    CHECK_INT(stat(path, &facts), 0);
    CHECK_INT(facts.st_mode & 0777, 0640);
    test_folder_remove(folder);
}

TEST(a_full_disk_is_told_from_other_failures)
{
    CHECK_TEXT(err_name(file_failure(ENOSPC)), "disk_full");
    CHECK_TEXT(err_name(file_failure(EDQUOT)), "disk_full");
    CHECK_TEXT(err_name(file_failure(EISDIR)), "file_unwritable");
}

TEST(a_file_past_the_limit_is_refused)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(buf_done) Buf fits = BUF(5), small = BUF(4);
    const char *folder = test_folder(), *path = path_join(mem, folder, "five");

    CHECK_OK(file_write(path, "12345", 5));
    CHECK_OK(file_read(path, &fits));
    AUTO(err_free) Err *err = file_read(path, &small);
    CHECK_TEXT(err_name(err_code(err)), "file_too_large");
    test_folder_remove(folder);
}

TEST(a_folder_is_listed_in_byte_order_without_hidden_names)
{
    AUTO(arena_free) Arena *mem = arena_new();
    const char *folder = test_folder();
    const char *const *names = NULL;

    CHECK_OK(file_write(path_join(mem, folder, "b"), "", 0));
    CHECK_OK(file_write(path_join(mem, folder, "B"), "", 0));
    CHECK_OK(file_write(path_join(mem, folder, ".c"), "", 0));
    CHECK_OK(folder_list(mem, folder, &names));
    CHECK_TEXT(names[0], "B");
    CHECK_TEXT(names[1], "b");
    CHECK(names[2] == NULL);
    test_folder_remove(folder);
}
