/* What the other commands promise, on the real program. */
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "program.h"
#include "test.h"

static Value *run_json(const Desk *desk, const char *words, int status)
{
    Ran ran = desk_run(desk, words);
    Value *value = NULL;

    CHECK_INT(ran.status, status);
    CHECK_OK(value_parse(ran.out, strlen(ran.out), &value));
    return value;
}

TEST(every_command_explains_itself)
{
    AUTO(desk_clear) Desk desk = desk_new();
    static const char *const names[] = {"render", "templates", "recipes", "steps",     "models",
                                        "doctor", "schema",    "man",     "completion"};
    Ran all = desk_run(&desk, "--help");

    CHECK_INT(all.status, 0);
    for (size_t i = 0; i < COUNT(names); i++) {
        Ran help = desk_run(&desk, arena_print(desk.mem, "help %s", names[i]));
        Ran flag = desk_run(&desk, arena_print(desk.mem, "%s --help", names[i]));

        CHECK(strstr(all.out, names[i]));
        CHECK_INT(help.status, 0);
        CHECK(strstr(help.out, arena_print(desk.mem, "Usage: cyclorama %s", names[i])));
        CHECK_TEXT(flag.out, help.out);
    }
    CHECK_INT(desk_run(&desk, "help nothing").status, 2);
    CHECK_INT(desk_run(&desk, "").status, 2);
}

TEST(the_version_names_the_program_and_its_libraries)
{
    AUTO(desk_clear) Desk desk = desk_new();
    Ran ran = desk_run(&desk, "--version");

    CHECK_INT(ran.status, 0);
    CHECK(strncmp(ran.out, "cyclorama ", 10) == 0);
    CHECK(strstr(ran.out, "\nONNX Runtime not installed\n"));
    CHECK(strstr(ran.out, "\nlibvips "));
}

TEST(the_manual_page_has_no_warnings)
{
    AUTO(desk_clear) Desk desk = desk_new();
    Ran ran = desk_run(&desk, "man");

    CHECK_INT(ran.status, 0);
    if (system("command -v groff >/dev/null") != 0)
        test_skip("no groff");
    desk_put(&desk, "cyclorama.1", ran.out);
    CHECK_INT(
        system(arena_print(
            desk.mem, "test -z \"$(groff -man -ww -Tutf8 %s 2>&1 >/dev/null)\"",
            desk_path(&desk, "cyclorama.1"))),
        0);
}

TEST(completion_scripts_can_be_read_by_their_shells)
{
    AUTO(desk_clear) Desk desk = desk_new();
    static const char *const checks[][2] = {
        {"bash", "bash -n"}, {"zsh", "zsh -n"}, {"fish", "fish -n"}};
    int checked = 0;

    for (size_t i = 0; i < COUNT(checks); i++) {
        const char *shell = checks[i][0];
        Ran ran = desk_run(&desk, arena_print(desk.mem, "completion %s", shell));

        CHECK_INT(ran.status, 0);
        CHECK(strstr(ran.out, "render") && strstr(ran.out, "marketplace-white"));
        if (system(arena_print(desk.mem, "command -v %s >/dev/null", shell)) != 0)
            continue;
        desk_put(&desk, shell, ran.out);
        CHECK_INT(system(arena_print(desk.mem, "%s %s", checks[i][1], desk_path(&desk, shell))), 0);
        checked++;
    }
    CHECK_INT(desk_run(&desk, "completion tcsh").status, 2);
    if (!checked)
        test_skip("none of the shells is here");
}

TEST(bash_completes_commands_flags_and_names)
{
    AUTO(desk_clear) Desk desk = desk_new();

    if (system("command -v bash >/dev/null") != 0)
        test_skip("no bash");
    desk_put(&desk, "completion", desk_run(&desk, "completion bash").out);
    desk_put(
        &desk, "try",
        ". ./completion\n"
        "try() { COMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - 1)); COMPREPLY=(); _cyclorama; "
        "echo \"${COMPREPLY[*]}\"; }\n"
        "try cyclorama ren\ntry cyclorama render --templ\n"
        "try cyclorama render --template marketplace-w\ntry cyclorama steps encod\n"
        "try cyclorama render --log-level inf\n");
    CHECK_INT(system(arena_print(desk.mem, "cd %s && bash try > answers 2>&1", desk.folder)), 0);
    CHECK_TEXT(
        desk_text(&desk, "answers"), "render\n--template\nmarketplace-white\nencode\ninfo\n");
}

