/* service.h - programs that tests need running beside them: on loopback, in a temporary folder, ended with the tests however those end. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

typedef struct Service {
    pid_t pid; /* 0 when it does not run */
    int out;   /* what it says */
    const char *folder;
    int port;
} Service;

/* A port nobody listens on, nor on the one after it. */
int service_port(void);

/* Start ARGS (the program first) with a new folder made by the caller. What it says on standard output can be waited for. */
void service_start(Service *service, const char *const *args);

/* Until it has said TEXT; false when it ended or took longer than SECONDS, and then it runs no more. */
bool service_says(Service *service, const char *text, int seconds);

/* End it and remove its folder. Done for all that still run when the tests end. */
void service_end(Service *service);
