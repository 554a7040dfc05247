/* Which pictures of a catalogue want a second look. */
#include "app/review.h"

#include <math.h>
#include <string.h>

#include "base/arena.h"

typedef enum Trait {
    TRAIT_FILL,
    TRAIT_ASPECT, /* as logarithm: twice as wide is as odd as half */
    TRAIT_LIGHT,
    TRAIT_CONFIDENCE,
    TRAIT_SCALE,
    TRAIT_MAX_
} Trait;

/* Where a trait stands in the notes, and when it is odd. */
static const struct {
    const char *name, *step, *note;
    double apart;       /* at least this far from the median; 0: not compared with others */
    double least, most; /* odd beyond these, whatever the others are; both 0: no such limits */
    const char *say;
} rows[TRAIT_MAX_] = {
    [TRAIT_FILL] =
        {"fill", "place", "fill", 6, 8, 0,
         "The product is not as large as in the other pictures. Look for a speck that "
         "was left beside it, or set place.fill."},
    [TRAIT_ASPECT] =
        {"aspect", "place", "aspect", 0.7, 0, 0,
         "The product has quite another shape than the others: look whether part of "
         "it is missing, or something beside it was taken for it."},
    [TRAIT_LIGHT] =
        {"light", "place", "light", 30, 0, 0,
         "The product is much lighter or darker than the others: look whether the "
         "photo was exposed like them, or mend it with the step light."},
    [TRAIT_CONFIDENCE] =
        {"confidence", "cutout", "confidence", 0, 0.7, 0,
         "The network was not sure where the product ends: look at its outline."},
    [TRAIT_SCALE] =
        {"scale", "place", "scale", 0, 0, 1.6,
         "The photo is smaller than the picture needs, so it looks soft: use a larger "
         "photo, or the step upscale."},
};

enum {
    COMPARED_LEAST = 5 /* fewer have no usual */
};

/* As many standard deviations of what is left of the crowd; Iglewicz and Hoaglin, 1993. */
static const double odd_deviations = 3.5, mad_to_deviation = 1.4826;

typedef struct Look {
    const char *name;          /* NULL when it was not made */
    double traits[TRAIT_MAX_]; /* NAN when not known */
    unsigned cut;              /* bit by side */
} Look;

struct Review {
    Look *looks;
    size_t count;
};

static const char *const sides[] = {"left", "right", "top", "bottom"};

Review *review_new(size_t photos)
{
    Review *review = calloc(1, sizeof(*review));

    if (review)
        review->looks = calloc(photos + 1, sizeof(Look));
    if (!review || !review->looks)
        abort();
    review->count = photos;
    return review;
}

void review_free(Review *review)
{
    if (!review)
        return;
    free(review->looks);
    free(review);
}

static const Value *note_of(const Value *notes, const char *step, const char *name)
{
    const Value *said = value_get(notes, step);

    return said ? value_get(said, name) : NULL;
}

void review_add(Review *review, size_t number, const char *name, const Value *notes)
{
    Look *look = &review->looks[number];
    const Value *cut = note_of(notes, "place", "cut");

    look->name = name;
    for (int trait = 0; trait < TRAIT_MAX_; trait++) {
        const Value *note = note_of(notes, rows[trait].step, rows[trait].note);

        look->traits[trait] = note ? value_number(note) : NAN;
    }
    look->traits[TRAIT_ASPECT] = log(look->traits[TRAIT_ASPECT]);
    for (size_t i = 0; cut && i < value_count(cut); i++)
        for (size_t side = 0; side < COUNT(sides); side++)
            if (strcmp(value_text(value_at(cut, i)), sides[side]) == 0)
                look->cut |= 1u << side;
}

/* ---- what is usual ---- */

typedef struct Usual {
    size_t count;
    double median, deviation;
} Usual;

static int compare(const void *a_any, const void *b_any)
{
    const double *a = a_any, *b = b_any;

    return (*a > *b) - (*a < *b);
}

static double median_of(double *values, size_t count)
{
    qsort(values, count, sizeof(*values), compare);
    return count == 0 ? NAN : (values[(count - 1) / 2] + values[count / 2]) / 2;
}

static Usual usual_of(const Review *review, Trait trait, Arena *mem)
{
    double *values = ARENA_ARRAY(mem, double, review->count + 1);
    Usual usual = {0};

    for (size_t i = 0; i < review->count; i++)
        if (review->looks[i].name && !isnan(review->looks[i].traits[trait]))
            values[usual.count++] = review->looks[i].traits[trait];
    usual.median = median_of(values, usual.count);
    for (size_t i = 0; i < usual.count; i++)
        values[i] = fabs(values[i] - usual.median);
    usual.deviation = mad_to_deviation * median_of(values, usual.count);
    return usual;
}

static bool is_odd(Trait trait, double value, const Usual *usual)
{
    double off = fabs(value - usual->median);

    if (isnan(value))
        return false;
    if ((rows[trait].least > 0 && value < rows[trait].least) ||
        (rows[trait].most > 0 && value > rows[trait].most))
        return true;
    return rows[trait].apart > 0 && usual->count >= COMPARED_LEAST && off > rows[trait].apart &&
           off > odd_deviations * usual->deviation;
}

/* ---- telling ---- */

static double as_told(Trait trait, double value)
{
    return round((trait == TRAIT_ASPECT ? exp(value) : value) * 100) / 100;
}

static void
odd_add(Value *list, const char *name, const char *what, const char *say, Value *measured)
{
    Value *odd = value_object();

    value_set(odd, "picture", value_of_text(name));
    value_set(odd, "what", value_of_text(what));
    value_set(odd, "measured", measured);
    value_set(odd, "say", value_of_text(say));
    value_add(list, odd);
}

static void cut_tell(const Look *look, Value *list)
{
    Value *cut = value_list();

    if (!look->cut) {
        value_free(cut);
        return;
    }
    for (size_t side = 0; side < COUNT(sides); side++)
        if (look->cut >> side & 1)
            value_add(cut, value_of_text(sides[side]));
    odd_add(
        list, look->name, "cut",
        "The product runs out of the photo, so it is cut off straight: take the photo anew with "
        "room around it.",
        cut);
}

Value *review_value(const Review *review)
{
    AUTO(arena_free) Arena *mem = arena_new();
    Value *whole = value_object(), *list = value_list();
    Usual usuals[TRAIT_MAX_];
    int64_t made = 0;

    for (int trait = 0; trait < TRAIT_MAX_; trait++)
        usuals[trait] = usual_of(review, (Trait)trait, mem);
    for (size_t i = 0; i < review->count; i++) {
        const Look *look = &review->looks[i];

        if (!look->name)
            continue;
        made++;
        cut_tell(look, list);
        for (int trait = 0; trait < TRAIT_MAX_; trait++)
            if (is_odd((Trait)trait, look->traits[trait], &usuals[trait]))
                odd_add(
                    list, look->name, rows[trait].name, rows[trait].say,
                    value_of_number(as_told((Trait)trait, look->traits[trait])));
    }

    Value *usual = value_object();
    for (int trait = 0; trait < TRAIT_MAX_; trait++)
        if (usuals[trait].count)
            value_set(
                usual, rows[trait].name,
                value_of_number(as_told((Trait)trait, usuals[trait].median)));
    value_set(whole, "pictures", value_of_int(made));
    value_set(whole, "usual", usual);
    value_set(whole, "odd", list);
    return whole;
}
