/* Where the program's own files lie: in the checkout it was built in, or under the prefix it was installed to. */
#include <string.h>

#include "base/file.h"
#include "conf/conf.h"

const char *place_checkout(const char *program, Arena *mem)
{
    if (!program)
        return NULL;

    const char *root = path_folder(mem, path_folder(mem, program));
    bool is_ours = file_exists(path_join(mem, root, "meson.build")) &&
                   file_exists(path_join(mem, root, "rooms.txt"));
    return is_ours ? root : NULL;
}

static const char *
place_below(const char *program, const char *in_checkout, const char *installed, Arena *mem)
{
    const char *checkout = place_checkout(program, mem);

    if (checkout)
        return path_join(mem, checkout, in_checkout);
    if (!program)
        return in_checkout;
    return path_join(mem, path_folder(mem, path_folder(mem, program)), installed);
}

const char *place_share(const char *program, Arena *mem)
{
    return place_below(program, "share", "share/cyclorama", mem);
}

const char *place_tools(const char *program, Arena *mem)
{
    return place_below(program, "tool", "share/cyclorama/tool", mem);
}
