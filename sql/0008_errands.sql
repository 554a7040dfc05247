-- What is asked of vendors and must outlive the process that asks; news that vendors send; and tenants' own keys, sealed.

-- The request that was begun under a key: asked for again after a crash, it is found instead of paid for twice.
CREATE TABLE errands (
    key TEXT NOT NULL,
    vendor TEXT NOT NULL,
    request TEXT NOT NULL,
    begun_ms BIGINT NOT NULL,
    PRIMARY KEY (key, vendor)
);

CREATE INDEX errands_by_age ON errands (begun_ms);

-- Webhooks that came, each once however often it was sent; one may come before its errand is kept.
CREATE TABLE errand_news (
    vendor TEXT NOT NULL,
    request TEXT NOT NULL,
    told_ms BIGINT NOT NULL,
    is_heard BIGINT NOT NULL,                              -- by who waited for it
    PRIMARY KEY (vendor, request)
);

CREATE INDEX errand_news_by_age ON errand_news (told_ms);

CREATE TABLE tenant_keys (
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    vendor TEXT NOT NULL,
    sealed TEXT NOT NULL,
    hint TEXT NOT NULL,                                    -- its last four letters
    created_ms BIGINT NOT NULL,
    used_ms BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, vendor)
);
