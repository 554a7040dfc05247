/* Promises of the shapes. */
#include "shape/shape.h"
#include "test.h"

typedef struct Stop {
    Colour colour;
    double at;
} Stop;

static const Field Stop_fields[] = {
    {FIELD_COLOUR(Stop, colour), .help = "Colour there"},
    {FIELD_NUMBER(Stop, at), .help = "Where", .preset = "0", .max = 100, .unit = "%"},
    {FIELD_END},
};
static const Shape stop_shape = SHAPE(Stop);

static const char *const kinds[] = {"solid", "linear", NULL};

typedef struct Paint {
    const char *title;
    int64_t angle;
    int kind;
    bool dither;
    double centre[2];
    List stops;
    Texts tags;
    Pairs corners;
} Paint;

static const Field Paint_fields[] = {
    {FIELD_TEXT(Paint, title), .help = "Its title", .optional = true},
    {FIELD_INT(Paint, angle), .help = "Direction", .preset = "135", .max = 360, .unit = "degrees"},
    {FIELD_NAME(Paint, kind, kinds), .help = "Kind of paint"},
    {FIELD_BOOL(Paint, dither), .help = "Break up bands", .preset = "true"},
    {FIELD_VECTOR(Paint, centre, 2), .help = "Centre", .preset = "0.5,0.5"},
    {FIELD_LIST(Paint, stops, &stop_shape), .help = "Colours", .preset = "[]", .max = 3},
    {FIELD_TEXTS(Paint, tags), .help = "Tags", .preset = ""},
    {FIELD_PAIRS(Paint, corners, 3), .help = "Corners", .min = -2, .max = 2, .optional = true},
    {FIELD_END},
};
static const Shape paint_shape = SHAPE(Paint);

static Err *paint_read(const char *json, Arena *mem, Paint *ret)
{
    AUTO(value_free) Value *value = NULL;

    TRY(value_parse(json, strlen(json), &value));
    return shape_read(&paint_shape, value, mem, ret);
}

static void check_refused(const char *json, const char *where, const char *text)
{
    AUTO(arena_free) Arena *mem = arena_new();
    Paint paint;
    AUTO(err_free) Err *err = paint_read(json, mem, &paint);

    CHECK(err != NULL);
    CHECK_TEXT(err_where(err), where);
    CHECK_TEXT(err_text(err), text);
}

TEST(a_struct_is_filled_from_json_with_defaults_for_what_is_absent)
{
    AUTO(arena_free) Arena *mem = arena_new();
    Paint paint;

    CHECK_OK(paint_read(
        "{\"kind\":\"linear\",\"stops\":[{\"colour\":\"#f00\",\"at\":10},{\"colour\":\"white\"}],"
        "\"tags\":[\"warm\"]}",
        mem, &paint));
    CHECK_INT(paint.kind, 1);
    CHECK_INT(paint.angle, 135);
    CHECK(paint.dither && paint.title == NULL && paint.centre[1] == 0.5);
    CHECK_INT(paint.stops.count, 2);
    CHECK_INT(((Stop *)paint.stops.items)[0].colour.r, 255);
    CHECK_TEXT(paint.tags.items[0], "warm");
}

TEST(each_bad_field_is_pointed_at_with_what_it_may_be)
{
    check_refused(
        "{\"kind\":\"linear\",\"angle\":361}", "/angle", "angle must be from 0 to 360 degrees.");
    check_refused(
        "{\"kind\":\"dotted\"}", "/kind", "kind cannot be 'dotted'. It must be solid or linear.");
    check_refused("{}", "/kind", "kind is missing: Kind of paint.");
    check_refused(
        "{\"kind\":\"solid\",\"stops\":[{\"colour\":\"#f00\"},{\"colour\":7}]}", "/stops/1/colour",
        "colour must be a colour, such as \"#ffffff\".");
    check_refused(
        "{\"kind\":\"solid\",\"angel\":3}", "/angel",
        "There is no field 'angel' here. Did you mean 'angle'?");
    check_refused(
        "{\"kind\":\"solid\",\"stops\":[{},{},{},{}]}", "/stops",
        "stops may have 3 items at most.");
    check_refused(
        "{\"kind\":\"solid\",\"corners\":[[0,0],[1,3]]}", "/corners/1/1",
        "corners must be from -2 to 2.");
    check_refused(
        "{\"kind\":\"solid\",\"corners\":[[0,0,0]]}", "/corners/0",
        "corners must be a list of pairs of numbers.");
    check_refused(
        "{\"kind\":\"solid\",\"corners\":[[0,0],[0,1],[1,1],[1,0]]}", "/corners",
        "corners may have 3 pairs at most.");
    check_refused("{\"kind\":\"solid\",\"angle\":1.5}", "/angle", "angle must be a whole number.");
    check_refused("[]", NULL, "An object in braces is expected here, not a list.");
}

