/* banned.h - calls that this tree does without; including it turns each into a compile error. Force-included by the build. */
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* clang's fortified headers make a macro of it, and a macro cannot be poisoned. */
#undef sprintf
#undef vsprintf

#pragma GCC poison strcpy strcat strncpy strncat sprintf vsprintf gets strtok gmtime localtime \
    ctime asctime
#pragma GCC poison drand48 tmpnam tempnam mktemp atoi atol atof
