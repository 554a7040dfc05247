/* Promises about which photos are found and what their pictures are called. */
#include <sys/stat.h>
#include <unistd.h>

#include "app/photos.h"
#include "app/plan.h"
#include "base/file.h"
#include "test.h"

typedef struct Desk {
    Arena *mem;
    const char *folder;
} Desk;

static Desk desk_with(const char *const *names)
{
    Desk desk = {arena_new(), test_folder()};

    for (; *names; names++) {
        const char *path = path_join(desk.mem, desk.folder, *names);

        CHECK_OK(folder_make(path_folder(desk.mem, path)));
        CHECK_OK(file_write(path, "", 0));
    }
    return desk;
}

static void desk_clear(Desk *desk)
{
    test_folder_remove(desk->folder);
    arena_free(desk->mem);
}

static Err *find(const Desk *desk, const char *word, bool is_recursive, Photos *ret)
{
    const char *words[] = {*word ? path_join(desk->mem, desk->folder, word) : desk->folder};
    Texts texts = {words, 1};

    return photos_find(
        &(PhotoSearch){
            .words = &texts,
            .out = path_join(desk->mem, desk->folder, "out"),
            .is_recursive = is_recursive,
        },
        desk->mem, ret);
}

static void check_found(const Desk *desk, const Photos *photos, const char *names)
{
    const char *found = "";

    for (size_t i = 0; i < photos->count; i++)
        found = arena_print(
            desk->mem, "%s%s%s", found, i ? " " : "",
            photos->items[i].path + strlen(desk->folder) + 1);
    CHECK_TEXT(found, names);
}

TEST(a_folder_gives_its_photos_in_order_and_nothing_else)
{
    const char *const names[] = {"b.JPG", "a.png", "notes.txt", ".c.png", "in/d.png", NULL};
    Desk desk = desk_with(names);
    Photos photos;

    CHECK_OK(find(&desk, "", false, &photos));
    check_found(&desk, &photos, "a.png b.JPG");
    desk_clear(&desk);
}

TEST(a_recursive_search_keeps_folders_and_leaves_the_output_out)
{
    const char *const names[] = {"b.png", "in/d.png", "in/deep/e.tiff", "out/b.png", NULL};
    Desk desk = desk_with(names);
    Photos photos;

    CHECK_OK(find(&desk, "", true, &photos));
    check_found(&desk, &photos, "b.png in/d.png in/deep/e.tiff");
    photos_name(&photos, "jpg", desk.mem);
    CHECK_TEXT(photos.items[0].output, "b.jpg");
    CHECK_TEXT(photos.items[2].output, "in/deep/e.jpg");
    desk_clear(&desk);
}

TEST(a_pattern_gives_what_it_matches_and_an_empty_one_is_an_error)
{
    const char *const names[] = {"a.png", "b.png", "c.jpg", NULL};
    Desk desk = desk_with(names);
    Photos photos;

    CHECK_OK(find(&desk, "*.png", false, &photos));
    check_found(&desk, &photos, "a.png b.png");
    AUTO(err_free) Err *err = find(&desk, "*.webp", false, &photos);
    CHECK(err && err_code(err) == ERR_INPUT_INVALID);
    desk_clear(&desk);
}

TEST(a_name_with_brackets_that_exists_is_no_pattern)
{
    const char *const names[] = {"a[1].png", NULL};
    Desk desk = desk_with(names);
    Photos photos;

    CHECK_OK(find(&desk, "a[1].png", false, &photos));
    check_found(&desk, &photos, "a[1].png");
    desk_clear(&desk);
}

TEST(a_folder_without_photos_and_the_output_folder_itself_are_errors)
{
    const char *const names[] = {"in/a.png", "out/a.png", NULL};
    Desk desk = desk_with(names);
    Photos photos;
    AUTO(err_free) Err *empty = find(&desk, "", false, &photos);
    AUTO(err_free) Err *output = find(&desk, "out", false, &photos);

    CHECK(empty && strstr(err_text(empty), "--recursive"));
    CHECK(output && strstr(err_text(output), "Name another with -o"));
    desk_clear(&desk);
}

static Photos photos_of(Arena *mem, const char *const *paths)
{
    Texts words = {(const char **)(uintptr_t)paths, 0};
    Photos photos;

    while (paths[words.count])
        words.count++;
    CHECK_OK(photos_find(&(PhotoSearch){.words = &words}, mem, &photos));
    return photos;
}

TEST(photos_that_share_a_name_are_numbered_in_their_order)
{
    AUTO(arena_free) Arena *mem = arena_new();
    const char *const paths[] = {"a/shoe.jpg", "b/shoe.jpg", "shoe-2.png", "shoe.webp", NULL};
    Photos photos = photos_of(mem, paths);

    photos_name(&photos, "png", mem);
    CHECK_TEXT(photos.items[0].output, "shoe.png");
    CHECK_TEXT(photos.items[1].output, "shoe-2.png");
    CHECK_TEXT(photos.items[2].output, "shoe-2-2.png");
    CHECK_TEXT(photos.items[3].output, "shoe-3.png");
    CHECK(!photos.items[0].is_numbered);
    CHECK(photos.items[1].is_numbered);
}

