/* Which photos to work on, and what their pictures are called. */
#include "app/photos.h"

#include <glob.h>
#include <limits.h>
#include <search.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "app/command.h"
#include "base/file.h"

typedef struct Search {
    const PhotoSearch *wanted;
    Arena *mem;
    Photos found;
    size_t room;
    void *seen; /* tree of paths */
    char out[PATH_MAX];
} Search;

static int texts_compare(const void *a, const void *b)
{
    return strcmp(a, b);
}

static void text_leave(void *text)
{
    (void)text;
}

/* Add TEXT to the tree; false when it is in it already. */
static bool set_add(void **tree, const char *text)
{
    const char *const *at = tsearch(text, tree, texts_compare);

    if (!at)
        abort();
    return *at == text;
}

bool photo_name_is_known(const char *name)
{
    static const char *const endings[] = {"jpg",  "jpeg", "png", "webp", "heic",
                                          "heif", "avif", "tif", "tiff"};

    for (size_t i = 0; i < COUNT(endings); i++)
        if (strcasecmp(path_ending(name), endings[i]) == 0)
            return true;
    return false;
}

/* A pipe or a device would keep the reader waiting. What cannot be looked at is left to fail by itself. */
static bool file_is_plain(const char *path)
{
    struct stat facts;

    return stat(path, &facts) != 0 || S_ISREG(facts.st_mode);
}

/* A folder behind a link may be one of those above it. */
static bool path_is_link(const char *path)
{
    struct stat facts;

    return lstat(path, &facts) == 0 && S_ISLNK(facts.st_mode);
}

static void photo_add(Search *search, const char *path, const char *below)
{
    Photos *found = &search->found;

    path = arena_text(search->mem, path);
    if (!set_add(&search->seen, path))
        return;
    if (found->count == search->room) {
        search->room = MAX(search->room * 2, (size_t)64);
        Photo *more = ARENA_ARRAY(search->mem, Photo, search->room);
        if (found->count)
            memcpy(more, found->items, found->count * sizeof(Photo));
        found->items = more;
    }

    const char *stem = path_stem(search->mem, path);
    found->items[found->count++] = (Photo){
        .path = path,
        .kept = *below ? path_join(search->mem, below, stem) : stem,
    };
}

static bool folder_is_out(const Search *search, const char *path)
{
    char real[PATH_MAX];

    return *search->out && realpath(path, real) && strcmp(real, search->out) == 0;
}

/* BELOW is what stands before the names in the output: "" or "boots/left". */
static MUST Err *folder_search(Search *search, const char *path, const char *below, int depth)
{
    const char *const *names;

    TRY(folder_list(search->mem, path, &names));
    for (; *names; names++) {
        const char *inner = path_join(search->mem, path, *names);

        if (!folder_exists(inner)) {
            if (photo_name_is_known(*names) && file_is_plain(inner))
                photo_add(search, inner, below);
            continue;
        }
        if (!search->wanted->is_recursive || folder_is_out(search, inner) || path_is_link(inner) ||
            depth >= 32)
            continue;
        TRY(folder_search(
            search, inner, *below ? path_join(search->mem, below, *names) : *names, depth + 1));
    }
    return NULL;
}

static MUST Err *folder_add(Search *search, const char *path)
{
    size_t before = search->found.count;

    if (folder_is_out(search, path))
        return err_public(
            err_new(ERR_INPUT_INVALID, "'%s' is both input and output", path),
            "The photos lie in the folder that the pictures would go to. Name another with -o.");
    TRY(folder_search(search, path, "", 0));
    if (search->found.count == before)
        return err_public(
            err_new(ERR_INPUT_INVALID, "no photos in '%s'", path), "There are no photos in %s.%s",
            path,
            search->wanted->is_recursive ? "" : " Add --recursive to look into its folders too.");
    return NULL;
}

static MUST Err *pattern_add(Search *search, const char *pattern)
{
    glob_t matches = {0};
    bool is_found = false;

    if (glob(pattern, 0, NULL, &matches) != 0)
        matches.gl_pathc = 0;
    for (size_t i = 0; i < matches.gl_pathc; i++)
        if (file_is_plain(matches.gl_pathv[i])) {
            photo_add(search, matches.gl_pathv[i], "");
            is_found = true;
        }
    globfree(&matches);
    if (!is_found)
        return err_public(
            err_new(ERR_INPUT_INVALID, "'%s' matches nothing", pattern),
            "No file matches %s. Check the name and the folder.", pattern);
    return NULL;
}

static MUST Err *word_search(Search *search, const char *word)
{
    if (folder_exists(word))
        return folder_add(search, word);
    if (!file_exists(word) && strpbrk(word, "*?["))
        return pattern_add(search, word);
    photo_add(search, word, "");
    return NULL;
}

static MUST Err *words_search(Search *search)
{
    for (size_t i = 0; i < search->wanted->words->count; i++)
        TRY(word_search(search, search->wanted->words->items[i]));
    return NULL;
}

