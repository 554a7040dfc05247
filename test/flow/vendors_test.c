/* Promises of vendors over HTTP: who does the work, and what it would cost. */
#include "shop.h"

static const char pro[] = "{\"name\":\"Mugs\",\"email\":\"ann@example.com\",\"plan\":\"pro\"}";

TEST_FLOW(without_vendors_the_studio_does_all_work_and_says_so)
{
    const Shop shop = shop_open(place, pro);
    const Reply vendors = shop_get(&shop, 200, "/v1/vendors");

    CHECK_INT(value_count(reply_at(&vendors, "work")), 4);
    CHECK_TEXT(reply_text(&vendors, "work>0>work"), "images");
    CHECK_TEXT(reply_text(&vendors, "work>0>by>0"), "builtin");
}
