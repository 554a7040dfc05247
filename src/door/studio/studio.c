/* The studio door: its list. */
#include "door/studio/studio.h"

#include "door/studio/studio_priv.h"

const FrontDoor studio_door = {
    .name = "studio",
    .title = "Cyclorama: the studio API",
    .version = "1.0",
    .about = "Who is signed in, keys and users; what work would cost before it is done, and who "
             "does it: "
             "the built-in studio, or the vendors that the operator chose.",
    .endpoints =
        (const Endpoint *const[]){
            &studio_quote_make,
            &studio_vendors_get,
            &studio_session_get,
            &studio_session_open,
            &studio_session_close,
            &studio_password_change,
            &studio_first_run,
            &studio_key_list,
            &studio_key_create,
            &studio_key_revoke,
            &studio_user_list,
            &studio_user_create,
            &studio_user_change,
            &studio_events,
            &studio_usage_list,
            &studio_vendor_key_list,
            &studio_vendor_key_set,
            &studio_vendor_key_drop,
            NULL,
        },
};
