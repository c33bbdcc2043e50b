-- The database of one workspace, as a new one is made. Kept true by a test: it is the sum of the
-- migrations under src/store/migrations.

-- Times are ISO 8601 in UTC with whole seconds, so that they sort as text; dates are YYYY-MM-DD.
-- An address "key" is the form in which two spellings of one mailbox are equal.

-- An account of the config, as far as reading it has come.
CREATE TABLE account (
    id               INTEGER PRIMARY KEY AUTOINCREMENT,
    name             TEXT NOT NULL UNIQUE,
    opened_at        TEXT NOT NULL,               -- first start: older mail is never answered
    last_read_at     TEXT,                        -- every folder was read up to then
    history_complete INTEGER NOT NULL DEFAULT 0,  -- Sent has been read to its beginning
    error            TEXT                         -- why the last read failed
) STRICT;

-- A folder of an account and the cursor in it.
CREATE TABLE mailbox (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id    INTEGER NOT NULL REFERENCES account (id),
    folder        TEXT NOT NULL,                  -- as the server names it
    role          TEXT NOT NULL,                  -- inbox, sent, junk, …
    uid_validity  INTEGER NOT NULL,
    cursor        INTEGER NOT NULL DEFAULT 0,     -- highest UID that was learnt
    start_uid     INTEGER NOT NULL,               -- mail below it lay there before the first start
    start_before  TEXT NOT NULL,                  -- mail received before then is older than the first start
    last_read_at  TEXT,
    UNIQUE (account_id, folder)
) STRICT;

-- A UID that the server did not hand out when it was asked: asked again later.
CREATE TABLE missing (
    mailbox_id INTEGER NOT NULL REFERENCES mailbox (id),
    uid        INTEGER NOT NULL,
    attempts   INTEGER NOT NULL DEFAULT 0,
    retry_at   TEXT NOT NULL,                     -- not asked again before
    because    TEXT NOT NULL,
    PRIMARY KEY (mailbox_id, uid)
) STRICT;

-- One mail, in whatever folders and accounts it lies. Identity: Message-ID, author and digest.
CREATE TABLE message (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    message_id   TEXT NOT NULL DEFAULT '',        -- without brackets; empty if there is none
    from_key     TEXT NOT NULL DEFAULT '',
    digest       TEXT NOT NULL,
    account_id   INTEGER NOT NULL REFERENCES account (id),
    ours         INTEGER NOT NULL,                -- 1: the user (or this program) wrote it
    role         TEXT NOT NULL,                   -- role of the folder it was first seen in
    received_at  TEXT NOT NULL,                   -- INTERNALDATE: how long it has lain there
    at           TEXT NOT NULL,                   -- when it came or was sent by its own header: order and rates
    kind         TEXT NOT NULL,
    base_subject TEXT NOT NULL,
    thread       TEXT NOT NULL DEFAULT '',        -- X-GM-THRID
    before_start INTEGER NOT NULL,                -- it lay there before the first start
    pending      INTEGER NOT NULL DEFAULT 1,      -- 1: learnt, not considered yet
    blocked_by   TEXT,                            -- JSON list of rules; NULL: never judged
    because      TEXT NOT NULL DEFAULT '',        -- what was made of it, in words
    gist         TEXT NOT NULL,                   -- JSON
    UNIQUE (message_id, from_key, digest)
) STRICT;
CREATE INDEX message_pending ON message (at, id) WHERE pending = 1;
CREATE INDEX message_from ON message (from_key, at);
CREATE INDEX message_judged ON message (at) WHERE blocked_by IS NOT NULL;
CREATE INDEX message_thread ON message (thread) WHERE thread <> '';

-- Where a mail lies or lay: that it left a folder is not told, so that the latest place counts.
CREATE TABLE location (
    mailbox_id INTEGER NOT NULL REFERENCES mailbox (id),
    uid        INTEGER NOT NULL,
    message    INTEGER NOT NULL REFERENCES message (id),
    nth        INTEGER NOT NULL,                  -- order in which the places of one mail were found
    PRIMARY KEY (mailbox_id, uid)
) STRICT, WITHOUT ROWID;
CREATE INDEX location_message ON location (message);

