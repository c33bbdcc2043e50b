//! The words of follow-ups.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::Words;
use crate::app::App;
use crate::app::words::of_person;
use crate::domain::ident::{NamedAddress, reply_subject};
use crate::domain::sequence::Event;
use crate::mail::compose::TemplateError;
use crate::store::follow_ups::Enrolled;

/// Values for a template.
pub(in crate::app) type Values = BTreeMap<String, String>;

impl App<'_> {
    /// Subject and text of a mail to the person of an outreach, or why there is none. `said`: values that
    /// the user gives.
    pub(super) fn words_of(
        &self,
        found: &Enrolled,
        template: &str,
        said: &Values,
        now: Timestamp,
    ) -> Result<Words, TemplateError> {
        let nobody = || TemplateError::Gap { template: template.to_owned(), variable: "email".to_owned() };
        let reader = found.people.first().ok_or_else(nobody)?;
        let mut values = self.told(found);
        values.extend(said.clone());
        self.words(reader, &self.sender_of(found), &found.subject, template, values, now)
    }

    /// What is known of an outreach: when it asked, when they met, whom they were introduced to.
    fn told(&self, found: &Enrolled) -> Values {
        let calendar = self.config.calendar();
        let mut values = Values::new();
        if let Some(asked) = found.touches.first() {
            values.insert("asked_on".to_owned(), calendar.day(*asked).to_string());
        }
        for one in &found.signs.happened {
            let name = match one.event {
                Event::Meeting => "met_on",
                Event::Introduced => "introduced_on",
                Event::Agreed => "agreed_on",
            };
            values.insert(name.to_owned(), calendar.day(one.at).to_string());
            if one.event == Event::Introduced && !one.who.is_empty() {
                values.insert("introduced".to_owned(), one.who.clone());
            }
        }
        values
    }

    /// Subject and text of a follow-up to a mail with that subject.
    pub(crate) fn words(
        &self,
        reader: &NamedAddress,
        sender: &NamedAddress,
        subject: &str,
        template: &str,
        more: Values,
        now: Timestamp,
    ) -> Result<Words, TemplateError> {
        let mut values = of_person(reader, sender, self.config.calendar().day(now));
        let bare = subject.trim();
        if !bare.is_empty() {
            values.insert("subject".to_owned(), bare.to_owned());
        }
        let about = if bare.is_empty() { "something I wanted to ask you".to_owned() } else { format!("\"{bare}\"") };
        values.insert("asked_about".to_owned(), about);
        values.extend(more);
        // the template's own subject would part it from its thread
        let text = self.templates.render_text(template, None, &values)?;
        Ok((reply_subject(subject), text))
    }
}
