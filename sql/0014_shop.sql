-- The product photo studio: what is known of products, batches of runs, templates of tenants, exports in many forms.
--
-- Times are milliseconds since 1970, 0 is not yet; booleans are 0 or 1; lists are JSON. Ids sort by birth.

ALTER TABLE tenants ADD COLUMN tier TEXT;                              -- of the studio; NULL: as its plan has it

ALTER TABLE projects ADD COLUMN description TEXT NOT NULL DEFAULT '';
ALTER TABLE projects ADD COLUMN category TEXT NOT NULL DEFAULT 'general';
ALTER TABLE projects ADD COLUMN template TEXT;                         -- that its photos are made with when nothing else is said
ALTER TABLE projects ADD COLUMN is_archived BIGINT NOT NULL DEFAULT 0;
ALTER TABLE projects ADD COLUMN changed_ms BIGINT NOT NULL DEFAULT 0;

ALTER TABLE photos ADD COLUMN thumb_key TEXT;                          -- in the store
ALTER TABLE photos ADD COLUMN product_name TEXT NOT NULL DEFAULT '';
ALTER TABLE photos ADD COLUMN product_sku TEXT NOT NULL DEFAULT '';
ALTER TABLE photos ADD COLUMN product_price TEXT NOT NULL DEFAULT '';  -- as it is to be read: "Rp 59.000"
ALTER TABLE photos ADD COLUMN product_tags TEXT NOT NULL DEFAULT '[]';
ALTER TABLE photos ADD COLUMN is_favorite BIGINT NOT NULL DEFAULT 0;
ALTER TABLE photos ADD COLUMN selected_run_id TEXT;                    -- the variation that stands for it
ALTER TABLE photos ADD COLUMN changed_ms BIGINT NOT NULL DEFAULT 0;

CREATE INDEX photos_by_bytes ON photos (project_id, sha256);           -- to tell that one came twice

-- Runs that were begun together, by one recipe. A batch sends its runs to the queue a few at a time, which is how it is paused.
CREATE TABLE batches (
    id TEXT PRIMARY KEY NOT NULL,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    project_id TEXT NOT NULL REFERENCES projects (id),
    kind TEXT NOT NULL,                                    -- BatchKind
    state TEXT NOT NULL CHECK (state IN ('pending', 'processing', 'paused', 'completed', 'failed', 'cancelled')),
    recipe TEXT NOT NULL,
    wish TEXT,                                             -- what was asked, in the words of the door
    template TEXT,                                         -- name or id of the template it is made with
    queue TEXT NOT NULL,
    priority BIGINT NOT NULL,
    at_once BIGINT NOT NULL CHECK (at_once > 0),           -- runs in the queue or at work
    total BIGINT NOT NULL,
    completed BIGINT NOT NULL CHECK (completed >= 0),
    failed BIGINT NOT NULL CHECK (failed >= 0),
    cancelled BIGINT NOT NULL CHECK (cancelled >= 0),
    credits BIGINT NOT NULL,                               -- of all that was ordered
    charged BIGINT NOT NULL,                               -- taken so far
    base_credits BIGINT NOT NULL,                          -- for the batch itself, taken with its first picture
    base_hold_id TEXT,                                     -- until it is taken or given back
    rounds BIGINT NOT NULL,                                -- how often what had failed was tried again
    bill TEXT,                                             -- the lines it was priced by
    request_key TEXT,
    created_ms BIGINT NOT NULL,
    began_ms BIGINT NOT NULL,
    ended_ms BIGINT NOT NULL,
    UNIQUE (tenant_id, request_key)
);

CREATE INDEX batches_by_project ON batches (project_id, id);
CREATE INDEX batches_by_tenant ON batches (tenant_id, id);

ALTER TABLE runs ADD COLUMN batch_id TEXT;                             -- NULL: begun by its project
ALTER TABLE runs ADD COLUMN source_run_id TEXT;                        -- made of that run's picture; NULL: of the photo
ALTER TABLE runs ADD COLUMN is_sent BIGINT NOT NULL DEFAULT 0;         -- there is a job for it
ALTER TABLE runs ADD COLUMN sends BIGINT NOT NULL DEFAULT 0;           -- how often there was
ALTER TABLE runs ADD COLUMN title TEXT;                                -- of the variation it is: "Upscaled 4x"
ALTER TABLE runs ADD COLUMN is_preview BIGINT NOT NULL DEFAULT 0;

CREATE INDEX runs_by_batch ON runs (batch_id, position) WHERE batch_id IS NOT NULL;
CREATE INDEX runs_by_source ON runs (source_run_id) WHERE source_run_id IS NOT NULL;

ALTER TABLE run_events ADD COLUMN batch_id TEXT;                       -- NULL: of no batch

ALTER TABLE jobs ADD COLUMN failure TEXT;                              -- name of the error that a dead one died of

