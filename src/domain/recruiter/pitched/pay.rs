//! What a pitch pays, as it is written.

use std::sync::LazyLock;

use regex::Regex;

use super::constant;

/// The first pay that a text names; a step of a public scale where it names no money. What a company raised
/// is none, and neither is the reward for a hint.
pub(super) fn read(text: &str) -> Option<String> {
    let money = PAY.find_iter(text).find(|found| {
        let before =
            text.get(..found.start()).and_then(|head| head.lines().next_back()).unwrap_or_default().to_lowercase();
        let near = before.rsplit([',', '.', ';', '(']).next().unwrap_or_default();
        let behind = text.get(found.end()..).unwrap_or_default().trim_start();
        let sum = MILLIONS.is_match(found.as_str()) || MILLION_WORDS.iter().any(|word| behind.starts_with(word));
        let other = OTHER_MONEY.iter().any(|word| near.contains(word) || behind.starts_with(word));
        !sum && !other && is_money(found.as_str())
    });
    let found = money.or_else(|| NAMED.find(text)).or_else(|| SCALE.find(text))?;
    let words: Vec<&str> = found.as_str().split_whitespace().collect();
    Some(words.join(" ").trim_end_matches(['.', ',']).to_owned())
}

/// A number without a sign of money must be large enough to be some: "36 per week" is time.
fn is_money(found: &str) -> bool {
    SIGN.is_match(found) || found.chars().filter(char::is_ascii_digit).count() > 2
}

const MILLION_WORDS: &[&str] = &["million", "mio", "mln", "milliard", "billion", "M "];
/// Words before money that is no pay.
const OTHER_MONEY: &[&str] = &[
    "referral", "refer ", "voucher", "raised", "funding", "series a", "series b", "series c", "turnover", "revenue",
    "umsatz", "levée",
];

static MILLIONS: LazyLock<Regex> = LazyLock::new(|| constant(r"\d\s?M(?:€|\b)"));
static SIGN: LazyLock<Regex> = LazyLock::new(|| {
    constant(r"[€£$¥₹%]|万|円|\p{Lu}{3}|\d\s?[kK]\b|\d\s?[kK]€|T€|kr\b|zł|tys|Tsd|[Ee]uro|mil\b|mila\b|papp|mille")
});

/// A bare number behind the word for what it is: "TJM 520".
static NAMED: LazyLock<Regex> = LazyLock::new(|| {
    constant(
        r"\b(?:TJM|tjm|day rate|Tagessatz|tarief|rate|RAL|CTC|OTE|salary|package|stawka)(?: is| of| de|:| =| von| um|\s)\s?(?:up to |about |around |ca\. ?|bis |do |tot )?\d{2,6}(?:\s?[-–]\s?\d{2,6})?\b",
    )
});

/// Steps of public scales.
static SCALE: LazyLock<Regex> = LazyLock::new(|| {
    constant(
        r"\b(?:(?:TV-?L|TVöD|TVÖD|AVR)[ -]?EG? ?\d{1,2}|EG? ?\d{1,2}[a-c]? ?(?:TV-?L|TVöD|TVÖD|TV-H)|(?:[Bb]and|[Ss]chaal|Grade|[Ss]cale|Besoldungsgruppe|Entgeltgruppe) ?[EA]?\d{1,2}[a-c]?)\b",
    )
});

static PAY: LazyLock<Regex> = LazyLock::new(|| {
    let number = r"(?:\d{1,3}(?:[.,'’ \u{a0}\u{202f}]\d{3})+(?:[.,]\d{2})?|\d{1,7}(?:[.,]\d{1,2})?)";
    let codes = "EUR|USD|GBP|CHF|PLN|SEK|DKK|NOK|CZK|BRL|AED|SAR|SGD|AUD|NZD|CAD|HKD|INR|JPY|QAR|ILS|HUF|RON|ZAR|MXN";
    let currency = format!(r"(?:(?:R|US|A|S|C|NZ|HK)?\$|[€£¥₹]|\b(?:{codes})\b|\bS?Fr\.)");
    let after = format!(
        r"(?:\s?(?:€|£|\$|T€|(?:{codes}|Euro|euros?|eur|usd|gbp|pln|quid|pounds?|dollars?|zł|kr|reais|francs?)\b|万円|円))"
    );
    let unit = r"(?:\s?(?:[kKmM](?:€|\b)|T€|tys\.?|mila\b|mil\b|Tsd\.?|thousand\b|tusen\b|万))?";
    let time = "hour|day|year|annum|month|week|Stunde|Tag|Jahr|Monat|jour|an|mois|hora|mes|mês|dia|día|año|ano|maand|uur|dag|timme|time|månad|måned|Unterrichtseinheit|giorno|mese|anno";
    let short = "h|hr|HR|hour|day|d|dag|Tag|Std|jour|godz|month|mo|year|yr|week|día|dia|uur|mes|mese|giorno";
    let per = format!(
        r"(?:\s?(?:/\s?(?:{short})\b|(?:per|pro|par|por|al|a|an|je|i|om|the|na) (?:{time})\b|p\.?\s?a\.?\b|pcm\b|netto|brutto|bruto|brut\b|b/a))?"
    );
    let range = r"\s?(?:-|–|—|to|and|und|bis|à|et|a|e|y|tot|en|do|til|till|och|og|から|~|〜|～)\s?";
    let bonus = r"(?:(?:,| \+| plus| and| /|\s?\+|/) ?(?:(?:up to|a|bis zu) )?(?:[€£$]\s?)?\d{1,3}(?:[.,]\d{1,2})?\s?(?:%|[kK]\b)(?: ?(?:bonus|OTE|equity|pension|super))?)?";
    let base = "base|OTE|gross|net|netto|brutto|bruto|brut|bruts|fixe|fixo|fijos?|lordi|RAL|tax free|tax-free|p\\.a\\.|pa|per annum";
    let whole =
        "hour|day|month|year|annum|week|uur|dag|Tag|Stunde|Monat|jour|mois|mes|día|dia|giorno|mese|maand|timme|månad";
    let grouped = r"\d{1,3}(?:[.,' \u{a0}]\d{3})+";
    let forms = [
        format!("{currency}\\s?{number}{unit}(?:{range}{currency}?\\s?{number}{unit})?{after}?{per}{bonus}"),
        format!("{number}{unit}{after}?{range}{number}{unit}{after}{per}{bonus}"),
        format!("{number}{unit}{after}{per}{bonus}"),
        format!(r"\b\d{{2,3}}(?:{range}\d{{2,3}})?\s?[kK]€"),
        format!(r"\b\d{{2,3}}(?:\s?[kK])?{range}\d{{2,3}}\s?[kK]\b(?:\s?€)?{bonus}"),
        format!(
            r"\b\d{{1,3}}(?:{range}\d{{1,3}})?\s?(?:tys\.|tys\b|Tsd\.?|mila\b|lakhs?\b|LPA\b|mille\b|thousand\b|papp\b)"
        ),
        format!(r"\b\d{{2,3}}\s?[kK]\b{bonus}"),
        format!(
            r"\b{number}(?:{range}{number})?(?: (?:a|per|the|pro|par|por|al|om|i|je|na) (?:{whole})\b|/(?:{short})\b)"
        ),
        format!(r"\b{grouped}{range}{grouped}"),
        format!(r"\b(?:\d{{2,3}}|{grouped}|\d{{4,6}}) (?:{base})\b"),
    ];
    constant(&forms.join("|"))
});
