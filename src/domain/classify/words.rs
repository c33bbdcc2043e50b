//! The words of machines that answer, confirm, report and advertise (mail-rules §B3–B7): lower case,
//! single spaces, as `flatten` leaves text.

use std::sync::LazyLock;

use crate::domain::phrases::Vocabulary;
use answers::{RECEIPT_TEXT, ROBOT_HINT, ROBOT_TEXT};
pub use subjects::{CALENDAR_SUBJECT, MDN_SUBJECT, REPORT_SUBJECT, SUBJECT, TRANSACTION_SUBJECT};

mod answers;
mod subjects;

/// The tables that are looked for in texts, by their place in [`VOCABULARY`].
pub mod table {
    /// [`super::CHALLENGE`].
    pub const CHALLENGE: usize = 0;
    /// [`super::LIST_NOTICE`].
    pub const LIST_NOTICE: usize = 1;
    /// [`super::SECURE_MAIL`].
    pub const SECURE_MAIL: usize = 2;
    /// [`super::MDN_TEXT`].
    pub const MDN_TEXT: usize = 3;
    /// [`super::MASS_TEXT`].
    pub const MASS_TEXT: usize = 4;
    /// [`super::LIST_FOOTER`].
    pub const LIST_FOOTER: usize = 5;
    /// `ROBOT_TEXT` of the answers.
    pub const ROBOT_TEXT: usize = 6;
    /// `ROBOT_HINT` of the answers.
    pub const ROBOT_HINT: usize = 7;
    /// `RECEIPT_TEXT` of the answers.
    pub const RECEIPT_TEXT: usize = 8;
}

/// All of them, in the order of [`table`].
pub static VOCABULARY: LazyLock<Vocabulary> = LazyLock::new(|| {
    Vocabulary::new(&[
        CHALLENGE,
        LIST_NOTICE,
        SECURE_MAIL,
        MDN_TEXT,
        MASS_TEXT,
        LIST_FOOTER,
        ROBOT_TEXT,
        ROBOT_HINT,
        RECEIPT_TEXT,
    ])
});

/// Challenge-response systems: they ask to click before they deliver (§B4).
pub const CHALLENGE: &[&str] = &[
    "boxbe.com",
    "list of allowed senders",
    "suspect email\" folder",
    "protected by spamblocker",
    "request that your message be delivered",
    "has not yet been added to my guest list",
    "was waitlisted",
    "is being held because",
    "spamarrest",
    "boxtrapper",
    "mailinblack",
    "choicemail",
    "bluebottle.com",
    "tmda-confirm",
    "qurb",
    "vanquish",
    "verify you are human",
    "verify that you are human",
    "prove you are human",
    "prove that you are human",
    "confirm that you are human",
    "confirm you are a real person",
    "confirm that you are a real person",
    "confirm that you are a person",
    "not on my approved sender",
    "not in my list of approved senders",
    "approved senders list",
    "approved sender list",
    "whitelist link",
    "add yourself to my whitelist",
    "add you to my whitelist",
    "be added to my whitelist",
    "before your message can be delivered",
    "before your message will be delivered",
    "before i can receive your",
    "to release your message",
    "to have your message delivered",
    "your message is being held until",
    "your message has been quarantined until",
    "complete this verification",
    "one-time verification",
    "one time verification",
    "requires verification of",
    "sender verification request",
    "antispam uol",
    "protegida pelo antispam",
    "bestätigen sie bitte, dass sie ein mensch",
    "dass sie kein roboter",
    "vous n'êtes pas un robot",
    "authentifier votre adresse",
    "confirme que usted no es un robot",
];

/// List servers that hold or refuse a post, and confirmations of subscriptions.
pub const LIST_NOTICE: &[&str] = &[
    "awaits moderator approval",
    "requires the approval of a moderator",
    "requires moderator approval",
    "has been put in the queue",
    "pending moderator approval",
    "awaiting moderator approval",
    "being held until the list moderator",
    "held for moderation",
    "is being held for moderator",
    "message is being held",
    "post by non-member to a members-only list",
    "you are not allowed to post to this mailing list",
    "you are not allowed to post to this list",
    "your posting to the",
    "your message to the list",
    "rejected by the list moderator",
    "we have received a request for subscription",
    "we have received a request from",
    "mailing list subscription confirmation notice",
    "your subscription request",
    "ezmlm-request",
    "welcome to the mailing list",
    "has been successfully subscribed",
    "your membership in the mailing list",
];

