/* Promises of the flags. */
#include "app/flags.h"
#include "test.h"

static const char *const kinds[] = {"plain", "fancy", NULL};

typedef struct Wish {
    const char *output;
    int64_t jobs;
    int kind;
    bool cache, dry_run;
    Texts set;
} Wish;

static const Field Wish_fields[] = {
    {FIELD_TEXT(Wish, output), .help = "Where to", .letter = 'o'},
    {FIELD_INT(Wish, jobs), .help = "How many", .preset = "1", .min = 1, .max = 9, .letter = 'j'},
    {FIELD_NAME(Wish, kind, kinds), .help = "Which", .preset = "plain"},
    {FIELD_BOOL(Wish, cache), .help = "Keep", .preset = "true"},
    {FIELD_BOOL(Wish, dry_run), .help = "Only say", .preset = "false", .letter = 'n'},
    {FIELD_TEXTS(Wish, set), .help = "Set", .preset = ""},
    {FIELD_END},
};
static const Shape wish_shape = SHAPE(Wish);

typedef struct House {
    int64_t cache_mb;
} House;

static const Field House_fields[] = {
    {FIELD_INT(House, cache_mb), .help = "Room", .preset = "5"},
    {FIELD_END},
};
static const Shape house_shape = SHAPE(House);

static Err *read_words(char *const *argv, Arena *mem, Wish *wish, Flags *flags)
{
    TRY(flags_read(&wish_shape, &house_shape, argv, mem, flags));
    return flags_fill(&wish_shape, flags, mem, wish);
}

#define ARGV(...) \
    (char *const[]) \
    { \
        __VA_ARGS__, NULL \
    }

static void check_refused_words(char *const *argv, const char *text)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(flags_done) Flags flags = {0};
    Wish wish;
    AUTO(err_free) Err *err = read_words(argv, mem, &wish, &flags);

    CHECK(err != NULL);
    CHECK_TEXT(err_text(err), text);
}

TEST(a_flag_may_be_written_in_every_usual_way)
{
    static char *const ways[][5] = {
        {"--output", "x", "--jobs=3", "--dry-run"},
        {"-o", "x", "-j3", "-n"},
        {"-ox", "--jobs", "3", "--dry_run"},
        {"-no", "x", "-j=3"},
    };

    for (size_t i = 0; i < COUNT(ways); i++) {
        AUTO(arena_free) Arena *mem = arena_new();
        AUTO(flags_done) Flags flags = {0};
        Wish wish;

        CHECK_OK(read_words(ways[i], mem, &wish, &flags));
        CHECK_TEXT(wish.output, "x");
        CHECK_INT(wish.jobs, 3);
        CHECK(wish.dry_run);
        CHECK(wish.cache);
        CHECK_INT(flags.words.count, 0);
    }
}

TEST(a_yes_or_no_flag_can_be_turned_off)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(flags_done) Flags flags = {0};
    Wish wish;

    CHECK_OK(
        read_words(ARGV("--no-cache", "--dry-run", "--dry-run=no", "-o", "x"), mem, &wish, &flags));
    CHECK(!wish.cache);
    CHECK(!wish.dry_run);
}

TEST(a_flag_for_texts_adds_one_each_time_and_keeps_commas)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(flags_done) Flags flags = {0};
    Wish wish;

    CHECK_OK(read_words(ARGV("-ox", "--set", "a.b=1,2", "--set=c.d=e=f"), mem, &wish, &flags));
    CHECK_INT(wish.set.count, 2);
    CHECK_TEXT(wish.set.items[0], "a.b=1,2");
    CHECK_TEXT(wish.set.items[1], "c.d=e=f");
}

TEST(words_may_stand_anywhere_and_alone_after_two_dashes)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(flags_done) Flags flags = {0};
    Wish wish;

    CHECK_OK(read_words(ARGV("a", "-ox", "-", "-3", "--", "--jobs", "-o"), mem, &wish, &flags));
    CHECK_INT(flags.words.count, 5);
    CHECK_TEXT(flags.words.items[0], "a");
    CHECK_TEXT(flags.words.items[1], "-");
    CHECK_TEXT(flags.words.items[2], "-3");
    CHECK_TEXT(flags.words.items[4], "-o");
}

TEST(settings_are_kept_as_words_for_their_own_reader)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(flags_done) Flags flags = {0};
    Wish wish;

    CHECK_OK(read_words(ARGV("-ox", "--cache-mb", "lots"), mem, &wish, &flags));
    CHECK_TEXT(value_text(value_get(flags.house, "cache_mb")), "lots");
}

TEST(help_is_asked_for_before_anything_is_required)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(flags_done) Flags flags = {0};

    CHECK_OK(flags_read(&wish_shape, &house_shape, ARGV("-h"), mem, &flags));
    CHECK(flags.wants_help);
}

TEST(a_flag_that_is_wrong_is_named_as_it_is_typed)
{
    check_refused_words(
        ARGV("--jbos", "3"), "There is no option --jbos here. Did you mean --jobs?");
    check_refused_words(
        ARGV("--cash-mb=3"), "There is no option --cash-mb here. Did you mean --cache-mb?");
    check_refused_words(ARGV("-x"), "There is no option -x here.");
    check_refused_words(ARGV("--no-jobs"), "There is no option --no-jobs here.");
    check_refused_words(ARGV("-o"), "-o needs a value: Where to.");
    check_refused_words(ARGV("--output", "--jobs", "3"), "--output needs a value: Where to.");
    check_refused_words(
        ARGV("-ox", "--jobs", "many"), "--jobs cannot be 'many'. It must be 1 to 9.");
    check_refused_words(ARGV("-ox", "--jobs", "99"), "--jobs must be from 1 to 9.");
    check_refused_words(
        ARGV("-ox", "--kind", "odd"), "--kind cannot be 'odd'. It must be plain or fancy.");
    check_refused_words(ARGV("--jobs", "3"), "--output is missing: Where to.");
}
