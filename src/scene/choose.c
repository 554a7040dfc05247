/* Choosing: score every scene by its tags, then tune the best into what was asked. */
#include "scene/choose.h"

#include <math.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/dice.h"
#include "scene/library.h"
#include "scene/scene.h"
#include "scene/words.h"

/* What having, lacking and having unasked of each kind of word is worth. A Christmas nobody asked for is worse than a kitchen
 * nobody asked for; a set that has no podium is no great loss. */
static const struct {
    double has, unasked;
} weights[WORD_KINDS] = {
    [WORD_ROOM] = {8, -1.2},    [WORD_PLACE] = {8, -1.5},   [WORD_SEASON] = {11, -5},
    [WORD_SURFACE] = {5, -0.5}, [WORD_THING] = {4.5, -0.4}, [WORD_TIME] = {2, -0.8},
    [WORD_MOOD] = {1.6, -0.1},  [WORD_COLOUR] = {3, -0.3},  [WORD_SHADE] = {1, -0.1},
    [WORD_PART] = {2, 0},
};

static const double denied_weight = -15;
static const double first_share = 1.25; /* of a scene whose first tag it is: what it is above all */
static const double tie = 0.05;

typedef struct Choosing {
    const SceneWish *wish;
    Arena *mem;
    const Word *words;
    size_t word_count;
    const Heard *heard;
    size_t heard_count;
    const Value *tags; /* of the scene that is looked at */
    SceneTune tune;
    Value *tuned, *unmet;
} Choosing;

void scene_choice_done(SceneChoice *choice)
{
    value_free(choice->json);
    value_free(choice->report);
    memset(choice, 0, sizeof *choice);
}

/* ---- how well a scene fits ---- */

static bool texts_have(const Texts *texts, const char *text)
{
    for (size_t i = 0; i < texts->count; i++)
        if (strcmp(texts->items[i], text) == 0)
            return true;
    return false;
}

static const Word *word_of_tag(const Choosing *choosing, const char *tag)
{
    const Word *word = words_find(choosing->words, choosing->word_count, tag);

    return word && word->is <= WORD_PART ? word : NULL;
}

/* Wood will do for walnut, any indoors hardly for a bedroom. */
static double general_share(const Word *word)
{
    return word->is == WORD_ROOM || word->is == WORD_PLACE ? 0.3 : 0.7;
}

/* 1 when TAGS have what WORD means, or a kind of it (oak for wood); less for something more general. */
static double tags_have(const Choosing *choosing, const Value *tags, const Word *word)
{
    double most = 0;

    for (size_t i = 0; i < value_count(tags); i++) {
        const char *tag = value_text(value_at(tags, i));
        const Word *own = tag ? word_of_tag(choosing, tag) : NULL;

        if (!own)
            continue;
        if (strcmp(own->value, word->value) == 0)
            return i == 0 ? first_share : 1;
        if (texts_have(&own->like, word->value))
            most = fmax(most, i == 0 ? first_share : 1);
        else if (texts_have(&word->like, own->value))
            most = fmax(most, general_share(word));
    }
    return most;
}

static bool was_asked(const Choosing *choosing, const Word *tag)
{
    for (size_t i = 0; i < choosing->heard_count; i++) {
        const Word *word = choosing->heard[i].word;

        if (word && (strcmp(word->value, tag->value) == 0 || texts_have(&word->like, tag->value) ||
                     texts_have(&tag->like, word->value)))
            return true;
    }
    return false;
}

/* Who names a material and nothing that could be made of it means the table that the product stands on. */
static bool means_table(const Choosing *choosing)
{
    bool has_material = false;

    for (size_t i = 0; i < choosing->heard_count; i++) {
        const Heard *heard = &choosing->heard[i];

        if (!heard->word || heard->is_denied)
            continue;
        if (heard->word->is <= WORD_SEASON || heard->word->is == WORD_THING ||
            heard->word->is == WORD_PART)
            return false;
        has_material |= heard->word->is == WORD_SURFACE;
    }
    return has_material;
}

static bool tags_have_table(const Value *tags)
{
    for (size_t i = 0; i < value_count(tags); i++) {
        const char *tag = value_text(value_at(tags, i));

        if (tag && strcmp(tag, "table") == 0)
            return true;
    }
    return false;
}

