/* Descriptors: what a row may say, and the words of licences. */
#include <string.h>

#include "model/model_priv.h"

const char *const model_task_names[] = {
    [MODEL_MATTE] = "matte",           [MODEL_UPSCALE] = "upscale",
    [MODEL_DEPTH] = "depth",           [MODEL_FACE_DETECT] = "face_detect",
    [MODEL_FACE_EMBED] = "face_embed", [MODEL_MODERATION] = "moderation",
    [MODEL_TASK_MAX_] = NULL,
};

const char *const model_licence_kind_names[] = {
    [MODEL_LICENCE_PERMISSIVE] = "permissive",
    [MODEL_LICENCE_COPYLEFT] = "copyleft",
    [MODEL_LICENCE_NON_COMMERCIAL] = "non_commercial",
    [MODEL_LICENCE_UNSTATED] = "unstated",
    [MODEL_LICENCE_MAX_] = NULL,
};

static const char *const layouts[] = {"nchw", "nhwc", NULL};
static const char *const channels[] = {"rgb", "bgr", "grey", NULL};
static const char *const fits[] = {"stretch", "letterbox", NULL};
static const char *const activations[] = {"none", "sigmoid", NULL};

static const Field ModelLicence_fields[] = {
    {FIELD_NAME(ModelLicence, kind, model_licence_kind_names), .help = "What it allows, in a word"},
    {FIELD_TEXT(ModelLicence, name), .help = "Licence of the download"},
    {FIELD_TEXT(ModelLicence, weights), .help = "Licence of the trained numbers", .optional = true},
    {FIELD_TEXT(ModelLicence, url), .help = "Where it is written", .optional = true},
    {FIELD_TEXT(ModelLicence, note), .help = "What else one should know", .optional = true},
    {FIELD_END},
};
static const Shape licence_shape = SHAPE(ModelLicence);

static const Field ModelInput_fields[] = {
    {FIELD_TEXT(ModelInput, name), .help = "Input of the network", .optional = true},
    {FIELD_NAME(ModelInput, layout, layouts), .help = "Order of the axes", .preset = "nchw"},
    {FIELD_NAME(ModelInput, channels, channels), .help = "Order of colours", .preset = "rgb"},
    {FIELD_NAME(ModelInput, fit, fits), .help = "How a photo gets there", .preset = "stretch"},
    {FIELD_INT(ModelInput, width), .help = "0 takes any", .preset = "0", .max = 8192, .unit = "px"},
    {FIELD_INT(ModelInput, height), .help = "0 any", .preset = "0", .max = 8192, .unit = "px"},
    {FIELD_INT(ModelInput, longest_px), .help = "Longest side where any size is taken",
     .preset = "1024", .min = 1, .max = 8192, .unit = "px"},
    {FIELD_INT(ModelInput, multiple_of), .help = "Sides are a multiple of this where any is taken",
     .preset = "1", .min = 1, .max = 1024, .unit = "px"},
    {FIELD_VECTOR(ModelInput, mean, 3), .help = "Taken off each channel of 0..255",
     .preset = "0,0,0"},
    {FIELD_VECTOR(ModelInput, scale, 3), .help = "Then each channel is divided by this",
     .preset = "255,255,255"},
    {FIELD_END},
};
static const Shape input_shape = SHAPE(ModelInput);

static const Field ModelOutput_fields[] = {
    {FIELD_TEXT(ModelOutput, name), .help = "Output of the network", .optional = true},
    {FIELD_NAME(ModelOutput, activation, activations), .help = "Still to be applied",
     .preset = "none"},
    {FIELD_VECTOR(ModelOutput, range, 2), .help = "What stands for 0 and for 1", .preset = "0,1"},
    {FIELD_BOOL(ModelOutput, stretch), .help = "Spread least .. most over 0..1", .preset = "false"},
    {FIELD_END},
};
static const Shape output_shape = SHAPE(ModelOutput);

static const Field ModelUpscale_fields[] = {
    {FIELD_INT(ModelUpscale, factor), .help = "Times as wide and high", .min = 1, .max = 8},
    {FIELD_INT(ModelUpscale, tile_px), .help = "Longest side of a tile", .preset = "256", .min = 16,
     .max = 4096, .unit = "px"},
    {FIELD_INT(ModelUpscale, overlap_px), .help = "What a tile sees beyond its edge",
     .preset = "16", .max = 512, .unit = "px"},
    {FIELD_END},
};
static const Shape upscale_shape = SHAPE(ModelUpscale);

