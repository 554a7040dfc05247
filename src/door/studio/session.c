/* Signing in with a browser, out again, and the studio's first account: /v1/session, /v1/first-run. */
#include <string.h>

#include "door/studio/studio_priv.h"

/* ---- who is signed in ---- */

typedef struct SessionUser {
    const char *id, *email, *name;
    int role;
} SessionUser;

static const Field SessionUser_fields[] = {
    {FIELD_TEXT(SessionUser, id), .help = "Id"},
    {FIELD_TEXT(SessionUser, email), .help = "Address to sign in with"},
    {FIELD_TEXT(SessionUser, name), .help = "Name"},
    {FIELD_NAME(SessionUser, role, role_names), .help = "Role"},
    {FIELD_END},
};
static const Shape session_user_shape = SHAPE(SessionUser);

typedef struct SessionTenant {
    const char *id, *name;
    int plan;
    int64_t credits;
} SessionTenant;

static const Field SessionTenant_fields[] = {
    {FIELD_TEXT(SessionTenant, id), .help = "Name of the tenant, for programs"},
    {FIELD_TEXT(SessionTenant, name), .help = "Its name"},
    {FIELD_NAME(SessionTenant, plan, plan_names), .help = "What it has booked"},
    {FIELD_INT(SessionTenant, credits), .help = "Credits that may be spent"},
    {FIELD_END},
};
static const Shape session_tenant_shape = SHAPE(SessionTenant);

typedef struct Session {
    bool signed_in, needs_first_run, first_run_here;
    SessionUser *user;
    SessionTenant *tenant;
    Texts rights;
    const char *store_origin, *version;
} Session;

static const Field Session_fields[] = {
    {FIELD_BOOL(Session, signed_in), .help = "Is anybody?"},
    {FIELD_BOOL(Session, needs_first_run), .help = "Is there no account yet? Then one can be made"},
    {FIELD_BOOL(Session, first_run_here),
     .help = "May it be made without the administrator's first key, as the studio is reached from "
             "this machine alone?"},
    {FIELD_MAYBE(Session, user, SessionUser, &session_user_shape), .help = "Who it is",
     .nullable = true},
    {FIELD_MAYBE(Session, tenant, SessionTenant, &session_tenant_shape),
     .help = "Whose everything is", .nullable = true},
    {FIELD_TEXTS(Session, rights), .help = "What may be done: scopes"},
    {FIELD_TEXT(Session, store_origin), .help = "Where pictures lie; null: at this server",
     .nullable = true},
    {FIELD_TEXT(Session, version), .help = "Of the program"},
    {FIELD_END},
};

static bool is_loopback_name(const char *origin)
{
    static const char *const names[] = {"localhost", "127.0.0.1", "[::1]"};
    const char *host = strstr(origin, "://") ? strstr(origin, "://") + 3 : origin;

    for (size_t i = 0; i < COUNT(names); i++) {
        size_t length = strlen(names[i]);

        if (strncasecmp(host, names[i], length) == 0 && strchr(":", host[length]))
            return true;
    }
    return false;
}

/* Does CALL come from somebody who sits at this machine? A name that is not this machine's own may be anybody's who lets it lead here, and a
 * proxy speaks for anybody. */
static bool is_at_machine(const Call *call)
{
    static const char *const proxies[] = {"Forwarded", "X-Forwarded-For", "Via", "X-Real-IP"};
    const char *peer = call_peer(call);

    for (size_t i = 0; i < COUNT(proxies); i++)
        if (call_header(call, proxies[i]))
            return false;
    return desk_of(call)->is_private && is_loopback_name(call_origin(call)) &&
           (strncmp(peer, "127.", 4) == 0 || strcmp(peer, "::1") == 0);
}

static Texts rights_of(const Caller *caller, Arena *mem)
{
    Texts held = {0};
    size_t count = 0;

    while (rights[count].scope)
        count++;
    held.items = ARENA_ARRAY(mem, const char *, count + 1);
    for (size_t i = 0; i < count; i++)
        if (caller_may(caller, rights[i].scope))
            held.items[held.count++] = rights[i].scope;
    return held;
}

