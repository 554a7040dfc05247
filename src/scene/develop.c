/* One row of the picture: every pixel looks into the set a few times, takes its light from the grid and its colour from the
 * paint, and is toned, grained and rounded to 8 bits. Compiled for each instruction set. */
#include "scene/engine_priv.h"
#include "scene/lens.h"
#include "scene/sky_wide.h"
#include "scene/surface_wide.h"

/* Light taken from the grid for one look. */
typedef struct Lit {
    V3 direct, bounced, mirror, way;
    F8 unshaded;
} Lit;

typedef struct Pixels {
    const Darkroom *darkroom;
    int x, y;
    V3 sum;        /* of linear light, weighed */
    F8 weight_sum; /* of its looks */
    F8 shadow_sum; /* of what the product took */
} Pixels;

static inline F8 plane_gather(const Grid *grid, int plane, I8 at)
{
    return f8_gather(grid->planes[plane], at);
}

static inline V3 planes_gather(const Grid *grid, int plane, I8 at)
{
    return v3(
        plane_gather(grid, plane, at), plane_gather(grid, plane + 1, at),
        plane_gather(grid, plane + 2, at));
}

/* Mix the four grid points around (COLUMN, ROW), those that lie on the same face as the look counting most. */
static inline void lit_from_grid(const Grid *grid, F8 column, F8 row, I8 id, V3 normal, Lit *ret)
{
    F8 left = f8_floor(column), top = f8_floor(row);
    F8 fx = column - left, fy = row - top;
    I8 base = (i8_of_float(top) + GRID_PAD) * grid->stride + i8_of_float(left) + GRID_PAD;
    F8 total = f8(0);

    memset(ret, 0, sizeof *ret);
    for (int corner = 0; corner < 4; corner++) {
        int dx = corner & 1, dy = corner >> 1;
        I8 at = base + (dy * grid->stride + dx);
        F8 weight = (dx ? fx : 1.0f - fx) * (dy ? fy : 1.0f - fy) + 1e-3f;
        F8 alike = f8_max(v3_dot(planes_gather(grid, GRID_NORMAL, at), normal), f8(0));
        F8 alike4 = alike * alike * alike * alike;
        I8 is_same = i8_of_float(plane_gather(grid, GRID_ID, at)) == id;
        weight = weight * (alike4 * alike4 + 1e-3f) * f8_select(is_same, f8(1), f8(1e-4f));
        total = total + weight;
        ret->direct = v3_along(ret->direct, planes_gather(grid, GRID_DIRECT, at), weight);
        ret->bounced = v3_along(ret->bounced, planes_gather(grid, GRID_BOUNCED, at), weight);
        ret->mirror = v3_along(ret->mirror, planes_gather(grid, GRID_MIRROR, at), weight);
        ret->way = v3_along(ret->way, planes_gather(grid, GRID_WAY, at), weight);
        ret->unshaded = ret->unshaded + plane_gather(grid, GRID_UNSHADED, at) * weight;
    }
    F8 per = 1.0f / total;
    ret->direct = v3_scale(ret->direct, per);
    ret->bounced = v3_scale(ret->bounced, per);
    ret->mirror = v3_scale(ret->mirror, per);
    ret->unshaded = ret->unshaded * per;
}

/* Light on a surface that leans with its grain, from light gathered for a smooth one and where it mostly came from. */
static inline V3 lit_surface(const Surface *surface, const Lit *lit)
{
    V3 way = v3_unit(lit->way);
    F8 smooth = f8_max(v3_dot(surface->normal, way), f8(0.08f));
    F8 leaning = f8_max(v3_dot(surface->leaning, way), f8(0));
    V3 light = v3_add(v3_scale(lit->direct, f8_min(leaning / smooth, f8(2.5f))), lit->bounced);

    return v3_add(
        v3_along(lit->mirror, v3_mul(surface->colour, light), 1.0f - surface->metal),
        surface->glow);
}

/* One ray through a pixel, and what it met. */
typedef struct Look {
    Ray ray;
    Hit hit;
    Surface surface; /* painted only when shaded */
    F8 x;            /* in frame pixels */
    float y;
    F8 blur;  /* as LENS_BLUR */
    F8 melts; /* how much of it is taken from the lens, 0..1 */
} Look;

