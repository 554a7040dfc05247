/* Single sign-on: what a token of the issuer must say, and which of our users it speaks of. */
#include <string.h>

#include "account/account_priv.h"
#include "base/clock.h"

enum {
    LEEWAY_MS = 60 * 1000, /* clocks differ */
    BODY_BYTES_MAX = 8 * 1024,
    SUBJECT_BYTES_MAX = 255,
    NAME_BYTES_MAX = 200,
    SCOPES_MOST = 64
};

struct Sso {
    SsoSetup setup;
    Jwks *jwks;
};

/* ---- what an operator set ---- */

static bool is_of_this_machine(const char *url)
{
    static const char *const beginnings[] = {
        "http://127.0.0.1", "http://localhost", "http://[::1]"};

    for (size_t i = 0; i < COUNT(beginnings); i++) {
        size_t length = strlen(beginnings[i]);

        if (strncmp(url, beginnings[i], length) == 0 && strchr(":/", url[length]))
            return true;
    }
    return false;
}

Err *sso_url_check(const char *url, const char *name)
{
    if (strncmp(url, "https://", 8) == 0 || is_of_this_machine(url))
        return NULL;
    return err_public(
        err_new(ERR_INPUT_INVALID, "%s is neither https nor of this machine", name),
        "%s must be an https address.", name);
}

Err *sso_new(const SsoSetup *setup, Sso **ret)
{
    if (!setup->issuer || !setup->audience)
        return err_public(
            err_new(ERR_INPUT_INVALID, "a sign-on without issuer or audience"),
            "Sign-on by tokens needs both: who issues them, and for whom (jwt_issuer and "
            "jwt_audience).");
    TRY(sso_url_check(setup->keys_url ? setup->keys_url : setup->issuer, "jwt_issuer"));

    Sso *sso = calloc(1, sizeof(*sso));
    if (!sso)
        abort();
    sso->setup = *setup;
    sso->jwks = jwks_new(&sso->setup);
    *ret = sso;
    return NULL;
}

void sso_free(Sso *sso)
{
    if (!sso)
        return;
    jwks_free(sso->jwks);
    free(sso);
}

/* Two dots, and the beginning of an object in base64. */
bool sso_is_token(const char *secret)
{
    const char *dot = strncmp(secret, "ey", 2) == 0 ? strchr(secret, '.') : NULL;

    return dot && strchr(dot + 1, '.');
}

/* ---- claims ---- */

static MUST Err *refused(const char *why)
{
    return err_public(
        err_new(ERR_UNAUTHENTICATED, "a token: %s", why),
        "The token is not valid here: %s. Sign in again.", why);
}

static bool claim_holds(const Value *claim, const char *wanted)
{
    const char *text = value_text(claim);

    if (text)
        return strcmp(text, wanted) == 0;
    for (size_t i = 0; i < value_count(claim) && value_kind(claim) == VALUE_LIST; i++) {
        const char *item = value_text(value_at(claim, i));

        if (item && strcmp(item, wanted) == 0)
            return true;
    }
    return false;
}

/* A NumericDate (RFC 7519, 2): seconds, perhaps with a fraction. */
static bool date_read(const Value *claim, int64_t *ret_ms)
{
    double seconds = value_number(claim);
    bool is_number = value_kind(claim) == VALUE_INT || value_kind(claim) == VALUE_NUMBER;

    if (!is_number || seconds < 0 || seconds > 1e11)
        return false;
    *ret_ms = (int64_t)(seconds * 1000);
    return true;
}

static MUST Err *dates_check(const Value *claims, int64_t *ret_expires_ms)
{
    int64_t now_ms = clock_now_ms(), from_ms;
    const Value *before = value_get(claims, "nbf");

    if (!date_read(value_get(claims, "exp"), ret_expires_ms))
        return refused("it does not say when it ends");
    if (*ret_expires_ms + LEEWAY_MS <= now_ms)
        return refused("it has expired");
    if (before && !date_read(before, &from_ms))
        return refused("its beginning is no date");
    if (before && from_ms > now_ms + LEEWAY_MS)
        return refused("it is not valid yet");
    return NULL;
}

