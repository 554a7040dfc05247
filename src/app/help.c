/* Help on the screen, from the tables. */
#include <ctype.h>
#include <string.h>

#include "app/command.h"

enum {
    WIDTH = 80,
    INDENT = 28 /* where the words about an option begin */
};

void help_wrap(FILE *out, int indent, int width, const char *text)
{
    int column = indent;

    while (*text) {
        size_t length = strcspn(text, " ");

        if (column > indent && column + 1 + (int)length > width) {
            fprintf(out, "\n%*s", indent, "");
            column = indent;
        } else if (column > indent) {
            fputc(' ', out);
            column++;
        }
        fwrite(text, 1, length, out);
        column += (int)length;
        text += length + strspn(text + length, " ");
    }
    fputc('\n', out);
}

static const char *upper(const char *text, Arena *mem)
{
    char *copy = arena_text(mem, text);

    for (const char *at = text; *at; at++)
        if (isupper((unsigned char)*at))
            return text;
    for (char *at = copy; *at; at++)
        *at = (char)toupper((unsigned char)*at);
    return copy;
}

const char *help_placeholder(const Field *field, Arena *mem)
{
    const char *words = "";

    switch (field->kind) {
    case FIELD_KIND_BOOL:
        return "";
    case FIELD_KIND_INT:
    case FIELD_KIND_NUMBER:
        return "N";
    case FIELD_KIND_NAME:
        for (int i = 0; field->names[i]; i++)
            words = arena_print(mem, "%s%s%s", words, i ? "|" : "", field->names[i]);
        return words;
    case FIELD_KIND_COLOUR:
        return "COLOUR";
    case FIELD_KIND_TEXT:
    case FIELD_KIND_VECTOR:
    case FIELD_KIND_PAIRS:
    case FIELD_KIND_OBJECT:
    case FIELD_KIND_LIST:
    case FIELD_KIND_TEXTS:
    case FIELD_KIND_VALUE:
    case FIELD_KIND_TIME:
    case FIELD_KIND_MAYBE:
    case FIELD_KIND_MAP:
        break;
    }
    return field->format ? upper(field->format, mem) : "TEXT";
}

const char *help_limits(const Field *field, Arena *mem)
{
    bool is_number = field->kind == FIELD_KIND_INT || field->kind == FIELD_KIND_NUMBER;
    const char *preset = field->kind == FIELD_KIND_BOOL ? "" : conf_preset_words(field);
    const char *limits =
        is_number && (field->min != 0 || field->max != 0) ? shape_accepts(field, mem) : "";

    if (!*preset)
        return *limits ? arena_print(mem, "(%s)", limits) : "";
    return arena_print(mem, "(%s%sdefault %s)", limits, *limits ? ", " : "", preset);
}

static void field_print(const Field *field, const char *behind, FILE *out)
{
    AUTO(arena_free) Arena *mem = arena_new();
    const char *value = help_placeholder(field, mem);
    const char *flag = conf_flag(field, mem);
    bool is_on = field->kind == FIELD_KIND_BOOL && field->preset && *field->preset == 't';
    char letter[5] = "    ";

    if (field->letter)
        snprintf(letter, sizeof(letter), "-%c, ", field->letter);
    if (is_on)
        flag = arena_print(mem, "--no-%s", flag + 2);

    int length = fprintf(out, "  %s%s%s%s", letter, flag, *value ? " " : "", value);
    if (length >= INDENT - 1)
        fprintf(out, "\n%*s", INDENT, "");
    else
        fprintf(out, "%*s", INDENT - length, "");
    help_wrap(
        out, INDENT, WIDTH, arena_print(mem, "%s%s%s", field->help, *behind ? " " : "", behind));
}

static void options_print(const Shape *shape, FILE *out)
{
    AUTO(arena_free) Arena *mem = arena_new();

    fprintf(out, "\nOptions:\n");
    for (const Field *field = shape->fields; field->name; field++)
        field_print(field, help_limits(field, mem), out);
    fprintf(out, "  -h, --help%*sShow this help\n", INDENT - 12, "");
}

static void settings_print(const Command *command, FILE *out)
{
    AUTO(arena_free) Arena *mem = arena_new();

    fprintf(
        out, "\nSettings, also read from the environment and from .env in the working folder:\n");
    for (const Field *field = command_settings(command)->fields; field->name; field++)
        field_print(
            field, arena_print(mem, "%s [%s]", help_limits(field, mem), conf_variable(field, mem)),
            out);
}

/* NAME and help of what is no flag. */
static void variables_print(FILE *out)
{
    AUTO(arena_free) Arena *mem = arena_new();

    fprintf(
        out, "\nVariables of vendors, read from the environment, from the file that "
             "CYCLORAMA_SECRETS names\nand from .env:\n");
    for (const Field *field = settings_whole_shape.fields; field != settings_server_shape.fields;
         field++) {
        const char *limits = help_limits(field, mem);
        int length = fprintf(out, "  %s", conf_variable(field, mem));

        if (length >= INDENT - 1)
            fprintf(out, "\n%*s", INDENT, "");
        else
            fprintf(out, "%*s", INDENT - length, "");
        help_wrap(
            out, INDENT, WIDTH,
            arena_print(mem, "%s%s%s", field->help, *limits ? " " : "", limits));
    }
}

static void examples_print(const Example *examples, FILE *out)
{
    fprintf(out, "\nExamples:\n");
    for (const Example *example = examples; example->line; example++)
        fprintf(out, "  %s\n      %s\n", example->line, example->what);
}

void help_command(const Command *command, FILE *out)
{
    fprintf(
        out, "%s\n\nUsage: cyclorama %s%s%s\n", command->summary, command->name,
        *command->usage ? " " : "", command->usage);
    for (const char *const *paragraph = command->about; paragraph && *paragraph; paragraph++) {
        fputc('\n', out);
        help_wrap(out, 0, WIDTH, *paragraph);
    }
    if (command->verbs) {
        fprintf(out, "\nWhat it can do:\n");
        command->verbs(out);
    }
    options_print(&command->options, out);
    settings_print(command, out);
    if (command->asks_vendors)
        variables_print(out);
    if (command->examples)
        examples_print(command->examples, out);
}

void help_program(FILE *out)
{
    fprintf(
        out, "cyclorama turns a plain product photo into pictures that sell.\n\n"
             "Usage: cyclorama COMMAND [options]\n\nCommands:\n");
    for (const Command *const *command = commands; *command; command++)
        fprintf(out, "  %-12s %s\n", (*command)->name, (*command)->summary);
    fprintf(
        out,
        "\nFirst steps:\n"
        "  cyclorama doctor                           what is installed, what is missing\n"
        "  cyclorama models fetch --all               get the models and their runtime\n"
        "  cyclorama render shoe.jpg -o shoe-shop.jpg one photo, pure white, ready for a shop\n"
        "  cyclorama render photos/ -o out/           a whole folder\n"
        "\n'cyclorama help COMMAND' says more about each; 'cyclorama --version' which one "
        "this is.\n");
}

Err *print_json(FILE *out, const Value *value)
{
    AUTO(buf_done) Buf text = BUF(16 << 20);

    TRY(value_write(value, VALUE_PRETTY, &text));
    fprintf(out, "%s\n", buf_text(&text));
    return NULL;
}

const char *print_safe(const char *text, Arena *mem)
{
    char *copy = arena_text(mem, text);

    for (char *at = copy; *at; at++)
        if (iscntrl((unsigned char)*at))
            *at = '?';
    return copy;
}
