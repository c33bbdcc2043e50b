//! What a mailbox folder is for, by its name in many languages. SPECIAL-USE (RFC 6154) is asked first
//! where there is a server; in a file the name is all there is.

use base64::Engine as _;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use unicode_normalization::UnicodeNormalization as _;

/// What a folder is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FolderHint {
    /// Where mail arrives.
    Inbox,
    /// Copies of what the user sent.
    Sent,
    /// What was not sent yet.
    Drafts,
    /// What a filter took for spam.
    Junk,
    /// What was thrown away.
    Trash,
    /// A folder of the user's own, or the archive.
    Other,
    /// There is no folder to tell from.
    Unknown,
}

impl FolderHint {
    /// The role under which the database keeps it; a mail without a folder counts as in INBOX.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Inbox | Self::Unknown => "inbox",
            Self::Sent => "sent",
            Self::Drafts => "drafts",
            Self::Junk => "junk",
            Self::Trash => "trash",
            Self::Other => "other",
        }
    }
}

/// The purpose of a folder: `[Gmail]/Sent Mail`, `INBOX.Gesendet`, `Entw&APw-rfe`. `Other` where the name
/// says nothing.
pub fn hint(name: &str) -> FolderHint {
    let name = decoded(name);
    let lower = name.nfc().collect::<String>().to_lowercase();
    let words: Vec<&str> = lower.split_whitespace().collect();
    let whole = words.join(" ");
    let parts: Vec<&str> = whole.split(['/', '.', '\\']).map(str::trim).filter(|part| !part.is_empty()).collect();
    // The innermost part that says something: a folder below Trash is Trash. But INBOX stands above all
    // folders on some servers, so that a folder below it is not INBOX.
    let of_part = |(depth, part): (usize, &&str)| known(part).filter(|hint| depth == 0 || *hint != FolderHint::Inbox);
    known(&whole).or_else(|| parts.iter().rev().enumerate().find_map(of_part)).unwrap_or(FolderHint::Other)
}

/// A folder name out of modified UTF-7 (RFC 3501 §5.1.3). What is none stays as it is.
pub fn decoded(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    let mut rest = name;
    while let Some((before, coded)) = rest.split_once('&') {
        text.push_str(before);
        let Some((code, after)) = coded.split_once('-') else {
            text.push('&');
            rest = coded;
            continue;
        };
        match utf16(code) {
            _ if code.is_empty() => text.push('&'),
            Some(decoded) => text.push_str(&decoded),
            None => {
                text.push('&');
                rest = coded;
                continue;
            }
        }
        rest = after;
    }
    text.push_str(rest);
    text
}

fn utf16(code: &str) -> Option<String> {
    const ENGINE: GeneralPurpose = GeneralPurpose::new(
        &base64::alphabet::STANDARD,
        GeneralPurposeConfig::new()
            .with_decode_padding_mode(DecodePaddingMode::RequireNone)
            .with_decode_allow_trailing_bits(true),
    );
    let bytes = ENGINE.decode(code.replace(',', "/")).ok()?;
    let (pairs, odd) = bytes.as_chunks::<2>();
    let units: Vec<u16> = pairs.iter().map(|pair| u16::from_be_bytes(*pair)).collect();
    if odd.is_empty() { String::from_utf16(&units).ok() } else { None }
}

fn known(name: &str) -> Option<FolderHint> {
    NAMES.iter().find(|(_, names)| names.contains(&name)).map(|(hint, _)| *hint)
}