/// Pick-up notices of secure-mail gateways: the contents are elsewhere.
pub const SECURE_MAIL: &[&str] = &[
    "you have received an encrypted message",
    "you have received a secure message",
    "you've received an encrypted message",
    "you've received a secure message",
    "you have a secure message",
    "has sent you an encrypted message",
    "has sent you a secure message",
    "has sent you a protected message",
    "has sent you an encrypted email",
    "sent you a secure email",
    "sent you an encrypted e-mail",
    "to read your secure message",
    "to view your secure message",
    "to read this encrypted message",
    "read the message</a>",
    "securemessageatt",
    "zixcorp",
    "proofpoint encryption",
    "proofpoint secure",
    "seppmail",
    "cryptshare",
    "cisco registered envelope",
    "sie haben eine verschlüsselte nachricht erhalten",
    "verschlüsselte nachricht für sie",
    "vous avez reçu un message sécurisé",
    "vous avez reçu un message chiffré",
    "ha recibido un mensaje cifrado",
    "ha recibido un mensaje seguro",
];

/// What a read receipt says.
pub const MDN_TEXT: &[&str] = &[
    "was read on",
    "was read at",
    "was opened on",
    "has been read",
    "has been displayed",
    "was displayed on",
    "was deleted without being read",
    "is a return receipt",
    "this is a receipt for the mail",
    "no guarantee that the message has been read",
    "there is no guarantee that the recipient has read",
    "wurde gelesen am",
    "wurde am",
    "gelesen am",
    "a été lu le",
    "se leyó el",
    "fue leído",
    "è stato letto",
    "foi lida",
    "is gelezen op",
    "lästes den",
    "został przeczytany",
    "została przeczytana",
    "было прочитано",
    "開封されました",
    "已于",
];

/// How mail to many ends or begins.
pub const MASS_TEXT: &[&str] = &[
    "unsubscribe",
    "manage your preferences",
    "manage preferences",
    "manage your subscription",
    "manage subscriptions",
    "update your preferences",
    "update preferences",
    "email preferences",
    "subscription preferences",
    "notification settings",
    "change your notification",
    "view in browser",
    "view this email in your browser",
    "view online",
    "view it in your browser",
    "having trouble viewing",
    "you are receiving this",
    "you're receiving this",
    "you received this email because",
    "you received this message because",
    "you are subscribed",
    "you're subscribed",
    "you have subscribed",
    "this email was sent to",
    "this message was sent to",
    "add us to your address book",
    "all rights reserved",
    "opt out",
    "opt-out",
    "newsletter abbestellen",
    "newsletter abmelden",
    "abmelden",
    "abbestellen",
    "im browser ansehen",
    "im browser anzeigen",
    "online-version",
    "se désabonner",
    "se désinscrire",
    "désinscription",
    "vous désabonner",
    "voir dans le navigateur",
    "version en ligne",
    "darse de baja",
    "cancelar suscripción",
    "ver en el navegador",
    "cancella iscrizione",
    "annulla iscrizione",
    "disiscriviti",
    "disiscriverti",
    "visualizza nel browser",
    "cancelar inscrição",
    "descadastrar",
    "ver no navegador",
    "afmelden",
    "uitschrijven",
    "bekijk online",
    "avregistrera",
    "avprenumerera",
    "afmeld",
    "avmeld",
    "meld deg av",
    "wypisz się",
    "zrezygnuj z subskrypcji",
    "zobacz w przeglądarce",
    "odhlásit",
    "leiratkozás",
    "dezabonare",
    "отписаться",
    "отменить подписку",
    "abonelikten çık",
    "διαγραφή από",
    "配信停止",
    "配信解除",
    "退订",
    "取消订阅",
    "수신거부",
];

/// How a mailing list signs its posts.
pub const LIST_FOOTER: &[&str] = &[
    "mailing list --",
    "mailing list\n",
    "/listinfo/",
    "/mailman/",
    "mailing list __",
    "you received this message because you are subscribed to the google groups",
    "to unsubscribe from this group",
    "to unsubscribe send",
    "to unsubscribe from this list",
    "to unsubscribe, e-mail:",
    "to unsubscribe, email:",
    "to unsubscribe, send",
    "to subscribe or unsubscribe",
    "to post to this list",
    "list archives",
    "list guidelines",
    "yahoo! groups",
    "signoff ",
    "-leave@",
    "-unsubscribe@",
];
