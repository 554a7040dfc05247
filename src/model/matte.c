/* A photo in, one plane of 0..1 out: mattes and depths. */
#include <math.h>
#include <string.h>

#include "model/model_priv.h"

/* Width and height of an output of one plane: all other sides are 1. */
static MUST Err *
plane_sides(const ModelRow *row, const ModelTensor *tensor, int *ret_width, int *ret_height)
{
    int rank = tensor->rank;

    if (rank > 2 && tensor->sides[rank - 1] == 1)
        rank--;
    if (rank < 2 || tensor->sides[rank - 1] < 1 || tensor->sides[rank - 1] > 65535 ||
        model_tensor_count(tensor) !=
            (size_t)tensor->sides[rank - 1] * (size_t)tensor->sides[rank - 2])
        return err_new(
            ERR_MODEL_BROKEN, "output of model '%s' is not one plane of values", row->name);
    *ret_width = (int)tensor->sides[rank - 1];
    *ret_height = (int)tensor->sides[rank - 2];
    return NULL;
}

/* The part of the plane that shows the photo. */
static Box plane_inside(const Fitting *fitting, int width, int height)
{
    double zoom_x = (double)width / fitting->width, zoom_y = (double)height / fitting->height;
    Box box = {
        .left = (int)lround(fitting->inside.left * zoom_x),
        .top = (int)lround(fitting->inside.top * zoom_y),
    };

    box.width = CLAMP((int)lround(fitting->inside.width * zoom_x), 1, width - box.left);
    box.height = CLAMP((int)lround(fitting->inside.height * zoom_y), 1, height - box.top);
    return box;
}

static MUST Err *
plane_to_image(const ModelRow *row, const Fitting *fitting, ModelTensor *output, Image **ret)
{
    AUTO(image_free) Image *image = NULL;
    int width = 0, height = 0;

    TRY(plane_sides(row, output, &width, &height));
    model_values_to_unit(&row->output, output->values, model_tensor_count(output));

    Box box = plane_inside(fitting, width, height);
    TRY(image_new(box.width, box.height, 1, DEPTH_FLOAT, &image));
    for (int y = 0; y < box.height; y++)
        memcpy(
            image_row_mut(image, y),
            output->values + (size_t)(box.top + y) * (size_t)width + (size_t)box.left,
            (size_t)box.width * sizeof(float));
    *ret = TAKE(image);
    return NULL;
}

static MUST Err *photo_fit(const Image *photo, const Fitting *fitting, Image **ret)
{
    AUTO(image_free) Image *rgb = NULL;
    AUTO(image_free) Image *fitted = NULL;

    TRY(image_take_rgb(photo, &rgb));
    /* Mattes of product photos came out nearer the truth than after linear shrinking, and steadier than after Lanczos. */
    TRY(image_resize(rgb, fitting->inside.width, fitting->inside.height, IMAGE_CUBIC, &fitted));
    return image_to_depth(fitted, DEPTH_8, ret);
}

Err *model_matte(Model *model, const Image *photo, Cancel *cancel, Image **ret)
{
    const ModelRow *row = model_row(model);
    Fitting fitting = fitting_of(&row->input, image_width(photo), image_height(photo));
    AUTO(image_free) Image *fitted = NULL;
    AUTO(model_tensor_done) ModelTensor output = {0};
    ModelTensor input = {0};

    if (row->task != MODEL_MATTE && row->task != MODEL_DEPTH)
        return err_new(ERR_BUG, "model '%s' makes no mask", row->name);
    TRY(photo_fit(photo, &fitting, &fitted));
    TRY(model_tensor_of_photo(&row->input, &fitting, fitted, &input));

    Err *err = model_run(model, &(ModelRun){&input, 1, &output, 1}, cancel);
    free(input.values);
    TRY(err);
    return plane_to_image(row, &fitting, &output, ret);
}
