-- The mail whose commands a decision was one of: undo takes back all of them.
ALTER TABLE decision ADD COLUMN batch INTEGER REFERENCES message (id);

-- A daily mail that was settled keeps no token.
UPDATE outbox SET html = NULL, bytes = NULL, subject = substr(subject, 1, instr(subject, ' [cb-') - 1)
WHERE errand = 'digest' AND instr(subject, ' [cb-') > 0 AND state IN ('sent', 'failed', 'cancelled');