/* The radius of the disc that the lens makes of a point where LOOK hit, in points of the grid. */
static inline F8 look_blur(const Stage *stage, const Look *look)
{
    F8 depth = f8_max(look->hit.far * -look->ray.way.z, f8(0.1f));
    F8 blur = lens_strength(stage) * (1.0f / stage->camera.focus - 1.0f / depth);

    return f8_select(look->hit.id >= 0, blur, f8(LENS_BEYOND));
}

static inline void look_out(const Stage *stage, F8 x, float y, const Sight *sight, Look *ret)
{
    const Camera *camera = &stage->camera;
    HitAsk ask = {HIT_NEAREST, i8(-1), f8(HIT_FAR), 0, sight};

    ret->x = x;
    ret->y = y;
    ret->blur = ret->melts = f8(0);
    F8 sx = ret->x * camera->pixel + camera->left;
    float sy = camera->top - ret->y * camera->pixel;
    ret->ray = (Ray){
        v3_of(camera->eye),
        v3_unit(v3(sx - camera->shift_x, f8(sy - camera->shift_y), f8(-camera->focal)))};
    hit_find(stage, &ret->ray, &ask, &ret->hit);
    surface_face(stage, &ret->ray, &ret->hit, &ret->surface);
}

/* What the lens makes of LOOK: the four points around it, those as far away counting most. */
static inline V3 lens_light(const Darkroom *darkroom, const Look *look, F8 *ret_cover)
{
    const LensLevel *level = &darkroom->lens->levels[0];
    float per_step = 1.0f / (float)darkroom->stage->step;
    F8 column = f8_clamp(look->x * per_step - 0.5f, 0.0f, (float)level->width - 1.01f);
    F8 row = f8_clamp(f8(look->y * per_step - 0.5f), 0.0f, (float)level->height - 1.01f);
    F8 left = f8_floor(column), top = f8_floor(row);
    F8 fx = column - left, fy = row - top, total = f8(0), cover = f8(0);
    I8 base = (i8_of_float(top) + LENS_PAD) * level->stride + i8_of_float(left) + LENS_PAD;
    F8 per_apart = 1.0f / (0.5f + 0.25f * f8_abs(look->blur));
    V3 light = v3_zero();

    for (int corner = 0; corner < 4; corner++) {
        int dx = corner & 1, dy = corner >> 1;
        I8 at = base + (dy * level->stride + dx);
        F8 apart = (f8_gather(level->planes[LENS_BLUR], at) - look->blur) * per_apart;
        F8 weight =
            ((dx ? fx : 1.0f - fx) * (dy ? fy : 1.0f - fy) + 1e-3f) / (1.0f + 8.0f * apart * apart);
        V3 seen =
            v3(f8_gather(level->planes[LENS_OUT], at), f8_gather(level->planes[LENS_OUT + 1], at),
               f8_gather(level->planes[LENS_OUT + 2], at));
        light = v3_along(light, seen, weight);
        cover = cover + weight * f8_gather(level->planes[LENS_COVER], at);
        total = total + weight;
    }
    *ret_cover = cover / total;
    return v3_scale(light, 1.0f / total);
}

/* Paint what LOOK met, light it, and add it to the pixels. */
/* Light left beside the line where the product touches the ground: no light comes from below its rounded edge. Drawn here and not
 * with the grid's light, which is too coarse for so fine a line. */
static inline F8 seam_light(const Stage *stage, V3 p)
{
    const Proxy *proxy = &stage->proxy;
    const Camera *camera = &stage->camera;
    const float darkest = 0.6f;

    if (!proxy->is_on)
        return f8(1);
    I8 near = (f8_abs(p.y - proxy->ground) < 0.01f) & (p.x > proxy->low[0]) &
              (p.x < proxy->high[0]) & (p.z > proxy->low[2]) & (p.z < proxy->high[2] + 0.2f);
    if (!i8_any(near))
        return f8(1);
    F8 per_depth = camera->focal / (camera->eye[2] - p.z);
    F8 column =
        ((p.x - camera->eye[0]) * per_depth + camera->shift_x - proxy->left) * proxy->per_screen -
        0.5f;
    F8 c = f8_clamp(column, 0.0f, (float)proxy->width - 2.0f);
    I8 x = i8_of_float(c);
    F8 fx = c - f8_of_int(x);
    F8 contact = f8_mix(f8_gather(proxy->contact, x), f8_gather(proxy->contact, x + 1), fx);
    F8 touch = f8_mix(f8_gather(proxy->touch, x), f8_gather(proxy->touch, x + 1), fx);
    F8 before = p.z - proxy->front - contact;
    F8 fade =
        f8_exp2(f8_max(before, f8(0)) * (-1.4f / proxy->seam)) * f8_smooth(-0.2f, -0.05f, before);
    return f8_select(near, 1.0f - darkest * touch * fade, f8(1));
}

