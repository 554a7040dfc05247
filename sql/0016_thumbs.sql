-- Small pictures of what was made, beside the pictures themselves.
ALTER TABLE runs ADD COLUMN thumb_key TEXT;                            -- in the store; NULL: the picture is shown as it is
ALTER TABLE art_pictures ADD COLUMN thumb_key TEXT;
