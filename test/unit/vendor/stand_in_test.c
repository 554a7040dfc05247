/* The stand-in of test/harness speaks as the vendors do: what every vendor of this room can do is done there. */
#include "base/clock.h"
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

static Vendors *stage_vendors(const Stage *stage)
{
    VendorKey keys[COUNT(prefixes) + 1] = {{NULL}};
    Vendors *vendors = NULL;

    for (size_t i = 0; i < COUNT(prefixes); i++)
        keys[i] = (VendorKey){
            prefixes[i][0], "a-key",
            arena_print(
                stage->mem, "http://127.0.0.1:%d%s", stand_in_port(stage->stand_in),
                prefixes[i][1])};
    CHECK_OK(vendors_open(&(VendorsSetup){.net = stage->net, .keys = keys}, &vendors));
    return vendors;
}

static Stage stage_begin(void)
{
    Stage stage = {.mem = arena_new(), .stand_in = stand_in_start(0, 0)};

    CHECK_OK(net_open(&(NetSetup){.allowed = "127.0.0.1"}, &stage.net));
    stage.vendors = stage_vendors(&stage);
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

TEST(every_vendor_that_draws_ends_each_fault_alike)
{
    static const struct {
        const char *prompt, *ends_as;
        int tries_most;
    } rows[] = {
        {"fault-401", "vendor_key_refused", 1},   {"fault-402", "vendor_unpaid", 1},
        {"fault-413", "file_too_large", 1},       {"fault-429", "vendor_busy", 4},
        {"fault-500", "upstream_failed", 1},      {"fault-502", "upstream_failed", 1},
        {"fault-503", "vendor_busy", 4},          {"fault-504", "vendor_unsure", 1},
        {"fault-moderated", "prompt_refused", 1}, {"fault-quota", "vendor_unpaid", 1},
        {"fault-garbage", "vendor_unsure", 1},    {"fault-cut", "vendor_unsure", 1},
        {"fault-once-503", "no error", 9},        {"fault-once-429", "no error", 9},
    };
    AUTO(stage_end) Stage stage = stage_begin();

    clock_hold((int64_t)CALL_NOW_S * 1000);
    for (size_t i = 0; vendor_list[i]; i++)
        for (size_t j = 0; j < COUNT(rows) && vendor_list[i]->usual[ABILITY_GENERATE]; j++) {
            AUTO(vendors_close) Vendors *vendors = stage_vendors(&stage); /* with breakers closed */
            VendorAnswer answer;
            VendorAsk ask = {
                .ability = ABILITY_GENERATE,
                .vendor = vendor_list[i]->name,
                .prompt = arena_print(stage.mem, "%s %s", rows[j].prompt, vendor_list[i]->name),
                .compression = -1,
                .seed = -1,
            };
            int before = stand_in_asked(stage.stand_in);
            const char *code = call_code(vendors_ask(vendors, &ask, stage.mem, &answer));

            if (strcmp(code, rows[j].ends_as) != 0 ||
                stand_in_asked(stage.stand_in) - before > rows[j].tries_most)
                test_fail(
                    __FILE__, __LINE__, "%s of %s ends as %s after %d requests", rows[j].prompt,
                    ask.vendor, code, stand_in_asked(stage.stand_in) - before);
        }
    clock_hold(0);
}
