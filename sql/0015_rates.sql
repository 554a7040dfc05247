-- How many requests a minute all keys of a tenant may make together.

ALTER TABLE tenants ADD COLUMN requests_a_minute BIGINT NOT NULL DEFAULT 0 CHECK (requests_a_minute >= 0); -- 0: its plan's