-- Ids that a mail names as its parents.
CREATE TABLE reference (
    message INTEGER NOT NULL REFERENCES message (id),
    parent  TEXT NOT NULL,
    PRIMARY KEY (parent, message)
) STRICT, WITHOUT ROWID;

-- Further ids of a mail of ours: servers that rewrite the Message-ID.
CREATE TABLE id_alias (
    message_id TEXT NOT NULL,
    message    INTEGER NOT NULL REFERENCES message (id),
    PRIMARY KEY (message_id, message)
) STRICT, WITHOUT ROWID;

-- A person we deal with.
CREATE TABLE person (
    id   INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL DEFAULT ''
) STRICT;

-- Everybody who ever wrote to us or was written to.
CREATE TABLE address (
    key          TEXT PRIMARY KEY,
    address      TEXT NOT NULL,
    person_id    INTEGER REFERENCES person (id),
    organisation TEXT,                            -- registrable domain; NULL for freemail
    first_out_at TEXT,                            -- the user first wrote to it by hand
    first_in_at  TEXT                             -- a human mail first came from it
) STRICT;
CREATE INDEX address_person ON address (person_id);

-- One pursuit: the unit of the response rate.
CREATE TABLE outreach (
    id                INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id        INTEGER NOT NULL REFERENCES account (id),
    root              TEXT NOT NULL UNIQUE,       -- Message-ID or digest of the first touch
    subject           TEXT NOT NULL,
    base_subject      TEXT NOT NULL,
    channel           TEXT NOT NULL DEFAULT 'mail',
    source            TEXT NOT NULL DEFAULT 'sent',
    template          TEXT,
    stage             TEXT NOT NULL DEFAULT 'contacted',
    fate              TEXT NOT NULL DEFAULT 'delivered', -- delivered, bounced, refused
    first_touch_at    TEXT NOT NULL,
    last_touch_at     TEXT NOT NULL,
    first_response_at TEXT,
    because           TEXT NOT NULL
) STRICT;
CREATE INDEX outreach_first_touch ON outreach (first_touch_at);

