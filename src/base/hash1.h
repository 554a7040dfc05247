/* hash1.h - SHA-1, where others' protocols want it for no secret. */
#pragma once

#include "base/hash.h"

Hash1 hash1_bytes(const void *bytes, size_t size);
