/* cyclorama upscale: more pixels, without writing a recipe. */
#include "app/command.h"
#include "app/plan.h"

extern const Command command_render;

static const char *const mode_names[] = {"faithful", "restore", NULL};

typedef struct UpscaleOptions {
    const char *output;
    int64_t factor;
    int mode, format;
    bool json, quiet;
} UpscaleOptions;

static const Field UpscaleOptions_fields[] = {
    {FIELD_TEXT(UpscaleOptions, output),
     .help =
         "Where the pictures go: a folder, or for one photo a file whose ending says the format",
     .format = "OUT", .letter = 'o', .preset = "", .max = 4096},
    {FIELD_INT(UpscaleOptions, factor), .help = "How many times as wide and high: 2 or 4",
     .preset = "2", .min = 2, .max = 4},
    {FIELD_NAME(UpscaleOptions, mode, mode_names),
     .help = "faithful invents nothing; restore also cleans up noisy, compressed photos",
     .preset = "faithful"},
    {FIELD_NAME(UpscaleOptions, format, plan_formats), .help = "Kind of file; auto is PNG",
     .preset = "auto"},
    {FIELD_BOOL(UpscaleOptions, json),
     .help = "Write one JSON line a photo, and one for them all, to standard output",
     .preset = "false"},
    {FIELD_BOOL(UpscaleOptions, quiet), .help = "Say nothing but what failed", .preset = "false",
     .letter = 'q'},
    {FIELD_END},
};

/* The same as `render --recipe upscale`, with its two options as flags. */
static Err *upscale_run(App *app, const void *options_any, const Texts *words, Exit *exit)
{
    const UpscaleOptions *options = options_any;
    RenderOptions *render = arena_take(app->mem, sizeof(*render));
    const char **sets = ARENA_ARRAY(app->mem, const char *, 2);

    TRY(shape_read(&command_render.options, NULL, app->mem, render));
    sets[0] = arena_print(app->mem, "upscale.factor=%d", (int)options->factor);
    sets[1] = arena_print(app->mem, "upscale.mode=%s", mode_names[options->mode]);
    render->recipe = "upscale";
    render->set = (Texts){sets, 2};
    render->output = options->output;
    render->format = options->format;
    render->json = options->json;
    render->quiet = options->quiet;
    return command_render.run(app, render, words, exit);
}

static const char *const upscale_about[] = {
    "faithful works with a small network that travels in the program, and holds the result to the "
    "photo: shrunk again it is the photo. restore draws texture anew and removes noise and "
    "compression marks. Memory does not grow with "
    "the network: photos are worked on in tiles that overlap as far as the network sees. Pictures "
    "of more than 100 million pixels are refused.",
    NULL,
};

static const Example upscale_examples[] = {
    {"cyclorama upscale shoe.jpg -o shoe-2x.png", "Twice as wide and high"},
    {"cyclorama upscale old/ -o large/ --factor 4 --mode restore",
     "Four times, cleaned up, a whole folder"},
    {NULL, NULL},
};

const Command command_upscale = {
    .name = "upscale",
    .summary = "Give photos two or four times the pixels each way",
    .usage = "PHOTO... -o OUT [options]",
    .about = upscale_about,
    .examples = upscale_examples,
    .options = SHAPE(UpscaleOptions),
    .words = "photo",
    .least_words = 1,
    .most_words = 100000,
    .run = upscale_run,
};
