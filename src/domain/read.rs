//! The whole reading of one mail, from its bytes to the [`Gist`] that is kept: one function, one
//! order of steps. Pure, so that a chunk of mails runs on all cores outside any transaction.

use jiff::Timestamp;

use super::gist::{Assessment, Authentication, Gist, Kind, Pitch, RecruiterVerdict};
use super::ident::{Address, BaseSubject, MessageId, NamedAddress};
use super::inbound::{self, Inbound};
use super::{classify, command, language, marks, matching, recruiter, reply_text, tone};

/// Text that is kept of a mail, in characters.
const KEPT_TEXT: usize = 4000;

/// Reads one mail. `received` is the server's INTERNALDATE (or the best date known), from which
/// relative dates in the text are counted.
pub fn read(raw: &[u8], received: Timestamp) -> Gist {
    let mut mail = inbound::parse(raw);
    references(&mut mail);
    let other_ids = other_ids(&mut mail);
    let mut text = reply_text::split(&mail);
    // what is kept of a mail never holds a token of the daily mail, only its hash
    let tokens = command::hashes(&format!("{}\n{}", mail.subject, text.own));
    mail.subject = command::redact(&mail.subject);
    text.own = command::redact(&text.own);
    text.marked = text.marked.as_deref().map(command::redact);
    let mut class = classify::classify(&mail, &text, received);
    if let Some(bounce) = &mut class.bounce {
        bounce.original_subject = bounce.original_subject.as_deref().map(command::redact);
    }
    let written = matches!(class.kind, Kind::Human | Kind::OutOfOffice);
    // nothing asks in which language a machine wrote
    let language = if written { language::of(&text.own) } else { None };
    let tone = written.then(|| tone::tone(&text.own, &mail.subject, language.as_deref(), received));
    // what no person wrote is no pitch, and what is no pitch pitches nothing
    let recruiter = match class.kind {
        Kind::Human => recruiter::assess(&mail, &text, language.as_deref()),
        _ => Assessment::default(),
    };
    let pitch = match recruiter.verdict {
        RecruiterVerdict::NotRecruiter => Pitch::default(),
        RecruiterVerdict::Recruiter | RecruiterVerdict::Unsure => recruiter::pitch(&mail, &text),
    };
    let forward = reply_text::is_forward(&mail, &text);
    let shingles = matching::shingles(if text.quoted.is_empty() { &text.own } else { &text.quoted });
    let relayed = mail.header("received").is_some();
    let own_shingles = if relayed { Vec::new() } else { matching::shingles(&text.own) };
    Gist {
        base_subject: BaseSubject::of(&mail.subject),
        kind: class.kind,
        kind_because: class.because,
        bounce: class.bounce,
        out_of_office: class.out_of_office,
        quoted_ids: class.quoted_ids,
        quoted_addresses: text.quoted_addresses,
        tone,
        marks: marks::of(&mail),
        spam: marks::is_spam(&mail),
        forward,
        thread_index: thread_index(&mail),
        shingles,
        own_shingles,
        text: text.own.chars().take(KEPT_TEXT).collect(),
        marked: text.marked,
        tokens,
        language,
        auto_submitted: marks::is_auto_submitted(&mail),
        authentication: authentication(&mail),
        came: came(&mail),
        relayed,
        recruiter,
        pitch,
        other_ids,
        message_id: mail.message_id,
        digest: mail.digest,
        from: mail.from.into_iter().next(),
        sender: mail.sender.map(|sender| sender.address),
        reply_to: mail.reply_to.into_iter().map(|entry: NamedAddress| -> Address { entry.address }).collect(),
        return_path: mail.return_path,
        to: mail.to,
        cc: mail.cc,
        bcc: mail.bcc,
        in_reply_to: mail.in_reply_to,
        references: mail.references,
        subject: mail.subject,
        date: mail.date,
        defects: mail.defects,
    }
}

/// Ids that servers which rewrite the Message-ID keep of the old one, and the token of the thread that
/// a mail of ours begins with the id it was made of (mail-rules §C1). The token leaves `References`: a
/// mail that answers nothing is a new thread.
fn other_ids(mail: &mut Inbound) -> Vec<MessageId> {
    let fields =
        ["x-microsoft-original-message-id", "x-google-original-message-id", "origin-messageid", "x-mailin-eid"];
    let mut ids: Vec<MessageId> =
        fields.into_iter().flat_map(|name| mail.header_values(name)).flat_map(MessageId::parse_list).collect();
    let author = mail.author().map(|author| author.address.domain());
    let begun = |token: &MessageId| token.of_thread_token().filter(|id| id.domain() == author);
    if let [token] = mail.references.as_slice()
        && mail.in_reply_to.is_empty()
        && let Some(first) = begun(token)
    {
        ids.extend([token.clone(), first].into_iter().filter(|id| Some(id) != mail.message_id.as_ref()));
        mail.references.clear();
    }
    ids
}

/// Fields by which Exchange names the mail that is answered (mail-rules §C2.2): nearest parent last.
fn references(mail: &mut Inbound) {
    let parents = ["x-ms-exchange-parent-message-id", "x-parent-message-id"];
    let named: Vec<MessageId> =
        parents.into_iter().flat_map(|name| mail.header_values(name)).flat_map(MessageId::parse_list).collect();
    for id in named {
        if !mail.references.contains(&id) && !mail.in_reply_to.contains(&id) {
            mail.references.push(id);
        }
    }
}

/// The date of the topmost `Received` (RFC 5321 §4.4), else `Date`.
fn came(mail: &Inbound) -> Option<Timestamp> {
    let stamped = mail.header("received").and_then(|field| field.rsplit_once(';')).and_then(|(_, date)| {
        let parsed = mail_parser::DateTime::parse_rfc822(date.trim())?;
        parsed.is_valid().then(|| Timestamp::from_second(parsed.to_timestamp()).ok()).flatten()
    });
    stamped.or(mail.date)
}

/// The GUID in the first 22 bytes of `Thread-Index` (MS-OXOMSG 2.2.1.3).
fn thread_index(mail: &Inbound) -> Option<String> {
    use base64::Engine as _;
    let text: String = mail.header("thread-index")?.split_whitespace().collect();
    let bytes = base64::engine::general_purpose::STANDARD.decode(text).ok()?;
    let guid = bytes.get(6..22)?;
    Some(guid.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// The topmost `Authentication-Results` (RFC 8601): the only one that the user's own provider is
/// sure to have written.
fn authentication(mail: &Inbound) -> Option<Authentication> {
    let field = mail.header("authentication-results")?;
    let (id, results) = field.split_once(';').unwrap_or((field, ""));
    let authserv_id = id.split_whitespace().next()?.to_lowercase();
    let dmarc_fail = results.split(';').any(|result| {
        let lower = result.trim().to_lowercase();
        lower
            .strip_prefix("dmarc")
            .map(str::trim_start)
            .and_then(|rest| rest.strip_prefix('='))
            .is_some_and(|value| value.trim_start().starts_with("fail"))
    });
    Some(Authentication { authserv_id, dmarc_fail })
}
