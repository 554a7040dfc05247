/* alert.h - somebody should look: a warning in the log, told to whoever collects bugs as well (watch_bugs_tell). */
#pragma once

#include "base/err.h"

/* ERR says what, of SUBJECT; it is not freed. */
void watch_alert(const char *event, const Err *err, const char *subject);
