/* wide.h - eight numbers at a time: the small language in which the tracer, the denoiser and the darkroom are written.
 *
 * Built on the vector types of gcc and clang at a fixed width, so one source gives the same bits on every processor: operations
 * are the same single-precision ones in the same order whether the compiler has SSE2 or AVX2 at hand. Masks are all-ones or
 * all-zeros in each lane. Only files that are compiled once per instruction set include this header.
 */
#pragma once

#include <math.h>
#include <stdint.h>
#include <string.h>

#if defined(__SSE2__)
#include <immintrin.h>
#endif

#define WIDE 8
#define WIDE_FN static inline __attribute__((always_inline))
#define WIDE_CALL \
    static __attribute__((noinline, unused)) /* too large to be compiled more than once */
#define WIDE_PURE \
    static __attribute__(( \
        noinline, unused, const)) /* the same; its result depends on its arguments alone */

typedef float F8 __attribute__((vector_size(WIDE * 4)));
typedef int32_t I8 __attribute__((vector_size(WIDE * 4)));
typedef uint32_t U8 __attribute__((vector_size(WIDE * 4)));

/* Three F8: a point, a direction or a colour in each lane. */
typedef struct V3 {
    F8 x, y, z;
} V3;

WIDE_FN F8 f8(float x)
{
    return (F8){x, x, x, x, x, x, x, x};
}

WIDE_FN I8 i8(int32_t x)
{
    return (I8){x, x, x, x, x, x, x, x};
}

WIDE_FN U8 u8(uint32_t x)
{
    return (U8){x, x, x, x, x, x, x, x};
}

WIDE_FN F8 f8_lanes(void)
{
    return (F8){0, 1, 2, 3, 4, 5, 6, 7};
}

WIDE_FN F8 f8_of_int(I8 a)
{
    return __builtin_convertvector(a, F8);
}

/* Towards zero. */
WIDE_FN I8 i8_of_float(F8 a)
{
    return __builtin_convertvector(a, I8);
}

WIDE_FN F8 f8_load(const float *from)
{
    F8 a;
    memcpy(&a, from, sizeof a);
    return a;
}

WIDE_FN void f8_store(float *to, F8 a)
{
    memcpy(to, &a, sizeof a);
}

#if defined(__AVX2__)

WIDE_FN F8 f8_select(I8 mask, F8 yes, F8 no)
{
    return (F8)_mm256_blendv_ps((__m256)no, (__m256)yes, (__m256)mask);
}

WIDE_FN int i8_any(I8 mask)
{
    return _mm256_movemask_ps((__m256)mask) != 0;
}

WIDE_FN int i8_all(I8 mask)
{
    return _mm256_movemask_ps((__m256)mask) == 255;
}

/* The first lane in MASK; WIDE when there is none. */
WIDE_FN int i8_first(I8 mask)
{
    return __builtin_ctz((unsigned)_mm256_movemask_ps((__m256)mask) | 1u << WIDE);
}

WIDE_FN F8 f8_sqrt(F8 a)
{
    return (F8)_mm256_sqrt_ps((__m256)a);
}

WIDE_FN F8 f8_min(F8 a, F8 b)
{
    return (F8)_mm256_min_ps((__m256)a, (__m256)b);
}

WIDE_FN F8 f8_max(F8 a, F8 b)
{
    return (F8)_mm256_max_ps((__m256)a, (__m256)b);
}

WIDE_FN F8 f8_gather(const float *from, I8 index)
{
    return (F8)_mm256_i32gather_ps(from, (__m256i)index, 4);
}

#else

WIDE_FN F8 f8_select(I8 mask, F8 yes, F8 no)
{
    return (F8)((mask & (I8)yes) | (~mask & (I8)no));
}

WIDE_FN int i8_any(I8 mask)
{
    int64_t halves[WIDE / 2];
    memcpy(halves, &mask, sizeof mask);
    return (halves[0] | halves[1] | halves[2] | halves[3]) != 0;
}

WIDE_FN int i8_all(I8 mask)
{
    int64_t halves[WIDE / 2];
    memcpy(halves, &mask, sizeof mask);
    return (halves[0] & halves[1] & halves[2] & halves[3]) == -1;
}

