-- Several things may be bought at once: each is counted under its own name.

ALTER TABLE deeds ADD COLUMN parts TEXT;                   -- "cutout:5 backdrop_solid:10": names of Prices, and what each is listed at; NULL: FEATURE alone
