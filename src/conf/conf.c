/* Settings: their one table, and how the layers of sources are read. */
#include "conf/conf.h"

#include <ctype.h>
#include <string.h>

#include "base/file.h"
#include "watch/watch.h"

enum {
    FILE_BYTES_MAX = 64 * 1024
};

static const char prefix[] = "CYCLORAMA_";

static const Field Settings_fields[] = {
    {FIELD_TEXT(Settings, data), .help = "Folder for everything the program keeps", .preset = "",
     .max = 4096, .format = "folder"},
    {FIELD_TEXT(Settings, models), .help = "Folder of the models", .preset = "", .max = 4096,
     .format = "folder"},
    {FIELD_TEXT(Settings, runtime),
     .help = "Library that runs the models; empty to look beside them", .preset = "", .max = 4096,
     .format = "file"},
    {FIELD_TEXT(Settings, model_licences),
     .help = "Kinds of model licence to accept, separated by commas, or all", .preset = "all",
     .max = 200, .format = "kinds"},
    {FIELD_INT(Settings, cache_mb), .help = "Most room for cached results; 0 keeps none",
     .preset = "1024", .max = 1 << 20, .unit = "MB"},
    {FIELD_INT(Settings, memory_mb),
     .help = "Memory that photos worked on side by side may take; 0 for most of the machine's",
     .preset = "0", .max = 1 << 24, .unit = "MB"},
    {FIELD_INT(Settings, threads), .help = "Processor cores to keep busy; 0 for all", .preset = "0",
     .max = 64},
    {FIELD_NAME(Settings, log_level, watch_levels), .help = "The least that is logged",
     .preset = "error"},
    {FIELD_NAME(Settings, log_format, watch_formats),
     .help = "How log lines look; auto is text on a terminal, else JSON", .preset = "auto"},
    {FIELD_END},
};

const Shape settings_shape = SHAPE(Settings);

/* Where one setting got its words. */
typedef struct Origin {
    const char *words;
    const char *called; /* "CYCLORAMA_CACHE_MB (line 3 of .env)" */
} Origin;

const char *conf_variable(const Field *field, Arena *mem)
{
    char *name = arena_print(mem, "%s%s", prefix, field->name);

    for (char *at = name; *at; at++)
        *at = (char)toupper((unsigned char)*at);
    return name;
}

const char *conf_flag(const Field *field, Arena *mem)
{
    char *name = arena_print(mem, "--%s", field->name);

    for (char *at = name; *at; at++)
        if (*at == '_')
            *at = '-';
    return name;
}

const char *conf_preset_words(const Field *field)
{
    bool is_ours = shape_find(&settings_shape, field->name) == field;

    if (is_ours && strcmp(field->name, "data") == 0)
        return "$XDG_DATA_HOME/cyclorama, or ~/.local/share/cyclorama";
    if (is_ours && strcmp(field->name, "models") == 0)
        return "models in the data folder";
    return field->preset ? field->preset : "";
}

Err *conf_err_called(Err *err, const Field *field, const char *called)
{
    if (!err)
        return NULL;

    AUTO(arena_free) Arena *mem = arena_new();
    const char *text = arena_text(mem, err_text(err));
    size_t length = strlen(field->name);
    bool speaks_of_field = strncmp(text, field->name, length) == 0;

    return speaks_of_field ? err_public(err, "%s%s", called, text + length)
                           : err_public(err, "%s: %s", called, text);
}

static const char *variable_find(char *const *environment, const char *name)
{
    size_t length = strlen(name);

    for (char *const *row = environment; row && *row; row++)
        if (strncmp(*row, name, length) == 0 && (*row)[length] == '=')
            return *row + length + 1;
    return NULL;
}

static const DotenvLine *line_find(const DotenvLine *lines, const char *name)
{
    const DotenvLine *found = NULL;

    for (const DotenvLine *line = lines; line && line->name; line++)
        if (strcmp(line->name, name) == 0)
            found = line;
    return found;
}