static __attribute__((noinline)) void look_shade(Pixels *pixels, Look *look)
{
    const Darkroom *darkroom = pixels->darkroom;
    const Stage *stage = darkroom->stage;
    I8 live = look->hit.id >= 0;
    V3 seen = v3_zero();
    V3 melted = v3_zero();
    F8 lost = f8(0);

    if (darkroom->lens) {
        F8 cover;
        melted = lens_light(darkroom, look, &cover);
        look->melts = f8_max(look->melts, cover);
    }
    if (i8_any(live) && (darkroom->shadow || i8_any(look->melts < 1.0f))) {
        Lit lit;
        float per_step = 1.0f / (float)stage->step;
        F8 column = f8_clamp(look->x * per_step - 0.5f, -1.0f, (float)stage->grid_width);
        F8 row = f8_clamp(f8(look->y * per_step - 0.5f), -1.0f, (float)stage->grid_height);
        if (i8_any(look->melts < 1.0f))
            surface_paint(stage, &look->hit, SURFACE_RELIEF, &look->surface);
        lit_from_grid(darkroom->grid, column, row, look->hit.id, look->surface.normal, &lit);
        F8 seam = seam_light(stage, look->surface.point);
        seen = v3_scale(lit_surface(&look->surface, &lit), seam);
        F8 left = v3_luminance(v3_add(lit.direct, lit.bounced)) * seam;
        lost = f8_clamp(1.0f - left / f8_max(lit.unshaded, f8(1e-6f)), 0.0f, 1.0f);
        lost = f8_select(live, lost, f8(0));
    }
    if (!i8_all(live))
        seen = v3_select(live, seen, sky_seen(stage, look->ray.way));
    if (darkroom->lens)
        seen = v3_mix(seen, melted, look->melts);
    /* Bright looks count less, or one look in eight would make an edge nearly as bright as eight do, and edges would be stairs. */
    F8 peak = f8_max(seen.x, f8_max(seen.y, seen.z)) * stage->tone.exposure;
    F8 weight = 1.0f / (1.0f + f8_max(peak, f8(0)));
    pixels->sum = v3_along(pixels->sum, seen, weight);
    pixels->weight_sum = pixels->weight_sum + weight;
    pixels->shadow_sum = pixels->shadow_sum + lost;
}

/* Places of looks in a pixel and a little around it: R2 points through a tent; the first is the middle. */
static float look_jitter(int look, double step)
{
    double u = 0.5 + look * step;

    u -= (double)(int)u;
    double tent = u < 0.5 ? sqrt(2 * u) - 1 : 1 - sqrt(2 - 2 * u);
    return (float)(0.5 + 0.85 * tent);
}

enum {
    LOOKS_FIRST = 4, /* that tell whether eight pixels are even */
    LOOKS_MAX = 16
};

/* A sharp look takes nothing from the lens, one that is drawn out over more than two pixels everything. */
static inline F8 look_melts(const Look *look)
{
    F8 radius = f8_select(look->blur >= LENS_BEYOND, f8(0), f8_abs(look->blur));
    return f8_smooth(0.35f, 1.0f, radius);
}

/* Edges take all looks. Where the first few meet the same flat face, or nothing that is sharp, one is shaded for all, since skins
 * know how wide a pixel is. How many were shaded. */