WIDE_FN int i8_first(I8 mask)
{
    int lane = 0;
    while (lane < WIDE && !mask[lane])
        lane++;
    return lane;
}

WIDE_FN F8 f8_sqrt(F8 a)
{
    F8 root;
    for (int lane = 0; lane < WIDE; lane++)
        root[lane] = sqrtf(a[lane]);
    return root;
}

/* As minps and maxps: the second operand when either is not a number. */
WIDE_FN F8 f8_min(F8 a, F8 b)
{
    return f8_select(a < b, a, b);
}

WIDE_FN F8 f8_max(F8 a, F8 b)
{
    return f8_select(a > b, a, b);
}

WIDE_FN F8 f8_gather(const float *from, I8 index)
{
    F8 a;
    for (int lane = 0; lane < WIDE; lane++)
        a[lane] = from[index[lane]];
    return a;
}

#endif

WIDE_FN float f8_sum(F8 a)
{
    return ((a[0] + a[1]) + (a[2] + a[3])) + ((a[4] + a[5]) + (a[6] + a[7]));
}

WIDE_FN I8 i8_select(I8 mask, I8 yes, I8 no)
{
    return (mask & yes) | (~mask & no);
}

WIDE_FN F8 f8_abs(F8 a)
{
    return (F8)((I8)a & 0x7fffffff);
}

/* Written out, not an instruction, so that both builds treat huge and negative zero values alike. */
WIDE_FN F8 f8_floor(F8 a)
{
    F8 cut = f8_of_int(i8_of_float(a));
    return f8_select(cut > a, cut - 1.0f, cut);
}

WIDE_FN F8 f8_fraction(F8 a)
{
    return a - f8_floor(a);
}

WIDE_FN F8 f8_clamp(F8 a, float low, float high)
{
    return f8_min(f8_max(a, f8(low)), f8(high));
}

WIDE_FN F8 f8_mix(F8 a, F8 b, F8 share)
{
    return a + (b - a) * share;
}

/* 0 at LOW, 1 at HIGH, smooth between. */
WIDE_FN F8 f8_smooth(float low, float high, F8 a)
{
    F8 t = f8_clamp((a - low) * (1.0f / (high - low)), 0.0f, 1.0f);
    return t * t * (3.0f - 2.0f * t);
}

/* Cosine and sine of TURNS whole turns. */
WIDE_FN F8 f8_cos_turns(F8 turns)
{
    F8 u = turns - f8_floor(turns + 0.5f);
    F8 z = (f8_abs(u) * 2.0f - 0.5f) * 3.14159265f;
    F8 s = z * z;

    return -(z * (1.0f + s * (-1.0f / 6 + s * (1.0f / 120 + s * (-1.0f / 5040 + s / 362880.0f)))));
}

WIDE_FN F8 f8_sin_turns(F8 turns)
{
    return f8_cos_turns(turns - 0.25f);
}

/* The angle of (ASIDE, AHEAD) in turns, -0.5..0.5, 0 straight ahead; right to 1e-5. */
WIDE_FN F8 f8_turns(F8 aside, F8 ahead)
{
    F8 ax = f8_abs(aside), ay = f8_abs(ahead);
    F8 t = f8_min(ax, ay) / f8_max(f8_max(ax, ay), f8(1e-20f)), s = t * t;
    F8 a = t * (0.1591518f +
                s * (-0.0529496f +
                     s * (0.0308771f + s * (-0.0187259f + s * (0.0086007f - s * 0.0019547f)))));

    a = f8_select(ax > ay, 0.25f - a, a);
    a = f8_select(ahead < 0.0f, 0.5f - a, a);
    return f8_select(aside < 0.0f, -a, a);
}

/* Polynomial fits, about 1e-5 relative: enough for light, and the same everywhere. */
WIDE_FN F8 f8_log2(F8 a)
{
    I8 bits = (I8)a;
    I8 exponent = ((bits >> 23) & 255) - 127;
    F8 m = (F8)((bits & 0x007fffff) | 0x3f800000);
    F8 p = -3.4436006e-2f * m + 3.1821337e-1f;

    p = p * m - 1.2315303f;
    p = p * m + 2.5988452f;
    p = p * m - 3.3241990f;
    p = p * m + 3.1157899f;
    return p * (m - 1.0f) + f8_of_int(exponent);
}