TEST(what_is_written_reads_back_the_same)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(buf_done) Buf once = BUF(4096), twice = BUF(4096);
    Paint paint, again;

    CHECK_OK(paint_read(
        "{\"kind\":\"linear\",\"title\":\"Dusk\",\"angle\":7,\"corners\":[[0.5,-1],[2,0]]}", mem,
        &paint));
    AUTO(value_free) Value *written = shape_write(&paint_shape, &paint);
    CHECK_OK(value_write(written, VALUE_CANONICAL, &once));
    CHECK_OK(shape_read(&paint_shape, written, mem, &again));
    AUTO(value_free) Value *rewritten = shape_write(&paint_shape, &again);
    CHECK_OK(value_write(rewritten, VALUE_CANONICAL, &twice));
    CHECK_TEXT(buf_text(&twice), buf_text(&once));
    CHECK_INT(again.corners.count, 2);
    CHECK(again.corners.items[0][1] == -1);
}

TEST(words_from_a_command_line_become_values_of_the_field)
{
    AUTO(value_free) Value *angle = NULL, *centre = NULL;

    CHECK_OK(shape_parse_words(shape_find(&paint_shape, "angle"), "40", &angle));
    CHECK_INT(value_int(angle), 40);
    CHECK_OK(shape_parse_words(shape_find(&paint_shape, "centre"), "0.1,0.2", &centre));
    CHECK(value_number(value_at(centre, 1)) == 0.2);

    Value *none = NULL;
    AUTO(err_free) Err *err = shape_parse_words(shape_find(&paint_shape, "angle"), "north", &none);
    CHECK_TEXT(err_text(err), "angle cannot be 'north'. It must be 0 to 360 degrees.");
}

TEST(a_bare_name_is_a_text_where_any_value_may_stand)
{
    static const Field any = {
        .name = "scene", .kind = FIELD_KIND_VALUE, .help = "Name of a scene, or a scene"};
    AUTO(value_free) Value *name = NULL, *object = NULL, *truth = NULL;

    CHECK_OK(shape_parse_words(&any, "living_room", &name));
    CHECK_TEXT(value_text(name), "living_room");
    CHECK_OK(shape_parse_words(&any, "{\"a\": 1}", &object));
    CHECK_INT(value_int(value_get(object, "a")), 1);
    CHECK_OK(shape_parse_words(&any, "true", &truth));
    CHECK_INT(value_kind(truth), VALUE_BOOL);

    Value *none = NULL;
    AUTO(err_free) Err *err = shape_parse_words(&any, "two words", &none);
    CHECK(err != NULL);
}

TEST(a_schema_says_limits_defaults_and_what_is_required)
{
    AUTO(value_free) Value *schema = shape_schema(&paint_shape);
    const Value *properties = value_get(schema, "properties");
    const Value *angle = value_get(properties, "angle");

    CHECK_INT((int)value_number(value_get(angle, "maximum")), 360);
    CHECK_INT(value_int(value_get(angle, "default")), 135);
    CHECK_TEXT(value_text(value_at(value_get(schema, "required"), 0)), "kind");
    CHECK_INT(value_count(value_get(schema, "required")), 1);
}

/* ---- what a door needs ---- */

