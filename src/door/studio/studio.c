/* The studio door: its list. */
#include "door/studio/studio.h"

#include <string.h>

#include "door/studio/studio_priv.h"

Err *studio_owner(const Call *call, const char *asked, const char **ret)
{
    *ret = NULL;
    if (asked && strcmp(asked, "studio") == 0 && desk_caller(call)->role == ROLE_ADMIN)
        return NULL;
    return desk_tenant(call, asked, ret);
}

const FrontDoor studio_door = {
    .name = "studio",
    .title = "Cyclorama: the studio API",
    .version = "1.0",
    .about = "Who is signed in, keys and users, and who did what; what work would cost before it "
             "is done, and who "
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
            &studio_user_sign_out,
            &studio_audit_list,
            &studio_credits_get,
            &studio_credits_move,
            &studio_events,
            &studio_usage_list,
            &studio_vendor_key_list,
            &studio_vendor_key_set,
            &studio_vendor_key_drop,
            NULL,
        },
};