-- Whom an outreach asked.
CREATE TABLE outreach_person (
    outreach INTEGER NOT NULL REFERENCES outreach (id),
    key      TEXT NOT NULL REFERENCES address (key),
    address  TEXT NOT NULL,
    name     TEXT NOT NULL DEFAULT '',
    name_key TEXT,                                -- two spellings of one full name are equal in it
    failed   TEXT,                                -- bounce reason, if it could not be reached
    PRIMARY KEY (outreach, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX outreach_person_key ON outreach_person (key);
CREATE INDEX outreach_person_name ON outreach_person (name_key);

-- One message of ours inside an outreach.
CREATE TABLE touch (
    outreach INTEGER NOT NULL REFERENCES outreach (id),
    message  INTEGER NOT NULL REFERENCES message (id),
    at       TEXT NOT NULL,
    step     INTEGER NOT NULL,
    PRIMARY KEY (outreach, message)
) STRICT, WITHOUT ROWID;
CREATE INDEX touch_message ON touch (message);

-- Incoming mail joined to outreach, of whatever kind.
CREATE TABLE matched (
    outreach INTEGER NOT NULL REFERENCES outreach (id),
    message  INTEGER NOT NULL REFERENCES message (id),
    level    TEXT NOT NULL,                       -- sure, likely, candidate; refused by a person
    evidence TEXT NOT NULL,
    because  TEXT NOT NULL,
    kind     TEXT NOT NULL,
    tone     TEXT,
    at       TEXT NOT NULL,
    decided  INTEGER NOT NULL DEFAULT 0,          -- 1: a person said so
    PRIMARY KEY (outreach, message)
) STRICT, WITHOUT ROWID;
CREATE INDEX matched_message ON matched (message);

-- New threads in Sent that may be outreach: the user decides.
CREATE TABLE proposal (
    message  INTEGER PRIMARY KEY REFERENCES message (id),
    state    TEXT NOT NULL DEFAULT 'open',        -- open, accepted, rejected
    because  TEXT NOT NULL,
    at       TEXT NOT NULL
) STRICT;

-- What was decided of proposals, by address or domain.
CREATE TABLE remembered (
    subject  TEXT PRIMARY KEY,
    outreach INTEGER NOT NULL,                    -- 1: is outreach, 0: is not
    at       TEXT NOT NULL
) STRICT;

-- Recruiters met so far.
CREATE TABLE roster (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    key           TEXT NOT NULL UNIQUE,
    address       TEXT NOT NULL,
    name          TEXT NOT NULL DEFAULT '',
    agency        TEXT NOT NULL DEFAULT '',
    first_seen_at TEXT NOT NULL,
    last_seen_at  TEXT NOT NULL,
    pitches       INTEGER NOT NULL DEFAULT 0,
    answered_at   TEXT,
    check_back_on TEXT,                           -- the date that the answer promised
    returned_at   TEXT                            -- came back on or after that date
) STRICT;

-- What a recruiter pitched.
CREATE TABLE pitch (
    message  INTEGER PRIMARY KEY REFERENCES message (id),
    roster   INTEGER NOT NULL REFERENCES roster (id),
    at       TEXT NOT NULL,
    subject  TEXT NOT NULL,
    pitch    TEXT NOT NULL                        -- JSON
) STRICT;
CREATE INDEX pitch_roster ON pitch (roster, at);

-- Everybody who was ever answered by machine, under every name we would know them by.
CREATE TABLE answered (
    mark   TEXT NOT NULL,                         -- address key, thread root, or name and organisation
    root   TEXT NOT NULL,                         -- the mail that was answered
    outbox INTEGER REFERENCES outbox (id),        -- NULL: found in Sent
    at     TEXT NOT NULL,
    PRIMARY KEY (mark, root)
) STRICT, WITHOUT ROWID;

-- Mail that this program wrote. Text and headers are frozen when it is decided; the bytes are
-- rendered once, at the claim.
CREATE TABLE outbox (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    dedupe_key   TEXT NOT NULL UNIQUE,
    message_id   TEXT NOT NULL UNIQUE,
    account_id   INTEGER NOT NULL REFERENCES account (id),
    purpose      TEXT NOT NULL,
    mode         TEXT NOT NULL,                   -- send, draft
    inquiry      INTEGER REFERENCES message (id),
    sender       TEXT NOT NULL,                   -- own address
    sender_name  TEXT,
    recipient    TEXT NOT NULL,
    recipient_name TEXT,
    subject      TEXT NOT NULL,
    text         TEXT NOT NULL,
    in_reply_to  TEXT,
    refs         TEXT NOT NULL DEFAULT '[]',      -- JSON list of ids
    bytes        BLOB,
    state        TEXT NOT NULL,
    decided_at   TEXT NOT NULL,
    due_at       TEXT NOT NULL,
    approved     INTEGER NOT NULL DEFAULT 0,      -- a person released it: an unsure score no longer blocks
    attempts     INTEGER NOT NULL DEFAULT 0,
    claimed_at   TEXT,
    settled_at   TEXT,                            -- sent, failed, drafted or cancelled then
    because      TEXT NOT NULL DEFAULT '',
    copy         TEXT NOT NULL DEFAULT 'none',    -- copy in Sent: none, due, made, server
    CHECK (state IN ('held', 'queued', 'claimed', 'sending', 'sent', 'failed', 'unknown', 'drafted', 'cancelled'))
) STRICT;
CREATE INDEX outbox_state ON outbox (state, due_at);
CREATE INDEX outbox_inquiry ON outbox (inquiry);

-- What a person said of a mail, against what was read. The gist stays what was read: corrections are
-- laid over it whenever the mail is looked at, so that replaying gives the same.
CREATE TABLE correction (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    at        TEXT NOT NULL,
    message   INTEGER NOT NULL REFERENCES message (id), -- the mail it was said of
    field     TEXT NOT NULL,                      -- kind, tone, recruiter, outreach
    before    TEXT NOT NULL,                      -- the verdict as it was read
    after     TEXT NOT NULL,                      -- JSON
    scope     TEXT NOT NULL DEFAULT '',           -- sender whose like mail it is for; empty: this mail only
    undone_at TEXT
) STRICT;
CREATE INDEX correction_message ON correction (message) WHERE undone_at IS NULL;
CREATE INDEX correction_scope ON correction (scope) WHERE undone_at IS NULL AND scope <> '';

-- Every decision of a person with the rows it changed as they were before: what `undo` puts back.
CREATE TABLE decision (
    id     INTEGER PRIMARY KEY AUTOINCREMENT,
    at     TEXT NOT NULL,
    what   TEXT NOT NULL,                         -- corrected, approved, rejected, paused, …
    about  TEXT NOT NULL,                         -- in words
    before TEXT NOT NULL,                         -- JSON list of rows
    state  TEXT NOT NULL DEFAULT 'made',          -- made, undone; final: can't be undone any more
    CHECK (state IN ('made', 'undone', 'final'))
) STRICT;
CREATE INDEX decision_made ON decision (id) WHERE state = 'made';

-- Topmost authserv-ids seen, to learn which is the provider's own.
CREATE TABLE authserv (
    account_id INTEGER NOT NULL REFERENCES account (id),
    id         TEXT NOT NULL,
    seen       INTEGER NOT NULL,
    PRIMARY KEY (account_id, id)
) STRICT, WITHOUT ROWID;

-- Small values: paused, schema notes.
CREATE TABLE setting (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

-- Append only: what happened, what was decided, and why.
CREATE TABLE journal (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    at      TEXT NOT NULL,
    event   TEXT NOT NULL,
    subject TEXT NOT NULL,
    because TEXT NOT NULL
) STRICT;
CREATE TRIGGER journal_keeps_its_rows BEFORE DELETE ON journal BEGIN SELECT raise(ABORT, 'the journal is append only'); END;
CREATE TRIGGER journal_keeps_its_words BEFORE UPDATE ON journal BEGIN SELECT raise(ABORT, 'the journal is append only'); END;

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
-- Words that a person put on an outreach, to break the report down by.
CREATE TABLE outreach_tag (
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

-- The experiment for which the template was drawn by lot; NULL: a person chose it.
ALTER TABLE outreach ADD COLUMN drawn_from TEXT;
ALTER TABLE outbox ADD COLUMN drawn_from TEXT;       -- own: that of the outreach which it begins

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

-- What a daily mail offered to be decided by an answer to it, by the number that it printed.
CREATE TABLE offered (
    outbox     INTEGER NOT NULL REFERENCES outbox (id),  -- the daily mail
    number     INTEGER NOT NULL,
    item       TEXT NOT NULL,                            -- m4, p7, a3-9, f12
    generation TEXT NOT NULL,                            -- what it was then; another one is not meant
    used_at    TEXT,                                     -- decided by an answer, which is possible once
    PRIMARY KEY (outbox, number)
) STRICT, WITHOUT ROWID;

-- Tokens that were handed out in daily mails. Only their SHA-256 is kept.
CREATE TABLE token (
    hash       TEXT PRIMARY KEY,
    outbox     INTEGER NOT NULL REFERENCES outbox (id),  -- the daily mail
    number     INTEGER,                                  -- NULL: plain words about any of its items
    action     TEXT NOT NULL,                            -- as in a command: send, snooze 3d; '' for plain words
    expires_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Mails that bear a token: each is carried out once, and what was refused is told.
CREATE TABLE mail_command (
    message    INTEGER PRIMARY KEY REFERENCES message (id),
    at         TEXT NOT NULL,
    obeyed     INTEGER NOT NULL,                         -- 0: it lay elsewhere than in Sent, so far
    refused    TEXT NOT NULL,                            -- JSON list of sentences
    told       INTEGER REFERENCES outbox (id)            -- the daily mail that told of it
) STRICT;

-- The mail whose commands a decision was one of: undo takes back all of them.
ALTER TABLE decision ADD COLUMN batch INTEGER REFERENCES message (id);

-- Never written to by machine, beside the config's list.
CREATE TABLE suppression (
    entry   TEXT NOT NULL,                        -- address or domain
    message INTEGER NOT NULL DEFAULT 0,           -- the mail that asks for it; 0: your word
    because TEXT NOT NULL,
    at      TEXT NOT NULL,
    PRIMARY KEY (entry, message)
) STRICT;
CREATE TRIGGER never_replans AFTER INSERT ON suppression BEGIN
    UPDATE outreach SET unplanned = 1 WHERE id IN (SELECT outreach FROM follow_up WHERE state <> 'done');
END;
CREATE TRIGGER never_again_replans AFTER DELETE ON suppression BEGIN
    UPDATE outreach SET unplanned = 1 WHERE id IN (SELECT outreach FROM follow_up WHERE state <> 'done');
END;
