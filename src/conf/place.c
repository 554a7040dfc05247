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

const char *place_tools(const char *program, Arena *mem)
{
    const char *checkout = place_checkout(program, mem);

    if (checkout)
        return path_join(mem, checkout, "tool");
    if (!program)
        return "tool";
    return path_join(mem, path_folder(mem, path_folder(mem, program)), "share/cyclorama/tool");
}