/* The strongest source that speaks of FIELD; words are NULL when none does. An empty variable is as good as none. */
static Origin
origin_find(const Field *field, const ConfSources *sources, const DotenvLine *lines, Arena *mem)
{
    const char *typed = value_text(value_get(sources->flags, field->name));
    if (typed)
        return (Origin){typed, conf_flag(field, mem)};

    const char *name = conf_variable(field, mem);
    const char *set = variable_find(sources->environment, name);
    if (set && *set)
        return (Origin){set, arena_print(mem, "%s (in the environment)", name)};

    const DotenvLine *line = line_find(lines, name);
    if (line && *line->value)
        return (Origin){
            line->value, arena_print(mem, "%s (line %d of %s)", name, line->number, sources->file)};
    return (Origin){0};
}

static MUST Err *setting_read(
    const Field *field, const ConfSources *sources, const DotenvLine *lines, Arena *mem,
    Settings *settings)
{
    Origin origin = origin_find(field, sources, lines, mem);
    if (!origin.words)
        return NULL;

    Value *parsed = NULL;
    TRY(conf_err_called(shape_parse_words(field, origin.words, &parsed), field, origin.called));

    /* One field read by itself, so that an error is about this source and no other. */
    const Field alone[] = {*field, {FIELD_END}};
    Shape shape = {settings_shape.name, settings_shape.size, alone};
    AUTO(value_free) Value *object = value_object();
    Settings read;
    value_set(object, field->name, parsed);
    TRY(conf_err_called(shape_read(&shape, object, mem, &read), field, origin.called));

    static const size_t sizes[] = {
        [FIELD_KIND_TEXT] = sizeof(char *),
        [FIELD_KIND_INT] = sizeof(int64_t),
        [FIELD_KIND_NAME] = sizeof(int)};
    memcpy((char *)settings + field->at, (char *)&read + field->at, sizes[field->kind]);
    return NULL;
}

/* Names that are not ours belong to other programs; a CYCLORAMA_ name that we do not know is a slip. */
static MUST Err *lines_check(const DotenvLine *lines, const char *file, Arena *mem)
{
    for (const DotenvLine *line = lines; line && line->name; line++) {
        const char *names[32];
        size_t count = 0;
        bool is_known = strncmp(line->name, prefix, sizeof(prefix) - 1) != 0;

        for (const Field *field = Settings_fields; field->name; field++) {
            names[count] = conf_variable(field, mem);
            is_known = is_known || strcmp(names[count], line->name) == 0;
            count++;
        }
        if (is_known)
            continue;

        const char *near = shape_nearest(line->name, names, count);
        return err_public(
            err_new(
                ERR_INPUT_INVALID, "unknown setting '%s' in line %d of '%s'", line->name,
                line->number, file),
            "There is no setting %s (line %d of %s).%s%s%s", line->name, line->number, file,
            near ? " Did you mean " : "", near ? near : "", near ? "?" : "");
    }
    return NULL;
}

static MUST Err *file_lines(const char *file, Arena *mem, const DotenvLine **ret)
{
    AUTO(buf_done) Buf text = BUF(FILE_BYTES_MAX);

    *ret = NULL;
    if (!file || !file_exists(file))
        return NULL;
    TRY(file_read(file, &text));
    TRY(dotenv_read(buf_text(&text), mem, ret));
    return lines_check(*ret, file, mem);
}

static const char *data_default(const ConfSources *sources, Arena *mem)
{
    const char *shared = variable_find(sources->environment, "XDG_DATA_HOME");
    const char *home = variable_find(sources->environment, "HOME");

    if (shared && *shared == '/')
        return path_join(mem, shared, "cyclorama");
    if (home && *home)
        return path_join(mem, home, ".local/share/cyclorama");
    return ".cyclorama";
}

static const char *models_default(const ConfSources *sources, const Settings *settings, Arena *mem)
{
    const char *checkout = place_checkout(sources->program, mem);
    const char *local = checkout ? path_join(mem, checkout, ".models") : NULL;

    return local && folder_exists(local) ? local : path_join(mem, settings->data, "models");
}

Err *conf_read(const ConfSources *sources, Arena *mem, Settings *ret)
{
    const DotenvLine *lines;
    Settings settings;

    TRY(file_lines(sources->file, mem, &lines));
    TRY(shape_read(&settings_shape, NULL, mem, &settings));
    for (const Field *field = Settings_fields; field->name; field++)
        TRY(setting_read(field, sources, lines, mem, &settings));

    if (!*settings.data)
        settings.data = data_default(sources, mem);
    if (!*settings.models)
        settings.models = models_default(sources, &settings, mem);
    *ret = settings;
    return NULL;
}
