/* Tokens signed by another house (RFC 7515, 7517, 7518): its public keys, fetched and kept, and whether one of them signed.
 *
 * A key says by its own kind which algorithms it may be used with, before the token's head is believed: a public key never serves as
 * a shared secret, and "none" is the algorithm of no key.
 */
#include <cjose/cjose.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "account/account_priv.h"
#include "base/base64.h"
#include "base/clock.h"
#include "watch/watch.h"

enum {
    TOKEN_BYTES_MAX = 8 * 1024,
    SET_BYTES_MAX = 256 * 1024,
    KEYS_MOST = 32,
    ID_BYTES_MAX = 255,
    RSA_BYTES_LEAST = 256,        /* NIST SP 800-131A: 2,048 bits */
    FRESH_MS = 60 * 60 * 1000,    /* then it is looked whether keys were changed */
    UNKNOWN_EVERY_MS = 60 * 1000, /* how often an unknown key sends us to look */
    MISSING_EVERY_MS = 5 * 1000   /* ... while there are none at all */
};

/* What a kind of key may verify, and how long its signatures are: of RSA as long as the key, which OpenSSL looks at; two numbers of EC
 * (RFC 7518, 3.4), which cjose would take at any length. The first column is kty, or crv of an EC key. */
static const struct KeyKind {
    const char *name;
    size_t signature_bytes;
    const char *algorithms[7];
} kinds[] = {
    {"RSA", 0, {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"}},
    {"P-256", 64, {"ES256"}},
    {"P-384", 96, {"ES384"}},
    {"P-521", 132, {"ES512"}},
};

typedef struct PublicKey {
    const struct KeyKind *kind;
    const char *id;        /* "" for none */
    const char *algorithm; /* the only one; NULL: those of its kind */
    cjose_jwk_t *key;
} PublicKey;

typedef struct KeySet {
    Arena *mem;
    PublicKey keys[KEYS_MOST];
    size_t count;
} KeySet;

struct Jwks {
    const SsoSetup *setup;
    pthread_rwlock_t lock; /* of the set */
    KeySet *set;           /* NULL: never had one */
    pthread_mutex_t fetching;
    int64_t tried_ms;
    atomic_uint_fast64_t turn; /* raised with every try */
    atomic_bool has_set;
    _Atomic int64_t fresh_until_ms;
};

static MUST Err *refused(const char *why)
{
    return err_public(
        err_new(ERR_UNAUTHENTICATED, "a token: %s", why),
        "The token is not valid here: %s. Sign in again.", why);
}

/* ---- the set ---- */

static void set_free(KeySet *set)
{
    if (!set)
        return;
    for (size_t i = 0; i < set->count; i++)
        cjose_jwk_release(set->keys[i].key);
    arena_free(set->mem);
    free(set);
}
DEFINE_AUTO(KeySet, set_free);

static const char *text_of(const Value *object, const char *name)
{
    const char *text = value_text(value_get(object, name));

    return text ? text : "";
}

static bool list_has(const Value *list, const char *text)
{
    for (size_t i = 0; i < value_count(list); i++) {
        const char *item = value_text(value_at(list, i));

        if (item && strcmp(item, text) == 0)
            return true;
    }
    return false;
}

static const struct KeyKind *kind_of(const Value *row)
{
    const char *name = text_of(row, strcmp(text_of(row, "kty"), "EC") == 0 ? "crv" : "kty");

    for (size_t i = 0; i < COUNT(kinds); i++)
        if (strcmp(kinds[i].name, name) == 0)
            return &kinds[i];
    return NULL;
}

static bool kind_has(const struct KeyKind *kind, const char *algorithm)
{
    for (const char *const *name = kind->algorithms; *name; name++)
        if (strcmp(*name, algorithm) == 0)
            return true;
    return false;
}

static bool rsa_is_strong(const Value *row)
{
    AUTO(buf_done) Buf modulus = BUF(4096);
    AUTO(err_free) Err *err = base64_read(text_of(row, "n"), &modulus);
    size_t zeros = 0;

    while (!err && zeros < modulus.size && !modulus.bytes[zeros])
        zeros++;
    return !err && modulus.size - zeros >= RSA_BYTES_LEAST;
}

/* Its public members alone: what an issuer should not have published is not kept. */
static cjose_jwk_t *key_import(const Value *row)
{
    static const char *const members[] = {"kty", "n", "e", "crv", "x", "y"};
    AUTO(value_free) Value *public = value_object();
    AUTO(buf_done) Buf text = BUF(16 * 1024);

    for (size_t i = 0; i < COUNT(members); i++)
        if (value_get(row, members[i]))
            value_set(public, members[i], value_ref(value_get(row, members[i])));
    AUTO(err_free) Err *err = value_write(public, VALUE_COMPACT, &text);
    return err ? NULL : cjose_jwk_import((const char *)text.bytes, text.size, NULL);
}

/* A key that we cannot use is no reason to do without the others. */
static void key_add(KeySet *set, const Value *row)
{
    const struct KeyKind *kind = kind_of(row);
    const char *use = text_of(row, "use"), *algorithm = text_of(row, "alg");
    const char *id = text_of(row, "kid");

    if (!kind || set->count == KEYS_MOST || strlen(id) > ID_BYTES_MAX)
        return;
    if ((*use && strcmp(use, "sig") != 0) || (*algorithm && !kind_has(kind, algorithm)))
        return;
    if (value_get(row, "key_ops") && !list_has(value_get(row, "key_ops"), "verify"))
        return;
    if (strcmp(kind->name, "RSA") == 0 && !rsa_is_strong(row))
        return;

    cjose_jwk_t *key = key_import(row);
    if (key)
        set->keys[set->count++] = (PublicKey){
            .kind = kind,
            .id = arena_text(set->mem, id),
            .algorithm = *algorithm ? arena_text(set->mem, algorithm) : NULL,
            .key = key,
        };
}

static MUST Err *set_read(const Buf *text, KeySet **ret)
{
    AUTO(value_free) Value *document = NULL;
    AUTO(set_free) KeySet *set = calloc(1, sizeof(*set));

    if (!set)
        abort();
    set->mem = arena_new();
    TRY(value_parse(buf_text(text), text->size, &document));
    const Value *rows = value_get(document, "keys");
    for (size_t i = 0; i < value_count(rows); i++)
        key_add(set, value_at(rows, i));
    if (!set->count)
        return err_new(ERR_UPSTREAM_REFUSED, "the issuer's set has no key that we can use");
    *ret = TAKE(set);
    return NULL;
}

/* ---- fetching ---- */

static MUST Err *fetch(const Jwks *jwks, const char *url, Buf *into)
{
    return jwks->setup->fetch(jwks->setup->fetch_context, url, into);
}

/* OpenID Connect Discovery 1.0, 4: where the issuer says that its keys lie. */
static MUST Err *url_discover(const Jwks *jwks, Arena *mem, const char **ret)
{
    const char *issuer = jwks->setup->issuer;
    AUTO(buf_done) Buf text = BUF(SET_BYTES_MAX);
    AUTO(value_free) Value *document = NULL;
    size_t length = strlen(issuer);

    while (length && issuer[length - 1] == '/')
        length--;
    TRY(fetch(
        jwks, arena_print(mem, "%.*s/.well-known/openid-configuration", (int)length, issuer),
        &text));
    TRY(value_parse(buf_text(&text), text.size, &document));
    if (strcmp(text_of(document, "issuer"), issuer) != 0)
        return err_new(ERR_UPSTREAM_REFUSED, "the issuer calls itself otherwise than it was set");
    *ret = arena_text(mem, text_of(document, "jwks_uri"));
    return sso_url_check(*ret, "jwks_uri");
}

static MUST Err *set_fetch(const Jwks *jwks, KeySet **ret)
{
    AUTO(arena_free) Arena *mem = arena_new();
    AUTO(buf_done) Buf text = BUF(SET_BYTES_MAX);
    const char *url = jwks->setup->keys_url;

    if (!url)
        TRY(url_discover(jwks, mem, &url));
    TRY(fetch(jwks, url, &text));
    return set_read(&text, ret);
}

/* Fetching is locked. */
static MUST Err *set_renew(Jwks *jwks)
{
    KeySet *set = NULL, *old;

    atomic_fetch_add(&jwks->turn, 1);
    jwks->tried_ms = clock_ticks_ms();
    TRY(set_fetch(jwks, &set));
    pthread_rwlock_wrlock(&jwks->lock);
    old = jwks->set;
    jwks->set = set;
    pthread_rwlock_unlock(&jwks->lock);
    set_free(old);
    atomic_store(&jwks->has_set, true);
    atomic_store(&jwks->fresh_until_ms, clock_ticks_ms() + FRESH_MS);
    return NULL;
}

/* Keys that were good stay so while the issuer cannot be reached. Fetching is locked. */
static void set_renew_quietly(Jwks *jwks)
{
    AUTO(err_free) Err *err = set_renew(jwks);

    if (err)
        watch_err("sso.keys_kept", err, NULL);
}

/* Have the keys looked at when that is due, by one caller at a time; the others go on with those there are. */
static void set_refresh(Jwks *jwks)
{
    if (pthread_mutex_trylock(&jwks->fetching) != 0)
        return;
    if (clock_ticks_ms() - jwks->tried_ms >= UNKNOWN_EVERY_MS)
        set_renew_quietly(jwks);
    pthread_mutex_unlock(&jwks->fetching);
}

static MUST Err *set_first(Jwks *jwks)
{
    Err *err = NULL;

    pthread_mutex_lock(&jwks->fetching);
    bool was_tried = atomic_load(&jwks->turn) != 0;
    if (!jwks->set && was_tried && clock_ticks_ms() - jwks->tried_ms < MISSING_EVERY_MS)
        err = err_new(ERR_UPSTREAM_FAILED, "the issuer's keys could not be fetched just before");
    else if (!jwks->set)
        err = set_renew(jwks);
    pthread_mutex_unlock(&jwks->fetching);
    return err;
}

/* SERVER_BUSY when the issuer was never reached. */
static MUST Err *set_await(Jwks *jwks)
{
    if (atomic_load(&jwks->has_set)) {
        if (atomic_load(&jwks->fresh_until_ms) <= clock_ticks_ms())
            set_refresh(jwks);
        return NULL;
    }

    Err *err = set_first(jwks);
    if (!err)
        return NULL;
    watch_err("sso.keys_missing", err, NULL);
    return err_because(
        err_public(
            err_new(ERR_SERVER_BUSY, "no keys of the issuer"),
            "Sign-on cannot be checked right now. Try again in a moment."),
        err);
}

/* A key that is not in the set may be new. True when the set was renewed since BEFORE. */
static bool set_look_again(Jwks *jwks, uint64_t before)
{
    pthread_mutex_lock(&jwks->fetching);
    if (atomic_load(&jwks->turn) == before && clock_ticks_ms() - jwks->tried_ms >= UNKNOWN_EVERY_MS)
        set_renew_quietly(jwks);
    bool is_newer = atomic_load(&jwks->turn) != before;
    pthread_mutex_unlock(&jwks->fetching);
    return is_newer;
}

/* ---- a token ---- */

typedef struct Token {
    const char *text;
    size_t size;
    const char *id, *algorithm; /* as its head says; id "" for none */
    size_t signature_bytes;
} Token;

static MUST Err *head_check(const Value *head, Arena *mem, Token *token)
{
    const char *type = text_of(head, "typ");

    if (strncasecmp(type, "application/", 12) == 0)
        type += 12;
    if (*type && strcasecmp(type, "JWT") != 0 && strcasecmp(type, "at+jwt") != 0)
        return refused("it was made for something else");
    if (value_get(head, "crit"))
        return refused("it needs something that we do not know");
    token->algorithm = arena_text(mem, text_of(head, "alg"));
    token->id = arena_text(mem, text_of(head, "kid"));
    if (strlen(token->id) > ID_BYTES_MAX)
        return refused("its key has too long a name");
    return NULL;
}

/* The bytes of a part: letters of base64url and no others, which cjose would overlook. */
static MUST Err *part_read(const char *text, size_t length, Arena *mem, Buf *ret)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    if (!length || strspn(text, letters) < length)
        return refused("it is damaged");
    AUTO(err_free) Err *err = base64_read(arena_text_n(mem, text, length), ret);
    return err ? refused("it is damaged") : NULL;
}

static MUST Err *head_read(const char *text, size_t length, Arena *mem, Token *token)
{
    AUTO(buf_done) Buf bytes = BUF(TOKEN_BYTES_MAX);
    AUTO(value_free) Value *head = NULL;

    TRY(part_read(text, length, mem, &bytes));
    AUTO(err_free) Err *err = value_parse(buf_text(&bytes), bytes.size, &head);
    if (err || value_kind(head) != VALUE_OBJECT)
        return refused("it is damaged");
    return head_check(head, mem, token);
}

static MUST Err *token_read(const char *text, Arena *mem, Token *ret, Buf *ret_body)
{
    AUTO(buf_done) Buf signature = BUF(TOKEN_BYTES_MAX);
    const char *body = strchr(text, '.'), *end = body ? strchr(body + 1, '.') : NULL;

    ret->text = text;
    ret->size = strlen(text);
    if (!end || strchr(end + 1, '.') || ret->size > TOKEN_BYTES_MAX)
        return refused("it is damaged");
    TRY(head_read(text, (size_t)(body - text), mem, ret));
    TRY(part_read(end + 1, strlen(end + 1), mem, &signature));
    ret->signature_bytes = signature.size;
    return part_read(body + 1, (size_t)(end - body - 1), mem, ret_body);
}

static bool key_fits(const PublicKey *key, const Token *token)
{
    return kind_has(key->kind, token->algorithm) &&
           (!key->algorithm || strcmp(key->algorithm, token->algorithm) == 0);
}

/* By its name; a token that names none is of the only key that could be meant. */
static const PublicKey *key_pick(const KeySet *set, const Token *token)
{
    const PublicKey *found = NULL;

    for (size_t i = 0; i < set->count; i++) {
        const PublicKey *key = &set->keys[i];

        if (!key_fits(key, token) || (*token->id && strcmp(key->id, token->id) != 0))
            continue;
        if (found)
            return NULL;
        found = key;
    }
    return found;
}

static bool is_signed(const Token *token, const PublicKey *key)
{
    if (key->kind->signature_bytes && key->kind->signature_bytes != token->signature_bytes)
        return false;

    cjose_jws_t *jws = cjose_jws_import(token->text, token->size, NULL);
    bool is_it = jws && cjose_jws_verify(jws, key->key, NULL);

    if (jws)
        cjose_jws_release(jws);
    return is_it;
}

typedef enum Finding {
    KEY_UNKNOWN,
    SIGNATURE_WRONG,
    SIGNATURE_RIGHT
} Finding;

static Finding token_try(Jwks *jwks, const Token *token)
{
    pthread_rwlock_rdlock(&jwks->lock);
    const PublicKey *key = key_pick(jwks->set, token);
    Finding finding = !key                    ? KEY_UNKNOWN
                      : is_signed(token, key) ? SIGNATURE_RIGHT
                                              : SIGNATURE_WRONG;
    pthread_rwlock_unlock(&jwks->lock);
    return finding;
}

static bool algorithm_is_known(const char *algorithm)
{
    for (size_t i = 0; i < COUNT(kinds); i++)
        if (kind_has(&kinds[i], algorithm))
            return true;
    return false;
}

Err *jwks_verify(Jwks *jwks, const char *text, Arena *mem, Buf *ret)
{
    Token token;

    TRY(token_read(text, mem, &token, ret));
    if (!algorithm_is_known(token.algorithm))
        return refused("it is signed in a way that is not accepted");
    TRY(set_await(jwks));

    uint64_t turn = atomic_load(&jwks->turn);
    Finding finding = token_try(jwks, &token);
    if (finding == KEY_UNKNOWN && set_look_again(jwks, turn))
        finding = token_try(jwks, &token);
    if (finding == KEY_UNKNOWN)
        return refused("nobody here knows the key that signed it");
    if (finding == SIGNATURE_WRONG)
        return refused("its signature is wrong");
    return NULL;
}

/* ---- life ---- */

Jwks *jwks_new(const SsoSetup *setup)
{
    Jwks *jwks = calloc(1, sizeof(*jwks));

    if (!jwks)
        abort();
    jwks->setup = setup;
    pthread_rwlock_init(&jwks->lock, NULL);
    pthread_mutex_init(&jwks->fetching, NULL);
    return jwks;
}

void jwks_free(Jwks *jwks)
{
    if (!jwks)
        return;
    set_free(jwks->set);
    pthread_mutex_destroy(&jwks->fetching);
    pthread_rwlock_destroy(&jwks->lock);
    free(jwks);
}
