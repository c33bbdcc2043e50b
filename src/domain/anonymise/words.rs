//! Words that may keep their capital letter in an anonymised mail: no name is among them, and the rules
//! read some of them. In lower case, sorted by language only for the reader.

/// Openers, closings and words of notices.
pub(super) const KEPT: &[&str] = &[
    // English
    "a", "about", "after", "all", "also", "although", "and", "any", "are", "as", "at", "auto", "auto-reply",
    "automatic", "away", "back", "because", "before", "best", "but", "by", "can", "cheers", "congratulations",
    "could", "currently", "dear", "delayed", "delivery", "did", "do", "does", "due", "during", "each", "every",
    "failed", "failure", "feel", "for", "from", "fwd", "good", "great", "greetings", "happy", "have", "hello",
    "hey", "hi", "hope", "how", "however", "i", "i'd", "i'll", "i'm", "i've", "if", "in", "is", "it", "it's",
    "kind", "let", "let's", "looking", "mail", "many", "may", "maybe", "message", "my", "no", "not",
    "notification", "of", "office", "on", "once", "one", "or", "our", "out", "perhaps", "please", "re",
    "recipient", "regards", "reply", "returned", "since", "sincerely", "so", "some", "sorry", "status", "thank",
    "thanks", "that", "the", "then", "there", "these", "they", "this", "to", "undeliverable", "undelivered",
    "unfortunately", "until", "vacation", "warm", "was", "we", "we're", "we've", "welcome", "what", "when",
    "where", "which", "while", "who", "why", "with", "would", "yes", "you", "you're", "your",
    // days and months, which dates are read from
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "january", "february",
    "march", "june", "july", "august", "september", "october", "november", "december", "jan", "feb", "mar",
    "apr", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    // German
    "abwesend", "abwesenheit", "abwesenheitsnotiz", "antwort", "automatische", "danke", "dank", "das", "der",
    "die", "es", "freundlichen", "grüße", "grüßen", "guten", "hallo", "ich", "ihre", "ihr", "ihnen", "leider",
    "liebe", "lieber", "mit", "nachricht", "sehr", "sie", "vielen", "viele", "wir",
    // French, Spanish, Italian, Dutch, Portuguese
    "absence", "bonjour", "cordialement", "je", "merci", "nous", "votre", "vous", "buenas", "buenos", "estimada",
    "estimado", "gracias", "hola", "saludos", "buongiorno", "ciao", "grazie", "beste", "dag", "bedankt", "met",
    "vriendelijke", "groet", "olá", "obrigado", "obrigada",
];
