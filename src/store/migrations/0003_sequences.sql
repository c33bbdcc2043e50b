-- Sequences: what happened beside mail, where people live, and what an answer suggests.

-- What steps can follow beside mail of ours.
CREATE TABLE happened (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    outreach INTEGER NOT NULL REFERENCES outreach (id),
    event    TEXT NOT NULL,
    at       TEXT NOT NULL,                       -- when it was or will be
    who      TEXT NOT NULL DEFAULT '',            -- introduced: to whom
    noted_at TEXT NOT NULL,
    UNIQUE (outreach, event, at),
    CHECK (event IN ('meeting', 'introduced', 'agreed'))
) STRICT;
CREATE TRIGGER happened_replans AFTER INSERT ON happened BEGIN
    UPDATE outreach SET unplanned = 1 WHERE id = new.outreach;
END;
CREATE TRIGGER happened_not_replans AFTER DELETE ON happened BEGIN
    UPDATE outreach SET unplanned = 1 WHERE id = old.outreach;
END;

-- The zone in which somebody reads their mail, by the user's word.
ALTER TABLE address ADD COLUMN zone TEXT;
CREATE TRIGGER zone_replans AFTER UPDATE OF zone ON address BEGIN
    UPDATE outreach SET unplanned = 1 WHERE id IN (SELECT outreach FROM outreach_person WHERE key = new.key);
END;

-- What the tone of an answer suggests to do next. Decided by a person.
CREATE TABLE next_step (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    outreach INTEGER NOT NULL REFERENCES outreach (id),
    message  INTEGER NOT NULL REFERENCES message (id),   -- the answer
    step     TEXT NOT NULL,                       -- JSON
    because  TEXT NOT NULL,
    at       TEXT NOT NULL,
    state    TEXT NOT NULL DEFAULT 'open',        -- gone: the user dealt with it, or the answer was read anew
    UNIQUE (outreach, message),
    CHECK (state IN ('open', 'accepted', 'refused', 'gone'))
) STRICT;
CREATE INDEX next_step_open ON next_step (id) WHERE state = 'open';
-- A step follows from tags and touches too.
CREATE TRIGGER tag_replans AFTER INSERT ON outreach_tag BEGIN
    UPDATE outreach SET unplanned = 1 WHERE id = new.outreach;
END;
CREATE TRIGGER tag_gone_replans AFTER DELETE ON outreach_tag BEGIN
    UPDATE outreach SET unplanned = 1 WHERE id = old.outreach;
END;
