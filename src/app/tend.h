/* tend.h - the house-keeping of a server: what must be looked after now and then, on one thread of its own. */
#pragma once

#include "app/house.h"

typedef struct Tending Tending;

MUST Err *tend_start(House *house, Tending **ret);
void tend_stop(Tending *tending);
DEFINE_AUTO(Tending, tend_stop);
