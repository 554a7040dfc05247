/* listen_priv.h - a socket to listen on, from the words of an operator. */
#pragma once

#include "base/err.h"

typedef struct Listening {
    int socket, port;  /* port 0 for unix */
    char address[128]; /* "http://127.0.0.1:8080" */
    char path[108];    /* of a unix socket; "" */
} Listening;

/* WORDS: "127.0.0.1:8080", "[::1]:0", ":8080", "unix:/run/cyclorama.sock". INPUT_INVALID, ADDRESS_TAKEN. */
MUST Err *listen_open(const char *words, bool has_tls, Listening *ret);
