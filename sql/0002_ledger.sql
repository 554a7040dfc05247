-- Credits: a purse for each tenant, what is set aside for work, every move; and what work has cost us.
--
-- One credit is one US cent. A purse is what its entries sum up to. Entries are only ever added.

CREATE TABLE purses (
    tenant_id TEXT NOT NULL PRIMARY KEY,
    balance BIGINT NOT NULL,
    held BIGINT NOT NULL CHECK (held >= 0),
    line BIGINT NOT NULL CHECK (line >= 0),
    entries BIGINT NOT NULL CHECK (entries >= 0),          -- how many there are, which numbers the next
    CHECK (balance + line - held >= 0)
);

CREATE TABLE ledger_holds (
    id TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES purses (tenant_id),
    credits BIGINT NOT NULL CHECK (credits >= 0),
    reason TEXT NOT NULL,
    subject TEXT,
    state TEXT NOT NULL CHECK (state IN ('open', 'captured', 'released')),
    made_ms BIGINT NOT NULL,
    ended_ms BIGINT NOT NULL
);

CREATE INDEX ledger_holds_open ON ledger_holds (tenant_id, id) WHERE state = 'open';

CREATE TABLE ledger_entries (
    id TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES purses (tenant_id),
    number BIGINT NOT NULL CHECK (number > 0),             -- in the order in which the purse was changed
    kind TEXT NOT NULL CHECK (kind IN ('grant', 'expire', 'hold', 'capture', 'release')),
    key TEXT NOT NULL,                                     -- the end of a hold has the hold's id, so there can be one alone
    reason TEXT NOT NULL,
    subject TEXT,
    hold_id TEXT REFERENCES ledger_holds (id),
    credits BIGINT NOT NULL CHECK (credits >= 0),
    balance BIGINT NOT NULL,                               -- of the purse after it
    held BIGINT NOT NULL CHECK (held >= 0),
    at_ms BIGINT NOT NULL,
    CHECK ((hold_id IS NOT NULL) = (kind IN ('hold', 'capture', 'release')))
);

CREATE UNIQUE INDEX ledger_entries_by_number ON ledger_entries (tenant_id, number);
CREATE UNIQUE INDEX ledger_entries_by_key ON ledger_entries (tenant_id, key);
CREATE INDEX ledger_entries_by_hold ON ledger_entries (hold_id);
CREATE INDEX ledger_entries_spent ON ledger_entries (tenant_id, at_ms) WHERE kind = 'capture';

CREATE TABLE usage_events (
    id TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT NOT NULL,
    project_id TEXT,
    run_id TEXT,
    kind TEXT NOT NULL,
    cost_micro_usd BIGINT NOT NULL CHECK (cost_micro_usd >= 0),
    detail TEXT,
    at_ms BIGINT NOT NULL
);

CREATE INDEX usage_events_by_tenant ON usage_events (tenant_id, at_ms);

-- The events of a day, summed up as they come: a page of usage costs as many rows as it has days.
CREATE TABLE usage_days (
    tenant_id TEXT NOT NULL,
    day BIGINT NOT NULL,                                   -- since 1970, UTC
    images BIGINT NOT NULL CHECK (images >= 0),
    cost_micro_usd BIGINT NOT NULL CHECK (cost_micro_usd >= 0),
    PRIMARY KEY (tenant_id, day)
);