static double scene_score(const Choosing *choosing, const Value *tags)
{
    static const double plain_studio = 0.8; /* when nothing else speaks */
    static const double beside = 0.2; /* a second season harms less where the first was asked for */
    bool is_met[WORD_KINDS] = {false};
    double score = value_count(tags) ? 0 : weights[WORD_SEASON].unasked;

    for (size_t i = 0; i < choosing->heard_count; i++) {
        const Heard *heard = &choosing->heard[i];
        double has = heard->word ? tags_have(choosing, tags, heard->word) : 0;
        bool is_repeated = false;

        if (has > 0 && !heard->is_denied)
            is_met[heard->word->is] = true;
        for (size_t j = 0; j < i; j++)
            is_repeated |= choosing->heard[j].word == heard->word;
        if (heard->word && !is_repeated)
            score += has * (heard->is_denied ? denied_weight
                                             : weights[heard->word->is].has * heard->word->weight);
    }
    if (means_table(choosing) && tags_have_table(tags))
        score += weights[WORD_PART].has;
    for (size_t i = 0; i < value_count(tags); i++) {
        const char *tag = value_text(value_at(tags, i));
        const Word *word = tag ? word_of_tag(choosing, tag) : NULL;

        for (size_t j = 0; j < i && word; j++)
            if (word_of_tag(choosing, value_text(value_at(tags, j))) == word)
                word = NULL;
        if (word && !was_asked(choosing, word))
            score += weights[word->is].unasked * word->unasked * (is_met[word->is] ? beside : 1);
        if (tag && strcmp(tag, "studio") == 0)
            score += plain_studio;
    }
    return score;
}

/* Scenes come by name, so the first of equals is always the same. */
static MUST Err *scene_pick(const Choosing *choosing, const char **ret_name, Value **ret)
{
    const char *const *names = scene_names(choosing->mem);
    AUTO(value_free) Value *best = NULL;
    double most = -INFINITY;
    size_t equals = 0;
    Dice dice = dice_seeded(dice_hash(choosing->wish->seed, 0x7069636b));

    for (; *names; names++) {
        AUTO(value_free) Value *json = NULL;
        TRY(scene_find(*names, &json));
        double score = scene_score(choosing, value_get(json, "tags"));
        bool is_better = score > most + tie, is_equal = !is_better && score > most - tie;

        equals = is_better ? 1 : equals + is_equal;
        /* Each of the equals is kept with the same chance. */
        if (is_better ||
            (is_equal && choosing->wish->seed != 0 && dice_unit(&dice) * (double)equals < 1)) {
            most = is_better ? score : most;
            value_free(best);
            best = TAKE(json);
            *ret_name = *names;
        }
    }
    *ret = TAKE(best);
    return NULL;
}

/* ---- what is tuned into it ---- */

static void say(Value *list, const char *format, ...) PRINTF(2, 3);

static void say(Value *list, const char *format, ...)
{
    char text[200];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    value_add(list, value_of_text(text));
}

/* COLOUR in SHADE, NULL for none; "#rrggbb" in the arena. */
static MUST Err *
colour_shaded(const Choosing *choosing, const Word *colour, const Word *shade, const char **ret)
{
    Colour plain;
    double linear[3];
    char text[COLOUR_TEXT_SIZE];

    TRY(colour_parse(colour->colour, &plain));
    if (shade) {
        OkLab lab = colour_oklab(plain);
        if (shade->lightness > 0)
            lab.l = shade->lightness;
        lab.a *= shade->colourful;
        lab.b *= shade->colourful;
        colour_of_oklab(lab, linear);
        plain = (Colour){
            (uint8_t)lround((double)colour_encoded((float)linear[0])),
            (uint8_t)lround((double)colour_encoded((float)linear[1])),
            (uint8_t)lround((double)colour_encoded((float)linear[2])), 255};
    }
    colour_text(plain, text);
    *ret = arena_text(choosing->mem, text);
    return NULL;
}

static const Heard *heard_at(const Choosing *choosing, size_t index, int clause)
{
    const Heard *heard = index < choosing->heard_count ? &choosing->heard[index] : NULL;

    return heard && heard->clause == clause && heard->word ? heard : NULL;
}

static bool is_kind(const Heard *heard, WordKind kind)
{
    return heard && heard->word && heard->word->is == (int)kind;
}

static const Word *shade_beside(const Choosing *choosing, size_t colour)
{
    int clause = choosing->heard[colour].clause;
    const Heard *before = colour > 0 ? heard_at(choosing, colour - 1, clause) : NULL;
    const Heard *after = heard_at(choosing, colour + 1, clause);

    if (is_kind(before, WORD_SHADE) && !before->is_indonesian)
        return before->word;
    if (is_kind(after, WORD_SHADE))
        return after->word;
    return is_kind(before, WORD_SHADE) ? before->word : NULL;
}

