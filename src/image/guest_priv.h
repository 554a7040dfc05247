/* guest_priv.h - the libraries behind this room, opened by the first picture that needs them.
 *
 * libvips brings some hundred and fifty libraries with it: linked in, they cost every process their start and their memory, and
 * most processes of a server never see a picture. So nothing of them is linked: each function is called as guest.NAME, typed by
 * the library's own header.
 */
#pragma once

#include <lcms2.h>
#include <pango/pangocairo.h>
#include <vips/vips.h>

#include "image/image_priv.h"

#undef g_free /* newer GLib has a macro of this name, which would stand in the way of the pointer */

typedef struct Guest {
#define VIPS(name) __typeof__(name) *name;
#define LCMS(name) __typeof__(name) *name;
#define PANGO(name) __typeof__(name) *name;
#include "image/guest.def"
#undef VIPS
#undef LCMS
#undef PANGO
} Guest;

/* Nothing but NULL before guest_open. */
extern Guest guest;

/* Open and start the libraries if nobody has; every way to a call of theirs begins here. LIBRARY_MISSING. */
MUST Err *guest_open(void);

/* Have they been opened? */
bool guest_is_open(void);
