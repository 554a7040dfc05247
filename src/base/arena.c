/* Memory that is freed whole: a chain of blocks, the newest first. */
#include "base/arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum {
    BLOCK_BYTES = 16 * 1024
};

typedef struct Block {
    struct Block *next;
    size_t used, size;
    alignas(max_align_t) unsigned char bytes[];
} Block;

typedef struct Guest {
    struct Guest *next;
    void (*end)(void *thing);
    void *thing;
} Guest;

struct Arena {
    Block *newest;
    Guest *guests; /* they lie in the blocks */
};

Arena *arena_new(void)
{
    Arena *arena = calloc(1, sizeof(*arena));

    if (!arena)
        abort();
    return arena;
}

void arena_free(Arena *arena)
{
    if (!arena)
        return;

    for (Guest *guest = arena->guests; guest; guest = guest->next)
        guest->end(guest->thing);
    for (Block *block = arena->newest, *next; block; block = next) {
        next = block->next;
        free(block);
    }
    free(arena);
}

static size_t size_aligned(size_t size)
{
    size_t align = alignof(max_align_t);

    if (size > SIZE_MAX - align - sizeof(Block))
        abort();
    return (size + align - 1) / align * align;
}

void *arena_take(Arena *arena, size_t size)
{
    size = size_aligned(size ? size : 1);

    if (!arena->newest || arena->newest->size - arena->newest->used < size) {
        size_t room = MAX(size, (size_t)BLOCK_BYTES);
        Block *block = calloc(1, sizeof(Block) + room);

        if (!block)
            abort();
        block->size = room;
        block->next = arena->newest;
        arena->newest = block;
    }

    void *taken = arena->newest->bytes + arena->newest->used;

    arena->newest->used += size;
    return taken;
}

void arena_keep(Arena *arena, void (*end)(void *thing), void *thing)
{
    Guest *guest = arena_take(arena, sizeof(*guest));

    *guest = (Guest){arena->guests, end, thing};
    arena->guests = guest;
}

char *arena_text_n(Arena *arena, const char *text, size_t length)
{
    char *copy = arena_take(arena, length + 1);

    memcpy(copy, text, length);
    return copy;
}

char *arena_text(Arena *arena, const char *text)
{
    return text ? arena_text_n(arena, text, strlen(text)) : NULL;
}

char *arena_print(Arena *arena, const char *format, ...)
{
    va_list args, again;

    va_start(args, format);
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (length < 0)
        abort();

    char *text = arena_take(arena, (size_t)length + 1);

    vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    return text;
}
