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
    V3 leaning;      /* normal with the grain's relief; as `normal` without SURFACE_RELIEF */
    V3 colour, glow; /* glow: its own light */
    F8 rough, specular, metal;
    F8 facing; /* cosine between it and who looks */
    I8 is_product;
} Surface;

/* Where on its face a point of a solid lies: axes that stay with the solid, so that a turned box keeps its grain straight. */
typedef struct Face {
    I8 is_level, is_side;
    F8 u, v;
} Face;

static inline Face face_of(const Solid *solid, V3 p, V3 normal)
{
    F8 ax = f8_abs(normal.x), ay = f8_abs(normal.y), az = f8_abs(normal.z);
    Face face = {(ay >= ax) & (ay >= az), ax > az, f8(0), f8(0)};

    if (solid->kind == SOLID_CYLINDER) {
        F8 around = f8_turns(p.x, p.z) * (6.2831853f * solid->radius);
        face.is_side = i8(0);
        face.u = f8_select(face.is_level, p.x, around);
    } else {
        face.u = f8_select(face.is_level | ~face.is_side, p.x, p.z);
    }
    face.v = f8_select(face.is_level, p.z, p.y);
    return face;
}

/* A step of (DU, DV) along FACE as a step in the solid's axes. */
static inline V3 face_step(const Solid *solid, const Face *face, V3 normal, F8 du, F8 dv)
{
    V3 flat = v3(
        f8_select(face->is_side & ~face->is_level, f8(0), du), f8_select(face->is_level, f8(0), dv),
        f8_select(face->is_level, dv, f8_select(face->is_side, du, f8(0))));

    if (solid->kind != SOLID_CYLINDER)
        return flat;
    F8 per = 1.0f / f8_sqrt(f8_max(normal.x * normal.x + normal.z * normal.z, f8(1e-6f)));
    V3 round = v3(normal.z * per * du, dv, -normal.x * per * du);
    return v3_select(face->is_level, flat, round);
}

static inline Spot spot_of(const Paint *paint, const Face *face, F8 foot_u, F8 foot_v)
{
    float per = 1.0f / paint->scale, c = paint->cos_turn * per, s = paint->sin_turn * per;
    float ac = fabsf(c), as = fabsf(s);

    /* Lanes that hit nothing may lie anywhere; cells are counted in whole numbers. */
    F8 u = f8_clamp(face->u * c + face->v * s, -1e5f, 1e5f);
    F8 v = f8_clamp(face->v * c - face->u * s, -1e5f, 1e5f);

    return (Spot){u, v, foot_u * ac + foot_v * as, foot_v * ac + foot_u * as};
}

static inline void paint_surface(
    const Solid *solid, const Paint *paint, I8 live, SurfaceDetail detail, F8 foot,
    Surface *surface)
{
    V3 local = solid_inward(solid, v3_sub(surface->point, v3_of(solid->centre)));
    V3 normal = solid_inward(solid, surface->normal);
    Skin skin;

    if (detail == SURFACE_FLAT) {
        skin.colour =
            paint->grain == GRAIN_FADE ? fade_colour(paint, surface->point.y) : v3_of(paint->mean);
        skin.rough = f8(paint->rough);
    } else {
        Face face = face_of(solid, local, normal);
        F8 slant = foot / f8_max(surface->facing, f8(0.04f));
        F8 foot_u = f8_select(face.is_level, foot, slant);
        F8 foot_v = f8_select(face.is_level, slant, foot);
        Spot spot = spot_of(paint, &face, foot_u, foot_v);
        ENGINE_NAME(skin_at)(paint, &spot, &surface->point.y, &skin);
        if (detail == SURFACE_RELIEF && paint_has_relief(paint)) {
            /* Heights are compared a pixel apart, or what is steeper than pixels would sparkle. */
            F8 away_u = f8_max(foot_u, f8(0.0015f)), away_v = f8_max(foot_v, f8(0.0015f));
            F8 beside, below;
            Face aside = face;
            aside.u = face.u + away_u;
            spot = spot_of(paint, &aside, foot_u, foot_v);
            ENGINE_NAME(skin_height_at)(paint, &spot, &beside);
            aside.u = face.u;
            aside.v = face.v + away_v;
            spot = spot_of(paint, &aside, foot_u, foot_v);
            ENGINE_NAME(skin_height_at)(paint, &spot, &below);
            F8 du = (beside - skin.height) * paint->bump / away_u;
            F8 dv = (below - skin.height) * paint->bump / away_v;
            V3 lean = solid_outward(solid, v3_sub(normal, face_step(solid, &face, normal, du, dv)));
            surface->leaning = v3_select(live, v3_unit(lean), surface->leaning);
        }
    }
    surface->colour = v3_select(live, skin.colour, surface->colour);
    if (paint->glow > 0.0f)
        surface->glow = v3_select(live, v3_scale(skin.colour, f8(paint->glow)), surface->glow);
    surface->rough = f8_select(live, skin.rough, surface->rough);
    surface->specular = f8_select(live, f8(paint->specular), surface->specular);
    surface->metal = f8_select(live, f8(paint->metal), surface->metal);
}

/* Which way a body or the product faces where it was hit, and nothing of its skin. */
WIDE_CALL void surface_face(const Stage *stage, const Ray *ray, const Hit *hit, Surface *ret)
{
    V3 normal = v3_same(0, 1, 0);
    I8 left = (hit->id >= 0) & (hit->id != HIT_PROXY), live;

    ret->point = v3_along(ray->origin, ray->way, hit->far);
    ret->colour = ret->glow = v3_zero();
    ret->rough = f8(1);
    ret->specular = f8(0.04f);
    ret->metal = f8(0);
    ret->is_product = hit->id == HIT_PROXY;
    for (int s; (s = hit_next(hit, &left, &live)) >= 0;)
        normal = v3_select(live, solid_normal(&stage->solids[s], ret->point), normal);
    if (i8_any(ret->is_product)) {
        V3 facing, colour;
        proxy_surface(stage, ret->point, &facing, &colour);
        normal = v3_select(ret->is_product, facing, normal);
        ret->colour = v3_select(ret->is_product, colour, ret->colour);
        ret->rough = f8_select(ret->is_product, f8(0.5f), ret->rough);
    }
    /* Softened edges must not face away from who looks. */
    F8 facing = v3_dot(normal, ray->way);
    V3 turned = v3_unit(v3_along(normal, ray->way, -(facing + 0.03f)));
    ret->normal = v3_select(facing > -0.03f, turned, normal);
    ret->leaning = ret->normal;
    ret->facing = f8_abs(facing);
}

/* Then its skin, for lanes that hit a body. A mirror's rays start at points of the grid, which lie further apart than pixels. */
WIDE_CALL void surface_paint(const Stage *stage, const Hit *hit, SurfaceDetail detail, Surface *ret)
{
    const Camera *camera = &stage->camera;
    float apart =
        camera->pixel / camera->focal * (detail == SURFACE_RELIEF ? 1.0f : (float)stage->step);
    F8 foot = f8_min(hit->far, f8(100)) * apart;

    I8 left = (hit->id >= 0) & (hit->id != HIT_PROXY), live;
    for (int s; (s = hit_next(hit, &left, &live)) >= 0;) {
        const Solid *solid = &stage->solids[s];
        paint_surface(solid, &stage->paints[solid->paint], live, detail, foot, ret);
    }
}