ALTER TABLE job_queues ADD COLUMN is_backed_up BIGINT NOT NULL DEFAULT 0; -- alerts that were told
ALTER TABLE job_queues ADD COLUMN is_failing BIGINT NOT NULL DEFAULT 0;

-- What became of jobs, in sums of five minutes: those that are done have no row any more. Kept for two days.
CREATE TABLE job_sums (
    queue TEXT NOT NULL,
    at_ms BIGINT NOT NULL,                                 -- when they begin
    started BIGINT NOT NULL,
    completed BIGINT NOT NULL,
    retried BIGINT NOT NULL,
    failed BIGINT NOT NULL,                                -- dead
    stalled BIGINT NOT NULL,                               -- taken from workers that were no longer heard of
    progress BIGINT NOT NULL,                              -- how often it was told
    work_ms BIGINT NOT NULL,                               -- that the completed took
    PRIMARY KEY (queue, at_ms)
);

-- Templates of tenants and of the house that were made at run time; those that travel in the program have rows here only for what is counted.
CREATE TABLE templates (
    id TEXT PRIMARY KEY NOT NULL,                          -- name of a built-in one, or an id
    tenant_id TEXT REFERENCES tenants (id),                -- NULL: of the house
    recipe TEXT,                                           -- NULL: built in
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    category TEXT NOT NULL,
    platform TEXT,
    aspect TEXT NOT NULL,
    tags TEXT NOT NULL,
    drawing TEXT NOT NULL,                                 -- what stands for its pictures in the store
    width_px BIGINT NOT NULL,
    height_px BIGINT NOT NULL,
    is_public BIGINT NOT NULL,
    is_featured BIGINT NOT NULL,
    is_premium BIGINT NOT NULL,
    used BIGINT NOT NULL CHECK (used >= 0),
    rated BIGINT NOT NULL CHECK (rated >= 0),              -- how many have
    stars BIGINT NOT NULL CHECK (stars >= 0),              -- all of theirs together
    created_ms BIGINT NOT NULL,
    changed_ms BIGINT NOT NULL                             -- of a built-in one: 0 until an admin changed what is public, featured, premium
);

CREATE INDEX templates_by_tenant ON templates (tenant_id, id);

CREATE TABLE template_ratings (
    template_id TEXT NOT NULL REFERENCES templates (id) ON DELETE CASCADE,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    user_id TEXT NOT NULL,
    stars BIGINT NOT NULL CHECK (stars BETWEEN 1 AND 5),
    at_ms BIGINT NOT NULL,
    PRIMARY KEY (template_id, tenant_id, user_id)
);

CREATE INDEX template_ratings_by_tenant ON template_ratings (tenant_id);

-- Pictures taken away together, in other forms.
CREATE TABLE packs (
    id TEXT PRIMARY KEY NOT NULL,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    project_id TEXT NOT NULL REFERENCES projects (id),
    state TEXT NOT NULL CHECK (state IN ('pending', 'processing', 'completed', 'failed', 'expired')),
    wish TEXT NOT NULL,                                    -- PackWish as JSON
    pictures BIGINT NOT NULL,                              -- files it is to hold
    done BIGINT NOT NULL,
    failed BIGINT NOT NULL,                                -- of those done
    bytes BIGINT NOT NULL,
    key TEXT,                                              -- in the store; NULL until it is there, and when it has gone
    credits BIGINT NOT NULL,
    hold_id TEXT,
    email TEXT,                                            -- who is told; NULL for nobody
    error TEXT,
    error_text TEXT,
    request_key TEXT,
    created_ms BIGINT NOT NULL,
    ended_ms BIGINT NOT NULL,
    expires_ms BIGINT NOT NULL,
    UNIQUE (tenant_id, request_key)
);

CREATE INDEX packs_by_project ON packs (project_id, id);
CREATE INDEX packs_by_end ON packs (expires_ms);

-- What a tenant has done, and what it paid for it.
CREATE TABLE deeds (
    id TEXT PRIMARY KEY NOT NULL,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    user_id TEXT NOT NULL,                                 -- or key
    action TEXT NOT NULL,                                  -- "upload", "process", "batch", "template", "export", "upscale", ...
    feature TEXT NOT NULL,                                 -- Price's name: what it is counted under
    subject TEXT,                                          -- id
    template TEXT,                                         -- name or id; NULL for none
    pictures BIGINT NOT NULL,                              -- or photos, or files
    credits BIGINT NOT NULL,                               -- agreed; what was taken stands with its batch or pack, and here once those have gone
    partner TEXT,                                          -- sibling app; NULL for none
    key TEXT,                                              -- once a tenant
    at_ms BIGINT NOT NULL,
    UNIQUE (tenant_id, key)
);

CREATE INDEX deeds_by_tenant ON deeds (tenant_id, id);
