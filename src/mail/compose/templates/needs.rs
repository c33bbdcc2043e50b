//! The values that a template names.

use std::collections::BTreeSet;

use handlebars::template::{BlockParam, HelperTemplate, Parameter, Subexpression, TemplateElement};
use handlebars::{Handlebars, Template};

use super::helpers::{OF_DAYS, TODAY};

/// Partials in partials.
const MAX_DEPTH: u32 = 8;

/// Collects the variables that a template names. Strict mode alone lets a missing one pass in
/// `{{#if x}}` and as a partial's parameter, and an empty one anywhere.
pub(super) struct Needs<'a> {
    engine: &'a Handlebars<'static>,
    /// What was found.
    pub(super) names: BTreeSet<String>,
    /// Names given by block parameters and to partials.
    locals: Vec<String>,
    depth: u32,
}

impl<'a> Needs<'a> {
    /// Nothing yet; partials are found in the engine.
    pub(super) fn new(engine: &'a Handlebars<'static>) -> Self {
        Self { engine, names: BTreeSet::new(), locals: Vec::new(), depth: 0 }
    }

    /// Adds what a template names. The error says what makes that impossible to know.
    pub(super) fn template(&mut self, template: &Template) -> Result<(), String> {
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
        if name_of(&expression.name).is_some_and(|name| OF_DAYS.contains(&name.as_str())) {
            self.names.insert(TODAY.to_owned());
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

pub(super) fn name_of(parameter: &Parameter) -> Option<String> {
    let name = parameter.as_name()?;
    Some(name.strip_prefix("this.").or_else(|| name.strip_prefix("./")).unwrap_or(name).to_owned())
}
