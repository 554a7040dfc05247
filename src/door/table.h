/* table.h - tables (CSV) that customers send: kept whole in memory, up to a limit, until they are read. */
#pragma once

#include "base/buf.h"
#include "http/call.h"
#include "http/upload.h"

/* Where a table of at most MOST_BYTES goes: freed with its call. */
MUST Err *table_open(size_t most_bytes, Sink *ret);

/* The table that came; borrowed. */
const Buf *table_text(const Call *call);
