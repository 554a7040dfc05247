/* previews.h - pictures of what each template does, made with the program's own product.
 *
 * A template has two, WebP: a preview of TEMPLATE_PICTURE_PX and a thumbnail of TEMPLATE_THUMB_PX on the longer side. They lie in one
 * folder beside previews.json, which holds the state each was made in: what is up to date is left alone. The thumbnails travel in the
 * program (share/gallery, make gallery).
 */
#pragma once

#include "app/command.h"
#include "gallery/gallery.h"
#include "recipe/recipe.h"

/* Names of the files within their folder: "oak-table.webp", "oak-table-400.webp"; in MEM. */
const char *preview_file(const char *template, Arena *mem);
const char *previews_thumbnail_file(const char *template, Arena *mem);

/* What its pictures follow from, as previews.json says it; in MEM. NOT_FOUND. */
MUST Err *previews_state(const char *template, Arena *mem, const char **ret);

/* Make what is missing or out of date of NAMES, NULL-ended, in FOLDER, and say so line by line. FILE_UNWRITABLE, DISK_FULL, and
 * what a recipe can fail with; pictures finished by then stay and count. */
MUST Err *previews_make(App *app, const char *folder, const char *const *names);
