-- The background service: what a person sends, follow-ups, the daily mail, commands to the service.

ALTER TABLE account ADD COLUMN limited_until TEXT;   -- the provider takes no more mail before then
ALTER TABLE account ADD COLUMN warned_at TEXT;       -- the user was told by mail that it is stale; NULL: it is not

-- An account whose very first read failed: it is opened, and its row goes, when one succeeds.
CREATE TABLE unopened (
    name      TEXT PRIMARY KEY,
    since     TEXT NOT NULL,
    error     TEXT NOT NULL,
    warned_at TEXT                                -- the user was told by mail
) STRICT;

-- The sequence that an outreach is enrolled in, or 'none'; NULL: not decided yet.
ALTER TABLE outreach ADD COLUMN sequence TEXT;
ALTER TABLE outreach ADD COLUMN automatic INTEGER NOT NULL DEFAULT 0;     -- 1: not sent from here, and released by the user
ALTER TABLE outreach ADD COLUMN heeded_mail INTEGER NOT NULL DEFAULT 0;   -- the user said to go on: mail up to this row pauses no more
ALTER TABLE outreach ADD COLUMN heeded_at TEXT;                           -- … and when
ALTER TABLE outreach ADD COLUMN unplanned INTEGER NOT NULL DEFAULT 1;     -- 1: something changed that its follow-ups hang on
CREATE INDEX outreach_unplanned ON outreach (id) WHERE unplanned = 1;

-- What a mail of ours is: answer (to an inquiry, by machine), follow_up (by machine), own (a person sent
-- it), digest (to the user).
ALTER TABLE outbox ADD COLUMN errand TEXT NOT NULL DEFAULT 'answer'
    CHECK (errand IN ('answer', 'follow_up', 'own', 'digest'));
ALTER TABLE outbox ADD COLUMN html TEXT;
ALTER TABLE outbox ADD COLUMN outreach INTEGER REFERENCES outreach (id);  -- whose touch it will be
ALTER TABLE outbox ADD COLUMN step INTEGER NOT NULL DEFAULT 0;            -- step of the sequence
ALTER TABLE outbox ADD COLUMN sequence TEXT;         -- own: the outreach that it begins is enrolled there
ALTER TABLE outbox ADD COLUMN asks INTEGER NOT NULL DEFAULT 0;            -- own: 1: it begins an outreach
ALTER TABLE outbox ADD COLUMN policy INTEGER NOT NULL DEFAULT 0;          -- failed: refused, and not as a dead address
CREATE INDEX outbox_outreach ON outbox (outreach) WHERE outreach IS NOT NULL;
CREATE INDEX message_bounce ON message (received_at) WHERE kind = 'bounce';

-- One dated instance of a step of a sequence.
CREATE TABLE follow_up (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    outreach  INTEGER NOT NULL REFERENCES outreach (id),
    step      INTEGER NOT NULL,                   -- 1: the first after the first touch
    template  TEXT NOT NULL,
    action    TEXT NOT NULL,                      -- remind, draft, send
    due_at    TEXT NOT NULL,
    state     TEXT NOT NULL DEFAULT 'planned',
    because   TEXT NOT NULL,
    reason    TEXT NOT NULL DEFAULT '',           -- the same by its name
    settled_at TEXT,                              -- when it came into its state
    snoozed_until TEXT,                           -- not before, by the user's word
    subject   TEXT NOT NULL DEFAULT '',           -- finished when it is due
    text      TEXT NOT NULL DEFAULT '',
    outbox    INTEGER REFERENCES outbox (id),     -- the mail that was written for it
    UNIQUE (outreach, step),
    -- planned: its day has not come; due: the user is reminded of it; written: it lies in the outbox;
    -- paused: mail came that may change it; held: too late to go by itself; done: the touch was made;
    -- stopped: it will never be
    CHECK (state IN ('planned', 'due', 'written', 'paused', 'held', 'done', 'stopped')),
    CHECK (action IN ('remind', 'draft', 'send'))
) STRICT;
CREATE INDEX follow_up_open ON follow_up (due_at) WHERE state NOT IN ('done', 'stopped');

