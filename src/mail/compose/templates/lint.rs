//! What is wrong with a template, found before it is sent to anybody.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use handlebars::Template;
use handlebars::template::{DecoratorTemplate, HelperTemplate, Parameter, TemplateElement};
use regex::Regex;

use super::needs::name_of;
use super::{SUBJECT, TemplateError, Templates};
use crate::mail::compose::MAX_LINE;

/// A fault of a template.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct Finding {
    /// Its line, from 1; `None`: it is about the whole.
    pub line: Option<usize>,
    /// What is wrong and what to write instead.
    pub what: String,
}

/// Helpers that a template may use; those that read past the check for gaps are left out.
const HELPERS: [&str; 19] = [
    "past-day",
    "coming-day",
    "working-day",
    "first-name",
    "if",
    "unless",
    "each",
    "with",
    "raw",
    "eq",
    "ne",
    "gt",
    "gte",
    "lt",
    "lte",
    "and",
    "or",
    "not",
    "len",
];

impl Templates {
    /// Everything that is wrong with a template.
    ///
    /// # Errors
    /// If there is none of that name.
    pub fn lint(&self, name: &str) -> Result<Vec<Finding>, TemplateError> {
        let known = self.known.get(name).ok_or_else(|| TemplateError::NotFound { name: name.to_owned() })?;
        let mut found = BTreeSet::new();
        let mut whole = |what: String| {
            found.insert(Finding { line: None, what });
        };
        match &known.fault {
            Some(fault) => match unclosed(&known.source) {
                Some(what) => whole(what),
                None => whole(format!("it can't be read: {}", fault.split_whitespace().collect::<Vec<_>>().join(" "))),
            },
            None => {
                if let Err(error) = self.needs(name) {
                    whole(error.to_string());
                }
                let mut uses = Uses { templates: self, found: Vec::new() };
                for part in [format!("{name}{SUBJECT}"), name.to_owned()] {
                    if let Some(template) = self.engine.get_template(&part) {
                        uses.template(template);
                    }
                }
                uses.found.into_iter().for_each(&mut whole);
                if self.lacks_subject(name) {
                    whole("it has no subject: begin it with a line Subject: …".to_owned());
                }
                for (value, _) in &known.header.values {
                    if self.needs(name).is_ok_and(|needs| !needs.contains(value)) {
                        whole(format!("its comment explains {value}, which it does not use"));
                    }
                }
            }
        }
        found.extend(lines(&known.source));
        Ok(found.into_iter().collect())
    }

    /// A first mail needs a subject. Answers get that of the mail they answer, and a part of other
    /// templates needs none.
    fn lacks_subject(&self, name: &str) -> bool {
        let base = name.split('.').next().unwrap_or(name);
        let is_reply = self.known.get(name).is_some_and(|known| known.header.reply) || base == "check-back";
        let is_part = self.known.values().any(|other| is_used_in(name, &other.source));
        !is_reply && !is_part && self.engine.get_template(&format!("{name}{SUBJECT}")).is_none()
    }
}

/// What a text holds that was meant to be replaced: `[Name]`, `TODO`, `{{name}}`, `XXX`, each once.
pub fn leftovers(text: &str) -> Vec<String> {
    static LEFT: LazyLock<Result<Regex, regex::Error>> = LazyLock::new(|| {
        let word = r"(?:\b|_)(?:your|my|their|first|last|full|company|role|position|title|name|recipient|insert|topic|date|link|reason)(?:\b|_)";
        let inner = |not: &str| format!(r"[^{not}\n@:/]{{0,20}}{word}[^{not}\n@:/]{{0,20}}");
        let (square, pointed, curly) = (inner(r"\[\]"), inner("<>"), inner(r"\{\}"));
        Regex::new(&format!(
            r"(?x) \b(?:TODO|TBD|FIXME|XXX+)\b | \{{\{{.*?\}}\}} | _{{4,}}
              | \[(?i:{square})\] | <(?i:{pointed})> | \{{(?i:{curly})\}}
              | %[A-Z_]{{3,}}% | (?i:lorem\ ipsum)"
        ))
    });
    let Ok(pattern) = LEFT.as_ref() else { return Vec::new() };
    let found: BTreeSet<&str> = pattern.find_iter(text).map(|found| found.as_str()).collect();
    found.into_iter().map(str::to_owned).collect()
}