static int look_enough(Pixels *pixels)
{
    Look looks[LOOKS_FIRST], more;
    const Stage *stage = pixels->darkroom->stage;
    int count = MIN(stage->looks, LOOKS_MAX);
    I8 is_even = i8(-1), is_molten = i8(-1);
    const Sight *sight = sight_of(stage, pixels->x, pixels->x + WIDE - 1, pixels->y);

    for (int look = 0; look < count; look++) {
        Look *at = look < LOOKS_FIRST ? &looks[look] : &more;
        float jitter_x = look_jitter(look, 0.7548776662466927);
        float jitter_y = look_jitter(look, 0.5698402909980532);
        look_out(
            stage, f8_lanes() + ((float)pixels->x + jitter_x), (float)pixels->y + jitter_y, sight,
            at);
        if (pixels->darkroom->lens) {
            at->blur = look_blur(stage, at);
            at->melts = look_melts(at);
        }
        if (look >= LOOKS_FIRST) {
            look_shade(pixels, at);
            continue;
        }
        is_even = is_even & (at->hit.id == looks[0].hit.id) &
                  (v3_dot(at->surface.normal, looks[0].surface.normal) > 0.98f);
        is_molten = is_molten & (at->melts >= 1.0f);
        if (look < MIN(LOOKS_FIRST, count) - 1)
            continue;
        if (i8_all(is_even | is_molten)) {
            look_shade(pixels, &looks[0]);
            return 1;
        }
        for (int first = 0; first <= look; first++)
            look_shade(pixels, &looks[first]);
    }
    return count;
}

/* Khronos PBR Neutral; see tone.c for its inverse. */
static inline V3 tone_neutral(V3 c)
{
    const float start = 0.76f, d = 1.0f - 0.76f;
    F8 least = f8_min(c.x, f8_min(c.y, c.z));
    F8 offset = f8_select(least < 0.08f, least - 6.25f * least * least, f8(0.04f));
    V3 low = v3(c.x - offset, c.y - offset, c.z - offset);
    F8 peak = f8_max(low.x, f8_max(low.y, low.z));
    I8 is_bright = peak >= start;
    F8 pressed = 1.0f - d * d / (f8_max(peak, f8(start)) + d - start);
    F8 grey = 1.0f - 1.0f / (0.15f * (peak - pressed) + 1.0f);
    V3 scaled = v3_scale(low, pressed / f8_max(peak, f8(1e-6f)));

    return v3_select(is_bright, v3_mix(scaled, v3(pressed, pressed, pressed), grey), low);
}

static inline F8 srgb_encoded(F8 linear)
{
    F8 l = f8_clamp(linear, 0.0f, 1.0f);
    return 255.0f *
           f8_select(l <= 0.0031308f, l * 12.92f, 1.055f * f8_power(l, 1.0f / 2.4f) - 0.055f);
}

static inline V3 glow_at(const Darkroom *darkroom, F8 x, float y)
{
    const Stage *stage = darkroom->stage;
    float per_step = 1.0f / (float)stage->step;
    F8 column = f8_clamp(x * per_step - 0.5f, 0.0f, (float)stage->grid_width - 1.01f);
    F8 row = f8_clamp(f8(y * per_step - 0.5f), 0.0f, (float)stage->grid_height - 1.01f);
    F8 left = f8_floor(column), top = f8_floor(row);
    F8 fx = column - left, fy = row - top;
    I8 at = (i8_of_float(top) * stage->grid_width + i8_of_float(left)) * 3;
    I8 below = at + stage->grid_width * 3;
    F8 c[3];

    for (int k = 0; k < 3; k++) {
        const float *glow = darkroom->glow + k;
        c[k] = f8_mix(
            f8_mix(f8_gather(glow, at), f8_gather(glow, at + 3), fx),
            f8_mix(f8_gather(glow, below), f8_gather(glow, below + 3), fx), fy);
    }
    return v3(c[0], c[1], c[2]);
}

static void store_bytes(Image *image, int x, int y, const F8 *channels, int count)
{
    uint8_t *row = image_row_mut(image, y);
    int width = image_width(image);

    for (int lane = 0; lane < WIDE && x + lane < width; lane++)
        for (int k = 0; k < count; k++)
            row[(x + lane) * count + k] = (uint8_t)channels[k][lane];
}

