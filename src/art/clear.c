/* A ground that was to be see-through and came painted: models say that they can, and do not always. The house takes it away. */
#include <string.h>

#include "art/art_priv.h"
#include "image/image.h"
#include "watch/watch.h"

bool art_is_see_through(const Image *image)
{
    if (!image_has_alpha(image))
        return false;
    for (int y = 0; y < image_height(image); y++) {
        const unsigned char *row = image_row(image, y);

        for (int x = 0; x < image_width(image); x++)
            if (row[4 * x + 3] < 255)
                return true;
    }
    return false;
}

static MUST Err *cut(const Drawing *drawing, const VendorPicture *picture, Image **ret)
{
    AUTO(recipe_free) Recipe *recipe = NULL;
    AUTO(shot_done) Shot shot = {0};

    TRY(art_recipe_open("cutout", &recipe));
    TRY(shot_open(&shot, picture->bytes, picture->size, &image_limits_default, drawing->cancel));
    TRY(recipe_perform(
        recipe,
        &(RecipeContext){
            .models = drawing->room->models,
            .threads = drawing->room->threads,
            .cancel = drawing->cancel,
            .program = drawing->room->program,
        },
        &shot));
    TRY(shot_finish(&shot, drawing->room->threads));
    *ret = image_ref(shot.finished);
    return NULL;
}

/* When an easel is free: it is as much work as a picture of the house's own. */
static MUST Err *cut_in_turn(const Drawing *drawing, const VendorPicture *picture, Image **ret)
{
    Turns *easels = drawing->room->easels;

    if (!easels)
        return cut(drawing, picture, ret);
    TRY(turns_enter(easels, drawing->cancel));
    Err *err = cut(drawing, picture, ret);
    turns_leave(easels);
    return err;
}

Err *art_ground_clear(const Drawing *drawing, const VendorPicture *picture, Image **ret)
{
    AUTO(err_free) Err *err = cut_in_turn(drawing, picture, ret);

    if (!err || err_code(err) == ERR_CANCELLED)
        return TAKE(err);
    /* The picture is paid for, and good but for its ground. */
    watch_err("art.ground_stays", err, drawing->id);
    return NULL;
}
