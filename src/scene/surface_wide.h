/* surface_wide.h - what eight rays find where they hit: which way it faces, its colour and its gloss. */
#pragma once

#include "scene/hit_wide.h"
#include "scene/paint_wide.h"

typedef enum SurfaceDetail {
    SURFACE_FLAT,   /* mean colours: for light on its way */
    SURFACE_SKIN,   /* with its grain: for what mirrors show */
    SURFACE_RELIEF, /* and leaning with it: for what the camera sees */
} SurfaceDetail;

typedef struct Surface {
    V3 point, normal;
    V3 leaning; /* normal with the grain's relief; as `normal` without SURFACE_RELIEF */
    V3 colour;
    F8 rough, specular, metal;
    I8 is_product;
} Surface;

/* World axes that run along a face with NORMAL. */
typedef struct Face {
    I8 is_level, is_side;
} Face;

WIDE_FN Face face_of(V3 normal)
{
    F8 ax = f8_abs(normal.x), ay = f8_abs(normal.y), az = f8_abs(normal.z);
    return (Face){(ay >= ax) & (ay >= az), ax > az};
}

static inline void
paint_surface(const Paint *paint, I8 live, SurfaceDetail detail, Surface *surface)
{
    const float away = 0.0015f; /* how far apart heights are compared, world units */
    Face face = face_of(surface->normal);
    V3 p = surface->point;
    F8 u = f8_select(face.is_level, p.x, f8_select(face.is_side, p.z, p.x));
    F8 v = f8_select(face.is_level, p.z, p.y);
    Skin skin, beside, below;

    if (detail == SURFACE_FLAT) {
        skin.colour = paint->grain == GRAIN_FADE ? fade_colour(paint, p.y) : v3_of(paint->mean);
        skin.rough = f8(paint->rough);
    } else {
        skin_at(paint, &u, &v, &p.y, &skin);
    }
    if (detail == SURFACE_RELIEF && paint_has_relief(paint)) {
        F8 u2 = u + away, v2 = v + away;
        skin_at(paint, &u2, &v, &p.y, &beside);
        skin_at(paint, &u, &v2, &p.y, &below);
        F8 du = (beside.height - skin.height) * (paint->bump / away);
        F8 dv = (below.height - skin.height) * (paint->bump / away);
        V3 n = surface->normal;
        F8 level = f8_select(face.is_level, f8(1), f8(0));
        F8 side = f8_select(face.is_side & ~face.is_level, f8(1), f8(0));
        V3 lean = v3_unit(
            v3(n.x - du * (1.0f - side), n.y - dv * (1.0f - level), n.z - dv * level - du * side));
        surface->leaning = v3_select(live, lean, surface->leaning);
    }
    surface->colour = v3_select(live, skin.colour, surface->colour);
    surface->rough = f8_select(live, skin.rough, surface->rough);
    surface->specular = f8_select(live, f8(paint->specular), surface->specular);
    surface->metal = f8_select(live, f8(paint->metal), surface->metal);
}

static __attribute__((noinline)) void
surface_find(const Stage *stage, const Ray *ray, const Hit *hit, SurfaceDetail detail, Surface *ret)
{
    I8 paint = i8(-1);
    V3 normal = v3_same(0, 1, 0);

    ret->point = v3_along(ray->origin, ray->way, hit->far);
    ret->colour = v3_zero();
    ret->rough = f8(1);
    ret->specular = f8(0.04f);
    ret->metal = f8(0);
    ret->is_product = hit->id == HIT_PROXY;
    for (int s = 0; s < stage->solid_count; s++) {
        I8 live = hit->id == s;
        if (!i8_any(live))
            continue;
        normal = v3_select(live, solid_normal(&stage->solids[s], ret->point), normal);
        paint = i8_select(live, i8(stage->solids[s].paint), paint);
    }
    if (i8_any(ret->is_product)) {
        V3 facing, colour;
        proxy_surface(stage, ret->point, &facing, &colour);
        normal = v3_select(ret->is_product, facing, normal);
        ret->colour = v3_select(ret->is_product, colour, ret->colour);
        ret->rough = f8_select(ret->is_product, f8(0.5f), ret->rough);
    }
    /* Softened edges must not face away from who looks. */
    F8 facing = v3_dot(normal, ray->way);
    V3 turned = v3_unit(v3_along(normal, ray->way, -(facing + 0.06f)));
    ret->normal = v3_select(facing > -0.03f, turned, normal);
    ret->leaning = ret->normal;
    for (int p = 0; p < stage->paint_count; p++) {
        I8 live = paint == p;
        if (i8_any(live))
            paint_surface(&stage->paints[p], live, detail, ret);
    }
}
