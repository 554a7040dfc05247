/* ONNX Runtime, opened when it is needed, behind a typed table of the slots we use. */
#include <malloc.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/library.h"
#include "model/denormal_priv.h"
#include "model/ort_priv.h"

typedef struct OrtStatus OrtStatus; /* NULL is success */
typedef struct OrtEnv OrtEnv;
typedef struct OrtSession OrtSession;
typedef struct OrtSessionOptions OrtSessionOptions;
typedef struct OrtRunOptions OrtRunOptions;
typedef struct OrtValue OrtValue;
typedef struct OrtMemoryInfo OrtMemoryInfo;
typedef struct OrtAllocator OrtAllocator;
typedef struct OrtTensorInfo OrtTensorInfo;

enum {
    ORT_API_VERSION = 17, /* the oldest whose table holds every slot below */
    ORT_LOG_ERROR = 3,
    ORT_OPTIMIZE_ALL = 99,
    ORT_ELEMENT_FLOAT = 1,
    ORT_ALLOCATOR_ARENA = 1,
    ORT_MEMORY_DEFAULT = 0
};

/* `unused_N` are slots N and on that we do not call. */
typedef struct OrtApi {
    void *unused_0[2];
    const char *(*GetErrorMessage)(const OrtStatus *status);
    OrtStatus *(*CreateEnv)(int log_level, const char *log_id, OrtEnv **out);
    void *unused_4[3];
    OrtStatus *(*CreateSession)(
        const OrtEnv *env, const char *path, const OrtSessionOptions *options, OrtSession **out);
    OrtStatus *(*CreateSessionFromArray)(
        const OrtEnv *env, const void *bytes, size_t size, const OrtSessionOptions *options,
        OrtSession **out);
    OrtStatus *(*Run)(
        OrtSession *session, const OrtRunOptions *options, const char *const *input_names,
        const OrtValue *const *inputs, size_t inputs_count, const char *const *output_names,
        size_t outputs_count, OrtValue **outputs);
    OrtStatus *(*CreateSessionOptions)(OrtSessionOptions **out);
    void *unused_11[6];
    OrtStatus *(*DisableMemPattern)(OrtSessionOptions *options);
    void *unused_18[1];
    OrtStatus *(*DisableCpuMemArena)(OrtSessionOptions *options);
    void *unused_20[3];
    OrtStatus *(*SetSessionGraphOptimizationLevel)(OrtSessionOptions *options, int level);
    OrtStatus *(*SetIntraOpNumThreads)(OrtSessionOptions *options, int threads);
    OrtStatus *(*SetInterOpNumThreads)(OrtSessionOptions *options, int threads);
    void *unused_26[4];
    OrtStatus *(*SessionGetInputCount)(const OrtSession *session, size_t *out);
    OrtStatus *(*SessionGetOutputCount)(const OrtSession *session, size_t *out);
    void *unused_32[4];
    OrtStatus *(*SessionGetInputName)(
        const OrtSession *session, size_t index, OrtAllocator *allocator, char **out);
    OrtStatus *(*SessionGetOutputName)(
        const OrtSession *session, size_t index, OrtAllocator *allocator, char **out);
    void *unused_38[1];
    OrtStatus *(*CreateRunOptions)(OrtRunOptions **out);
    void *unused_40[6];
    OrtStatus *(*RunOptionsSetTerminate)(OrtRunOptions *options);
    void *unused_47[2];
    OrtStatus *(*CreateTensorWithDataAsOrtValue)(
        const OrtMemoryInfo *memory, void *values, size_t bytes, const int64_t *sides, size_t rank,
        int element, OrtValue **out);
    void *unused_50[1];
    OrtStatus *(*GetTensorMutableData)(OrtValue *value, void **out);
    void *unused_52[8];
    OrtStatus *(*GetTensorElementType)(const OrtTensorInfo *info, int *out);
    OrtStatus *(*GetDimensionsCount)(const OrtTensorInfo *info, size_t *out);
    OrtStatus *(*GetDimensions)(const OrtTensorInfo *info, int64_t *sides, size_t rank);
    void *unused_63[2];
    OrtStatus *(*GetTensorTypeAndShape)(const OrtValue *value, OrtTensorInfo **out);
    void *unused_66[3];
    OrtStatus *(*CreateCpuMemoryInfo)(int allocator, int type, OrtMemoryInfo **out);
    void *unused_70[6];
    OrtStatus *(*AllocatorFree)(OrtAllocator *allocator, void *memory);
    void *unused_77[1];
    OrtStatus *(*GetAllocatorWithDefaultOptions)(OrtAllocator **out);
    void *unused_79[13];
    void (*ReleaseEnv)(OrtEnv *env);
    void (*ReleaseStatus)(OrtStatus *status);
    void (*ReleaseMemoryInfo)(OrtMemoryInfo *memory);
    void (*ReleaseSession)(OrtSession *session);
    void (*ReleaseValue)(OrtValue *value);
    void (*ReleaseRunOptions)(OrtRunOptions *options);
    void *unused_98[1];
    void (*ReleaseTensorTypeAndShapeInfo)(OrtTensorInfo *info);
    void (*ReleaseSessionOptions)(OrtSessionOptions *options);
    void *unused_101[29];
    OrtStatus *(*AddSessionConfigEntry)(
        OrtSessionOptions *options, const char *key, const char *value);
} OrtApi;

