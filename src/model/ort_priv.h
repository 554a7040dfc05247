/* ort_priv.h - ONNX Runtime: opened at run time, spoken to through our own declaration of its C ABI.
 *
 * The runtime gives one table of function pointers that only ever grows at its end: a slot keeps its number and its signature in
 * every later version. Declaring the slots we use is therefore enough for version 1.17 and all after it, and spares us both
 * the header and a link to one exact version.
 */
#pragma once

#include "base/cancel.h"
#include "model/model.h"

typedef struct Ort Ort;
typedef struct OrtNetwork OrtNetwork;

/* Open the library at PATH and try it on a tiny network. RUNTIME_MISSING when there is none or it fails. The library stays mapped
 * until the process ends: its threads may still stand in it. */
MUST Err *ort_open(const char *path, Ort **ret);
void ort_close(Ort *ort);
DEFINE_AUTO(Ort, ort_close);

const char *ort_version(const Ort *ort);

/* The network of a file, or of SIZE bytes that are not needed afterwards. MODEL_BROKEN. */
MUST Err *ort_load_file(Ort *ort, const char *path, int threads, OrtNetwork **ret);
MUST Err *ort_load_bytes(Ort *ort, const void *bytes, size_t size, int threads, OrtNetwork **ret);
void ort_network_free(OrtNetwork *network);
DEFINE_AUTO(OrtNetwork, ort_network_free);

/* Name of the first input and output. */
const char *ort_input_name(const OrtNetwork *network);
const char *ort_output_name(const OrtNetwork *network);

/* As model_run; every tensor has its name. */
MUST Err *ort_run(OrtNetwork *network, const ModelRun *run, Cancel *cancel);
