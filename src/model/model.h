/* model.h - local neural networks, as the rest of the house sees them.
 *
 * A model is a row: a JSON descriptor that says which file, under which licence, takes which tensor and gives which one. The rows
 * of our own models travel inside the program (share/models); an operator adds a network with no code by laying NAME.json
 * beside NAME.onnx in the model folder; a row of the same name replaces ours. This folder is the only one that knows ONNX
 * Runtime, which is opened at the first load and never linked with.
 *
 * Models, its rows and its loaded networks may be used by any number of threads. A network is loaded once and shared by all of
 * them; its memory goes back with models_close. A run takes memory of its own, given back when it ends.
 */
#pragma once

#include "base/cancel.h"
#include "base/hash.h"
#include "image/image.h"
#include "shape/shape.h"

/* ---- the row ---- */

typedef enum ModelTask {
    MODEL_MATTE,   /* RGB to how much of each pixel is product */
    MODEL_UPSCALE, /* RGB to a larger RGB */
    MODEL_DEPTH,   /* RGB to nearness */
    MODEL_FACE_DETECT,
    MODEL_FACE_EMBED,
    MODEL_MODERATION,
    MODEL_TASK_MAX_
} ModelTask;

typedef enum ModelLicenceKind {
    MODEL_LICENCE_PERMISSIVE,
    MODEL_LICENCE_COPYLEFT,
    MODEL_LICENCE_NON_COMMERCIAL,
    MODEL_LICENCE_UNSTATED, /* nobody who may has said */
    MODEL_LICENCE_MAX_
} ModelLicenceKind;

extern const char *const model_task_names[]; /* "matte", by ModelTask, NULL-ended */
extern const char
    *const model_licence_kind_names[]; /* "permissive", by ModelLicenceKind, NULL-ended */

typedef struct ModelLicence {
    int kind;            /* ModelLicenceKind: what counts when licences are refused */
    const char *name;    /* of what is downloaded: "MIT" */
    const char *weights; /* of the trained numbers, where that differs or is unclear */
    const char *url;
    const char *note;
} ModelLicence;

typedef struct ModelInput {
    const char *name;      /* NULL: the network's first */
    int layout;            /* ModelLayout */
    int channels;          /* ModelChannels */
    int fit;               /* ModelFit */
    int64_t width, height; /* pixels; 0 takes any, then longest_px and multiple_of hold */
    int64_t longest_px;
    int64_t multiple_of;
    double mean[3],
        scale[3]; /* tensor = (channel of 0..255 - mean) / scale, in the order of CHANNELS */
} ModelInput;

typedef enum ModelLayout {
    MODEL_NCHW,
    MODEL_NHWC
} ModelLayout;

typedef enum ModelChannels {
    MODEL_RGB,
    MODEL_BGR,
    MODEL_GREY
} ModelChannels;

typedef enum ModelFit {
    MODEL_STRETCH,   /* to the network's size, proportions lost */
    MODEL_LETTERBOX, /* proportions kept, the rest is the mean */
} ModelFit;

typedef struct ModelOutput {
    const char *name; /* NULL: the network's first */
    int activation;   /* ModelActivation still to be applied */
    double range[2];  /* what the network gives for 0 and for 1; applied after the activation */
    bool stretch;     /* then spread least .. most over 0..1 */
} ModelOutput;

typedef enum ModelActivation {
    MODEL_ACTIVATION_NONE,
    MODEL_ACTIVATION_SIGMOID
} ModelActivation;

typedef struct ModelUpscale {
    int64_t factor;
    int64_t tile_px;    /* longest side of what the network sees at once, overlap included */
    int64_t overlap_px; /* what a tile sees beyond its edge: no less than the network's reach */
} ModelUpscale;

typedef struct ModelRow {
    const char *name;   /* "isnet" */
    const char *title;  /* "ISNet, general use" */
    int task;           /* ModelTask */
    int64_t rank;       /* the lowest of its task is taken when none is named */
    const char *file;   /* in the model folder; NAME.onnx */
    int64_t bytes;      /* of FILE; 0 is unknown */
    const char *sha256; /* of FILE; NULL is unknown */
    ModelLicence licence;
    const Value *source; /* where it is fetched from: read by the tool that fetches */
    ModelInput input;
    ModelOutput output;
    ModelUpscale upscale; /* factor 0 where it does not apply */
    const char *preview;  /* row that gives the same faster and coarser; NULL when there is none */
    bool is_own;          /* an operator's, found in the model folder */
} ModelRow;

extern const Shape model_row_shape;

/* ---- the house of models ---- */

/* Which kinds of licence may be used: bit 1 << ModelLicenceKind. */
typedef unsigned ModelLicences;

#define MODEL_LICENCES_ALL ((1u << MODEL_LICENCE_MAX_) - 1)

/* "permissive,unstated"; NULL, "" and "all" allow every kind. INPUT_INVALID with the words that may be used. */
MUST Err *model_licences_parse(const char *text, ModelLicences *ret);

