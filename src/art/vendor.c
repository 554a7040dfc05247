/* A vendor draws. */
#include <string.h>

#include "art/art_priv.h"

#define ORIGIN "http://cv.iptc.org/newscodes/digitalsourcetype/"

/* Who stood in for whom, for people; NULL when it is what was asked for. */
static const char *note_of(const Drawing *drawing, const VendorAnswer *answer, Arena *mem)
{
    const ModelAlias *alias = drawing->plan->alias;

    if (!drawing->price->is_asked_for)
        return arena_print(
            mem, "No key is set for the service of %s: %s of %s stood in for it.", alias->name,
            answer->model, answer->vendor);
    if (alias->is_emulated)
        return arena_print(
            mem, "%s has been switched off by its maker: %s of %s stood in for it.", alias->name,
            answer->model, answer->vendor);
    return NULL;
}

/* How much the vendor still takes. */
static void limits_look(const ArtRoom *room, const char *vendor, Arena *mem, Drawn *drawn)
{
    List states;

    vendors_states(room->vendors, mem, &states);
    for (size_t i = 0; i < states.count; i++) {
        const VendorState *state = &((const VendorState *)states.items)[i];

        if (strcmp(state->name, vendor) == 0) {
            drawn->vendor_limit = state->limit;
            drawn->vendor_remaining = state->remaining;
        }
    }
}

static VendorUsage usage_of(const Drawing *drawing, const VendorAnswer *answer)
{
    return answer->usage.tokens > 0
               ? answer->usage
               : art_price_usage(drawing->plan, drawing->wish, drawing->price->quality);
}

Err *art_vendor_draw(const Drawing *drawing, Arena *mem, Drawn *ret)
{
    VendorAsk ask = art_price_ask(drawing->wish, drawing->plan, drawing->price);
    VendorAnswer answer = {0};

    ask.key = drawing->id;
    TRY(vendors_ask(drawing->room->vendors, &ask, mem, &answer));
    *ret = (Drawn){
        .count = MIN(answer.count, (size_t)drawing->plan->count),
        .vendor = answer.vendor,
        .served = answer.model,
        .words = answer.words,
        .note = note_of(drawing, &answer, mem),
        .origin = drawing->wish->kind == ART_GENERATE ? ORIGIN "trainedAlgorithmicMedia"
                                                      : ORIGIN
                      "compositeWithTrainedAlgorithmicMedia",
        .usage = usage_of(drawing, &answer),
        .cost_micro_usd = answer.cost_micro_usd,
        .vendor_limit = -1,
        .vendor_remaining = -1,
    };
    memcpy(ret->encoded, answer.pictures, sizeof(ret->encoded));
    limits_look(drawing->room, answer.vendor, mem, ret);
    return NULL;
}
