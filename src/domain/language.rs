//! The language of a text, if it is sure.

/// ISO 639-1 code; `None` where the text is too short or the guess unreliable.
pub fn of(text: &str) -> Option<String> {
    let info = whatlang::detect(text)?;
    let code = match info.lang().code() {
        "eng" => "en",
        "deu" => "de",
        "fra" => "fr",
        "spa" => "es",
        _ => return None,
    };
    info.is_reliable().then(|| code.to_owned())
}