static MUST Err *tenant_tell(const Clerk *clerk, const char *tenant_id, Arena *mem, Session *out)
{
    Tenant tenant;
    Purse purse;

    TRY(office_tenant_find(clerk, tenant_id, mem, &tenant));
    TRY(office_purse_find(clerk, tenant_id, &purse));
    out->tenant = arena_take(mem, sizeof(*out->tenant));
    *out->tenant = (SessionTenant){tenant.id, tenant.name, tenant.plan, purse.available};
    return NULL;
}

static MUST Err *session_tell(Call *call, const Caller *caller, Session *out)
{
    const Desk *desk = desk_of(call);
    const Clerk clerk = {.accounts = desk->accounts};
    Arena *mem = call_arena(call);
    User user;

    *out = (Session){
        .signed_in = caller && caller->user_id,
        .store_origin = desk->store_origin,
        .version = desk->version,
    };
    if (!out->signed_in)
        return office_is_empty(desk->accounts, &out->needs_first_run);
    TRY(office_user_find(&clerk, (UserName){NULL, caller->user_id}, mem, &user));
    out->user = arena_take(mem, sizeof(*out->user));
    *out->user = (SessionUser){user.id, user.email, user.name, caller->role};
    out->rights = rights_of(caller, mem);
    return caller->tenant_id ? tenant_tell(&clerk, caller->tenant_id, mem, out) : NULL;
}

HANDLER(session_get, void, Session);

const Endpoint studio_session_get = {
    .method = GET,
    .path = "/v1/session",
    .id = "studio_session_get",
    .summary = "Who is signed in?",
    .about =
        "Anybody may ask. Of nobody who is known it says whether the studio waits for its first "
        "account.",
    .tag = "Signing in",
    .out = SHAPE(Session),
    .handle = CALLS(session_get),
};

static Err *session_get(Call *call, const void *in, Session *out)
{
    const Caller *caller;

    (void)in;
    TRY(desk_recognise(call, &caller));
    TRY(session_tell(call, caller, out));
    out->first_run_here = out->needs_first_run && is_at_machine(call);
    if (out->signed_in && desk_cookie(call))
        desk_cookie_set(call, desk_cookie(call)); /* it lasts from its last use on */
    return NULL;
}

/* Who TOKEN lets in, with the cookie. */
static MUST Err *session_begin(Call *call, const char *token, Session *out)
{
    Caller caller;

    TRY(caller_find(desk_of(call)->accounts, token, call_arena(call), &caller));
    desk_cookie_set(call, token);
    return session_tell(call, &caller, out);
}

/* ---- in ---- */

typedef struct SignIn {
    const char *email, *password;
} SignIn;

static const Field SignIn_fields[] = {
    {FIELD_TEXT(SignIn, email), .help = "Address of the account", .min = 1, .max = 254},
    {FIELD_TEXT(SignIn, password), .help = "Its password", .min = 1, .max = 200},
    {FIELD_END},
};

HANDLER(session_open_handle, SignIn, Session);

const Endpoint studio_session_open = {
    .method = POST,
    .path = "/v1/session",
    .id = "studio_session_open",
    .summary = "Sign in with a browser",
    .about =
        "For pages of this studio: `X-Requested-With` must be sent, and the session comes as a "
        "cookie that scripts cannot read. It ends 30 days after it was last used. Programs use "
        "keys.",
    .tag = "Signing in",
    .in = SHAPE(SignIn),
    .out = SHAPE(Session),
    .errors = ERRORS(ERR_UNAUTHENTICATED, ERR_FORBIDDEN, ERR_RATE_LIMITED),
    .handle = CALLS(session_open_handle),
};

static Err *session_open_handle(Call *call, const SignIn *in, Session *out)
{
    const char *token;
    User user;

    TRY(desk_page_check(call));
    TRY(desk_rate_address(call));
    TRY(session_open(
        desk_of(call)->accounts, in->email, in->password, call_arena(call), &user, &token));
    return session_begin(call, token, out);
}

/* ---- out ---- */

HANDLER(session_close_handle, void, void);

const Endpoint studio_session_close = {
    .method = DELETE,
    .path = "/v1/session",
    .id = "studio_session_close",
    .summary = "Sign out",
    .about =
        "Ends the session of the cookie, and forgets the cookie. Fine for who is not signed in.",
    .tag = "Signing in",
    .ok = 204,
    .errors = ERRORS(ERR_FORBIDDEN),
    .handle = CALLS(session_close_handle),
};

