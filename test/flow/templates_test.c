/* What `cyclorama templates` promises, on the real program. */
#include <unistd.h>

#include "base/file.h"
#include "image/image.h"
#include "program.h"
#include "test.h"

static void longest_check(const Desk *desk, const char *name, int side)
{
    AUTO(buf_done) Buf file = BUF(1 << 24);
    AUTO(image_decoded_done) ImageDecoded decoded = {0};

    CHECK_OK(file_read(desk_path(desk, name), &file));
    CHECK_OK(image_decode(file.bytes, file.size, NULL, NULL, &decoded));
    CHECK_INT(decoded.facts.format, IMAGE_WEBP);
    CHECK_INT(MAX(image_width(decoded.image), image_height(decoded.image)), side);
}

TEST(a_preview_needs_no_photo_and_is_made_once)
{
    AUTO(desk_clear) Desk desk = desk_new();

    CHECK(strstr(desk_run(&desk, "templates shopee-white --previews out").out, "1 made"));
    longest_check(&desk, "out/shopee-white.webp", 800);
    longest_check(&desk, "out/shopee-white-400.webp", 400);
    CHECK(strstr(desk_run(&desk, "templates shopee-white --previews out").out, "0 made, 1 up"));
    CHECK_INT(unlink(desk_path(&desk, "out/shopee-white-400.webp")), 0);
    desk_put(&desk, "out/previews.json", "[damaged");
    CHECK(strstr(desk_run(&desk, "templates shopee-white --previews out").out, "1 made"));
    longest_check(&desk, "out/shopee-white-400.webp", 400);
}

TEST(previews_of_no_template_or_in_no_folder_are_refused)
{
    AUTO(desk_clear) Desk desk = desk_new();

    desk_put(&desk, "file", "in the way");
    CHECK_INT(desk_run(&desk, "templates shopee-wite --previews out").status, 2);
    Ran ran = desk_run(&desk, "templates shopee-white --previews file");
    CHECK(ran.status != 0);
    CHECK(ran.err[0]);
}

TEST(the_list_of_templates_names_their_pictures)
{
    AUTO(desk_clear) Desk desk = desk_new();
    AUTO(value_free) Value *list = NULL;
    Ran ran = desk_run(&desk, "templates --json");

    CHECK_OK(value_parse(ran.out, strlen(ran.out), &list));
    for (size_t i = 0; i < value_count(list); i++) {
        const Value *row = value_at(list, i);
        const char *name = value_text(value_get(row, "name"));

        CHECK_TEXT(value_text(value_get(row, "preview")), arena_print(desk.mem, "%s.webp", name));
        CHECK_TEXT(
            value_text(value_get(row, "thumbnail")), arena_print(desk.mem, "%s-400.webp", name));
    }
}
