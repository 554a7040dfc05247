/* Promises of src/app/review.c. */
#include <math.h>

#include "app/review.h"
#include "test.h"

static Value *notes_of(double fill, double light, double confidence, const char *cut)
{
    Value *notes = value_object(), *place = value_object(), *cutout = value_object();

    value_set(place, "fill", value_of_number(fill));
    value_set(place, "light", value_of_number(light));
    value_set(place, "aspect", value_of_number(0.7));
    value_set(place, "scale", value_of_number(0.5));
    if (cut) {
        Value *sides = value_list();

        value_add(sides, value_of_text(cut));
        value_set(place, "cut", sides);
    }
    value_set(cutout, "confidence", value_of_number(confidence));
    value_set(notes, "place", place);
    value_set(notes, "cutout", cutout);
    return notes;
}

/* Twenty pictures alike, with small differences; then one more, each time with its own fault. */
static Review *review_alike(void)
{
    static char names[20][8];
    Review *review = review_new(25);

    for (size_t i = 0; i < 20; i++) {
        AUTO(value_free) Value *notes =
            notes_of(84 + (double)(i % 3), 110 + (double)(i * 7 % 31), 0.95, NULL);

        snprintf(names[i], sizeof(names[i]), "p%zu.jpg", i);
        review_add(review, i, names[i], notes);
    }
    return review;
}

static const char *odd_text(const Value *found, size_t index, const char *name)
{
    return value_text(value_get(value_at(value_get(found, "odd"), index), name));
}

TEST(review_says_nothing_when_all_is_fine)
{
    AUTO(review_free) Review *review = review_alike();
    AUTO(value_free) Value *found = review_value(review);

    CHECK_INT(value_int(value_get(found, "pictures")), 20);
    CHECK_INT(value_count(value_get(found, "odd")), 0);
}

TEST(review_names_the_odd_ones_and_no_others)
{
    static const struct {
        const char *name, *what, *cut;
        double fill, light, confidence;
    } odd[] = {
        {"speck.jpg", "fill", NULL, 46, 115, 0.95},
        {"dark.jpg", "light", NULL, 85, 20, 0.95},
        {"glass.jpg", "confidence", NULL, 85, 118, 0.55},
        {"half.jpg", "cut", "bottom", 85, 118, 0.95},
    };
    AUTO(review_free) Review *review = review_alike();

    for (size_t i = 0; i < COUNT(odd); i++) {
        AUTO(value_free) Value *notes =
            notes_of(odd[i].fill, odd[i].light, odd[i].confidence, odd[i].cut);

        review_add(review, 20 + i, odd[i].name, notes);
    }
    AUTO(value_free) Value *found = review_value(review);
    CHECK_INT(value_count(value_get(found, "odd")), COUNT(odd));
    for (size_t i = 0; i < COUNT(odd); i++) {
        CHECK_TEXT(odd_text(found, i, "picture"), odd[i].name);
        CHECK_TEXT(odd_text(found, i, "what"), odd[i].what);
        CHECK(odd_text(found, i, "say")[0]);
    }
    CHECK(fabs(value_number(value_get(value_get(found, "usual"), "fill")) - 85) < 1.01);
}

TEST(review_of_few_pictures_compares_none)
{
    AUTO(review_free) Review *review = review_new(3);
    const double fills[] = {80, 80, 40};

    for (size_t i = 0; i < COUNT(fills); i++) {
        AUTO(value_free) Value *notes = notes_of(fills[i], 100, 0.9, NULL);

        review_add(review, i, "a.jpg", notes);
    }
    AUTO(value_free) Value *found = review_value(review);
    CHECK_INT(value_count(value_get(found, "odd")), 0);
}

TEST(review_takes_pictures_without_notes)
{
    AUTO(review_free) Review *review = review_new(2);
    AUTO(value_free) Value *notes = value_object();

    review_add(review, 0, "a.jpg", notes);
    AUTO(value_free) Value *found = review_value(review);
    CHECK_INT(value_int(value_get(found, "pictures")), 1);
    CHECK_INT(value_count(value_get(found, "odd")), 0);
}
