//! What a person says of a mail, laid over what was read (product §3.2). The stored gist stays what was
//! read; whoever looks at the mail gets [`apply`] of it.
//!
//! # To what a correction applies
//! - The tone: to that mail only.
//! - The kind, and `recruiter yes`: also to other and future mail of the same sender that was read with
//!   the same verdict. Mail of theirs that was read otherwise is left alone.
//! - `recruiter no`: to all mail of that sender, however it was read: it only ever keeps an answer back.
//!
//! What was said of the mail itself outweighs what was said of its like, and then the newer the older.
//!
//! # What a correction never does
//! It never lets a machine be answered: what was read as anything but `human` and was corrected to it
//! counts as a response, but bears a mark that forbids an automatic answer. `recruiter yes` changes the
//! score's verdict and nothing else: every other rule blocks as before.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::gist::{Bounce, BounceReason, Gist, Kind, RecruiterVerdict, Tone};
use super::ident::Address;
use super::{matching, recruiter, tone};

/// What a person says of a mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// What it is.
    Kind(Kind),
    /// How it sounds.
    Tone(Tone),
    /// Whether it is a recruiter's pitch.
    Recruiter(bool),
}

/// A correction that stands, as far as it concerns one mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Correction {
    /// What was said.
    pub verdict: Verdict,
    /// The verdict that was read of the mail it was said of, by its name.
    pub before: String,
    /// Said of this very mail, not of one of its like.
    pub own: bool,
}

impl Verdict {
    /// The name of what is corrected, as stored and as in `--json`.
    pub fn field(&self) -> &'static str {
        match self {
            Self::Kind(_) => "kind",
            Self::Tone(_) => "tone",
            Self::Recruiter(_) => "recruiter",
        }
    }

    /// Its own value, by its name.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Kind(kind) => kind.as_str(),
            Self::Tone(tone) => tone.as_str(),
            Self::Recruiter(true) => RecruiterVerdict::Recruiter.as_str(),
            Self::Recruiter(false) => RecruiterVerdict::NotRecruiter.as_str(),
        }
    }

    /// What a mail was read as in the field that this corrects.
    pub fn read_of(&self, gist: &Gist) -> &'static str {
        match self {
            Self::Kind(_) => gist.kind.as_str(),
            Self::Tone(_) => gist.tone.as_ref().map_or("none", Tone::as_str),
            Self::Recruiter(_) => gist.recruiter.verdict.as_str(),
        }
    }
}

impl Correction {
    /// Whether it holds for a mail of its scope, by what was read of that mail.
    pub fn concerns(&self, read: &Gist) -> bool {
        self.own
            || match self.verdict {
                Verdict::Recruiter(false) => true,
                Verdict::Recruiter(true) | Verdict::Kind(_) => self.before == self.verdict.read_of(read),
                Verdict::Tone(_) => false,
            }
    }
}

/// The sender to whose mail a correction applies; empty where the address tells nobody apart. A
/// platform's relay writes for many people: there the name belongs to it.
pub fn scope(gist: &Gist) -> String {
    let Some(from) = &gist.from else { return String::new() };
    match (recruiter::is_relay(from.address.domain()), matching::name_key(from)) {
        (false, _) => from.address.mailbox_key(),
        (true, Some(name)) => format!("{}|{name}", from.address),
        (true, None) => String::new(),
    }
}

/// The gist as it is with these corrections, the weaker before the stronger. `received`: when the
/// mail came.
pub fn apply(read: &Gist, received: Timestamp, corrections: &[Correction]) -> Gist {
    let mut gist = read.clone();
    for correction in corrections.iter().filter(|correction| correction.concerns(read)) {
        match &correction.verdict {
            Verdict::Kind(kind) => rekind(&mut gist, read, *kind, received),
            Verdict::Tone(tone) => gist.tone = Some(tone.clone()),
            Verdict::Recruiter(yes) => {
                gist.recruiter.verdict =
                    if *yes { RecruiterVerdict::Recruiter } else { RecruiterVerdict::NotRecruiter };
            }
        }
    }
    if gist.kind == Kind::Human && read.kind != Kind::Human {
        gist.marks.push(format!("read as {} before you corrected it", read.kind.as_str()));
    }
    if !can_have_tone(gist.kind) {
        gist.tone = None;
    }
    gist
}

/// Whether mail of this kind sounds like anything.
pub fn can_have_tone(kind: Kind) -> bool {
    matches!(kind, Kind::Human | Kind::OutOfOffice)
}

/// A tone as a person writes it: `yes`, `not_now`, `not_now:2027-03-01`, `try_other:anna@acme.example`.
pub fn parse_tone(text: &str) -> Option<Tone> {
    let (name, detail) = text.split_once(':').map_or((text, None), |(name, detail)| (name, Some(detail)));
    match (name, detail) {
        ("not_now", None) => Some(Tone::NotNow { until: None }),
        ("not_now", Some(day)) => day.parse::<Date>().ok().map(|day| Tone::NotNow { until: Some(day) }),
        ("try_other", None) => Some(Tone::TryOther { address: None }),
        ("try_other", Some(address)) => {
            Address::parse(address).map(|address| Tone::TryOther { address: Some(address) })
        }
        ("yes", None) => Some(Tone::Yes),
        ("no", None) => Some(Tone::No { for_good: false }),
        ("left_company", None) => Some(Tone::LeftCompany),
        ("question", None) => Some(Tone::Question),
        ("unclear", None) => Some(Tone::Unclear),
        _ => None,
    }
}

fn rekind(gist: &mut Gist, read: &Gist, kind: Kind, received: Timestamp) {
    gist.kind = kind;
    gist.kind_because = format!("you said so; read as {}: {}", read.kind.as_str(), read.kind_because);
    gist.bounce = matches!(kind, Kind::Bounce | Kind::Delay).then(|| {
        let said = read.bounce.clone().unwrap_or_else(|| Bounce {
            permanent: true,
            reason: BounceReason::Unknown,
            status: None,
            recipients: Vec::new(),
            original_message_id: None,
            original_subject: None,
        });
        Bounce { permanent: kind == Kind::Bounce, ..said }
    });
    gist.out_of_office = (kind == Kind::OutOfOffice).then(|| read.out_of_office.clone().unwrap_or_default());
    if can_have_tone(kind) && gist.tone.is_none() {
        gist.tone = Some(tone::tone(&gist.text, &gist.subject, gist.language.as_deref(), received));
    }
}

#[cfg(test)]
mod tests;