static Err *session_close_handle(Call *call, const void *in, void *out)
{
    const char *token = desk_cookie(call);

    (void)in;
    (void)out;
    TRY(desk_page_check(call));
    desk_cookie_set(call, NULL);
    return token ? session_close(desk_of(call)->accounts, token) : NULL;
}

/* ---- another password ---- */

typedef struct PasswordIn {
    const char *old_password, *new_password;
} PasswordIn;

static const Field PasswordIn_fields[] = {
    {FIELD_TEXT(PasswordIn, old_password), .help = "The present one", .min = 1, .max = 200},
    {FIELD_TEXT(PasswordIn, new_password), .help = "The new one", .min = 8, .max = 200},
    {FIELD_END},
};

HANDLER(password_change, PasswordIn, Session);

const Endpoint studio_password_change = {
    .method = PUT,
    .path = "/v1/session/password",
    .id = "studio_password_change",
    .summary = "Change your own password",
    .about = "Ends all other sessions.",
    .tag = "Signing in",
    .in = SHAPE(PasswordIn),
    .out = SHAPE(Session),
    .errors = ERRORS(ERR_UNAUTHENTICATED, ERR_FORBIDDEN, ERR_RATE_LIMITED),
    .handle = CALLS(password_change),
};

static Err *password_change(Call *call, const PasswordIn *in, Session *out)
{
    const Clerk clerk = {.accounts = desk_of(call)->accounts, .address = call_peer(call)};
    Arena *mem = call_arena(call);
    const Caller *caller;
    const char *token;
    User user;

    TRY(desk_page_check(call));
    TRY(desk_recognise(call, &caller));
    if (!caller || !caller->session_id)
        return err_new(ERR_UNAUTHENTICATED, "a password is changed by nobody");
    TRY(office_user_find(&clerk, (UserName){NULL, caller->user_id}, mem, &user));
    bool is_wrong;
    TRY(err_expect(
        office_password_change(
            &clerk, &(PasswordChange){user.email, in->old_password, in->new_password}, mem, &token),
        ERR_UNAUTHENTICATED, &is_wrong));
    if (is_wrong)
        return err_public(
            err_new(ERR_FORBIDDEN, "the present password is another"),
            "That is not your present password.");
    return session_begin(call, token, out);
}

/* ---- the first account ---- */

typedef struct FirstRun {
    const char *email, *password, *name;
} FirstRun;

static const Field FirstRun_fields[] = {
    {FIELD_TEXT(FirstRun, email), .help = "Address to sign in with", .max = 254, .format = "email"},
    {FIELD_TEXT(FirstRun, password), .help = "Password", .min = 8, .max = 200},
    {FIELD_TEXT(FirstRun, name), .help = "Name", .preset = "", .max = 200},
    {FIELD_END},
};

HANDLER(first_run, FirstRun, Session);

const Endpoint studio_first_run = {
    .method = POST,
    .path = "/v1/first-run",
    .id = "studio_first_run",
    .summary = "Make the studio's first account, an administrator's, and sign in",
    .about =
        "Only while there is no account at all. From the machine that the studio runs on and is "
        "reached by alone, nothing else is asked for; elsewhere the administrator's first key, "
        "which `cyclorama serve` has printed, is shown as any key is.",
    .tag = "Signing in",
    .ok = 201,
    .in = SHAPE(FirstRun),
    .out = SHAPE(Session),
    .errors = ERRORS(ERR_FORBIDDEN, ERR_CONFLICT),
    .handle = CALLS(first_run),
};

static MUST Err *first_run_check(Call *call)
{
    const Caller *caller;

    TRY(desk_page_check(call));
    TRY(desk_recognise(call, &caller));
    if (is_at_machine(call) || (caller && caller->role == ROLE_ADMIN))
        return NULL;
    return err_public(
        err_new(ERR_FORBIDDEN, "a first account by somebody without the first key"),
        "The administrator's first key is needed. The studio printed it when it was started for "
        "the first time.");
}

static Err *first_run(Call *call, const FirstRun *in, Session *out)
{
    const Clerk clerk = {.accounts = desk_of(call)->accounts, .address = call_peer(call)};
    const UserWish wish = {.email = in->email, .password = in->password, .name = in->name};
    const char *token;
    User user;

    TRY(first_run_check(call));
    TRY(office_user_first(&clerk, &wish, call_arena(call), &user, &token));
    return session_begin(call, token, out);
}
