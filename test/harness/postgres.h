/* postgres.h - a PostgreSQL of our own, for tests.
 *
 * It is started when the first test asks for it, with a temporary folder and a socket in it, no network, and ends with the program,
 * however that ends. fsync is off: tests end processes, not machines, and what a process has written outlives it. Where PostgreSQL
 * is not installed, the test that asks is skipped.
 */
#pragma once

#include <stddef.h>

/* A new, empty database; its address is written to URL. */
void postgres_database_make(char *url, size_t size);

/* Ends whoever is still connected. The database may be given to another test, empty. */
void postgres_database_drop(const char *url);

/* SQL by an operator, beside the program: on the database of URL. */
void postgres_operator_run(const char *url, const char *sql);
