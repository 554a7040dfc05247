/* Programs that tests need running beside them. */
#include "harness/service.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "test.h"

enum {
    SERVICES_MAX = 8
};

static Service *running[SERVICES_MAX];

static void all_end(void)
{
    for (int i = 0; i < SERVICES_MAX; i++)
        if (running[i])
            service_end(running[i]);
}

static void remember(Service *service)
{
    static bool is_asked;

    if (!is_asked)
        atexit(all_end);
    is_asked = true;
    for (int i = 0; i < SERVICES_MAX; i++)
        if (!running[i]) {
            running[i] = service;
            return;
        }
    abort();
}

static bool port_is_free(int port)
{
    struct sockaddr_in at = {
        .sin_family = AF_INET,
        .sin_addr = {htonl(INADDR_LOOPBACK)},
        .sin_port = htons((uint16_t)port),
    };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool is_free = fd >= 0 && bind(fd, (struct sockaddr *)&at, sizeof(at)) == 0;

    close(fd);
    return is_free;
}

int service_port(void)
{
    /* Below those the kernel gives away, and another place to begin for each process. */
    for (int i = 0; i < 200; i++) {
        int port = 20000 + (int)(((long)getpid() * 7 + i * 101) % 100) * 100;

        if (port_is_free(port) && port_is_free(port + 1))
            return port;
    }
    test_fail(__FILE__, __LINE__, "no port is free");
}

void service_start(Service *service, const char *const *args)
{
    pid_t parent = getpid();
    int ends[2];

    CHECK(pipe2(ends, O_CLOEXEC) == 0);
    service->pid = fork();
    if (service->pid == 0) {
        int quiet = open("/dev/null", O_RDWR);

        dup2(quiet, 0);
        dup2(ends[1], 1);
        dup2(quiet, 2);
        prctl(PR_SET_PDEATHSIG, SIGTERM);
        if (getppid() == parent)
            execvp(args[0], (char *const *)args);
        _exit(127);
    }
    close(ends[1]);
    service->out = ends[0];
    remember(service);
}

bool service_says(Service *service, const char *text, int seconds)
{
    int64_t end_ms = clock_ticks_ms() + seconds * 1000LL;
    char said[4096] = "";
    size_t size = 0;

    while (clock_ticks_ms() < end_ms && size + 1 < sizeof(said)) {
        struct pollfd ready = {.fd = service->out, .events = POLLIN};

        if (poll(&ready, 1, 200) <= 0)
            continue;
        ssize_t got = read(service->out, said + size, sizeof(said) - size - 1);
        if (got <= 0)
            break;
        size += (size_t)got;
        said[size] = 0;
        if (strstr(said, text))
            return true;
    }
    service_end(service);
    return false;
}

void service_end(Service *service)
{
    for (int i = 0; i < SERVICES_MAX; i++)
        if (running[i] == service)
            running[i] = NULL;
    if (service->pid > 0) {
        kill(service->pid, SIGTERM);
        waitpid(service->pid, NULL, 0);
        close(service->out);
    }
    service->pid = 0;
    if (service->folder)
        test_folder_remove(service->folder);
    service->folder = NULL;
}
