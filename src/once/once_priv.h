/* once_priv.h - what the files of this folder share. Not for other folders. */
#pragma once

#include "once/once.h"

#define ONCE_KEPT_MS ((int64_t)24 * 60 * 60 * 1000)

typedef struct OnceRow {
    const char *request, *made, *body; /* made, body: NULL until there is any */
    int64_t status, begun_ms;          /* status 0: not answered */
} OnceRow;

MUST Err *
once_row_add(DbTx *tx, const Once *once, const char *request, int64_t now_ms, bool *ret_new);
MUST Err *once_row(DbTx *tx, const Once *once, Arena *mem, OnceRow *ret); /* NOT_FOUND */
MUST Err *once_row_forget(DbTx *tx, const Once *once, int64_t begun_ms);
MUST Err *once_row_answer(DbTx *tx, const Once *once, const OnceAnswer *answer);
MUST Err *once_row_drop(DbTx *tx, const Once *once); /* unless it made something */
MUST Err *
once_row_lock(DbTx *tx, const Once *once, int64_t now_ms, Arena *mem, const char **ret_made);
MUST Err *once_row_made(DbTx *tx, const Once *once, const char *made);
