-- Pictures from words: requests and what they gave (for 30 days), budgets by month, and what was used.
--
-- user_id is who is counted: a user, or the key of who comes without one; '' is the whole organisation (tenant). Times are milliseconds
-- since 1970, 0 is not yet; money is in millionths of a dollar.

CREATE TABLE arts (
    id TEXT PRIMARY KEY NOT NULL,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    user_id TEXT NOT NULL,
    door TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('generate', 'edit', 'variation')),
    state TEXT NOT NULL CHECK (state IN ('running', 'completed', 'failed')),
    model TEXT NOT NULL,                                   -- as asked
    vendor TEXT NOT NULL,                                  -- who drew, by which model of its own
    served TEXT NOT NULL,
    prompt TEXT NOT NULL,
    size TEXT NOT NULL,
    quality TEXT NOT NULL,
    words TEXT,                                            -- the prompt as the vendor rewrote it
    note TEXT,
    error TEXT,
    is_downgraded BIGINT NOT NULL,
    hold_id TEXT NOT NULL,
    credits BIGINT NOT NULL,
    month_ms BIGINT NOT NULL,                              -- whose budgets are used
    reserved_tokens BIGINT NOT NULL,
    pictures BIGINT NOT NULL,
    text_tokens_in BIGINT NOT NULL,
    image_tokens_in BIGINT NOT NULL,
    text_tokens_out BIGINT NOT NULL,
    image_tokens_out BIGINT NOT NULL,
    tokens BIGINT NOT NULL,
    cost_micro_usd BIGINT NOT NULL,
    took_ms BIGINT NOT NULL,
    created_ms BIGINT NOT NULL,
    until_ms BIGINT NOT NULL,                              -- whoever makes it is dead by then
    expires_ms BIGINT NOT NULL,
    request_key TEXT,                                      -- what the customer calls the request
    request TEXT NOT NULL,                                 -- hash of what was asked
    UNIQUE (tenant_id, request_key)
);

CREATE INDEX arts_by_tenant ON arts (tenant_id, id);
CREATE INDEX arts_running ON arts (until_ms) WHERE state = 'running';
CREATE INDEX arts_by_end ON arts (expires_ms);

-- Their bytes are assets that go with them.
CREATE TABLE art_pictures (
    art_id TEXT NOT NULL REFERENCES arts (id) ON DELETE CASCADE,
    number BIGINT NOT NULL,
    key TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    filetype TEXT NOT NULL,
    width_px BIGINT NOT NULL,
    height_px BIGINT NOT NULL,
    changed DOUBLE PRECISION NOT NULL,
    PRIMARY KEY (art_id, number)
);

CREATE INDEX art_pictures_by_bytes ON art_pictures (sha256);

-- Limits that somebody has set; -1 is none.
CREATE TABLE budgets (
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    user_id TEXT NOT NULL,
    month_micro_usd BIGINT NOT NULL,
    month_tokens BIGINT NOT NULL,
    alert_percent BIGINT NOT NULL,
    downgrade_percent BIGINT NOT NULL,
    changed_ms BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, user_id)
);

-- What a month has taken of them, and what is set aside for requests under way.
CREATE TABLE budget_months (
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    user_id TEXT NOT NULL,
    month_ms BIGINT NOT NULL,
    used_micro_usd BIGINT NOT NULL CHECK (used_micro_usd >= 0),
    used_tokens BIGINT NOT NULL CHECK (used_tokens >= 0),
    used_requests BIGINT NOT NULL CHECK (used_requests >= 0),
    reserved_micro_usd BIGINT NOT NULL CHECK (reserved_micro_usd >= 0),
    reserved_tokens BIGINT NOT NULL CHECK (reserved_tokens >= 0),
    PRIMARY KEY (tenant_id, user_id, month_ms)
);

CREATE TABLE budget_alerts (
    id TEXT PRIMARY KEY NOT NULL,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    user_id TEXT NOT NULL,
    month_ms BIGINT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('alert', 'downgrade', 'spent')),
    percent BIGINT NOT NULL,
    at_ms BIGINT NOT NULL,
    UNIQUE (tenant_id, user_id, month_ms, kind)
);

CREATE INDEX budget_alerts_by_tenant ON budget_alerts (tenant_id, id);

-- What was used, summed up as it happens: by day for reports, and from the beginning for metrics.
CREATE TABLE art_days (
    tenant_id TEXT NOT NULL,
    day BIGINT NOT NULL,                                   -- since 1970, UTC
    user_id TEXT NOT NULL,
    model TEXT NOT NULL,
    requests BIGINT NOT NULL,
    failures BIGINT NOT NULL,
    pictures BIGINT NOT NULL,
    tokens BIGINT NOT NULL,
    cost_micro_usd BIGINT NOT NULL,
    credits BIGINT NOT NULL,
    took_ms BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, day, user_id, model)
);

CREATE INDEX art_days_by_day ON art_days (day);

CREATE TABLE art_totals (
    tenant_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    model TEXT NOT NULL,
    requests BIGINT NOT NULL,
    failures BIGINT NOT NULL,
    pictures BIGINT NOT NULL,
    tokens BIGINT NOT NULL,
    cost_micro_usd BIGINT NOT NULL,
    credits BIGINT NOT NULL,
    took_ms BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, user_id, model)
);

CREATE INDEX art_totals_by_cost ON art_totals (cost_micro_usd, credits);
