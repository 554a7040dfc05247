/* Shadow: what ties the product to a backdrop that was not rendered with it. */
#include "scene/shadow.h"

#include "recipe/step/step_priv.h"

static const char *const kind_names[] = {"natural", "drop", "reflection", NULL};

typedef struct ShadowOptions {
    int kind;
    double opacity, blur, angle, distance_px;
    double length;
    Colour colour;
} ShadowOptions;

static const Field ShadowOptions_fields[] = {
    {FIELD_NAME(ShadowOptions, kind, kind_names),
     .help = "natural lies on the ground, drop hangs behind, reflection mirrors",
     .preset = "natural"},
    {FIELD_NUMBER(ShadowOptions, opacity), .help = "How dark, or how clear a reflection",
     .preset = "40", .max = 100, .unit = "%"},
    {FIELD_NUMBER(ShadowOptions, blur), .help = "How soft", .preset = "50", .max = 100,
     .unit = "%"},
    {FIELD_NUMBER(ShadowOptions, angle),
     .help = "Where the light comes from, clockwise from the top: 135 from the lower right throws "
             "it up left",
     .preset = "135", .max = 360, .unit = "degrees"},
    {FIELD_NUMBER(ShadowOptions, distance_px),
     .help = "How far it is thrown, in a frame of 1000 px; larger frames scale it", .preset = "20",
     .max = 100, .unit = "px"},
    {FIELD_NUMBER(ShadowOptions, length), .help = "How much of the product a reflection shows",
     .preset = "45", .min = 1, .max = 100, .unit = "%"},
    {FIELD_COLOUR(ShadowOptions, colour), .help = "Colour of the shadow", .preset = "black"},
    {FIELD_END},
};
