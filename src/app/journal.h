/* journal.h - what a render has finished, line by line, so that a killed one can go on.
 *
 * A file .cyclorama.jsonl in the output folder: one line a finished picture, appended after the picture is in its place. A line
 * that was torn by a crash is no line. A percent sign in a name is written "%25", a byte that is not UTF-8 likewise. Any thread may add; looking up is for after journal_open.
 */
#pragma once

#include "base/hash.h"

extern const char journal_name[];

typedef struct Journal Journal;

/* Open the journal of FOLDER: with what it holds when IS_RESUMED, else a new one. FILE_UNWRITABLE. */
MUST Err *journal_open(const char *folder, bool is_resumed, Journal **ret);
void journal_close(Journal *journal);
DEFINE_AUTO(Journal, journal_close);

/* How many pictures it knew when it was opened. */
size_t journal_count(const Journal *journal);

/* Is OUTPUT finished with this KEY, and still there as large as it was? */
bool journal_has(const Journal *journal, const char *output, Hash key);

typedef struct JournalLine {
    const char *photo, *output;
    Hash key; /* of recipe_key: what the picture was made from */
    size_t bytes;
} JournalLine;

MUST Err *journal_add(Journal *journal, const JournalLine *line);
