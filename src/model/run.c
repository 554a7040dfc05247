/* Running a network, and the way of a picture into a tensor. */
#include <math.h>
#include <string.h>

#include "model/model_priv.h"

size_t model_tensor_count(const ModelTensor *tensor)
{
    size_t count = 1;

    for (int i = 0; i < tensor->rank; i++)
        count *= (size_t)tensor->sides[i];
    return count;
}

/* The tensor's own name, else the row's, else the network's. */
static const char *tensor_name(const char *own, const char *of_row, const char *of_network)
{
    return own ? own : of_row ? of_row : of_network;
}

Err *model_run(Model *model, const ModelRun *run, Cancel *cancel)
{
    ModelTensor inputs[MODEL_TENSORS_MAX], outputs[MODEL_TENSORS_MAX];
    ModelRun named = {inputs, run->inputs_count, outputs, run->outputs_count};

    if (run->inputs_count > MODEL_TENSORS_MAX || run->outputs_count > MODEL_TENSORS_MAX)
        return err_new(ERR_BUG, "a run takes %d tensors each way at most", MODEL_TENSORS_MAX);
    for (size_t i = 0; i < run->inputs_count; i++) {
        inputs[i] = run->inputs[i];
        inputs[i].name =
            tensor_name(inputs[i].name, model->row.input.name, ort_input_name(model->network));
    }
    for (size_t i = 0; i < run->outputs_count; i++)
        outputs[i] = (ModelTensor){
            .name = tensor_name(
                run->outputs[i].name, model->row.output.name, ort_output_name(model->network))};
    TRY(ort_run(model->network, &named, cancel));
    memcpy(run->outputs, outputs, run->outputs_count * sizeof(*outputs));
    return NULL;
}

/* ---- a picture's way in ---- */

static int multiple_near(double length, int64_t step)
{
    return (int)(MAX(llround(length / (double)step), 1) * step);
}

static Fitting fitting_of_any(const ModelInput *input, int width, int height)
{
    double zoom = (double)input->longest_px / MAX(width, height);
    Fitting fitting = {
        .width = multiple_near(width * zoom, input->multiple_of),
        .height = multiple_near(height * zoom, input->multiple_of),
    };

    fitting.inside = (Box){0, 0, fitting.width, fitting.height};
    return fitting;
}

Fitting fitting_of(const ModelInput *input, int width, int height)
{
    Fitting fitting = {.width = (int)input->width, .height = (int)input->height};

    if (!input->width)
        return fitting_of_any(input, width, height);
    fitting.inside = (Box){0, 0, fitting.width, fitting.height};
    if (input->fit == MODEL_LETTERBOX) {
        double zoom = MIN((double)fitting.width / width, (double)fitting.height / height);

        fitting.inside.width = CLAMP((int)lround(width * zoom), 1, fitting.width);
        fitting.inside.height = CLAMP((int)lround(height * zoom), 1, fitting.height);
        fitting.inside.left = (fitting.width - fitting.inside.width) / 2;
        fitting.inside.top = (fitting.height - fitting.inside.height) / 2;
    }
    return fitting;
}

static float channel_of_pixel(const ModelInput *input, const uint8_t *rgb, int channel)
{
    if (input->channels == MODEL_GREY) /* Rec. 601 luma */
        return 0.299f * rgb[0] + 0.587f * rgb[1] + 0.114f * rgb[2];
    return rgb[input->channels == MODEL_BGR ? 2 - channel : channel];
}

/* One channel of PHOTO into PLANE, whose values lie STEP apart; what the photo does not cover is left at 0, the mean. */
static void plane_fill(
    const ModelInput *input, const Fitting *fitting, const Image *photo, int channel,
    const ModelTensor *tensor)
{
    bool apart = input->layout == MODEL_NHWC;
    int channels = input->channels == MODEL_GREY ? 1 : 3;
    size_t plane = (size_t)fitting->width * (size_t)fitting->height;
    size_t step = apart ? (size_t)channels : 1;
    float *to = tensor->values + (apart ? (size_t)channel : (size_t)channel * plane);
    float mean = (float)input->mean[channel], scale = (float)input->scale[channel];

    for (int y = 0; y < fitting->inside.height; y++) {
        const uint8_t *from = image_row(photo, y);
        size_t at = (size_t)(fitting->inside.top + y) * (size_t)fitting->width +
                    (size_t)fitting->inside.left;

        for (int x = 0; x < fitting->inside.width; x++)
            to[(at + (size_t)x) * step] =
                (channel_of_pixel(input, from + (size_t)x * 3, channel) - mean) / scale;
    }
}

Err *model_tensor_of_photo(
    const ModelInput *input, const Fitting *fitting, const Image *photo, ModelTensor *ret)
{
    int channels = input->channels == MODEL_GREY ? 1 : 3;
    ModelTensor tensor = {.rank = 4};
    int64_t width = fitting->width, height = fitting->height;

    if (input->layout == MODEL_NHWC)
        memcpy(tensor.sides, (int64_t[]){1, height, width, channels}, 4 * sizeof(int64_t));
    else
        memcpy(tensor.sides, (int64_t[]){1, channels, height, width}, 4 * sizeof(int64_t));
    tensor.values = calloc(model_tensor_count(&tensor), sizeof(*tensor.values));
    if (!tensor.values)
        return err_new(
            ERR_MEMORY_SPENT, "no memory for a tensor of %d x %d", fitting->width, fitting->height);
    for (int channel = 0; channel < channels; channel++)
        plane_fill(input, fitting, photo, channel, &tensor);
    *ret = tensor;
    return NULL;
}

/* ---- and out again ---- */

static void values_stretch(float *values, size_t count)
{
    float least = INFINITY, most = -INFINITY;

    for (size_t i = 0; i < count; i++) {
        least = MIN(least, values[i]);
        most = MAX(most, values[i]);
    }
    if (most > least)
        for (size_t i = 0; i < count; i++)
            values[i] = (values[i] - least) / (most - least);
}

void model_values_to_unit(const ModelOutput *output, float *values, size_t count)
{
    float low = (float)output->range[0], span = (float)(output->range[1] - output->range[0]);

    if (output->activation == MODEL_ACTIVATION_SIGMOID)
        for (size_t i = 0; i < count; i++)
            values[i] = 1 / (1 + expf(-values[i]));
    for (size_t i = 0; i < count; i++)
        values[i] = (values[i] - low) / span;
    if (output->stretch)
        values_stretch(values, count);
    for (size_t i = 0; i < count; i++) /* written so that what is no number becomes 0 */
        values[i] = values[i] > 0 ? MIN(values[i], 1.0f) : 0;
}
