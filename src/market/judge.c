/* Rules against facts. */
#include <math.h>
#include <string.h>

#include "market/market.h"

const char *const market_verdict_names[] = {"pass", "unknown", "warn", "fail", NULL};

/* Days are written year first, so they sort as text. */
static bool is_over(const Rule *rule, const char *day)
{
    return *rule->until && strcmp(day, rule->until) >= 0;
}

bool market_rule_holds(const Rule *rule, const Listing *listing)
{
    return !is_over(rule, listing->day) &&
           (rule->slot == SLOT_ANY || rule->slot == (int)listing->slot);
}

static bool is_later(const Rule *rule, const char *day)
{
    return *rule->from && strcmp(day, rule->from) < 0;
}

static bool texts_hold(const Texts *texts, const char *word)
{
    for (size_t i = 0; i < texts->count; i++)
        if (strcmp(texts->items[i], word) == 0)
            return true;
    return false;
}

static bool is_kept(const Rule *rule, const Fact *fact)
{
    double tolerance = market_measures[rule->measure].tolerance + 1e-9;

    if (fact->word)
        return (!rule->any_of.count || texts_hold(&rule->any_of, fact->word)) &&
               !texts_hold(&rule->none_of, fact->word);
    return (rule->least < 0 || fact->number >= rule->least - tolerance) &&
           (rule->most < 0 || fact->number <= rule->most + tolerance);
}

static Verdict verdict_of(const Rule *rule, const Fact *fact, const char *day)
{
    if (!fact->is_known)
        return VERDICT_UNKNOWN;
    if (is_kept(rule, fact))
        return VERDICT_PASS;
    return rule->severity == SEVERITY_MUST && !is_later(rule, day) &&
                   !market_measures[rule->measure].is_suspicion
               ? VERDICT_FAIL
               : VERDICT_WARN;
}

/* ---- words ---- */

static const char *number_words(double number, const char *unit, Arena *mem)
{
    const char *gap = *unit ? " " : "";

    if (strcmp(unit, "bytes") == 0)
        return arena_print(mem, "%.*f MB", number < 1e6 ? 2 : 1, number / 1e6);
    if (fabs(number - round(number)) < 1e-6)
        return arena_print(mem, "%.0f%s%s", number, gap, unit);
    return arena_print(mem, "%.*f%s%s", fabs(number) < 10 ? 2 : 1, number, gap, unit);
}

static const char *texts_words(const Texts *texts, Arena *mem)
{
    const char *words = "";

    for (size_t i = 0; i < texts->count; i++)
        words = arena_print(mem, "%s%s%s", words, i ? ", " : "", texts->items[i]);
    return words;
}

static const char *limit_words(const Rule *rule, Arena *mem)
{
    const char *unit = market_measures[rule->measure].unit;

    if (rule->any_of.count)
        return arena_print(mem, "one of %s", texts_words(&rule->any_of, mem));
    if (rule->none_of.count)
        return arena_print(mem, "not %s", texts_words(&rule->none_of, mem));
    if (rule->least >= 0 && rule->most >= 0)
        return arena_print(
            mem, "%s to %s", number_words(rule->least, "", mem),
            number_words(rule->most, unit, mem));
    return rule->least >= 0 ? arena_print(mem, "at least %s", number_words(rule->least, unit, mem))
           : rule->most > 0 ? arena_print(mem, "at most %s", number_words(rule->most, unit, mem))
                            : "none";
}

static const char *measured_words(const Rule *rule, const Fact *fact, Arena *mem)
{
    if (!fact->is_known)
        return "unknown";
    return fact->word ? fact->word
                      : number_words(fact->number, market_measures[rule->measure].unit, mem);
}

void market_judge(
    const Platform *platform, const Facts *facts, const Listing *listing, Arena *mem, Findings *ret)
{
    const Rule *rules = platform->rules.items;
    Findings findings = {.items = ARENA_ARRAY(mem, Finding, platform->rules.count + 1)};

    for (size_t i = 0; i < platform->rules.count; i++) {
        const Rule *rule = &rules[i];
        const Fact *fact = &facts->of[rule->measure];

        if (!market_rule_holds(rule, listing))
            continue;
        Finding *finding = &findings.items[findings.count++];
        *finding = (Finding){
            .rule = rule,
            .verdict = verdict_of(rule, fact, listing->day),
            .is_later = is_later(rule, listing->day),
            .measured = measured_words(rule, fact, mem),
            .limit = limit_words(rule, mem),
        };
        findings.counts[finding->verdict]++;
    }
    *ret = findings;
}

void market_limits(
    const Platform *platform, Measure measure, const Listing *listing, double *ret_least,
    double *ret_most)
{
    const Rule *rules = platform->rules.items;
    double least = NO_LIMIT, most = NO_LIMIT;

    for (size_t i = 0; i < platform->rules.count; i++) {
        if ((Measure)rules[i].measure != measure || !market_rule_holds(&rules[i], listing))
            continue;
        least = MAX(least, rules[i].least);
        if (rules[i].most >= 0)
            most = most < 0 ? rules[i].most : MIN(most, rules[i].most);
    }
    *ret_least = least;
    *ret_most = most;
}
