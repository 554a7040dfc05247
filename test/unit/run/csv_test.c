/* Promises of tables of photos. */
#include "run/run.h"
#include "test.h"

static const PhotoWish *wish_at(const List *wishes, size_t index)
{
    CHECK(index < wishes->count);
    return (const PhotoWish *)wishes->items + index;
}

static void refused(const char *text, const char *words)
{
    AUTO(arena_free) Arena *mem = arena_new();
    List wishes;
    AUTO(err_free) Err *err = wishes_read_csv(text, strlen(text), mem, &wishes);

    CHECK(err);
    if (!strstr(err_text(err), words))
        test_fail(__FILE__, __LINE__, "'%s' does not say '%s'", err_text(err), words);
}

TEST(a_table_becomes_wishes_whatever_the_order_of_its_columns)
{
    static const char text[] =
        "\xef\xbb\xbfProduct_ID,URL,filename,scene_prompt,scene_type,colour\r\n"
        "7, https://a.example/x.jpg ,x.jpg,\"a \"\"sunny\"\" kitchen,\nwith marble\",,red\r\n"
        "\r\n"
        ",https://a.example/y.jpg,,,office,\r\n";
    AUTO(arena_free) Arena *mem = arena_new();
    List wishes;

    CHECK_OK(wishes_read_csv(text, sizeof(text) - 1, mem, &wishes));
    CHECK_INT(wishes.count, 2);
    CHECK_TEXT(wish_at(&wishes, 0)->product_id, "7");
    CHECK_TEXT(wish_at(&wishes, 0)->source_url, "https://a.example/x.jpg");
    CHECK_TEXT(wish_at(&wishes, 0)->scene_prompt, "a \"sunny\" kitchen,\nwith marble");
    CHECK_INT(wish_at(&wishes, 0)->scene_types.count, 0);
    CHECK(!wish_at(&wishes, 1)->filename && !wish_at(&wishes, 1)->product_id);
    CHECK_TEXT(wish_at(&wishes, 1)->scene_types.items[0], "office");
}

TEST(a_last_line_needs_no_line_end)
{
    static const char text[] = "source_url\nhttps://a.example/x.jpg";
    AUTO(arena_free) Arena *mem = arena_new();
    List wishes;

    CHECK_OK(wishes_read_csv(text, sizeof(text) - 1, mem, &wishes));
    CHECK_INT(wishes.count, 1);
}

TEST(what_is_wrong_in_a_table_is_named_by_line_and_column)
{
    refused("", "The table has no photos");
    refused("source_url\n", "The table has no photos");
    refused("filename\na.jpg\n", "Line 1: the first line must name the columns");
    refused("url,source_url\n", "Line 1, column 2: this column is there twice");
    refused("filename,url\r\na,https://a.example/a\r\nb,\r\n", "Line 3, column 2: the address");
    refused("url\nhttps://a.example\n\nfile:///etc/passwd\n", "Line 4, column 1: the address");
    refused("url,scene_type\nhttps://a.example/a,kitchn\n", "Line 2, column 2: ");
    refused("url\n\"https://a.example\n", "a quotation mark is in the wrong place");
    refused("url\n\"a\"b\n", "Line 2, column 1: a quotation mark is in the wrong place");
    refused(
        "url,scene_prompt\nhttps://a.example/a,\"two\nlines\"\nhttp,\n", "Line 4, column 1: the");
}
