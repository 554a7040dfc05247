/* Promises of the settings. */
#include <sys/stat.h>

#include "base/file.h"
#include "conf/conf.h"
#include "test.h"

typedef struct Given {
    const char *file_text; /* of the .env file, or NULL */
    char *environment[8];
    const char *flags; /* JSON, or NULL */
} Given;

static Err *given_read(const Given *given, Arena *mem, Settings *ret)
{
    const char *folder = test_folder();
    const char *file = path_join(mem, folder, ".env");
    AUTO(value_free) Value *flags = NULL;

    if (given->file_text)
        CHECK_OK(file_write(file, given->file_text, strlen(given->file_text)));
    if (given->flags)
        CHECK_OK(value_parse(given->flags, strlen(given->flags), &flags));

    ConfSources sources = {.file = file, .environment = given->environment, .flags = flags};
    Err *err = conf_read(&sources, mem, ret);
    test_folder_remove(folder);
    return err;
}

static void check_settings_refused(Given given, const char *says)
{
    AUTO(arena_free) Arena *mem = arena_new();
    Settings settings;
    AUTO(err_free) Err *err = given_read(&given, mem, &settings);

    CHECK(err != NULL);
    CHECK_INT(err_code(err), ERR_INPUT_INVALID);
    if (!strstr(err_text(err), says))
        test_fail(__FILE__, __LINE__, "'%s' does not say '%s'", err_text(err), says);
}

TEST(flags_are_stronger_than_the_environment_than_the_file_than_defaults)
{
    AUTO(arena_free) Arena *mem = arena_new();
    Settings settings;
    Given given = {
        .file_text = "CYCLORAMA_CACHE_MB=1\nCYCLORAMA_THREADS=2\nCYCLORAMA_LOG_LEVEL=debug\n",
        .environment = {"CYCLORAMA_CACHE_MB=3", "CYCLORAMA_THREADS=4", NULL},
        .flags = "{\"cache_mb\": \"5\"}",
    };

    CHECK_OK(given_read(&given, mem, &settings));
    CHECK_INT(settings.cache_mb, 5);
    CHECK_INT(settings.threads, 4);
    CHECK_INT(settings.log_level, 0);
    CHECK_INT(settings.memory_mb, 0);
}

TEST(folders_are_found_from_home_and_the_data_folder)
{
    AUTO(arena_free) Arena *mem = arena_new();
    Settings settings;

    CHECK_OK(given_read(&(Given){.environment = {"HOME=/home/ann"}}, mem, &settings));
    CHECK_TEXT(settings.data, "/home/ann/.local/share/cyclorama");
    CHECK_TEXT(settings.models, "/home/ann/.local/share/cyclorama/models");

    CHECK_OK(given_read(
        &(Given){.environment = {"HOME=/home/ann", "XDG_DATA_HOME=/srv", "CYCLORAMA_DATA="}}, mem,
        &settings));
    CHECK_TEXT(settings.data, "/srv/cyclorama");

    CHECK_OK(given_read(
        &(Given){.environment = {"CYCLORAMA_DATA=/d", "CYCLORAMA_MODELS=/m"}}, mem, &settings));
    CHECK_TEXT(settings.data, "/d");
    CHECK_TEXT(settings.models, "/m");
}

TEST(a_bad_setting_is_named_with_its_source)
{
    check_settings_refused(
        (Given){.environment = {"CYCLORAMA_CACHE_MB=lots"}},
        "CYCLORAMA_CACHE_MB (in the environment) cannot be 'lots'");
    check_settings_refused(
        (Given){.file_text = "# ours\nCYCLORAMA_THREADS=900\n"}, "CYCLORAMA_THREADS (line 2 of ");
    check_settings_refused(
        (Given){.flags = "{\"log_level\": \"loud\"}"}, "--log-level cannot be 'loud'");
}

TEST(an_unknown_setting_in_the_file_names_the_nearest)
{
    check_settings_refused(
        (Given){.file_text = "CYCLORAMA_CASH_MB=5"}, "Did you mean CYCLORAMA_CACHE_MB?");
}

TEST(names_of_other_programs_in_the_file_are_left_alone)
{
    AUTO(arena_free) Arena *mem = arena_new();
    Settings settings;

    CHECK_OK(given_read(&(Given){.file_text = "DATABASE_URL=x\n"}, mem, &settings));
}

static void check_line(const char *text, const char *name, const char *value)
{
    AUTO(arena_free) Arena *mem = arena_new();
    const DotenvLine *lines;

    CHECK_OK(dotenv_read(text, mem, &lines));
    CHECK_TEXT(lines[0].name, name);
    CHECK_TEXT(lines[0].value, value);
    CHECK(lines[1].name == NULL);
}

