/* face.h - faces in pictures: where they are, and whether two are of one person.
 *
 * A face is found by a network of task MODEL_FACE_DETECT that speaks BlazeFace's dialect (square input, 896 anchors, six points a
 * face) and described by one of MODEL_FACE_EMBED. Pictures are RGB of 8 bits, only read. Any thread.
 */
#pragma once

#include "model/model.h"

enum {
    FACE_POINTS = 6,
    FACE_NUMBERS = 128, /* of a description */
    FACES_MAX = 64
};

typedef struct FacePoint {
    float x, y; /* pixels of the picture */
} FacePoint;

typedef struct Face {
    float left, top, width,
        height;       /* pixels, from brow to chin; may reach over the picture's edges */
    float confidence; /* 0..1 */
    FacePoint points
        [FACE_POINTS]; /* as the picture shows them: left eye, right eye, nose, mouth, left ear, right ear */
} Face;

typedef struct Faces {
    Face items[FACES_MAX];
    size_t count;
} Faces;

/* Faces of PHOTO, the surest first: looked for in all of it and, for small ones, in overlapping squares of it down to an eighth.
 * A picture without faces is no failure. As model_run fails; MODEL_BROKEN when the network is none of BlazeFace's kind. */
MUST Err *model_faces(Model *model, const Image *photo, Cancel *cancel, Faces *ret);

/* What makes a face this person's: a direction, of length 1. */
typedef struct FaceMark {
    float numbers[FACE_NUMBERS];
} FaceMark;

/* Describe FACE of PHOTO, turned upright and to one size. As model_run fails; MODEL_BROKEN when the network gives another number
 * of numbers. */
MUST Err *
model_face_mark(Model *model, const Image *photo, const Face *face, Cancel *cancel, FaceMark *ret);

/* The cosine between two descriptions, -1..1, as the network means it. */
double face_cosine(const FaceMark *a, const FaceMark *b);

/* How alike two faces are, 0..1: a cosine of 0.8, as two strangers have it, is 0 and a cosine of 1, of the same picture, is 1; in
 * between it is even. One person parts from two at FACE_ALIKE. */
double face_likeness(double cosine);

#define FACE_ALIKE 0.65
