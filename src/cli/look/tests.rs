use std::sync::{Arc, Mutex};

use proptest::prelude::*;
use rstest::rstest;

use super::*;

fn rows(rows: &[&[&str]]) -> Vec<Vec<String>> {
    rows.iter().map(|row| row.iter().map(|cell| (*cell).to_owned()).collect()).collect()
}

const COLUMNS: [Column; 3] = [Column::left("who"), Column::left("subject"), Column::right("days")];

#[test]
fn a_piped_table_has_columns_and_nothing_else() {
    let text = Look::PLAIN.table(&COLUMNS, &rows(&[&["Rita", "Hello", "9"], &["Jo", "A longer one", "12"]]));
    assert_eq!(text, "who   subject       days\nRita  Hello            9\nJo    A longer one    12\n");
}

#[test]
fn a_table_on_a_terminal_has_a_line_below_its_heading() {
    let look = Look { terminal: true, ..Look::PLAIN };
    let text = look.table(&COLUMNS, &rows(&[&["Rita", "Hello", "9"]]));
    assert_eq!(text.lines().nth(1).map(|line| line.chars().all(|c| c == '─')), Some(true), "{text}");
}

#[test]
fn a_table_on_a_terminal_fits_it_as_one_in_a_pipe_does() {
    let long = "x".repeat(100);
    let table = |look: Look| look.table(&COLUMNS, &rows(&[&[&long, &long, "9"]]));
    let widest = |text: &str| text.lines().map(str::width).max();
    assert_eq!(widest(&table(Look { terminal: true, ..Look::PLAIN })), Some(80));
    assert_eq!(widest(&table(Look::PLAIN)), Some(80));
}

#[test]
fn colours_come_only_where_they_are_wanted() {
    let colour = Look { terminal: true, colour: true, width: 80 };
    assert_eq!(colour.tinted(Tint::Bad, "no"), "\x1b[31mno\x1b[0m");
    assert!(colour.table(&COLUMNS, &[]).contains('\x1b'));
    assert_eq!(Look::PLAIN.tinted(Tint::Bad, "no"), "no");
    assert!(!Look::PLAIN.table(&COLUMNS, &[]).contains('\x1b'));
}

#[test]
fn the_widest_column_gives_way_first() {
    let long = "word ".repeat(40);
    let text = Look::PLAIN.table(&COLUMNS, &rows(&[&["rita@agency.example", &long, "9"]]));
    let row = text.lines().nth(1).unwrap();
    assert!(row.starts_with("rita@agency.example  word word") && row.contains('…') && row.ends_with("   9"), "{text}");
}

#[test]
fn two_wide_columns_share_what_room_there_is() {
    let long = "x".repeat(100);
    let text = Look::PLAIN.table(&COLUMNS, &rows(&[&[&long, &long, "9"]]));
    assert_eq!(text.lines().nth(1), Some(format!("{0}…  {0}…     9", "x".repeat(35)).as_str()));
}

#[test]
fn mail_cannot_steer_the_terminal() {
    let text = Look::PLAIN.table(&COLUMNS, &rows(&[&["\x1b[2Jhi", "a\r\nb\u{202e}c", "1"]]));
    assert!(!text.contains(['\x1b', '\r', '\u{202e}']) && text.lines().count() == 2, "{text:?}");
}

#[rstest]
#[case("Hello", 5, "Hello")]
#[case("Hello you", 6, "Hello…")]
#[case("日本語テスト", 7, "日本語…")]
#[case("日本語テスト", 6, "日本…")]
#[case("ab", 1, "…")]
#[case("ab", 0, "")]
fn text_is_cut_by_the_columns_it_takes(#[case] text: &str, #[case] width: usize, #[case] expected: &str) {
    assert_eq!(truncated(text, width), expected);
}

#[test]
fn a_day_tells_its_year_only_if_it_is_another() {
    let today = jiff::civil::date(2026, 11, 20);
    assert_eq!(day(today, today), "Fri 20 Nov");
    assert_eq!(day(jiff::civil::date(2027, 7, 1), today), "Thu 1 Jul 2027");
}

#[rstest]
#[case(0, "just now")]
#[case(-59, "just now")]
#[case(-60, "1 min ago")]
#[case(-3 * 3600, "3 h ago")]
#[case(-86_400, "1 day ago")]
#[case(3 * 86_400, "in 3 days")]
#[case(-400 * 86_400, "400 days ago")]
fn a_time_is_told_in_one_unit(#[case] seconds: i64, #[case] expected: &str) {
    let now: Timestamp = "2026-11-20T09:00:00Z".parse().unwrap();
    assert_eq!(relative(now + jiff::SignedDuration::from_secs(seconds), now), expected);
}

#[test]
fn a_json_value_takes_one_line() {
    let mut out = Vec::new();
    json_line(&mut out, &serde_json::json!({"text": "a\nb"})).unwrap();
    assert_eq!(out, b"{\"text\":\"a\\nb\"}\n");
}

#[derive(Clone, Default)]
struct Logged(Arc<Mutex<Vec<u8>>>);

impl Write for Logged {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn no_verbosity_shows_the_commands_that_libraries_send() {
    for verbosity in [0, 1, 2, 3, 4, u8::MAX] {
        let logged = Logged::default();
        let writer = logged.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_env_filter(logging::filter(verbosity))
            .with_writer(move || writer.clone())
            .finish();
        tracing::subscriber::with_default(subscriber, || {
            tracing::trace!(target: "async_imap::imap_stream", "LOGIN dana hunter2");
            tracing::debug!(target: "lettre::transport::smtp::client", "AUTH PLAIN hunter2");
            tracing::error!(target: "checkback::service", "a mailbox is stale");
        });
        let text = String::from_utf8(logged.0.lock().unwrap().clone()).unwrap();
        assert!(!text.contains("hunter2") && text.contains("a mailbox is stale"), "{verbosity}: {text}");
    }
}

proptest! {
    #[test]
    fn a_table_never_gets_wider_than_it_may(
        cells in proptest::collection::vec(proptest::collection::vec("\\PC{0,60}", 0..6), 0..6), width in 20..100_usize
    ) {
        let columns = [Column::left("one"), Column::left("two"), Column::right("three"), Column::left("four")];
        let text = Look { width, ..Look::PLAIN }.table(&columns, &cells);
        for line in text.lines() {
            prop_assert!(line.width() <= width, "{}: {line}", line.width());
        }
    }

    #[test]
    fn cut_text_fits(text in "\\PC{0,60}", width in 0..40_usize) {
        prop_assert!(truncated(&text, width).width() <= width);
    }
}

#[rstest::rstest]
#[case(None, true)]
#[case(Some("C"), false)]
#[case(Some("POSIX"), false)]
#[case(Some("C.UTF-8"), true)]
#[case(Some("de_DE.utf8@euro"), true)]
#[case(Some("de_DE.ISO-8859-1"), false)]
#[case(Some("de_DE"), true)]
fn a_locale_says_whether_there_is_more_than_ascii(#[case] locale: Option<&str>, #[case] unicode: bool) {
    assert_eq!(is_unicode(locale), unicode);
}
