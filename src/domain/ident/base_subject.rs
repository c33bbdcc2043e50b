//! The subject that two mails of one thread share (RFC 5256 §2.1, and what clients of other
//! languages write).

use std::sync::LazyLock;

use regex::Regex;
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization as _;

/// A subject without reply and forward leads, list tags and case. For comparing only: the leads
/// are also words of some languages, so that it never decides whether a mail is a reply.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BaseSubject(String);

impl BaseSubject {
    /// Normalises a decoded subject.
    pub fn of(subject: &str) -> Self {
        let folded: String = subject.chars().take(998).collect::<String>().nfkc().collect::<String>().to_lowercase();
        let mut rest: String = folded
            .chars()
            .filter(|c| !matches!(c, '\u{200b}'..='\u{200f}' | '\u{feff}' | '\u{2060}'))
            .collect::<String>()
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        if let Some(title) = INVITATION.captures(&rest).and_then(|found| found.get(1)) {
            rest = title.as_str().to_owned();
        }
        loop {
            let shorter = strip_once(&rest);
            if shorter.len() == rest.len() {
                return Self(rest);
            }
            rest = shorter;
        }
    }

    /// The normalised text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the subject tells enough to join two mails of one person by it. "Hello", "CV" and an
    /// empty one do not (mail-rules §C2).
    pub fn is_telling(&self) -> bool {
        let letters = self.0.chars().filter(|c| c.is_alphanumeric()).count();
        let wide = self.0.chars().any(|c| c as u32 >= 0x2e80);
        letters >= if wide { 4 } else { 6 } && !GENERIC.contains(&self.0.trim_matches(|c: char| !c.is_alphanumeric()))
    }
}

/// The subject of an answer: `Re:` and the original's, with one `Re:` however many it had, on one line.
pub fn reply_subject(original: &str) -> String {
    static LEADS: LazyLock<Regex> =
        LazyLock::new(|| regex(r"(?i)^(?:re\s*(?:\[\d{1,3}\]|\(\d{1,3}\)|\^\d{1,3})?\s*[:：]\s*)+"));
    let words = original.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
    let line = words.collect::<Vec<_>>().join(" ");
    let rest = LEADS.find(&line).and_then(|found| line.get(found.end()..)).unwrap_or(&line);
    format!("Re: {rest}").trim_end().to_owned()
}

fn strip_once(subject: &str) -> String {
    let mut rest = subject.trim();
    if let Some(found) = TAG.find(rest)
        && found.end() < rest.len()
    {
        rest = rest.get(found.end()..).unwrap_or_default();
    }
    if let Some(found) = LEAD.find(rest) {
        rest = rest.get(found.end()..).unwrap_or_default();
    }
    if let Some(found) = TRAIL.find(rest)
        && found.start() > 0
    {
        rest = rest.get(..found.start()).unwrap_or_default();
    }
    rest.trim().to_owned()
}

/// `[EXTERNAL]`, `[list 123]`, `{Spam?}`, `***SPAM***`, `CAUTION:`, ticket tags.
static TAG: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"^(?:\[[^\]]{0,60}\]|\{[^}]{0,60}\}|\*{2,5}[^*]{1,30}\*{2,5}|\((?:external|extern|externe|externo|ext|spam|case)[^)]{0,40}\)|caution\s*:|external\s*:|ref:_[0-9a-z.]+:ref)\s*",
    )
});

/// Reply and forward leads of mail-rules §C3, lower case, with an optional counter.
static LEAD: LazyLock<Regex> = LazyLock::new(|| {
    const LEADS: &str = "re|fw|fwd|رد|إعادة توجيه|er|br|отн|отг|пре|resp|rv|回复|答复|转发|回覆|回復|轉寄|odg|одг|proslijeđeno|prosl|posr|odp|předáno|sv|svar|vs|vid|antw|antwoord|betr|doorst|doorgestuurd|vast|edasi|vl|rép|réf|rep|ref|tr|aw|antwort|wg|weitergeleitet|απ|σχετ|πρθ|תגובה|השב|הועבר|vá|válasz|tov|továbbítás|fs|bls|trs|r|rif|i|inoltro|返信|転送|회신|답장|전달|atb|ats|pārs|persiųsta|pd|przek|res|enc|răsp|redir|отв|ответ|на|ha|пересл|пр|vb|ตอบ|ตอบกลับ|ส่งต่อ|ynt|i̇lt|ilt|відп|відповідь|пер|tl|trả lời|ct|chuyển tiếp|yml";
    regex(&format!(r"^(?:{LEADS})(?:\s*[\[(]\d{{1,3}}[\])]|\^\d{{1,3}}|\s\d{{1,3}})?\s*[:：]\s*"))
});

/// What a calendar puts before the title of an invitation, and the time and the guest behind it.
static INVITATION: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"^(?:(?:updated |aktualisierte )?(?:invitation|einladung|invitación|invito|convite|uitnodiging|inbjudan|zaproszenie|invitation mise à jour|invitation updated)|招待)\s*[:：]\s*(.+?)(?:\s@\s.*)?$",
    )
});

static TRAIL: LazyLock<Regex> = LazyLock::new(|| regex(r"\s*\((?:fwd|was: [^)]{0,200})\)$"));

/// Subjects that half the world's mail bears.
const GENERIC: &[&str] = &[
    "hello",
    "hello there",
    "hi there",
    "greetings",
    "application",
    "question",
    "questions",
    "resume",
    "follow up",
    "following up",
    "followup",
    "quick question",
    "a quick question",
    "introduction",
    "meeting",
    "update",
    "coffee",
    "job",
    "opportunity",
    "thank you",
    "thanks",
    "no subject",
    "bewerbung",
    "frage",
    "anfrage",
    "hallo",
    "guten tag",
    "bonjour",
    "candidature",
    "hola",
    "consulta",
    "pregunta",
    "domanda",
    "candidatura",
    "sollicitatie",
    "vraag",
    "ansökan",
    "pytanie",
    "good morning",
    "catching up",
    "checking in",
];

#[expect(clippy::expect_used, reason = "the patterns are constants, and the tests compile each of them")]
fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a constant pattern compiles")
}