TEST(steps_are_explained_from_the_shapes_that_read_them)
{
    AUTO(desk_clear) Desk desk = desk_new();
    AUTO(value_free) Value *schema = run_json(&desk, "steps place --json", 0);
    AUTO(value_free) Value *all = run_json(&desk, "steps --json", 0);
    const Value *fill = value_get(value_get(schema, "properties"), "fill");
    Ran text = desk_run(&desk, "steps place");

    CHECK_INT(value_int(value_get(fill, "default")), 85);
    CHECK(strstr(text.out, "1 to 100 %; default 85"));
    CHECK(value_get(all, "encode"));
    CHECK(strstr(desk_run(&desk, "steps plce").err, "Did you mean 'place'?"));
}

TEST(the_recipe_schema_knows_every_step)
{
    AUTO(desk_clear) Desk desk = desk_new();
    AUTO(value_free) Value *schema = run_json(&desk, "schema", 0);
    AUTO(value_free) Value *steps = run_json(&desk, "steps --json", 0);
    const Value *items = value_get(value_get(value_get(schema, "properties"), "steps"), "items");

    CHECK_INT(value_count(value_get(items, "oneOf")), value_count(steps));
}

TEST(models_are_listed_with_licence_size_source_and_state)
{
    AUTO(desk_clear) Desk desk = desk_new();
    AUTO(value_free) Value *models = run_json(&desk, "models --json", 0);

    CHECK(value_count(models) >= 4);
    for (size_t i = 0; i < value_count(models); i++) {
        const Value *model = value_at(models, i);

        CHECK_TEXT(value_text(value_get(model, "state")), "missing");
        CHECK(value_int(value_get(model, "bytes")) > 0);
        CHECK(*value_text(value_get(value_get(model, "licence"), "kind")));
        CHECK(*value_text(value_get(model, "source")));
    }
}

TEST(doctor_names_what_is_missing_and_what_to_do)
{
    AUTO(desk_clear) Desk desk = desk_new();
    AUTO(value_free) Value *report = run_json(&desk, "doctor --json", 1);
    const Value *checks = value_get(report, "checks");
    bool saw_model = false, saw_heic = false;

    CHECK(!value_bool(value_get(report, "is_fit")));
    for (size_t i = 0; i < value_count(checks); i++) {
        const char *name = value_text(value_get(value_at(checks, i), "name"));
        const char *verdict = value_text(value_get(value_at(checks, i), "verdict"));
        const char *advice = value_text(value_get(value_at(checks, i), "advice"));

        if (strcmp(verdict, "missing") == 0)
            CHECK(advice != NULL);
        if (strcmp(name, "model isnet") == 0)
            saw_model = strcmp(advice, "Run 'cyclorama models fetch isnet'.") == 0;
        if (strcmp(name, "format heic") == 0)
            saw_heic = strcmp(verdict, "ok") == 0;
    }
    CHECK(saw_model);
    CHECK(saw_heic);
}

TEST(a_refused_licence_is_shown_and_a_wrong_one_is_explained)
{
    AUTO(desk_clear) Desk desk = desk_new();
    const char *permissive[] = {"CYCLORAMA_MODEL_LICENCES=permissive", NULL};
    const char *wrong[] = {"CYCLORAMA_MODEL_LICENCES=fre", NULL};
    Ran ran = desk_run_with(&desk, "models", permissive);

    CHECK_INT(ran.status, 0);
    CHECK(strstr(ran.out, "refused"));
    Ran refused = desk_run_with(&desk, "models", wrong);
    CHECK_INT(refused.status, 2);
    CHECK(strstr(refused.err, "CYCLORAMA_MODEL_LICENCES"));
}

static void script_put(const Desk *desk, const char *name, const char *text)
{
    desk_put(desk, name, text);
    CHECK_INT(chmod(desk_path(desk, name), 0755), 0);
}

