use proptest::prelude::*;
use rstest::rstest;

use super::*;

#[rstest]
#[case("0s", Span::Exact(0))]
#[case("90s", Span::Exact(90))]
#[case("15m", Span::Exact(900))]
#[case("2 h", Span::Exact(7200))]
#[case("21d", Span::Days(21))]
#[case("3w", Span::Days(21))]
#[case("8mo", Span::Months(8))]
#[case("5 business days", Span::BusinessDays(5))]
#[case("1 business day", Span::BusinessDays(1))]
#[case(" 5  business  days ", Span::BusinessDays(5))]
fn every_unit_is_read(#[case] text: &str, #[case] span: Span) {
    assert_eq!(Span::parse(text), Ok(span));
}

#[rstest]
#[case("", SpanError::NoNumber)]
#[case("soon", SpanError::NoNumber)]
#[case("-5m", SpanError::NoNumber)]
#[case("15", SpanError::NoUnit(15))]
#[case("1h30m", SpanError::UnknownUnit)]
#[case("1.5h", SpanError::UnknownUnit)]
#[case("5 dayz", SpanError::UnknownUnit)]
#[case("٣d", SpanError::NoNumber)]
#[case("100001s", SpanError::TooLong)]
#[case("99999999999999999999d", SpanError::TooLong)]
fn what_is_no_duration_is_refused_with_its_reason(#[case] text: &str, #[case] error: SpanError) {
    assert_eq!(Span::parse(text), Err(error));
}

#[test]
fn months_and_business_days_have_no_exact_length() {
    assert_eq!(Span::Months(1).exact(), None);
    assert_eq!(Span::BusinessDays(1).exact(), None);
    assert_eq!(Span::Days(2).exact(), Some(SignedDuration::from_hours(48)));
}

fn any_span() -> impl Strategy<Value = Span> {
    let number = 0..=Span::MAX;
    prop_oneof![
        number.clone().prop_map(|n| Span::Exact(i64::from(n))),
        number.clone().prop_map(|n| Span::Exact(i64::from(n) * 60)),
        number.clone().prop_map(|n| Span::Exact(i64::from(n) * 3600)),
        number.clone().prop_map(Span::Days),
        number.clone().prop_map(Span::Months),
        number.prop_map(Span::BusinessDays),
    ]
}

proptest! {
    #[test]
    fn a_written_span_is_read_back_the_same(span in any_span()) {
        prop_assert_eq!(Span::parse(&span.to_string()), Ok(span));
    }

    #[test]
    fn any_text_is_read_or_refused_without_a_panic(text in "\\PC{0,40}") {
        let _ = Span::parse(&text);
    }
}
