/* cyclorama man: the manual page, from the tables. */
#include <string.h>

#include "app/command.h"
#include "app/version.h"

/* Text of a roff line: backslashes, dashes that are meant as such, and dots and quotes at the start. */
static void roff_text(FILE *out, const char *text)
{
    if (*text == '.' || *text == '\'')
        fputs("\\&", out);
    for (; *text; text++) {
        if (*text == '\\')
            fputs("\\e", out);
        else if (*text == '-')
            fputs("\\-", out);
        else
            fputc(*text, out);
    }
}

static void roff_line(FILE *out, const char *macro, const char *text)
{
    fputs(macro, out);
    roff_text(out, text);
    fputc('\n', out);
}

static void field_write(FILE *out, const Field *field, const char *behind)
{
    AUTO(arena_free) Arena *mem = arena_new();
    const char *flag = conf_flag(field, mem), *value = help_placeholder(field, mem);
    bool is_on = field->kind == FIELD_KIND_BOOL && field->preset && *field->preset == 't';

    if (is_on)
        flag = arena_print(mem, "--no-%s", flag + 2);
    fputs(".TP\n\\fB", out);
    if (field->letter)
        fprintf(out, "\\-%c\\fR, \\fB", field->letter);
    roff_text(out, flag);
    fputs("\\fR", out);
    if (*value) {
        fputs(" \\fI", out);
        roff_text(out, value);
        fputs("\\fR", out);
    }
    fputc('\n', out);
    roff_line(out, "", arena_print(mem, "%s%s%s.", field->help, *behind ? " " : "", behind));
}

static void command_write(FILE *out, const Command *command)
{
    AUTO(arena_free) Arena *mem = arena_new();

    roff_line(
        out, ".SS cyclorama ",
        arena_print(mem, "%s%s%s", command->name, *command->usage ? " " : "", command->usage));
    roff_line(out, "", arena_print(mem, "%s.", command->summary));
    for (const char *const *paragraph = command->about; paragraph && *paragraph; paragraph++)
        roff_line(out, ".PP\n", *paragraph);
    if (command->verbs) {
        fputs(".PP\n.nf\n", out);
        command->verbs(out);
        fputs(".fi\n", out);
    }
    for (const Field *field = command->options.fields; field->name; field++)
        field_write(out, field, help_limits(field, mem));
    for (const Example *example = command->examples; example && example->line; example++) {
        roff_line(out, ".PP\n", arena_print(mem, "%s:", example->what));
        roff_line(out, ".RS\n.nf\n", example->line);
        fputs(".fi\n.RE\n", out);
    }
}

/* Rows from FIRST up to END, or to the end of the table. */
static void fields_write(FILE *out, const Field *first, const Field *end)
{
    AUTO(arena_free) Arena *mem = arena_new();

    for (const Field *field = first; field != end && field->name; field++)
        field_write(
            out, field,
            arena_print(mem, "%s [%s]", help_limits(field, mem), conf_variable(field, mem)));
}

static void variable_write(FILE *out, const Field *field)
{
    AUTO(arena_free) Arena *mem = arena_new();
    const char *limits = help_limits(field, mem);

    roff_line(out, ".TP\n.B ", conf_variable(field, mem));
    roff_line(out, "", arena_print(mem, "%s%s%s.", field->help, *limits ? " " : "", limits));
}

static void settings_write(FILE *out)
{
    fputs(
        ".SH SETTINGS\nRead, from the weakest to the strongest, from a \\fB.env\\fR file in the "
        "working folder, the environment, and these options of every command.\n",
        out);
    fields_write(out, settings_shape.fields, NULL);
    fputs(
        ".SH VARIABLES OF VENDORS\nNo options: read from \\fB.env\\fR, the file that "
        "CYCLORAMA_SECRETS names, and the environment.\n",
        out);
    for (const Field *field = settings_whole_shape.fields; field != settings_server_shape.fields;
         field++)
        variable_write(out, field);
    fputs(".SH SETTINGS OF THE SERVER\nThe same, for the commands of the server.\n", out);
    fields_write(out, settings_server_shape.fields, settings_shape.fields);
}

static const struct {
    const char *status, *means;
} statuses[] = {
    {"0", "Everything was done."},
    {"1", "Something failed; the rest was done. Each failure was named."},
    {"2", "The command was not understood; nothing was done."},
    {"130", "Stopped by ^C or SIGTERM; what was finished stays. A second ^C stops at once."},
};

static const struct {
    const char *file, *what;
} files[] = {
    {"OUT/.cyclorama.jsonl",
     "What a render has finished, one JSON line a picture; read by --resume."},
    {".env", "Settings of the working folder, such as CYCLORAMA_CACHE_MB=512."},
    {"~/.local/share/cyclorama", "The data folder: models and cached results."},
};

static void lists_write(FILE *out)
{
    fputs(".SH EXIT STATUS\n", out);
    for (size_t i = 0; i < COUNT(statuses); i++) {
        roff_line(out, ".TP\n.B ", statuses[i].status);
        roff_line(out, "", statuses[i].means);
    }
    fputs(".SH FILES\n", out);
    for (size_t i = 0; i < COUNT(files); i++) {
        roff_line(out, ".TP\n.I ", files[i].file);
        roff_line(out, "", files[i].what);
    }
}

static Err *man_run(App *app, const void *options, const Texts *words, Exit *exit)
{
    FILE *out = app->out;

    (void)options;
    (void)words;
    (void)exit;
    fprintf(out, ".TH CYCLORAMA 1 \"\" \"cyclorama %s\" \"User Commands\"\n", version_program);
    fputs(".nh\n.SH NAME\ncyclorama \\- turn product photos into pictures that sell\n", out);
    fputs(".SH SYNOPSIS\n.B cyclorama\n.I COMMAND\n[options]\n", out);
    fputs(".SH COMMANDS\n", out);
    for (const Command *const *command = commands; *command; command++)
        command_write(out, *command);
    settings_write(out);
    lists_write(out);
    return NULL;
}

static const char *const man_about[] = {
    "For reading at once: cyclorama man | man -l -",
    NULL,
};

const Command command_man = {
    .name = "man",
    .summary = "Write the manual page",
    .usage = "",
    .about = man_about,
    .options = SHAPE(NoOptions),
    .run = man_run,
};
