/* Listening: text becomes words, words become what the vocabulary knows. */
#include "scene/words.h"

#include <ctype.h>
#include <string.h>

#include "base/colour.h"
#include "base/embed.h"

extern const Embedded embedded_words[];

enum {
    WORD_BYTES_MAX = 40,
    PHRASE_WORDS_MAX = 5,
    MEANINGS_MAX = 4, /* of one phrase: "soft" is a light and a pink */
};

static const char *const kind_names[] = {
    [WORD_ROOM] = "room",       [WORD_PLACE] = "place",   [WORD_SEASON] = "season",
    [WORD_SURFACE] = "surface", [WORD_THING] = "thing",   [WORD_TIME] = "time",
    [WORD_MOOD] = "mood",       [WORD_COLOUR] = "colour", [WORD_SHADE] = "shade",
    [WORD_PART] = "part",       [WORD_NOT] = "not",       [WORD_JOIN] = "join",
    [WORD_BREAK] = "break",     [WORD_FILLER] = "filler", [WORD_KINDS] = NULL};

static const Field Word_fields[] = {
    {FIELD_NAME(Word, is, kind_names), .help = "What kind of word it is"},
    {FIELD_TEXT(Word, value), .help = "What it means, as scenes are tagged", .max = 40},
    {FIELD_TEXTS(Word, en), .help = "How people say it in English", .preset = ""},
    {FIELD_TEXTS(Word, id), .help = "How people say it in Indonesian", .preset = ""},
    {FIELD_TEXTS(Word, like), .help = "More general values", .preset = ""},
    {FIELD_TEXT(Word, colour), .help = "A colour's colour", .preset = ""},
    {FIELD_NUMBER(Word, weight), .help = "How much having it counts", .preset = "1", .max = 4},
    {FIELD_NUMBER(Word, unasked), .help = "How much having it unasked counts", .preset = "1",
     .max = 20},
    {FIELD_TEXT(Word, part), .help = "The part that a colour, or a colour beside a thing, goes to",
     .preset = ""},
    {FIELD_NUMBER(Word, lightness), .help = "A shade's lightness", .preset = "0", .max = 1},
    {FIELD_NUMBER(Word, colourful), .help = "A shade's chroma, times", .preset = "1", .max = 3},
    {FIELD_VALUE(Word, tune), .help = "What it does to a set", .optional = true},
    {FIELD_VALUE(Word, paint), .help = "What a surface is made of", .optional = true},
    {FIELD_END},
};
static const Shape word_shape = SHAPE(Word);

typedef struct Vocabulary {
    int64_t version;
    List rows;
} Vocabulary;

static const Field Vocabulary_fields[] = {
    {FIELD_INT(Vocabulary, version), .help = "Raised when rows change their meaning"},
    {FIELD_LIST(Vocabulary, rows, &word_shape), .help = "The words"},
    {FIELD_END},
};
static const Shape vocabulary_shape = SHAPE(Vocabulary);

const char *word_kind_name(WordKind kind)
{
    return kind_names[kind];
}

Err *words_read(Arena *mem, Value **ret_json, const Word **ret, size_t *ret_count)
{
    const Embedded *file = embed_find(embedded_words, "scene");
    AUTO(value_free) Value *json = NULL;
    Vocabulary vocabulary;

    TRY(value_parse((const char *)file->bytes, file->size, &json));
    TRY(shape_read(&vocabulary_shape, json, mem, &vocabulary));
    *ret_json = TAKE(json);
    *ret = vocabulary.rows.items;
    *ret_count = vocabulary.rows.count;
    return NULL;
}

static bool is_said(const Texts *texts, const char *text)
{
    for (size_t i = 0; i < texts->count; i++)
        if (strcmp(texts->items[i], text) == 0)
            return true;
    return false;
}

const Word *words_find(const Word *words, size_t count, const char *tag)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(words[i].value, tag) == 0)
            return &words[i];
    for (size_t i = 0; i < count; i++)
        if (is_said(&words[i].en, tag))
            return &words[i];
    return NULL;
}

