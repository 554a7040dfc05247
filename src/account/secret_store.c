/* Secrets that all processes on one database share: made once, by whoever asks first. */
#include "account/account.h"
#include "base/chance.h"
#include "base/clock.h"

enum {
    SECRET_BYTES = 32
};

typedef struct Secret {
    const char *value;
} Secret;

static const Field Secret_fields[] = {
    {FIELD_TEXT(Secret, value), .help = "Hexadecimal digits"},
    {FIELD_END},
};

static const Shape secret_shape = SHAPE(Secret);

typedef struct SecretWish {
    const char *name;
    Arena *mem;
    Secret secret;
} SecretWish;

static const char *secret_new(Arena *mem)
{
    unsigned char bytes[SECRET_BYTES];
    char *text = arena_take(mem, 2 * SECRET_BYTES + 1);

    chance_bytes(bytes, sizeof(bytes));
    for (int i = 0; i < SECRET_BYTES; i++)
        snprintf(text + 2 * (size_t)i, 3, "%02x", bytes[i]);
    return text;
}

static Err *secret_work(DbTx *tx, void *context)
{
    SecretWish *wish = context;

    TRY(db_run(
        tx,
        "INSERT INTO house_secrets (name, value, created_ms) VALUES (?1, ?2, ?3) ON CONFLICT "
        "(name) DO NOTHING",
        DB_ARGS(DB_TEXT(wish->name), DB_TEXT(secret_new(wish->mem)), DB_INT(clock_now_ms())),
        NULL));
    return db_one(
        tx, "SELECT value FROM house_secrets WHERE name = ?1", DB_ARGS(DB_TEXT(wish->name)),
        &secret_shape, wish->mem, &wish->secret);
}

Err *secret_of_house(Db *db, const char *name, Arena *mem, const char **ret)
{
    SecretWish wish = {.name = name, .mem = mem};

    TRY(db_write(db, secret_work, &wish));
    *ret = wish.secret.value;
    return NULL;
}
