/* Any bytes as a URL that a stranger gives, as a list of exceptions, as Retry-After: read or refused, and no log line tells a query. */
#include <string.h>

#include "net/guard.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static NetClient *client(void)
{
    static NetClient *client;
    AUTO(err_free) Err *err = client ? NULL : net_open(&(NetSetup){.allowed = "::1"}, &client);

    if (err)
        abort();
    return client;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    AUTO(arena_free) Arena *mem = arena_new();
    const char *text = arena_text_n(mem, (const char *)bytes, size);
    const char *shown = net_url_shown(text, mem);
    AUTO(err_free) Err *refused = net_url_check(client(), text);
    AUTO(net_close) NetClient *other = NULL;
    AUTO(err_free) Err *unread = net_open(&(NetSetup){.allowed = text}, &other);

    if (strpbrk(shown, "?#@") || net_retry_after_ms(text, 0) < -1)
        abort();
    return 0;
}
