/* frame.h - a picture in another frame: never stretched, and nothing of the product cut away. */
#pragma once

#include "image/image.h"

typedef struct Sides {
    int left, top, right, bottom;
} Sides;

/* PICTURE (RGB, DEPTH_16) with BY more on each side. OPEN is how deep nothing stands at each edge, so that it may be shown again. */
MUST Err *market_grow(const Image *picture, const Sides *by, const Sides *open, Image **ret);

typedef struct FrameWish {
    int width_px, height_px;
    double fill_least,
        fill_most;  /* of 1: how much of the frame a product on plain ground fills; 0 for any */
    Box product;    /* where it stands, when somebody knows; else empty */
    int whiten;     /* as market_is_near_white */
    Colour ground;  /* behind what is transparent */
    bool is_opaque; /* it may not stay transparent */
    int threads;
} FrameWish;

typedef struct FrameFacts {
    bool is_cropped, is_grown, is_whitened;
    double scale;       /* pixels of the result for one of the picture */
    const char *ground; /* "plain", "transparent", "set" */
    Box product;        /* where it stands in the result; of no width when nobody knows */
} FrameFacts;

/* PICTURE, RGB or RGBA of DEPTH_8, in another frame. Takes 12 bytes a pixel of the larger of frame and twice the result. */
MUST Err *
market_frame(const Image *picture, const FrameWish *wish, Image **ret, FrameFacts *ret_facts);