/// Which block of a template is opened and not closed, or closed and not opened.
fn unclosed(source: &str) -> Option<String> {
    let mut open: Vec<(&str, usize)> = Vec::new();
    let mut rest = source;
    let mut line = 1;
    while let Some((before, tag)) = rest.split_once("{{") {
        line += before.matches('\n').count();
        let end = if tag.starts_with("!--") { "--}}" } else { "}}" };
        let (inside, behind) = tag.split_once(end)?;
        let inner = inside.trim_start_matches(['~', '{']);
        let name = |tag: &'_ str| {
            tag.split(|c: char| c.is_whitespace() || c == '~').find(|word| !word.is_empty()).map(str::len)
        };
        if let Some(block) = inner.strip_prefix('#') {
            let block = block.trim_start_matches(['*', '>', ' ']);
            open.push((block.get(..name(block)?)?, line));
        } else if let Some(block) = inner.strip_prefix('/') {
            let block = block.trim_start();
            let closed = block.get(..name(block)?)?;
            if open.pop().is_none_or(|(opened, _)| opened != closed) {
                return Some(format!("{{{{/{closed}}}}} of line {line} closes nothing that is open"));
            }
        }
        line += inside.matches('\n').count();
        rest = behind;
    }
    open.first().map(|(name, line)| {
        format!("{{{{#{name}}}}} of line {line} is not closed: write {{{{/{name}}}}} where it ends")
    })
}

fn is_used_in(name: &str, source: &str) -> bool {
    source.split("{{").skip(1).any(|tag| {
        let partial = tag.trim_start_matches(['~', '#']).strip_prefix('>').map(str::trim_start);
        let named = partial.and_then(|rest| rest.split([' ', '}', '~', '\n']).next());
        named.is_some_and(|named| named.trim_matches('"') == name)
    })
}

/// Faults of single lines. A comment is not sent, and what stands in `{{…}}` is no text.
fn lines(source: &str) -> Vec<Finding> {
    static GAP: LazyLock<Result<Regex, regex::Error>> = LazyLock::new(|| Regex::new(r"\}\}[ \t]+[,.;:!?](?:\s|$)"));
    let mut found = Vec::new();
    let text = blanked(source);
    for (number, (line, plain)) in source.lines().zip(text.lines()).enumerate() {
        let mut add = |what: String| found.push(Finding { line: Some(number + 1), what });
        if plain.contains('\t') {
            add("a tab, which every mail program shows in another width: write spaces".to_owned());
        }
        if line.len() > MAX_LINE {
            add(format!("longer than {MAX_LINE} bytes, the longest line of a mail: break it"));
        }
        if GAP.as_ref().is_ok_and(|gap| gap.is_match(line)) {
            add("a space between a value and the punctuation behind it".to_owned());
        }
        for left in leftovers(plain) {
            add(format!("{left} was meant to be replaced"));
        }
    }
    found
}

/// The text with every tag and comment as spaces, line by line.
fn blanked(source: &str) -> String {
    let mut out = String::with_capacity(source.len());
    let mut rest = source;
    while let Some((before, tag)) = rest.split_once("{{") {
        out.push_str(before);
        let end = if tag.starts_with("!--") { "--}}" } else { "}}" };
        let Some((inside, behind)) = tag.split_once(end) else {
            out.push_str("{{");
            rest = tag;
            continue;
        };
        // an empty tag is a value that was forgotten
        let kept = if inside.trim().is_empty() { "{{}}" } else { "" };
        out.push_str(kept);
        out.extend(inside.chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
        rest = behind;
    }
    out.push_str(rest);
    out
}

/// Helpers and parts that do not exist.
struct Uses<'a> {
    templates: &'a Templates,
    found: Vec<String>,
}

impl Uses<'_> {
    fn template(&mut self, template: &Template) {
        for element in &template.elements {
            match element {
                TemplateElement::Expression(value) | TemplateElement::HtmlExpression(value)
                    if value.params.is_empty() && value.hash.is_empty() => {}
                TemplateElement::Expression(helper)
                | TemplateElement::HtmlExpression(helper)
                | TemplateElement::HelperBlock(helper) => self.helper(helper),
                TemplateElement::PartialExpression(partial) | TemplateElement::PartialBlock(partial) => {
                    self.partial(partial);
                }
                _ => {}
            }
        }
    }

    fn helper(&mut self, helper: &HelperTemplate) {
        if let Some(name) = name_of(&helper.name).filter(|name| !HELPERS.contains(&name.as_str())) {
            self.found.push(format!("there is no helper {name}: a template can use {}", HELPERS.join(", ")));
        }
        helper.template.iter().chain(&helper.inverse).for_each(|part| self.template(part));
    }

    fn partial(&mut self, partial: &DecoratorTemplate) {
        let name = match &partial.name {
            Parameter::Literal(name) => name.as_str().map(str::to_owned),
            name => name_of(name),
        };
        if let Some(name) = name.filter(|name| !self.templates.known.contains_key(name)) {
            self.found.push(format!("there is no template {name} to put in here"));
        }
        partial.template.iter().for_each(|part| self.template(part));
    }
}

#[cfg(test)]
mod tests;
