//! What an automatic answer says, which hangs on whether the user looks for work: known here alone. What
//! has not left when that changes is worded anew.

use jiff::Timestamp;
use rusqlite::{Connection, Transaction};

use super::{App, AppError};
use crate::domain::decide::{CHECK_BACK, Order};
use crate::domain::ident::DedupeKey;
use crate::mail::compose::TemplateError;
use crate::store::outbox::{self, OutboxRow, Turned};
use crate::store::{StoreError, cases, roster as rows};

/// The template of an automatic answer while the user looks for work.
const OPEN: &str = "open";

/// The template of an automatic answer as things are.
///
/// # Errors
/// If SQLite fails.
pub(super) fn purpose(conn: &Connection) -> Result<&'static str, StoreError> {
    Ok(if rows::looking_since(conn)?.is_some() { OPEN } else { CHECK_BACK })
}

/// Whether an answer of this purpose says that the user looks for work.
pub(super) fn says_open(purpose: &str) -> bool {
    purpose == OPEN
}

impl App<'_> {
    /// An order with the template that fits.
    pub(super) fn in_the_users_mood(&self, tx: &Transaction<'_>, order: &Order) -> Result<Order, AppError> {
        Ok(Order { template: purpose(tx)?.to_owned(), ..order.clone() })
    }

    /// Words every answer anew that waits and says the opposite. Returns how many.
    pub(super) fn fit_answers(&self, tx: &Transaction<'_>, now: Timestamp) -> Result<usize, AppError> {
        let mut fitted = 0;
        for row in outbox::waiting_answers(tx)? {
            fitted += usize::from(self.fit_answer(tx, &row, now)?);
        }
        Ok(fitted)
    }

    /// Words an answer anew that says the opposite. What a person changed stays as it is and is held: only
    /// that person knows what of it still holds. Returns whether it said the opposite.
    pub(super) fn fit_answer(&self, tx: &Transaction<'_>, row: &OutboxRow, now: Timestamp) -> Result<bool, AppError> {
        let wanted = purpose(tx)?;
        if row.purpose == wanted {
            return Ok(false);
        }
        let Some(mail) = row.inquiry.map(|inquiry| cases::mail(tx, inquiry)).transpose()?.flatten() else {
            return Ok(false);
        };
        let text_of = |template: &str| self.answer_text(template, mail.gist.language.as_deref());
        let untouched = row.text.trim().is_empty() || text_of(&row.purpose).is_ok_and(|text| text == row.text);
        let because = match wanted {
            OPEN => "you look for work now",
            _ => "you no longer look for work",
        };
        let (text, held) = match text_of(wanted) {
            _ if !untouched => {
                (row.text.clone(), Some(format!("{because}, and the words are yours: do they still hold?")))
            }
            Ok(text) => (text, None),
            Err(error) => (String::new(), Some(error.to_string())),
        };
        let key = DedupeKey::new(&mail.account, mail.gist.root(), &row.recipient.address, wanted, 0, 0);
        let turned = Turned {
            message_id: key.message_id(self.secret, row.sender.address.domain()),
            key,
            purpose: wanted.to_owned(),
            text,
            held,
            because,
        };
        if !outbox::turn(tx, row, &turned, now)? {
            outbox::settle(tx, row, "cancelled", because, now)?;
        }
        Ok(true)
    }

    /// The words of an automatic answer.
    pub(super) fn answer_text(&self, template: &str, language: Option<&str>) -> Result<String, TemplateError> {
        let vars = [("months".to_owned(), self.config.auto_reply.months.to_string())].into();
        self.templates.render_text(template, language, &vars)
    }
}
