/* cyclorama --version. */
#include "app/version.h"

#include "app/rig.h"
#include "model/model.h"

const char version_program[] = CYCLORAMA_VERSION;
const char version_maker[] = "Cyclorama " CYCLORAMA_VERSION;

/* A version must be told even where settings or models are broken: that is when people ask for it. */
static const char *runtime_words(App *app)
{
    extern char **environ;
    const ConfSources sources = {.environment = environ, .program = app->program};
    AUTO(models_close) Models *models = NULL;
    const char *version = NULL;
    Err *err = conf_read(&sources, app->mem, &app->settings);

    if (!err)
        err = rig_models(&app->settings, 1, &models);
    if (!err)
        err = models_runtime(models, &version);
    err_free(err);
    return version ? arena_text(app->mem, version) : "not installed";
}

void version_print(App *app)
{
    fprintf(app->out, "cyclorama %s\n", version_program);
    fprintf(app->out, "ONNX Runtime %s\n", runtime_words(app));
    fprintf(app->out, "%s\n%s\n%s\n", image_library(), value_library(), hash_library());
}
