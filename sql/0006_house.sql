-- What the house itself must remember: secrets that all its processes share.

CREATE TABLE house_secrets (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL,
    created_ms BIGINT NOT NULL
);
