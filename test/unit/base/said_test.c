/* Promises of sentences that can be told in other languages. */
#include "base/err.h"
#include "base/said.h"
#include "test.h"

TEST(a_said_text_knows_its_sentence_from_its_values)
{
    AUTO(arena_free) Arena *mem = arena_new();
    const char *const *values;
    size_t count;
    const char *said =
        said_print(mem, "%d of %zu photos, 100%% of '%s' (%5.1f)", 3, (size_t)12, "mug.jpg", 2.5);

    CHECK_TEXT(said_plain(said, mem), "3 of 12 photos, 100% of 'mug.jpg' (  2.5)");
    CHECK_TEXT(said_split(said, mem, &values, &count), "{1} of {2} photos, 100% of '{3}' ({4})");
    CHECK_INT(count, 4);
    CHECK_TEXT(values[0], "3");
    CHECK_TEXT(values[1], "12");
    CHECK_TEXT(values[2], "mug.jpg");
    CHECK_TEXT(values[3], "  2.5");
}

TEST(a_text_without_values_is_its_own_sentence)
{
    AUTO(arena_free) Arena *mem = arena_new();
    const char *const *values;
    size_t count;

    CHECK_TEXT(said_split("Picture", mem, &values, &count), "Picture");
    CHECK_INT(count, 0);
    CHECK(said_plain(NULL, mem) == NULL);
}

TEST(a_said_text_that_was_cut_off_is_told_as_it_is)
{
    AUTO(arena_free) Arena *mem = arena_new();
    const char *const *values;
    size_t count;

    CHECK_TEXT(said_split("The photo " SAID_MARK "mug", mem, &values, &count), "The photo mug");
    CHECK_INT(count, 0);
}

TEST(an_error_tells_its_sentence_and_passes_that_of_another_on)
{
    AUTO(arena_free) Arena *mem = arena_new();
    const char *const *values;
    size_t count;
    AUTO(err_free) Err *plain = err_new(ERR_NOT_FOUND, "nothing");
    AUTO(err_free)
    Err *first = err_public(err_new(ERR_IMAGE_TOO_SMALL, "small"), "It has %d pixels.", 40);
    AUTO(err_free)
    Err *second = err_public(err_new(ERR_INPUT_INVALID, "form"), "%s", err_said(first));

    CHECK(err_said(plain) == NULL);
    CHECK_TEXT(err_text(second), "It has 40 pixels.");
    CHECK_TEXT(said_split(err_said(second), mem, &values, &count), "It has {1} pixels.");
    CHECK_INT(count, 1);
    CHECK_TEXT(values[0], "40");
}
