-- What an administrator takes back has a kind of its own: it has not expired. What was taken before keeps the word it was written down with.

ALTER TABLE ledger_entries DROP CONSTRAINT ledger_entries_kind_check;
ALTER TABLE ledger_entries ADD CONSTRAINT ledger_entries_kind_check
    CHECK (kind IN ('grant', 'expire', 'take', 'hold', 'capture', 'release'));
