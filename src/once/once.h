/* once.h - requests that may come twice: carried out once, answered once, and told again.
 *
 * Who repeats a request gives it a name of its own, an Idempotency-Key. A repeat finds one of four things:
 *
 *     nothing                 it is carried out
 *     an answer               it is told again, for a day
 *     what the request made   whoever carried it out died before the answer was kept: it is carried out again, which makes and takes nothing,
 *                             as the claim says what there is; so the answer is the same
 *     neither                 it is being carried out, or whoever did so died before it was accepted: CONFLICT, with the time after which
 *                             it may be tried again
 *
 * What makes the third sure is one rule: the transaction that accepts the work, and holds its money, claims the request before all else and
 * keeps in the claim what it made. Two at once wait for each other at the claim, so the second finds what the first made.
 */
#pragma once

#include "db/db.h"

/* What a caller calls its request. A key of NULL: it has no name, every claim of it finds nothing and nothing is kept. */
typedef struct Once {
    const char *tenant_id; /* of who asks; NULL for the house */
    const char *key;       /* 1 to 255 characters */
} Once;

typedef struct OnceAnswer {
    int64_t status;
    const char *body;
} OnceAnswer;

/* ---- around a request ---- */

/* REQUEST (a hash of method, path and body) comes by the name ONCE. *RET_FOUND: *RET is what was answered. Otherwise it is to be carried out. CONFLICT
 * for another request by the same name, and for one that is being carried out, to be tried again (err_after). Answers are kept for a day: no request
 * whose answer holds a secret may come here. */
MUST Err *once_begin(
    Db *db, const Once *once, const char *request, Arena *mem, bool *ret_found, OnceAnswer *ret);

/* It was answered. Status 500 and above, or 0, is no answer: what was not claimed is forgotten, so that a repeat carries it out. */
MUST Err *once_end(Db *db, const Once *once, const OnceAnswer *answer);

/* Was anything accepted or answered by this name? Then nothing that is asked before the work (is there money, is there room) is asked
 * of a repeat. */
MUST Err *once_is_known(Db *db, const Once *once, bool *ret);

/* ---- inside the transaction that carries it out ---- */

/* Before all else. *RET_MADE is what the request made before, as once_keep was told; NULL: it is to be made now. Until TX ends no other
 * goes past its claim of the same request. */
MUST Err *once_claim(DbTx *tx, const Once *once, Arena *mem, const char **ret_made);

/* After it: MADE, an id or whatever answers the request again, with TX or not at all. */
MUST Err *once_keep(DbTx *tx, const Once *once, const char *made);

/* ---- house-keeping ---- */

/* What is older than a day. */
MUST Err *once_sweep(DbTx *tx, int64_t now_ms);