static void develop_eight(const Darkroom *darkroom, int x, int y)
{
    const Stage *stage = darkroom->stage;
    Pixels pixels = {darkroom, x, y, v3_zero(), f8(0), f8(0)};
    float share = 1.0f / (float)look_enough(&pixels);
    V3 c = v3_scale(pixels.sum, 1.0f / pixels.weight_sum);
    F8 column = f8_lanes() + ((float)x + 0.5f);

    if (darkroom->glow)
        c = v3_mix(c, glow_at(darkroom, column, (float)y + 0.5f), f8(stage->tone.bloom));
    F8 u = column * (2.0f / (float)stage->frame_width) - 1.0f;
    float v = ((float)y + 0.5f) * (2.0f / (float)stage->frame_height) - 1.0f;
    F8 dim = 1.0f - stage->tone.vignette * f8_smooth(0.5f, 1.9f, u * u + v * v);
    c = v3_scale(c, dim * stage->tone.exposure);
    c = v3(f8_max(c.x, f8(0)), f8_max(c.y, f8(0)), f8_max(c.z, f8(0)));
    /* Split tones: what is bright a little warmer, what is dark a little cooler, about the same luminance. */
    F8 warmth = (f8_smooth(0.03f, 0.75f, v3_luminance(c)) - 0.5f) * (0.16f * stage->tone.split);
    c = v3(c.x * (1.0f + warmth), c.y, c.z * (1.0f - warmth * 1.4f));
    if (stage->tone.kind == TONE_NEUTRAL)
        c = tone_neutral(c);

    U8 hash = u8_hash(
        (U8)i8_of_float(column) * 0x9E3779B1u + (uint32_t)y * 0x85EBCA6Bu + stage->seed * 31u);
    F8 speck = f8_of_hash(hash) + f8_of_hash(u8_hash(hash + 1)) - 1.0f;
    F8 dither = f8_of_hash(u8_hash(hash + 2));
    F8 bright = f8_clamp(v3_luminance(c), 0.0f, 1.0f);
    F8 noise =
        speck * (stage->tone.grain * 306.0f) * (0.15f + 1.45f * f8_sqrt(bright) * (1.0f - bright)) +
        dither;
    F8 bytes[3] = {srgb_encoded(c.x), srgb_encoded(c.y), srgb_encoded(c.z)};
    for (int k = 0; k < 3; k++)
        bytes[k] = f8_clamp(bytes[k] + noise, 0.0f, 255.0f);
    store_bytes(darkroom->picture, x, y, bytes, 3);
    if (darkroom->shadow) {
        F8 lost = f8_clamp(pixels.shadow_sum * (share * 255.0f) + dither, 0.0f, 255.0f);
        store_bytes(darkroom->shadow, x, y, &lost, 1);
    }
}

/* What the camera sees at the points of the grid's row Y, all sharp, and how far each is out of focus. */
void ENGINE_NAME(develop_sketch_row)(const Darkroom *darkroom, Lens *lens, int y)
{
    const Stage *stage = darkroom->stage;
    const LensLevel *level = &lens->levels[0];
    float step = (float)stage->step;

    for (int x = 0; x < level->width; x += WIDE) {
        Pixels pixels = {darkroom, x, y, v3_zero(), f8(0), f8(0)};
        Look look;
        const Sight *sight =
            sight_of(stage, x * stage->step, (x + WIDE) * stage->step - 1, y * stage->step);
        look_out(
            stage, (f8_lanes() + ((float)x + 0.5f)) * step, ((float)y + 0.5f) * step, sight, &look);
        look_shade(&pixels, &look);
        V3 seen = v3_scale(pixels.sum, 1.0f / pixels.weight_sum);
        F8 blur = look_blur(stage, &look);
        size_t at = lens_at(level, x, y);
        f8_store(level->planes[LENS_SEEN] + at, seen.x);
        f8_store(level->planes[LENS_SEEN + 1] + at, seen.y);
        f8_store(level->planes[LENS_SEEN + 2] + at, seen.z);
        f8_store(
            level->planes[LENS_BLUR] + at,
            f8_select(blur >= LENS_BEYOND, blur, f8_clamp(blur, -lens->most, lens->most)));
    }
}

void ENGINE_NAME(develop_row)(const Darkroom *darkroom, int y)
{
    for (int x = 0; x < darkroom->stage->frame_width; x += WIDE)
        develop_eight(darkroom, x, y);
}
