/* What packs can be made for, as data. */
#include "base/clock.h"
#include "pack/pack_priv.h"

static void value_end(void *value)
{
    value_free(value);
}

static List forms_of(const Platform *platform, Arena *mem)
{
    const Form *forms = platform->forms.items;
    PackPresetForm *shown = ARENA_ARRAY(mem, PackPresetForm, platform->forms.count + 1);

    for (size_t i = 0; i < platform->forms.count; i++)
        shown[i] = (PackPresetForm){
            .form = forms[i].form,
            .use = forms[i].use,
            .width_px = forms[i].width_px,
            .height_px = forms[i].height_px,
            .quality = forms[i].quality,
            .is_white = forms[i].whiten > 0,
        };
    return (List){shown, platform->forms.count};
}

Err *pack_presets(Arena *mem, List *ret)
{
    const char *const *names = market_platform_names(mem);
    char today[CLOCK_TEXT_SIZE];
    size_t count = 0;

    while (names[count])
        count++;
    PackPreset *presets = ARENA_ARRAY(mem, PackPreset, count + 1);
    clock_text(clock_now_ms(), today);
    const Listing listing = {.day = arena_text_n(mem, today, 10), .slot = SLOT_MAIN};
    for (size_t i = 0; i < count; i++) {
        Platform platform;
        Value *json;
        double least, most;

        TRY(market_find_platform(names[i], NULL, mem, &json, &platform));
        arena_keep(mem, value_end, json);
        market_limits(&platform, MEASURE_BYTES, &listing, &least, &most);
        presets[i] = (PackPreset){
            .name = platform.name,
            .title = platform.title,
            .about = platform.about,
            .format = platform.format,
            .bytes_most = most > 0 ? (int64_t)most : 0,
            .forms = forms_of(&platform, mem),
        };
    }
    *ret = (List){presets, count};
    return NULL;
}