/* ---- from text to words ---- */

typedef struct Token {
    char text[WORD_BYTES_MAX]; /* small letters without accents */
    char stem[WORD_BYTES_MAX]; /* without the endings of plurals and owners */
    int clause;
} Token;

/* Latin letters with accents, U+00C0 on, as the letters they are made of. */
static char letter_plain(unsigned char second)
{
    static const char plain[] = "aaaaaaaceeeeiiiidnooooo ouuuuypsaaaaaaaceeeeiiiidnooooo ouuuuypy";

    return plain[second - 0x80];
}

static bool ends_in(const char *word, size_t length, const char *ending)
{
    size_t size = strlen(ending);

    return length > size && memcmp(word + length - size, ending, size) == 0;
}

static void stem_take(const char *word, char stem[WORD_BYTES_MAX])
{
    size_t length = strlen(word);

    memcpy(stem, word, length + 1);
    if (length > 5 && ends_in(stem, length, "nya"))
        length -= 3;
    else if (length > 2 && ends_in(stem, length, "'s"))
        length -= 2;
    else if (length > 4 && ends_in(stem, length, "ies"))
        stem[(length -= 2) - 1] = 'y';
    else if (
        length > 4 && (ends_in(stem, length, "shes") || ends_in(stem, length, "ches") ||
                       ends_in(stem, length, "xes") || ends_in(stem, length, "sses")))
        length -= 2;
    else if (length > 3 && stem[length - 1] == 's' && stem[length - 2] != 's')
        length -= 1;
    stem[length] = 0;
}

/* One letter of a word from TEXT, how many bytes it took; 0 when it is none. */
static int letter_take(const char *text, char *ret)
{
    unsigned char c = (unsigned char)*text, next = (unsigned char)(c ? text[1] : 0);

    if (isalnum(c) || c == '#' || c == '\'') {
        *ret = (char)tolower(c);
        return 1;
    }
    if (c == 0xC3 && next >= 0x80 && next <= 0xBF) {
        *ret = letter_plain(next);
        return 2;
    }
    *ret = (char)c;
    return c >= 0x80 ? 1 : 0;
}

/* Commas and the like part clauses; dots within numbers and dashes within words do not. */
static bool parts_clauses(const char *text, const char *begin)
{
    if (*text == '.' && text > begin && isdigit((unsigned char)text[-1]) &&
        isdigit((unsigned char)text[1]))
        return false;
    return strchr(",.;:!?()[]/+&|\n", *text) != NULL;
}

static size_t tokens_take(const char *text, Token tokens[WORDS_MAX])
{
    const char *begin = text;
    size_t count = 0;
    int clause = 0;

    while (*text && count < WORDS_MAX) {
        Token *token = &tokens[count];
        size_t length = 0;
        int taken;
        char letter;

        while (*text && (taken = letter_take(text, &letter)) > 0) {
            if (length < WORD_BYTES_MAX - 1)
                token->text[length++] = letter;
            text += taken;
        }
        token->text[length] = 0;
        token->clause = clause;
        stem_take(token->text, token->stem);
        /* Indonesian says a word twice for many of it. */
        bool is_twice = count > 0 && strcmp(tokens[count - 1].text, token->text) == 0 &&
                        !isdigit((unsigned char)*token->text);
        if (length > 0 && !is_twice)
            count++;
        if (*text && length == 0) {
            clause += parts_clauses(text, begin);
            text++;
        }
    }
    return count;
}

/* ---- from words to meanings ---- */

typedef struct Meaning {
    const Word *word;
    int length;    /* words */
    bool is_exact; /* to the letter, endings and all */
    bool is_indonesian;
} Meaning;

typedef struct Listening {
    const Word *words;
    size_t word_count;
    Token tokens[WORDS_MAX];
    size_t count;
    Arena *mem;
} Listening;

static bool same_word(const Token *a, const Token *b)
{
    return strcmp(a->text, b->text) == 0 || strcmp(a->stem, b->stem) == 0;
}

