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

TEST(columns_may_be_parted_by_semicolons_or_tabs_as_spreadsheets_do)
{
    static const char *const texts[] = {
        "source_url;scene_prompt;filename\r\nhttps://a.example/x.jpg;oak, linen;x.jpg\r\n",
        "source_url\tscene_prompt\tfilename\nhttps://a.example/x.jpg\toak, linen\tx.jpg\n",
        "source_url,\"scene_prompt\",filename\nhttps://a.example/x.jpg,\"oak, linen\",x.jpg\n",
    };

    for (size_t i = 0; i < COUNT(texts); i++) {
        AUTO(arena_free) Arena *mem = arena_new();
        List wishes;

        CHECK_OK(wishes_read_csv(texts[i], strlen(texts[i]), mem, &wishes));
        CHECK_INT(wishes.count, 1);
        CHECK_TEXT(wish_at(&wishes, 0)->scene_prompt, "oak, linen");
        CHECK_TEXT(wish_at(&wishes, 0)->filename, "x.jpg");
    }
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

/* The first wish's scene in a table whose only scene is PROMPT, as bytes. */
static void prompt_reads(const char *prompt, size_t size, const char *wanted)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(buf_done) Buf text = BUF(1000);
    List wishes;

    CHECK_OK(buf_add_text(&text, "url,scene_prompt\nhttps://a.example/x.jpg,"));
    CHECK_OK(buf_add(&text, prompt, size));
    CHECK_OK(wishes_read_csv(text.bytes, text.size, mem, &wishes));
    CHECK_TEXT(wish_at(&wishes, 0)->scene_prompt, wanted);
}

TEST(letters_of_older_programs_are_understood)
{
    prompt_reads("caf\xe9 \x80 5", 8, "caf\xc3\xa9 \xe2\x82\xac 5");
    prompt_reads("\x93k\xfc\x63he\x94", 7, "\xe2\x80\x9ck\xc3\xbc\x63he\xe2\x80\x9d");
    prompt_reads("caf\xc3\xa9", 5, "caf\xc3\xa9");
    prompt_reads("\xf0\x9f\x8c\xbf", 4, "\xf0\x9f\x8c\xbf");
}

/* TEXT (ASCII but for ~, which stands for a leaf beyond the first 65,536 letters, and ^ for a small u umlaut) in UTF-16. */
static size_t utf16_write(const char *text, bool is_big, char *ret)
{
    size_t size = 0;
    uint16_t units[200];
    size_t count = 0;

    units[count++] = 0xfeff;
    for (; *text; text++) {
        if (*text == '~')
            units[count++] = 0xd83c;
        units[count++] = *text == '~' ? 0xdf3f : *text == '^' ? 0xfc : (uint16_t)*text;
    }
    for (size_t i = 0; i < count; i++) {
        ret[size++] = (char)(is_big ? units[i] >> 8 : units[i]);
        ret[size++] = (char)(is_big ? units[i] : units[i] >> 8);
    }
    return size;
}

TEST(what_a_spreadsheet_calls_unicode_text_is_understood_in_both_orders_of_bytes)
{
    AUTO(arena_free) Arena *mem = arena_new();
    char bytes[400];
    List wishes;

    for (int is_big = 0; is_big < 2; is_big++) {
        size_t size =
            utf16_write("url,scene_prompt\r\nhttps://a.example/x,k^che ~\r\n", is_big, bytes);

        CHECK_OK(wishes_read_csv(bytes, size, mem, &wishes));
        CHECK_INT(wishes.count, 1);
        CHECK_TEXT(wish_at(&wishes, 0)->scene_prompt, "k\xc3\xbc\x63he \xf0\x9f\x8c\xbf");
    }
}

TEST(letters_that_cannot_be_read_are_named_by_line)
{
    AUTO(arena_free) Arena *mem = arena_new();
    char bytes[400];
    List wishes;

    /* A letter that is right, and one that is not: damaged, and no other kind. */
    refused("url\nhttps://a.example/\xc3\xa9\nhttps://a.example/\xff\n", "Line 3: a letter");
    refused(
        "\xef\xbb\xbfurl\nhttps://a.example/\xe9\n", "Line 2: a letter cannot be read as UTF-8");
    refused("url\nhttps://a.example/\x81\n", "Line 2: a letter");
    refused("url\nhttps://a.example/\xed\xa0\x80\xc3\xa9\n", "Line 2: a letter");
    size_t size = utf16_write("url\nhttps://a.example/~", false, bytes);
    for (size_t less = 1; less < 3; less++) {
        AUTO(err_free) Err *err = wishes_read_csv(bytes, size - less, mem, &wishes);

        CHECK(err && strstr(err_text(err), "Line 2: a letter cannot be read as UTF-16"));
    }
}
