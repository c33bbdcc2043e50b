//! The texts of mails: shipped ones and the user's own, with a hard rule: a mail with a gap is none.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::{fs, io};

use handlebars::template::{BlockParam, HelperTemplate, Parameter, Subexpression, TemplateElement};
use handlebars::{Handlebars, Template, no_escape};

/// What checkback brings along; the user's folder goes before it.
const SHIPPED: &[(&str, &str)] = &[
    ("check-back", include_str!("../../../templates/mail/check-back.hbs")),
    ("cold-nudge-1", include_str!("../../../templates/mail/cold-nudge-1.hbs")),
    ("cold-nudge-2", include_str!("../../../templates/mail/cold-nudge-2.hbs")),
];
/// A mail template is no longer than this, in bytes.
const MAX_SOURCE: u64 = 64 * 1024;
/// Partials in partials.
const MAX_DEPTH: u32 = 8;
/// Appended to a template's name for what its first line says of the subject.
const SUBJECT: &str = "#subject";

/// All mail templates.
///
/// A template is Handlebars text. Its first line may be `Subject: …`. Every variable that it names
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
    own: bool,
    fault: Option<String>,
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
        let mut templates = Self { engine, known: BTreeMap::new() };
        for (name, source) in SHIPPED {
            templates.add(name, Ok((*source).to_owned()), false);
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
        for (name, source) in own_sources(folder)? {
            templates.add(&name, source, true);
        }
        Ok(templates)
    }

    /// The names of all templates, and whether each is the user's own.
    pub fn names(&self) -> impl Iterator<Item = (&str, bool)> {
        self.known.iter().map(|(name, known)| (name.as_str(), known.own))
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

    fn add(&mut self, name: &str, source: Result<String, String>, own: bool) {
        self.engine.unregister_template(&format!("{name}{SUBJECT}"));
        let registered = source.and_then(|source| {
            let (subject, text) = split_subject(&source);
            if let Some(subject) = subject {
                let subject_name = format!("{name}{SUBJECT}");
                self.engine.register_template_string(&subject_name, subject).map_err(|error| error.to_string())?;
            }
            self.engine.register_template_string(name, text).map_err(|error| error.to_string())
        });
        self.known.insert(name.to_owned(), Known { own, fault: registered.err() });
    }

    fn fill(&self, name: &str, part: &str, vars: &BTreeMap<String, String>) -> Result<String, TemplateError> {
        let template =
            self.engine.get_template(part).ok_or_else(|| TemplateError::NotFound { name: name.to_owned() })?;
        let mut needs = Needs { engine: &self.engine, names: BTreeSet::new(), locals: Vec::new(), depth: 0 };
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
    let source = source.trim_start_matches('\u{feff}');
    let (first, rest) = source.split_once('\n').unwrap_or((source, ""));
    match first.get(..8) {
        Some(lead) if lead.eq_ignore_ascii_case("subject:") => (first.get(8..).map(str::trim), rest),
        _ => (None, source),
    }
}

type Source = Result<String, String>;

fn own_sources(folder: &Path) -> Result<Vec<(String, Source)>, TemplateError> {
    let failed = |source| TemplateError::Folder { folder: folder.display().to_string(), source };
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(failed)?,
    };
    let mut sources = Vec::new();
    for entry in entries {
        let path = entry.map_err(failed)?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()).and_then(|name| name.strip_suffix(".hbs"))
        else {
            continue;
        };
        let source = match fs::metadata(&path) {
            Ok(metadata) if metadata.len() > MAX_SOURCE => Err(format!("it is longer than {MAX_SOURCE} bytes")),
            _ => fs::read_to_string(&path).map_err(|error| error.to_string()),
        };
        sources.push((name.to_owned(), source));
    }
    sources.sort_by(|one, other| one.0.cmp(&other.0));
    Ok(sources)
}

/// Collects the variables that a template names. Strict mode alone lets a missing one pass in
/// `{{#if x}}` and as a partial's parameter, and an empty one anywhere.
struct Needs<'a> {
    engine: &'a Handlebars<'static>,
    names: BTreeSet<String>,
    /// Names given by block parameters and to partials.
    locals: Vec<String>,
    depth: u32,
}

impl Needs<'_> {
    fn template(&mut self, template: &Template) -> Result<(), String> {
        template.elements.iter().try_for_each(|element| self.element(element))
    }

    fn element(&mut self, element: &TemplateElement) -> Result<(), String> {
        match element {
            TemplateElement::Expression(expression) | TemplateElement::HtmlExpression(expression) => {
                self.expression(expression)
            }
            TemplateElement::HelperBlock(block) => {
                self.parameters(block.params.iter().chain(block.hash.values()))?;
                let before = self.locals.len();
                match &block.block_param {
                    Some(BlockParam::Single(one)) => self.locals.extend(name_of(one)),
                    Some(BlockParam::Pair((one, other))) => {
                        self.locals.extend(name_of(one).into_iter().chain(name_of(other)))
                    }
                    Some(_) | None => {}
                }
                let parts = block.template.iter().chain(&block.inverse);
                let result = parts.into_iter().try_for_each(|part| self.template(part));
                self.locals.truncate(before);
                result
            }
            TemplateElement::PartialExpression(partial) | TemplateElement::PartialBlock(partial) => {
                self.parameters(partial.params.iter().chain(partial.hash.values()))?;
                partial.template.iter().try_for_each(|part| self.template(part))?;
                let name = match &partial.name {
                    Parameter::Literal(name) => name.as_str().map(str::to_owned),
                    name => name_of(name),
                };
                let name = name.ok_or("a partial must be named, not computed")?;
                let Some(target) = self.engine.get_template(&name) else {
                    return Ok(());
                };
                self.depth += 1;
                if self.depth > MAX_DEPTH {
                    return Err(format!("the partial {name} is nested too deeply"));
                }
                let before = self.locals.len();
                self.locals.extend(partial.hash.keys().cloned());
                let result = self.template(target);
                self.locals.truncate(before);
                self.depth -= 1;
                result
            }
            TemplateElement::DecoratorExpression(decorator) | TemplateElement::DecoratorBlock(decorator) => {
                decorator.template.iter().try_for_each(|part| self.template(part))
            }
            _ => Ok(()),
        }
    }

    /// `{{name}}` is a variable, `{{name x}}` a helper with parameters.
    fn expression(&mut self, expression: &HelperTemplate) -> Result<(), String> {
        if expression.params.is_empty() && expression.hash.is_empty() {
            return self.parameter(&expression.name);
        }
        self.parameters(expression.params.iter().chain(expression.hash.values()))
    }

    fn parameters<'p>(&mut self, parameters: impl Iterator<Item = &'p Parameter>) -> Result<(), String> {
        let mut parameters = parameters;
        parameters.try_for_each(|parameter| self.parameter(parameter))
    }

    fn parameter(&mut self, parameter: &Parameter) -> Result<(), String> {
        if let Parameter::Subexpression(Subexpression { element, .. }) = parameter {
            return self.element(element);
        }
        if let Some(name) = name_of(parameter) {
            let own = name.starts_with('@') || name == "this" || name == "." || name == "else" || name.is_empty();
            if !own && !self.locals.contains(&name) {
                self.names.insert(name);
            }
        }
        Ok(())
    }
}

fn name_of(parameter: &Parameter) -> Option<String> {
    let name = parameter.as_name()?;
    Some(name.strip_prefix("this.").or_else(|| name.strip_prefix("./")).unwrap_or(name).to_owned())
}

#[cfg(test)]
mod tests;
