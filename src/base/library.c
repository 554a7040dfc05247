/* Opening libraries late, and finding functions in them by rows. */
#include "base/library.h"

#include <dlfcn.h>
#include <string.h>

Err *library_open(const char *file, const LibraryRow *rows, void *table)
{
    /* Lazily: what a library could call and never does need not be looked for. */
    void *library = dlopen(file, RTLD_LAZY | RTLD_LOCAL);

    if (!library)
        return err_new(ERR_LIBRARY_MISSING, "unable to open a library: %s", dlerror());
    for (; rows->function; rows++) {
        void *found = dlsym(library, rows->function);

        if (!found)
            return err_new(ERR_LIBRARY_MISSING, "'%s' has no function '%s'", file, rows->function);
        memcpy((char *)table + rows->at, &found, sizeof(found));
    }
    return NULL;
}
