-- What a shop will miss in the pictures of a pack, and a tenant's packs in their order.

ALTER TABLE packs ADD COLUMN warnings TEXT;                -- sentences, marked (base/said.h), as JSON; NULL until it is there

CREATE INDEX packs_by_tenant ON packs (tenant_id, id);
