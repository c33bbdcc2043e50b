//! Everybody the user deals with, as people rather than addresses.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rusqlite::Connection;

use crate::domain::ident::Address;
use crate::domain::policy::is_listed;
use crate::store::{StoreError, parse_stamp, parse_stamp_opt};

/// A person with everything that is kept of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Every address, the one used last first; a stand-in where none is known.
    pub addresses: Vec<Address>,
    /// The longest name seen, or empty.
    pub name: String,
    /// Outreach that asked them, oldest first.
    pub outreach: Vec<i64>,
    /// Whether one of it was answered.
    pub answered: bool,
    /// A recruiter of the roster.
    pub recruiter: bool,
    /// Latest touch, pitch or note.
    pub last_at: Option<Timestamp>,
    /// Why they are on the never list.
    pub never: Option<String>,
    /// The zone in which they read their mail, if the user said it.
    pub zone: Option<String>,
    /// Notes, oldest first.
    pub notes: Vec<(Timestamp, String)>,
}

impl Person {
    /// The name, or the address where no name is known.
    pub fn label(&self) -> &str {
        match self.name.as_str() {
            "" => self.addresses.first().map_or("", Address::as_str),
            name => name,
        }
    }

    /// Whether a word of a person means them: an address, a domain, or a part of the name.
    pub fn is_named(&self, word: &str) -> bool {
        let wanted = word.trim().to_lowercase();
        match Address::parse(&wanted) {
            Some(address) => self.addresses.iter().any(|known| known.same_mailbox(&address)),
            None => !wanted.is_empty() && self.name.to_lowercase().contains(&wanted),
        }
    }
}

/// Everybody who was asked, who pitched, of whom something is noted or who was merged; the latest
/// first. `never`: the list of the config.
///
/// # Errors
/// If SQLite fails.
pub fn people(conn: &Connection, never: &[String]) -> Result<Vec<Person>, StoreError> {
    let mut found: BTreeMap<String, Person> = BTreeMap::new();
    let mut statement = conn.prepare_cached(
        "SELECT coalesce('p' || person_id, key), address, zone FROM address
         WHERE person_id IS NOT NULL OR key IN (SELECT key FROM outreach_person)
            OR key IN (SELECT key FROM roster) OR key IN (SELECT key FROM note) ORDER BY key",
    )?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let text: String = row.get(1)?;
        let person = found.entry(row.get(0)?).or_insert_with(|| Person {
            addresses: Vec::new(),
            name: String::new(),
            outreach: Vec::new(),
            answered: false,
            recruiter: false,
            last_at: None,
            never: None,
            zone: None,
            notes: Vec::new(),
        });
        person.addresses.push(Address::parse(&text).ok_or(StoreError::Value(text))?);
        person.zone = person.zone.take().or(row.get(2)?);
    }
    let whose = "coalesce('p' || (SELECT person_id FROM address WHERE address.key = one.key), one.key)";
    asked(conn, whose, &mut found)?;
    met(conn, whose, &mut found)?;
    noted(conn, whose, &mut found)?;
    let list = super::never_list(conn)?;
    let mut people: Vec<Person> = found.into_values().collect();
    for person in &mut people {
        let is_on = |entry: &String| person.addresses.iter().any(|a| is_listed(std::slice::from_ref(entry), a));
        let said = list.iter().find(|(entry, _, _)| is_on(entry)).map(|(_, because, _)| because.clone());
        person.never = said.or_else(|| never.iter().any(is_on).then(|| "never in the config file".to_owned()));
        person.addresses.sort_by_key(Address::is_stand_in);
    }
    people.sort_by(|one, other| other.last_at.cmp(&one.last_at).then_with(|| one.label().cmp(other.label())));
    Ok(people)
}

fn asked(conn: &Connection, whose: &str, found: &mut BTreeMap<String, Person>) -> Result<(), StoreError> {
    let sql = format!(
        "SELECT {whose}, one.name, outreach.id, last_touch_at, first_response_at
         FROM outreach_person AS one JOIN outreach ON outreach.id = one.outreach ORDER BY outreach.id"
    );
    let mut statement = conn.prepare_cached(&sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let Some(person) = found.get_mut(&row.get::<_, String>(0)?) else { continue };
        name(person, row.get(1)?);
        person.outreach.push(row.get(2)?);
        let answered = parse_stamp_opt(row.get(4)?)?;
        person.answered |= answered.is_some();
        let touched = parse_stamp(&row.get::<_, String>(3)?)?;
        person.last_at = person.last_at.max(Some(touched)).max(answered);
    }
    Ok(())
}

fn met(conn: &Connection, whose: &str, found: &mut BTreeMap<String, Person>) -> Result<(), StoreError> {
    let sql = format!("SELECT {whose}, one.name, last_seen_at FROM roster AS one ORDER BY one.id");
    let mut statement = conn.prepare_cached(&sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let Some(person) = found.get_mut(&row.get::<_, String>(0)?) else { continue };
        name(person, row.get(1)?);
        person.recruiter = true;
        person.last_at = person.last_at.max(Some(parse_stamp(&row.get::<_, String>(2)?)?));
    }
    Ok(())
}

fn noted(conn: &Connection, whose: &str, found: &mut BTreeMap<String, Person>) -> Result<(), StoreError> {
    let sql = format!("SELECT {whose}, one.at, one.text FROM note AS one ORDER BY one.at, one.id");
    let mut statement = conn.prepare_cached(&sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let Some(person) = found.get_mut(&row.get::<_, String>(0)?) else { continue };
        let at = parse_stamp(&row.get::<_, String>(1)?)?;
        person.last_at = person.last_at.max(Some(at));
        person.notes.push((at, row.get(2)?));
    }
    Ok(())
}

fn name(person: &mut Person, name: String) {
    if name.chars().count() > person.name.chars().count() {
        person.name = name;
    }
}
