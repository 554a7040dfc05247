/* banned.h - calls that this tree does without; including it turns each into a compile error. Force-included by the build. */
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#pragma GCC poison strcpy strcat strncpy strncat sprintf vsprintf gets strtok gmtime localtime \
    ctime asctime
#pragma GCC poison drand48 tmpnam tempnam mktemp atoi atol atof
