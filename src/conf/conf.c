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
    VARIABLE_ROWS = 21, /* those that are no flags */
    SERVER_ROWS = 23,
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

/* What is no flag comes first, then the server's, so that the rest of the table is the shape of every other command. */
static const Field Settings_fields[] = {
    {FIELD_TEXT(Settings, image_gen_provider),
     .help = "Who draws pictures and sets from words: builtin, or openai, fal, replicate, "
             "stability; several are asked in order",
     .preset = "builtin", .max = 200},
    {FIELD_TEXT(Settings, background_removal_provider),
     .help = "Who cuts products out: rembg (the studio's own network), or remove.bg, segmind, fal, "
             "replicate, stability",
     .preset = "rembg", .max = 200},
    {FIELD_TEXT(Settings, upscale_provider),
     .help = "Who enlarges pictures: realesrgan (the studio's own networks), or fal, replicate, "
             "stability, segmind",
     .preset = "realesrgan", .max = 200},
    {FIELD_TEXT(Settings, relight_provider),
     .help = "Who lights products anew: builtin, or fal, replicate, stability", .preset = "builtin",
     .max = 200},
    {FIELD_NAME(Settings, provider_fallback, fallback_names),
     .help = "Who does what they cannot do right now: builtin, or none, and the work fails",
     .preset = "builtin"},
    {FIELD_TEXT(Settings, secrets),
     .help = "A file of such NAME=value lines that its owner alone may read", .preset = "",
     .max = 4096, .format = "file"},
    {FIELD_TEXT(Settings, master_key),
     .help = "What tenants' own keys for vendors are sealed with; empty keeps none", .preset = "",
     .max = 400, .format = "secret"},
    {FIELD_TEXT(Settings, model_aliases),
     .help = "A file that says which model serves which name; empty for the one that came along",
     .preset = "", .max = 4096, .format = "file"},
    VENDOR_KEY(openai_api_key, "OpenAI, or a server that speaks like it"),
    VENDOR_URL(openai_base_url, "OpenAI, or any server that speaks like it"),
    {FIELD_TEXT(Settings, openai_image_model),
     .help = "Model to ask there; empty for OpenAI's usual one", .preset = "", .max = 200},
    VENDOR_KEY(fal_key, "fal"),
    VENDOR_URL(fal_base_url, "fal"),
    VENDOR_KEY(replicate_api_token, "Replicate"),
    VENDOR_URL(replicate_base_url, "Replicate"),
    VENDOR_KEY(stability_api_key, "Stability AI"),
    VENDOR_URL(stability_base_url, "Stability AI"),
    VENDOR_KEY(segmind_api_key, "Segmind"),
    VENDOR_URL(segmind_base_url, "Segmind"),
    VENDOR_KEY(removebg_api_key, "remove.bg"),
    [VARIABLE_ROWS - 1] = VENDOR_URL(removebg_base_url, "remove.bg"),
    {FIELD_TEXT(Settings, listen), .help = "Address and port to listen on; port 0 takes a free one",
     .preset = "127.0.0.1:8080", .max = 300},
    {FIELD_TEXT(Settings, public_url),
     .help = "Where others reach the server; empty for the address it listens on", .preset = "",
     .max = 300, .format = "uri"},
    {FIELD_TEXT(Settings, database_url),
     .help = "postgresql://user:password@host/name, or sqlite:///file; empty for a file in the "
             "data folder",
     .preset = "", .max = 1000, .format = "secret"},
    {FIELD_TEXT(Settings, redis_url),
     .help = "redis://host:port counts request rates for all servers together; empty for each by "
             "itself",
     .preset = "", .max = 1000, .format = "secret"},
    {FIELD_TEXT(Settings, store_url),
     .help = "Where photos and pictures are kept: s3://bucket, azure://, file:///folder; empty for "
             "a folder in the data folder",
     .preset = "", .max = 1000},
    {FIELD_TEXT(Settings, s3_endpoint), .help = "Address of the S3 service; empty for Amazon's",
     .preset = "", .max = 300, .format = "uri"},
    {FIELD_TEXT(Settings, s3_region), .help = "Region of the S3 service", .preset = "us-east-1",
     .max = 60},
    {FIELD_TEXT(Settings, s3_access_key), .help = "Access key of the S3 service", .preset = "",
     .max = 200, .format = "secret"},
    {FIELD_TEXT(Settings, s3_secret_key), .help = "Secret key of the S3 service", .preset = "",
     .max = 200, .format = "secret"},
    {FIELD_TEXT(Settings, azure_storage_connection_string),
     .help = "Connection string of the Azure storage account", .preset = "", .max = 1000,
     .format = "secret"},
    {FIELD_TEXT(Settings, admin_key),
     .help = "A key of the administrator, valid as long as it is set; empty makes one at the first "
             "start",
     .preset = "", .max = 200, .format = "secret"},
    {FIELD_TEXT(Settings, signing_key),
     .help = "What signed addresses are signed with; empty for one kept in the database, shared by "
             "all servers",
     .preset = "", .max = 200, .format = "secret"},
    {FIELD_TEXT(Settings, tls_certificate),
     .help = "Certificate chain, as PEM, to serve HTTPS with", .preset = "", .max = 4096,
     .format = "file"},
    {FIELD_TEXT(Settings, tls_key), .help = "Its private key, as PEM", .preset = "", .max = 4096,
     .format = "file"},
    {FIELD_TEXT(Settings, jwt_issuer),
     .help = "Who signs the tokens (JWT) of people who sign on elsewhere, as the tokens say it, "
             "such as https://shop.eu.auth0.com/; empty for nobody",
     .preset = "", .max = 1000},
    {FIELD_TEXT(Settings, jwt_audience), .help = "What those tokens must be for", .preset = "",
     .max = 1000},
    {FIELD_TEXT(Settings, jwt_keys_url),
     .help = "Where the issuer's public keys (JWKS) lie; empty to ask its OpenID description",
     .preset = "", .max = 1000},
    {FIELD_TEXT(Settings, jwt_tenant_claim), .help = "Claim that names the tenant",
     .preset = "tenant_id", .max = 200},
    {FIELD_TEXT(Settings, jwt_role_claim),
     .help = "Claim that names the role: viewer, editor or owner, or a list of them",
     .preset = "role", .max = 200},
    {FIELD_TEXT(Settings, jwt_tenant),
     .help = "Tenant of those whose token names none; empty to refuse them", .preset = "",
     .max = 64},
    {FIELD_BOOL(Settings, jwt_open),
     .help = "Make a user of whoever comes with a good token for the first time; without it, "
             "verified addresses of users that are there already alone are let in",
     .preset = "false"},
    {FIELD_INT(Settings, user_rate),
     .help = "Requests a minute of one user; 0 for as many as its tenant", .preset = "0",
     .max = 1000000},
    {FIELD_INT(Settings, tenant_rate),
     .help = "Requests a minute of all of a tenant together; 0 for its plan's", .preset = "0",
     .max = 1000000},
    {FIELD_TEXT(Settings, trusted_proxies),
     .help = "Addresses of proxies whose X-Forwarded-For is believed, separated by commas",
     .preset = "", .max = 1000},
    {FIELD_TEXT(Settings, cors_origins),
     .help =
         "Pages of other sites that may call, such as https://shop.example, separated by commas",
     .preset = "", .max = 1000},
    {FIELD_TEXT(Settings, allowed_hosts),
     .help = "Hosts and networks of your own that photos may be fetched from though they are "
             "private, separated by commas",
     .preset = "", .max = 1000},
    {FIELD_TEXT(Settings, metrics_key),
     .help = "Key that /metrics asks for; empty answers this machine alone", .preset = "",
     .max = 200, .format = "secret"},
    {FIELD_TEXT(Settings, sentry_dsn),
     .help = "Where bugs are reported to (Sentry); empty for nowhere", .preset = "", .max = 300,
     .format = "secret"},
    {FIELD_TEXT(Settings, otlp_endpoint),
     .help = "Where traces go to (OTLP over HTTP); empty for nowhere", .preset = "", .max = 300,
     .format = "uri"},
    {FIELD_INT(Settings, workers),
     .help = "Pictures made at once by this process; 0 for what the machine can, -1 for none",
     .preset = "0", .min = -1, .max = 64},
    {FIELD_INT(Settings, drain_seconds), .help = "How long a stop waits for what is being done",
     .preset = "30", .max = 3600, .unit = "s"},
    {FIELD_BOOL(Settings, upscale_enabled), .help = "Double the size of OPAL's pictures",
     .preset = "true"},
    [VARIABLE_ROWS + SERVER_ROWS] =
        {FIELD_TEXT(Settings, data), .help = "Folder for everything the program keeps",
         .preset = "", .max = 4096, .format = "folder"},
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
