/* The stand-in of test/harness speaks as the vendors do: what every vendor of this room can do is done there. */
#include "call.h"
#include "harness/stand_in.h"
#include "vendor/vendor_priv.h"

/* Below which part of the stand-in's address each vendor is. */
static const char *const prefixes[][2] = {
    {"openai", "/openai/v1"},    {"fal", "/fal"},         {"replicate", "/replicate/v1"},
    {"stability", "/stability"}, {"segmind", "/segmind"}, {"remove.bg", "/removebg/v1.0"},
};

typedef struct Stage {
    Arena *mem;
    StandIn *stand_in;
    NetClient *net;
    Vendors *vendors;
} Stage;

static void stage_end(Stage *stage)
{
    vendors_close(stage->vendors);
    net_close(stage->net);
    stand_in_stop(stage->stand_in);
    arena_free(stage->mem);
}
DEFINE_AUTO_DONE(Stage, stage_end);

static Stage stage_begin(void)
{
    Stage stage = {.mem = arena_new(), .stand_in = stand_in_start(0, 0)};
    VendorKey keys[COUNT(prefixes) + 1] = {{NULL}};

    for (size_t i = 0; i < COUNT(prefixes); i++)
        keys[i] = (VendorKey){
            prefixes[i][0], "a-key",
            arena_print(
                stage.mem, "http://127.0.0.1:%d%s", stand_in_port(stage.stand_in), prefixes[i][1])};
    CHECK_OK(net_open(&(NetSetup){.allowed = "127.0.0.1"}, &stage.net));
    CHECK_OK(vendors_open(&(VendorsSetup){.net = stage.net, .keys = keys}, &stage.vendors));
    return stage;
}

static VendorAsk ask_for(Call *call, Ability ability)
{
    VendorAsk ask = {
        .ability = ability,
        .prompt = "a vase on a table",
        .compression = -1,
        .seed = -1,
        .factor = 2,
        .width_px = ability == ABILITY_GENERATE ? 1024 : 0,
        .height_px = ability == ABILITY_GENERATE ? 1024 : 0,
    };

    if (ability != ABILITY_GENERATE) {
        ask.images[0] = call_picture(call, "png", 64, 64);
        ask.image_count = 1;
    }
    return ask;
}

TEST(every_vendor_does_all_it_can_at_the_stand_in)
{
    AUTO(stage_end) Stage stage = stage_begin();
    Call call = {.mem = stage.mem};

    for (size_t i = 0; vendor_list[i]; i++)
        for (int ability = 0; ability < ABILITY_MAX_; ability++) {
            VendorAnswer answer;
            VendorAsk ask = ask_for(&call, (Ability)ability);

            if (!vendor_list[i]->usual[ability])
                continue;
            ask.vendor = vendor_list[i]->name;
            Err *err = vendors_ask(stage.vendors, &ask, stage.mem, &answer);
            if (err)
                test_fail(
                    __FILE__, __LINE__, "%s cannot %s: %s", ask.vendor, ability_names[ability],
                    err_message(err));
            CHECK(answer.count == 1);
            CHECK(answer.pictures[0].width_px > 0);
        }
}