/* The part of the set that what was heard at INDEX belongs to: English says "green marble table", Indonesian "meja marmer hijau",
 * so the noun is looked for on its language's side first, and on the other only next to it. "" for the whole set. */
static const char *part_of(const Choosing *choosing, size_t index)
{
    const Heard *self = &choosing->heard[index];
    size_t own_side = self->is_indonesian ? SIZE_MAX : 1;
    const char *stone = "";

    for (int turn = 0; turn < 2; turn++) {
        size_t side = turn == 0 ? own_side : -own_side;

        for (size_t i = index + side;; i += side) {
            const Heard *heard = heard_at(choosing, i, self->clause);

            if (!heard || (turn == 1 && i != index + side))
                break;
            if (is_kind(heard, WORD_PART))
                return heard->word->value;
            if (is_kind(heard, WORD_THING) && i == index + side && turn == 0)
                return !*heard->word->part                     ? "accent"
                       : strcmp(heard->word->part, "set") == 0 ? ""
                                                               : heard->word->part;
            if (is_kind(heard, WORD_SURFACE))
                stone = "surface";
            else if (!is_kind(heard, WORD_SHADE))
                break;
        }
    }
    return *stone ? stone : self->word->part ? self->word->part : "";
}

static MUST Err *colour_hear(Choosing *choosing, size_t index)
{
    const Heard *heard = &choosing->heard[index];
    const Word *shade = shade_beside(choosing, index);
    const char *part = part_of(choosing, index), *colour;
    const char *name = shade ? arena_print(choosing->mem, "%s %s", shade->value, heard->word->value)
                             : heard->word->value;

    bool is_placed = *part && strcmp(part, heard->word->part) != 0 && strcmp(part, "wall") != 0;
    if (!is_placed && !shade && tags_have(choosing, choosing->tags, heard->word) >= 1)
        return NULL;
    TRY(colour_shaded(choosing, heard->word, shade, &colour));
    if (strcmp(part, "wall") == 0)
        choosing->tune.wall = colour;
    else if (strcmp(part, "surface") == 0)
        choosing->tune.surface = colour;
    else if (strcmp(part, "accent") == 0)
        choosing->tune.accent = colour;
    else if (choosing->tune.palette.count < 3 && !choosing->wish->palette.count) {
        Texts *palette = &choosing->tune.palette;
        const char **items = ARENA_ARRAY(choosing->mem, const char *, 3);
        for (size_t i = 0; i < palette->count; i++)
            items[i] = palette->items[i];
        items[palette->count] = colour;
        *palette = (Texts){items, palette->count + 1};
    }
    if (strcmp(name, colour) == 0)
        say(choosing->tuned, "%s in %s", *part ? part : "set", colour);
    else
        say(choosing->tuned, "%s in %s (%s)", *part ? part : "set", name, colour);
    return NULL;
}

static void surface_hear(Choosing *choosing, size_t index)
{
    const Heard *heard = &choosing->heard[index];
    bool is_wall = strcmp(part_of(choosing, index), "wall") == 0;

    if (tags_have(choosing, choosing->tags, heard->word) >= 1)
        return;
    if (heard->word->paint && !is_wall) {
        choosing->tune.material = heard->word->paint;
        say(choosing->tuned, "surface of %s", heard->word->value);
    } else {
        say(choosing->unmet, "%s", heard->said);
    }
}

/* Moods and times that a scene has by itself need no tuning; things and places it does not have cannot be tuned in. */
static MUST Err *other_hear(Choosing *choosing, size_t index)
{
    const Heard *heard = &choosing->heard[index];
    SceneTune tune;

    if (tags_have(choosing, choosing->tags, heard->word) > 0)
        return NULL;
    if (!heard->word->tune) {
        if (heard->word->is != WORD_MOOD && heard->word->is != WORD_PART &&
            heard->word->is != WORD_SHADE && strcmp(heard->word->value, "props") != 0)
            say(choosing->unmet, "%s", heard->said);
        return NULL;
    }
    TRY(shape_read(&scene_tune_shape, heard->word->tune, choosing->mem, &tune));
    scene_tune_add(&choosing->tune, &tune);
    say(choosing->tuned, "%s light", heard->word->value);
    return NULL;
}

static bool was_heard_before(const Choosing *choosing, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (choosing->heard[i].word == choosing->heard[index].word)
            return true;
    return false;
}

