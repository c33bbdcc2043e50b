//! The texts of mails: shipped ones and the user's own, with a hard rule: a mail with a gap is none.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::{fs, io};

use handlebars::{Handlebars, no_escape};

pub use header::Header;
pub use lint::{Finding, leftovers};

use needs::Needs;

mod header;
mod helpers;
mod lint;
mod needs;

/// What checkback brings along; the user's folder goes before it.
const SHIPPED: &[(&str, &str)] = &[
    ("check-back", include_str!("../../../templates/mail/check-back.hbs")),
    ("open", include_str!("../../../templates/mail/open.hbs")),
    ("reopen", include_str!("../../../templates/mail/reopen.hbs")),
    ("application", include_str!("../../../templates/mail/application.hbs")),
    ("coffee", include_str!("../../../templates/mail/coffee.hbs")),
    ("referral", include_str!("../../../templates/mail/referral.hbs")),
    ("thank-you", include_str!("../../../templates/mail/thank-you.hbs")),
    ("cold-nudge-1", include_str!("../../../templates/mail/cold-nudge-1.hbs")),
    ("cold-nudge-2", include_str!("../../../templates/mail/cold-nudge-2.hbs")),
    ("coffee-nudge", include_str!("../../../templates/mail/coffee-nudge.hbs")),
    ("coffee-thanks", include_str!("../../../templates/mail/coffee-thanks.hbs")),
    ("coffee-referral", include_str!("../../../templates/mail/coffee-referral.hbs")),
    ("referral-nudge", include_str!("../../../templates/mail/referral-nudge.hbs")),
    ("introduced-thanks", include_str!("../../../templates/mail/introduced-thanks.hbs")),
    ("introduced-outcome", include_str!("../../../templates/mail/introduced-outcome.hbs")),
    ("check-back-return", include_str!("../../../templates/mail/check-back-return.hbs")),
    ("check-back-nudge", include_str!("../../../templates/mail/check-back-nudge.hbs")),
    ("keep-in-touch", include_str!("../../../templates/mail/keep-in-touch.hbs")),
    ("as-agreed", include_str!("../../../templates/mail/as-agreed.hbs")),
    ("yes-thanks", include_str!("../../../templates/mail/yes-thanks.hbs")),
    ("yes-thanks-day", include_str!("../../../templates/mail/yes-thanks-day.hbs")),
    ("no-thanks", include_str!("../../../templates/mail/no-thanks.hbs")),
    ("sent-by", include_str!("../../../templates/mail/sent-by.hbs")),
];
/// A mail template is no longer than this, in bytes.
const MAX_SOURCE: u64 = 64 * 1024;
/// Appended to a template's name for what its first line says of the subject.
const SUBJECT: &str = "#subject";

/// All mail templates.
///
/// A template is Handlebars text. It may begin with a comment that says what it is for, see [`Header`];
/// its first line behind it may be `Subject: …`. Every variable that it names
/// anywhere, a condition included, must have a value that is not blank. Values are data: they are
/// never read as templates, and can't begin a subject line.
#[derive(Debug)]
pub struct Templates {
    engine: Handlebars<'static>,
    /// Of each template where it is from, or what is wrong with it.
    known: BTreeMap<String, Known>,
}

#[derive(Debug, Clone)]
struct Known {
    /// The user's file; `None`: shipped.
    own: Option<PathBuf>,
    source: String,
    header: Header,
    fault: Option<String>,
}

/// A template as it is written.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// The user's file; `None`: shipped.
    pub own: Option<&'a Path>,
    /// Its text, empty if the file can't be read.
    pub text: &'a str,
    /// What its comment says of it.
    pub header: &'a Header,
}

/// A filled-in template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// From the template's `Subject:` line.
    pub subject: Option<String>,
    /// The text of the mail, ending with one line end.
    pub text: String,
}

/// Why a template gives no mail.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// There is none of that name.
    #[error("there is no mail template {name}")]
    NotFound {
        /// The name asked for.
        name: String,
    },
    /// A variable has no value, or a blank one: the mail would have a gap.
    #[error("the mail template {template} needs a value for {variable}, and there is none")]
    Gap {
        /// The template.
        template: String,
        /// The variable.
        variable: String,
    },
    /// The template cannot be read or filled in.
    #[error("the mail template {template} is broken: {reason}")]
    Broken {
        /// The template.
        template: String,
        /// What is wrong.
        reason: String,
    },
    /// The folder of the user's own templates cannot be read.
    #[error("the folder of mail templates {folder} cannot be read: {source}")]
    Folder {
        /// Its path.
        folder: String,
        /// Why.
        source: io::Error,
    },
}

impl Templates {
    /// The shipped templates alone.
    pub fn shipped() -> Self {
        let mut engine = Handlebars::new();
        engine.set_strict_mode(true);
        engine.register_escape_fn(no_escape);
        // would write mail text into the log, and read past the check for gaps
        engine.unregister_helper("log");
        engine.unregister_helper("lookup");
        helpers::register(&mut engine);
        let mut templates = Self { engine, known: BTreeMap::new() };
        for (name, source) in SHIPPED {
            templates.add(name, Ok((*source).to_owned()), None);
        }
        templates
    }

    /// The shipped templates and those of the user's folder (`<name>.hbs`, `<name>.<language>.hbs`),
    /// which may not exist. A faulty one is an error only when it is used.
    ///
    /// # Errors
    /// If the folder exists and can't be read.
    pub fn load(folder: &Path) -> Result<Self, TemplateError> {
        let mut templates = Self::shipped();
        for (name, path, source) in own_sources(folder)? {
            templates.add(&name, source, Some(path));
        }
        Ok(templates)
    }

