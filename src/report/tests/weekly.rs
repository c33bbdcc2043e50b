use super::*;

#[test]
fn the_weekly_section_is_text_that_a_mail_holds() {
    let text = text::weekly_section(&sample());
    for line in text.lines() {
        assert!(line.chars().count() <= 72, "{line}");
    }
    insta::assert_snapshot!(text);
}

#[test]
fn the_weekly_section_is_html_that_a_mail_reader_keeps() {
    let html = html::weekly_section(&sample());
    for dropped in ["<svg", "<style", "<script", "class=", "<img", "url(", "var(", "<button"] {
        assert!(!html.contains(dropped), "{dropped}");
    }
    assert_eq!(html.matches("<table").count(), html.matches("</table>").count());
    assert_eq!(html.matches("<tr>").count(), html.matches("</tr>").count());
    insta::assert_snapshot!(html.replace("<tr>", "\n<tr>").replace("<p ", "\n<p ").replace("<table", "\n<table"));
}

#[test]
fn both_weekly_sections_say_what_the_report_says() {
    let flat = |text: String| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let (text, html) = (flat(text::weekly_section(&sample())), flat(html::weekly_section(&sample())));
    for said in ["23 % (95 %: 11–40 %)", &sample().standing(), "4 of 10 asked", "+6 undecided: 21–26 % either way"]
    {
        assert!(text.contains(said) && html.contains(said), "{said}\n{text}\n{html}");
    }
}

#[test]
fn a_weekly_section_of_nothing_is_one_sentence_and_no_empty_table() {
    let html = html::weekly_section(&empty());
    assert!(html.contains("Nothing has been sent yet") && !html.contains("asked</th>"), "{html}");
    assert!(text::weekly_section(&empty()).contains("Nothing has been sent yet"));
}

#[test]
fn names_are_text_in_the_weekly_section() {
    let mut data = sample();
    data.attention = vec!["<img src=x>".into()];
    data.accounts_stale = vec!["<b>\u{1b}[2J".into()];
    let (text, html) = (text::weekly_section(&data), html::weekly_section(&data));
    assert!(!html.contains("<img") && !html.contains("<b>"));
    assert!(!text.contains('\u{1b}'));
}
