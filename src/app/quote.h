/* quote.h - what a render would cost at vendors, told before anything is done. */
#pragma once

#include "app/command.h"
#include "app/plan.h"

/* To the command's output, as a table or as JSON. */
MUST Err *
quote_tell(App *app, const RenderOptions *options, const Plan *plan, const Vendors *vendors);
