/* Built-in scenes by name. */
#include "scene/library.h"

#include "base/embed.h"
#include "shape/shape.h"

extern const Embedded embedded_scenes[];

const char *const *scene_names(Arena *mem)
{
    size_t count = 0;

    while (embedded_scenes[count].name)
        count++;
    const char **names = ARENA_ARRAY(mem, const char *, count + 1);
    for (size_t i = 0; i < count; i++)
        names[i] = embedded_scenes[i].name;
    return names;
}

MUST Err *scene_find(const char *name, Value **ret)
{
    const Embedded *row = embed_find(embedded_scenes, name);

    if (row)
        return value_parse((const char *)row->bytes, row->size, ret);

    AUTO(arena_free) Arena *mem = arena_new();
    const char *const *names = scene_names(mem);
    size_t count = 0;
    while (names[count])
        count++;
    const char *near = shape_nearest(name, names, count);
    return err_public(
        err_new(ERR_INPUT_INVALID, "no scene is called '%s'", name),
        "There is no scene called '%s'.%s%s%s", name, near ? " Did you mean '" : "",
        near ? near : "", near ? "'?" : "");
}
