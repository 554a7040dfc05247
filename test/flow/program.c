/* Driving the real program. */
#include "program.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <spawn.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "image/image.h"
#include "test.h"

extern char **environ;

enum {
    WORDS_MAX = 64,
    TEXT_BYTES_MAX = 64 << 20
};

Desk desk_new(void)
{
    return (Desk){arena_new(), test_folder()};
}

void desk_clear(Desk *desk)
{
    test_folder_remove(desk->folder);
    arena_free(desk->mem);
}

const char *desk_path(const Desk *desk, const char *name)
{
    return path_join(desk->mem, desk->folder, name);
}

void desk_put(const Desk *desk, const char *name, const char *text)
{
    const char *path = desk_path(desk, name);

    CHECK_OK(folder_make(path_folder(desk->mem, path)));
    CHECK_OK(file_write(path, text, strlen(text)));
}

const char *desk_text(const Desk *desk, const char *name)
{
    AUTO(buf_done) Buf text = BUF(TEXT_BYTES_MAX);
    const char *path = desk_path(desk, name);

    if (!file_exists(path))
        return NULL;
    CHECK_OK(file_read(path, &text));
    return arena_text_n(desk->mem, buf_text(&text), text.size);
}

/* An egg with a light side, so that pictures of it differ in every number. */
static void egg_draw(Image *image, int number)
{
    int width = image_width(image), height = image_height(image);

    for (int y = 0; y < height; y++) {
        uint8_t *row = image_row_mut(image, y);

        for (int x = 0; x < width; x++) {
            double across = (x + 0.5 - width / 2.0) / (width * 0.35);
            double down = (y + 0.5 - height / 2.0) / (height * (0.3 + 0.001 * number));
            double inside = 1 - across * across - down * down;

            row[4 * x] = (uint8_t)(120 + 100 * fmax(0, 1 - across) / 2);
            row[4 * x + 1] = (uint8_t)(40 + number);
            row[4 * x + 2] = (uint8_t)(90 + 60 * fmax(0, down) / 2);
            row[4 * x + 3] = (uint8_t)(255 * fmin(1, fmax(0, inside * 20)));
        }
    }
}

void desk_draw(const Desk *desk, const char *name, int number)
{
    AUTO(image_free) Image *image = NULL;
    AUTO(buf_done) Buf bytes = BUF(1 << 24);
    const char *path = desk_path(desk, name);

    image_start(1);
    CHECK_OK(folder_make(path_folder(desk->mem, path)));
    CHECK_OK(image_new(320, 240, 4, DEPTH_8, &image));
    egg_draw(image, number);
    CHECK_OK(image_encode(image, &(ImageEncoding){.format = IMAGE_PNG, .effort = 1}, &bytes));
    CHECK_OK(file_write(path, bytes.bytes, bytes.size));
}

void desk_flatten(const Desk *desk, const char *name)
{
    AUTO(buf_done) Buf bytes = BUF(1 << 24);
    AUTO(image_decoded_done) ImageDecoded decoded = {0};
    AUTO(image_free) Image *flat = NULL;
    const char *path = desk_path(desk, name);

    image_start(1);
    CHECK_OK(file_read(path, &bytes));
    CHECK_OK(image_decode(bytes.bytes, bytes.size, &image_limits_default, NULL, &decoded));
    CHECK_OK(image_flatten(decoded.image, (Colour){230, 230, 235, 255}, &flat));
    bytes.size = 0;
    CHECK_OK(image_encode(flat, &(ImageEncoding){.format = IMAGE_PNG, .effort = 1}, &bytes));
    CHECK_OK(file_write(path, bytes.bytes, bytes.size));
}

void desk_draw_many(const Desk *desk, const char *folder, int count)
{
    for (int i = 0; i < count; i++)
        desk_draw(desk, arena_print(desk->mem, "%s/p%03d.png", folder, i), i);
}

/* ---- running ---- */

static char *const *words_split(const Desk *desk, const char *words)
{
    char **argv = ARENA_ARRAY(desk->mem, char *, WORDS_MAX + 2);
    size_t count = 0;

    argv[count++] = (char *)(uintptr_t)CYCLORAMA_BINARY;
    while (*words) {
        size_t length = strcspn(words, " ");

        CHECK(count <= WORDS_MAX);
        argv[count++] = arena_text_n(desk->mem, words, length);
        words += length + (words[length] == ' ');
    }
    return argv;
}

