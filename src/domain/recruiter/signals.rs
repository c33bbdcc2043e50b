//! The signals: what speaks for a recruiter's pitch, what against it, and how loudly.

/// What a signal tells us about the mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// Who writes: someone whose work it is to fill jobs.
    Writer,
    /// A job is on offer.
    Job,
    /// The words of a person who does not know us.
    Stranger,
    /// Something is asked that a pitch asks.
    Ask,
    /// How the mail was sent.
    Sent,
    /// A person stands between the writer and us: no machine should answer.
    Doubt,
    /// Speaks against a pitch, but not alone.
    Hint,
    /// Forbids an answer by machine whatever else is said.
    Against,
    /// A job scam.
    Scam,
}

/// One row of the table.
#[derive(Debug)]
pub(super) struct Signal {
    /// Name in the phrase tables and in `--json`.
    pub(super) name: &'static str,
    /// What it tells.
    pub(super) side: Side,
    /// Points it adds; each signal counts once, however often it is found.
    pub(super) weight: f64,
}

const fn row(name: &'static str, side: Side, weight: f64) -> Signal {
    Signal { name, side, weight }
}

/// The row of that name.
pub(super) fn of(name: &str) -> Option<&'static Signal> {
    SIGNALS.iter().find(|signal| signal.name == name)
}

/// Points of one side that count at most: saying one thing in ten ways proves it only once.
pub(super) const CAPS: &[(Side, f64)] =
    &[(Side::Writer, 3.5), (Side::Job, 5.5), (Side::Stranger, 2.5), (Side::Ask, 3.0), (Side::Sent, 0.5)];

/// Every signal there is.
pub(super) const SIGNALS: &[Signal] = &[
    // who writes
    row("agency", Side::Writer, 2.0),
    row("in_house_recruiter", Side::Writer, 2.0),
    row("headhunter", Side::Writer, 2.0),
    row("hiring_manager", Side::Writer, 1.2),
    row("recruiter_word", Side::Writer, 0.8),
    row("recruiter_address", Side::Writer, 1.0),
    row("relay", Side::Writer, 1.2),
    // what is on offer
    row("role_offered", Side::Job, 2.5),
    row("hiring", Side::Job, 2.2),
    row("next_move", Side::Job, 1.5),
    row("someone_wanted", Side::Job, 1.5),
    row("role_and_pay", Side::Job, 1.0),
    row("job_listing", Side::Job, 1.0),
    row("role_in_subject", Side::Job, 0.6),
    row("role_title", Side::Job, 0.6),
    row("terms", Side::Job, 0.6),
    row("pay", Side::Job, 0.6),
    row("opportunity", Side::Job, 0.5),
    row("terse_offer", Side::Job, 1.5),
    row("tech_word", Side::Job, 0.1),
    // a stranger's voice
    row("found_you", Side::Stranger, 1.5),
    row("bump", Side::Stranger, 1.0),
    row("reaching_out", Side::Stranger, 0.8),
    row("introduces", Side::Stranger, 0.8),
    // what is asked
    row("ask_cv", Side::Ask, 1.8),
    row("ask_referral", Side::Ask, 1.2),
    row("ask_interest", Side::Ask, 1.2),
    row("ask_call", Side::Ask, 1.0),
    row("ask_availability", Side::Ask, 1.0),
    row("ask_reply", Side::Ask, 0.4),
    row("question", Side::Ask, 0.1),
    // how it is sent
    row("sequencer", Side::Sent, 0.3),
    row("bulk_platform", Side::Hint, -0.5),
    row("free_mailbox", Side::Hint, -0.3),
    row("newsletter_hint", Side::Hint, -0.8),
    // what speaks against, but not alone
    row("past_hint", Side::Hint, -0.8),
    row("warm_hint", Side::Hint, -1.0),
    row("client_hint", Side::Hint, -0.8),
    row("sales_hint", Side::Hint, -1.2),
    row("outsourcing_hint", Side::Hint, -0.6),
    row("personal_hint", Side::Hint, -0.8),
    row("scam_hint", Side::Hint, -1.5),
    row("event_hint", Side::Hint, -0.8),
    row("club_hint", Side::Hint, -0.8),
    row("off_platform", Side::Hint, -1.0),
    // what a person should look at
    row("referred", Side::Doubt, -0.1),
    // what forbids an answer
    row("process", Side::Against, -4.0),
    row("past", Side::Against, -3.0),
    row("cofounder", Side::Against, -3.0),
    row("mis_sent", Side::Against, -3.0),
    row("application_receipt", Side::Against, -6.0),
    row("rejection", Side::Against, -5.0),
    row("offer", Side::Against, -4.0),
    row("warm", Side::Against, -5.0),
    row("candidate", Side::Against, -5.0),
    row("client", Side::Against, -4.0),
    row("sales", Side::Against, -4.0),
    row("outsourcing", Side::Against, -5.0),
    row("recruiting_vendor", Side::Against, -4.0),
    row("newsletter", Side::Against, -4.0),
    row("job_alert", Side::Against, -5.0),
    row("employer", Side::Against, -4.0),
    row("colleague", Side::Against, -4.0),
    row("survey", Side::Against, -4.0),
    row("event", Side::Against, -4.0),
    row("training", Side::Against, -4.0),
    row("other_recruiting", Side::Against, -4.0),
    row("closing", Side::Against, -4.0),
    row("automatic", Side::Against, -4.0),
    row("robot_sender", Side::Against, -4.0),
    row("forwarded", Side::Against, -3.0),
    row("personal", Side::Against, -4.0),
    row("answers_us", Side::Against, -5.0),
    row("in_thread", Side::Against, -1.0),
    row("calendar", Side::Against, -4.0),
    row("unknown_language", Side::Against, -1.0),
    row("scam", Side::Scam, -6.0),
];
