/* vendor_stand_in PORT [LATENCY_MS]: stand_in.h as a program, until it is told to end. Prints its address. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "harness/stand_in.h"
#include "image/image.h"

int main(int argc, char **argv)
{
    sigset_t ends;
    int which;

    if (argc < 2 || argc > 3) {
        fprintf(stderr, "usage: vendor_stand_in PORT [LATENCY_MS]\n");
        return 2;
    }
    sigemptyset(&ends);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &ends, NULL);
    image_start(1);
    AUTO(err_free) Err *err = image_open();
    if (err)
        return 1;

    AUTO(stand_in_stop) StandIn *stand_in = stand_in_start(
        (int)strtol(argv[1], NULL, 10), argc > 2 ? (int)strtol(argv[2], NULL, 10) : 0);
    printf("http://127.0.0.1:%d\n", stand_in_port(stand_in));
    fflush(stdout);
    sigwait(&ends, &which);
    return 0;
}