/* Nothing of the tester's own settings reaches the program, but what sanitizers are told does. */
char *const *desk_rows(const Desk *desk, const char *const *more)
{
    static const char *const passed[] = {
        "PATH=", "ASAN_OPTIONS=", "LSAN_OPTIONS=", "UBSAN_OPTIONS=", "TSAN_OPTIONS="};
    char **rows = ARENA_ARRAY(desk->mem, char *, 40);
    size_t count = 0;

    for (; more && *more; more++)
        rows[count++] = (char *)(uintptr_t)*more;
    rows[count++] = arena_print(desk->mem, "HOME=%s", desk->folder);
    rows[count++] = arena_print(desk->mem, "CYCLORAMA_DATA=%s/data", desk->folder);
    rows[count++] = arena_print(desk->mem, "CYCLORAMA_MODELS=%s/models", desk->folder);
    for (char **row = environ; *row; row++)
        for (size_t i = 0; i < COUNT(passed); i++)
            if (strncmp(*row, passed[i], strlen(passed[i])) == 0)
                rows[count++] = *row;
    return rows;
}

pid_t desk_start_with(const Desk *desk, const char *words, const char *const *more)
{
    posix_spawn_file_actions_t actions;
    int flags = O_WRONLY | O_CREAT | O_TRUNC;
    bool has_input = access(desk_path(desk, "stdin.txt"), R_OK) == 0;
    pid_t pid;

    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addchdir_np(&actions, desk->folder);
    posix_spawn_file_actions_addopen(
        &actions, STDIN_FILENO, has_input ? "stdin.txt" : "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "stdout.txt", flags, 0644);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "stderr.txt", flags, 0644);
    int failed = posix_spawn(
        &pid, CYCLORAMA_BINARY, &actions, NULL, words_split(desk, words), desk_rows(desk, more));
    posix_spawn_file_actions_destroy(&actions);
    CHECK_INT(failed, 0);
    return pid;
}

pid_t desk_start(const Desk *desk, const char *words)
{
    return desk_start_with(desk, words, NULL);
}

Ran desk_wait(const Desk *desk, pid_t pid)
{
    struct rusage used;
    int status;

    while (wait4(pid, &status, 0, &used) < 0)
        CHECK_INT(errno, EINTR);
    return (Ran){
        .status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status),
        .out = desk_text(desk, "stdout.txt"),
        .err = desk_text(desk, "stderr.txt"),
        .peak_kb = used.ru_maxrss,
    };
}

Ran desk_run_with(const Desk *desk, const char *words, const char *const *rows)
{
    return desk_wait(desk, desk_start_with(desk, words, rows));
}

Ran desk_run(const Desk *desk, const char *words)
{
    return desk_run_with(desk, words, NULL);
}

/* What the terminal shows until the program closes its side. */
static const char *terminal_read(const Desk *desk, int fd)
{
    AUTO(buf_done) Buf shown = BUF(TEXT_BYTES_MAX);
    char part[4096];
    ssize_t got;

    while ((got = read(fd, part, sizeof(part))) > 0)
        for (ssize_t i = 0; i < got; i++)
            if (part[i] != '\r' || i + 1 == got || part[i + 1] != '\n')
                CHECK_OK(buf_add(&shown, &part[i], 1));
    return arena_text_n(desk->mem, buf_text(&shown), shown.size);
}

const char *
desk_run_on_terminal(const Desk *desk, const char *words, const char *const *rows, int columns)
{
    posix_spawn_file_actions_t actions;
    struct winsize size = {.ws_col = (unsigned short)columns, .ws_row = 24};
    int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), status;
    char name[128];
    pid_t pid;

    if (master < 0)
        test_skip("no terminals on this machine");
    CHECK(grantpt(master) == 0 && unlockpt(master) == 0);
    CHECK_INT(ptsname_r(master, name, sizeof(name)), 0);
    CHECK_INT(ioctl(master, TIOCSWINSZ, &size), 0);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addchdir_np(&actions, desk->folder);
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        posix_spawn_file_actions_addopen(&actions, fd, name, O_RDWR | O_NOCTTY, 0);
    int failed = posix_spawn(
        &pid, CYCLORAMA_BINARY, &actions, NULL, words_split(desk, words), desk_rows(desk, rows));
    posix_spawn_file_actions_destroy(&actions);
    CHECK_INT(failed, 0);

    const char *shown = terminal_read(desk, master);
    close(master);
    CHECK(waitpid(pid, &status, 0) == pid);
    return shown;
}

Value *lines_of_json(const char *text)
{
    Value *lines = value_list();

    while (*text) {
        Value *line = NULL;
        size_t length = strcspn(text, "\n");

        CHECK_OK(value_parse(text, length, &line));
        value_add(lines, line);
        text += length + (text[length] == '\n');
    }
    return lines;
}

int lines_count(const char *text)
{
    int count = 0;

    for (; text && *text; text++)
        count += *text == '\n';
    return count;
}

const char *models_folder_found(void)
{
    const char *named = getenv("CYCLORAMA_MODELS");

    if (named && folder_exists(named))
        return named;
    return folder_exists(CYCLORAMA_CHECKOUT "/.models") ? CYCLORAMA_CHECKOUT "/.models" : NULL;
}
