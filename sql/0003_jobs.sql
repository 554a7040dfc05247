-- The queue. A job that is done is deleted, so the table holds what is to be done, what is being done, and the dead.
--
--   waiting   not before start_ms: wished so, or tried in vain and to be tried again
--   ready     stands in its turn
--   running   in the hands of the worker that knows its lease
--   dead      not tried again; kept with its reason
--
-- Every index covers one state, so a job costs nothing in those it has left.
CREATE TABLE jobs (
    id TEXT NOT NULL PRIMARY KEY,
    queue TEXT NOT NULL,
    tenant_id TEXT NOT NULL, -- '' for the house's own
    subject TEXT,
    key TEXT,
    payload TEXT,
    trace TEXT, -- of who queued it, as in traceparent
    priority BIGINT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'ready', 'running', 'dead')),
    turn BIGINT NOT NULL, -- of the ready ones: tenants alternate by it
    start_ms BIGINT NOT NULL,
    queued_ms BIGINT NOT NULL,
    attempt BIGINT NOT NULL DEFAULT 0,
    reason TEXT, -- of the last failure
    died_ms BIGINT,
    lease TEXT, -- while running: which one, whose, until when
    worker TEXT,
    lease_ms BIGINT, -- in no index, so that heartbeats touch none
    is_cancelled BIGINT NOT NULL DEFAULT 0 CHECK (is_cancelled IN (0, 1)),
    CHECK ((state = 'running') = (lease IS NOT NULL))
);

CREATE INDEX jobs_ready ON jobs (queue, priority DESC, turn, start_ms) WHERE state = 'ready';
-- "turn + 0", so that nobody looks for a tenant's last turn by walking through jobs_ready
CREATE INDEX jobs_ready_of_tenant ON jobs (queue, tenant_id, priority DESC, (turn + 0)) WHERE state = 'ready';
CREATE INDEX jobs_waiting ON jobs (queue, start_ms) WHERE state = 'waiting';
CREATE INDEX jobs_running ON jobs (queue, tenant_id) WHERE state = 'running';
CREATE INDEX jobs_dead ON jobs (id) WHERE state = 'dead';
CREATE INDEX jobs_dead_of_queue ON jobs (queue, id) WHERE state = 'dead';
CREATE UNIQUE INDEX jobs_key ON jobs (queue, key) WHERE key IS NOT NULL AND state <> 'dead' AND is_cancelled = 0;
CREATE INDEX jobs_subject ON jobs (subject) WHERE subject IS NOT NULL;

-- What an operator said of a queue; without a row it is open.
CREATE TABLE job_queues (
    name TEXT NOT NULL PRIMARY KEY,
    is_paused BIGINT NOT NULL CHECK (is_paused IN (0, 1))
);
