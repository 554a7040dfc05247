/* Models are fetched by a Node tool: npm brings the packages, the tool makes networks of them. */
#include "app/fetch.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/signals.h"
#include "base/file.h"

extern char **environ;

const char *fetch_find_program(const char *program, Arena *mem)
{
    const char *path = getenv("PATH");

    while (path && *path) {
        size_t length = strcspn(path, ":");
        const char *file = path_join(mem, arena_text_n(mem, path, length), program);

        if (length && file_exists(file) && access(file, X_OK) == 0)
            return file;
        path += length + (path[length] == ':');
    }
    return NULL;
}

static MUST Err *programs_check(Arena *mem)
{
    const char *missing = !fetch_find_program("node", mem)  ? "Node.js"
                          : !fetch_find_program("npm", mem) ? "npm"
                                                            : NULL;
    if (!missing)
        return NULL;
    return err_public(
        err_new(ERR_NOT_FOUND, "%s is not installed", missing),
        "%s is not installed. Models are fetched with Node.js 18 or newer and npm; on Debian: "
        "apt install nodejs npm.",
        missing);
}

static void child_stop(void *pid)
{
    kill(*(pid_t *)pid, SIGTERM);
}

/* The child has its signals back, so ^C reaches it as well; a SIGTERM to us alone is passed on. */
static MUST Err *child_run(char *const *argv, Cancel *cancel, int *ret_status)
{
    posix_spawnattr_t how;
    pid_t pid;

    posix_spawnattr_init(&how);
    posix_spawnattr_setflags(&how, POSIX_SPAWN_SETSIGMASK);
    posix_spawnattr_setsigmask(&how, signals_for_child());
    errno = posix_spawn(&pid, argv[0], NULL, &how, argv, environ);
    int failed = errno;
    posix_spawnattr_destroy(&how);
    errno = failed;
    if (failed)
        return err_new_errno(ERR_FILE_UNREADABLE, "unable to start '%s'", argv[0]);

    /* The child is left unburied until its hook is gone: a pid that was waited for may be another process's already. */
    CancelHook hook = {.stop = child_stop, .work = &pid};
    siginfo_t ended;
    cancel_hook_add(cancel, &hook);
    while (waitid(P_PID, (id_t)pid, &ended, WEXITED | WNOWAIT) < 0 && errno == EINTR)
        ;
    cancel_hook_remove(cancel, &hook);
    while (waitpid(pid, ret_status, 0) < 0 && errno == EINTR)
        ;
    return cancel_check(cancel);
}

Err *fetch_run(App *app, const FetchWish *wish, Exit *exit)
{
    Arena *mem = app->mem;
    const char *tool = path_join(mem, place_tools(app->program, mem), "models/fetch.mjs");
    const char **argv = ARENA_ARRAY(mem, const char *, wish->names->count + 10);
    size_t count = 0;
    int status = 0;

    TRY(programs_check(mem));
    if (!file_exists(tool))
        return err_public(
            err_new(ERR_NOT_FOUND, "no tool '%s'", tool),
            "The tool that fetches models was not installed with this program: %s is missing.",
            tool);
    TRY(folder_make(app->settings.models));

    argv[count++] = fetch_find_program("node", mem);
    argv[count++] = tool;
    argv[count++] = "--to";
    argv[count++] = app->settings.models;
    argv[count++] = "--share";
    argv[count++] = place_share(app->program, mem);
    if (wish->as_json)
        argv[count++] = "--json";
    if (wish->all)
        argv[count++] = "--all";
    for (size_t i = 0; i < wish->names->count; i++)
        argv[count++] = wish->names->items[i];

    fflush(app->out);
    TRY(child_run((char *const *)argv, app->cancel, &status));
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        *exit = EXIT_PART;
    return NULL;
}
