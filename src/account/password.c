/* Passwords: argon2id by libsodium, bcrypt of imports by libxcrypt, a few at once. */
#include <crypt.h>
#include <sodium.h>
#include <string.h>

#include "account/account_priv.h"

enum {
    AT_ONCE_PRESET = 2,
    WAITING_MOST = 64,
    LETTERS_LEAST = 8,
    LETTERS_MOST = 200
};

/* 64 MiB and two passes, about 0.1 s. */
#define PASSES crypto_pwhash_OPSLIMIT_INTERACTIVE
#define MEMORY crypto_pwhash_MEMLIMIT_INTERACTIVE

/* Of a password that nobody has, as dear to check as any. */
static const char nobodys[] = "$argon2id$v=19$m=65536,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$"
                              "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

Err *password_places(int at_once, Turns **ret)
{
    if (sodium_init() < 0)
        return err_new(ERR_BUG, "unable to start libsodium");
    *ret = turns_new(at_once > 0 ? at_once : AT_ONCE_PRESET, WAITING_MOST);
    return NULL;
}

/* ---- hashing ---- */

/* Letters, not bytes: those of UTF-8 that begin one. */
static size_t letters_count(const char *text)
{
    size_t letters = 0;

    for (; *text; text++)
        letters += ((unsigned char)*text & 0xc0) != 0x80;
    return letters;
}

Err *password_again(Turns *places, const char *password, Arena *mem, const char **ret)
{
    char *hash = arena_take(mem, crypto_pwhash_STRBYTES);

    TRY(turns_enter(places, NULL));
    int failed = crypto_pwhash_str(hash, password, strlen(password), PASSES, MEMORY);
    turns_leave(places);
    if (failed)
        return err_new(ERR_MEMORY_SPENT, "unable to hash a password");
    *ret = hash;
    return NULL;
}

Err *password_hash(Turns *places, const char *password, Arena *mem, const char **ret)
{
    size_t letters = letters_count(password);

    if (letters < LETTERS_LEAST || letters > LETTERS_MOST)
        return err_field(
            err_public(
                err_new(ERR_INPUT_INVALID, "a password of %zu letters", letters),
                "A password has from %d to %d characters.", LETTERS_LEAST, LETTERS_MOST),
            "/password");
    return password_again(places, password, mem, ret);
}

static bool hash_is_bcrypt(const char *hash)
{
    return hash[0] == '$' && hash[1] == '2' && hash[2] && strchr("aby", hash[2]) && hash[3] == '$';
}

bool password_is_hash(const char *hash)
{
    return (hash_is_bcrypt(hash) && strlen(hash) == 60) ||
           crypto_pwhash_str_needs_rehash(hash, PASSES, MEMORY) >= 0;
}

static bool bcrypt_fits(const char *hash, const char *password)
{
    struct crypt_data *room = calloc(1, sizeof(*room)); /* 32 kB: too much for a thread's stack */

    if (!room)
        abort();
    const char *made = crypt_rn(password, hash, room, sizeof(*room));
    bool is_right =
        made && strlen(made) == strlen(hash) && sodium_memcmp(made, hash, strlen(hash)) == 0;
    sodium_memzero(room, sizeof(*room));
    free(room);
    return is_right;
}

Err *password_check(
    Turns *places, const char *hash, const char *password, bool *ret_right, bool *ret_stale)
{
    bool is_bcrypt = hash && hash_is_bcrypt(hash);
    const char *held = hash ? hash : nobodys;
    bool is_right;

    TRY(turns_enter(places, NULL));
    if (is_bcrypt)
        is_right = bcrypt_fits(held, password);
    else
        is_right = crypto_pwhash_str_verify(held, password, strlen(password)) == 0;
    turns_leave(places);

    *ret_right = hash && is_right;
    *ret_stale = *ret_right && crypto_pwhash_str_needs_rehash(held, PASSES, MEMORY) != 0;
    return NULL;
}
