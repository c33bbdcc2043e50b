//! [`Gist`]: what the program keeps of one mail. Everything that a later stage may ask, and no more
//! text than it needs. Made once, by pure code, outside any transaction; stored as one value.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::ident::{Address, BaseSubject, MessageId, NamedAddress};
use super::inbound::{ContentDigest, Defect, ReturnPath};

/// Exactly one of six kinds (product §3.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A person wrote it.
    Human,
    /// A machine says that the person is away, or has left.
    OutOfOffice,
    /// Receipts, tickets, notifications, MDN and success reports, challenges, calendar answers.
    Automatic,
    /// Could not be delivered, for good.
    Bounce,
    /// Could not be delivered yet; the server still tries.
    Delay,
    /// Lists, newsletters, alerts.
    Bulk,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 6] = [Self::Human, Self::OutOfOffice, Self::Automatic, Self::Bounce, Self::Delay, Self::Bulk];

    /// The kind of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// The name in `--json` and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Human => "human",
            Self::OutOfOffice => "out_of_office",
            Self::Automatic => "automatic",
            Self::Bounce => "bounce",
            Self::Delay => "delay",
            Self::Bulk => "bulk",
        }
    }
}

/// What a `bounce` or a `delay` says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bounce {
    /// Failed for good, or only delayed.
    pub permanent: bool,
    /// Why.
    pub reason: BounceReason,
    /// Enhanced status code (RFC 3463), such as `5.1.1`.
    pub status: Option<String>,
    /// Whom it could not be delivered to.
    pub recipients: Vec<Address>,
    /// Message-ID of the returned mail.
    pub original_message_id: Option<MessageId>,
    /// Subject of the returned mail.
    pub original_subject: Option<String>,
}

/// Why a mail was not delivered. Only `Address` means that the address is dead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BounceReason {
    /// There is no such mailbox or domain.
    Address,
    /// The mailbox is full.
    Full,
    /// Refused by a rule: spam, authentication, block list, limits.
    Policy,
    /// The mail was too large.
    Size,
    /// The host did not answer, or mail went in circles.
    Network,
    /// It does not say.
    Unknown,
}

/// What an `out_of_office` says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutOfOffice {
    /// First day back.
    pub until: Option<Date>,
    /// Has left the company for good.
    pub left: bool,
    /// Whom to write to meanwhile.
    pub stand_in: Option<Address>,
}

/// How an answer sounds. It never changes the rate, only what happens next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "tone", rename_all = "snake_case")]
pub enum Tone {
    /// Agrees, offers a time.
    Yes,
    /// Later, with the day if one is named.
    NotNow {
        /// When to write again.
        until: Option<Date>,
    },
    /// Somebody else should be asked.
    TryOther {
        /// That person's address, if it is given.
        address: Option<Address>,
    },
    /// Declines. `for_good` if we shall not write again.
    No {
        /// "Do not contact me again", "unsubscribe me".
        for_good: bool,
    },
    /// No longer works there.
    LeftCompany,
    /// Asks something back.
    Question,
    /// None of these for sure.
    Unclear,
}

impl Tone {
    /// The name in `--json`.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::NotNow { .. } => "not_now",
            Self::TryOther { .. } => "try_other",
            Self::No { .. } => "no",
            Self::LeftCompany => "left_company",
            Self::Question => "question",
            Self::Unclear => "unclear",
        }
    }
}

/// Whether a mail is a recruiter's pitch.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Assessment {
    /// By the two thresholds.
    pub verdict: RecruiterVerdict,
    /// 0 to 1.
    pub score: f64,
    /// Names of the signals that spoke, strongest first; those against it begin with `-`.
    pub signals: Vec<String>,
    /// A job scam: never answered, whatever the score.
    pub scam: bool,
}

/// The two thresholds applied.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecruiterVerdict {
    /// Surely a pitch: may be answered by machine.
    Recruiter,
    /// Perhaps: held for a person.
    Unsure,
    /// Left alone.
    #[default]
    NotRecruiter,
}

impl RecruiterVerdict {
    /// The name in `--json`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Recruiter => "recruiter",
            Self::Unsure => "unsure",
            Self::NotRecruiter => "not_recruiter",
        }
    }
}

/// What was pitched, as far as the mail says so.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Pitch {
    /// "Senior Rust Engineer".
    pub role: Option<String>,
    /// Whom the work is for.
    pub company: Option<String>,
    /// Who mediates, if it is not the company itself.
    pub agency: Option<String>,
    /// "Berlin", "EU".
    pub place: Option<String>,
    /// Remote, hybrid or on site.
    pub remote: Option<String>,
    /// As written: "€90–110k".
    pub pay: Option<String>,
    /// "permanent", "contract".
    pub contract: Option<String>,
    /// Named skills.
    pub skills: Vec<String>,
    /// A link to the job.
    pub link: Option<String>,
}

/// What the provider's own check of the sender said: the topmost `Authentication-Results`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Authentication {
    /// The `authserv-id` of the field (RFC 8601 §2.5).
    pub authserv_id: String,
    /// Whether it says `dmarc=fail`.
    pub dmarc_fail: bool,
}

