/* Files that travel inside the program. */
#include "base/embed.h"

#include <string.h>

const Embedded *embed_find(const Embedded *rows, const char *name)
{
    for (const Embedded *row = rows; row->name; row++)
        if (strcmp(row->name, name) == 0)
            return row;
    return NULL;
}
