/* stage.h - a scene made ready for one view: everything the tracer reads, in plain floats.
 *
 * World: y up, ground at 0, the camera looks along -z; one unit is the nominal height of a product. The lens is shifted, not
 * tilted, so verticals stay upright and a photo taken upright fits. "Screen" is a plane at distance 1 before the lens scaled so
 * that the frame is 2 high: y from -1 at the bottom to 1 at the top.
 */
#pragma once

#include <stdbool.h>

#include "scene/scene.h"

enum {
    STAGE_SOLIDS_MAX = 128,
    STAGE_CUTS_MAX =
        48, /* rows of cut bodies, repeats not counted: each may need its own distances */
    STAGE_EFFORT_MAX =
        500, /* of all bodies, in boxes that every ray asks; built-in sets stay below a third */
    STAGE_LIGHTS_MAX = 4000, /* in a backdrop, each as its size squared */
    STAGE_LAMPS_MAX = 12,
    STAGE_PAINTS_MAX = 24,
    GOBO_SIDE = 512,
};

/* ---- bodies ---- */

typedef enum SolidKind {
    SOLID_FLOOR,    /* all of y = centre[1] */
    SOLID_SWEEP,    /* floor, quarter round of `radius`, wall at centre[2] */
    SOLID_BOX,      /* half sizes, turned by yaw about its middle */
    SOLID_CYLINDER, /* upright: radius, half[1] */
    SOLID_SPHERE,
    SOLID_ARCH,    /* a door: box with a round top, facing z */
    SOLID_RING,    /* a hoop facing z: radius, tube half[1], half[2] deep */
    SOLID_TURNED,  /* about its y axis: frusta, half sizes of a box around it */
    SOLID_CUT,     /* a slab facing z, half[2] deep, cut to an outline; or a wall with that hole */
    SOLID_CUSHION, /* a box rounded by `radius`, its faces bulging by `puff` */
    SOLID_CAPSULE, /* along its y axis: radius, half[1] from the middle to the centre of an end */
    SOLID_TORUS,   /* facing z: radius, half[1] of the tube */
    SOLID_KINDS
} SolidKind;

/* A piece of a turned body's outside: a cone between two rings, or a flat ring. Heights are about the body's middle. */
typedef struct Frustum {
    bool is_flat;
    float low, high;     /* heights */
    float radius, slope; /* at `low`; radius a height */
    float inner, outer;  /* radii */
    float ends[2][2];    /* (radius, height) */
    float facing[2][2];  /* (outward, up) at each end, of unit length */
} Frustum;

enum {
    CUTTING_PAD = 4, /* cells around an outline */
};

/* Signed distance to an outline, below 0 inside, in world units, on cells about the outline's middle. */
typedef struct Cutting {
    int width, height; /* cells */
    float *cells;      /* rows from below */
    float per_unit;    /* cells a world unit */
    float half[2];     /* of the outline: world units */
    int outline;       /* what it was made from */
    const double (*plan_points)[2];
} Cutting;

typedef struct Solid {
    SolidKind kind;
    int paint;
    float centre[3], half[3];
    float axes[3][3]; /* world axes of its own x, y and z */
    bool is_turned;   /* whether these differ from the world's */
    float radius, bevel, puff;
    const Frustum *frusta;
    int frustum_count;
    const Cutting *cutting;
    bool is_hole;
    float wall_low[2], wall_high[2]; /* of the wall with a hole, about the hole's middle */
    float low[3], high[3];           /* box around it; unused for floor and sweep */
} Solid;

/* ---- which bodies a ray has to ask ---- */

/* Boxes around boxes, in the order in which they are asked. */
typedef struct Node {
    float low[3], high[3];
    int next;         /* node to go on with when this box is missed */
    int first, count; /* of tree_ids, for a leaf; count is 0 for a box of boxes */
} Node;

enum {
    SIGHT_SIDE_PX = 32,
};

/* Bodies whose picture touches a square of the frame. */
typedef struct Sight {
    uint8_t count, ids[STAGE_SOLIDS_MAX];
} Sight;

/* ---- surfaces ---- */

typedef enum Grain {
    GRAIN_PLAIN,
    GRAIN_PLASTER,
    GRAIN_CONCRETE,
    GRAIN_WOOD,
    GRAIN_MARBLE,
    GRAIN_TERRAZZO,
    GRAIN_LINEN,
    GRAIN_TILE,
    GRAIN_TRAVERTINE,
    GRAIN_FADE, /* from the first colour to the second with height */
    GRAIN_SAND,
    GRAIN_BRICK,
    GRAIN_SLATE,
    GRAIN_ASPHALT,
    GRAIN_WET,
    GRAIN_PLEATS,
    GRAIN_BATIK,
    GRAIN_RATTAN,
    GRAIN_GRASS,
    GRAIN_PAPER,
    GRAIN_BRUSHED,
    GRAIN_ZELLIGE,
    GRAIN_HERRINGBONE,
    GRAIN_KINDS
} Grain;

typedef struct Paint {
    Grain grain;
    float colours[4][3]; /* linear */
    float mean[3];       /* what light that bounced once sees */
    float scale, rough, specular, metal, bump, variety;
    float glow;     /* radiance of its own, times its colour */
    float from, to; /* heights of a fade */
    float cos_turn, sin_turn;
    uint32_t seed;
} Paint;

/* ---- light ---- */

