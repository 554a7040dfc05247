/* Opening libvips, Little CMS and Pango, once, when the first picture is touched. */
#include <pthread.h>
#include <stdatomic.h>

#include "base/library.h"
#include "image/guest_priv.h"
#include "image/vips_priv.h"

/* The numbers in the files' names are those of the headers that gave the functions their types. */
_Static_assert(VIPS_LIBRARY_CURRENT - VIPS_LIBRARY_AGE == 42, "libvips.so.42");
_Static_assert(LCMS_VERSION / 1000 == 2, "liblcms2.so.2");
_Static_assert(PANGO_VERSION_MAJOR == 1, "libpangocairo-1.0.so.0");

Guest guest;

#define ROW(name) {#name, offsetof(Guest, name)},
#define NO_ROW(name)

static const LibraryRow vips_rows[] = {
#define VIPS ROW
#define LCMS NO_ROW
#define PANGO NO_ROW
#include "image/guest.def"
#undef VIPS
#undef LCMS
    {0}};

static const LibraryRow lcms_rows[] = {
#define VIPS NO_ROW
#define LCMS ROW
#include "image/guest.def"
#undef LCMS
#undef PANGO
    {0}};

static const LibraryRow pango_rows[] = {
#define LCMS NO_ROW
#define PANGO ROW
#include "image/guest.def"
    {0}};

static const struct {
    const char *file, *package;
    const LibraryRow *rows;
} libraries[] = {
    {"libvips.so.42", "libvips42", vips_rows},
    {"liblcms2.so.2", "liblcms2-2", lcms_rows},
    {"libpangocairo-1.0.so.0", "libpangocairo-1.0-0", pango_rows},
};

static atomic_bool is_open;
static pthread_mutex_t opening = PTHREAD_MUTEX_INITIALIZER;

static Err *libraries_open(void)
{
    for (size_t i = 0; i < COUNT(libraries); i++) {
        Err *cause = library_open(libraries[i].file, libraries[i].rows, &guest);

        if (cause)
            return err_public(
                err_because(err_new(ERR_LIBRARY_MISSING, "no picture can be touched"), cause),
                "The picture library %s is not installed. On Debian: apt install %s.",
                libraries[i].file, libraries[i].package);
    }
    return vips_begin();
}

Err *guest_open(void)
{
    Err *err = NULL;

    if (guest_is_open())
        return NULL;
    pthread_mutex_lock(&opening);
    if (!guest_is_open())
        err = libraries_open();
    if (!err)
        atomic_store_explicit(&is_open, true, memory_order_release);
    pthread_mutex_unlock(&opening);
    return err;
}

bool guest_is_open(void)
{
    return atomic_load_explicit(&is_open, memory_order_acquire);
}