static MUST Err *tune_hear(Choosing *choosing)
{
    for (size_t i = 0; i < choosing->heard_count; i++) {
        const Heard *heard = &choosing->heard[i];

        if (!heard->word || heard->is_denied || was_heard_before(choosing, i))
            continue;
        if (is_kind(heard, WORD_COLOUR))
            TRY(colour_hear(choosing, i));
        else if (is_kind(heard, WORD_SURFACE))
            surface_hear(choosing, i);
        else
            TRY(other_hear(choosing, i));
    }
    return NULL;
}

/* ---- the report ---- */

static Value *heard_list(const Choosing *choosing)
{
    Value *list = value_list();

    for (size_t i = 0; i < choosing->heard_count; i++) {
        const Heard *heard = &choosing->heard[i];
        if (!heard->word)
            continue;
        Value *row = value_object();
        value_set(row, "said", value_of_text(heard->said));
        value_set(
            row, "means",
            value_of_text(arena_print(
                choosing->mem, "%s%s: %s", heard->is_denied ? "no " : "",
                word_kind_name((WordKind)heard->word->is), heard->word->value)));
        value_add(list, row);
    }
    return list;
}

static Value *unknown_list(const Choosing *choosing)
{
    Value *list = value_list();

    for (size_t i = 0; i < choosing->heard_count; i++)
        if (!choosing->heard[i].word)
            value_add(list, value_of_text(choosing->heard[i].said));
    return list;
}

static Value *report_make(const Choosing *choosing, const char *name)
{
    Value *report = value_object();

    value_set(report, "scene", value_of_text(name));
    value_set(report, "heard", heard_list(choosing));
    value_set(report, "tuned", value_ref(choosing->tuned));
    value_set(report, "unmet", value_ref(choosing->unmet));
    value_set(report, "unknown", unknown_list(choosing));
    return report;
}

static const char *listed(const Value *list, const char *member, Arena *mem)
{
    const char *text = "";

    for (size_t i = 0; i < value_count(list); i++) {
        const Value *item = value_at(list, i);
        text = arena_print(
            mem, "%s%s%s", text, i ? ", " : "",
            value_text(member ? value_get(item, member) : item));
    }
    return text;
}

const char *scene_choice_words(const Value *report, Arena *mem)
{
    static const struct {
        const char *name, *words;
    } rows[] = {
        {"tuned", " Tuned: "}, {"unmet", " Not to be had: "}, {"unknown", " Not understood: "}};
    const Value *heard = value_get(report, "heard");
    const char *text = arena_print(
        mem, "Scene: %s%s%s%s.", value_text(value_get(report, "scene")),
        value_count(heard) ? " (heard " : "", listed(heard, "said", mem),
        value_count(heard) ? ")" : "");

    for (size_t i = 0; i < COUNT(rows); i++) {
        const Value *list = value_get(report, rows[i].name);
        if (value_count(list))
            text = arena_print(mem, "%s%s%s.", text, rows[i].words, listed(list, NULL, mem));
    }
    return text;
}

/* ---- all of it ---- */

static MUST Err *choice_make(Choosing *choosing, SceneChoice *choice)
{
    const SceneWish *wish = choosing->wish;
    AUTO(value_free) Value *json = NULL;

    choice->name = wish->name ? arena_text(choosing->mem, wish->name) : "";
    if (wish->scene)
        json = value_ref(wish->scene);
    else
        TRY(scene_pick(choosing, &choice->name, &json));
    choosing->tags = value_get(json, "tags");
    TRY(shape_read(&scene_tune_shape, NULL, choosing->mem, &choosing->tune));
    TRY(tune_hear(choosing));
    if (wish->palette.count) {
        choosing->tune.palette = wish->palette;
        say(choosing->tuned, "set in %s", wish->palette.items[0]);
    }
    TRY(scene_tune(json, &choosing->tune, &choice->json));
    choice->report = report_make(choosing, choice->name);
    return NULL;
}

Err *scene_choose(const SceneWish *wish, Arena *mem, SceneChoice *ret)
{
    AUTO(value_free) Value *vocabulary = NULL;
    AUTO(value_free) Value *tuned = value_list();
    AUTO(value_free) Value *unmet = value_list();
    AUTO(scene_choice_done) SceneChoice choice = {0};
    Choosing choosing = {.wish = wish, .mem = mem, .tuned = tuned, .unmet = unmet};

    TRY(words_read(mem, &vocabulary, &choosing.words, &choosing.word_count));
    TRY(words_hear(
        wish->words ? wish->words : "", choosing.words, choosing.word_count, mem, &choosing.heard,
        &choosing.heard_count));
    TRY(choice_make(&choosing, &choice));
    *ret = choice;
    memset(&choice, 0, sizeof choice);
    return NULL;
}
