/* attr.h - the few compiler extensions this tree allows, each under one short name. */
#pragma once

#include <stddef.h>
#include <stdlib.h>

/* The caller must look at the result. Every function that returns Err * carries it. */
#define MUST __attribute__((warn_unused_result))

/* Arguments from FIRST on follow printf rules of the format at FORMAT. */
#define PRINTF(format_, first_) __attribute__((format(printf, format_, first_)))

/* clang warns of inline functions in a .c file that nobody calls. */
#define MAYBE_UNUSED __attribute__((unused))

/* Run FREE_FN on the variable when its scope ends:  AUTO(image_free) Image *image = NULL; */
#define AUTO(free_fn) __attribute__((cleanup(free_fn##_auto)))

/* Teach AUTO one destructor. Destructors accept NULL. */
#define DEFINE_AUTO(Type, free_fn) \
    MAYBE_UNUSED static inline void free_fn##_auto(Type **var) \
    { \
        free_fn(*var); \
    } \
    struct require_semicolon

/* The same for a value that lives in place and is ended by done(&value). */
#define DEFINE_AUTO_DONE(Type, done_fn) \
    MAYBE_UNUSED static inline void done_fn##_auto(Type *var) \
    { \
        done_fn(var); \
    } \
    struct require_semicolon

/* Hand the pointer over and leave NULL behind, so AUTO finds nothing to do. */
#define TAKE(ptr) \
    __extension__({ \
        __typeof__(ptr) *take_from_ = &(ptr); \
        __typeof__(ptr) taken_ = *take_from_; \
        *take_from_ = NULL; \
        taken_; \
    })

/* AUTO(free) void *bytes = NULL; */
static inline void free_auto(void *var)
{
    free(*(void **)var);
}

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* GLib has its own, which evaluate an argument twice. */
#undef MIN
#undef MAX
#undef CLAMP
#define MIN(a, b) \
    __extension__({ \
        __typeof__(a) min_a_ = (a); \
        __typeof__(b) min_b_ = (b); \
        min_a_ < min_b_ ? min_a_ : min_b_; \
    })
#define MAX(a, b) \
    __extension__({ \
        __typeof__(a) max_a_ = (a); \
        __typeof__(b) max_b_ = (b); \
        max_a_ > max_b_ ? max_a_ : max_b_; \
    })
#define CLAMP(value, low, high) \
    __extension__({ \
        __typeof__(value) clamp_v_ = (value); \
        __typeof__(value) clamp_l_ = (low); \
        __typeof__(value) clamp_h_ = (high); \
        (clamp_v_ < clamp_l_) ? clamp_l_ : (clamp_v_ > clamp_h_) ? clamp_h_ : clamp_v_; \
    })
