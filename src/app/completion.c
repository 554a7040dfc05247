/* cyclorama completion: what a shell offers after a press of Tab, from the tables. */
#include <string.h>

#include "app/command.h"
#include "app/rig.h"
#include "model/model.h"
#include "recipe/recipe.h"

/* What completes a kind of word: names to choose from, or files, or folders. */
typedef struct Choice {
    bool is_file, is_folder;
    const char *names; /* separated by blanks; "" for none */
} Choice;

typedef struct Shell {
    const char *name;
    void (*write)(App *app);
} Shell;

static const char *names_join(const char *const *names, Arena *mem)
{
    const char *joined = "";

    for (; *names; names++)
        joined = arena_print(mem, "%s%s%s", joined, *joined ? " " : "", *names);
    return joined;
}

static const char *steps_join(Arena *mem)
{
    const char *joined = "";

    for (const Step *const *step = recipe_steps; *step; step++)
        joined = arena_print(mem, "%s%s%s", joined, *joined ? " " : "", (*step)->name);
    return joined;
}

static const char *options_join(Arena *mem)
{
    const char *joined = "";

    for (const Step *const *step = recipe_steps; *step; step++)
        for (const Field *field = (*step)->options.fields; field->name; field++)
            joined = arena_print(
                mem, "%s%s%s.%s=", joined, *joined ? " " : "", (*step)->name, field->name);
    return joined;
}

static const char *models_join(App *app)
{
    AUTO(models_close) Models *models = NULL;
    AUTO(err_free) Err *err = rig_models(&app->settings, 1, &models);
    const char *joined = "list fetch verify runtime";

    for (size_t i = 0; !err && i < models_count(models); i++)
        if (!models_at(models, i)->is_own)
            joined = arena_print(app->mem, "%s %s", joined, models_at(models, i)->name);
    return joined;
}

/* KIND is a command's words or a field's format. */
static Choice choice_of(const char *kind, App *app)
{
    Arena *mem = app->mem;

    if (!kind)
        return (Choice){.names = ""};
    if (strcmp(kind, "template") == 0)
        return (Choice){.names = names_join(template_names(mem), mem)};
    if (strcmp(kind, "recipe") == 0)
        return (Choice){.is_file = true, .names = names_join(recipe_names(mem), mem)};
    if (strcmp(kind, "step") == 0)
        return (Choice){.names = steps_join(mem)};
    if (strcmp(kind, "step.option=value") == 0)
        return (Choice){.names = options_join(mem)};
    if (strcmp(kind, "model") == 0)
        return (Choice){.names = models_join(app)};
    if (strcmp(kind, "verb") == 0)
        return (Choice){.names = admin_words(mem)};
    if (strcmp(kind, "shell") == 0)
        return (Choice){.names = "bash zsh fish"};
    if (strcmp(kind, "folder") == 0)
        return (Choice){.is_folder = true, .names = ""};
    bool is_file =
        strcmp(kind, "file") == 0 || strcmp(kind, "photo") == 0 || strcmp(kind, "OUT") == 0;
    return (Choice){.is_file = is_file, .names = ""};
}

static Choice field_choice(const Field *field, App *app)
{
    if (field->kind == FIELD_KIND_NAME)
        return (Choice){.names = names_join(field->names, app->mem)};
    return choice_of(field->format, app);
}

static const char *field_flag(const Field *field, Arena *mem)
{
    bool is_on = field->kind == FIELD_KIND_BOOL && field->preset && *field->preset == 't';

    return is_on ? arena_print(mem, "--no-%s", conf_flag(field, mem) + 2) : conf_flag(field, mem);
}

static const char *commands_join(Arena *mem)
{
    const char *joined = "help";

    for (const Command *const *command = commands; *command; command++)
        joined = arena_print(mem, "%s %s", joined, (*command)->name);
    return joined;
}

static const char *flags_join(const Command *command, Arena *mem)
{
    const char *joined = "--help";

    for (const Field *field = command->options.fields; field->name; field++)
        joined = arena_print(mem, "%s %s", joined, field_flag(field, mem));
    for (const Field *field = command_settings(command)->fields; field->name; field++)
        joined = arena_print(mem, "%s %s", joined, field_flag(field, mem));
    return joined;
}

/* ---- bash ---- */