-- Answers of which a daily mail told.
CREATE TABLE told (
    message INTEGER NOT NULL REFERENCES message (id),
    outbox  INTEGER NOT NULL REFERENCES outbox (id),
    PRIMARY KEY (message, outbox)
) STRICT, WITHOUT ROWID;
-- Whatever changes what follow-ups hang on has them planned anew, whoever writes it.
CREATE TRIGGER touch_replans AFTER INSERT ON touch BEGIN
    UPDATE outreach SET unplanned = 1 WHERE id = new.outreach;
END;
CREATE TRIGGER match_replans AFTER INSERT ON matched BEGIN
    UPDATE outreach SET unplanned = 1 WHERE id IN
        (SELECT other.outreach FROM outreach_person AS asked JOIN outreach_person AS other USING (key)
         WHERE asked.outreach = new.outreach);
END;
CREATE TRIGGER match_changed_replans AFTER UPDATE ON matched BEGIN
    UPDATE outreach SET unplanned = 1 WHERE id IN
        (SELECT other.outreach FROM outreach_person AS asked JOIN outreach_person AS other USING (key)
         WHERE asked.outreach = new.outreach);
END;
CREATE TRIGGER match_gone_replans AFTER DELETE ON matched BEGIN
    UPDATE outreach SET unplanned = 1 WHERE id IN
        (SELECT other.outreach FROM outreach_person AS asked JOIN outreach_person AS other USING (key)
         WHERE asked.outreach = old.outreach);
END;
CREATE TRIGGER outreach_replans AFTER UPDATE OF stage, fate, first_response_at, sequence, automatic, heeded_mail ON outreach BEGIN
    UPDATE outreach SET unplanned = 1 WHERE id = new.id;
END;
CREATE TRIGGER message_replans AFTER INSERT ON message WHEN new.ours = 0 BEGIN
    UPDATE outreach SET unplanned = 1 WHERE id IN (SELECT outreach FROM outreach_person WHERE key = new.from_key);
END;
CREATE TRIGGER message_changed_replans AFTER UPDATE OF kind, gist ON message WHEN new.ours = 0 BEGIN
    UPDATE outreach SET unplanned = 1 WHERE id IN (SELECT outreach FROM outreach_person WHERE key = new.from_key);
END;
CREATE TRIGGER never_replans AFTER INSERT ON suppression BEGIN
    UPDATE outreach SET unplanned = 1 WHERE id IN (SELECT outreach FROM follow_up WHERE state <> 'done');
END;
CREATE TRIGGER never_again_replans AFTER DELETE ON suppression BEGIN
    UPDATE outreach SET unplanned = 1 WHERE id IN (SELECT outreach FROM follow_up WHERE state <> 'done');
END;
CREATE TRIGGER outbox_replans AFTER UPDATE OF state ON outbox WHEN new.outreach IS NOT NULL BEGIN
    UPDATE outreach SET unplanned = 1 WHERE id = new.outreach;
END;

-- Commands that were given while the service runs, and their outcome.
CREATE TABLE command (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    at       TEXT NOT NULL,
    command  TEXT NOT NULL,                       -- JSON
    state    TEXT NOT NULL DEFAULT 'waiting',
    outcome  TEXT,                                -- JSON
    CHECK (state IN ('waiting', 'taken', 'done', 'given_up'))
) STRICT;
CREATE INDEX command_waiting ON command (id) WHERE state = 'waiting';

-- A recruiter who may have one more automatic answer: the user said so then.
ALTER TABLE answered ADD COLUMN rearmed_at TEXT;
-- Words by which a person sorts outreach.
CREATE TABLE tag (
    outreach INTEGER NOT NULL REFERENCES outreach (id),
    tag      TEXT NOT NULL,
    PRIMARY KEY (outreach, tag)
) STRICT, WITHOUT ROWID;
ALTER TABLE outbox ADD COLUMN tags TEXT NOT NULL DEFAULT '[]';            -- own: JSON list for that outreach

-- What a person noted about somebody.
CREATE TABLE note (
    id   INTEGER PRIMARY KEY AUTOINCREMENT,
    key  TEXT NOT NULL REFERENCES address (key),
    at   TEXT NOT NULL,
    text TEXT NOT NULL
) STRICT;
CREATE INDEX note_key ON note (key);
