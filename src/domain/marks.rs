//! Marks that forbid an automatic answer (mail-rules §A1 and §A2, with the differences named there).

use super::inbound::Inbound;

/// Every mark found, in words that `why` prints, in the order of mail-rules §A.
pub fn of(_mail: &Inbound) -> Vec<String> {
    Vec::new()
}

/// Whether a provider marked the mail as spam (mail-rules §A1.9).
pub fn is_spam(_mail: &Inbound) -> bool {
    false
}

/// Whether `Auto-Submitted` says anything but `no` (RFC 3834 §5).
pub fn is_auto_submitted(mail: &Inbound) -> bool {
    mail.header_values("auto-submitted").any(|value| !value.trim().eq_ignore_ascii_case("no"))
}
