/* People who sign in: /v1/users. */
#include <string.h>

#include "door/studio/studio_priv.h"

typedef struct UserOut {
    const char *id, *tenant_id, *email, *name;
    int role;
    int64_t created_at, seen_at;
    bool disabled;
} UserOut;

static const Field UserOut_fields[] = {
    {FIELD_TEXT(UserOut, id), .help = "Id"},
    {FIELD_TEXT(UserOut, tenant_id), .help = "Whose; null for the studio's own people",
     .nullable = true},
    {FIELD_TEXT(UserOut, email), .help = "Address to sign in with"},
    {FIELD_TEXT(UserOut, name), .help = "Name"},
    {FIELD_NAME(UserOut, role, role_names), .help = "Role"},
    {FIELD_TIME(UserOut, created_at), .help = "When it was made"},
    {FIELD_TIME(UserOut, seen_at), .help = "When it was here last; null for never",
     .nullable = true},
    {FIELD_BOOL(UserOut, disabled), .help = "Is it kept out?"},
    {FIELD_END},
};
static const Shape user_out_shape = SHAPE(UserOut);

static UserOut user_out(const User *user)
{
    return (UserOut){
        .id = user->id,
        .tenant_id = user->tenant_id,
        .email = user->email,
        .name = user->name,
        .role = user->role,
        .created_at = user->created_ms,
        .seen_at = user->seen_ms ? user->seen_ms : FIELD_NONE,
        .disabled = user->is_disabled,
    };
}

/* ---- list ---- */

typedef struct UserListIn {
    const char *tenant_id, *after;
    int64_t limit;
} UserListIn;

static const Field UserListIn_fields[] = {
    {FIELD_TEXT(UserListIn, tenant_id), .help = STUDIO_WHOSE, .optional = true, .max = 64},
    {FIELD_TEXT(UserListIn, after), .help = "Go on after this user", .optional = true, .max = 64},
    {FIELD_INT(UserListIn, limit), .help = "How many at most", .preset = "100", .min = 1,
     .max = 1000},
    {FIELD_END},
};

typedef struct UserList {
    List users;
} UserList;

static const Field UserList_fields[] = {
    {FIELD_LIST(UserList, users, &user_out_shape), .help = "Users, by age"},
    {FIELD_END},
};

HANDLER(user_list_handle, UserListIn, UserList);

const Endpoint studio_user_list = {
    .method = GET,
    .path = "/v1/users",
    .id = "studio_user_list",
    .summary = "List users",
    .about = "When there are more, the header `Link` says where.",
    .tag = "Users",
    .scope = "users:read",
    .in = SHAPE(UserListIn),
    .out = SHAPE(UserList),
    .handle = CALLS(user_list_handle),
};

static Err *user_list_handle(Call *call, const UserListIn *in, UserList *out)
{
    const Clerk clerk = desk_clerk(call);
    const char *tenant_id;
    List found;

    TRY(studio_owner(call, in->tenant_id, &tenant_id));
    TRY(office_user_list(
        &clerk, tenant_id, (OfficePage){in->after, in->limit + 1}, call_arena(call), &found));

    UserOut *users = ARENA_ARRAY(call_arena(call), UserOut, found.count + 1);
    size_t shown = MIN(found.count, (size_t)in->limit);
    for (size_t i = 0; i < shown; i++)
        users[i] = user_out(&((const User *)found.items)[i]);
    if (found.count > shown)
        desk_next_page(call, "after", users[shown - 1].id, in->limit);
    out->users = (List){users, shown};
    return NULL;
}

/* ---- make ---- */

typedef struct UserIn {
    const char *tenant_id, *email, *name, *password;
    int role;
} UserIn;

static const Field UserIn_fields[] = {
    {FIELD_TEXT(UserIn, tenant_id), .help = STUDIO_WHOSE, .optional = true, .max = 64},
    {FIELD_TEXT(UserIn, email), .help = "Address to sign in with", .max = 254, .format = "email"},
    {FIELD_TEXT(UserIn, name), .help = "Name", .preset = "", .max = 200},
    {FIELD_TEXT(UserIn, password), .help = "Password to begin with", .min = 8, .max = 200},
    {FIELD_NAME(UserIn, role, role_names), .help = "viewer sees, editor makes, owner also manages",
     .preset = "editor"},
    {FIELD_END},
};

HANDLER(user_create_handle, UserIn, UserOut);

const Endpoint studio_user_create = {
    .method = POST,
    .path = "/v1/users",
    .id = "studio_user_create",
    .summary = "Add a user",
    .about = "Nobody gives more than they may themselves.",
    .tag = "Users",
    .scope = "users:write",
    .ok = 201,
    .in = SHAPE(UserIn),
    .out = SHAPE(UserOut),
    .errors = ERRORS(ERR_ROW_TAKEN),
    .handle = CALLS(user_create_handle),
};

static MUST Err *more_than_self(void)
{
    return err_public(
        err_new(ERR_FORBIDDEN, "a user with more rights than who changes it"),
        "You may not do that for somebody who may do more than you.");
}

