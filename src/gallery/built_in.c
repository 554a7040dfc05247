/* The templates that travel in the program, read once, in the order of tbl/templates.def. */
#include <pthread.h>
#include <string.h>

#include "gallery/gallery_priv.h"
#include "recipe/sample.h"

enum {
    BUILT_IN_MOST = 200,
    DRAWING = 1, /* raised when the same recipe is shown in another way */
};

static const char *const order[] = {
#define TEMPLATE(name) name,
#include "tbl/templates.def"
#undef TEMPLATE
};

/* Read by whoever needs them first; from then on only looked at. */
static struct {
    pthread_mutex_t reading;
    Arena *mem;
    Template items[BUILT_IN_MOST];
    size_t count;
} house = {.reading = PTHREAD_MUTEX_INITIALIZER};

const char *drawing_of(const Recipe *recipe, Arena *mem)
{
    AUTO(hasher_free) Hasher *hasher = hasher_new();
    Hash key = recipe_key(recipe, &(RecipeContext){0}, sample_identity());
    char text[HASH_TEXT_SIZE];

    hasher_add_number(hasher, DRAWING);
    hasher_add(hasher, key.bytes, sizeof(key.bytes));
    hash_text(hasher_done(hasher), text);
    return arena_text_n(mem, text, 32);
}

static Texts texts_copy(const Texts *texts, Arena *mem)
{
    Texts copy = {ARENA_ARRAY(mem, const char *, texts->count + 1), texts->count};

    for (size_t i = 0; i < texts->count; i++)
        copy.items[i] = arena_text(mem, texts->items[i]);
    return copy;
}

static void value_end(void *value)
{
    value_free(value);
}

static MUST Err *item_read(const char *name, Arena *mem, Template *ret)
{
    AUTO(recipe_free) Recipe *recipe = NULL;

    TRY(recipe_find(name, &recipe));
    const RecipeFacts *facts = recipe_facts(recipe);
    Value *json = recipe_write(recipe);

    arena_keep(mem, value_end, json);
    *ret = (Template){
        .id = arena_text(mem, facts->name),
        .name = arena_text(mem, facts->title),
        .description = arena_text(mem, facts->description),
        .category = arena_text(mem, facts->category),
        .platform = *facts->platform ? arena_text(mem, facts->platform) : NULL,
        .aspect = arena_text(mem, facts->aspect),
        .tags = texts_copy(&facts->tags, mem),
        .width_px = facts->width_px,
        .height_px = facts->height_px,
        .is_public = true,
        .is_featured = facts->featured,
        .is_premium = facts->premium,
        .is_built_in = true,
        .recipe = json,
        .drawing = drawing_of(recipe, mem),
    };
    return NULL;
}

static bool is_in(const char *name, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(house.items[i].id, name) == 0)
            return true;
    return false;
}

/* First those that have a place, then, should one be forgotten, the others by name. */
static MUST Err *all_read(Arena *mem, size_t *ret_count)
{
    const char *const *names = template_names(mem);
    size_t count = 0;

    for (size_t i = 0; i < COUNT(order); i++, count++)
        TRY(item_read(order[i], mem, &house.items[count]));
    for (; *names && count < BUILT_IN_MOST; names++)
        if (!is_in(*names, count))
            TRY(item_read(*names, mem, &house.items[count++]));
    for (size_t i = 0; i < count; i++)
        house.items[i].position = (int64_t)i;
    *ret_count = count;
    return NULL;
}

static MUST Err *house_need(void)
{
    AUTO(arena_free) Arena *mem = NULL;

    if (house.count)
        return NULL;
    mem = arena_new();
    TRY(all_read(mem, &house.count));
    house.mem = TAKE(mem);
    return NULL;
}

Err *built_in_all(const Template **ret, size_t *ret_count)
{
    pthread_mutex_lock(&house.reading);
    Err *err = house_need();
    pthread_mutex_unlock(&house.reading);
    TRY(err);
    *ret = house.items;
    *ret_count = house.count;
    return NULL;
}

Err *built_in_find(const char *name, const Template **ret)
{
    const Template *items;
    size_t count;

    TRY(built_in_all(&items, &count));
    *ret = NULL;
    for (size_t i = 0; i < count; i++)
        if (strcmp(items[i].id, name) == 0)
            *ret = &items[i];
    return NULL;
}
