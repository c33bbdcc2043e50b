use super::*;

fn of(text: &str) -> Tone {
    tone(text, "Re: Hello", None, "2026-11-20T09:00:00Z".parse().unwrap())
}

#[test]
fn the_tone_is_heard_in_ten_languages() {
    let table = [
        ("Happy to talk, does Thursday work?", "yes"),
        ("Sounds great, send me your CV.", "yes"),
        ("We aren't hiring, but I'd be happy to have a coffee.", "yes"),
        ("I'm not interested.", "no"),
        ("Thanks, but we are not interested in this.", "no"),
        ("No thanks.", "no"),
        ("Unfortunately the role has been filled.", "no"),
        ("Please check back in March.", "not_now"),
        ("Now is not a good time.", "not_now"),
        ("We have a hiring freeze until spring.", "not_now"),
        ("Please contact my colleague Jo at jo@acme.example.", "try_other"),
        ("I'm not the right person for this.", "try_other"),
        ("Kim left the company in May.", "left_company"),
        ("Which languages do you speak?", "question"),
        ("Thanks.", "unclear"),
        ("Klingt spannend, rufen Sie mich gern an.", "yes"),
        ("Wir haben leider keinen Bedarf.", "no"),
        ("Ich habe kein Interesse.", "no"),
        ("Bitte melden Sie sich im März noch einmal.", "not_now"),
        ("Bitte wenden Sie sich an meine Kollegin Jo.", "try_other"),
        ("Welche Sprachen sprechen Sie?", "question"),
        ("Avec plaisir, êtes-vous libre jeudi ?", "yes"),
        ("Je ne suis pas intéressé.", "no"),
        ("Recontactez-moi en mars.", "not_now"),
        ("Contactez plutôt ma collègue Jo.", "try_other"),
        ("Me encantaría, hablamos el lunes.", "yes"),
        ("No estoy interesado, gracias.", "no"),
        ("De momento no estamos contratando.", "not_now"),
        ("Ponte en contacto con mi compañera Jo.", "try_other"),
        ("Com muito gosto, vamos falar na segunda.", "yes"),
        ("Não estou interessado.", "no"),
        ("De momento não temos vagas, volte a contactar em março.", "not_now"),
        ("Volentieri, sentiamoci giovedì.", "yes"),
        ("Non sono interessato.", "no"),
        ("Al momento non assumiamo, ci risentiamo a marzo.", "not_now"),
        ("Graag, past donderdag?", "yes"),
        ("Wij hebben geen interesse.", "no"),
        ("Op dit moment niet, probeer het later opnieuw.", "not_now"),
        ("Chętnie, może czwartek?", "yes"),
        ("Nie jestem zainteresowany.", "no"),
        ("Obecnie nie rekrutujemy, proszę odezwać się w marcu.", "not_now"),
        ("Gärna, passar torsdag?", "yes"),
        ("Vi är inte intresserade.", "no"),
        ("Just nu anställer vi inte, hör av dig igen i mars.", "not_now"),
        ("ぜひお話を伺いたいです。", "yes"),
        ("申し訳ございませんが、今回は見送らせていただきます。", "no"),
        ("来年の春に改めてご連絡ください。", "not_now"),
    ];
    let wrong: Vec<_> = table
        .iter()
        .filter(|(text, want)| of(text).as_str() != *want)
        .map(|(text, want)| format!("{text} → {:?}, not {want}", of(text)))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn whoever_says_never_again_is_heard() {
    for text in [
        "Please do not contact me again.",
        "Unsubscribe me.",
        "Stop emailing me!",
        "Bitte kontaktieren Sie mich nicht mehr. Keine weiteren Mails bitte.",
        "Merci de ne plus me contacter.",
        "No me escribas más, por favor.",
        "Neem mij niet meer mee. Mail mij niet meer.",
        "今後のご連絡は不要です。",
    ] {
        assert_eq!(of(text), Tone::No { for_good: true }, "{text}");
    }
}

#[test]
fn later_has_its_day() {
    for (text, day) in [
        ("Check back in March, please.", Some("2027-03-01")),
        ("Ask me again in January, please.", Some("2027-01-01")),
        ("Please check back in May 2027.", Some("2027-05-01")),
        ("Please check back at the end of January.", Some("2027-02-01")),
        ("Write again in three months.", Some("2027-02-20")),
        ("Not now, maybe next year.", Some("2027-01-01")),
        ("Im zweiten Quartal 2027 sieht es besser aus, melden Sie sich dann noch einmal.", Some("2027-04-01")),
        ("Try again on 7 January 2027.", Some("2027-01-07")),
        ("Not a good time.", None),
    ] {
        let until = day.map(|day| day.parse().unwrap());
        assert_eq!(of(text), Tone::NotNow { until }, "{text}");
    }
}

#[test]
fn the_other_person_is_named() {
    let Tone::TryOther { address } = of("Please contact our head of hiring, Jo <jo@acme.example>.") else { panic!() };
    assert_eq!(address.unwrap().as_str(), "jo@acme.example");
}

proptest::proptest! {
    #[test]
    fn any_text_has_a_tone(text in "(?s).{0,300}") {
        let _ = of(&text);
    }
}
