/* Promises of the ground floor. */
#include "base/arena.h"
#include "base/cancel.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/value.h"
#include "test.h"

TEST(an_error_keeps_its_two_voices_apart)
{
    AUTO(err_free) Err *err =
        err_public(err_new(ERR_INPUT_INVALID, "column 'x' is bad"), "The value is not valid.");

    CHECK_TEXT(err_message(err), "column 'x' is bad");
    CHECK_TEXT(err_text(err), "The value is not valid.");
    CHECK_TEXT(err_name(err_code(err)), "input_invalid");
}

TEST(an_error_says_which_lower_failure_brought_it_about)
{
    AUTO(err_free) Err *err = err_because(
        err_new(ERR_MODEL_BROKEN, "unable to load 'isnet'"),
        err_new(ERR_FILE_UNREADABLE, "disk is gone"));

    CHECK_TEXT(err_message(err), "unable to load 'isnet': disk is gone");
}

TEST(a_nested_error_climbs_out_with_its_whole_pointer)
{
    AUTO(err_free) Err *err = err_under(
        err_under(err_field(err_new(ERR_INPUT_INVALID, "bad"), "/opacity"), "/options"),
        "/steps/%d", 2);

    CHECK_TEXT(err_where(err), "/steps/2/options/opacity");
}

TEST(a_buffer_never_outgrows_its_limit)
{
    AUTO(buf_done) Buf buf = BUF(8);

    CHECK_OK(buf_add_text(&buf, "12345678"));
    CHECK_ERR(
        buf_add_text(&buf, "9"), ERR_FILE_TOO_LARGE,
        "buffer would hold more than its limit of 8 bytes");
    CHECK_TEXT(buf_text(&buf), "12345678");
}

TEST(an_arena_hands_out_large_and_small_pieces_zeroed)
{
    AUTO(arena_free) Arena *arena = arena_new();
    unsigned char *large = arena_take(arena, 100000);

    CHECK_INT(large[99999], 0);
    CHECK_TEXT(arena_print(arena, "%s-%d", "a", 7), "a-7");
}

TEST(canonical_json_is_equal_for_equal_values)
{
    AUTO(value_free) Value *a = NULL, *b = NULL;
    AUTO(buf_done) Buf text_a = BUF(256), text_b = BUF(256);

    CHECK_OK(value_parse("{\"b\": 1, \"a\": 0.1}", 18, &a));
    CHECK_OK(value_parse("{\"a\":0.10,\"b\":1}", 16, &b));
    CHECK_OK(value_write(a, VALUE_CANONICAL, &text_a));
    CHECK_OK(value_write(b, VALUE_CANONICAL, &text_b));
    CHECK_TEXT(buf_text(&text_a), buf_text(&text_b));
    CHECK_TEXT(buf_text(&text_a), "{\"a\":0.1,\"b\":1}");
}

TEST(bad_json_is_refused_with_its_line)
{
    AUTO(value_free) Value *value = NULL;
    AUTO(err_free) Err *err = value_parse("{\n\"a\": }", 8, &value);

    CHECK(err != NULL);
    CHECK_TEXT(err_text(err), "This is not valid JSON: line 2, column 6.");
}

TEST(a_hash_is_sha256)
{
    char text[HASH_TEXT_SIZE];

    hash_text(hash_bytes("abc", 3), text);
    CHECK_TEXT(text, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(a_path_falls_into_its_parts)
{
    AUTO(arena_free) Arena *arena = arena_new();

    CHECK_TEXT(path_name("a/b.c/red shoe.tar.gz"), "red shoe.tar.gz");
    CHECK_TEXT(path_stem(arena, "a/b.c/shoe.jpg"), "shoe");
    CHECK_TEXT(path_ending("a/b.c/shoe"), "");
    CHECK_TEXT(path_ending("a/.hidden"), "");
    CHECK_TEXT(path_folder(arena, "shoe.jpg"), ".");
}

TEST(a_clock_that_is_held_stands_still)
{
    clock_hold(1000);
    CHECK_INT(clock_now_ms(), 1000);
    clock_hold(2000);
    CHECK_INT(clock_now_ms(), 2000);

    clock_hold(0);
    CHECK(clock_now_ms() > 1600000000000);
}

TEST(waits_are_as_long_after_time_was_passed)
{
    Cancel cancel = CANCEL_INIT;

    clock_hold(1000);
    CHECK(clock_pass(365LL * 24 * 60 * 60 * 1000));
    clock_hold(0);
    CHECK(!cancel_wait(&cancel, 1));
}

/* A document with PICTURE in two places, as vendors send it. */
static char *picture_document(const char *picture)
{
    const size_t room = 2 * strlen(picture) + 400;
    char *text = malloc(room);

    CHECK(text != NULL);
    snprintf(
        text, room,
        "{\"created\":17,\"data\":[{\"b64_json\":\"%s\",\"words\":\"a \\\"cosy\\\" "
        "caf\u00e9\\\\\"},"
        "{\"b64_json\":\"%s\"}],\"at\":0.25,\"none\":null,\"ok\":true,\"empty\":{},\"list\":[]}",
        picture, picture);
    return text;
}

TEST(long_plain_texts_are_read_and_written_as_they_are)
{
    enum {
        LETTERS = 100000
    };
    AUTO(value_free) Value *value = NULL;
    AUTO(buf_done) Buf again = BUF(1 << 20);
    char *picture = malloc(LETTERS + 1);

    CHECK(picture != NULL);
    memset(picture, 'x', LETTERS);
    memcpy(picture, "iVBORw0KGgo+/=", 14);
    picture[LETTERS] = '\0';
    char *text = picture_document(picture);

    CHECK_OK(value_parse(text, strlen(text), &value));
    const Value *items = value_get(value, "data");
    CHECK_TEXT(value_text(value_get(value_at(items, 0), "b64_json")), picture);
    CHECK_TEXT(value_text(value_get(value_at(items, 1), "b64_json")), picture);
    CHECK_TEXT(value_text(value_get(value_at(items, 0), "words")), "a \"cosy\" caf\u00e9\\");
    CHECK_OK(value_write(value, VALUE_COMPACT, &again));
    CHECK_TEXT(buf_text(&again), text);

    text[strlen(text) - 1] = ']';
    AUTO(value_free) Value *none = NULL;
    AUTO(err_free) Err *err = value_parse(text, strlen(text), &none);
    CHECK(err && err_code(err) == ERR_INPUT_INVALID);
    free(text);
    free(picture);
}
