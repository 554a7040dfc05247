/* Settings: their one table, and how the layers of sources are read. */
#include "conf/conf.h"

#include <ctype.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "watch/watch.h"

enum {
    FILE_BYTES_MAX = 64 * 1024
};

static const char prefix[] = "CYCLORAMA_";

static const char *const fallback_names[] = {"builtin", "none", NULL};

enum {
    NAMES_MAX = 96 /* of all settings */
};

#define VENDOR_KEY(name_, whose) \
    { \
        FIELD_TEXT(Settings, name_), .help = "Key for " whose, .preset = "", .max = 400, \
                                     .format = "secret" \
    }
#define VENDOR_URL(name_, whose) \
    { \
        FIELD_TEXT(Settings, name_), \
            .help = "Where to reach " whose "; empty for its own address", .preset = "", \
            .max = 300, .format = "uri" \
    }

/* How many rows the lists hold: the compiler counts. */
enum {
    VARIABLE_ROWS = sizeof((const Field[]){
#include "conf/variable_rows.def"
                    }) /
                    sizeof(Field),
    SERVER_ROWS = sizeof((const Field[]){
#include "conf/server_rows.def"
                  }) /
                  sizeof(Field)
};

static const Field Settings_fields[] = {
/* What is no flag comes first, */
#include "conf/variable_rows.def"
/* then the server's, */
#include "conf/server_rows.def"
/* so that the rest of the table is the shape of every other command. */
#include "conf/command_rows.def"
    {FIELD_END},
};

const Shape settings_whole_shape = SHAPE(Settings);
const Shape settings_server_shape = {"Settings", sizeof(Settings), Settings_fields + VARIABLE_ROWS};
const Shape settings_shape = {
    "Settings", sizeof(Settings), Settings_fields + VARIABLE_ROWS + SERVER_ROWS};

/* Names that the trade gives a setting; they count less than ours, and each more than those after it. */
static const struct {
    const char *setting, *variable;
} trade_names[] = {
    {"database_url", "DATABASE_URL"},
    {"redis_url", "REDIS_URL"},
    {"azure_storage_connection_string", "AZURE_STORAGE_CONNECTION_STRING"},
    {"s3_region", "AWS_REGION"},
    {"s3_access_key", "AWS_ACCESS_KEY_ID"},
    {"s3_secret_key", "AWS_SECRET_ACCESS_KEY"},
    {"sentry_dsn", "SENTRY_DSN"},
    {"otlp_endpoint", "OTEL_EXPORTER_OTLP_ENDPOINT"},
    {"otlp_headers", "OTEL_EXPORTER_OTLP_HEADERS"},
    {"upscale_enabled", "UPSCALE_ENABLED"},
    {"log_level", "LOG_LEVEL"},
    {"image_gen_provider", "IMAGE_GEN_PROVIDER"},
    {"background_removal_provider", "BACKGROUND_REMOVAL_PROVIDER"},
    {"upscale_provider", "UPSCALE_PROVIDER"},
    {"relight_provider", "RELIGHT_PROVIDER"},
    {"provider_fallback", "PROVIDER_FALLBACK"},
    {"openai_api_key", "OPENAI_API_KEY"},
    {"openai_base_url", "OPENAI_BASE_URL"},
    {"openai_image_model", "OPENAI_IMAGE_MODEL"},
    {"fal_key", "FAL_KEY"},
    {"fal_key", "FAL_API_KEY"},
    {"fal_base_url", "FAL_BASE_URL"},
    {"replicate_api_token", "REPLICATE_API_TOKEN"},
    {"replicate_api_token", "REPLICATE_API_KEY"},
    {"replicate_base_url", "REPLICATE_BASE_URL"},
    {"stability_api_key", "STABILITY_API_KEY"},
    {"stability_base_url", "STABILITY_BASE_URL"},
    {"segmind_api_key", "SEGMIND_API_KEY"},
    {"segmind_base_url", "SEGMIND_BASE_URL"},
    {"removebg_api_key", "REMOVEBG_API_KEY"},
    {"removebg_base_url", "REMOVEBG_BASE_URL"},
    {"smtp_url", "SMTP_URL"},
    {"mail_from", "MAIL_FROM"},
    {"sendgrid_api_key", "SENDGRID_API_KEY"},
    {"sendgrid_base_url", "SENDGRID_BASE_URL"},
};

bool conf_is_secret(const Field *field)
{
    return field->format && strcmp(field->format, "secret") == 0;
}

/* Where one setting got its words. */
typedef struct Origin {
    const char *words;
    const char *called; /* "CYCLORAMA_CACHE_MB (line 3 of .env)" */
} Origin;

/* NULL for none. */
static const char *trade_name(const Field *field)
{
    for (size_t i = 0; i < COUNT(trade_names); i++)
        if (strcmp(trade_names[i].setting, field->name) == 0)
            return trade_names[i].variable;
    return NULL;
}

static const char *house_name(const Field *field, Arena *mem)
{
    char *name = arena_print(mem, "%s%s", prefix, field->name);

    for (char *at = name; *at; at++)
        *at = (char)toupper((unsigned char)*at);
    return name;
}

