-- What a customer keeps: brands, projects, photos, and bytes in the store with their facts.
--
-- Times are milliseconds since 1970, 0 is not yet; lists are JSON. Ids sort by birth.

CREATE TABLE brands (
    id TEXT PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    name TEXT NOT NULL,
    scene_prompt TEXT NOT NULL,
    style_keywords TEXT NOT NULL,
    color_palette TEXT NOT NULL,
    mood TEXT NOT NULL,
    created_ms BIGINT NOT NULL,
    changed_ms BIGINT NOT NULL
);

CREATE INDEX brands_by_tenant ON brands (tenant_id, id);

CREATE TABLE projects (
    id TEXT PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    door TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('job', 'batch')),
    name TEXT NOT NULL,
    brand_id TEXT,                                         -- no reference: it may outlive the brand
    state TEXT NOT NULL CHECK (state IN ('created', 'processing', 'completed', 'failed', 'cancelled')),
    total BIGINT NOT NULL,                                 -- pictures to be made
    underway BIGINT NOT NULL CHECK (underway >= 0),        -- ... queued or at work
    completed BIGINT NOT NULL CHECK (completed >= 0),      -- ... and how they ended
    failed BIGINT NOT NULL CHECK (failed >= 0),
    cancelled BIGINT NOT NULL CHECK (cancelled >= 0),
    news BIGINT NOT NULL CHECK (news >= 0),                -- number of the last event
    created_ms BIGINT NOT NULL,
    started_ms BIGINT NOT NULL,
    ended_ms BIGINT NOT NULL,
    request_key TEXT,                                      -- what the customer calls the request that made it
    CHECK (underway + completed + failed + cancelled <= total),
    UNIQUE (tenant_id, request_key)
);

CREATE INDEX projects_by_tenant ON projects (tenant_id, door, kind, id);

CREATE TABLE photos (
    id TEXT PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    project_id TEXT NOT NULL REFERENCES projects (id),
    filename TEXT NOT NULL,
    source_url TEXT,                                       -- NULL: the customer sends it
    product_id TEXT,                                       -- the customer's own
    key TEXT NOT NULL UNIQUE,                              -- in the store
    state TEXT NOT NULL CHECK (state IN ('created', 'fetching', 'uploaded', 'failed', 'gone')),
    bytes BIGINT NOT NULL,
    width_px BIGINT NOT NULL,
    height_px BIGINT NOT NULL,
    sha256 TEXT,
    format TEXT,
    created_ms BIGINT NOT NULL,
    uploaded_ms BIGINT NOT NULL
);

CREATE INDEX photos_by_project ON photos (project_id, id);

-- Bytes that are in the store. Those without a row here are nobody's, and go when they are a day old.
CREATE TABLE assets (
    id TEXT PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    project_id TEXT NOT NULL,
    owner TEXT NOT NULL,                                   -- photo, run or export that it is of
    key TEXT NOT NULL UNIQUE,
    purpose TEXT NOT NULL CHECK (purpose IN ('raw', 'output', 'thumb', 'export')),
    sha256 TEXT NOT NULL,
    format TEXT NOT NULL,
    bytes BIGINT NOT NULL CHECK (bytes >= 0),
    width_px BIGINT NOT NULL,
    height_px BIGINT NOT NULL,
    created_ms BIGINT NOT NULL,
    expires_ms BIGINT NOT NULL
);

CREATE INDEX assets_by_end ON assets (expires_ms, id);
CREATE INDEX assets_by_owner ON assets (owner);