typedef struct Reply {
    const char *id, *note, *kind;
    int64_t quota, made_ms, until_ms;
    double score;
    int state;
    Stop *last;
    const Value *extra;
    Texts tags;
} Reply;

static const Field Reply_fields[] = {
    {FIELD_TEXT(Reply, id), .help = "Id", .min = 1, .max = 8, .letters = "a-z0-9_"},
    {FIELD_TEXT(Reply, note), .help = "Note", .nullable = true, .optional = true},
    {FIELD_TEXT(Reply, kind), .name = "type", .help = "Type", .omit = true, .optional = true},
    {FIELD_INT(Reply, quota), .help = "Quota", .nullable = true, .optional = true},
    {FIELD_TIME(Reply, made_ms), .name = "made_at", .help = "Made", .omit = true, .optional = true},
    {FIELD_TIME(Reply, until_ms), .name = "until", .help = "Until", .format = "date",
     .nullable = true, .optional = true},
    {FIELD_NUMBER(Reply, score), .help = "Score", .nullable = true, .optional = true},
    {FIELD_NAME(Reply, state, kinds), .help = "State", .nullable = true, .optional = true},
    {FIELD_MAYBE(Reply, last, Stop, &stop_shape), .help = "Last", .nullable = true,
     .optional = true},
    {FIELD_MAP(Reply, extra), .help = "Extra", .omit = true, .optional = true},
    {FIELD_TEXTS(Reply, tags), .help = "Tags", .omit = true, .optional = true, .min = 2},
    {FIELD_END},
};
static const Shape reply_shape = SHAPE(Reply);

typedef struct Stops {
    List items;
} Stops;

static const Field Stops_fields[] = {
    {FIELD_LIST(Stops, items, &stop_shape), .help = "Stops", .max = 2},
    {FIELD_END},
};
static const Shape stops_shape = SHAPE_BARE(Stops);

static void check_there_and_back(const Shape *shape, const char *json, const char *want)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(value_free) Value *value = NULL, *written = NULL;
    AUTO(buf_done) Buf text = BUF(4096);
    void *in = arena_take(mem, shape->size);

    CHECK_OK(value_parse(json, strlen(json), &value));
    CHECK_OK(shape_read(shape, value, mem, in));
    written = shape_write(shape, in);
    CHECK_OK(value_write(written, VALUE_COMPACT, &text));
    CHECK_TEXT(buf_text(&text), want);
}

typedef struct Wish {
    int64_t count;
    int kind;
    Texts tags;
} Wish;

static const Field Wish_fields[] = {
    {FIELD_INT(Wish, count), .help = "How many", .preset = "1", .nullable = true, .min = 1,
     .max = 9},
    {FIELD_NAME(Wish, kind, kinds), .help = "Kind", .preset = "linear", .nullable = true},
    {FIELD_TEXTS(Wish, tags), .help = "Tags", .preset = "", .nullable = true},
    {FIELD_END},
};
static const Shape wish_shape = SHAPE(Wish);

TEST(null_is_read_as_the_preset_where_there_is_one)
{
    check_there_and_back(
        &wish_shape, "{\"count\":null,\"kind\":null,\"tags\":null}",
        "{\"count\":1,\"kind\":\"linear\",\"tags\":[]}");
}

TEST(nothing_is_null_or_left_out_as_the_field_says)
{
    check_there_and_back(
        &reply_shape, "{\"id\":\"a\"}",
        "{\"id\":\"a\",\"note\":null,\"quota\":null,\"until\":null,\"score\":null,\"state\":null,"
        "\"last\":null}");
    check_there_and_back(
        &reply_shape,
        "{\"id\":\"a\",\"note\":null,\"quota\":null,\"until\":null,\"score\":null,\"state\":null,"
        "\"last\":null}",
        "{\"id\":\"a\",\"note\":null,\"quota\":null,\"until\":null,\"score\":null,\"state\":null,"
        "\"last\":null}");
    check_there_and_back(
        &reply_shape,
        "{\"id\":\"a\",\"note\":\"\",\"type\":\"x\",\"quota\":9007199254740993,"
        "\"made_at\":\"2026-11-21T06:05:06.789+02:00\",\"until\":\"2024-02-29\",\"score\":0.5,"
        "\"state\":\"solid\",\"last\":{\"colour\":\"#fff\"},\"extra\":{\"a\":1},"
        "\"tags\":[\"b\",\"c\"]}",
        "{\"id\":\"a\",\"note\":\"\",\"type\":\"x\",\"quota\":9007199254740993,"
        "\"made_at\":\"2026-11-21T04:05:06.789Z\",\"until\":\"2024-02-29\",\"score\":0.5,"
        "\"state\":\"solid\",\"last\":{\"colour\":\"#ffffff\",\"at\":0.0},\"extra\":{\"a\":1},"
        "\"tags\":[\"b\",\"c\"]}");
}

