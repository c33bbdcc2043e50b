-- The background service: what a person sends, follow-ups, the daily mail, commands to the service.

ALTER TABLE account ADD COLUMN limited_until TEXT;   -- the provider takes no more mail before then
ALTER TABLE account ADD COLUMN warned_at TEXT;       -- the user was told by mail that it is stale; NULL: it is not

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
CREATE INDEX outbox_outreach ON outbox (outreach) WHERE outreach IS NOT NULL;

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

-- Words that a person put on an outreach, to break the report down by.
CREATE TABLE outreach_tag (
    outreach INTEGER NOT NULL REFERENCES outreach (id),
    tag      TEXT NOT NULL,
    PRIMARY KEY (outreach, tag)
) STRICT, WITHOUT ROWID;

-- The experiment for which the template was drawn by lot; NULL: a person chose it.
ALTER TABLE outreach ADD COLUMN drawn_from TEXT;

-- Of those it asked, the first that is known: reports need no look at addresses.
ALTER TABLE outreach ADD COLUMN first_organisation TEXT;
UPDATE outreach SET first_organisation = (
    SELECT organisation FROM outreach_person JOIN address USING (key)
    WHERE outreach = outreach.id AND organisation IS NOT NULL ORDER BY key LIMIT 1);
CREATE TRIGGER outreach_knows_its_organisation AFTER INSERT ON outreach_person BEGIN
    UPDATE outreach SET first_organisation = (SELECT organisation FROM address WHERE key = NEW.key)
    WHERE id = NEW.outreach AND first_organisation IS NULL;
END;

-- Steps are in order of time, so that the touch of step 0 is the outreach's first.
UPDATE touch SET step = (SELECT count(*) FROM touch AS before
    WHERE before.outreach = touch.outreach AND (before.at, before.message) < (touch.at, touch.message));

-- What reports and lists read, so that they do not grow with the mailbox.
DROP INDEX outreach_first_touch;
CREATE INDEX outreach_rate ON outreach (first_touch_at, account_id, first_response_at, fate, stage, channel, source,
                                        template, first_organisation, drawn_from);
CREATE INDEX touch_later ON touch (outreach, at, step) WHERE step > 0;
CREATE INDEX matched_machine ON matched (kind, outreach, level) WHERE kind <> 'human';
CREATE INDEX matched_candidate ON matched (outreach) WHERE level = 'candidate' AND kind = 'human';
CREATE INDEX proposal_open ON proposal (message) WHERE state = 'open';
