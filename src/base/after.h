/* after.h - errors that know when they will have passed: what a door tells as Retry-After. */
#pragma once

#include <stdint.h>

#include "base/err.h"

/* Say that it is worth trying again in MS. Returns ERR for chaining. */
MUST Err *err_after(Err *err, int64_t ms);

int64_t err_after_ms(const Err *err); /* 0: nobody knows */
