/* GET /v1/vendors. */
#include "door/studio/studio_priv.h"
#include "run/offer.h"

typedef struct VendorsOut {
    List work;
} VendorsOut;

static const Field VendorsOut_fields[] = {
    {FIELD_LIST(VendorsOut, work, &offer_work_shape),
     .help = "What can be done by others than the built-in studio, and by whom it is done"},
    {FIELD_END},
};

HANDLER(vendors_get, void, VendorsOut);

const Endpoint studio_vendors_get = {
    .method = GET,
    .path = "/v1/vendors",
    .id = "studio_vendors_get",
    .summary = "See who does the work: the built-in studio or vendors",
    .tag = "Vendors",
    .scope = "jobs:read",
    .out = SHAPE(VendorsOut),
    .handle = CALLS(vendors_get),
};

static Err *vendors_get(Call *call, const void *in, VendorsOut *out)
{
    (void)in;
    offer_work(desk_of(call)->studio, call_arena(call), &out->work);
    return NULL;
}