WIDE_FN F8 f8_exp2(F8 a)
{
    F8 x = f8_clamp(a, -126.0f, 126.0f);
    F8 whole = f8_floor(x);
    F8 r = x - whole;
    F8 p = 1.3534167e-2f * r + 5.2011464e-2f;

    p = p * r + 2.4144275e-1f;
    p = p * r + 6.9300383e-1f;
    p = p * r + 1.0000026f;
    return (F8)((i8_of_float(whole) + 127) << 23) * p;
}

WIDE_FN F8 f8_power(F8 a, float exponent)
{
    return f8_select(a <= 0.0f, f8(0), f8_exp2(f8_log2(f8_max(a, f8(1e-20f))) * exponent));
}

WIDE_FN F8 f8_power5(F8 a)
{
    F8 square = a * a;
    return square * square * a;
}

/* ---- three at a time ---- */

WIDE_FN V3 v3(F8 x, F8 y, F8 z)
{
    return (V3){x, y, z};
}

WIDE_FN V3 v3_same(float x, float y, float z)
{
    return (V3){f8(x), f8(y), f8(z)};
}

WIDE_FN V3 v3_of(const float from[3])
{
    return (V3){f8(from[0]), f8(from[1]), f8(from[2])};
}

WIDE_FN V3 v3_zero(void)
{
    return (V3){f8(0), f8(0), f8(0)};
}

WIDE_FN V3 v3_add(V3 a, V3 b)
{
    return (V3){a.x + b.x, a.y + b.y, a.z + b.z};
}

WIDE_FN V3 v3_sub(V3 a, V3 b)
{
    return (V3){a.x - b.x, a.y - b.y, a.z - b.z};
}

WIDE_FN V3 v3_mul(V3 a, V3 b)
{
    return (V3){a.x * b.x, a.y * b.y, a.z * b.z};
}

WIDE_FN V3 v3_scale(V3 a, F8 by)
{
    return (V3){a.x * by, a.y * by, a.z * by};
}

/* ORIGIN + WAY * FAR */
WIDE_FN V3 v3_along(V3 origin, V3 way, F8 far)
{
    return (V3){origin.x + way.x * far, origin.y + way.y * far, origin.z + way.z * far};
}

WIDE_FN F8 v3_dot(V3 a, V3 b)
{
    return a.x * b.x + a.y * b.y + a.z * b.z;
}

WIDE_FN V3 v3_unit(V3 a)
{
    return v3_scale(a, 1.0f / f8_sqrt(f8_max(v3_dot(a, a), f8(1e-20f))));
}

WIDE_FN V3 v3_select(I8 mask, V3 yes, V3 no)
{
    return (V3){
        f8_select(mask, yes.x, no.x), f8_select(mask, yes.y, no.y), f8_select(mask, yes.z, no.z)};
}

/* A where MASK, black elsewhere. */
WIDE_FN V3 v3_where(I8 mask, V3 a)
{
    return (V3){(F8)(mask & (I8)a.x), (F8)(mask & (I8)a.y), (F8)(mask & (I8)a.z)};
}

WIDE_FN V3 v3_mix(V3 a, V3 b, F8 share)
{
    return (V3){f8_mix(a.x, b.x, share), f8_mix(a.y, b.y, share), f8_mix(a.z, b.z, share)};
}

WIDE_FN V3 v3_min(V3 a, float most)
{
    return (V3){f8_min(a.x, f8(most)), f8_min(a.y, f8(most)), f8_min(a.z, f8(most))};
}

/* Relative luminance of a linear colour. */
WIDE_FN F8 v3_luminance(V3 a)
{
    return a.x * 0.2126f + a.y * 0.7152f + a.z * 0.0722f;
}

/* ---- dice and noise; a lane's numbers depend on its pixel only ---- */

/* lowbias32 (Wellons 2018). */
WIDE_FN U8 u8_hash(U8 x)
{
    x ^= x >> 16;
    x *= 0x7feb352du;
    x ^= x >> 15;
    x *= 0x846ca68bu;
    x ^= x >> 16;
    return x;
}

