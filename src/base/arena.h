/* arena.h - memory that is freed whole.
 *
 * An Arena holds the text and small structs of one command, one recipe or one request. It is always passed explicitly, as
 * first parameter, and belongs to one thread at a time. What it hands out is zeroed and lives until arena_free.
 */
#pragma once

#include <stddef.h>

#include "base/attr.h"

typedef struct Arena Arena;

Arena *arena_new(void);
void arena_free(Arena *arena);
DEFINE_AUTO(Arena, arena_free);

/* SIZE zeroed bytes, aligned for any type. Never NULL: small things that do not fit end the program. */
void *arena_take(Arena *arena, size_t size);

/* Call END(THING) when the arena is freed, the last one kept first. */
void arena_keep(Arena *arena, void (*end)(void *thing), void *thing);

/* An array of COUNT zeroed elements. */
#define ARENA_ARRAY(arena, Type, count) ((Type *)arena_take((arena), sizeof(Type) * (count)))

char *arena_text(Arena *arena, const char *text);                  /* copy; NULL stays NULL */
char *arena_text_n(Arena *arena, const char *text, size_t length); /* copy of LENGTH bytes, ended */
char *arena_print(Arena *arena, const char *format, ...) PRINTF(2, 3); /* formatted */
