/* What `cyclorama sheet` promises, on the real program. */
#include "base/file.h"
#include "image/image.h"
#include "program.h"
#include "test.h"

static void check_size(const Desk *desk, const char *name, int width, int height)
{
    AUTO(buf_done) Buf file = BUF(1 << 24);
    AUTO(image_decoded_done) ImageDecoded decoded = {0};

    CHECK_OK(file_read(desk_path(desk, name), &file));
    CHECK_OK(image_decode(file.bytes, file.size, NULL, NULL, &decoded));
    CHECK_INT(image_width(decoded.image), width);
    CHECK_INT(image_height(decoded.image), height);
}

TEST(a_sheet_has_room_for_every_picture_and_its_words)
{
    AUTO(desk_clear) Desk desk = desk_new();

    for (int i = 0; i < 3; i++)
        desk_draw(&desk, arena_print(desk.mem, "p%d.png", i), i);
    CHECK_INT(desk_run(&desk, "sheet p0.png=one p1.png p2.png= -o row.png --cell 96").status, 0);
    CHECK_INT(
        desk_run(&desk, "sheet p0.png p1.png p2.png -o grid.jpg --cell 96 --columns 2").status, 0);
    check_size(&desk, "row.png", 3 * (96 + 6) + 6, 96 + 8 + 12 + 6);
    check_size(&desk, "grid.jpg", 2 * (96 + 6) + 6, 2 * (96 + 8 + 12) + 6);
}

TEST(a_sheet_that_cannot_be_made_says_why_and_leaves_no_file)
{
    AUTO(desk_clear) Desk desk = desk_new();

    desk_draw(&desk, "p.png", 1);
    CHECK(desk_run(&desk, "sheet p.png gone.png -o sheet.jpg").status != 0);
    CHECK(!file_exists(desk_path(&desk, "sheet.jpg")));
    Ran ran = desk_run(&desk, "sheet p.png -o sheet.txt");
    CHECK_INT(ran.status, 2);
    CHECK(strstr(ran.err, ".jpg, .png or .webp"));
    CHECK_INT(
        desk_run(&desk, "sheet p.png p.png p.png p.png p.png -o sheet.jpg --cell 4096").status, 2);
    ran = desk_run(&desk, "sheet p.png -o ./p.png");
    CHECK_INT(ran.status, 2);
    CHECK(strstr(ran.err, "one of your photos"));
}
