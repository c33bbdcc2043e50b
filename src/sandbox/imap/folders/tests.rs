use super::wildcard;

#[test]
fn wildcards_match_as_list_wants_them() {
    for (pattern, name, matches) in [
        ("*", "a/b", true),
        ("%", "a/b", false),
        ("%", "ab", true),
        ("a/%", "a/b", true),
        ("a/%", "a/b/c", false),
        ("*c", "a/b/c", true),
        ("a*%b", "ab", true),
        ("ab", "ab", true),
        ("ab", "abc", false),
        ("", "a", false),
        ("%*%*", "", true),
    ] {
        assert_eq!(wildcard(pattern.as_bytes(), name.as_bytes(), '/'), matches, "{pattern} on {name}");
    }
}

#[test]
fn many_wildcards_cost_no_more_than_their_number() {
    let name = "a".repeat(2000);
    assert!(!wildcard(
        "a*".repeat(500).as_bytes().iter().chain(b"b").copied().collect::<Vec<u8>>().as_slice(),
        name.as_bytes(),
        '/'
    ));
}
