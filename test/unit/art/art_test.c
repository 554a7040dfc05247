/* Promises of pictures from words: what is asked for comes, is paid for once, and what fails costs nothing; on both databases. */
#include "base/clock.h"
#include "unit/art/easel.h"
#include "unit/recipe/drawn.h"

TEST_DB(a_picture_from_words_is_paid_for_and_kept)
{
    Easel easel;
    ArtWish wish;
    Art art;

    easel_open(&easel, db);
    wish = easel_wish(&easel, "a sunny kitchen with marble");
    easel_make(&easel, &wish, &art);
    CHECK_INT(art.count, 1);
    CHECK_INT(art.pictures[0].width_px, 64);
    CHECK_TEXT(art.pictures[0].filetype, "png");
    CHECK_TEXT(art.vendor, "builtin");
    CHECK(art.note != NULL);
    CHECK_INT(art.credits, 1);
    CHECK(art.usage.image_tokens_out > 0);
    CHECK_INT(shop_purse(&easel.shop).held, 0);
    CHECK_INT(easel_spent(&easel), 1);
    CHECK_INT(test_db_number(db, "SELECT COUNT(*) FROM arts WHERE state = 'completed'"), 1);
    CHECK_INT(test_db_number(db, "SELECT COUNT(*) FROM assets"), 1);
    CHECK_INT(test_db_number(db, "SELECT COUNT(*) FROM usage_events"), 1);
    shop_audit(&easel.shop);
    easel_close(&easel);
}
