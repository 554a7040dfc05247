/* Ids: form, order, birth. */
#include <string.h>

#include "base/clock.h"
#include "base/id.h"
#include "test.h"

TEST(an_id_says_what_it_is_and_when_it_was_born)
{
    int64_t before_ms = clock_now_ms();
    Id id = id_new("job");

    CHECK(id_is(id.text, "job"));
    CHECK(!id_is(id.text, "run"));
    CHECK(!id_is("job_x", "job"));
    CHECK(!id_is("job_01jd5x8w9zq3k0m4t7v2n6b1cu", "job")); /* u is no letter of ours */
    CHECK(id_born_ms(id.text) >= before_ms);
    CHECK(id_born_ms(id.text) <= clock_now_ms() + 1);
    CHECK_INT(id_born_ms("tree"), -1);
}

TEST(ids_sort_in_the_order_they_were_made)
{
    Id last = id_new("run");

    for (int i = 0; i < 10000; i++) {
        Id id = id_new("run");

        CHECK(strcmp(last.text, id.text) < 0);
        last = id;
    }
}
