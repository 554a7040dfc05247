/* denormal_priv.h - whether this thread's arithmetic rounds numbers too small to matter to zero.
 *
 * Some networks carry thousands of such weights and run five times slower with them. The runtime's own switch reaches the threads of its
 * pool but not the calling thread, and leaves the thread that loads the first network changed; pictures computed there would
 * then differ by thread.
 */
#pragma once

#include <stdint.h>

typedef uint64_t DenormalMode;

#if defined(__x86_64__)
#include <xmmintrin.h>

static inline DenormalMode denormals_keep(void)
{
    return _mm_getcsr();
}

static inline void denormals_restore(DenormalMode mode)
{
    _mm_setcsr((unsigned)mode);
}

static inline DenormalMode denormals_flush(void)
{
    DenormalMode mode = denormals_keep();

    denormals_restore(mode | 0x8040); /* FTZ, DAZ */
    return mode;
}
#elif defined(__aarch64__)
static inline DenormalMode denormals_keep(void)
{
    DenormalMode mode;

    __asm__ volatile("mrs %0, fpcr" : "=r"(mode));
    return mode;
}

static inline void denormals_restore(DenormalMode mode)
{
    __asm__ volatile("msr fpcr, %0" : : "r"(mode));
}

static inline DenormalMode denormals_flush(void)
{
    DenormalMode mode = denormals_keep();

    denormals_restore(mode | 1u << 24); /* FZ */
    return mode;
}
#else
static inline DenormalMode denormals_keep(void)
{
    return 0;
}

static inline void denormals_restore(DenormalMode mode)
{
    (void)mode;
}

static inline DenormalMode denormals_flush(void)
{
    return 0;
}
#endif
