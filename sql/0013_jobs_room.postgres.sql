-- Jobs are written to again and again while they are underway.
ALTER TABLE jobs SET (
    fillfactor = 70, -- room for heartbeats on the same page
    autovacuum_vacuum_scale_factor = 0.02,
    autovacuum_vacuum_threshold = 1000
);
