-- A request that may come twice keeps what it made in the transaction that makes it, so that one whose answer was never kept is not carried
-- out again. That takes the place of request_key of projects, batches and packs, which nothing writes or reads any more.

ALTER TABLE replays ADD COLUMN made TEXT;                  -- NULL until then
