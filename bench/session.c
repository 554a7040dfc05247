/* The limit of a cut-out: the bare run of the matting network. session MODELS_FOLDER COUNT prints processor ms of one run. */
#include "base/clock.h"
#include "model/model.h"

enum {
    SIDE = 1024
};

static float
    values[3 * SIDE * SIDE]; /* what is in the picture does not change how much there is to do */

static MUST Err *session_measure(const char *folder, int count, double *ret_ms)
{
    AUTO(models_close) Models *models = NULL;
    const ModelTensor input = {.values = values, .sides = {1, 3, SIDE, SIDE}, .rank = 4};
    Model *model;

    TRY(models_open(&(ModelsOptions){.folder = folder, .threads = 2}, &models));
    TRY(models_load(models, "isnet", &model));
    for (size_t i = 0; i < COUNT(values); i++)
        values[i] = (float)(i % SIDE) / SIDE - 0.5f;

    int64_t start_ms = clock_cpu_ms();
    for (int i = 0; i < count; i++) {
        AUTO(model_tensor_done) ModelTensor matte = {0};

        TRY(model_run(model, &(ModelRun){&input, 1, &matte, 1}, NULL));
    }
    *ret_ms = (double)(clock_cpu_ms() - start_ms) / count;
    return NULL;
}

int main(int argc, char **argv)
{
    double ms = 0;

    if (argc != 3)
        return 2;
    image_start(1);
    AUTO(err_free) Err *err = image_open();
    if (!err)
        err = session_measure(argv[1], (int)strtol(argv[2], NULL, 10), &ms);
    if (err) {
        fprintf(stderr, "%s\n", err_message(err));
        return 1;
    }
    printf("%.0f\n", ms);
    return 0;
}
