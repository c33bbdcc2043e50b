-- Which mail asks for silence: what is corrected of that mail, or taken back, lifts it again.
CREATE TABLE suppression_before AS SELECT entry, because, at FROM suppression;
DROP TABLE suppression;

-- Never written to by machine, beside the config's list.
CREATE TABLE suppression (
    entry   TEXT NOT NULL,                        -- address or domain
    message INTEGER NOT NULL DEFAULT 0,           -- the mail that asks for it; 0: your word
    because TEXT NOT NULL,
    at      TEXT NOT NULL,
    PRIMARY KEY (entry, message)
) STRICT;

INSERT INTO suppression (entry, because, at) SELECT entry, because, at FROM suppression_before;
DROP TABLE suppression_before;

CREATE TRIGGER never_replans AFTER INSERT ON suppression BEGIN
    UPDATE outreach SET unplanned = 1 WHERE id IN (SELECT outreach FROM follow_up WHERE state <> 'done');
END;
CREATE TRIGGER never_again_replans AFTER DELETE ON suppression BEGIN
    UPDATE outreach SET unplanned = 1 WHERE id IN (SELECT outreach FROM follow_up WHERE state <> 'done');
END;
