/* Promises of the rows and of the house of models; what needs no runtime. */
#include "base/file.h"
#include "base/hash.h"
#include "model/model.h"
#include "test.h"

#define MATTE "\"title\": \"T\", \"task\": \"matte\", "
#define LICENCE "\"licence\": {\"kind\": \"copyleft\", \"name\": \"GPL-3.0\"}"

static void file_put(const char *folder, const char *name, const char *text)
{
    AUTO(arena_free) Arena *mem = arena_new();

    CHECK_OK(file_write(path_join(mem, folder, name), text, strlen(text)));
}

/* A folder with mine.json of that text, beside a file that is no network. */
static const char *folder_with(const char *descriptor)
{
    const char *folder = test_folder();

    file_put(folder, "mine.json", descriptor);
    file_put(folder, "mine.onnx", "no network");
    return folder;
}

static void check_descriptor_error(const char *descriptor, ErrCode code, const char *where)
{
    const char *folder = folder_with(descriptor);
    AUTO(models_close) Models *models = NULL;
    AUTO(err_free) Err *err = models_open(&(ModelsOptions){.folder = folder}, &models);

    CHECK(err);
    CHECK_TEXT(err_name(err_code(err)), err_name(code));
    CHECK_TEXT(err_where(err), where);
    CHECK(strstr(err_text(err), "mine.json"));
    test_folder_remove(folder);
}

TEST(an_operators_network_is_a_row_with_defaults)
{
    const char *folder = folder_with("{" MATTE LICENCE "}");
    AUTO(models_close) Models *models = NULL;

    CHECK_OK(models_open(&(ModelsOptions){.folder = folder}, &models));
    const ModelRow *row = models_find(models, "mine");

    CHECK(row && row->is_own);
    CHECK_TEXT(row->file, "mine.onnx");
    CHECK_INT(row->task, MODEL_MATTE);
    CHECK_INT(row->licence.kind, MODEL_LICENCE_COPYLEFT);
    CHECK_INT(row->input.layout, MODEL_NCHW);
    CHECK(row->input.scale[2] == 255 && row->output.range[1] == 1);
    CHECK_INT(models_state(models, row), MODEL_STATE_INSTALLED);
    test_folder_remove(folder);
}

TEST(a_bad_descriptor_points_at_the_field)
{
    check_descriptor_error(
        "{" MATTE "\"licence\": {\"kind\": \"copyleft\"}}", ERR_INPUT_MISSING,
        "/mine.json/licence/name");
    check_descriptor_error(
        "{" MATTE "\"colour\": 1, " LICENCE "}", ERR_INPUT_INVALID, "/mine.json/colour");
    check_descriptor_error(
        "{" MATTE "\"input\": {\"scale\": [1, 0, 1]}, " LICENCE "}", ERR_INPUT_INVALID,
        "/mine.json/input/scale");
    check_descriptor_error(
        "{" MATTE "\"input\": {\"width\": 9}, " LICENCE "}", ERR_INPUT_INVALID,
        "/mine.json/input/height");
    check_descriptor_error(
        "{" MATTE "\"sha256\": \"xy\", " LICENCE "}", ERR_INPUT_INVALID, "/mine.json/sha256");
    check_descriptor_error(
        "{" MATTE "\"file\": \"../x\", " LICENCE "}", ERR_INPUT_INVALID, "/mine.json/file");
    check_descriptor_error(
        "{\"title\": \"T\", \"task\": \"upscale\", " LICENCE "}", ERR_INPUT_INVALID,
        "/mine.json/upscale");
}

TEST(json_without_a_network_beside_it_is_no_descriptor)
{
    const char *folder = test_folder();
    AUTO(models_close) Models *models = NULL;

    file_put(folder, "notes.json", "[1]");
    CHECK_OK(models_open(&(ModelsOptions){.folder = folder}, &models));
    CHECK(!models_find(models, "notes"));
    test_folder_remove(folder);
}

TEST(kinds_of_licence_are_read_from_words)
{
    ModelLicences licences = 0;

    CHECK_OK(model_licences_parse("permissive, unstated", &licences));
    CHECK_INT(licences, 1 << MODEL_LICENCE_PERMISSIVE | 1 << MODEL_LICENCE_UNSTATED);
    CHECK_OK(model_licences_parse("", &licences));
    CHECK_INT(licences, MODEL_LICENCES_ALL);
    CHECK_ERR(
        model_licences_parse("permissive,free", &licences), ERR_INPUT_INVALID,
        "unknown kind of licence 'free'");
    CHECK_INT(licences, MODEL_LICENCES_ALL);
}