/// Names in lower case: of Gmail, Outlook, Apple Mail, Thunderbird, Dovecot and their translations.
#[rustfmt::skip]
const NAMES: &[(FolderHint, &[&str])] = &[
    (
        FolderHint::Inbox,
        &[
            "inbox", "posteingang", "boîte de réception", "boite de reception", "recibidos", "bandeja de entrada",
            "posta in arrivo", "caixa de entrada", "a receber", "postvak in", "odebrane", "inkorg", "inkorgen",
            "indbakke", "innboks", "saapuneet", "doručená pošta", "doručené", "beérkező levelek", "beérkezett üzenetek",
            "gelen kutusu", "primite", "входящие", "вхідні", "εισερχόμενα", "受信トレイ", "收件箱", "收件匣", "받은편지함",
        ],
    ),
    (
        FolderHint::Sent,
        &[
            "sent", "sent mail", "sent items", "sent messages", "sent-mail", "sentmail", "sent_items", "outbox sent",
            "gesendet", "gesendete", "gesendete elemente", "gesendete objekte", "gesendete nachrichten", "postausgang",
            "envoyés", "messages envoyés", "éléments envoyés", "enviados", "mensajes enviados", "elementos enviados",
            "correo enviado", "posta inviata", "inviati", "inviata", "itens enviados", "e-mails enviados",
            "mensagens enviadas", "verzonden", "verzonden items", "verzonden berichten", "wysłane",
            "elementy wysłane", "skickat", "skickade", "skickade objekt", "sendt", "sendt post", "sendte elementer",
            "lähetetyt", "odeslané", "odeslaná pošta", "odoslané", "elküldött", "elküldött elemek",
            "gönderilmiş", "gönderilmiş postalar", "gönderilmiş öğeler", "trimise", "отправленные", "надіслані",
            "απεσταλμένα", "送信済み", "送信済みメール", "送信済みアイテム", "已发送", "已发送邮件", "已发邮件", "寄件備份",
            "보낸편지함",
        ],
    ),
    (
        FolderHint::Drafts,
        &[
            "drafts", "draft", "entwürfe", "entwurf", "brouillons", "borradores", "bozze", "rascunhos", "concepten",
            "wersje robocze", "robocze", "utkast", "kladder", "luonnokset", "koncepty", "rozepsané", "piszkozatok",
            "taslaklar", "ciorne", "черновики", "чернетки", "πρόχειρα", "下書き", "草稿", "草稿箱", "임시보관함",
        ],
    ),
    (
        FolderHint::Junk,
        &[
            "junk", "spam", "bulk mail", "junk mail", "junk e-mail", "junk email", "junk-e-mail", "spamverdacht",
            "unerwünscht", "pourriel", "indésirables", "courrier indésirable", "correo no deseado", "no deseado",
            "posta indesiderata", "indesiderata", "lixo eletrônico", "lixo eletrónico", "ongewenste e-mail", "ongewenst",
            "wiadomości-śmieci", "skräppost", "uønsket mail", "søppelpost", "roskaposti", "nevyžádaná pošta",
            "nevyžiadaná pošta", "levélszemét", "gereksiz", "gereksiz e-posta", "спам", "нежелательная почта",
            "ανεπιθύμητα", "ανεπιθύμητη αλληλογραφία", "迷惑メール", "垃圾邮件", "垃圾郵件", "스팸함",
        ],
    ),
    (
        FolderHint::Trash,
        &[
            "trash", "bin", "deleted", "deleted items", "deleted messages", "papierkorb", "gelöscht",
            "gelöschte elemente", "gelöschte objekte", "corbeille", "éléments supprimés", "papelera",
            "elementos eliminados", "cestino", "posta eliminata", "lixeira", "lixo", "itens excluídos", "prullenbak",
            "verwijderde items", "kosz", "elementy usunięte", "papperskorg", "papperskorgen", "borttaget",
            "papirkurv", "slettet post", "slettede elementer", "roskakori", "poistetut", "koš", "odstraněná pošta",
            "kôš", "kuka", "törölt elemek", "çöp kutusu", "çöp", "silinmiş öğeler", "coș de gunoi", "корзина",
            "удаленные", "кошик", "κάδος", "ゴミ箱", "已删除", "已删除邮件", "垃圾桶", "휴지통",
        ],
    ),
];

#[cfg(test)]
mod tests;
