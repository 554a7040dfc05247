/* remove.bg: a photo in a form, the product on nothing back. */
#include <string.h>

#include "vendor/vendor_priv.h"

enum {
    PICTURE_BYTES_MOST = 12 << 20,
    PREVIEW_PIXELS = 250 * 1000, /* as large for a quarter of a credit */
    CREDIT_MICRO_USD = 200 * 1000
};

/* Above 10 megapixels a PNG comes back smaller. Its alpha is enough: the matte is worked out anew at the photo's size. */
static const char *size_of(const VendorPicture *picture)
{
    int64_t pixels = (int64_t)picture->width_px * picture->height_px;

    return pixels > 0 && pixels <= PREVIEW_PIXELS ? "preview" : "full";
}

static Err *removebg_ask(VendorLine *line, const VendorAsk *ask, Arena *mem, VendorAnswer *ret)
{
    static const NetHeader headers[] = {{"Accept", "image/png"}, {0}};
    VendorAnswer answer = {.seed = -1, .count = 1};
    AUTO(form_done) Form form;
    LineReply reply;

    (void)mem;
    form_init(&form);
    if (ask->image_count == 0)
        return err_new(ERR_BUG, "remove.bg was asked without a photo");
    TRY(form_picture(&form, "image_file", &ask->images[0]));
    TRY(form_text(&form, "size", size_of(&ask->images[0])));
    TRY(form_text(&form, "format", "png"));
    TRY(line_send_form(
        line, (LineRequest){.path = "/removebg", .headers = headers, .is_billed = true}, &form,
        &reply));
    TRY(line_picture(line, reply.body, reply.size, &answer.pictures[0]));

    const char *credits = line_header(&reply, "x-credits-charged");

    if (credits) {
        answer.cost_micro_usd = (int64_t)(strtod(credits, NULL) * CREDIT_MICRO_USD + 0.5);
        answer.is_cost_known = true;
    }
    answer.model = ask->model ? ask->model : vendor_removebg.usual[ABILITY_CUTOUT];
    *ret = answer;
    return NULL;
}

static const struct {
    const char *code;
    FaultKind kind;
} fault_codes[] = {
    {"file_too_large", FAULT_TOO_LARGE},
    {"resolution_too_high", FAULT_TOO_LARGE},
    {"auth_failed", FAULT_KEY},
    {"insufficient_credits", FAULT_UNPAID},
    {"rate_limit_exceeded", FAULT_BUSY},
    {"unknown_foreground", FAULT_INPUT},
    {"failed_to_read_image", FAULT_INPUT},
    {"invalid_file_type", FAULT_INPUT},
};

static void removebg_fault(const LineReply *reply, Arena *mem, VendorFault *ret)
{
    const Value *first = value_at(value_get(reply->json, "errors"), 0);
    const char *title = value_text(value_get(first, "title"));
    const char *detail = value_text(value_get(first, "detail"));

    fault_by_status(reply, ret);
    ret->code = value_text(value_get(first, "code"));
    for (size_t i = 0; ret->code && i < COUNT(fault_codes); i++)
        if (strcmp(fault_codes[i].code, ret->code) == 0)
            ret->kind = fault_codes[i].kind;
    ret->words = title && detail ? arena_print(mem, "%s: %s", title, detail) : title;
}

static Err *removebg_credits(VendorLine *line, const Value **ret)
{
    LineReply reply;

    TRY(line_send(line, &(LineRequest){.path = "/account"}, &reply));
    const Value *attributes = value_get(value_get(reply.json, "data"), "attributes");

    *ret = value_get(value_get(attributes, "credits"), "total");
    return NULL;
}

static const char what_credits_are[] = "https://www.remove.bg/help/a/what-are-image-credits";

static const PriceRow prices[] = {
    {"removebg", NULL, NULL, PRICE_PICTURE, CREDIT_MICRO_USD, "2026-06-01", what_credits_are},
    {0},
};

const Vendor vendor_removebg = {
    .name = "remove.bg",
    .title = "remove.bg",
    .site = "https://www.remove.bg",
    .base_url = "https://api.remove.bg/v1.0",
    .key_name = "REMOVEBG_API_KEY",
    .auth = "X-API-Key: %s",
    .usual = {[ABILITY_CUTOUT] = "removebg"},
    .prices = prices,
    .picture_bytes_most = PICTURE_BYTES_MOST,
    .images_most = 1,
    .ask = removebg_ask,
    .fault = removebg_fault,
    .credits = removebg_credits,
    .low_credits = 20,
};
