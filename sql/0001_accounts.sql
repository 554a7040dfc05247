-- Who uses the studio: tenants, their people, keys and sessions; what they did; answers to requests that may come twice.
--
-- Times are milliseconds since 1970, 0 is never; booleans are 0 or 1; lists are JSON. Ids sort by birth.

CREATE TABLE tenants (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    email TEXT NOT NULL,
    plan TEXT NOT NULL CHECK (plan IN ('free', 'pro', 'enterprise')),
    quota BIGINT NOT NULL CHECK (quota >= -1),             -- images a month, -1 for no limit
    used BIGINT NOT NULL CHECK (used >= 0),                -- images this month
    reset_ms BIGINT NOT NULL,                              -- first moment of the next month, UTC
    allowance BIGINT NOT NULL CHECK (allowance >= 0),      -- credits granted for this month
    retention_days BIGINT NOT NULL CHECK (retention_days > 0),
    is_suspended BIGINT NOT NULL CHECK (is_suspended IN (0, 1)),
    created_ms BIGINT NOT NULL
);

CREATE INDEX tenants_by_reset ON tenants (reset_ms);

CREATE TABLE users (
    id TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT REFERENCES tenants (id),                -- NULL: of the house
    email TEXT NOT NULL UNIQUE,                            -- in small letters
    name TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('viewer', 'editor', 'owner', 'admin')),
    password TEXT,                                         -- argon2id, or bcrypt until the next sign-in; NULL: cannot sign in by password
    is_disabled BIGINT NOT NULL CHECK (is_disabled IN (0, 1)),
    created_ms BIGINT NOT NULL,
    seen_ms BIGINT NOT NULL,
    CHECK ((tenant_id IS NULL) = (role = 'admin'))
);

CREATE INDEX users_by_tenant ON users (tenant_id, id);

CREATE TABLE api_keys (
    id TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT REFERENCES tenants (id),                -- NULL: of the house
    user_id TEXT REFERENCES users (id),
    name TEXT NOT NULL,
    hint TEXT NOT NULL,
    hash TEXT NOT NULL UNIQUE,                             -- SHA-256 of the key
    role TEXT NOT NULL CHECK (role IN ('viewer', 'editor', 'owner', 'admin')),
    scopes TEXT NOT NULL,
    created_ms BIGINT NOT NULL,
    expires_ms BIGINT NOT NULL,
    used_ms BIGINT NOT NULL,
    revoked_ms BIGINT NOT NULL,
    CHECK ((tenant_id IS NULL) = (role = 'admin'))
);

CREATE INDEX api_keys_by_tenant ON api_keys (tenant_id, id);
CREATE INDEX api_keys_by_user ON api_keys (user_id);

CREATE TABLE sessions (
    id TEXT NOT NULL PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id),
    hash TEXT NOT NULL UNIQUE,                             -- SHA-256 of the token
    created_ms BIGINT NOT NULL,
    used_ms BIGINT NOT NULL,
    expires_ms BIGINT NOT NULL
);

CREATE INDEX sessions_by_user ON sessions (user_id);
CREATE INDEX sessions_by_end ON sessions (expires_ms);

CREATE TABLE audit (
    id TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT,                                        -- no reference: it outlives what it speaks of
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT,
    address TEXT,
    detail TEXT,
    at_ms BIGINT NOT NULL
);

CREATE INDEX audit_by_tenant ON audit (tenant_id, id);

CREATE TABLE replays (
    tenant_id TEXT NOT NULL,                               -- '' for the house
    key TEXT NOT NULL,
    request TEXT NOT NULL,                                 -- hash
    status BIGINT NOT NULL,                                -- 0: still being answered
    body TEXT,
    begun_ms BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, key)
);

CREATE INDEX replays_by_age ON replays (begun_ms);
