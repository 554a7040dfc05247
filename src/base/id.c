/* Ids that sort by birth and cannot be guessed. */
#include "base/id.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/chance.h"
#include "base/clock.h"

enum {
    LETTERS = 26,
    RANDOM_BYTES = 10
};

static const char alphabet[] = "0123456789abcdefghjkmnpqrstvwxyz"; /* Crockford: no i, l, o, u */

/* Within a millisecond the random part counts up, so that order of making is order of sorting. */
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static int64_t last_ms;
static unsigned char last_random[RANDOM_BYTES];

static void count_up(unsigned char bytes[RANDOM_BYTES])
{
    for (int i = RANDOM_BYTES - 1; i >= 0 && ++bytes[i] == 0; i--)
        continue;
}

static void next(int64_t *ret_ms, unsigned char ret_random[RANDOM_BYTES])
{
    int64_t now_ms = clock_now_ms();

    pthread_mutex_lock(&mutex);
    if (now_ms > last_ms) {
        last_ms = now_ms;
        chance_bytes(last_random, RANDOM_BYTES);
        last_random[0] &= 0x7f; /* room to count up */
    } else {
        count_up(last_random);
    }
    *ret_ms = last_ms;
    memcpy(ret_random, last_random, RANDOM_BYTES);
    pthread_mutex_unlock(&mutex);
}

Id id_new(const char *prefix)
{
    unsigned char bytes[16];
    int64_t born_ms;
    Id id;
    size_t used;

    next(&born_ms, bytes + 6);
    for (int i = 0; i < 6; i++)
        bytes[i] = (unsigned char)(born_ms >> (40 - 8 * i));

    used = (size_t)snprintf(id.text, sizeof(id.text), "%.*s_", ID_PREFIX_MAX, prefix);

    /* 128 bits, five at a time from the front, with two zero bits before the first. */
    for (int letter = 0; letter < LETTERS; letter++) {
        unsigned value = 0;

        for (int bit = letter * 5 - 2; bit < letter * 5 + 3; bit++)
            value = value << 1 | (bit < 0 ? 0u : bytes[bit / 8] >> (7 - bit % 8) & 1u);
        id.text[used++] = alphabet[value];
    }
    id.text[used] = '\0';
    return id;
}

bool id_is(const char *text, const char *prefix)
{
    size_t length = strlen(prefix);

    return text && strncmp(text, prefix, length) == 0 && text[length] == '_' &&
           strlen(text + length + 1) == LETTERS && strspn(text + length + 1, alphabet) == LETTERS;
}

int64_t id_born_ms(const char *text)
{
    const char *mark = text ? strchr(text, '_') : NULL;
    int64_t born_ms = 0;

    if (!mark || strlen(mark + 1) != LETTERS || strspn(mark + 1, alphabet) != LETTERS)
        return -1;
    for (int i = 0; i < 10; i++)
        born_ms = born_ms << 5 | (strchr(alphabet, mark[1 + i]) - alphabet);
    return born_ms;
}