static MUST Err *claims_check(const SsoSetup *setup, const Value *claims, int64_t *ret_expires_ms)
{
    const char *subject = value_text(value_get(claims, "sub"));
    const char *issuer = value_text(value_get(claims, "iss"));

    if (!issuer || strcmp(issuer, setup->issuer) != 0)
        return refused("somebody else issued it");
    if (!claim_holds(value_get(claims, "aud"), setup->audience))
        return refused("it is for somebody else");
    if (!subject || !*subject || strlen(subject) > SUBJECT_BYTES_MAX)
        return refused("it does not say who you are");
    return dates_check(claims, ret_expires_ms);
}

static MUST Err *claims_read(const Sso *sso, const char *token, Arena *mem, Value **ret)
{
    AUTO(buf_done) Buf body = BUF(BODY_BYTES_MAX);
    AUTO(value_free) Value *claims = NULL;

    TRY(jwks_verify(sso->jwks, token, mem, &body));
    AUTO(err_free) Err *err = value_parse(buf_text(&body), body.size, &claims);
    if (err || value_kind(claims) != VALUE_OBJECT)
        return refused("it says nothing that can be read");
    *ret = TAKE(claims);
    return NULL;
}

/* The highest of the roles that the token names; -1 for none. Whoever runs the studio is nobody's guest: admin is owner here. */
static int role_of(const SsoSetup *setup, const Value *claims)
{
    const Value *claim = value_get(claims, setup->role_claim);

    for (int role = ROLE_ADMIN; role >= ROLE_VIEWER; role--)
        if (claim_holds(claim, role_names[role]))
            return MIN(role, ROLE_OWNER);
    return -1;
}

static void scope_add(const char *scope, Arena *mem, Texts *ret)
{
    const char *name = arena_text(mem, scope);
    const Texts one = {&name, 1};
    AUTO(err_free) Err *unknown = rights_check(&one);

    if (!unknown && ret->count < SCOPES_MOST && strcmp(scope, "*") != 0)
        ret->items[ret->count++] = name;
}

/* Those that are ours, of `scope` (RFC 8693, 4.2: one text) and `permissions` (Auth0's list); others, such as "openid", say nothing here. */
static Texts scopes_of(const Value *claims, Arena *mem)
{
    const Value *list = value_get(claims, "permissions");
    const char *words = value_text(value_get(claims, "scope"));
    Texts scopes = {.items = ARENA_ARRAY(mem, const char *, SCOPES_MOST)};

    for (size_t i = 0; i < value_count(list) && value_kind(list) == VALUE_LIST; i++)
        if (value_text(value_at(list, i)))
            scope_add(value_text(value_at(list, i)), mem, &scopes);
    while (words && *words) {
        size_t length = strcspn(words, " ");

        scope_add(arena_text_n(mem, words, length), mem, &scopes);
        words += length + strspn(words + length, " ");
    }
    return scopes;
}

/* ---- who it is ---- */

typedef struct Guest {
    Accounts *accounts;
    const SsoSetup *setup;
    const Value *claims;
    const char *subject, *tenant_id, *email; /* email: verified, or NULL */
    int role;
    Arena *mem;
    CallerRow row;
} Guest;

static MUST Err *stranger(const char *why, const char *words)
{
    return err_public(err_new(ERR_FORBIDDEN, "a token's owner: %s", why), "%s", words);
}

static Err *guest_find(DbTx *tx, void *guest_any)
{
    Guest *guest = guest_any;

    return caller_row_by_identity(
        tx, guest->setup->issuer, guest->subject, guest->mem, &guest->row);
}

static MUST Err *tenant_is_there(DbTx *tx, const Guest *guest)
{
    bool is_missing = !guest->tenant_id;

    if (guest->tenant_id)
        TRY(err_expect(tenant_check(tx, guest->tenant_id), ERR_NOT_FOUND, &is_missing));
    return is_missing ? stranger(
                            "no tenant of ours",
                            "Your organisation has no account here. Ask the people who run this "
                            "studio.")
                      : NULL;
}

/* Of whom nobody has verified an address, none is kept: it could be another's. ".invalid" is nobody's (RFC 2606). */
static const char *address_of(const Guest *guest)
{
    char hash[HASH_TEXT_SIZE];

    if (guest->email)
        return guest->email;
    hash_text(hash_bytes(guest->subject, strlen(guest->subject)), hash);
    return arena_print(guest->mem, "%.32s@%s.sso.invalid", hash, guest->tenant_id);
}

static const char *name_of(const Guest *guest)
{
    const char *name = value_text(value_get(guest->claims, "name"));

    return name && strlen(name) <= NAME_BYTES_MAX ? name : "";
}

