/* Statements that a connection has prepared: found by their words, so SQL put together at run time is safe too. */
#include <string.h>

#include "db/db_priv.h"

enum {
    KEPT_MOST = 256 /* more than the stores have statements */
};

struct KeptRow {
    KeptRow *next;
    uint64_t hash, turn;
    char *sql, *types;
    void *statement;
};

/* FNV-1a */
uint64_t kept_hash(const char *words)
{
    uint64_t hash = 0xcbf29ce484222325;

    for (const unsigned char *at = (const unsigned char *)words; *at; at++)
        hash = (hash ^ *at) * 0x100000001b3;
    return hash;
}

static KeptRow **bucket_of(Kept *kept, uint64_t hash)
{
    return &kept->buckets[hash % COUNT(kept->buckets)];
}

void *kept_find(Kept *kept, const char *sql, const char *types)
{
    uint64_t hash = kept_hash(sql);

    for (KeptRow *row = *bucket_of(kept, hash); row; row = row->next)
        if (row->hash == hash && strcmp(row->sql, sql) == 0 && strcmp(row->types, types) == 0) {
            row->turn = ++kept->turn;
            return row->statement;
        }
    return NULL;
}

static void row_end(Kept *kept, KeptRow **at)
{
    KeptRow *row = *at;

    *at = row->next;
    kept->end(row->statement, kept->context);
    free(row->sql);
    free(row->types);
    free(row);
    kept->count--;
}

static void oldest_end(Kept *kept)
{
    KeptRow **oldest = NULL;

    for (size_t i = 0; i < COUNT(kept->buckets); i++)
        for (KeptRow **at = &kept->buckets[i]; *at; at = &(*at)->next)
            if (!oldest || (*at)->turn < (*oldest)->turn)
                oldest = at;
    row_end(kept, oldest);
}

static char *words_copy(const char *words)
{
    char *copy = strdup(words);

    if (!copy)
        abort();
    return copy;
}

void kept_add(Kept *kept, const char *sql, const char *types, void *statement)
{
    if (kept->count == KEPT_MOST)
        oldest_end(kept);

    KeptRow *row = calloc(1, sizeof(*row));
    if (!row)
        abort();
    row->hash = kept_hash(sql);
    row->turn = ++kept->turn;
    row->sql = words_copy(sql);
    row->types = words_copy(types);
    row->statement = statement;
    row->next = *bucket_of(kept, row->hash);
    *bucket_of(kept, row->hash) = row;
    kept->count++;
}

void kept_clear(Kept *kept)
{
    for (size_t i = 0; i < COUNT(kept->buckets); i++)
        while (kept->buckets[i])
            row_end(kept, &kept->buckets[i]);
}