/* How many words of the phrase stand at AT: all of them, or 0. */
static int phrase_at(const Listening *listening, size_t at, const char *phrase, bool *ret_exact)
{
    Token wanted[WORDS_MAX];

    if (phrase[0] != listening->tokens[at].text[0])
        return 0;
    size_t count = tokens_take(phrase, wanted);
    if (count == 0 || count > PHRASE_WORDS_MAX || at + count > listening->count)
        return 0;
    *ret_exact = true;
    for (size_t i = 0; i < count; i++) {
        const Token *said = &listening->tokens[at + i];

        if (!same_word(said, &wanted[i]) || said->clause != listening->tokens[at].clause)
            return 0;
        *ret_exact &= strcmp(said->text, wanted[i].text) == 0;
    }
    return (int)count;
}

/* Add what WORD means at AT when it is no shorter than what is there; longer phrases push shorter ones out, and what was said to the
 * letter what has another ending: wood is no woods. */
static void meaning_add(
    const Listening *listening, size_t at, const Word *word, bool is_indonesian, Meaning *meanings,
    size_t *count)
{
    const Texts *phrases = is_indonesian ? &word->id : &word->en;

    for (size_t i = 0; i < phrases->count; i++) {
        bool is_exact;
        int length = phrase_at(listening, at, phrases->items[i], &is_exact);
        int longest = *count ? meanings[0].length : 1;
        bool was_exact = *count && meanings[0].is_exact;

        if (length < longest || (length == longest && was_exact && !is_exact))
            continue;
        if (length > longest || (is_exact && !was_exact))
            *count = 0;
        if (*count && meanings[*count - 1].word == word)
            continue;
        if (*count < MEANINGS_MAX)
            meanings[(*count)++] = (Meaning){word, length, is_exact, is_indonesian};
    }
}

static size_t meanings_at(const Listening *listening, size_t at, Meaning meanings[MEANINGS_MAX])
{
    size_t count = 0;

    if (at >= listening->count)
        return 0;
    for (size_t w = 0; w < listening->word_count; w++) {
        meaning_add(listening, at, &listening->words[w], false, meanings, &count);
        meaning_add(listening, at, &listening->words[w], true, meanings, &count);
    }
    return count;
}

/* How many slips make SAID of MEANT, or WORD_BYTES_MAX when they are too many: a word of five letters may have one, a longer one
 * two, and its first letter is right. */
static int slips_of(const char *said, const char *meant)
{
    size_t length = strlen(said);
    int most = length >= 8 ? 2 : 1;

    if (length < 5 || said[0] != meant[0] || strchr(meant, ' '))
        return WORD_BYTES_MAX;
    int apart = shape_words_apart(said, meant);
    return apart <= most ? apart : WORD_BYTES_MAX;
}

static bool slip_find(const Listening *listening, size_t at, Meaning *ret)
{
    const char *said = listening->tokens[at].text;
    int least = WORD_BYTES_MAX;

    for (size_t w = 0; w < listening->word_count; w++) {
        const Word *word = &listening->words[w];

        for (size_t i = 0; i < word->en.count + word->id.count; i++) {
            bool is_indonesian = i >= word->en.count;
            const char *meant =
                is_indonesian ? word->id.items[i - word->en.count] : word->en.items[i];
            int slips = word->is < WORD_NOT ? slips_of(said, meant) : WORD_BYTES_MAX;

            if (slips < least) {
                least = slips;
                *ret = (Meaning){word, 1, true, is_indonesian};
            }
        }
    }
    return least < WORD_BYTES_MAX;
}

static MUST Err *colour_word(const Listening *listening, const char *text, Meaning *ret)
{
    Word *word = arena_take(listening->mem, sizeof *word);
    Colour colour;

    TRY(colour_parse(text, &colour));
    *word = (Word){
        .is = WORD_COLOUR,
        .value = arena_text(listening->mem, text),
        .colour = arena_text(listening->mem, text),
        .part = "",
    };
    *ret = (Meaning){word, 1, false};
    return NULL;
}