TEST(a_dotenv_line_may_be_bare_quoted_or_followed_by_a_comment)
{
    check_line("A=b", "A", "b");
    check_line("\n# first\n  A_1= b c  \r\n", "A_1", "b c");
    check_line("A=b#c # d", "A", "b#c");
    check_line("A='b \"#\" c' # d", "A", "b \"#\" c");
    check_line("A=\"b\\n\\\"c\\\\\"", "A", "b\n\"c\\");
    check_line("A=", "A", "");
}

static void check_line_refused(const char *text, const char *message)
{
    AUTO(arena_free) Arena *mem = arena_new();
    const DotenvLine *lines;

    CHECK_ERR(dotenv_read(text, mem, &lines), ERR_INPUT_INVALID, message);
}

TEST(a_dotenv_line_that_is_not_understood_is_named)
{
    check_line_refused(
        "A=1\nB\n",
        "unable to read line 2 of the .env file: it must be NAME=value, or begin with #");
    check_line_refused(
        "A='1", "unable to read line 1 of the .env file: the closing quote is missing");
    check_line_refused(
        "A=\"1\\", "unable to read line 1 of the .env file: the closing quote is missing");
    check_line_refused(
        "A=\"1\" 2",
        "unable to read line 1 of the .env file: nothing but a comment may follow the closing "
        "quote");
}

TEST(the_trade_s_names_of_settings_count_less_than_ours)
{
    AUTO(arena_free) Arena *mem = arena_new();
    Settings settings;
    Given given = {
        .environment = {
            "DATABASE_URL=postgresql://one/db", "LOG_LEVEL=INFO", "UPSCALE_ENABLED=false",
            "REDIS_URL=redis://one", "CYCLORAMA_REDIS_URL=redis://two", NULL}};

    CHECK_OK(given_read(&given, mem, &settings));
    CHECK_TEXT(settings.database_url, "postgresql://one/db");
    CHECK_TEXT(settings.redis_url, "redis://two");
    CHECK_INT(settings.log_level, 1);
    CHECK(!settings.upscale_enabled);
}

TEST(settings_of_the_server_stand_before_those_of_every_command)
{
    CHECK_TEXT(settings_shape.fields[0].name, "data");
    CHECK(shape_find(&settings_server_shape, "data") == settings_shape.fields);
    CHECK(shape_find(&settings_server_shape, "listen") != NULL);
    CHECK(shape_find(&settings_shape, "listen") == NULL);
    CHECK_TEXT(settings_server_shape.fields[0].name, "listen");
    CHECK(shape_find(&settings_server_shape, "fal_key") == NULL);
    CHECK(shape_find(&settings_whole_shape, "fal_key") != NULL);
}

TEST(every_setting_has_a_row)
{
    AUTO(arena_free) Arena *mem = arena_new();
    Settings settings;

    CHECK_OK(conf_read(&(ConfSources){0}, mem, &settings));
    for (const Field *field = settings_whole_shape.fields; field->name; field++)
        if (field->kind == FIELD_KIND_TEXT)
            CHECK(*(const char **)((char *)&settings + field->at) != NULL);
    CHECK_TEXT(settings.trusted_proxies, "");
    CHECK_TEXT(settings.removebg_base_url, "");
    CHECK_INT(settings.drain_seconds, 30);
}

TEST(secrets_count_more_than_the_env_file_and_less_than_the_environment)
{
    AUTO(arena_free) Arena *mem = arena_new();
    const char *folder = test_folder(), *file = path_join(mem, folder, "keys");
    static const char lines[] = "FAL_API_KEY=from-secrets\nOPENAI_API_KEY=from-secrets\n";
    Settings settings;
    Given given = {
        .file_text = "FAL_KEY=from-env-file\nSTABILITY_API_KEY=from-env-file\n",
        .environment = {
            arena_print(mem, "CYCLORAMA_SECRETS=%s", file), "OPENAI_API_KEY=from-environment",
            NULL}};

    CHECK_OK(file_write(file, lines, strlen(lines)));
    CHECK_INT(chmod(file, 0600), 0);
    CHECK_OK(given_read(&given, mem, &settings));
    CHECK_TEXT(settings.fal_key, "from-secrets");
    CHECK_TEXT(settings.openai_api_key, "from-environment");
    CHECK_TEXT(settings.stability_api_key, "from-env-file");
    CHECK_INT(chmod(file, 0604), 0);
    check_settings_refused(given, "chmod 600");
    test_folder_remove(folder);
}

TEST(an_error_about_a_secret_does_not_tell_it)
{
    AUTO(arena_free) Arena *mem = arena_new();
    char *row = arena_print(mem, "FAL_KEY=%0500d", 7);
    Settings settings;
    AUTO(err_free) Err *err = given_read(&(Given){.environment = {row, NULL}}, mem, &settings);

    CHECK(err != NULL);
    CHECK(strstr(err_text(err), "FAL_KEY") != NULL);
    CHECK(strstr(err_text(err), "00000") == NULL);
    CHECK(strstr(err_message(err), "00000") == NULL);
}