static void bash_field(const Field *field, App *app)
{
    Choice choice = field_choice(field, app);
    FILE *out = app->out;

    if (field->kind == FIELD_KIND_BOOL)
        return;
    fprintf(out, "    ");
    if (field->letter)
        fprintf(out, "-%c|", field->letter);
    fprintf(out, "%s) COMPREPLY=(", conf_flag(field, app->mem));
    if (*choice.names)
        fprintf(out, " $(compgen -W '%s' -- \"$word\")", choice.names);
    if (choice.is_file || choice.is_folder)
        fprintf(out, " $(compgen %s -- \"$word\")", choice.is_file ? "-f" : "-d");
    fprintf(out, " )%s; return ;;\n", strchr(choice.names, '=') ? "; compopt -o nospace" : "");
}

static void bash_command(const Command *command, App *app)
{
    Choice choice = choice_of(command->words, app);
    FILE *out = app->out;

    fprintf(out, "  %s)\n    case $before in\n", command->name);
    for (const Field *field = command->options.fields; field->name; field++)
        bash_field(field, app);
    fprintf(
        out, "    esac\n    flags='%s'\n    names='%s'\n", flags_join(command, app->mem),
        choice.names);
    fprintf(out, "    files=%s ;;\n", choice.is_file ? "yes" : "");
}

static void bash_write(App *app)
{
    FILE *out = app->out;

    fprintf(
        out,
        "# bash completion for cyclorama\n"
        "_cyclorama() {\n"
        "  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}\n"
        "  local flags='' names='' files=''\n"
        "  if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
        "    COMPREPLY=( $(compgen -W '%s --help --version' -- \"$word\") ); return\n"
        "  fi\n"
        "  case $before in\n",
        commands_join(app->mem));
    for (const Field *field = settings_server_shape.fields; field->name; field++)
        bash_field(field, app);
    fprintf(
        out, "  esac\n  case ${COMP_WORDS[1]} in\n  help) names='%s' ;;\n",
        commands_join(app->mem));
    for (const Command *const *command = commands; *command; command++)
        bash_command(*command, app);
    fprintf(
        out, "  esac\n"
             "  case $word in\n"
             "  -*) COMPREPLY=( $(compgen -W \"$flags\" -- \"$word\") ) ;;\n"
             "  *) COMPREPLY=( $(compgen -W \"$names\" -- \"$word\") )\n"
             "     [ -z \"$files\" ] || COMPREPLY+=( $(compgen -f -- \"$word\") ) ;;\n"
             "  esac\n"
             "}\n"
             "complete -o filenames -F _cyclorama cyclorama\n");
}

/* ---- zsh ---- */

/* Inside single quotes and the brackets and colons of _arguments. */
static const char *zsh_text(const char *text, Arena *mem)
{
    char *escaped = arena_take(mem, strlen(text) * 4 + 1), *to = escaped;

    for (; *text; text++) {
        if (*text == '\'') {
            memcpy(to, "'\\''", 4);
            to += 4;
            continue;
        }
        if (strchr("[]:\\", *text))
            *to++ = '\\';
        *to++ = *text;
    }
    return escaped;
}

static const char *zsh_action(Choice choice, Arena *mem)
{
    if (*choice.names && choice.is_file)
        return arena_print(
            mem, "{_alternative \"names:name:(%s)\" \"files:file:_files\"}", choice.names);
    if (*choice.names)
        return arena_print(mem, "(%s)", choice.names);
    return choice.is_file ? "_files" : choice.is_folder ? "_files -/" : " ";
}

static void zsh_field(const Field *field, App *app)
{
    const char *help = zsh_text(field->help, app->mem);
    const char *repeat = field->kind == FIELD_KIND_TEXTS ? "*" : "";
    const char *value =
        field->kind == FIELD_KIND_BOOL
            ? ""
            : arena_print(
                  app->mem, ":%s:%s", field->name, zsh_action(field_choice(field, app), app->mem));

    fprintf(app->out, "      '%s%s[%s]%s' \\\n", repeat, field_flag(field, app->mem), help, value);
    if (field->letter)
        fprintf(app->out, "      '%s-%c[%s]%s' \\\n", repeat, field->letter, help, value);
}

static void zsh_command(const Command *command, App *app)
{
    fprintf(app->out, "  %s)\n    _arguments \\\n", command->name);
    for (const Field *field = command->options.fields; field->name; field++)
        zsh_field(field, app);
    for (const Field *field = command_settings(command)->fields; field->name; field++)
        zsh_field(field, app);
    fprintf(
        app->out, "      '--help[Show help]' '*:%s:%s' ;;\n",
        command->words ? command->words : "word",
        zsh_action(choice_of(command->words, app), app->mem));
}