static const Field ModelRow_fields[] = {
    {FIELD_TEXT(ModelRow, name), .help = "Name; that of the file when absent", .optional = true,
     .max = 64},
    {FIELD_TEXT(ModelRow, title), .help = "What it is, for people"},
    {FIELD_NAME(ModelRow, task, model_task_names), .help = "What it does"},
    {FIELD_INT(ModelRow, rank), .help = "The lowest of a task is its default", .preset = "100",
     .max = 1000},
    {FIELD_TEXT(ModelRow, file), .help = "File in the model folder; NAME.onnx when absent",
     .optional = true, .max = 128},
    {FIELD_INT(ModelRow, bytes), .help = "Size of the file", .preset = "0", .max = 1e12},
    {FIELD_TEXT(ModelRow, sha256), .help = "Hash of the file", .optional = true, .max = 64},
    {FIELD_OBJECT(ModelRow, licence, ModelLicence, &licence_shape), .help = "Its licence"},
    {FIELD_VALUE(ModelRow, source), .help = "Where it is fetched from", .optional = true},
    {FIELD_OBJECT(ModelRow, input, ModelInput, &input_shape), .help = "What it takes",
     .preset = "{}"},
    {FIELD_OBJECT(ModelRow, output, ModelOutput, &output_shape), .help = "What it gives",
     .preset = "{}"},
    {FIELD_OBJECT(ModelRow, upscale, ModelUpscale, &upscale_shape), .help = "How it enlarges",
     .optional = true},
    {FIELD_TEXT(ModelRow, preview), .help = "A faster, coarser model of the same kind",
     .optional = true, .max = 64},
    {FIELD_END},
};
const Shape model_row_shape = SHAPE(ModelRow);

static bool name_is_plain(const char *name)
{
    return *name && *name != '.' && !strchr(name, '/');
}

static MUST Err *row_wrong(const char *field, const char *why)
{
    return err_field(
        err_public(err_new(ERR_INPUT_INVALID, "'%s' %s", field + 1, why), "%s %s.", field + 1, why),
        "%s", field);
}

/* What fields must hold together, beyond what each must alone. */
static MUST Err *row_check(const ModelRow *row)
{
    static const char digits[] = "0123456789abcdef";
    const ModelInput *input = &row->input;

    if (!name_is_plain(row->name))
        return row_wrong("/name", "must be a plain name");
    if (!name_is_plain(row->file))
        return row_wrong("/file", "must be a plain file name");
    if (row->sha256 && (strlen(row->sha256) != 64 || strspn(row->sha256, digits) != 64))
        return row_wrong("/sha256", "must be 64 lower-case hexadecimal digits");
    if (!input->width != !input->height)
        return row_wrong("/input/height", "must be 0 where width is, and only there");
    for (int c = 0; c < 3; c++)
        if (input->scale[c] == 0)
            return err_under(row_wrong("/scale", "must not be 0"), "/input");
    if (row->output.range[0] == row->output.range[1])
        return row_wrong("/output/range", "must be two different numbers");
    if (row->task == MODEL_UPSCALE && !row->upscale.factor)
        return row_wrong("/upscale", "is required where the task is upscale");
    if (row->task == MODEL_UPSCALE && row->input.channels == MODEL_GREY)
        return row_wrong("/input/channels", "must be rgb or bgr where the task is upscale");
    if (row->upscale.factor && row->upscale.tile_px <= 2 * row->upscale.overlap_px)
        return row_wrong("/upscale/tile_px", "must be more than twice the overlap");
    return NULL;
}

Err *row_read(const Value *value, const char *name, Arena *mem, ModelRow *ret)
{
    ModelRow row;

    TRY(shape_read(&model_row_shape, value, mem, &row));
    row.name = row.name ? row.name : arena_text(mem, name);
    row.file = row.file ? row.file : arena_print(mem, "%s.onnx", row.name);
    TRY(row_check(&row));
    *ret = row;
    return NULL;
}

static int kind_of_word(const char *word, size_t length)
{
    for (int kind = 0; model_licence_kind_names[kind]; kind++)
        if (strlen(model_licence_kind_names[kind]) == length &&
            memcmp(model_licence_kind_names[kind], word, length) == 0)
            return kind;
    return -1;
}

Err *model_licences_parse(const char *text, ModelLicences *ret)
{
    ModelLicences licences = 0;

    if (!text || !*text || strcmp(text, "all") == 0) {
        *ret = MODEL_LICENCES_ALL;
        return NULL;
    }
    for (const char *word = text;;) {
        word += strspn(word, " ");
        size_t length = strcspn(word, ", ");
        int kind = kind_of_word(word, length);

        if (kind < 0)
            return err_public(
                err_new(ERR_INPUT_INVALID, "unknown kind of licence '%.*s'", (int)length, word),
                "'%.*s' is no kind of licence. Write some of permissive, copyleft, "
                "non_commercial, unstated, with commas between, or all.",
                (int)length, word);
        licences |= 1u << kind;
        word += length + strspn(word + length, " ");
        if (!*word)
            break;
        word += *word == ',';
    }
    *ret = licences;
    return NULL;
}
