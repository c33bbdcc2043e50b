use super::*;

fn back(text: &str, language: &str) -> Option<String> {
    // a Friday
    first_day_back(text, Some(language), "2026-11-20T09:00:00Z".parse().unwrap()).map(|date| date.to_string())
}

#[test]
fn the_first_day_back_is_read_in_many_languages() {
    let table = [
        ("en", "I am out of the office and will be back on 7 December.", "2026-12-07"),
        ("en", "I am away until December 4th, 2026.", "2026-12-05"),
        ("en", "I'm on leave from 1 to 14 Dec with limited access to email.", "2026-12-15"),
        ("en", "On vacation December 1-14.", "2026-12-15"),
        ("en", "I will return on Monday, 7 December 2026.", "2026-12-07"),
        ("en", "I'll be back on Monday.", "2026-11-23"),
        ("en", "Returning next Wednesday", "2026-11-25"),
        ("en", "I am on parental leave and will be back in March.", "2027-03-01"),
        ("en", "AUTO: Kim is out of the office (returning 12/01/2026)", "2026-12-01"),
        ("en", "I will not be back until 4 January.", "2027-01-04"),
        ("en", "Out of office from 11/23 through 11/27", "2026-11-28"),
        ("en", "Away until 2026-12-24.", "2026-12-25"),
        ("de", "Ich bin bis einschließlich 4. Dezember nicht im Büro.", "2026-12-05"),
        ("de", "Ich bin vom 23.11. bis 27.11.2026 im Urlaub.", "2026-11-28"),
        ("de", "Ab dem 07.12. bin ich wieder erreichbar.", "2026-12-07"),
        ("de", "Ich bin ab Montag, den 7. Dezember, wieder für Sie da.", "2026-12-07"),
        ("de", "Ich bin im Urlaub und am Montag wieder zurück.", "2026-11-23"),
        ("fr", "Je suis absente du 1er au 14 décembre inclus.", "2026-12-15"),
        ("fr", "Je serai de retour le lundi 7 décembre.", "2026-12-07"),
        ("fr", "Absent jusqu'au 04/12/2026.", "2026-12-05"),
        ("es", "Estaré fuera hasta el 4 de diciembre.", "2026-12-05"),
        ("es", "Estaré de vuelta el 7 de diciembre de 2026.", "2026-12-07"),
        ("it", "Sono assente fino al 4 dicembre.", "2026-12-05"),
        ("it", "Rientrerò il 7 dicembre.", "2026-12-07"),
        ("pt", "Estarei ausente de 1 a 14 de dezembro.", "2026-12-15"),
        ("pt", "Retorno em 07/12/2026.", "2026-12-07"),
        ("nl", "Ik ben afwezig tot en met 4 december.", "2026-12-05"),
        ("nl", "Vanaf 7 december ben ik weer bereikbaar.", "2026-12-07"),
        ("sv", "Jag är ledig t.o.m. 4 december.", "2026-12-05"),
        ("sv", "Jag är tillbaka den 7 december.", "2026-12-07"),
        ("da", "Jeg er på ferie til og med den 4. december.", "2026-12-05"),
        ("no", "Jeg er tilbake 7. desember.", "2026-12-07"),
        ("fi", "Olen lomalla 4.12. asti.", "2026-12-05"),
        ("fi", "Palaan töihin 7. joulukuuta.", "2026-12-07"),
        ("pl", "Jestem nieobecna do 4 grudnia.", "2026-12-05"),
        ("pl", "Wracam do biura 7 grudnia 2026.", "2026-12-07"),
        ("cs", "Jsem mimo kancelář do 4. prosince.", "2026-12-05"),
        ("cs", "Vrátím se 7. prosince.", "2026-12-07"),
        ("hu", "December 4-ig szabadságon vagyok.", "2026-12-05"),
        ("ro", "Sunt în concediu până pe 4 decembrie.", "2026-12-05"),
        ("ru", "Я в отпуске до 4 декабря.", "2026-12-05"),
        ("ru", "Я в отпуске с 1 по 14 декабря.", "2026-12-15"),
        ("ru", "Вернусь 7 декабря.", "2026-12-07"),
        ("uk", "Я у відпустці до 4 грудня.", "2026-12-05"),
        ("el", "Θα απουσιάζω μέχρι τις 4 Δεκεμβρίου.", "2026-12-05"),
        ("tr", "4 Aralık'a kadar izindeyim.", "2026-12-05"),
        ("tr", "7 Aralık'ta döneceğim.", "2026-12-07"),
        ("ja", "12月4日まで休暇をいただいております。", "2026-12-05"),
        ("ja", "12月7日(月)に出社いたします。", "2026-12-07"),
        ("ja", "11月30日から12月4日まで不在にしております。", "2026-12-05"),
        ("zh", "我将于12月7日返回办公室。", "2026-12-07"),
        ("zh", "我休假至12月4日。", "2026-12-05"),
        ("ko", "12월 4일까지 부재중입니다.", "2026-12-05"),
        ("ko", "12월 7일에 복귀합니다.", "2026-12-07"),
        ("hr", "Na godišnjem sam do 4. prosinca.", "2026-12-05"),
        ("bg", "Отсъствам до 4 декември.", "2026-12-05"),
        ("he", "אני בחופשה עד 4 בדצמבר.", "2026-12-05"),
        ("ar", "أنا في إجازة حتى 4 ديسمبر.", "2026-12-05"),
        ("lt", "Grįšiu gruodžio 7 d.", "2026-12-07"),
        ("et", "Olen puhkusel kuni 4. detsembrini.", "2026-12-05"),
    ];
    let wrong: Vec<_> = table
        .iter()
        .filter_map(|(language, text, day)| {
            let found = back(text, language);
            (found.as_deref() != Some(*day)).then(|| format!("{language}: {text} → {found:?}, not {day}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_feast_or_the_end_of_a_month_is_a_day_back() {
    for (language, text, day) in [
        ("en", "I am on leave until the end of the month.", Some("2026-12-01")),
        ("en", "I am away until the end of November.", Some("2026-12-01")),
        ("en", "I'm out of the office this week.", Some("2026-11-23")),
        ("en", "Back in the new year!", Some("2027-01-01")),
        ("en", "I will be out next week.", None),
        ("de", "Ich bin bis nach Weihnachten nicht im Büro.", Some("2026-12-27")),
        ("de", "Bis Ende des Monats bin ich in Elternzeit.", Some("2026-12-01")),
        ("de", "Ab 7.12. stehe ich Ihnen zur Verfügung.", Some("2026-12-07")),
        ("fr", "Je serai joignable à partir du 7 décembre.", Some("2026-12-07")),
        ("es", "Responderé a su mensaje el 7 de diciembre.", Some("2026-12-07")),
        ("it", "Risponderò alle mail il 7 dicembre.", Some("2026-12-07")),
        ("pt", "Estarei disponível em 7 de dezembro.", Some("2026-12-07")),
        ("pl", "Odpowiem na wiadomości 7 grudnia.", Some("2026-12-07")),
        ("sv", "Jag svarar på mejl igen den 7 december.", Some("2026-12-07")),
        ("ru", "Отвечу на письма 7 декабря.", Some("2026-12-07")),
        ("ja", "12月7日より通常どおり出勤いたします。", Some("2026-12-07")),
    ] {
        assert_eq!(back(text, language).as_deref(), day, "{text}");
    }
}

#[test]
fn a_day_named_for_another_reason_is_no_return() {
    for text in ["The meeting is at 14.30 Uhr.", "We work 24/7.", "I am out since 2 November.", "Version 1.2.3", ""] {
        assert_eq!(back(text, "en"), None, "{text}");
    }
}