static bool is_colour_at(const Listening *listening, size_t at)
{
    Meaning meanings[MEANINGS_MAX];
    size_t count = meanings_at(listening, at, meanings);

    for (size_t i = 0; i < count; i++)
        if (meanings[i].word->is == WORD_COLOUR)
            return true;
    return false;
}

/* "Soft" beside a colour is a shade of it, else a light. BEFORE is what was heard just before, or NULL. */
static Meaning meaning_choose(
    const Listening *listening, size_t at, const Meaning *meanings, size_t count,
    const Heard *before)
{
    size_t after = at + (size_t)meanings[0].length;
    bool follows = before && before->word && before->word->is == WORD_COLOUR &&
                   (size_t)(before->at + before->length) == at;
    bool leads = after < listening->count &&
                 listening->tokens[after].clause == listening->tokens[at].clause &&
                 is_colour_at(listening, after);

    for (size_t i = 0; i < count; i++)
        if ((meanings[i].word->is == WORD_SHADE) == (follows || leads))
            return meanings[i];
    return meanings[0];
}

static const char *said_at(const Listening *listening, size_t at, int length)
{
    const char *said = listening->tokens[at].text;

    for (int i = 1; i < length; i++)
        said = arena_print(listening->mem, "%s %s", said, listening->tokens[at + (size_t)i].text);
    return arena_text(listening->mem, said);
}

static bool meaning_find(const Listening *listening, size_t at, const Heard *before, Meaning *ret)
{
    Meaning meanings[MEANINGS_MAX];
    size_t count = meanings_at(listening, at, meanings);

    if (count) {
        *ret = meaning_choose(listening, at, meanings, count, before);
        return true;
    }
    if (listening->tokens[at].text[0] == '#') {
        AUTO(err_free) Err *err = colour_word(listening, listening->tokens[at].text, ret);
        return err == NULL;
    }
    return slip_find(listening, at, ret);
}

/* A denial holds for the next thing, and on over "or". */
static size_t hear(const Listening *listening, Heard *heard)
{
    size_t count = 0;
    bool is_denied = false, was_denied = false;
    int breaks = 0;

    for (size_t at = 0; at < listening->count;) {
        Meaning meaning = {.length = 1};
        bool is_known = meaning_find(listening, at, count ? &heard[count - 1] : NULL, &meaning);
        WordKind kind = is_known ? (WordKind)meaning.word->is : WORD_KINDS;
        size_t here = at;

        at += (size_t)meaning.length;
        if (kind == WORD_NOT)
            is_denied = true;
        else if (kind == WORD_JOIN)
            is_denied = was_denied;
        else if (kind == WORD_BREAK)
            breaks++;
        if (kind == WORD_NOT || kind == WORD_JOIN || kind == WORD_BREAK || kind == WORD_FILLER)
            continue;
        heard[count++] = (Heard){
            .word = is_known ? meaning.word : NULL,
            .said = said_at(listening, here, meaning.length),
            .at = (int)here,
            .length = meaning.length,
            .clause = listening->tokens[here].clause + breaks,
            .is_indonesian = meaning.is_indonesian,
            .is_denied = is_denied,
        };
        was_denied = is_denied;
        /* "No red flowers": the colour is denied with its thing. */
        is_denied =
            is_denied && (kind == WORD_COLOUR || kind == WORD_SHADE) && !meaning.is_indonesian;
    }
    return count;
}

Err *words_hear(
    const char *text, const Word *words, size_t word_count, Arena *mem, const Heard **ret,
    size_t *ret_count)
{
    if (strlen(text) > WORDS_BYTES_MAX)
        return err_public(
            err_new(ERR_INPUT_INVALID, "%zu bytes of words", strlen(text)),
            "Describe the scene in %d characters at most.", WORDS_BYTES_MAX);

    Listening *listening = arena_take(mem, sizeof *listening);
    Heard *heard = ARENA_ARRAY(mem, Heard, WORDS_MAX);
    listening->words = words;
    listening->word_count = word_count;
    listening->mem = mem;
    listening->count = tokens_take(text, listening->tokens);
    *ret_count = hear(listening, heard);
    *ret = heard;
    return NULL;
}
