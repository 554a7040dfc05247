/* remote_priv.h - what S3 and Azure have in common: pieces of 8 MiB, streams, and lists in XML. */
#pragma once

#include "blob/blob_priv.h"

/* ---- writing: bytes are gathered until they make a piece ---- */

typedef struct Pieces {
    Buf held;
    int sent; /* pieces that are there already */
} Pieces;

/* Send what is held, as piece number SENT + 1. */
typedef Err *PieceSend(BlobWriter *writer, const Buf *piece);

void remote_pieces_init(Pieces *pieces);
void remote_pieces_done(Pieces *pieces);
MUST Err *remote_pieces_add(
    BlobWriter *writer, Pieces *pieces, const void *bytes, size_t size, PieceSend *send);
MUST Err *remote_pieces_flush(BlobWriter *writer, Pieces *pieces, PieceSend *send);

/* ---- reading: reader->at is a NetStream, or NULL for no bytes ---- */

MUST Err *remote_take(BlobReader *reader, void *bytes, size_t room, size_t *ret_size);
void remote_leave(BlobReader *reader);

/* "bytes=3-6", or NULL for all of it. In MEM. */
const char *remote_range(const BlobGet *get, Arena *mem);

/* What the headers of a reply to GET or HEAD say of the blob. */
BlobFacts remote_facts(const NetReply *reply, Arena *mem);

/* "Sat, 21 Nov 2026 10:00:00 GMT" or "2026-11-21T10:00:00.000Z" as milliseconds since 1970, 0 when it is neither. */
int64_t remote_time_ms(const char *text);

/* ---- XML, as stores write it: no attributes that matter, no comments ---- */

/* The inside of the next <TAG>…</TAG> in TEXT, NULL when there is none; *RET_AFTER is what follows it. In MEM. */
const char *remote_xml_next(const char *text, const char *tag, Arena *mem, const char **ret_after);

/* The text inside the first <TAG>, entities resolved, "" when there is none. In MEM. */
const char *remote_xml_text(const char *text, const char *tag, Arena *mem);

/* ---- settings ---- */

/* "https://host:1234" without slashes at its end; INPUT_INVALID when TEXT is no http or https URL. RET_HOST is what follows the slashes. */
MUST Err *
remote_endpoint(const char *text, Arena *mem, const char **ret_endpoint, const char **ret_host);
