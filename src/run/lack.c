/* What workers of this process lack: pictures that need it are left to others. */
#include "model/model.h"
#include "run/run_priv.h"

static bool cutter_is_there(const Models *models)
{
    const ModelRow *row = models ? models_default(models, MODEL_MATTE) : NULL;

    return row && models_state(models, row) == MODEL_STATE_INSTALLED;
}

const char *run_lack(const Studio *studio)
{
    if (vendors_serve(studio->vendors, ABILITY_CUTOUT))
        return NULL;
    if (!cutter_is_there(studio->models))
        return "No network that cuts products out is installed here: photos with a background "
               "wait for a worker that has one. Run 'cyclorama models fetch'.";
    if (!models_runtime_is_there(studio->models))
        return "The library that runs networks is not installed here: photos with a background "
               "wait for a worker that has it. Run 'cyclorama models fetch runtime'.";
    return NULL;
}

/* What is there and broken is no lack that passes: such a picture fails. */
bool run_is_lacking(void *studio_any, ErrCode why)
{
    const Studio *studio = studio_any;
    const char *version;

    switch (why) {
    case ERR_MODEL_MISSING:
    case ERR_MODEL_REFUSED:
    case ERR_MODEL_BROKEN:
        return !cutter_is_there(studio->models);
    case ERR_RUNTIME_MISSING: {
        AUTO(err_free) Err *err = models_runtime(studio->models, &version);

        return err && err_code(err) == ERR_RUNTIME_MISSING;
    }
    default:
        return false;
    }
}