static MUST Err *user_make(DbTx *tx, const Guest *guest, const char **ret_id)
{
    const Id id = id_new("user");
    const User user = {
        .id = arena_text(guest->mem, id.text),
        .tenant_id = guest->tenant_id,
        .email = address_of(guest),
        .name = name_of(guest),
        .role = guest->role < 0 ? ROLE_EDITOR : guest->role,
        .created_ms = clock_now_ms(),
    };
    bool is_new;

    if (!guest->setup->is_open)
        return stranger(
            "unknown, and strangers may not come in",
            "You are not known here yet. Ask the owner of your organisation's account to add you.");
    TRY(user_insert(tx, &user, NULL, &is_new));
    if (!is_new)
        return stranger(
            "its address is another tenant's",
            "Your address belongs to another account here. Ask the people who run this studio.");
    *ret_id = user.id;
    return audit_add(
        tx, &(Audit){.tenant_id = guest->tenant_id, .action = "user.join", .subject = user.id});
}

/* The user of the tenant who has the guest's address; *RET_ID is NULL for none. */
static MUST Err *user_meant(DbTx *tx, const Guest *guest, const char **ret_id)
{
    User user;
    bool is_missing = true;

    if (guest->email)
        TRY(err_expect(user_find(tx, guest->email, guest->mem, &user), ERR_NOT_FOUND, &is_missing));
    bool is_meant = !is_missing && user.tenant_id && strcmp(user.tenant_id, guest->tenant_id) == 0;
    *ret_id = is_meant ? user.id : NULL;
    return NULL;
}

static Err *guest_admit(DbTx *tx, void *guest_any)
{
    Guest *guest = guest_any;
    const char *user_id;
    bool is_missing;

    TRY(err_expect(guest_find(tx, guest), ERR_UNAUTHENTICATED, &is_missing));
    if (!is_missing) /* another request of the same person was faster */
        return NULL;
    TRY(tenant_is_there(tx, guest));
    TRY(user_meant(tx, guest, &user_id));
    if (!user_id)
        TRY(user_make(tx, guest, &user_id));
    TRY(user_identity_insert(tx, guest->setup->issuer, guest->subject, user_id));
    return guest_find(tx, guest);
}

static MUST Err *tenant_agrees(const Guest *guest)
{
    const char *said = value_text(value_get(guest->claims, guest->setup->tenant_claim));

    if (!said || (guest->row.tenant_id && strcmp(said, guest->row.tenant_id) == 0))
        return NULL;
    return stranger(
        "it names another tenant than its user's",
        "Your sign-on names another organisation than the one you belong to here.");
}

static Guest guest_of(Accounts *accounts, const Value *claims, Arena *mem)
{
    const SsoSetup *setup = &accounts->sso->setup;
    const char *tenant_id = value_text(value_get(claims, setup->tenant_claim));
    const char *email = value_text(value_get(claims, "email")), *read = NULL;
    AUTO(err_free)
    Err *unread =
        value_bool(value_get(claims, "email_verified")) ? user_email_read(email, mem, &read) : NULL;

    return (Guest){
        .accounts = accounts,
        .setup = setup,
        .claims = claims,
        .subject = value_text(value_get(claims, "sub")),
        .tenant_id = tenant_id ? tenant_id : setup->tenant_id,
        .email = unread ? NULL : read,
        .role = role_of(setup, claims),
        .mem = mem,
    };
}

Err *sso_row_find(Accounts *accounts, const char *token, Arena *mem, CallerRow *ret)
{
    AUTO(value_free) Value *claims = NULL;
    int64_t expires_ms;
    bool is_missing;

    TRY(claims_read(accounts->sso, token, mem, &claims));
    TRY(claims_check(&accounts->sso->setup, claims, &expires_ms));

    Guest guest = guest_of(accounts, claims, mem);
    TRY(err_expect(db_read(accounts->db, guest_find, &guest), ERR_UNAUTHENTICATED, &is_missing));
    if (is_missing)
        TRY(db_write(accounts->db, guest_admit, &guest));
    TRY(tenant_agrees(&guest));

    *ret = guest.row;
    if (guest.role >= 0)
        ret->role = ret->user_role = guest.role;
    ret->scopes = scopes_of(claims, mem);
    ret->expires_ms = expires_ms + LEEWAY_MS;
    return NULL;
}