#define SLOT(name, number) \
    _Static_assert(offsetof(OrtApi, name) == (number) * sizeof(void *), #name " is slot " #number)
SLOT(GetErrorMessage, 2);
SLOT(CreateEnv, 3);
SLOT(CreateSession, 7);
SLOT(CreateSessionFromArray, 8);
SLOT(Run, 9);
SLOT(CreateSessionOptions, 10);
SLOT(DisableMemPattern, 17);
SLOT(DisableCpuMemArena, 19);
SLOT(SetSessionGraphOptimizationLevel, 23);
SLOT(SetIntraOpNumThreads, 24);
SLOT(SetInterOpNumThreads, 25);
SLOT(SessionGetInputCount, 30);
SLOT(SessionGetOutputCount, 31);
SLOT(SessionGetInputName, 36);
SLOT(SessionGetOutputName, 37);
SLOT(CreateRunOptions, 39);
SLOT(RunOptionsSetTerminate, 46);
SLOT(CreateTensorWithDataAsOrtValue, 49);
SLOT(GetTensorMutableData, 51);
SLOT(GetTensorElementType, 60);
SLOT(GetDimensionsCount, 61);
SLOT(GetDimensions, 62);
SLOT(GetTensorTypeAndShape, 65);
SLOT(CreateCpuMemoryInfo, 69);
SLOT(AllocatorFree, 76);
SLOT(GetAllocatorWithDefaultOptions, 78);
SLOT(ReleaseEnv, 92);
SLOT(ReleaseStatus, 93);
SLOT(ReleaseMemoryInfo, 94);
SLOT(ReleaseSession, 95);
SLOT(ReleaseValue, 96);
SLOT(ReleaseRunOptions, 97);
SLOT(ReleaseTensorTypeAndShapeInfo, 99);
SLOT(ReleaseSessionOptions, 100);
SLOT(AddSessionConfigEntry, 130);

typedef struct OrtApiBase {
    const OrtApi *(*GetApi)(uint32_t version);
    const char *(*GetVersionString)(void);
} OrtApiBase;

struct Ort {
    const OrtApi *api;
    const OrtApiBase *base;
    OrtEnv *env;
    OrtMemoryInfo *memory;
    OrtAllocator *allocator; /* the runtime's own; not to be released */
};

struct OrtNetwork {
    const Ort *ort;
    OrtSession *session;
    char *input_name, *output_name;
};

/* ---- errors ---- */

static MUST Err *status_err(const Ort *ort, OrtStatus *status, ErrCode code, const char *call)
{
    Err *err = err_new(code, "onnx runtime: %s: %s", call, ort->api->GetErrorMessage(status));

    ort->api->ReleaseStatus(status);
    return err;
}

/* An Err of CODE when the slot CALL fails: the code says which call failed, never what the runtime wrote. */
#define ORT_TRY(ort, code, call, ...) \
    do { \
        OrtStatus *ort_status_ = (ort)->api->call(__VA_ARGS__); \
        if (ort_status_) \
            return status_err((ort), ort_status_, (code), #call); \
    } while (0)

/* ---- the library ---- */

/* Y = relu(X * a + b) on two floats, a = 2, b = 1: three nodes that prove slots and kernels before a customer's photo does.
 * A serialised ModelProto of onnx.proto: field number and wire type, length, content. */
static const unsigned char self_test_network[] = {
    0x08, 7,    0x3a, 109, /* ir_version 7, graph */
    0x0a, 14,   0x0a, 1,   'X',  0x0a, 1,   'a',  0x12, 1,    'm', 0x22, 3,    'M',
    'u',  'l', /* node */
    0x0a, 14,   0x0a, 1,   'm',  0x0a, 1,   'b',  0x12, 1,    's', 0x22, 3,    'A',
    'd',  'd',                                                                      /* node */
    0x0a, 12,   0x0a, 1,   's',  0x12, 1,   'Y',  0x22, 4,    'R', 'e',  'l',  'u', /* node */
    0x12, 1,    't', /* name of the graph */
    0x2a, 11,   0x10, 1,   0x42, 1,    'a', 0x4a, 4,    0,    0,   0x00, 0x40, /* float a = 2, little end first */
    0x2a, 11,   0x10, 1,   0x42, 1,    'b', 0x4a, 4,    0,    0,   0x80, 0x3f, /* float b = 1 */
    0x5a, 15,   0x0a, 1,   'X',  0x12, 10,  0x0a, 8,    0x08, 1,   0x12, 4,    0x0a,
    2,    0x08, 2, /* in: float[2] */
    0x62, 15,   0x0a, 1,   'Y',  0x12, 10,  0x0a, 8,    0x08, 1,   0x12, 4,    0x0a,
    2,    0x08, 2,                   /* out: float[2] */
    0x42, 4,    0x0a, 0,   0x10, 13, /* opset 13 */
};

static MUST Err *self_test(Ort *ort)
{
    AUTO(ort_network_free) OrtNetwork *network = NULL;
    AUTO(model_tensor_done) ModelTensor output = {.name = "Y"};
    float values[] = {-3, 4};
    ModelTensor input = {.name = "X", .values = values, .sides = {2}, .rank = 1};
    ModelRun run = {&input, 1, &output, 1};

    TRY(ort_load_bytes(ort, self_test_network, sizeof(self_test_network), 1, &network));
    TRY(ort_run(network, &run, NULL));
    if (output.rank != 1 || output.sides[0] != 2 || output.values[0] != 0 || output.values[1] != 9)
        return err_new(ERR_RUNTIME_MISSING, "the runtime computes wrongly");
    return NULL;
}

static MUST Err *ort_prepare(Ort *ort)
{
    ort->api = ort->base->GetApi(ORT_API_VERSION);
    if (!ort->api)
        return err_new(
            ERR_RUNTIME_MISSING, "version %s is too old: 1.%d is needed", ort_version(ort),
            ORT_API_VERSION);
    ORT_TRY(ort, ERR_RUNTIME_MISSING, CreateEnv, ORT_LOG_ERROR, "cyclorama", &ort->env);
    ORT_TRY(
        ort, ERR_RUNTIME_MISSING, CreateCpuMemoryInfo, ORT_ALLOCATOR_ARENA, ORT_MEMORY_DEFAULT,
        &ort->memory);
    ORT_TRY(ort, ERR_RUNTIME_MISSING, GetAllocatorWithDefaultOptions, &ort->allocator);
    return self_test(ort);
}

Err *ort_open(const char *path, Ort **ret)
{
    static const LibraryRow rows[] = {{"OrtGetApiBase", 0}, {0}};
    AUTO(ort_close) Ort *ort = calloc(1, sizeof(*ort));
    const OrtApiBase *(*get_base)(void) = NULL;

    if (!ort)
        abort();
    Err *cause = library_open(path, rows, &get_base);
    if (!cause) {
        ort->base = get_base();
        cause = ort_prepare(ort);
    }
    if (cause)
        return err_because(
            err_new(ERR_RUNTIME_MISSING, "unable to use the model runtime '%s'", path), cause);
    *ret = TAKE(ort);
    return NULL;
}

void ort_close(Ort *ort)
{
    if (!ort)
        return;
    if (ort->memory)
        ort->api->ReleaseMemoryInfo(ort->memory);
    if (ort->env)
        ort->api->ReleaseEnv(ort->env);
    free(ort);
}

const char *ort_version(const Ort *ort)
{
    return ort->base->GetVersionString();
}

/* ---- a network ---- */

typedef struct Loading {
    const char *path; /* or else: */
    const void *bytes;
    size_t size;
    int threads;
} Loading;

/* Arena and memory pattern keep the peak of every size seen: without them a run gives back all it took, for some percent of time.
 * Spinning threads burn the cores that other workers' runs need. */
static MUST Err *options_fill(const Ort *ort, OrtSessionOptions *options, int threads)
{
    static const struct {
        const char *key, *value;
    } entries[] = {
        {"session.set_denormal_as_zero", "1"}, /* in the pool's threads; ours see to themselves */
        {"session.intra_op.allow_spinning", "0"},
    };

    ORT_TRY(ort, ERR_BUG, SetSessionGraphOptimizationLevel, options, ORT_OPTIMIZE_ALL);
    ORT_TRY(ort, ERR_BUG, SetIntraOpNumThreads, options, MAX(threads, 1));
    ORT_TRY(ort, ERR_BUG, SetInterOpNumThreads, options, 1);
    ORT_TRY(ort, ERR_BUG, DisableCpuMemArena, options);
    ORT_TRY(ort, ERR_BUG, DisableMemPattern, options);
    for (size_t i = 0; i < COUNT(entries); i++)
        ORT_TRY(ort, ERR_BUG, AddSessionConfigEntry, options, entries[i].key, entries[i].value);
    return NULL;
}

static MUST Err *session_create(const Ort *ort, const Loading *loading, OrtSession **ret)
{
    OrtSessionOptions *options = NULL;
    OrtSession *session = NULL;
    OrtStatus *status = NULL;

    ORT_TRY(ort, ERR_MEMORY_SPENT, CreateSessionOptions, &options);
    Err *err = options_fill(ort, options, loading->threads);
    if (!err) {
        /* The first session sets this thread to flush denormals for good; that is not the runtime's to decide. */
        DenormalMode mode = denormals_keep();

        status = loading->path ? ort->api->CreateSession(ort->env, loading->path, options, &session)
                               : ort->api->CreateSessionFromArray(
                                     ort->env, loading->bytes, loading->size, options, &session);
        denormals_restore(mode);
    }
    ort->api->ReleaseSessionOptions(options);
    if (err)
        return err;
    if (status)
        return status_err(ort, status, ERR_MODEL_BROKEN, "CreateSession");
    malloc_trim(0); /* the file's bytes, freed but kept by malloc, are as large as the network */
    *ret = session;
    return NULL;
}

static MUST Err *names_read(OrtNetwork *network)
{
    const Ort *ort = network->ort;
    size_t inputs = 0, outputs = 0;

    ORT_TRY(ort, ERR_MODEL_BROKEN, SessionGetInputCount, network->session, &inputs);
    ORT_TRY(ort, ERR_MODEL_BROKEN, SessionGetOutputCount, network->session, &outputs);
    if (!inputs || !outputs)
        return err_new(
            ERR_MODEL_BROKEN, "the network has %zu inputs and %zu outputs", inputs, outputs);
    ORT_TRY(
        ort, ERR_MODEL_BROKEN, SessionGetInputName, network->session, 0, ort->allocator,
        &network->input_name);
    ORT_TRY(
        ort, ERR_MODEL_BROKEN, SessionGetOutputName, network->session, 0, ort->allocator,
        &network->output_name);
    return NULL;
}

static MUST Err *network_load(Ort *ort, const Loading *loading, OrtNetwork **ret)
{
    AUTO(ort_network_free) OrtNetwork *network = calloc(1, sizeof(*network));

    if (!network)
        abort();
    network->ort = ort;
    TRY(session_create(ort, loading, &network->session));
    TRY(names_read(network));
    *ret = TAKE(network);
    return NULL;
}

Err *ort_load_file(Ort *ort, const char *path, int threads, OrtNetwork **ret)
{
    return network_load(ort, &(Loading){.path = path, .threads = threads}, ret);
}

Err *ort_load_bytes(Ort *ort, const void *bytes, size_t size, int threads, OrtNetwork **ret)
{
    return network_load(ort, &(Loading){.bytes = bytes, .size = size, .threads = threads}, ret);
}

static void name_free(const Ort *ort, char *name)
{
    OrtStatus *status = name ? ort->api->AllocatorFree(ort->allocator, name) : NULL;

    if (status)
        ort->api->ReleaseStatus(status);
}

void ort_network_free(OrtNetwork *network)
{
    if (!network)
        return;
    name_free(network->ort, network->input_name);
    name_free(network->ort, network->output_name);
    if (network->session)
        network->ort->api->ReleaseSession(network->session);
    free(network);
}

const char *ort_input_name(const OrtNetwork *network)
{
    return network->input_name;
}

const char *ort_output_name(const OrtNetwork *network)
{
    return network->output_name;
}

/* ---- a run ---- */

/* What one run holds; options are its own, as a terminated run must not end another. */
typedef struct Running {
    const Ort *ort;
    OrtRunOptions *options;
    OrtValue *inputs[MODEL_TENSORS_MAX], *outputs[MODEL_TENSORS_MAX];
    const char *input_names[MODEL_TENSORS_MAX], *output_names[MODEL_TENSORS_MAX];
    atomic_bool is_stopped;
} Running;

static void running_done(Running *running)
{
    const OrtApi *api = running->ort->api;

    for (size_t i = 0; i < MODEL_TENSORS_MAX; i++) {
        if (running->inputs[i])
            api->ReleaseValue(running->inputs[i]);
        if (running->outputs[i])
            api->ReleaseValue(running->outputs[i]);
    }
    if (running->options)
        api->ReleaseRunOptions(running->options);
}
DEFINE_AUTO_DONE(Running, running_done);

static void running_stop(void *running_any)
{
    Running *running = running_any;
    OrtStatus *status = running->ort->api->RunOptionsSetTerminate(running->options);

    if (status)
        running->ort->api->ReleaseStatus(status);
    else
        atomic_store(&running->is_stopped, true);
}

static MUST Err *inputs_wrap(Running *running, const ModelRun *run)
{
    const Ort *ort = running->ort;

    for (size_t i = 0; i < run->inputs_count; i++) {
        const ModelTensor *input = &run->inputs[i];

        running->input_names[i] = input->name;
        ORT_TRY(
            ort, ERR_BUG, CreateTensorWithDataAsOrtValue, ort->memory, input->values,
            model_tensor_count(input) * sizeof(float), input->sides, (size_t)input->rank,
            ORT_ELEMENT_FLOAT, &running->inputs[i]);
    }
    return NULL;
}

static MUST Err *sides_read(const Ort *ort, const OrtTensorInfo *info, ModelTensor *tensor)
{
    size_t rank = 0;
    int element = 0;

    ORT_TRY(ort, ERR_MODEL_BROKEN, GetTensorElementType, info, &element);
    ORT_TRY(ort, ERR_MODEL_BROKEN, GetDimensionsCount, info, &rank);
    if (element != ORT_ELEMENT_FLOAT || rank > MODEL_RANK_MAX)
        return err_new(
            ERR_MODEL_BROKEN,
            "output '%s' is of type %d with %zu axes; floats, %d at most are read", tensor->name,
            element, rank, MODEL_RANK_MAX);
    ORT_TRY(ort, ERR_MODEL_BROKEN, GetDimensions, info, tensor->sides, rank);
    tensor->rank = (int)rank;
    return NULL;
}

/* An output handed out keeps the runtime's value, so that large results are not copied. */
typedef struct Hold {
    const Ort *ort;
    OrtValue *value;
} Hold;

static MUST Err *output_read(const Ort *ort, OrtValue **value, ModelTensor *tensor)
{
    OrtTensorInfo *info = NULL;
    void *values = NULL;

    ORT_TRY(ort, ERR_MODEL_BROKEN, GetTensorTypeAndShape, *value, &info);
    Err *err = sides_read(ort, info, tensor);
    ort->api->ReleaseTensorTypeAndShapeInfo(info);
    if (err)
        return err;
    ORT_TRY(ort, ERR_MODEL_BROKEN, GetTensorMutableData, *value, &values);

    Hold *hold = malloc(sizeof(*hold));
    if (!hold)
        abort();
    *hold = (Hold){ort, TAKE(*value)};
    tensor->values = values;
    tensor->hold_ = hold;
    return NULL;
}

void model_tensor_done(ModelTensor *tensor)
{
    Hold *hold = tensor->hold_;

    if (!hold)
        return;
    hold->ort->api->ReleaseValue(hold->value);
    free(hold);
    tensor->hold_ = NULL;
    tensor->values = NULL;
}

static MUST Err *outputs_take(Running *running, const ModelRun *run)
{
    ModelTensor taken[MODEL_TENSORS_MAX] = {0};
    Err *err = NULL;

    for (size_t i = 0; i < run->outputs_count && !err; i++) {
        taken[i].name = run->outputs[i].name;
        err = output_read(running->ort, &running->outputs[i], &taken[i]);
    }
    for (size_t i = 0; i < run->outputs_count; i++)
        if (err)
            model_tensor_done(&taken[i]);
        else
            run->outputs[i] = taken[i];
    return err;
}

Err *ort_run(OrtNetwork *network, const ModelRun *run, Cancel *cancel)
{
    const Ort *ort = network->ort;
    AUTO(running_done) Running running = {.ort = ort};
    CancelHook hook = {running_stop, &running};

    TRY(cancel_check(cancel));
    ORT_TRY(ort, ERR_MEMORY_SPENT, CreateRunOptions, &running.options);
    TRY(inputs_wrap(&running, run));
    for (size_t i = 0; i < run->outputs_count; i++)
        running.output_names[i] = run->outputs[i].name;

    cancel_hook_add(cancel, &hook);
    DenormalMode mode = denormals_flush();
    OrtStatus *status = ort->api->Run(
        network->session, running.options, running.input_names,
        (const OrtValue *const *)running.inputs, run->inputs_count, running.output_names,
        run->outputs_count, running.outputs);
    denormals_restore(mode);
    cancel_hook_remove(cancel, &hook);

    /* The runtime has one status for "told to stop" and for real failures: our own flag tells them apart. */
    if (status && atomic_load(&running.is_stopped)) {
        ort->api->ReleaseStatus(status);
        return cancel_check(cancel);
    }
    if (status)
        return status_err(ort, status, ERR_MODEL_FAILED, "Run");
    return outputs_take(&running, run);
}
