/* model_priv.h - what the files of this folder share. */
#pragma once

#include <pthread.h>

#include "model/model.h"
#include "model/ort_priv.h"

/* Read one descriptor; NAME is used where it has none. Texts live in MEM, the source is borrowed from VALUE. */
MUST Err *row_read(const Value *value, const char *name, Arena *mem, ModelRow *ret);

/* A row and, once somebody asked for it, its network. */
struct Model {
    ModelRow row;
    pthread_mutex_t mutex; /* held while loading */
    OrtNetwork *network;   /* NULL until loaded */
};

typedef enum CheckHow {
    CHECK_REMEMBERED, /* trust a hash found good before */
    CHECK_ANEW
} CheckHow;

/* Do the size and hash of the file at PATH agree with ROW? MODEL_MISSING, MODEL_BROKEN. A hash that was found good is remembered in
 * PATH.checked, with what tells that the file has not been touched since, so that later processes need not read it all. */
MUST Err *model_file_check(const ModelRow *row, const char *path, CheckHow how);
bool model_file_is_of_size(const char *path, int64_t bytes); /* 0 bytes fits any */

/* Sides of the picture inside the tensor that ROW's network gets for a photo of WIDTH x HEIGHT. */
typedef struct Fitting {
    int width, height; /* of the tensor */
    Box inside;        /* where the photo lies in it */
} Fitting;

Fitting fitting_of(const ModelInput *input, int width, int height);

/* PHOTO, RGB of 8 bits and of the size of FITTING's inside, as a new tensor; its values are the caller's to free. */
MUST Err *model_tensor_of_photo(
    const ModelInput *input, const Fitting *fitting, const Image *photo, ModelTensor *ret);

/* Bring network values to 0..1 as OUTPUT says. */
void model_values_to_unit(const ModelOutput *output, float *values, size_t count);
