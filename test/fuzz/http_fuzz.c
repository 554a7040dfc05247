/* Any bytes on a line to a real server: it answers or closes, and the next one is served. */
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "../test.h"
#include "../unit/http/shop.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

enum {
    ANSWER_MS = 5
};

static struct sockaddr_un address = {.sun_family = AF_UNIX};

void test_fail(const char *file, int line, const char *format, ...)
{
    fprintf(stderr, "%s:%d: %s\n", file, line, format);
    abort();
}

static void server_begin(void)
{
    static Shop shop;
    static char listen[sizeof(address.sun_path) + 8];

    snprintf(listen, sizeof(listen), "unix:/tmp/cyclorama-fuzz-%d", (int)getpid());
    snprintf(address.sun_path, sizeof(address.sun_path), "%s", listen + 5);
    atomic_store(&shop.slow_go, true);
    shop_start(&shop, &(HttpSetup){.listen = listen, .workers = 2, .limits.per_address = -1});
}

static int line_open(void)
{
    int line = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (line < 0 || connect(line, (struct sockaddr *)&address, sizeof(address)) != 0)
        abort();
    return line;
}

/* What comes until nothing more does. */
static size_t answer_read(int line, char *answer, size_t room, int ms)
{
    struct pollfd wait = {.fd = line, .events = POLLIN};
    size_t size = 0;

    while (size < room && poll(&wait, 1, ms) == 1) {
        ssize_t got = recv(line, answer + size, room - size, 0);

        if (got <= 0)
            break;
        size += (size_t)got;
    }
    return size;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static bool has_begun;
    char answer[4096];

    if (!has_begun)
        server_begin();
    has_begun = true;

    int line = line_open();
    if (send(line, bytes, size, MSG_NOSIGNAL) >= 0) {
        size_t got = answer_read(line, answer, sizeof(answer), ANSWER_MS);

        if (got >= 9 && memcmp(answer, "HTTP/1.", 7) != 0)
            abort();
    }
    close(line);
    return 0;
}
