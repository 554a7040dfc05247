/* studio_priv.h - what the files of this folder share. Not for other folders. */
#pragma once

#include "door/desk.h"

extern const Endpoint studio_quote_make, studio_vendors_get;
extern const Endpoint studio_session_get, studio_session_open, studio_session_close;
extern const Endpoint studio_events, studio_usage_list;
extern const Endpoint studio_password_change, studio_first_run;
extern const Endpoint studio_key_list, studio_key_create, studio_key_revoke;
extern const Endpoint studio_user_list, studio_user_create, studio_user_change,
    studio_user_sign_out;
extern const Endpoint studio_audit_list, studio_credits_get, studio_credits_move;
extern const Endpoint studio_vendor_key_list, studio_vendor_key_set, studio_vendor_key_drop;

#define STUDIO_WHOSE "Whose; your own if left out, studio for the studio's own"

/* Whose users and keys CALL may see and change: those of its tenant or of the one ASKED for; with "studio" an admin means the studio's own, which
 * are of no tenant: *RET is NULL. */
MUST Err *studio_owner(const Call *call, const char *asked, const char **ret);
