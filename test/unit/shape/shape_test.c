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