/// What the program keeps of one mail.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Gist {
    /// `Message-ID`.
    pub message_id: Option<MessageId>,
    /// Tells apart mails that share a Message-ID.
    pub digest: ContentDigest,
    /// The first author; `None` only with a fatal defect.
    pub from: Option<NamedAddress>,
    /// `Sender`, if there is one.
    pub sender: Option<Address>,
    /// `Reply-To`.
    pub reply_to: Vec<Address>,
    /// The envelope sender, as far as the header tells.
    pub return_path: ReturnPath,
    /// `To`.
    pub to: Vec<NamedAddress>,
    /// `Cc`.
    pub cc: Vec<NamedAddress>,
    /// `Bcc` (Sent copies only).
    pub bcc: Vec<NamedAddress>,
    /// `In-Reply-To`.
    pub in_reply_to: Vec<MessageId>,
    /// `References`, and ids of other fields that name an older mail of the thread.
    pub references: Vec<MessageId>,
    /// Further ids by which this same mail may be known (`X-Microsoft-Original-Message-ID`, …).
    pub other_ids: Vec<MessageId>,
    /// `Subject`, decoded.
    pub subject: String,
    /// The subject that a thread shares.
    pub base_subject: BaseSubject,
    /// `Date`.
    pub date: Option<Timestamp>,
    /// When it came by its own header: the date of the topmost `Received` field, which the user's
    /// own server wrote, else `Date`. The same for a server and for a mail file, unlike INTERNALDATE.
    pub came: Option<Timestamp>,
    /// Whether a server stamped it (`Received`): a copy in Sent bears no such field.
    pub relayed: bool,
    /// What it is.
    pub kind: Kind,
    /// The evidence for the kind, in words.
    pub kind_because: String,
    /// What was wrong with its bytes.
    pub defects: Vec<Defect>,
    /// Set for `bounce` and `delay`.
    pub bounce: Option<Bounce>,
    /// Set for `out_of_office`.
    pub out_of_office: Option<OutOfOffice>,
    /// Set for `human` and `out_of_office`.
    pub tone: Option<Tone>,
    /// Marks that forbid an automatic answer, in words (mail-rules §A1, §A2).
    pub marks: Vec<String>,
    /// Whether a provider marked it as spam.
    pub spam: bool,
    /// Whether it is a forward, as far as the subject and the body say.
    pub forward: bool,
    /// Original-Message-ID of an MDN, ids quoted in the body.
    pub quoted_ids: Vec<MessageId>,
    /// Addresses that the quoted part or the returned mail names.
    pub quoted_addresses: Vec<Address>,
    /// GUID of `Thread-Index` (MS-OXOMSG 2.2.1.3), hex.
    pub thread_index: Option<String>,
    /// Hashes of the word 5-grams of the quoted text, or of the whole where nothing is quoted.
    #[serde(with = "sketch")]
    pub shingles: Vec<u32>,
    /// The same of what the sender wrote; only of mail that no server stamped, as copies in Sent.
    #[serde(with = "sketch")]
    pub own_shingles: Vec<u32>,
    /// What the sender wrote, without quotes and signature; 4 kB at most.
    pub text: String,
    /// What stands between the marks of an answer to the daily mail: a text to be sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub marked: Option<String>,
    /// SHA-256 of each token of a daily mail in the subject or that text, which itself stands nowhere.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tokens: Vec<String>,
    /// Language of that text (ISO 639-1), if it is sure.
    pub language: Option<String>,
    /// `Auto-Submitted` is present and not `no`.
    pub auto_submitted: bool,
    /// The provider's word on the sender.
    pub authentication: Option<Authentication>,
    /// Whether it is a recruiter's pitch.
    pub recruiter: Assessment,
    /// What was pitched.
    pub pitch: Pitch,
}

impl Gist {
    /// Whether it still holds the words that only matching and a person's decision need.
    pub fn has_words(&self) -> bool {
        !self.text.is_empty() || !self.shingles.is_empty()
    }

    /// The same without its words: what is kept of mail that belongs to nothing.
    pub fn without_words(mut self) -> Self {
        self.text.clear();
        self.shingles.clear();
        self
    }

    /// The author's address.
    pub fn author(&self) -> Option<&Address> {
        self.from.as_ref().map(|from| &from.address)
    }

    /// Everybody in To and Cc.
    pub fn addressees(&self) -> impl Iterator<Item = &NamedAddress> {
        self.to.iter().chain(&self.cc)
    }

    /// Ids of `In-Reply-To` and `References`, nearest parent first.
    pub fn parents(&self) -> impl Iterator<Item = &MessageId> {
        self.in_reply_to.iter().chain(self.references.iter().rev())
    }

    /// Whether it was written within a thread.
    pub fn is_in_thread(&self) -> bool {
        !self.in_reply_to.is_empty() || !self.references.is_empty()
    }

    /// What identifies this mail where a Message-ID can be missing.
    pub fn root(&self) -> &str {
        self.message_id.as_ref().map_or(self.digest.as_str(), MessageId::as_str)
    }
}

/// Hashes as one compact text: a list of numbers would be most of what is stored of a mail.
mod sketch {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD_NO_PAD;
    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};

    pub fn serialize<S: Serializer>(hashes: &[u32], serializer: S) -> Result<S::Ok, S::Error> {
        let bytes: Vec<u8> = hashes.iter().flat_map(|hash| hash.to_le_bytes()).collect();
        serializer.serialize_str(&STANDARD_NO_PAD.encode(bytes))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u32>, D::Error> {
        let text = String::deserialize(deserializer)?;
        let bytes = STANDARD_NO_PAD.decode(text).map_err(D::Error::custom)?;
        Ok(bytes.as_chunks::<4>().0.iter().map(|hash| u32::from_le_bytes(*hash)).collect())
    }
}
