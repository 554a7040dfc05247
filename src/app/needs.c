/* Which models the built-in recipes need. */
#include "app/needs.h"

#include <string.h>

static const ModelTask tasks[] = {MODEL_MATTE};

bool needs_model(const Models *models, const ModelRow *row)
{
    for (size_t i = 0; i < COUNT(tasks); i++) {
        const ModelRow *first = models_default(models, tasks[i]);

        if (first == row || (first && first->preview && strcmp(first->preview, row->name) == 0))
            return true;
    }
    return false;
}

typedef bool Wanted(const Models *models, const ModelRow *row);

static Texts names_of(const Models *models, Wanted *is_wanted, bool with_runtime, Arena *mem)
{
    Texts names = {ARENA_ARRAY(mem, const char *, models_count(models) + 2), 0};

    if (with_runtime)
        names.items[names.count++] = "runtime";
    for (size_t i = 0; i < models_count(models); i++)
        if (is_wanted(models, models_at(models, i)))
            names.items[names.count++] = models_at(models, i)->name;
    return names;
}

static bool model_is_missing(const Models *models, const ModelRow *row)
{
    return needs_model(models, row) && models_state(models, row) != MODEL_STATE_INSTALLED;
}

Texts needs_names(const Models *models, Arena *mem)
{
    return names_of(models, needs_model, true, mem);
}

Texts needs_missing(const Models *models, Arena *mem)
{
    return names_of(models, model_is_missing, false, mem);
}
