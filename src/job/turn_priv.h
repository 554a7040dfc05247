/* turn_priv.h - the SQL that gives a job its turn. Only for the stores of this room. */
#pragma once

/* The turn of a job that becomes ready in queue ?1 for tenant ?2 with priority ?3: one after its tenant's last, and never before the
 * queue's present one. Who has much waiting comes late, who has little comes among the next. Each part is one look into an index. */
#define SQL_TURN \
    "(SELECT MAX(turns.turn) FROM (" \
    "SELECT 0 AS turn" \
    " UNION ALL SELECT MIN(turn) FROM jobs WHERE queue = ?1 AND priority = ?3 AND state = 'ready'" \
    " UNION ALL SELECT MAX(turn) + 1 FROM jobs" \
    " WHERE queue = ?1 AND tenant_id = ?2 AND priority = ?3 AND state = 'ready'" \
    ") AS turns)"
