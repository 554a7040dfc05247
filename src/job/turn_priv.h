/* turn_priv.h - the SQL that gives a job its turn. Only for the stores of this room. */
#pragma once

/* The turn of a job that becomes ready in QUEUE for TENANT with PRIORITY, which are placeholders: one after its tenant's last, and never before the
 * queue's present one. Who has much waiting comes late, who has little comes among the next. Each part is one look into an index, which
 * ORDER BY and LIMIT make sure of: MAX and MIN may be worked out from all rows. */
#define SQL_TURN SQL_TURN_OF("?1", "?2", "?3")
#define SQL_TURN_OF(queue, tenant, priority) \
    "(SELECT MAX(turns.turn) FROM (" \
    "SELECT 0 AS turn" \
    " UNION ALL SELECT (SELECT turn FROM jobs" \
    " WHERE queue = " queue " AND priority = " priority " AND state = 'ready'" \
    " ORDER BY turn LIMIT 1)" \
    " UNION ALL SELECT (SELECT turn + 1 FROM jobs WHERE queue = " queue " AND tenant_id = " tenant \
    " AND priority = " priority " AND state = 'ready' ORDER BY turn + 0 DESC LIMIT 1)" \
    ") AS turns)"
