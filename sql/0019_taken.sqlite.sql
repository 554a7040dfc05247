-- What an administrator takes back has a kind of its own: it has not expired. What was taken before keeps the word it was written down with.

CREATE TABLE ledger_entries_new (
    id TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT NOT NULL REFERENCES purses (tenant_id),
    number BIGINT NOT NULL CHECK (number > 0),
    kind TEXT NOT NULL CHECK (kind IN ('grant', 'expire', 'take', 'hold', 'capture', 'release')),
    key TEXT NOT NULL,
    reason TEXT NOT NULL,
    subject TEXT,
    hold_id TEXT REFERENCES ledger_holds (id),
    credits BIGINT NOT NULL CHECK (credits >= 0),
    balance BIGINT NOT NULL,
    held BIGINT NOT NULL CHECK (held >= 0),
    at_ms BIGINT NOT NULL,
    CHECK ((hold_id IS NOT NULL) = (kind IN ('hold', 'capture', 'release')))
);

INSERT INTO ledger_entries_new
    SELECT id, tenant_id, number, kind, key, reason, subject, hold_id, credits, balance, held, at_ms FROM ledger_entries;

DROP TABLE ledger_entries;
ALTER TABLE ledger_entries_new RENAME TO ledger_entries;

CREATE UNIQUE INDEX ledger_entries_by_number ON ledger_entries (tenant_id, number);
CREATE UNIQUE INDEX ledger_entries_by_key ON ledger_entries (tenant_id, key);
CREATE INDEX ledger_entries_by_hold ON ledger_entries (hold_id);
CREATE INDEX ledger_entries_spent ON ledger_entries (tenant_id, at_ms) WHERE kind = 'capture';

CREATE TRIGGER ledger_entries_stay BEFORE UPDATE ON ledger_entries
BEGIN
    SELECT RAISE(ABORT, 'entries are only ever added');
END;

CREATE TRIGGER ledger_entries_kept BEFORE DELETE ON ledger_entries
BEGIN
    SELECT RAISE(ABORT, 'entries are only ever added');
END;