WIDE_FN F8 f8_of_hash(U8 hash)
{
    return __builtin_convertvector((I8)(hash >> 8), F8) * (1.0f / 16777216.0f);
}

WIDE_FN U8 u8_hash_cell(I8 x, I8 y, uint32_t seed)
{
    return u8_hash((U8)x * 0x9E3779B1u ^ u8_hash((U8)y * 0x85EBCA77u + seed));
}

WIDE_FN F8 f8_cell(I8 x, I8 y, uint32_t seed)
{
    return f8_of_hash(u8_hash_cell(x, y, seed));
}

/* Value noise of -1..1, twice smooth. */
WIDE_PURE F8 f8_noise(F8 x, F8 y, uint32_t seed)
{
    F8 cell_x = f8_floor(x), cell_y = f8_floor(y);
    I8 ix = i8_of_float(cell_x), iy = i8_of_float(cell_y);
    F8 fx = x - cell_x, fy = y - cell_y;
    F8 u = fx * fx * fx * (fx * (fx * 6.0f - 15.0f) + 10.0f);
    F8 v = fy * fy * fy * (fy * (fy * 6.0f - 15.0f) + 10.0f);
    F8 above = f8_mix(f8_cell(ix, iy, seed), f8_cell(ix + 1, iy, seed), u);
    F8 below = f8_mix(f8_cell(ix, iy + 1, seed), f8_cell(ix + 1, iy + 1, seed), u);

    return f8_mix(above, below, v) * 2.0f - 1.0f;
}

/* OCTAVES of noise, each turned, twice as fine and half as strong. */
WIDE_PURE F8 f8_clouds(F8 x, F8 y, int octaves, uint32_t seed)
{
    F8 sum = f8(0);
    float strength = 0.5f;

    for (int octave = 0; octave < octaves; octave++) {
        sum = sum + strength * f8_noise(x, y, seed + (uint32_t)octave * 101);
        F8 turned = x * 1.6f + y * 1.2f + 17.3f;
        y = y * 1.6f - x * 1.2f + 9.1f;
        x = turned;
        strength *= 0.5f;
    }
    return sum;
}

/* A row of well-spread points in the unit square (R2, Roberts 2018), shifted by the pixel's own hash. */
typedef struct Points {
    F8 u, v;
} Points;

WIDE_FN Points points_of(U8 pixel, uint32_t purpose)
{
    U8 hash = u8_hash(pixel + purpose * 0x9E3779B9u);
    return (Points){f8_of_hash(hash), f8_of_hash(u8_hash(hash ^ 0x68bc21ebu))};
}

WIDE_FN void points_at(const Points *points, int index, F8 *ret_u, F8 *ret_v)
{
    double u = (index + 1) * 0.7548776662466927, v = (index + 1) * 0.5698402909980532;

    *ret_u = f8_fraction(points->u + (float)(u - (double)(int)u));
    *ret_v = f8_fraction(points->v + (float)(v - (double)(int)v));
}

/* Two directions square to NORMAL (Duff et al. 2017). */
WIDE_FN void wide_axes(V3 normal, V3 *ret_across, V3 *ret_up)
{
    F8 sign = f8_select(normal.z >= 0.0f, f8(1), f8(-1));
    F8 a = -1.0f / (sign + normal.z);
    F8 b = normal.x * normal.y * a;

    *ret_across = v3(1.0f + sign * normal.x * normal.x * a, sign * b, -sign * normal.x);
    *ret_up = v3(b, sign + normal.y * normal.y * a, -normal.y);
}

/* A direction about NORMAL, as likely as its cosine. */
WIDE_FN V3 wide_cosine_way(V3 normal, F8 u, F8 v)
{
    V3 across, up;
    F8 radius = f8_sqrt(u);

    wide_axes(normal, &across, &up);
    V3 flat =
        v3_add(v3_scale(across, radius * f8_cos_turns(v)), v3_scale(up, radius * f8_sin_turns(v)));
    return v3_unit(v3_along(flat, normal, f8_sqrt(f8_max(1.0f - u, f8(0)))));
}
