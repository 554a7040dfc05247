-- A recipe applied to a photo for a tenant, what happened to it, and pictures taken away together.
--
-- Times are milliseconds since 1970, 0 is not yet. Events of a project are numbered in the order in which they were committed: the
-- number is taken from projects.news, whose row is held until then.

CREATE TABLE runs (
    id TEXT PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    project_id TEXT NOT NULL REFERENCES projects (id),
    photo_id TEXT NOT NULL REFERENCES photos (id),
    position BIGINT NOT NULL,                              -- in the project, from 0
    scene_index BIGINT NOT NULL,                           -- among its photo's runs, from 0
    scene_type TEXT,
    scene_prompt TEXT,
    recipe_name TEXT NOT NULL,
    seed BIGINT NOT NULL,
    look TEXT,                                             -- what it is made by, frozen at its start
    recipe TEXT,                                           -- with all options, once it was at work
    state TEXT NOT NULL CHECK (state IN ('created', 'uploaded', 'queued', 'processing', 'completed', 'failed', 'cancelled')),
    progress DOUBLE PRECISION NOT NULL,
    step TEXT,
    news BIGINT NOT NULL,                                  -- number of its last progress
    error TEXT,
    error_text TEXT,
    asset_id TEXT,
    output_key TEXT,
    output_format TEXT,
    output_bytes BIGINT NOT NULL,
    output_width_px BIGINT NOT NULL,
    output_height_px BIGINT NOT NULL,
    notes TEXT,
    credits BIGINT NOT NULL,
    hold_id TEXT,                                          -- from its start on
    cost_micro_usd BIGINT NOT NULL,
    created_ms BIGINT NOT NULL,
    queued_ms BIGINT NOT NULL,
    began_ms BIGINT NOT NULL,
    ended_ms BIGINT NOT NULL
);

CREATE UNIQUE INDEX runs_by_position ON runs (project_id, position);
CREATE INDEX runs_by_photo ON runs (photo_id);
CREATE INDEX runs_at_work ON runs (project_id, news) WHERE state = 'processing';

-- Only ever added. Progress is not among them: it stands with its run.
CREATE TABLE run_events (
    project_id TEXT NOT NULL REFERENCES projects (id),
    number BIGINT NOT NULL,
    run_id TEXT,                                           -- NULL: of the whole project
    kind TEXT NOT NULL,
    data TEXT NOT NULL,
    at_ms BIGINT NOT NULL,
    PRIMARY KEY (project_id, number)
);

CREATE TABLE exports (
    id TEXT PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    project_id TEXT NOT NULL REFERENCES projects (id),
    state TEXT NOT NULL CHECK (state IN ('queued', 'ready', 'failed')),
    pictures BIGINT NOT NULL,
    bytes BIGINT NOT NULL,
    key TEXT,                                              -- in the store; NULL until it is there, and when it has gone
    error_text TEXT,
    created_ms BIGINT NOT NULL
);

CREATE INDEX exports_by_project ON exports (project_id, id);