TEST(many_photos_of_one_name_are_numbered_without_gaps)
{
    enum {
        COUNT_OF_ONE = 20000
    };
    AUTO(arena_free) Arena *mem = arena_new();
    const char **paths = ARENA_ARRAY(mem, const char *, COUNT_OF_ONE + 1);

    for (int i = 0; i < COUNT_OF_ONE; i++)
        paths[i] = arena_print(mem, "%d/shoe.jpg", i);
    Photos photos = photos_of(mem, paths);

    photos_name(&photos, "jpg", mem);
    CHECK_TEXT(photos.items[COUNT_OF_ONE - 1].output, "shoe-20000.jpg");
}

TEST(a_name_too_long_for_its_new_ending_is_cut_between_characters)
{
    AUTO(arena_free) Arena *mem = arena_new();
    const char *stem = "x";

    /* 251 bytes: one of a letter, 125 letters of two. */
    for (int i = 0; i < 125; i++)
        stem = arena_print(mem, "%s\xd1\x8f", stem);
    const char *const paths[] = {
        arena_print(mem, "a/%s.jpg", stem), arena_print(mem, "b/%s.png", stem), NULL};
    Photos photos = photos_of(mem, paths);

    photos_name(&photos, "webp", mem);
    CHECK_TEXT(photos.items[0].output, arena_print(mem, "%.249s.webp", stem));
    CHECK_TEXT(photos.items[1].output, arena_print(mem, "%.243s-2.webp", stem));
}

TEST(a_path_given_twice_is_one_photo)
{
    AUTO(arena_free) Arena *mem = arena_new();
    const char *const paths[] = {"a.jpg", "b.jpg", "a.jpg", NULL};

    CHECK_INT(photos_of(mem, paths).count, 2);
}

TEST(a_picture_never_takes_the_place_of_a_photo)
{
    const char *const names[] = {"a.png", "b.jpg", NULL};
    Desk desk = desk_with(names);
    Photos photos;

    CHECK_OK(find(&desk, "*", false, &photos));
    photos_name(&photos, "webp", desk.mem);
    CHECK_OK(photos_check_apart(&photos, desk.folder, desk.mem));
    photos_name(&photos, "jpg", desk.mem);
    AUTO(err_free) Err *err = photos_check_apart(&photos, desk.folder, desk.mem);
    CHECK(err && strstr(err_text(err), "b.jpg"));
    desk_clear(&desk);
}

TEST(links_to_folders_are_not_followed_but_links_to_photos_are)
{
    const char *const names[] = {"in/a.png", NULL};
    Desk desk = desk_with(names);
    Photos photos;

    CHECK_INT(symlink("..", path_join(desk.mem, desk.folder, "in/up")), 0);
    CHECK_INT(symlink("a.png", path_join(desk.mem, desk.folder, "in/b.png")), 0);
    CHECK_OK(find(&desk, "", true, &photos));
    check_found(&desk, &photos, "in/a.png in/b.png");
    desk_clear(&desk);
}

TEST(a_pipe_that_is_named_like_a_photo_is_none)
{
    const char *const names[] = {"a.png", NULL};
    Desk desk = desk_with(names);
    Photos photos;

    CHECK_INT(mkfifo(path_join(desk.mem, desk.folder, "b.png"), 0600), 0);
    CHECK_OK(find(&desk, "", false, &photos));
    check_found(&desk, &photos, "a.png");
    CHECK_OK(find(&desk, "*.png", false, &photos));
    check_found(&desk, &photos, "a.png");
    AUTO(err_free) Err *err = find(&desk, "b*", false, &photos);
    CHECK(err && err_code(err) == ERR_INPUT_INVALID);
    desk_clear(&desk);
}

TEST(a_picture_never_takes_the_place_of_a_photo_behind_a_link)
{
    const char *const names[] = {"out/a.jpg", "in/b.jpg", NULL};
    Desk desk = desk_with(names);
    const char *out = path_join(desk.mem, desk.folder, "out");
    Photos photos;

    CHECK_INT(symlink("../out/a.jpg", path_join(desk.mem, desk.folder, "in/a.jpg")), 0);
    CHECK_OK(find(&desk, "in", false, &photos));
    photos_name(&photos, "png", desk.mem);
    CHECK_OK(photos_check_apart(&photos, out, desk.mem));
    photos_name(&photos, "jpg", desk.mem);
    AUTO(err_free) Err *err = photos_check_apart(&photos, out, desk.mem);
    CHECK(err && strstr(err_text(err), "a.jpg"));
    desk_clear(&desk);
}

TEST(jobs_are_bounded_by_photos_cores_and_memory)
{
    CHECK_INT(plan_jobs(&(JobsWish){.photos = 1, .cores = 8, .memory_mb = 64000}), 1);
    CHECK_INT(plan_jobs(&(JobsWish){.photos = 100, .cores = 8, .memory_mb = 64000}), 8);
    CHECK_INT(plan_jobs(&(JobsWish){.photos = 100, .cores = 8, .memory_mb = 3000}), 2);
    CHECK_INT(plan_jobs(&(JobsWish){.photos = 100, .cores = 8, .memory_mb = 100}), 1);
    CHECK_INT(plan_jobs(&(JobsWish){.asked = 5, .photos = 100, .cores = 2, .memory_mb = 100}), 5);
    CHECK_INT(plan_jobs(&(JobsWish){.asked = 5, .photos = 3, .cores = 2, .memory_mb = 100}), 3);
}
