/* Any bytes as a recipe: refused with a reason, or read; and what was read means the same when it is written out and read again. */
#include "recipe/recipe.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void must(Err *err)
{
    if (err)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    AUTO(value_free) Value *json = NULL;
    AUTO(recipe_free) Recipe *recipe = NULL, *again = NULL;
    RecipeContext context = {.seed = 1};
    Hash photo = hash_bytes("photo", 5);

    AUTO(err_free) Err *err = value_parse((const char *)bytes, size, &json);
    if (!err)
        err = recipe_read(json, &recipe);
    if (err)
        return err_text(err)[0] == 0;

    AUTO(value_free) Value *written = recipe_write(recipe);
    must(recipe_read(written, &again));
    if (!hash_equal(recipe_key(recipe, &context, photo), recipe_key(again, &context, photo)))
        abort();
    return 0;
}
