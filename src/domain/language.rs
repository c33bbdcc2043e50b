//! The language of a text, if it is sure.

use whatlang::{Lang, Script};

/// Letters below which nothing can be said but by the script.
const SHORT: usize = 24;
/// Characters that are looked at.
const LOOKED_AT: usize = 3000;

/// ISO 639-1 code; `None` where the text is too short or the guess unreliable. A script that only
/// one language of our mail writes decides even in a short text.
pub fn of(text: &str) -> Option<String> {
    let head: String = text.chars().take(LOOKED_AT).collect();
    if head.chars().any(|c| matches!(c, '\u{3041}'..='\u{30ff}')) {
        return Some("ja".to_owned());
    }
    let letters = head.chars().filter(|c| c.is_alphabetic()).count();
    let guess = whatlang::detect(&head)?;
    let by_script = match guess.script() {
        Script::Mandarin => Some("zh"),
        Script::Hangul => Some("ko"),
        Script::Greek => Some("el"),
        Script::Hebrew => Some("he"),
        Script::Thai => Some("th"),
        Script::Arabic if letters < SHORT => Some("ar"),
        Script::Cyrillic if letters < SHORT => Some("ru"),
        _ => None,
    };
    if let Some(code) = by_script {
        return Some(code.to_owned());
    }
    (letters >= SHORT && guess.is_reliable()).then(|| code(guess.lang())).flatten().map(str::to_owned)
}

fn code(lang: Lang) -> Option<&'static str> {
    Some(match lang {
        Lang::Eng => "en",
        Lang::Deu => "de",
        Lang::Fra => "fr",
        Lang::Spa => "es",
        Lang::Por => "pt",
        Lang::Ita => "it",
        Lang::Nld => "nl",
        Lang::Pol => "pl",
        Lang::Swe => "sv",
        Lang::Dan => "da",
        Lang::Nob => "no",
        Lang::Fin => "fi",
        Lang::Est => "et",
        Lang::Ces => "cs",
        Lang::Slk => "sk",
        Lang::Slv => "sl",
        Lang::Hrv => "hr",
        Lang::Srp => "sr",
        Lang::Hun => "hu",
        Lang::Ron => "ro",
        Lang::Bul => "bg",
        Lang::Rus => "ru",
        Lang::Ukr => "uk",
        Lang::Ell => "el",
        Lang::Tur => "tr",
        Lang::Heb => "he",
        Lang::Ara => "ar",
        Lang::Jpn => "ja",
        Lang::Cmn => "zh",
        Lang::Kor => "ko",
        Lang::Tha => "th",
        Lang::Vie => "vi",
        Lang::Ind => "id",
        Lang::Lav => "lv",
        Lang::Lit => "lt",
        Lang::Cat => "ca",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn a_sure_language_has_its_code_and_a_short_text_has_none() {
        for (text, code) in [
            ("I would be happy to meet you next week, does Thursday suit you?", Some("en")),
            ("Vielen Dank für Ihre Nachricht, ich melde mich in der nächsten Woche.", Some("de")),
            ("ご連絡ありがとうございます。", Some("ja")),
            ("我在休假", Some("zh")),
            ("부재중입니다", Some("ko")),
            ("Спасибо", Some("ru")),
            ("ok", None),
            ("", None),
        ] {
            assert_eq!(of(text).as_deref(), code, "{text}");
        }
    }
}
