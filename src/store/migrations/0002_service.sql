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

-- The sequence that an outreach is enrolled in; NULL: none.
ALTER TABLE outreach ADD COLUMN sequence TEXT;

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
