//! What servers and mail programs call the folders, by language: Gmail, Outlook, Apple Mail, Thunderbird,
//! Dovecot and their translations.

use super::Role;

/// For each role the names, the likeliest first: in lower case, composed (NFC), with single spaces.
#[rustfmt::skip]
pub(in crate::mail) const NAMES: &[(Role, &[&str])] = &[
    (
        Role::Inbox,
        &[
            "inbox", "posteingang", "boîte de réception", "boite de reception", "recibidos", "bandeja de entrada",
            "posta in arrivo", "caixa de entrada", "a receber", "postvak in", "odebrane", "inkorg", "inkorgen",
            "indbakke", "innboks", "saapuneet", "doručená pošta", "doručené", "beérkező levelek",
            "beérkezett üzenetek", "gelen kutusu", "primite", "входящие", "вхідні", "εισερχόμενα", "受信トレイ", "收件箱",
            "收件匣", "받은편지함",
        ],
    ),
    (
        Role::Sent,
        &[
            "sent", "sent mail", "sent items", "sent messages", "sent-mail", "sentmail", "gesendet",
            "gesendete elemente", "gesendete objekte", "gesendete nachrichten", "gesendete mails", "verzonden",
            "verzonden items", "verzonden berichten", "verzonden e-mail", "skickat", "skickade", "skickade objekt",
            "skickade meddelanden", "sendt", "sendte elementer", "sendt post", "sendte", "lähetetyt",
            "lähetetyt viestit", "sendir hlutir", "envoyés", "envoyé", "messages envoyés", "éléments envoyés",
            "courrier envoyé", "objets envoyés", "enviados", "enviado", "elementos enviados", "mensajes enviados",
            "correo enviado", "enviats", "elements enviats", "itens enviados", "mensagens enviadas",
            "correio enviado", "inviati", "inviata", "posta inviata", "messaggi inviati", "elementi inviati",
            "trimise", "elemente trimise", "mesaje trimise", "отправленные", "отправленное", "надіслані",
            "відправлені", "wysłane", "elementy wysłane", "odeslané", "odeslaná pošta", "odoslané", "odoslaná pošta",
            "poslano", "poslana pošta", "poslato", "послато", "изпратени", "изпратена поща", "elküldött",
            "elküldött elemek", "elküldött üzenetek", "απεσταλμένα", "σταλμένα", "gönderilmiş", "gönderilmiş öğeler",
            "gönderilenler", "gönderilmiş postalar", "išsiųsti", "išsiųsti laiškai", "nosūtītie", "nosūtīts",
            "saadetud", "saadetud kirjad", "已发送", "已发送邮件", "已傳送", "寄件備份", "寄件夹", "送信済み", "送信済みアイテム", "送信済みメール",
            "送信済みメッセージ", "보낸편지함", "보낸 편지함", "보낸메일함", "보낸 메일함", "đã gửi", "thư đã gửi", "ส่งแล้ว", "จดหมายที่ส่งแล้ว",
            "terkirim", "surat terkirim", "dihantar", "भेजे गए", "भेजी गई", "البريد المرسل", "المرسلة",
            "العناصر المرسلة", "נשלח", "דואר נשלח", "פריטים שנשלחו", "ارسال شده", "sent_items", "outbox sent",
            "gesendete", "postausgang", "e-mails enviados", "已发邮件",
        ],
    ),
    (
        Role::Drafts,
        &[
            "drafts", "draft", "entwürfe", "entwurf", "concepten", "utkast", "kladder", "kladde", "luonnokset",
            "drög", "brouillons", "brouillon", "borradores", "borrador", "esborranys", "rascunhos", "rascunho",
            "bozze", "bozza", "ciorne", "schițe", "черновики", "чернетки", "kopie robocze", "wersje robocze",
            "szkice", "koncepty", "rozepsané", "rozpracované", "osnutki", "nacrti", "skice", "нацрти", "чернови",
            "piszkozatok", "piszkozat", "πρόχειρα", "taslaklar", "taslak", "juodraščiai", "melnraksti", "mustandid",
            "草稿", "草稿箱", "草稿夹", "下書き", "임시보관함", "임시 보관함", "thư nháp", "bản nháp", "แบบร่าง", "ร่างจดหมาย", "konsep",
            "draf", "ड्राफ़्ट", "المسودات", "مسودات", "טיוטות", "پیش‌نویس‌ها", "robocze",
        ],
    ),
    (
        Role::Junk,
        &[
            "junk", "spam", "junk e-mail", "junk email", "junk mail", "bulk mail", "bulk", "spamverdacht",
            "spam-verdacht", "junk-e-mail", "unerwünscht", "ongewenste e-mail", "ongewenst", "skräppost",
            "søppelpost", "uønsket e-post", "uønsket post", "uønsket mail", "roskaposti", "ruslpóstur",
            "indésirables", "courrier indésirable", "pourriel", "pourriels", "correo no deseado", "correo basura",
            "no deseado", "correu brossa", "lixo eletrônico", "lixo eletrónico", "correio eletrónico não solicitado",
            "posta indesiderata", "indesiderata", "spam/posta indesiderata", "mesaje nedorite", "nedorite", "спам",
            "нежелательная почта", "небажана пошта", "wiadomości-śmieci", "niechciane", "nevyžádaná pošta",
            "nevyžádané", "nevyžiadaná pošta", "neželena pošta", "neželjena pošta", "нежељена пошта", "нежелана поща",
            "levélszemét", "ανεπιθύμητα", "ανεπιθύμητη αλληλογραφία", "önemsiz", "önemsiz e-posta", "gereksiz",
            "šlamštas", "mēstules", "rämpspost", "垃圾邮件", "垃圾郵件", "垃圾箱", "迷惑メール", "スパム", "스팸메일함", "스팸함", "정크 메일", "스팸",
            "thư rác", "จดหมายขยะ", "อีเมลขยะ", "स्पैम", "البريد غير الهام", "البريد العشوائي", "דואר זבל", "ספאם",
            "هرزنامه", "gereksiz e-posta",
        ],
    ),
    (
        Role::Trash,
        &[
            "trash", "deleted", "deleted items", "deleted messages", "bin", "papierkorb", "gelöscht",
            "gelöschte elemente", "gelöschte objekte", "prullenbak", "verwijderde items", "verwijderd",
            "papperskorgen", "papperskorg", "borttaget", "papirkurv", "papirkurven", "slettede elementer",
            "slettet post", "slettet", "roskakori", "poistetut", "rusl", "corbeille", "éléments supprimés",
            "messages supprimés", "papelera", "elementos eliminados", "eliminados", "paperera", "lixo", "lixeira",
            "reciclagem", "itens excluídos", "itens eliminados", "cestino", "posta eliminata", "eliminata", "gunoi",
            "coș de gunoi", "elemente șterse", "корзина", "удаленные", "удалённые", "кошик", "видалені", "kosz",
            "elementy usunięte", "usunięte", "koš", "odstraněná pošta", "kôš", "odstránené", "smeti", "koš za smeće",
            "smeće", "отпад", "кошче", "изтрити", "kuka", "törölt elemek", "lomtár", "κάδος", "κάδος απορριμμάτων",
            "διαγραμμένα", "çöp kutusu", "çöp", "silinmiş öğeler", "silinmiş", "šiukšlinė", "šiukšliadėžė",
            "atkritne", "miskast", "prügikast", "已删除", "已删除邮件", "废件箱", "刪除的郵件", "垃圾桶", "回收站", "ゴミ箱", "ごみ箱",
            "削除済みアイテム", "휴지통", "지운 편지함", "thùng rác", "ถังขยะ", "tong sampah", "sampah", "ट्रैश", "سلة المهملات",
            "المهملات", "אשפה", "פריטים שנמחקו", "زباله‌دان",
        ],
    ),
    (
        Role::All,
        &[
            "all mail", "alle nachrichten", "alle e-mails", "alle berichten", "tous les messages",
            "todos los mensajes", "todos os e-mails", "tutti i messaggi", "вся почта", "wszystkie", "alla mail",
            "all e-post", "alle mails", "kaikki viestit", "všechny zprávy", "összes levél", "tüm postalar", "すべてのメール",
            "所有邮件", "所有郵件", "전체보관함", "כל הדואר", "كل البريد",
        ],
    ),
    (
        Role::Archive,
        &[
            "archive", "archives", "archiv", "archief", "arkiv", "arkisto", "archivo", "archivados", "arxiu",
            "arquivo", "arquivados", "archivio", "arhivă", "архив", "архів", "archiwum", "archív", "arhiv", "arhiva",
            "архива", "archívum", "αρχείο", "αρχειοθήκη", "arşiv", "archyvas", "arhīvs", "arhiiv", "归档", "存档", "封存",
            "アーカイブ", "보관함", "lưu trữ", "arsip", "الأرشيف", "ארכיון",
        ],
    ),
];