typedef enum GoboKind {
    GOBO_NONE,
    GOBO_WINDOW,
    GOBO_PALM,
    GOBO_LEAVES,
    GOBO_BLINDS,
    GOBO_ARCH,
    GOBO_DAPPLE,
    GOBO_LATTICE,
    GOBO_SLOT,
    GOBO_FERN,
    GOBO_MONSTERA,
    GOBO_SHEER,
    GOBO_SPOT,
    GOBO_KINDS
} GoboKind;

typedef struct Gobo {
    float *mask;   /* GOBO_SIDE squared, 0..1, rows from the top; NULL for none */
    float outside; /* what passes beside it */
    float distance, scale, cos_turn, sin_turn;
} Gobo;

typedef struct Lamp {
    float place[3], across[3], up[3], facing[3]; /* across and up are half the sides */
    float half_width, half_height;
    float radiance[3];
    float area, chance; /* chance: that a bounce asks this lamp */
    float bright;       /* luminance of its radiance */
    bool is_seen;       /* in reflections */
    Gobo gobo;
} Lamp;

/* ---- what lies beyond the set ---- */

typedef enum BackdropKind {
    BACKDROP_NONE,
    BACKDROP_BOKEH,
    BACKDROP_GREENERY,
    BACKDROP_SEA,
    BACKDROP_CLOUDS,
    BACKDROP_DUSK,
    BACKDROP_CITY,
    BACKDROP_NIGHT,
    BACKDROP_ROOM,
    BACKDROP_KINDS
} BackdropKind;

/* A picture at infinity: seen by the camera and by mirrors, and giving no light of its own. */
typedef struct Backdrop {
    int width, height; /* texels */
    float left, top;   /* screen place of its corner */
    float per_screen;  /* texels a screen unit */
    float *texels;     /* rows from the top, 3 floats each, linear; NULL for none */
} Backdrop;

/* ---- camera ---- */

typedef struct Camera {
    float eye[3];
    float focal;            /* screen units at distance 1 */
    float shift_x, shift_y; /* where the axis meets the screen */
    float pixel;            /* screen units a pixel */
    float left, top;        /* screen place of the frame's corner */
    float focus;            /* distance of what is sharp */
    float aperture;         /* world units across the lens; 0: all is sharp */
} Camera;

/* ---- the product as the tracer sees it ---- */

typedef struct Proxy {
    bool is_on;
    int width, height; /* cells */
    float left, top;   /* screen place of cell (0, 0)'s corner */
    float per_screen;  /* cells a screen unit */
    float depth;       /* world z of its middle */
    float floats;      /* world units that ends of its base hang over the ground */
    float ground;      /* world y it stands on */
    float thick;       /* most half-thickness */
    float *relief;     /* half-thickness; outside the outline minus the distance to it */
    float *touch;      /* per column: 1 where it touches the ground, 0 where it hangs over it */
    float front;       /* world z of the front of its foot, where contact is 0 */
    float seam;        /* how far before the foot the dark line under it reaches, world units */
    float *contact;    /* per column: how far behind `depth` it touches the ground */
    float *colour;     /* 3 a cell: what the set sees of it, linear, before exposure */
    float low[3], high[3];
} Proxy;

void proxy_done(Proxy *proxy);

/* ---- all of it ---- */

typedef enum ToneKind {
    TONE_NEUTRAL, /* Khronos PBR Neutral */
    TONE_PLAIN,   /* clipped at white: for pure white grounds */
} ToneKind;

typedef struct Tone {
    ToneKind kind;
    float exposure, bloom, vignette, grain;
    float split; /* how much warmer bright places are than dark ones */
} Tone;

typedef struct Stage {
    Solid solids[STAGE_SOLIDS_MAX];
    int solid_count;
    Frustum *frusta; /* of all turned bodies */
    int frustum_count;
    Cutting *cuttings;
    int cutting_count;
    uint8_t endless_ids[STAGE_SOLIDS_MAX],
        tree_ids[STAGE_SOLIDS_MAX]; /* solids without and with a box around them */
    int endless_count;
    Node nodes[2 * STAGE_SOLIDS_MAX];
    int node_count;
    Sight *sights; /* rows of squares from the top */
    int sight_columns, sight_rows;
    Paint paints[STAGE_PAINTS_MAX];
    int paint_count;
    Lamp lamps[STAGE_LAMPS_MAX];
    int lamp_count;
    float sky_top[3], sky_horizon[3], sky_bottom[3]; /* radiance */
    float sky_shine;                                 /* times brighter in reflections */
    float ambient[3];                                /* what the last bounce is given */
    Backdrop backdrop;
    Camera camera;
    Proxy proxy;
    Tone tone;
    uint32_t seed;

    int frame_width, frame_height;
    int step;                    /* frame pixels a grid point, each way */
    int grid_width, grid_height; /* points */
    int looks;                   /* primary rays a frame pixel at edges */
    int shadow_rays;             /* a lamp and grid point */
    int paths;                   /* diffuse bounces a grid point */
    int glints;                  /* reflected rays a grid point */
    int bounces;
} Stage;

/* How a linear colour in luminance 1 of light of KELVIN looks to a camera balanced for 5600 K. */
void lamp_kelvin(double kelvin, float ret[3]);

/* Point LAMP at TARGET; POWER is the radiance a white card there, facing it, would have. */
void lamp_aim(
    Lamp *lamp, const double place[3], const double target[3], const double size[2], double power,
    const float colour[3]);

/* Fill gobo->mask, which is the caller's to free. MEMORY_SPENT. */
MUST Err *gobo_cut(Gobo *gobo, GoboKind kind, uint64_t seed);
