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