TEST(a_refused_licence_is_marked_and_never_loaded_or_default)
{
    const char *folder = folder_with("{" MATTE "\"rank\": 0, " LICENCE "}");
    AUTO(models_close) Models *open = NULL;
    AUTO(models_close) Models *strict = NULL;
    ModelsOptions options = {.folder = folder};
    Model *model = NULL;

    CHECK_OK(models_open(&options, &open));
    CHECK_TEXT(models_default(open, MODEL_MATTE)->name, "mine");

    CHECK_OK(model_licences_parse("permissive", &options.licences));
    CHECK_OK(models_open(&options, &strict));
    const ModelRow *row = models_find(strict, "mine");
    CHECK_INT(models_state(strict, row), MODEL_STATE_REFUSED);
    CHECK(models_default(strict, MODEL_MATTE) != row);
    CHECK_ERR(
        models_load(strict, "mine", &model), ERR_MODEL_REFUSED,
        "model 'mine' is under 'GPL-3.0', of a kind refused here: copyleft");
    test_folder_remove(folder);
}

TEST(a_model_that_is_missing_or_unknown_says_what_to_do)
{
    const char *folder = test_folder();
    AUTO(models_close) Models *models = NULL;
    Model *model = NULL;

    CHECK_OK(models_open(&(ModelsOptions){.folder = folder}, &models));
    CHECK_ERR(models_load(models, "nothing", &model), ERR_NOT_FOUND, "there is no model 'nothing'");
    for (size_t i = 0; i < models_count(models); i++) {
        AUTO(err_free) Err *err = models_load(models, models_at(models, i)->name, &model);

        CHECK_TEXT(err_name(err_code(err)), err_name(ERR_MODEL_MISSING));
        CHECK(strstr(err_text(err), "cyclorama models fetch"));
        CHECK_INT(models_state(models, models_at(models, i)), MODEL_STATE_MISSING);
    }
    test_folder_remove(folder);
}

TEST(a_file_of_the_wrong_size_or_hash_is_broken_even_if_it_was_good_before)
{
    AUTO(arena_free) Arena *mem = arena_new();
    char hash[HASH_TEXT_SIZE];

    hash_text(hash_bytes("no network", 10), hash);
    const char *folder = folder_with(
        arena_print(mem, "{" MATTE "\"bytes\": 10, \"sha256\": \"%s\", " LICENCE "}", hash));
    AUTO(models_close) Models *models = NULL;
    Model *model = NULL;

    CHECK_OK(models_open(&(ModelsOptions){.folder = folder}, &models));
    const ModelRow *row = models_find(models, "mine");
    CHECK_OK(models_verify(models, row));

    file_put(folder, "mine.onnx", "not worked");
    CHECK_INT(models_state(models, row), MODEL_STATE_INSTALLED);
    CHECK_ERR(
        models_load(models, "mine", &model), ERR_MODEL_BROKEN,
        "model 'mine': 'mine.onnx' has the wrong hash");
    file_put(folder, "mine.onnx", "short");
    CHECK_INT(models_state(models, row), MODEL_STATE_DAMAGED);
    CHECK_ERR(
        models_verify(models, row), ERR_MODEL_BROKEN,
        "model 'mine': 'mine.onnx' has the wrong size");
    test_folder_remove(folder);
}

TEST(a_missing_or_foreign_runtime_is_said)
{
    const char *folder = folder_with("{" MATTE LICENCE "}");
    AUTO(models_close) Models *bare = NULL;
    AUTO(models_close) Models *foreign = NULL;
    const char *version = NULL;
    Model *model = NULL;

    CHECK_OK(models_open(&(ModelsOptions){.folder = folder}, &bare));
    AUTO(err_free) Err *err = models_load(bare, "mine", &model);
    CHECK_TEXT(err_name(err_code(err)), err_name(ERR_RUNTIME_MISSING));

    CHECK_OK(models_open(&(ModelsOptions){.folder = folder, .runtime = "libm.so.6"}, &foreign));
    CHECK_ERR(
        models_runtime(foreign, &version), ERR_RUNTIME_MISSING,
        "unable to use the model runtime 'libm.so.6': 'libm.so.6' has no function 'OrtGetApiBase'");
    test_folder_remove(folder);
}

TEST(the_rows_of_the_program_are_sound_and_sorted)
{
    AUTO(models_close) Models *models = NULL;

    CHECK_OK(models_open(&(ModelsOptions){.folder = "/nonexistent"}, &models));
    for (size_t i = 0; i < models_count(models); i++) {
        const ModelRow *row = models_at(models, i);

        CHECK(row->sha256 && row->bytes > 0 && row->source && row->licence.url && !row->is_own);
        CHECK(!row->preview || models_find(models, row->preview));
        CHECK(i == 0 || models_at(models, i - 1)->task <= row->task);
    }
}