TEST(a_bare_shape_is_the_value_of_its_field)
{
    check_there_and_back(
        &stops_shape, "[{\"colour\":\"#000\"}]", "[{\"colour\":\"#000000\",\"at\":0.0}]");
    check_there_and_back(&stops_shape, "[]", "[]");

    AUTO(value_free) Value *schema = shape_schema(&stops_shape);
    CHECK_TEXT(value_text(value_get(schema, "type")), "array");
    CHECK_INT(value_int(value_get(schema, "maxItems")), 2);
}

static void check_reply_refused(const char *json, const char *where, const char *text)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(value_free) Value *value = NULL;
    Reply reply;

    CHECK_OK(value_parse(json, strlen(json), &value));
    AUTO(err_free) Err *err = shape_read(&reply_shape, value, mem, &reply);
    CHECK(err != NULL);
    CHECK_TEXT(err_where(err), where);
    CHECK_TEXT(err_text(err), text);
}

TEST(texts_times_and_maps_are_held_to_what_their_fields_say)
{
    check_reply_refused("{\"id\":\"\"}", "/id", "id may not be empty.");
    check_reply_refused("{\"id\":\"a/b\"}", "/id", "id may be made of a-z0-9_ only.");
    check_reply_refused("{\"id\":\"abcdefghi\"}", "/id", "id may have 8 characters at most.");
    check_reply_refused("{\"id\":\"a\\u0000b\"}", "/id", "id may not hold a NUL character.");
    check_reply_refused(
        "{\"id\":\"a\",\"made_at\":\"yesterday\"}", "/made_at",
        "made_at must be a time such as 2026-11-21T04:05:06Z.");
    check_reply_refused(
        "{\"id\":\"a\",\"made_at\":\"2026-02-30T00:00:00Z\"}", "/made_at",
        "made_at must be a time such as 2026-11-21T04:05:06Z.");
    check_reply_refused(
        "{\"id\":\"a\",\"until\":\"2026-11-21T04:05:06Z\"}", "/until",
        "until must be a day such as 2026-11-21.");
    check_reply_refused("{\"id\":\"a\",\"extra\":[]}", "/extra", "extra must be an object.");
    check_reply_refused(
        "{\"id\":\"a\",\"tags\":[\"b\"]}", "/tags", "tags must have 2 or more items.");
    check_reply_refused("{\"id\":null}", "/id", "id must be text.");
}

TEST(the_schema_says_what_may_be_null_or_absent)
{
    AUTO(value_free) Value *schema = shape_schema(&reply_shape);
    const Value *fields = value_get(schema, "properties");

    CHECK_INT(value_count(value_get(schema, "required")), 1);
    CHECK_TEXT(value_text(value_at(value_get(value_get(fields, "note"), "type"), 1)), "null");
    CHECK_TEXT(value_text(value_get(value_get(fields, "until"), "format")), "date");
    CHECK_TEXT(value_text(value_get(value_get(fields, "made_at"), "format")), "date-time");
    CHECK_TEXT(value_text(value_get(value_get(fields, "id"), "pattern")), "^[a-z0-9_]*$");
    CHECK(value_get(fields, "type") && !value_get(fields, "kind"));
    CHECK(value_kind(value_at(value_get(value_get(fields, "state"), "enum"), 2)) == VALUE_NULL);
}
