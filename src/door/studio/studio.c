/* The studio door: its list. */
#include "door/studio/studio.h"

#include "door/studio/studio_priv.h"

const FrontDoor studio_door = {
    .name = "studio",
    .title = "Cyclorama: the studio API",
    .version = "1.0",
    .about = "What work would cost before it is done, and who does it: the built-in studio, or the "
             "vendors that the operator chose.",
    .endpoints =
        (const Endpoint *const[]){
            &studio_quote_make,
            &studio_vendors_get,
            &studio_vendor_key_list,
            &studio_vendor_key_set,
            &studio_vendor_key_drop,
            NULL,
        },
};
