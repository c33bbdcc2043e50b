//! Helpers of templates: days as people write them, and first names.
//!
//! `{{past-day asked_on}}`: last Tuesday; `{{coming-day met_on}}`: on Thursday, on Tuesday 8 December; `{{working-day 3}}`:
//! the third working day from now, as Thursday or Tuesday 8 December; `{{first-name introduced}}`: the first name in a name.
//! Their hyphens keep them apart from values. Days are ISO dates; the present one is the value `today`.

use handlebars::{Context, Handlebars, Helper, HelperResult, Output, RenderContext, RenderError, RenderErrorReason};
use jiff::civil::Date;
use serde_json::Value;

use crate::domain::ident;
use crate::domain::sequence::day_words;

/// Names of the helpers that need to know the present day.
pub(super) const OF_DAYS: [&str; 3] = ["past-day", "coming-day", "working-day"];
/// The value that holds the present day.
pub(super) const TODAY: &str = "today";

pub(super) fn register(engine: &mut Handlebars<'static>) {
    engine.register_helper("past-day", Box::new(ago));
    engine.register_helper("coming-day", Box::new(coming));
    engine.register_helper("working-day", Box::new(day));
    engine.register_helper("first-name", Box::new(first));
}

fn ago(
    helper: &Helper<'_>,
    _: &Handlebars<'_>,
    context: &Context,
    _: &mut RenderContext<'_, '_>,
    out: &mut dyn Output,
) -> HelperResult {
    out.write(&day_words::past(date_of(helper)?, today(helper, context)?))?;
    Ok(())
}

fn coming(
    helper: &Helper<'_>,
    _: &Handlebars<'_>,
    context: &Context,
    _: &mut RenderContext<'_, '_>,
    out: &mut dyn Output,
) -> HelperResult {
    out.write(&day_words::coming(date_of(helper)?, today(helper, context)?))?;
    Ok(())
}

fn day(
    helper: &Helper<'_>,
    _: &Handlebars<'_>,
    context: &Context,
    _: &mut RenderContext<'_, '_>,
    out: &mut dyn Output,
) -> HelperResult {
    let count = helper.param(0).and_then(|param| param.value().as_u64()).and_then(|count| u32::try_from(count).ok());
    let count =
        count.filter(|count| *count <= 60).ok_or_else(|| wrong(helper, "needs a number of working days up to 60"))?;
    let today = today(helper, context)?;
    let words = day_words::coming(day_words::working_day(today, count), today);
    out.write(words.strip_prefix("on ").unwrap_or(&words))?;
    Ok(())
}

fn first(
    helper: &Helper<'_>,
    _: &Handlebars<'_>,
    _: &Context,
    _: &mut RenderContext<'_, '_>,
    out: &mut dyn Output,
) -> HelperResult {
    let name = helper.param(0).and_then(|param| param.value().as_str()).unwrap_or_default();
    out.write(&ident::first_name(name).ok_or_else(|| wrong(helper, "finds no first name"))?)?;
    Ok(())
}

fn today(helper: &Helper<'_>, context: &Context) -> Result<Date, RenderError> {
    let today = context.data().get(TODAY).and_then(Value::as_str).and_then(|text| text.parse().ok());
    today.ok_or_else(|| wrong(helper, "does not know the present day"))
}

fn date_of(helper: &Helper<'_>) -> Result<Date, RenderError> {
    let date = helper.param(0).and_then(|param| param.value().as_str()).and_then(|text| text.parse().ok());
    date.ok_or_else(|| wrong(helper, "needs a day such as asked_on"))
}

fn wrong(helper: &Helper<'_>, what: &str) -> RenderError {
    RenderErrorReason::Other(format!("{{{{{} …}}}} {what}", helper.name())).into()
}
