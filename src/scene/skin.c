/* Which skin a paint wears. The families lie in wood_, stone_, cloth_ and laid_wide.h; grain_wide.h says how their detail fades where a
 * pixel is wider than it. Compiled for each instruction set. */
#include "scene/cloth_wide.h"
#include "scene/laid_wide.h"
#include "scene/paint_wide.h"
#include "scene/stone_wide.h"
#include "scene/wood_wide.h"

WIDE_FN void skin_plain(const Paint *paint, const Spot *spot, Skin *skin)
{
    F8 u = spot->u * paint->scale, v = spot->v * paint->scale; /* the same at any scale */
    F8 foot = spot_foot(spot, 90.0f * paint->scale, 90.0f * paint->scale);
    F8 broad = f8_clouds(u * 1.7f, v * 1.7f, 2, paint->seed);
    F8 fine = grain_noise(u * 90.0f, v * 90.0f, foot, paint->seed + 5);

    skin->colour = v3_scale(skin->colour, 1.0f + (broad * 0.03f + fine * 0.012f) * paint->variety);
    skin->height = fine * 0.0006f;
    skin->rough = skin->rough + broad * 0.05f;
}

WIDE_FN void skin_any(const Paint *paint, const Spot *spot, F8 height, Skin *ret)
{
    ret->colour = v3_of(paint->colours[0]);
    ret->rough = f8(paint->rough);
    ret->height = f8(0);
    switch (paint->grain) {
    case GRAIN_PLASTER:
        skin_plaster(paint, spot, ret);
        break;
    case GRAIN_CONCRETE:
        skin_concrete(paint, spot, ret);
        break;
    case GRAIN_WOOD:
        skin_wood(paint, spot, ret);
        break;
    case GRAIN_HERRINGBONE:
        skin_herringbone(paint, spot, ret);
        break;
    case GRAIN_MARBLE:
        skin_marble(paint, spot, ret);
        break;
    case GRAIN_TERRAZZO:
        skin_terrazzo(paint, spot, ret);
        break;
    case GRAIN_LINEN:
        skin_linen(paint, spot, ret);
        break;
    case GRAIN_TILE:
        skin_tile(paint, spot, ret);
        break;
    case GRAIN_ZELLIGE:
        skin_zellige(paint, spot, ret);
        break;
    case GRAIN_TRAVERTINE:
        skin_travertine(paint, spot, ret);
        break;
    case GRAIN_SAND:
        skin_sand(paint, spot, ret);
        break;
    case GRAIN_BRICK:
        skin_brick(paint, spot, ret);
        break;
    case GRAIN_SLATE:
        skin_slate(paint, spot, ret);
        break;
    case GRAIN_ASPHALT:
        skin_asphalt(paint, spot, ret);
        break;
    case GRAIN_WET:
        skin_wet(paint, spot, ret);
        break;
    case GRAIN_PLEATS:
        skin_pleats(paint, spot, ret);
        break;
    case GRAIN_BATIK:
        skin_batik(paint, spot, ret);
        break;
    case GRAIN_RATTAN:
        skin_rattan(paint, spot, ret);
        break;
    case GRAIN_GRASS:
        skin_grass(paint, spot, ret);
        break;
    case GRAIN_PAPER:
        skin_paper(paint, spot, ret);
        break;
    case GRAIN_BRUSHED:
        skin_brushed(paint, spot, ret);
        break;
    case GRAIN_FADE:
        ret->colour = fade_colour(paint, height);
        skin_plain(paint, spot, ret);
        break;
    default:
        skin_plain(paint, spot, ret);
        break;
    }
}

void ENGINE_NAME(skin_at)(const Paint *paint, const Spot *spot, const F8 *height, Skin *ret)
{
    skin_any(paint, spot, *height, ret);
    V3 c = ret->colour;
    ret->colour = v3_min(v3(f8_max(c.x, f8(0)), f8_max(c.y, f8(0)), f8_max(c.z, f8(0))), 1.0f);
    ret->rough = f8_clamp(ret->rough, 0.03f, 1.0f);
}

/* What colour and gloss cost is left out by the compiler. */
void ENGINE_NAME(skin_height_at)(const Paint *paint, const Spot *spot, F8 *ret)
{
    Skin skin;

    skin_any(paint, spot, f8(0), &skin);
    *ret = skin.height;
}
