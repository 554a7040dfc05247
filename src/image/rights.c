/* Rights and provenance: what may stay with a picture. */
#include "image/image.h"

void image_rights_done(ImageRights *rights)
{
    free(rights->copyright);
    free(rights->creator);
    free(rights->credit);
    free(rights->usage_terms);
    free(rights->source_type);
    *rights = (ImageRights){0};
}
