/* artgen.h - the ArtGen door: pictures from words, edits and variations by models of one's choice, and what they cost. */
#pragma once

#include "http/endpoint.h"

extern const FrontDoor artgen_door;
