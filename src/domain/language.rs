//! The language of a text, if it is sure.

use std::collections::HashMap;
use std::sync::LazyLock;

use whatlang::{Detector, Lang, Script};

/// Letters below which nothing can be said but by the script.
const SHORT: usize = 24;
/// Characters that are looked at.
const LOOKED_AT: usize = 3000;

/// ISO 639-1 code; `None` where the text is too short or the guess unreliable. A script that only
/// one language of our mail writes decides even in a short text.
pub fn of(text: &str) -> Option<String> {
    let end = text.char_indices().nth(LOOKED_AT).map_or(text.len(), |(at, _)| at);
    let head = text.get(..end).unwrap_or_default();
    if !head.is_ascii() && head.chars().any(|c| matches!(c, '\u{3041}'..='\u{30ff}')) {
        return Some("ja".to_owned());
    }
    if let Some(code) = by_first_words(head) {
        return Some(code.to_owned());
    }
    let letters = head.chars().filter(|c| c.is_alphabetic()).count();
    let guess = DETECTOR.detect(head)?;
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
    if letters < SHORT {
        return None;
    }
    let sure = if guess.is_reliable() { code(guess.lang()) } else { by_small_words(head) };
    sure.map(str::to_owned)
}

/// Words of the beginning that vote, and votes that settle it.
const FIRST_WORDS: usize = 120;
const SETTLED: u32 = 4;

/// The language whose small words stand in the beginning so often that letters need not be counted:
/// four votes, three times those of the next. Only the languages that no other one resembles; those
/// that resemble each other vote too, against it.
fn by_first_words(text: &str) -> Option<&'static str> {
    if !text.is_ascii() && text.chars().any(|c| c as u32 >= 0x370 && c.is_alphabetic()) {
        return None;
    }
    let mut votes = [0u32; VOTERS];
    let words = text.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty());
    let mut lower = String::new();
    for word in words.take(FIRST_WORDS) {
        if word.len() > LONGEST {
            continue;
        }
        lower.clear();
        match word.is_ascii() {
            true => lower.extend(word.chars().map(|c| c.to_ascii_lowercase())),
            false => lower.extend(word.chars().flat_map(char::to_lowercase)),
        }
        let of = BALLOTS.get(lower.as_str()).copied().unwrap_or(0);
        votes.iter_mut().enumerate().for_each(|(at, count)| *count += u32::from(of >> at & 1));
    }
    let (first, most) = votes.iter().enumerate().max_by_key(|(_, count)| **count)?;
    let next = votes.iter().enumerate().filter(|(at, _)| *at != first).map(|(_, count)| *count).max()?;
    let settled = *most >= SETTLED && *most >= 3 * next && first < DISTINCT;
    settled.then(|| SMALL_WORDS.get(first).map(|(code, _)| *code)).flatten()
}

/// Bytes of the longest small word.
const LONGEST: usize = 12;
/// Languages that vote: those with small words, and their likes.
const VOTERS: usize = SMALL_WORDS.len() + ALIKE.len();
/// The first so many of them stand apart enough to be settled by their words.
const DISTINCT: usize = 7;

/// A bit for each language that a small word votes for.
static BALLOTS: LazyLock<HashMap<&'static str, u16>> = LazyLock::new(|| {
    let mut ballots = HashMap::new();
    for (at, (_, list)) in SMALL_WORDS.iter().chain(ALIKE).enumerate() {
        list.split(' ').for_each(|word| *ballots.entry(word).or_insert(0) |= 1 << at);
    }
    ballots
});

/// Small words of languages that resemble one of [`SMALL_WORDS`].
const ALIKE: &[(&str, &str)] = &[
    ("da", "og jeg at er det en som ikke for med på du vi har til af et tak kan om hvis eller mig den"),
    ("no", "og jeg at er det en som ikke for med på du vi har til av et takk kan om hvis eller meg den"),
    ("ca", "el la els les i que és amb per una seu estic en no molt gràcies del em hola de al"),
    ("ro", "și în că este cu pentru o un nu mai sunt la de din vă mulțumesc am pe le să se"),
    ("fi", "on ja ei se en olen mutta kun hän jos kiitos ole sen että tai"),
];

/// A vote of the small words, for a text of a few sentences on which letters alone are not sure: at
/// least three votes, and twice as many as the next language has.
fn by_small_words(text: &str) -> Option<&'static str> {
    let lower = text.to_lowercase();
    let words: Vec<&str> = lower.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty()).collect();
    let votes = |list: &str| words.iter().filter(|word| list.split(' ').any(|small| small == **word)).count();
    let mut ranked: Vec<(usize, &str)> = SMALL_WORDS.iter().map(|(code, list)| (votes(list), *code)).collect();
    ranked.sort_unstable_by(|a, b| b.cmp(a));
    let (first, second) = (ranked.first()?, ranked.get(1)?);
    (first.0 >= 3 && first.0 >= 2 * second.0).then_some(first.1)
}

const SMALL_WORDS: &[(&str, &str)] = &[
    ("en", "the and you to of is for with your i we are this that be have would it not my"),
    ("de", "der die das und ich sie ist nicht ein eine mit für auf wir ihre den zu von im bei"),
    ("fr", "le la les et je vous est pas un une des pour avec votre nous sur dans du au ne"),
    ("es", "el los las y que usted es con por para una su estoy en lo muy gracias del me hola"),
    ("pt", "o os as e que você é com por para uma seu estou em não muito obrigado do da ao"),
    ("it", "il gli e che è con per una la suo sono di non molto grazie della del mi ciao i"),
    ("nl", "de het een en ik je niet is met voor van wij uw op zijn dat ben graag te aan"),
    ("pl", "i w na nie się jest z do że pan pani dziękuję za o mam pana proszę czy jestem po"),
    ("sv", "och jag att är det en som inte för med på du vi har till av ett tack kan om"),
];

/// Only the languages that have a code here compete.
static DETECTOR: LazyLock<Detector> = LazyLock::new(|| {
    Detector::with_allowlist(Lang::all().iter().copied().filter(|lang| code(*lang).is_some()).collect())
});

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
