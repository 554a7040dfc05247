/* What a pack says of itself. */
#include "pack/metadata.h"

#include <string.h>

#include "base/clock.h"

static void time_set(Value *object, const char *name, int64_t wall_ms)
{
    char text[CLOCK_TEXT_SIZE];

    clock_text(wall_ms, text);
    value_set(object, name, value_of_text(text));
}

static void text_set(Value *object, const char *name, const char *text)
{
    if (text && *text)
        value_set(object, name, value_of_text(text));
}

static void value_put_in(Value *object, const char *name, const Value *value)
{
    if (value)
        value_set(object, name, value_ref(value));
}

static void form_set(Value *object, const PackForm *form)
{
    if (!form->platform)
        return;
    value_set(object, "platform", value_of_text(form->platform->name));
    value_set(object, "form", value_of_text(form->form->form));
}

Value *metadata_file(const PackForm *form, const PackedFile *packed, PackMade *made)
{
    Value *file = value_object();

    value_set(file, "path", value_of_text(packed->path));
    form_set(file, form);
    value_set(file, "bytes", value_of_int(packed->bytes));
    value_set(file, "sha256", value_of_text(packed->sha256));
    if (!made) {
        value_set(file, "as_it_was", value_of_bool(true));
        return file;
    }
    value_set(file, "format", value_of_text(image_format_name(made->format)));
    value_set(file, "width", value_of_int(made->width_px));
    value_set(file, "height", value_of_int(made->height_px));
    value_set(file, "dpi", value_of_int(300));
    if (made->quality)
        value_set(file, "quality", value_of_int(made->quality));
    for (ValueMember m = value_first(made->facts); m.name; m = value_next(made->facts, m))
        value_set(file, m.name, value_ref(m.value));
    value_free(made->facts);
    made->facts = NULL;
    return file;
}

Value *metadata_failure(const PackForm *form, const Err *why)
{
    Value *failure = value_object();

    if (form) {
        form_set(failure, form);
        value_set(failure, "wanted", value_of_text(form->label));
    }
    value_set(failure, "error", value_of_text(err_name(err_code(why))));
    value_set(failure, "message", value_of_text(err_text(why)));
    return failure;
}

static Value *product_value(const PackPicture *picture)
{
    Value *product = value_object();

    text_set(product, "id", picture->product_id);
    text_set(product, "name", picture->product_name);
    text_set(product, "sku", picture->product_sku);
    text_set(product, "price", picture->product_price);
    if (value_count(picture->product_tags))
        value_put_in(product, "tags", picture->product_tags);
    return product;
}

Value *
metadata_picture(const char *run_id, const PackPicture *picture, Value *files, Value *failures)
{
    Value *entry = value_object();

    value_set(entry, "id", value_of_text(run_id));
    if (picture) {
        value_set(entry, "item", value_of_text(picture->photo_id));
        value_set(entry, "photo", value_of_text(picture->filename));
        value_set(entry, "product", product_value(picture));
        time_set(entry, "made_at", picture->ended_ms);
        text_set(entry, "template", picture->template);
        text_set(entry, "scene", picture->scene_type);
        value_put_in(entry, "workflow", picture->batch_wish);
        value_put_in(entry, "recipe", picture->recipe);
    }
    value_set(entry, "files", files);
    if (value_count(failures))
        value_set(entry, "failed", failures);
    else
        value_free(failures);
    return entry;
}

/* The wish without what is only for us: the pictures stand below. */
static Value *settings_value(const Pack *pack)
{
    static const char *const shown[] = {"formats", "platforms", "size", "quality", "folders"};
    Value *settings = value_object();

    for (size_t i = 0; i < COUNT(shown); i++) {
        const Value *member = value_get(pack->wish, shown[i]);

        if (member && value_kind(member) != VALUE_NULL)
            value_set(settings, shown[i], value_ref(member));
    }
    return settings;
}

Value *metadata_whole(const Pack *pack, const char *program, Value *pictures)
{
    Value *whole = value_object();

    value_set(whole, "export", value_of_text(pack->id));
    value_set(whole, "project", value_of_text(pack->project_id));
    text_set(whole, "made_by", program);
    time_set(whole, "wished_at", pack->created_ms);
    time_set(whole, "made_at", clock_now_ms());
    value_set(whole, "settings", settings_value(pack));
    value_set(whole, "files", value_of_int(pack->done - pack->failed));
    value_set(whole, "failed", value_of_int(pack->failed));
    value_set(whole, "pictures", pictures);
    return whole;
}
