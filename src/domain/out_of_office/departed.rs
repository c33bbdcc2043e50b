//! "I have left Changlab": a firm's name stands between the words, so that no table of phrases holds it.

use std::sync::LazyLock;

use regex::Regex;

/// Whether a flattened lower-case text says that somebody left an organisation that it names.
pub(super) fn names_what_was_left(flat: &str) -> bool {
    LEFT.iter().any(|pattern| {
        pattern.captures_iter(flat).any(|found| {
            let name = found.name("name").map_or("", |name| name.as_str());
            let mut words = name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
            words.clone().next().is_some() && !words.any(|word| NO_FIRM.contains(&word) || word.parse::<u32>().is_ok())
        })
    })
}

/// What people leave in the evening.
pub(super) const ROOMS: &[&str] = &["büro", "haus", "gebäude", "arbeitsplatz", "schreibtisch"];

/// Words that are left by people who come back, or that are left behind: a desk, a message, for lunch.
const NO_FIRM: &[&str] = &[
    "a",
    "an",
    "my",
    "your",
    "his",
    "her",
    "it",
    "this",
    "that",
    "them",
    "him",
    "you",
    "me",
    "us",
    "for",
    "on",
    "at",
    "in",
    "to",
    "early",
    "work",
    "home",
    "town",
    "today",
    "already",
    "now",
    "instructions",
    "office",
    "desk",
    "building",
    "voicemail",
    "message",
    "messages",
    "open",
    "behind",
    "country",
    "city",
    "everything",
    "nothing",
    "some",
    "no",
    "details",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "vacation",
    "holiday",
    "leave",
    "off",
    "out",
    "school",
    "hospital",
    "conference",
    "büro",
    "haus",
    "gebäude",
    "arbeitsplatz",
    "schreibtisch",
    "platz",
    "land",
    "stadt",
    "nachricht",
    "sich",
    "mich",
    "uns",
    "ein",
    "eine",
    "einen",
    "bureau",
    "maison",
    "pays",
    "ville",
    "un",
    "une",
    "uno",
    "una",
    "unos",
    "mi",
    "mis",
    "oficina",
    "mensaje",
    "recado",
    "de",
    "ufficio",
    "messaggio",
    "mio",
    "mia",
    "um",
    "uma",
    "meu",
    "minha",
    "escritório",
    "mensagem",
    "kantoor",
    "pand",
    "gebouw",
    "een",
    "mijn",
    "bericht",
    "kontoret",
    "kontor",
    "huset",
    "landet",
    "landed",
    "et",
    "en",
    "ett",
    "mitt",
    "biuro",
    "biura",
    "domu",
    "wiadomość",
];

static LEFT: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    let name = r"(?P<name>[\p{L}\d][\p{L}\d&+.'-]*(?: [\p{L}\d&][\p{L}\d&+'-]*){0,2}?)";
    let end = r"(?: ?[.,;!:()]| [-–—] |$)";
    let joint = |words: &str| format!(r"(?:{end}| (?:{words})\b)");
    let patterns = [
        format!(
            r"\b(?:i have|i've|he has|she has|they have|has) (?:now |recently |since |sadly )?left {name}{}",
            joint(
                "as of|as from|with effect|effective|and|to pursue|to join|to start|to take|since|in|on|at the end|last|after|per"
            )
        ),
        format!(
            r"\b(?:am|is|are) (?:now )?(?:leaving|departing) {name}{}",
            joint("as of|as from|for good|effective|with effect")
        ),
        format!(
            r"\b(?:habe|hat|haben) (?:die |das |den )?{name} (?:(?:zum|am|im|mit|per|seit|ende|nach) [^!?;]{{0,40}}?)?verlassen\b"
        ),
        format!(r"\b(?:j'ai|a|ont) quitté {name}{}", joint("le|en|au|depuis|fin|et|pour|à")),
        format!(r"\b(?:he|ha|hemos|dejé|dejó)(?: dejado)? (?:de trabajar en |de trabajar para ){name}"),
        format!(r"\b(?:he dejado|ha dejado|dejé|dejó) {name}{}", joint("el|en|desde|a partir|y|para")),
        format!(r"\b(?:ho|ha) lasciato {name}{}", joint("il|dal|da|a|e|per")),
        format!(r"\b(?:deixei|deixou|saí d[aoe]|saiu d[aoe]) (?:a |o )?{name}{}", joint("em|no|desde|a partir|e|para")),
        format!(r"\b(?:heb|heeft) {name} (?:(?:per|op|sinds|in|met) [^!?;]{{0,40}}?)?verlaten\b"),
        format!(r"\bhar (?:lämnat|forlatt|forladt) {name}{}", joint("den|per|sedan|och|og|i|fra|från")),
    ];
    #[expect(clippy::expect_used, reason = "the patterns are constant, and every test runs them")]
    patterns.iter().map(|pattern| Regex::new(pattern).expect("a constant pattern")).collect()
});
