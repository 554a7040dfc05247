/* network.h - tiny ONNX files for tests, written field by field: nothing has to be downloaded to test how networks are run. */
#pragma once

#include "base/buf.h"

typedef struct Node {
    const char *op;
    const char *inputs[4]; /* "" leaves one out; ended by NULL */
    const char *output;
    struct {
        const char *name;
        const char *word;   /* or else: */
        int64_t numbers[4]; /* COUNT of them, or one when COUNT is 0 */
        int count;
    } attributes[4];
} Node;

/* A constant: floats or, where WHOLE, 64-bit numbers. */
typedef struct Constant {
    const char *name;
    int64_t sides[4];
    int rank;
    const float *floats;
    const int64_t *whole;
} Constant;

typedef struct Network {
    const Node *nodes;
    size_t nodes_count;
    const Constant *constants;
    size_t constants_count;
    int64_t input[4], output[4]; /* sides; 0 is any */
} Network;

/* The network with one input "x" and one output "y" of four sides, as an ONNX file of opset 13. */
void network_write(const Network *network, Buf *file);
