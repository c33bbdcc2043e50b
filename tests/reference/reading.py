#!/usr/bin/env python3
"""What other tools make of the same mail; docs/accuracy.md sets the figures beside ours.

    pip install flufl.bounce mail-parser-reply email-reply-parser
    reading.py bounces FOLDER    *.eml, and labels.jsonl with "file", "label" (bounce…) and "failed_rcpt"
    reading.py notices FILE      tests/fixtures/bounces/notices.jsonl
    reading.py replies FILE      tests/fixtures/replies/replies.jsonl (those with text: neither tool reads HTML)
"""
import email
import json
import pathlib
import sys


def rows(path):
    return [json.loads(line) for line in open(path, encoding="utf-8") if line.strip()]


def failed(raw):
    from flufl.bounce import all_failures

    try:
        temporary, permanent = all_failures(email.message_from_bytes(raw))
    except Exception as error:  # it does not survive every mail; that counts as nothing found
        print(f"flufl.bounce fails: {error!r}", file=sys.stderr)
        return set()
    return {address.decode("utf-8", "replace").lower() for address in temporary | permanent}


def share(name, good, of):
    print(f"{name:<52} {good:>4} of {of:<4} {100 * good / of if of else 0:5.1f} %")


def bounces(folder):
    folder = pathlib.Path(folder)
    seen = bounce = wanted = named = others = false = 0
    for row in rows(folder / "labels.jsonl"):
        found = failed((folder / row["file"]).read_bytes())
        if row["label"].startswith("bounce"):
            bounce, seen = bounce + 1, seen + bool(found)
            expected = {address.strip("<> ").lower() for address in row.get("failed_rcpt") or []}
            if expected:
                wanted, named = wanted + 1, named + bool(expected & found)
        else:
            others, false = others + 1, false + bool(found)
    share("flufl.bounce: a bounce is seen as one", seen, bounce)
    share("flufl.bounce: failed recipient found", named, wanted)
    share("flufl.bounce: other mail taken for a bounce", false, others)


def notices(path):
    all_rows = rows(path)
    found = [failed(row["mail"].replace("\n", "\r\n").encode()) for row in all_rows]
    share("flufl.bounce: a notice is seen as one", sum(map(bool, found)), len(found))
    named = [{row["recipient"]} == addresses for row, addresses in zip(all_rows, found)]
    share("flufl.bounce: exactly the failed recipient", sum(named), len(named))


def replies(path):
    from email_reply_parser import EmailReplyParser
    from mailparser_reply import EmailReplyParser as MailParserReply

    texts = [row for row in rows(path) if "text" in row]
    languages = ["en", "de", "fr", "es", "it", "nl", "pl", "sv", "da", "cs", "ja", "ko", "zh", "he"]

    def parsed(text):
        return MailParserReply(languages=languages).read(text=text).replies[0].body or ""

    for name, parse in (("email-reply-parser", EmailReplyParser.parse_reply), ("mail-parser-reply", parsed)):
        good = 0
        for row in texts:
            own = parse(row["text"])
            good += row["own"] in own and not any(words in own for words in row["not"])
        share(f"{name}: own words, and no others", good, len(texts))


if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[1] not in ("bounces", "notices", "replies"):
        sys.exit(__doc__)
    globals()[sys.argv[1]](sys.argv[2])
