/* Cyclorama: a plain product photo becomes a picture that sells. */
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "app/command.h"
#include "app/flags.h"
#include "app/signals.h"
#include "app/version.h"
#include "watch/watch.h"

extern char **environ;

static Cancel interrupted = CANCEL_INIT;

static Exit exit_deserved(const Err *err)
{
    switch (err_code(err)) {
    case ERR_INPUT_INVALID:
    case ERR_INPUT_MISSING:
    case ERR_NOT_FOUND:
        return EXIT_USAGE;
    case ERR_CANCELLED:
        return EXIT_INTERRUPTED;
    default:
        return EXIT_PART;
    }
}

static MUST Err *words_check(const Command *command, const Texts *words)
{
    if (words->count >= command->least_words && words->count <= command->most_words)
        return NULL;

    bool too_few = words->count < command->least_words;
    return err_public(
        err_new(
            ERR_INPUT_INVALID, "'%s' takes %zu to %zu words, not %zu", command->name,
            command->least_words, command->most_words, words->count),
        "%s%s%s Usage: cyclorama %s %s", too_few ? "Something is missing." : "'",
        too_few ? "" : words->items[command->most_words], too_few ? "" : "' is one word too many.",
        command->name, command->usage);
}

static MUST Err *command_perform(const Command *command, App *app, const Flags *flags, Exit *exit)
{
    const ConfSources sources = {
        .file = ".env",
        .environment = environ,
        .flags = flags->house,
        .program = app->program,
    };
    void *options = arena_take(app->mem, MAX(command->options.size, (size_t)1));

    TRY(conf_read(&sources, app->mem, &app->settings));
    watch_start((WatchSetup){
        .level = (WatchLevel)app->settings.log_level,
        .format = (WatchFormat)app->settings.log_format,
        .fd = STDERR_FILENO,
    });
    TRY(flags_fill(&command->options, flags, app->mem, options));
    TRY(words_check(command, &flags->words));
    TRY(command->run(app, options, &flags->words, exit));
    if (fflush(app->out) != 0 || ferror(app->out))
        return err_new_errno(ERR_FILE_UNWRITABLE, "unable to write to standard output");
    return NULL;
}

static MUST Err *command_start(char *const *argv, App *app, Exit *exit)
{
    const Command *command;
    AUTO(flags_done) Flags flags = {0};

    TRY(command_find(argv[0], &command));
    TRY(flags_read(&command->options, command_settings(command), argv + 1, app->mem, &flags));
    if (flags.wants_help) {
        help_command(command, app->out);
        return NULL;
    }
    return command_perform(command, app, &flags, exit);
}

static bool word_is(const char *word, const char *a, const char *b)
{
    return strcmp(word, a) == 0 || strcmp(word, b) == 0;
}

static MUST Err *words_perform(char *const *argv, App *app, Exit *exit)
{
    const Command *command;

    if (!argv[0]) {
        help_program(stderr);
        *exit = EXIT_USAGE;
        return NULL;
    }
    if (word_is(argv[0], "--version", "version") || strcmp(argv[0], "-V") == 0) {
        version_print(app);
        return NULL;
    }
    if (word_is(argv[0], "--help", "-h") || (strcmp(argv[0], "help") == 0 && !argv[1])) {
        help_program(app->out);
        return NULL;
    }
    if (strcmp(argv[0], "help") == 0) {
        TRY(command_find(argv[1], &command));
        help_command(command, app->out);
        return NULL;
    }
    return command_start(argv, app, exit);
}

static const char *program_path(Arena *mem)
{
    char path[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", path, sizeof(path));

    return length > 0 && length < (ssize_t)sizeof(path) ? arena_text_n(mem, path, (size_t)length)
                                                        : NULL;
}

int main(int argc, char **argv)
{
    AUTO(arena_free) Arena *mem = arena_new();
    App app = {.mem = mem, .program = program_path(mem), .cancel = &interrupted, .out = stdout};
    Exit exit = EXIT_DONE;

    signals_start(&interrupted);
    AUTO(err_free) Err *err = words_perform(argc > 0 ? argv + 1 : argv, &app, &exit);
    if (!err)
        return exit;

    watch_err("command.failed", err, argc > 1 ? argv[1] : NULL);
    fprintf(stderr, "cyclorama: %s\n", err_text(err));
    return exit_deserved(err);
}
