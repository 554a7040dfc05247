/* guard.h - which addresses a request may reach whose URL a stranger chose.
 *
 * Public addresses alone: no loopback, private, link-local, carrier, documentation, benchmark, multicast, reserved or metadata address,
 * no IPv4 address inside an IPv6 one (a NAT64 one is judged by what it stands for), and of ports 80, 443, 8080 and 8443. Operators list
 * exceptions. The address is judged when the socket is made for it, so neither spelling, redirects nor a name that resolves to something else the
 * second time lead around it.
 */
#pragma once

#include "net/net.h"

/* Is the IPv4 or IPv6 address TEXT one of the public internet? Texts that are no address are not. */
bool net_address_is_public(const char *text);

/* What can be said of URL before connecting, for an early answer to whoever typed it: INPUT_INVALID when it is no http or https URL,
 * has no host or carries a password, ADDRESS_REFUSED when its host is an address, or its port is one, that the guard refuses. */
MUST Err *net_url_check(const NetClient *client, const char *url);
