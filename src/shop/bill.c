/* Bills: as they are kept and told, and how they are shared out among pictures. */
#include <inttypes.h>

#include "base/said.h"
#include "shop/shop_priv.h"

static void value_end(void *value)
{
    value_free(value);
}

static void whole_set(Value *object, const char *name, int64_t number)
{
    value_set(object, name, value_of_int(number));
}

const Value *bill_json(const PriceBill *bill, Arena *mem)
{
    Value *json = value_object(), *lines = value_list();

    arena_keep(mem, value_end, json);
    for (int i = 0; i < bill->count; i++) {
        const PriceLine *line = &bill->lines[i];
        Value *said = value_object();

        value_set(said, "feature", value_of_text(price_name(line->price)));
        whole_set(said, "count", line->count);
        whole_set(said, "credits", price_credits(line->price));
        value_add(lines, said);
    }
    value_set(json, "lines", lines);
    whole_set(json, "listed", bill->listed);
    whole_set(json, "bundle", bill->bundle);
    whole_set(json, "volume", bill->volume);
    whole_set(json, "credits", bill->credits);
    return json;
}

const char *bill_feature(const PriceBill *bill)
{
    const PriceLine *dearest = bill->lines;

    if (!bill->count)
        return "free";
    for (int i = 0; i < bill->count; i++) {
        const PriceLine *line = &bill->lines[i];

        if (line->price == PRICE_BATCH)
            return price_name(PRICE_BATCH);
        if (price_credits(line->price) > price_credits(dearest->price))
            dearest = line;
    }
    return price_name(dearest->price);
}

const char *bill_parts(const PriceBill *bill, Arena *mem)
{
    const char *parts = NULL;

    for (int i = 0; bill->count > 1 && i < bill->count; i++) {
        const PriceLine *line = &bill->lines[i];

        if (line->price == PRICE_BATCH)
            return NULL;
        parts = arena_print(
            mem, "%s%s%s:%" PRId64, parts ? parts : "", parts ? " " : "", price_name(line->price),
            line->count * price_credits(line->price));
    }
    return parts;
}

const char *bill_words(const PriceBill *bill, Arena *mem)
{
    const char *words = "";

    for (int i = 0; i < bill->count; i++)
        words = arena_print(
            mem, "%s%s" SAID_MARK "%s" SAID_MARK, words, i ? ", " : "",
            price_words(bill->lines[i].price));
    return words;
}

/* The base bears its share of what is taken off; what is left of whole credits is spread over the first pictures. Of several looks the bases are spread
 * over all pictures: a look that fails costs nothing then, and no other pays for it. */
BillShares bill_shares(const PriceBill *bill, int64_t count)
{
    int64_t base = 0;

    for (int i = 0; i < bill->count; i++)
        if (bill->lines[i].price == PRICE_BATCH && bill->lines[i].count == 1)
            base = price_credits(PRICE_BATCH) * bill->credits / bill->listed;
    int64_t rest = bill->credits - base;
    return (BillShares){.base = base, .each = rest / count, .dearer = rest % count};
}
