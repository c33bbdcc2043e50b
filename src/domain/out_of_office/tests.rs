use super::*;
use crate::domain::ident::NamedAddress;
use crate::domain::inbound::Header;

fn mail(subject: &str, text: &str, header: Option<(&str, &str)>) -> Inbound {
    let from = NamedAddress { name: None, address: Address::parse("kim@acme.example").unwrap() };
    let headers = header.map(|(name, value)| Header { name: name.into(), value: value.into() }).into_iter().collect();
    Inbound { subject: subject.into(), text: text.into(), from: vec![from], headers, ..Inbound::default() }
}

fn judged(subject: &str, text: &str, header: Option<(&str, &str)>) -> Option<OutOfOffice> {
    let mail = mail(subject, text, header);
    let text = reply_text::split(&mail);
    evidence(&mail, &text).map(|_| read(&mail, &text, "2026-11-20T09:00:00Z".parse().unwrap()))
}

const AUTO: Option<(&str, &str)> = Some(("auto-submitted", "auto-replied"));

#[test]
fn notes_of_real_systems_are_out_of_office_with_their_day() {
    let table = [
        (
            "Automatic reply: Hello",
            "I am out of the office until 4 December with limited access to email.",
            AUTO,
            Some("2026-12-05"),
        ),
        ("Automatic reply: Hello", "", None, None),
        ("Out of Office AutoReply: Hello", "Back on 7 December.", None, Some("2026-12-07")),
        ("AUTO: Kim Lane is out of the office (returning 12/01/2026)", "I am out.", None, Some("2026-12-01")),
        (
            "Away in Peru Re: Your talk",
            "I'm on vacation and will be back on December 7.",
            Some(("precedence", "bulk")),
            Some("2026-12-07"),
        ),
        ("Away until December 4", "I'll reply then.", AUTO, Some("2026-12-05")),
        (
            "Re: Hello",
            "I'm away from my desk until Monday. For urgent matters please contact Jo.",
            None,
            Some("2026-11-24"),
        ),
        (
            "Automatische Antwort: Hallo",
            "Ich bin ab dem 07.12.2026 wieder erreichbar. Ihre Nachricht wird nicht weitergeleitet.",
            AUTO,
            Some("2026-12-07"),
        ),
        ("Abwesenheitsnotiz: Hallo", "Ich bin bis zum 4.12. im Urlaub.", None, Some("2026-12-05")),
        (
            "AW: Hallo",
            "Ich bin vom 23.11. bis 27.11. nicht im Büro. In dringenden Fällen wenden Sie sich an Jo.",
            None,
            Some("2026-11-28"),
        ),
        ("Réponse automatique : Bonjour", "Je suis absente jusqu'au 4 décembre inclus.", AUTO, Some("2026-12-05")),
        ("Absence du bureau", "De retour le 7 décembre 2026.", None, Some("2026-12-07")),
        ("Respuesta automática: Hola", "Estaré fuera de la oficina hasta el 4 de diciembre.", AUTO, Some("2026-12-05")),
        (
            "Risposta automatica: Ciao",
            "Sono assente fino al 4 dicembre. Per urgenze scrivere a jo@acme.example.",
            AUTO,
            Some("2026-12-05"),
        ),
        ("Resposta automática: Olá", "Estarei ausente até 4 de dezembro.", AUTO, Some("2026-12-05")),
        ("Automatisch antwoord: Hallo", "Ik ben afwezig tot en met 4 december.", AUTO, Some("2026-12-05")),
        ("Autosvar: Hej", "Jag har semester till och med den 4 december.", AUTO, Some("2026-12-05")),
        ("Automatisk svar: Hej", "Jeg holder ferie og er tilbage den 7. december.", AUTO, Some("2026-12-07")),
        ("Automaattinen vastaus: Hei", "Olen lomalla. Palaan 7.12.2026.", AUTO, Some("2026-12-07")),
        ("Automatyczna odpowiedź: Witam", "Przebywam na urlopie do 4 grudnia.", AUTO, Some("2026-12-05")),
        ("Automatická odpověď: Dobrý den", "Jsem na dovolené do 4. prosince 2026.", AUTO, Some("2026-12-05")),
        ("Automatická odpoveď: Dobrý deň", "Som na dovolenke do 4. decembra.", AUTO, Some("2026-12-05")),
        ("Automatikus válasz: Üdv", "December 4-ig szabadságon vagyok.", AUTO, Some("2026-12-05")),
        ("Răspuns automat: Bună", "Sunt în concediu până pe 4 decembrie.", AUTO, Some("2026-12-05")),
        ("Автоматический ответ: Привет", "Я в отпуске до 4 декабря.", AUTO, Some("2026-12-05")),
        ("Автоматична відповідь: Вітаю", "Я у відпустці до 4 грудня.", AUTO, Some("2026-12-05")),
        ("Автоматичен отговор: Здравейте", "Отсъствам от офиса до 4 декември.", AUTO, Some("2026-12-05")),
        ("Automatski odgovor: Pozdrav", "Na godišnjem sam odmoru do 4. prosinca.", AUTO, Some("2026-12-05")),
        ("Samodejni odgovor: Pozdravljeni", "Na dopustu sem do 4. decembra.", AUTO, Some("2026-12-05")),
        ("Αυτόματη απάντηση: Γεια", "Απουσιάζω μέχρι 4 Δεκεμβρίου.", AUTO, Some("2026-12-05")),
        ("Otomatik yanıt: Merhaba", "4 Aralık tarihine kadar izindeyim.", AUTO, Some("2026-12-05")),
        ("תשובה אוטומטית: שלום", "אני בחופשה עד 4 בדצמבר.", AUTO, Some("2026-12-05")),
        ("رد تلقائي: مرحبا", "أنا في إجازة حتى 4 ديسمبر.", AUTO, Some("2026-12-05")),
        ("自動応答: ご相談", "12月4日まで休暇をいただいております。", AUTO, Some("2026-12-05")),
        ("不在のお知らせ", "12月7日に戻ります。", None, Some("2026-12-07")),
        ("自动回复: 你好", "我正在休假，将于12月7日返回。", AUTO, Some("2026-12-07")),
        ("자동 회신: 안녕하세요", "12월 4일까지 휴가입니다.", AUTO, Some("2026-12-05")),
        ("Balasan otomatis: Halo", "Saya sedang cuti sampai 4 Desember.", AUTO, Some("2026-12-05")),
        ("Automaatvastus: Tere", "Olen puhkusel kuni 4. detsembrini.", AUTO, Some("2026-12-05")),
        ("Automatinis atsakymas: Sveiki", "Atostogauju iki gruodžio 4 d.", AUTO, Some("2026-12-05")),
    ];
    let wrong: Vec<_> = table
        .iter()
        .filter_map(|(subject, text, header, day)| {
            let found = judged(subject, text, *header);
            let until = found.as_ref().map(|note| note.until.map(|date| date.to_string()));
            let right = until.as_ref().is_some_and(|until| until.as_deref() == *day);
            (!right).then(|| format!("{subject} | {text} → {until:?}, not {day:?}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn people_who_mention_their_holiday_are_no_machine() {
    for (subject, text) in [
        ("Re: Hello", "I'm out of office next week but happy to talk on Thursday."),
        (
            "Senior Rust role",
            "Hi, I have an open role for you. I am out of the office on Friday, so please contact my colleague then.",
        ),
        ("AW: Hallo", "Ich bin nächste Woche im Urlaub, können wir danach telefonieren?"),
        ("Re: Hello", "Just back from vacation. Yes, let's meet on Monday!"),
        ("Re: Out of office: Hello", "Welcome back!"),
        ("Vacation rental?", "Is it free in May?"),
    ] {
        assert_eq!(judged(subject, text, None), None, "{subject}: {text}");
    }
}

#[test]
fn a_receipt_without_a_word_of_absence_is_none() {
    for (subject, text, header) in [
        ("Re: Hello [#4711]", "We have received your request and will answer soon.", AUTO),
        ("Automatic reply: Application", "Thank you for your application. It has been received.", AUTO),
        ("Hello", "karl", AUTO),
    ] {
        assert_eq!(judged(subject, text, header), None, "{subject}");
    }
}

#[test]
fn who_has_left_is_left_and_the_substitute_is_named() {
    let note = judged(
        "Automatic reply: Hello",
        "I am no longer with Acme (kim@acme.example). Please contact Jo <jo@acme.example>.\n\n> write to sam@reed.example",
        AUTO,
    )
    .unwrap();
    assert!(note.left);
    assert_eq!(note.until, None);
    assert_eq!(note.stand_in.unwrap().as_str(), "jo@acme.example");
    for text in [
        "Kim Lane ist nicht mehr im Unternehmen.",
        "Kim ne travaille plus chez Acme.",
        "Kim ya no trabaja en Acme.",
        "Kim non lavora più in Acme.",
        "Kim is niet meer werkzaam bij Acme.",
        "Kim har slutat på Acme.",
        "Kim już nie pracuje w Acme.",
        "キムは退職いたしました。",
        "This mailbox is no longer in use.",
        "I have left Changlab. Please contact info@changlab.example",
        "I've left Changlab as of 30 November.",
        "Kim has left Globex Systems and can no longer be reached here.",
        "Ich habe Changlab zum 30. November verlassen.",
        "J'ai quitté Changlab le 30 novembre.",
        "Kim a quitté Changlab.",
        "He dejado Changlab. Escriba a info@changlab.example",
        "Ho lasciato Changlab dal 30 novembre.",
        "Deixei a Changlab em novembro.",
        "Ik heb Changlab per 1 december verlaten.",
        "Jag har lämnat Changlab.",
    ] {
        assert!(has_left(text), "{text}");
    }
    for text in [
        "I have left for the day.",
        "I've left early today, back on Monday.",
        "She has left a message for you.",
        "I have left town until Friday.",
        "Ich habe das Büro bereits verlassen.",
        "J'ai laissé mon téléphone au bureau.",
        "He dejado un mensaje en la oficina.",
        "Ho lasciato un messaggio.",
        "Ik heb het kantoor verlaten.",
    ] {
        assert!(!has_left(text), "{text}");
    }
}

proptest::proptest! {
    #[test]
    fn any_text_is_judged(subject in ".{0,80}", text in "(?s).{0,300}") {
        let _ = judged(&subject, &text, AUTO);
        let _ = judged(&subject, &text, None);
    }
}