TEST(fetching_hands_folder_and_names_to_the_tool_and_its_failure_back)
{
    AUTO(desk_clear) Desk desk = desk_new();
    const char *path[] = {
        arena_print(desk.mem, "PATH=%s:/usr/bin:/bin", desk_path(&desk, "bin")), NULL};

    script_put(&desk, "bin/npm", "#!/bin/sh\n");
    script_put(&desk, "bin/node", "#!/bin/sh\nshift\necho \"$@\"\n");
    Ran named = desk_run_with(&desk, "models fetch isnet runtime", path);
    CHECK_INT(named.status, 0);
    CHECK(strstr(named.out, arena_print(desk.mem, "--to %s/models", desk.folder)));
    CHECK(strstr(named.out, " isnet runtime\n"));

    Ran needed = desk_run_with(&desk, "models fetch", path);
    CHECK(strstr(needed.out, " runtime isnet isnet-512\n"));
    Ran all = desk_run_with(&desk, "models fetch --all", path);
    CHECK(strstr(all.out, " --all\n"));

    script_put(&desk, "bin/node", "#!/bin/sh\nexit 3\n");
    CHECK_INT(desk_run_with(&desk, "models fetch isnet", path).status, 1);
    Ran unknown = desk_run_with(&desk, "models fetch isnt", path);
    CHECK_INT(unknown.status, 2);
    CHECK(strstr(unknown.err, "Did you mean 'isnet'?"));
}

TEST(stopping_a_fetch_stops_its_tool)
{
    AUTO(desk_clear) Desk desk = desk_new();
    const char *path[] = {
        arena_print(desk.mem, "PATH=%s:/usr/bin:/bin", desk_path(&desk, "bin")), NULL};

    script_put(&desk, "bin/npm", "#!/bin/sh\n");
    script_put(
        &desk, "bin/node",
        "#!/bin/sh\ntrap 'echo told; exit 0' TERM\nkill -TERM $PPID\n"
        "for i in 1 2 3 4 5 6 7 8 9 10; do sleep 1; done\n");
    Ran ran = desk_run_with(&desk, "models fetch isnet", path);
    CHECK_INT(ran.status, 130);
    CHECK_TEXT(ran.out, "told\n");
}

TEST(fetching_without_node_says_what_to_install)
{
    AUTO(desk_clear) Desk desk = desk_new();
    const char *path[] = {"PATH=/nowhere", NULL};
    Ran ran = desk_run_with(&desk, "models fetch", path);

    CHECK_INT(ran.status, 2);
    CHECK(strstr(ran.err, "Node.js is not installed."));
}

TEST(a_bad_setting_stops_every_command_with_its_name)
{
    AUTO(desk_clear) Desk desk = desk_new();
    const char *bad[] = {"CYCLORAMA_THREADS=many", NULL};
    Ran ran = desk_run_with(&desk, "templates", bad);

    CHECK_INT(ran.status, 2);
    CHECK(strstr(ran.err, "CYCLORAMA_THREADS (in the environment) cannot be 'many'"));
}

TEST(a_missing_picture_library_is_named_and_takes_nothing_else_down)
{
    AUTO(desk_clear) Desk desk = desk_new();
    const char *const rows[] = {arena_print(desk.mem, "LD_LIBRARY_PATH=%s", desk.folder), NULL};

    desk_put(&desk, "libvips.so.42", "no library\n");
    desk_draw(&desk, "mug.png", 1);
    Ran ran = desk_run_with(&desk, "version", rows);
    CHECK_INT(ran.status, 0);
    CHECK(strstr(ran.out, "\nlibvips not installed\n"));
    ran = desk_run_with(&desk, "doctor", rows);
    CHECK_INT(ran.status, 1);
    CHECK(strstr(ran.out, "missing  picture library"));
    CHECK(strstr(ran.out, "apt install libvips42."));
    ran = desk_run_with(&desk, "render mug.png -o out.jpg", rows);
    CHECK_INT(ran.status, 1);
    CHECK(strstr(ran.err, "The picture library libvips.so.42 is not installed."));
}