static Err *user_create_handle(Call *call, const UserIn *in, UserOut *out)
{
    const Clerk clerk = desk_clerk(call);
    UserWish wish = {
        .email = in->email, .name = in->name, .password = in->password, .role = in->role};
    const Texts all = {0};
    User user;

    TRY(studio_owner(call, in->tenant_id, &wish.tenant_id));
    if (!caller_may_grant(clerk.caller, wish.role, &all))
        return more_than_self();
    TRY(office_user_create(&clerk, &wish, call_arena(call), &user));
    *out = user_out(&user);
    return NULL;
}

/* ---- change ---- */

typedef struct UserChange {
    const char *id, *tenant_id, *password, *name;
    int role;
    bool disabled;
} UserChange;

static const Field UserChange_fields[] = {
    {FIELD_TEXT(UserChange, id), .help = "Id of the user", .max = 64},
    {FIELD_TEXT(UserChange, tenant_id), .help = STUDIO_WHOSE, .optional = true, .max = 64},
    {FIELD_BOOL(UserChange, disabled), .help = "Keep it out?"},
    {FIELD_TEXT(UserChange, password), .help = "A new password, which ends its sessions",
     .optional = true, .min = 8, .max = 200},
    {FIELD_TEXT(UserChange, name), .help = "Another name", .optional = true, .max = 200},
    {FIELD_NAME(UserChange, role, role_names), .help = "Another role, for its keys, too",
     .optional = true, .nullable = true},
    {FIELD_END},
};

HANDLER(user_change_handle, UserChange, UserOut);

const Endpoint studio_user_change = {
    .method = PUT,
    .path = "/v1/users/{id}",
    .id = "studio_user_change",
    .summary = "Keep a user out, let it in again; give it a new password, name or role",
    .about = "Nobody keeps themselves out or changes their own role, and nobody gives more than "
             "they may themselves. The studio's own people are always admins, and nobody else is.",
    .tag = "Users",
    .scope = "users:write",
    .in = SHAPE(UserChange),
    .out = SHAPE(UserOut),
    .errors = ERRORS(ERR_NOT_FOUND, ERR_CONFLICT),
    .handle = CALLS(user_change_handle),
};

static MUST Err *user_change_check(const Clerk *clerk, const UserChange *in, const User *user)
{
    const Caller *caller = clerk->caller;
    bool is_self = caller->user_id && strcmp(user->id, caller->user_id) == 0;
    const Texts all = {0};

    if (user->role > caller->role)
        return more_than_self();
    if (in->role >= 0 && !caller_may_grant(caller, in->role, &all))
        return more_than_self();
    if (is_self && in->disabled)
        return err_public(
            err_new(ERR_CONFLICT, "a user keeps itself out"),
            "You cannot keep yourself out. Ask somebody else to.");
    if (is_self && in->role >= 0 && in->role != user->role)
        return err_public(
            err_new(ERR_CONFLICT, "a user changes its own role"),
            "You cannot change your own role. Ask somebody else to.");
    return NULL;
}

static Err *user_change_handle(Call *call, const UserChange *in, UserOut *out)
{
    const Clerk clerk = desk_clerk(call);
    UserName name = {.id = in->id};
    User user;

    TRY(studio_owner(call, in->tenant_id, &name.tenant_id));
    TRY(office_user_find(&clerk, name, call_arena(call), &user));
    TRY(user_change_check(&clerk, in, &user));
    if (in->name || (in->role >= 0 && in->role != user.role))
        TRY(office_user_change(
            &clerk, name, &(UserFacts){in->name, in->role}, call_arena(call), &user));
    if (in->password)
        TRY(office_user_password(&clerk, name, in->password));
    if (in->disabled != user.is_disabled)
        TRY(office_user_disable(&clerk, name, in->disabled));
    user.is_disabled = in->disabled;
    *out = user_out(&user);
    return NULL;
}

/* ---- out everywhere ---- */

typedef struct UserNamed {
    const char *id, *tenant_id;
} UserNamed;

static const Field UserNamed_fields[] = {
    {FIELD_TEXT(UserNamed, id), .help = "Id of the user", .max = 64},
    {FIELD_TEXT(UserNamed, tenant_id), .help = STUDIO_WHOSE, .optional = true, .max = 64},
    {FIELD_END},
};

HANDLER(user_sign_out_handle, UserNamed, void);

const Endpoint studio_user_sign_out = {
    .method = DELETE,
    .path = "/v1/users/{id}/sessions",
    .id = "studio_user_sign_out",
    .summary = "Sign a user out everywhere",
    .about = "Ends all its sessions at once, your own, too, when it is you. Its keys stay: revoke "
             "those by `/v1/keys`.",
    .tag = "Users",
    .scope = "users:write",
    .ok = 204,
    .in = SHAPE(UserNamed),
    .errors = ERRORS(ERR_NOT_FOUND),
    .handle = CALLS(user_sign_out_handle),
};

static Err *user_sign_out_handle(Call *call, const UserNamed *in, void *out)
{
    const Clerk clerk = desk_clerk(call);
    UserName name = {.id = in->id};
    User user;

    (void)out;
    TRY(studio_owner(call, in->tenant_id, &name.tenant_id));
    TRY(office_user_find(&clerk, name, call_arena(call), &user));
    if (user.role > clerk.caller->role)
        return more_than_self();
    return office_user_sign_out(&clerk, name);
}
