/* Promises of one stream for all that a page shows. */
#include <string.h>

#include "shop.h"

static const char *job_begin(const Shop *shop)
{
    const Reply job = shop_send(
        shop, 201, "POST", "{\"items\":[{\"filename\":\"mug.png\",\"scene_count\":1}]}",
        "/v1/jobs");

    return reply_text(&job, "job_id");
}

TEST_FLOW(many_jobs_are_followed_in_one_stream)
{
    const Shop shop = shop_open(place, "{\"name\":\"Mugs\",\"plan\":\"pro\"}");
    const Shop other = shop_open(place, "{\"name\":\"Cups\",\"plan\":\"pro\"}");
    const char *one = job_begin(&shop), *two = job_begin(&shop), *foreign = job_begin(&other);
    const char *path = arena_print(place->mem, "/v1/events?topics=%s,%s&until_done=true", one, two);
    const char *missing = arena_print(place->mem, "/v1/events?topics=%s,%s", one, foreign);

    shop_send(&shop, 200, "DELETE", NULL, "/v1/jobs/%s", one);
    shop_send(&shop, 200, "DELETE", NULL, "/v1/jobs/%s", two);
    const char *events = shop_events(&shop, path, NULL);
    CHECK(strstr(
        events, arena_print(place->mem, "{\"topic\":\"%s\",\"name\":\"run.cancelled\"", one)));
    const char *last =
        strstr(events, arena_print(place->mem, "{\"topic\":\"%s\",\"name\":\"project.", two));
    CHECK(last);

    /* The id of an event says how far both are, so whoever comes with the last one hears nothing twice. */
    const char *id = strstr(events, "id: ");
    for (const char *next = id; (next = strstr(next + 1, "id: "));)
        id = next;
    id = arena_text_n(place->mem, id + strlen("id: "), strcspn(id + strlen("id: "), "\n"));
    CHECK(strstr(id, one) && strstr(id, two));
    CHECK(!strstr(shop_events(&shop, path, id), "data:"));
    CHECK(!strstr(
        shop_events(&shop, arena_print(place->mem, "%s&after=%s", path, id), NULL), "data:"));

    shop_refused(&shop, "not_found", &(Request){.method = "GET", .path = missing});
    const char *many = "";
    for (int i = 0; i < 17; i++)
        many = arena_print(place->mem, "%s%s%s", many, i ? "," : "", one);
    shop_refused(
        &shop, "input_invalid",
        &(Request){.method = "GET", .path = arena_print(place->mem, "/v1/events?topics=%s", many)});
}
