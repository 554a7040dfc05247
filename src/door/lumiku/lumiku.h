/* lumiku.h - the door of the Lumiku product photo studio: projects, photos, workflows, batches, templates, exports, and its sibling apps. */
#pragma once

#include "http/server.h"

extern const FrontDoor lumiku_door;
