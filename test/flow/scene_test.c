/* What words for a set and --review promise, on the real program. */
#include "base/file.h"
#include "base/hash.h"
#include "program.h"
#include "test.h"

static Hash picture_hash(const Desk *desk, const char *name)
{
    AUTO(buf_done) Buf bytes = BUF(1 << 24);

    CHECK_OK(file_read(desk_path(desk, name), &bytes));
    return hash_bytes(bytes.bytes, bytes.size);
}

static Ran set_render(const Desk *desk, const char *name, const char *options)
{
    return desk_run(
        desk, arena_print(desk->mem, "render p.png -o %s --size 128x128 %s", name, options));
}

TEST(words_choose_a_set_and_say_which)
{
    AUTO(desk_clear) Desk desk = desk_new();

    desk_draw(&desk, "p.png", 1);
    Ran ran = set_render(&desk, "a.png", "--scene kitchen,marble");
    CHECK_INT(ran.status, 0);
    CHECK(strstr(ran.err, "kitchen"));
    CHECK_INT(set_render(&desk, "b.png", "--scene dapur,marmer --seed 3").status, 0);
    CHECK_INT(set_render(&desk, "c.png", "--scene kitchen,marble").status, 0);
    CHECK(hash_equal(picture_hash(&desk, "a.png"), picture_hash(&desk, "c.png")));
    CHECK(!hash_equal(picture_hash(&desk, "a.png"), picture_hash(&desk, "b.png")));
}

TEST(words_of_no_meaning_still_give_a_picture_or_a_sentence)
{
    static const char *const words[] = {
        "xyzzy", "%s%n", "\xff\xfe", "\033[31m", "\xf0\x9f\x8e\x84"};
    AUTO(desk_clear) Desk desk = desk_new();

    desk_draw(&desk, "p.png", 1);
    for (size_t i = 0; i < COUNT(words); i++) {
        Ran ran =
            set_render(&desk, "a.png", arena_print(desk.mem, "--scene %s --no-cache", words[i]));
        CHECK(ran.status == 0 || ran.status == 2);
        CHECK(ran.err[0]);
        CHECK(!strchr(ran.err, '\033'));
    }
}

TEST(a_review_names_the_pictures_that_are_too_small)
{
    AUTO(desk_clear) Desk desk = desk_new();
    AUTO(value_free) Value *review = NULL;

    desk_draw_many(&desk, "in", 6);
    Ran ran = desk_run(
        &desk, "render in -o out -t catalogue-grey --size 900x900 --review review.json --json");
    CHECK_INT(ran.status, 0);
    const char *text = desk_text(&desk, "review.json");
    CHECK(text);
    CHECK_OK(value_parse(text, strlen(text), &review));
    CHECK_INT(value_int(value_get(review, "pictures")), 6);
    const Value *odd = value_get(review, "odd");
    CHECK(odd);
    /* 320 pixels are less than the picture needs. */
    CHECK_INT(value_count(odd), 6);
    CHECK_TEXT(value_text(value_get(value_at(odd, 0), "what")), "scale");
}
