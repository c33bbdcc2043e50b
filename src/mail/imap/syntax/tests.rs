use super::*;

#[test]
fn strings_are_quoted_where_possible_and_literals_elsewhere() {
    let command = Command::new("LOGIN ").string("da\"na\\").text(" ").string("pä").pieces();
    assert_eq!(command, [&b"LOGIN \"da\\\"na\\\\\" {3}"[..], "pä".as_bytes()]);
    let command = Command::new("X ").string("a\r\nb").text(" c").pieces();
    assert_eq!(command, [&b"X {4}"[..], b"a\r\nb c"]);
}

#[test]
fn list_lines_are_read_in_all_their_forms() {
    let line =
        |text: &str| list_line(text.as_bytes()).map(|line| (line.attributes.join(" "), line.delimiter, line.name));
    let some = |attributes: &str, delimiter, name: &str| Some((attributes.to_owned(), delimiter, name.to_owned()));
    assert_eq!(
        line("* LIST (\\HasNoChildren \\Sent) \"/\" \"Sent\"\r\n"),
        some("\\hasnochildren \\sent", Some('/'), "Sent")
    );
    assert_eq!(line("* LIST () NIL INBOX\r\n"), some("", None, "INBOX"));
    assert_eq!(line("* LIST () \"\\\\\" \"a\\\\b\\\"c\"\r\n"), some("", Some('\\'), "a\\b\"c"));
    assert_eq!(line("* LIST () \".\" {5}\r\na (b)\r\n"), some("", Some('.'), "a (b)"));
    assert_eq!(line("* LIST () \"/\" \"x\" (\"CHILDINFO\" (\"SUBSCRIBED\"))\r\n"), some("", Some('/'), "x"));
    for broken in [
        "* LIST\r\n",
        "* LIST (\r\n",
        "* LIST ()\r\n",
        "* LIST () \"/\" \"x\r\n",
        "* LIST () \"/\" {9}\r\nx\r\n",
        "* LIST () \"/\" \"\"\r\n",
    ] {
        assert_eq!(line(broken), None, "{broken}");
    }
}

#[test]
fn dates_of_servers_are_read() {
    let date = |text| internal_date(text).map(|date| date.to_string());
    assert_eq!(date(" 7-Jul-2026 02:44:25 -0730").as_deref(), Some("2026-07-07T10:14:25Z"));
    assert_eq!(date("17-FEB-2026 02:44:25 +0000").as_deref(), Some("2026-02-17T02:44:25Z"));
    assert_eq!(date("32-Jul-2026 02:44:25 +0000"), None);
    assert_eq!(date(""), None);
}