Err *photos_find(const PhotoSearch *wanted, Arena *mem, Photos *ret)
{
    Search search = {.wanted = wanted, .mem = mem};

    if (!wanted->out || !realpath(wanted->out, search.out))
        search.out[0] = 0;
    Err *err = words_search(&search);
    tdestroy(search.seen, text_leave);
    if (!err)
        *ret = search.found;
    return err;
}

/* PATH with its name cut to SIZE bytes at most, between two characters of UTF-8. */
static const char *name_short(const char *path, size_t size, Arena *mem)
{
    const char *name = path_name(path);

    if (strlen(name) <= size)
        return path;
    while (size > 0 && ((unsigned char)name[size] & 0xc0) == 0x80)
        size--;
    return arena_text_n(mem, path, (size_t)(name - path) + size);
}

/* The last number given to outputs of one name. */
typedef struct Numbered {
    const char *kept; /* first, so that a tree of them can be searched by a name */
    int last;
} Numbered;

static int numbered_compare(const void *a, const void *b)
{
    return strcmp(((const Numbered *)a)->kept, ((const Numbered *)b)->kept);
}

static Numbered *numbered_find(void **tree, const char *kept, Arena *mem)
{
    Numbered *fresh = arena_take(mem, sizeof(*fresh));

    *fresh = (Numbered){.kept = kept, .last = 1};
    Numbered **at = tsearch(fresh, tree, numbered_compare);
    if (!at)
        abort();
    return *at;
}

void photos_name(Photos *photos, const char *ending, Arena *mem)
{
    size_t room = NAME_MAX - strlen(ending) - 1;
    void *taken = NULL, *numbers = NULL;

    for (size_t i = 0; i < photos->count; i++) {
        Photo *photo = &photos->items[i];

        photo->output = arena_print(mem, "%s.%s", name_short(photo->kept, room, mem), ending);
        if (set_add(&taken, photo->output))
            continue;

        photo->is_numbered = true;
        const char *kept = name_short(photo->kept, room - strlen("-100000"), mem);
        Numbered *numbered = numbered_find(&numbers, kept, mem);
        do
            photo->output = arena_print(mem, "%s-%d.%s", kept, ++numbered->last, ending);
        while (!set_add(&taken, photo->output));
    }
    tdestroy(taken, text_leave);
    tdestroy(numbers, text_leave);
}

/* The path with its folder's links followed: two names of one place in a folder become one text. */
static const char *entry_real(const char *path, Arena *mem)
{
    char real[PATH_MAX];

    if (!realpath(path_folder(mem, path), real))
        return path;
    return path_join(mem, real, path_name(path));
}

/* A photo behind a link is in two places: a picture may take neither. */
static void input_add(void **inputs, const char *path, Arena *mem)
{
    char real[PATH_MAX];

    (void)set_add(inputs, entry_real(path, mem));
    if (realpath(path, real))
        (void)set_add(inputs, arena_text(mem, real));
}

Err *photos_check_apart(const Photos *photos, const char *out, Arena *mem)
{
    void *inputs = NULL;
    const Photo *bad = NULL;

    for (size_t i = 0; i < photos->count; i++)
        input_add(&inputs, photos->items[i].path, mem);
    for (size_t i = 0; i < photos->count && !bad; i++)
        if (tfind(
                entry_real(path_join(mem, out, photos->items[i].output), mem), &inputs,
                texts_compare))
            bad = &photos->items[i];
    tdestroy(inputs, text_leave);
    if (!bad)
        return NULL;
    return err_public(
        err_new(ERR_INPUT_INVALID, "'%s' would replace a photo", bad->output),
        "The picture %s would take the place of one of your photos. Name another folder with -o.",
        bad->output);
}

Err *photos_check_spared(const Photos *photos, const char *path)
{
    struct stat there, input;

    if (stat(path, &there) != 0)
        return NULL;
    for (size_t i = 0; i < photos->count; i++)
        if (stat(photos->items[i].path, &input) == 0 && input.st_dev == there.st_dev &&
            input.st_ino == there.st_ino)
            return err_public(
                err_new(ERR_INPUT_INVALID, "'%s' would replace a photo", path),
                "The file %s would take the place of one of your photos. Name another.", path);
    return NULL;
}

Err *photo_read(const char *path, Buf *bytes)
{
    Err *err = file_read(path, bytes);

    if (err && err_code(err) == ERR_FILE_TOO_LARGE)
        return err_public(
            err, "The file is larger than %zu MB, the most that is accepted. Save it smaller.",
            bytes->limit / 1000000);
    if (err && folder_exists(path))
        return err_public(err, "This is a folder. Name a picture in it.");
    if (err && !file_exists(path))
        return err_public(err, "There is no such file. Check the name.");
    return err;
}

Err *photo_blame(Err *err, const char *path)
{
    AUTO(arena_free) Arena *mem = arena_new();

    if (!err)
        return NULL;
    const char *said = arena_text(mem, err_text(err));
    return err_public(err, "%s: %s", print_safe(path, mem), said);
}