typedef struct ModelsOptions {
    const char *folder;     /* may be missing; then nothing is installed */
    const char *runtime;    /* file of ONNX Runtime; NULL is FOLDER/runtime/libonnxruntime.so.1 */
    int threads;            /* that one run may use; 0 is 1. Results are the same with any number */
    ModelLicences licences; /* 0 is all */
} ModelsOptions;

typedef struct Models Models;
typedef struct Model Model;

/* Read all rows; no network and no runtime is loaded yet. INPUT_INVALID, INPUT_MISSING with the file and the field's pointer for a bad
 * descriptor in the folder. */
MUST Err *models_open(const ModelsOptions *options, Models **ret);
void models_close(Models *models); /* after the last run has ended */
DEFINE_AUTO(Models, models_close);

const char *models_folder(const Models *models);

/* The rows, sorted by task, rank and name; all borrowed until models_close. */
size_t models_count(const Models *models);
const ModelRow *models_at(const Models *models, size_t index);
const ModelRow *models_find(const Models *models, const char *name); /* NULL when there is none */
/* The first of TASK that is installed and not refused; else the first not refused, to be named in an error; or NULL. */
const ModelRow *models_default(const Models *models, ModelTask task);

/* Add to HASHER what results of ROW's network depend on: the row, and the file it stands for. */
void model_identify(const Models *models, const ModelRow *row, Hasher *hasher);

typedef enum ModelState {
    MODEL_STATE_INSTALLED, /* there and of the right size */
    MODEL_STATE_MISSING,
    MODEL_STATE_DAMAGED,
    MODEL_STATE_REFUSED, /* its licence is of a kind not allowed here */
} ModelState;

const char *model_state_name(ModelState state); /* "installed" */

ModelState
models_state(const Models *models, const ModelRow *row); /* looks at name and size only */

/* Read the whole file of ROW. MODEL_MISSING, MODEL_BROKEN when size or hash is not the row's. */
MUST Err *models_verify(const Models *models, const ModelRow *row);

/* Is there a file of the runtime? It is not opened; true as well when the system knows where to look for it. */
bool models_runtime_is_there(const Models *models);

/* Open and try the runtime, and say its version, borrowed until models_close. RUNTIME_MISSING, also when it is damaged or too old. */
MUST Err *models_runtime(Models *models, const char **ret_version);

/* The network called NAME, loaded if nobody did before; borrowed until models_close. Callers at the same time wait for one load.
 * NOT_FOUND, MODEL_REFUSED, MODEL_MISSING, MODEL_BROKEN (its file is hashed at the first load after it changed),
 * RUNTIME_MISSING. A load that failed is tried again by the next caller. */
MUST Err *models_load(Models *models, const char *name, Model **ret);

const ModelRow *model_row(const Model *model);

/* ---- running, in tensors ---- */

enum {
    MODEL_RANK_MAX = 6,
    MODEL_TENSORS_MAX = 16 /* one way, of one run */
};

/* A block of floats with named axes' lengths. */
typedef struct ModelTensor {
    const char
        *name; /* as the network calls it; NULL takes the row's name, or else the network's first */
    float *values;
    int64_t sides[MODEL_RANK_MAX];
    int rank;
    void *hold_; /* what an output's values live in */
} ModelTensor;

void model_tensor_done(
    ModelTensor
        *tensor); /* of an output, before models_close; an input's values stay its maker's */
DEFINE_AUTO_DONE(ModelTensor, model_tensor_done);

size_t model_tensor_count(const ModelTensor *tensor); /* values in it */

typedef struct ModelRun {
    const ModelTensor *inputs;
    size_t inputs_count;
    ModelTensor
        *outputs; /* their names are read, the rest is set; only what is named is computed */
    size_t outputs_count;
} ModelRun;

/* Run once. CANCELLED or TIMED_OUT when CANCEL was asked (the run stops between two nodes of the network); MODEL_FAILED when
 * it does not take the inputs or finds no memory. Outputs stay untouched on failure. */
MUST Err *model_run(Model *model, const ModelRun *run, Cancel *cancel);

/* ---- running, in pictures ---- */

/* A one-channel DEPTH_FLOAT mask of 0..1 of all of PHOTO, RGB (alpha is dropped), at the network's own resolution: to be enlarged and
 * refined by the caller. Works for MODEL_MATTE and MODEL_DEPTH. */
MUST Err *model_matte(Model *model, const Image *photo, Cancel *cancel, Image **ret);

typedef struct ModelUpscaling {
    int tile_px, overlap_px; /* 0 takes the row's */
    Cancel *cancel;
    void (*progress)(void *context, double part); /* 0..1 of the tiles are done; may be NULL */
    void *context;
} ModelUpscaling;

/* RGB, DEPTH_8, to the row's factor as large, in tiles whose memory does not grow with the picture; OPTIONS may be NULL. Tiles see their
 * neighbours as far as the network reaches, and the picture's own mirror image beyond its edge, so no seam shows. */
MUST Err *model_upscale(Model *model, const Image *rgb, const ModelUpscaling *options, Image **ret);