static void zsh_write(App *app)
{
    FILE *out = app->out;

    fprintf(
        out, "#compdef cyclorama\n"
             "_cyclorama() {\n"
             "  local -a names\n"
             "  if (( CURRENT == 2 )); then\n    names=(\n      'help:Show help'\n");
    for (const Command *const *command = commands; *command; command++)
        fprintf(out, "      '%s:%s'\n", (*command)->name, zsh_text((*command)->summary, app->mem));
    fprintf(
        out, "    )\n    _describe command names\n    return\n  fi\n"
             "  local command=$words[2]\n  shift words\n  (( CURRENT-- ))\n"
             "  case $command in\n");
    for (const Command *const *command = commands; *command; command++)
        zsh_command(*command, app);
    fprintf(out, "  esac\n}\n_cyclorama \"$@\"\n");
}

/* ---- fish ---- */

static const char *fish_text(const char *text, Arena *mem)
{
    char *escaped = arena_take(mem, strlen(text) * 2 + 1), *to = escaped;

    for (; *text; text++) {
        if (*text == '\'' || *text == '\\')
            *to++ = '\\';
        *to++ = *text;
    }
    return escaped;
}

static void fish_field(const char *condition, const Field *field, App *app)
{
    Choice choice = field_choice(field, app);
    FILE *out = app->out;

    fprintf(out, "complete -c cyclorama -n '%s' -l %s", condition, field_flag(field, app->mem) + 2);
    if (field->letter)
        fprintf(out, " -s %c", field->letter);
    if (field->kind != FIELD_KIND_BOOL)
        fprintf(out, choice.is_file || choice.is_folder ? " -rF" : " -x");
    if (*choice.names)
        fprintf(out, " -a '%s'", choice.names);
    fprintf(out, " -d '%s'\n", fish_text(field->help, app->mem));
}

static void fish_command(const Command *command, App *app)
{
    Choice choice = choice_of(command->words, app);
    const char *condition = arena_print(app->mem, "__fish_seen_subcommand_from %s", command->name);
    FILE *out = app->out;

    fprintf(
        out, "complete -c cyclorama -n __fish_use_subcommand -f -a %s -d '%s'\n", command->name,
        fish_text(command->summary, app->mem));
    for (const Field *field = command->options.fields; field->name; field++)
        fish_field(condition, field, app);
    for (const Field *field = command_settings(command)->fields; field->name; field++)
        fish_field(condition, field, app);
    if (!choice.is_file)
        fprintf(out, "complete -c cyclorama -n '%s' -f\n", condition);
    if (*choice.names)
        fprintf(out, "complete -c cyclorama -n '%s' -a '%s'\n", condition, choice.names);
}

static void fish_write(App *app)
{
    fprintf(app->out, "# fish completion for cyclorama\n");
    for (const Command *const *command = commands; *command; command++)
        fish_command(*command, app);
}

static const Shell shells[] = {{"bash", bash_write}, {"zsh", zsh_write}, {"fish", fish_write}};

static Err *completion_run(App *app, const void *options, const Texts *words, Exit *exit)
{
    (void)options;
    (void)exit;
    for (size_t i = 0; i < COUNT(shells); i++)
        if (strcmp(shells[i].name, words->items[0]) == 0) {
            shells[i].write(app);
            return NULL;
        }
    return err_public(
        err_new(ERR_INPUT_INVALID, "unknown shell '%s'", words->items[0]),
        "There is no completion for '%s'. There is one for bash, zsh and fish.", words->items[0]);
}

static const char *const completion_about[] = {
    "Put what it writes where your shell looks for completions; an installed cyclorama has done "
    "so.",
    NULL,
};

static const Example completion_examples[] = {
    {"source <(cyclorama completion bash)", "Try it in this shell"},
    {NULL, NULL},
};

const Command command_completion = {
    .name = "completion",
    .summary = "Write the completion script of a shell",
    .usage = "bash|zsh|fish",
    .about = completion_about,
    .examples = completion_examples,
    .options = SHAPE(NoOptions),
    .words = "shell",
    .least_words = 1,
    .most_words = 1,
    .run = completion_run,
};