const char *conf_variable(const Field *field, Arena *mem)
{
    const char *name = trade_name(field);

    return name ? name : house_name(field, mem);
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
    bool is_ours = shape_find(&settings_whole_shape, field->name) == field;

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

/* All names of FIELD, ours first, NULL-ended; in MEM. */
static const char **names_of(const Field *field, Arena *mem)
{
    const char **names = ARENA_ARRAY(mem, const char *, COUNT(trade_names) + 2);
    size_t count = 0;

    names[count++] = house_name(field, mem);
    for (size_t i = 0; i < COUNT(trade_names); i++)
        if (strcmp(trade_names[i].setting, field->name) == 0)
            names[count++] = trade_names[i].variable;
    return names;
}

/* A file of settings that was read. */
typedef struct Lines {
    const char *file;
    const DotenvLine *lines; /* NULL: there is none */
} Lines;

/* From the weakest to the strongest. */
typedef struct Files {
    Lines env, secrets;
} Files;

static Origin origin_in(const Lines *file, const char *const *names, Arena *mem)
{
    for (; *names; names++) {
        const DotenvLine *line = line_find(file->lines, *names);

        if (line && *line->value)
            return (Origin){
                line->value,
                arena_print(mem, "%s (line %d of %s)", *names, line->number, file->file)};
    }
    return (Origin){0};
}

/* The strongest source that speaks of FIELD; words are NULL when none does. An empty variable is as good as none. */
static Origin
origin_find(const Field *field, const ConfSources *sources, const Files *files, Arena *mem)
{
    const char *typed = value_text(value_get(sources->flags, field->name));
    if (typed)
        return (Origin){typed, conf_flag(field, mem)};

    const char **names = names_of(field, mem);

    for (size_t i = 0; names[i]; i++) {
        const char *set = variable_find(sources->environment, names[i]);
        if (set && *set)
            return (Origin){set, arena_print(mem, "%s (in the environment)", names[i])};
    }
    Origin secret = origin_in(&files->secrets, names, mem);
    return secret.words ? secret : origin_in(&files->env, names, mem);
}

/* Words for a row of names may be written in capitals: LOG_LEVEL=INFO. */
static const char *words_small(const Field *field, const char *words, Arena *mem)
{
    char *small = arena_text(mem, words);

    if (field->kind != FIELD_KIND_NAME)
        return words;
    for (char *at = small; *at; at++)
        *at = (char)tolower((unsigned char)*at);
    return small;
}

typedef struct Reading {
    const ConfSources *sources;
    Files files;
    Arena *mem;
    Settings *settings;
} Reading;

static MUST Err *setting_read(const Field *field, const Reading *reading)
{
    Arena *mem = reading->mem;
    Origin origin = origin_find(field, reading->sources, &reading->files, mem);
    if (!origin.words)
        return NULL;

    Value *parsed = NULL;
    TRY(conf_err_called(
        shape_parse_words(field, words_small(field, origin.words, mem), &parsed), field,
        origin.called));

    /* One field read by itself, so that an error is about this source and no other. */
    const Field alone[] = {*field, {FIELD_END}};
    Shape shape = {settings_server_shape.name, settings_server_shape.size, alone};
    AUTO(value_free) Value *object = value_object();
    Settings read;
    value_set(object, field->name, parsed);
    TRY(conf_err_called(shape_read(&shape, object, mem, &read), field, origin.called));

    static const size_t sizes[] = {
        [FIELD_KIND_TEXT] = sizeof(char *),
        [FIELD_KIND_INT] = sizeof(int64_t),
        [FIELD_KIND_BOOL] = sizeof(bool),
        [FIELD_KIND_NAME] = sizeof(int)};
    memcpy((char *)reading->settings + field->at, (char *)&read + field->at, sizes[field->kind]);
    return NULL;
}

/* Names that are not ours belong to other programs; a CYCLORAMA_ name that we do not know is a slip. */
static MUST Err *lines_check(const DotenvLine *lines, const char *file, Arena *mem)
{
    for (const DotenvLine *line = lines; line && line->name; line++) {
        const char *names[NAMES_MAX];
        size_t count = 0;
        bool is_known = strncmp(line->name, prefix, sizeof(prefix) - 1) != 0;

        for (const Field *field = Settings_fields; field->name; field++) {
            names[count] = house_name(field, mem);
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

static MUST Err *file_lines(const char *file, Arena *mem, Lines *ret)
{
    AUTO(buf_done) Buf text = BUF(FILE_BYTES_MAX);

    *ret = (Lines){.file = file};
    TRY(file_read(file, &text));
    TRY(dotenv_read(buf_text(&text), mem, &ret->lines));
    return lines_check(ret->lines, file, mem);
}

/* Keys that others can read are no secrets any more: better not to start than to go on with them. */
static MUST Err *secrets_check(const char *file)
{
    struct stat facts;

    if (stat(file, &facts) != 0)
        return err_public(
            err_new_errno(ERR_INPUT_INVALID, "unable to look at the file of secrets '%s'", file),
            "CYCLORAMA_SECRETS names the file %s, which cannot be read.", file);
    if ((facts.st_mode & S_IRWXO) == 0)
        return NULL;
    return err_public(
        err_new(ERR_INPUT_INVALID, "the file of secrets '%s' is open to others", file),
        "The file of secrets %s may be read by everybody on this machine. Close it: chmod 600 %s",
        file, file);
}

static MUST Err *files_read(Reading *reading)
{
    const char *env = reading->sources->file;
    const Field *field = shape_find(&settings_whole_shape, "secrets");

    if (env && file_exists(env))
        TRY(file_lines(env, reading->mem, &reading->files.env));
    TRY(setting_read(field, reading));

    const char *secrets = reading->settings->secrets;
    if (!*secrets)
        return NULL;
    TRY(secrets_check(secrets));
    return file_lines(secrets, reading->mem, &reading->files.secrets);
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
    Settings settings;
    Reading reading = {.sources = sources, .mem = mem, .settings = &settings};

    TRY(shape_read(&settings_whole_shape, NULL, mem, &settings));
    TRY(files_read(&reading));
    for (const Field *field = Settings_fields; field->name; field++)
        TRY(setting_read(field, &reading));

    if (!*settings.data)
        settings.data = data_default(sources, mem);
    if (!*settings.models)
        settings.models = models_default(sources, &settings, mem);
    *ret = settings;
    return NULL;
}