    /// The names of all templates, and whether each is the user's own.
    pub fn names(&self) -> impl Iterator<Item = (&str, bool)> {
        self.known.iter().map(|(name, known)| (name.as_str(), known.own.is_some()))
    }

    /// A template as it is written.
    pub fn source(&self, name: &str) -> Option<Source<'_>> {
        let known = self.known.get(name)?;
        Some(Source { own: known.own.as_deref(), text: &known.source, header: &known.header })
    }

    /// Every value that a template names, in its subject too.
    ///
    /// # Errors
    /// If there is no such template, or it is broken.
    pub fn needs(&self, name: &str) -> Result<BTreeSet<String>, TemplateError> {
        let known = self.known.get(name).ok_or_else(|| TemplateError::NotFound { name: name.to_owned() })?;
        if let Some(reason) = &known.fault {
            return Err(broken(name, reason.clone()));
        }
        let mut needs = Needs::new(&self.engine);
        for part in [format!("{name}{SUBJECT}"), name.to_owned()] {
            if let Some(template) = self.engine.get_template(&part) {
                needs.template(template).map_err(|reason| broken(name, reason))?;
            }
        }
        Ok(needs.names)
    }

    /// The templates that can't be used, and what is wrong with each.
    pub fn faults(&self) -> Vec<(String, String)> {
        let faulty = |(name, known): (&String, &Known)| Some((name.clone(), known.fault.clone()?));
        self.known.iter().filter_map(faulty).collect()
    }

    /// Fills in a template. With a language, `<name>.<language>` is used if the user has it.
    pub fn render(
        &self,
        name: &str,
        lang: Option<&str>,
        vars: &BTreeMap<String, String>,
    ) -> Result<Rendered, TemplateError> {
        let translated = lang.map(|lang| format!("{name}.{lang}")).filter(|name| self.known.contains_key(name));
        let name = translated.as_deref().unwrap_or(name);
        let known = self.known.get(name).ok_or_else(|| TemplateError::NotFound { name: name.to_owned() })?;
        if let Some(reason) = &known.fault {
            return Err(broken(name, reason.clone()));
        }
        let subject_name = format!("{name}{SUBJECT}");
        let subject = match self.engine.get_template(&subject_name) {
            Some(_) => Some(self.fill(name, &subject_name, vars)?.trim().to_owned()),
            None => None,
        };
        let text = self.fill(name, name, vars)?;
        Ok(Rendered { subject, text: format!("{}\n", text.trim()) })
    }

    /// The text alone, see [`Templates::render`].
    pub fn render_text(
        &self,
        name: &str,
        lang: Option<&str>,
        vars: &BTreeMap<String, String>,
    ) -> Result<String, TemplateError> {
        self.render(name, lang, vars).map(|rendered| rendered.text)
    }

    fn add(&mut self, name: &str, source: Result<String, String>, own: Option<PathBuf>) {
        self.engine.unregister_template(&format!("{name}{SUBJECT}"));
        let text = source.as_deref().unwrap_or_default().to_owned();
        let (header, body) = Header::split(&text);
        let registered = source.and_then(|_| {
            let (subject, text) = split_subject(body);
            if let Some(subject) = subject {
                let subject_name = format!("{name}{SUBJECT}");
                self.engine.register_template_string(&subject_name, subject).map_err(|error| error.to_string())?;
            }
            self.engine.register_template_string(name, text).map_err(|error| error.to_string())
        });
        self.known.insert(name.to_owned(), Known { own, header, fault: registered.err(), source: text });
    }

    fn fill(&self, name: &str, part: &str, vars: &BTreeMap<String, String>) -> Result<String, TemplateError> {
        let template =
            self.engine.get_template(part).ok_or_else(|| TemplateError::NotFound { name: name.to_owned() })?;
        let mut needs = Needs::new(&self.engine);
        needs.template(template).map_err(|reason| broken(name, reason))?;
        let blank = |variable: &&String| vars.get(*variable).is_none_or(|value| value.trim().is_empty());
        if let Some(variable) = needs.names.iter().find(blank) {
            return Err(TemplateError::Gap { template: name.to_owned(), variable: variable.clone() });
        }
        self.engine.render(part, vars).map_err(|error| broken(name, error.to_string()))
    }
}

fn broken(template: &str, reason: String) -> TemplateError {
    TemplateError::Broken { template: template.to_owned(), reason }
}

/// The text behind a leading `Subject:`, decided on the source: a value can't add one.
fn split_subject(source: &str) -> (Option<&str>, &str) {
    let (first, rest) = source.split_once('\n').unwrap_or((source, ""));
    match first.get(..8) {
        Some(lead) if lead.eq_ignore_ascii_case("subject:") => (first.get(8..).map(str::trim), rest),
        _ => (None, source),
    }
}

/// Name, file, and the text or what keeps it from being read.
type OwnSource = (String, PathBuf, Result<String, String>);

fn own_sources(folder: &Path) -> Result<Vec<OwnSource>, TemplateError> {
    let failed = |source| TemplateError::Folder { folder: folder.display().to_string(), source };
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(failed)?,
    };
    let mut sources = Vec::new();
    for entry in entries {
        let path = entry.map_err(failed)?.path();
        let name = path.file_name().and_then(|name| name.to_str()).and_then(|name| name.strip_suffix(".hbs"));
        let Some(name) = name.map(str::to_owned) else { continue };
        let source = match fs::metadata(&path) {
            Ok(metadata) if metadata.len() > MAX_SOURCE => Err(format!("it is longer than {MAX_SOURCE} bytes")),
            _ => fs::read_to_string(&path).map_err(|error| error.to_string()),
        };
        sources.push((name, path, source));
    }
    sources.sort_by(|one, other| one.0.cmp(&other.0));
    Ok(sources)
}

#[cfg(test)]
mod tests;
