/* Random bytes that nobody can guess. */
#include "base/chance.h"

#include <openssl/rand.h>
#include <stdlib.h>

void chance_bytes(void *bytes, size_t size)
{
    if (RAND_bytes(bytes, (int)size) != 1)
        abort();
}
