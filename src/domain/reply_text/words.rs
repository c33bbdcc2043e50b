//! What mail programs write around a quote and beneath a mail, in the languages that they speak.
//! Everything in lower case.

/// Verbs that end the line above a quote: "On … Sam wrote:".
pub(super) const WROTE: &[&str] = &[
    "wrote", "writes", "a écrit", "écrit", "schrieb", "schrieben", "geschrieben", "schreibt", "escribió", "escribio",
    "escribiu", "ha scritto", "scritto", "scrive", "escreveu", "schreef", "schreven", "skrev", "skreiv", "skrifaði",
    "kirjoitti", "napisał(a)", "napisał", "napisała", "pisze", "napsal(a)", "napsal", "napsala", "napísal(a)",
    "napísal", "napísala", "írta", "írta ezt", "a scris", "scrie", "написал(а)", "написал", "написала", "написав",
    "написав(ла)", "пишет", "писал", "писал(а)", "писали", "vous écriviez", "avez écrit", "пише", "έγραψε", "yazdı", "şunu yazdı", "şunları yazdı", "כתב",
    "כתבה", "כתב/ה", "כתב (ה)", "كتب", "كتبت", "写道", "寫道", "撰写", "のメール", "さんは書きました", "님이 작성", "작성", "đã viết", "viết",
    "rašė", "parašė", "rakstīja", "kirjutas", "je napisao", "je napisala", "je napisao/la", "je napisal", "napisal/a",
    "napisao", "написа", "је написао", "menulis", "เขียนว่า", "เขียน", "va escriure", "idatzi du", "ysgrifennodd",
    "het volgende geschreven",
];

/// Above an unmarked quote, between dashes.
pub(super) const ORIGINAL: &[&str] = &[
    "original message", "original email", "original mail", "original-nachricht", "originalnachricht",
    "ursprüngliche nachricht", "urspruengliche nachricht", "ursprüngliche mail", "message d'origine",
    "message d’origine", "message original", "message initial", "mensaje original", "messaggio originale",
    "mensagem original", "oorspronkelijk bericht", "origineel bericht", "originalmeddelande",
    "ursprungligt meddelande", "oprindelig meddelelse", "original besked", "opprinnelig melding",
    "opprinnelig e-post", "alkuperäinen viesti", "wiadomość oryginalna", "oryginalna wiadomość",
    "wiadomość pierwotna", "původní zpráva", "původní e-mail", "pôvodná správa", "eredeti üzenet", "mesaj original",
    "mesajul original", "исходное сообщение", "оригинальное сообщение", "первоначальное сообщение",
    "вихідне повідомлення", "оригинално съобщение", "оригинално писмо", "izvorna poruka", "originalna poruka",
    "izvirno sporočilo", "оригинална порука", "αρχικό μήνυμα", "özgün ileti", "orijinal mesaj", "asıl ileti",
    "הודעה מקורית", "ההודעה המקורית", "الرسالة الأصلية", "原始邮件", "原始郵件", "原始信件", "元のメッセージ", "原メッセージ", "원본 메시지",
    "원본 메일", "원본메시지", "ข้อความต้นฉบับ", "thư gốc", "tin nhắn gốc", "pesan asli", "sākotnējais ziņojums",
    "pradinis pranešimas", "algne kiri", "algne sõnum", "missatge original", "jatorrizko mezua", "neges wreiddiol",
    "upprunaleg skilaboð",
];

/// Above a forwarded mail.
pub(super) const FORWARDED: &[&str] = &[
    "forwarded message", "begin forwarded message", "forwarded mail", "forwarded by", "weitergeleitete nachricht",
    "anfang der weitergeleiteten nachricht", "anfang der weitergeleiteten e-mail", "message transféré",
    "début du message transféré", "début du message réexpédié", "message réexpédié", "mensaje reenviado",
    "inicio del mensaje reenviado", "messaggio inoltrato", "inizio messaggio inoltrato", "mensagem encaminhada",
    "mensagem reencaminhada", "início da mensagem reencaminhada", "início da mensagem encaminhada",
    "doorgestuurd bericht", "begin doorgestuurd bericht", "vidarebefordrat meddelande", "vidarebefordrat brev",
    "videresendt meddelelse", "videresendt besked", "start på videresendt besked", "videresendt melding",
    "videresendt e-post", "välitetty viesti", "välitetty viesti alkaa", "edelleenlähetetty viesti",
    "wiadomość przekazana", "przekazana wiadomość", "początek przekazywanej wiadomości", "přeposlaná zpráva",
    "začátek přeposlané zprávy", "preposlaná správa", "továbbított üzenet", "továbbított levél",
    "mesaj redirecționat", "mesaj redirecţionat", "пересылаемое сообщение", "начало переадресованного сообщения",
    "переслане повідомлення", "препратено съобщение", "proslijeđena poruka", "prosleđena poruka",
    "posredovano sporočilo", "προωθημένο μήνυμα", "iletilen mesaj", "yönlendirilen mesaj", "iletilmiş ileti",
    "הודעה שהועברה", "رسالة معاد توجيهها", "转发的邮件", "转发邮件", "已转发邮件", "轉寄的郵件", "轉寄郵件", "転送メッセージ", "転送されたメッセージ",
    "전달된 메시지", "전달된 메일", "ข้อความที่ส่งต่อ", "thư đã chuyển tiếp", "thư được chuyển tiếp", "pesan terusan",
    "pārsūtīts ziņojums", "persiųstas laiškas", "edastatud kiri", "missatge reenviat",
];

/// First line of a header block: who wrote.
pub(super) const FROM: &[&str] = &[
    "from", "von", "de", "da", "van", "från", "fra", "frá", "lähettäjä", "od", "от", "від", "feladó", "de la",
    "expéditeur", "remitente", "remetente", "mittente", "afzender", "absender", "από", "kimden", "gönderen", "מאת",
    "من", "发件人", "發件人", "寄件者", "寄件人", "差出人", "送信者", "送信元", "보낸 사람", "보낸사람", "발신", "จาก", "từ", "người gửi", "dari",
    "no", "nuo", "saatja", "pošiljatelj", "šalje", "шаље", "oddano", "nork", "oddelovac", "nadawca", "odesílatel",
    "odosielateľ", "от кого", "отправитель", "відправник",
];

/// When it was sent.
pub(super) const SENT: &[&str] = &[
    "sent", "date", "sent at", "sent on", "gesendet", "gesendet am", "datum", "envoyé", "envoyé le", "envoyé à",
    "enviado", "enviado el", "enviado em", "enviada", "enviada em", "fecha", "data", "inviato", "inviato il", "verzonden",
    "verzonden op", "skickat", "sendt", "dato", "lähetetty", "päivämäärä", "päiväys", "wysłano", "odesláno",
    "odoslané", "dátum", "elküldve", "küldve", "trimis", "отправлено", "дата", "надіслано", "изпратено", "poslano",
    "послато", "στάλθηκε", "ημερομηνία", "gönderildi", "gönderme tarihi", "tarih", "נשלח", "תאריך", "تاريخ",
    "التاريخ", "تم الإرسال", "أرسلت", "发送时间", "发送日期", "日期", "时间", "傳送時間", "寄件日期", "送信日時", "日付", "日時", "보낸 날짜", "날짜",
    "วันที่", "ส่ง", "ngày", "đã gửi", "tanggal", "dikirim", "nosūtīts", "išsiųsta", "saadetud", "kuupäev",
    "sent date",
];

/// Whom it went to.
pub(super) const TO: &[&str] = &[
    "to", "an", "à", "a", "para", "aan", "till", "til", "vastaanottaja", "do", "komu", "címzett", "către", "кому",
    "до", "за", "za", "prima", "προς", "kime", "alıcı", "אל", "إلى", "收件人", "收件者", "宛先", "받는 사람", "받는사람", "수신", "ถึง",
    "đến", "tới", "người nhận", "kepada", "kam", "iki", "kellele", "adressaat", "pour", "destinataire",
    "destinatario", "destinatário", "empfänger", "cc", "kopie", "kopia", "kopi", "copie", "копия", "抄送", "副本", "参照",
    "참조", "másolat", "reply-to", "antwort an", "bcc", "al", "per", "nori", "at",
];

/// What it was about.
pub(super) const SUBJECT: &[&str] = &[
    "subject", "betreff", "objet", "asunto", "oggetto", "assunto", "onderwerp", "ämne", "emne", "efni", "aihe",
    "temat", "předmět", "predmet", "vec", "tárgy", "subiect", "тема", "относно", "предмет", "наслов", "θέμα", "konu",
    "נושא", "الموضوع", "主题", "主旨", "主題", "件名", "제목", "เรื่อง", "chủ đề", "tiêu đề", "subjek", "perihal", "tēmats",
    "temats", "tema", "teema", "assumpte", "gaia", "importance", "priority",
];

/// Closing words that stand alone in a line above the name.
pub(super) const SIGN_OFF: &[&str] = &[
    "best", "best regards", "best wishes", "all the best", "kind regards", "kindest regards", "warm regards",
    "warmest regards", "with kind regards", "with best regards", "with warm regards", "regards", "many regards",
    "warmly", "sincerely", "yours sincerely", "sincerely yours", "yours faithfully", "yours truly", "yours",
    "respectfully", "cordially", "cheers", "br", "kr", "rgds", "bests", "talk soon", "take care",
    "thanks and regards", "thanks & regards", "thank you and best regards", "many thanks and best regards",
    "with gratitude", "mit freundlichen grüßen", "mit freundlichen grüssen", "mit freundlichem gruß",
    "mit freundlichem gruss", "freundliche grüße", "freundliche grüsse", "mit besten grüßen", "beste grüße",
    "beste grüsse", "viele grüße", "viele grüsse", "liebe grüße", "liebe grüsse", "herzliche grüße",
    "herzliche grüsse", "schöne grüße", "grüße", "grüsse", "gruß", "gruss", "mfg", "vg", "lg", "bg",
    "hochachtungsvoll", "mit herzlichen grüßen", "cordialement", "bien cordialement", "très cordialement",
    "bien à vous", "bien à toi", "sincères salutations", "salutations", "meilleures salutations", "respectueusement",
    "amicalement", "cdt", "cdlt", "à bientôt", "un saludo", "saludos", "saludos cordiales", "un cordial saludo",
    "cordiales saludos", "atentamente", "un abrazo", "cordialmente", "cordiali saluti", "distinti saluti",
    "un cordiale saluto", "saluti", "un saluto", "i migliori saluti", "a presto", "atenciosamente", "atentamente",
    "cumprimentos", "com os melhores cumprimentos", "melhores cumprimentos", "com os meus cumprimentos", "abraços",
    "abraço", "um abraço", "att", "at.te", "met vriendelijke groet", "met vriendelijke groeten", "vriendelijke groet",
    "vriendelijke groeten", "hartelijke groet", "groet", "groeten", "groetjes", "mvg", "med vänliga hälsningar",
    "med vänlig hälsning", "vänliga hälsningar", "vänligen", "bästa hälsningar", "hälsningar", "mvh",
    "med venlig hilsen", "venlig hilsen", "med vennlig hilsen", "vennlig hilsen", "hilsen", "bedste hilsner",
    "ystävällisin terveisin", "terveisin", "parhain terveisin", "kveðja", "pozdrawiam", "z poważaniem",
    "z wyrazami szacunku", "pozdrawiam serdecznie", "serdecznie pozdrawiam", "s pozdravem", "s přátelským pozdravem",
    "s úctou", "zdraví", "s pozdravom", "üdvözlettel", "tisztelettel", "üdv", "cu stimă", "cu respect", "с уважением",
    "с наилучшими пожеланиями", "з повагою", "з найкращими побажаннями", "с уважение", "поздрави", "s poštovanjem",
    "srdačan pozdrav", "pozdrav", "lep pozdrav", "lp", "με εκτίμηση", "φιλικά", "saygılarımla", "iyi çalışmalar",
    "sevgiler", "בברכה", "בכבוד רב", "مع التحية", "مع أطيب التحيات", "تحياتي", "以上、よろしくお願いいたします", "よろしくお願いいたします",
    "よろしくお願いします", "宜しくお願い致します", "敬具", "此致", "此致敬礼", "祝好", "谢谢", "顺祝商祺", "敬上", "감사합니다", "드림", "ขอแสดงความนับถือ",
    "trân trọng", "hormat saya", "salam", "ar cieņu", "pagarbiai", "lugupidamisega", "parimate soovidega",
    "salutacions", "agur bero bat",
];

/// Beginnings of a line that a mail program or a telephone adds.
pub(super) const SENT_FROM: &[&str] = &[
    "sent from my ", "sent from mail for ", "sent from outlook", "sent from yahoo mail", "sent from proton",
    "sent via ", "sent from a ", "sent from gmail", "sent from samsung", "sent using ", "sent with ",
    "sent on the go", "get outlook for ", "get bluemail for ", "von meinem ", "von meiner ", "gesendet von ",
    "gesendet mit ", "gesendet über ", "von outlook für ", "holen sie sich outlook", "laden sie outlook",
    "diese nachricht wurde von meinem ", "envoyé de mon ", "envoyé depuis ", "envoyé à partir de ", "envoyé avec ",
    "obtenez outlook pour ", "télécharger outlook", "provenance : ", "enviado desde mi ", "enviado desde ",
    "enviado con ", "obtener outlook para ", "obtén outlook", "inviato da ", "inviato dal ", "inviato con ",
    "scarica outlook", "ottieni outlook per ", "enviado do meu ", "enviado a partir do ", "enviado pelo ",
    "enviado de meu ", "obter o outlook para ", "verstuurd vanaf ", "verzonden vanaf ", "verzonden met ",
    "verstuurd met ", "outlook voor ", "skickat från ", "skickades från ", "hämta outlook för ", "sendt fra ",
    "hent outlook til ", "lähetetty ", "hanki outlook", "wysłane z ", "wysłano z ", "pobierz outlook", "odesláno z ",
    "odesláno ze ", "získejte outlook", "odoslané z ", "az iphone-omról küldve", "küldve ", "trimis de pe ",
    "trimis din ", "отправлено с ", "отправлено из ", "отправлено с моего ", "надіслано з ", "відправлено з ",
    "изпратено от ", "poslano s ", "poslano iz ", "послато са ", "στάλθηκε από ", "iphone'umdan gönderildi",
    "samsung galaxy", "נשלח מה", "נשלח מ", "أرسلت من ", "أُرسلت من ", "تم الإرسال من ", "从我的", "發自我的", "发自我的", "从 ",
    "iphoneから送信", "ipadから送信", "androidから送信", "スマートフォンから送信", "나의 iphone에서 보냄", "내 iphone에서 보냄", "ส่งจาก ",
    "được gửi từ ", "đã gửi từ ", "dikirim dari ", "nosūtīts no ", "išsiųsta iš ", "saadetud minu ", "enviat des de",
];

/// Beginnings of a paragraph of law beneath a mail.
pub(super) const DISCLAIMER: &[&str] = &[
    "this e-mail and any", "this email and any", "this e-mail and its", "this email and its", "this message and any",
    "this e-mail message", "this email message is", "this communication is", "this message is intended",
    "this email is intended", "this e-mail is intended", "this email is confidential", "this e-mail is confidential",
    "this e-mail may contain", "this email may contain", "this message may contain", "this message contains",
    "this transmission", "the information contained in this", "the information in this e", "the contents of this e",
    "the content of this e", "confidentiality notice", "confidentiality:", "confidential:", "disclaimer",
    "legal notice", "notice: this", "if you are not the intended recipient", "if you have received this",
    "please consider the environment", "think before you print", "before printing", "registered office",
    "registered in england", "we process personal data", "to unsubscribe",
    "you received this message because you are subscribed", "diese e-mail enthält", "diese e-mail kann",
    "diese nachricht enthält", "diese nachricht ist vertraulich", "diese e-mail ist vertraulich", "diese e-mail und",
    "der inhalt dieser e-mail", "die information in dieser", "die in dieser e-mail", "wichtiger hinweis:",
    "vertraulichkeitshinweis", "sitz der gesellschaft", "handelsregister", "geschäftsführer:", "geschäftsführung:",
    "bitte denken sie an die umwelt", "bitte prüfen sie der umwelt", "ce message et", "ce message est", "ce courriel",
    "ce mail et", "ce document est", "les informations contenues", "avis de confidentialité",
    "pensez à l'environnement", "este mensaje y", "este mensaje contiene", "este correo", "este e-mail",
    "la información contenida", "aviso legal", "aviso de confidencialidad", "antes de imprimir", "questo messaggio",
    "questa e-mail", "le informazioni contenute", "il presente messaggio", "ai sensi del", "informativa privacy",
    "avviso di riservatezza", "esta mensagem", "as informações contidas", "aviso de confidencialidade", "dit bericht",
    "deze e-mail", "de informatie in dit", "de informatie verzonden", "detta meddelande", "detta e-post",
    "denne e-mail", "denne e-posten", "denne meddelelse", "tämä viesti", "tämä sähköposti", "ta wiadomość",
    "niniejsza wiadomość", "treść tej wiadomości", "informacje zawarte", "administratorem danych", "tento e-mail",
    "tato zpráva", "ez az e-mail", "ez az üzenet", "acest mesaj", "acest e-mail", "данное сообщение", "это сообщение",
    "настоящее сообщение", "це повідомлення", "το παρόν", "bu e-posta", "本邮件", "本電子郵件", "本メール", "このメールは", "このeメール",
    "이 메일은", "본 메일은",
];

/// Beginnings of a warning that a gateway puts above a mail.
pub(super) const BANNER: &[&str] = &[
    "caution: ", "caution - ", "caution – ", "caution! ", "[external", "external email", "external sender",
    "external mail", "warning: this e", "warning: external", "this email originated from outside",
    "this email originated outside", "this message originated outside", "this message originated from outside",
    "this email was sent from outside", "you don't often get email from",
    "some people who received this message don't often get email from", "achtung: diese", "achtung: externe",
    "externe e-mail", "sie erhalten nicht häufig e-mails von", "sie erhalten nicht oft e-mails von", "attention: ce",
    "attention : ce", "vous n'obtenez pas souvent d'e-mail", "vous ne recevez pas souvent", "courriel externe",
    "atención: este", "correo externo", "no suele recibir correo", "attenzione: questa", "e-mail esterna",
    "non si ricevono spesso messaggi", "let op: deze", "u ontvangt niet vaak", "externt mail",
    "du får inte ofta e-post", "uwaga: ta wiadomość", "nie otrzymujesz często wiadomości",
];

/// Forward leads of subjects that mean nothing else.
pub(super) const FORWARD_LEADS: &[&str] = &[
    "fw", "fwd", "wg", "tr", "rv", "enc", "vb", "pd", "tov", "vl", "fs", "doorst", "doorgestuurd", "weitergeleitet",
    "inoltro", "továbbítás", "předáno", "przek", "proslijeđeno", "prosl", "posr", "пересл", "пре", "πρθ", "הועבר",
    "إعادة توجيه", "转发", "轉寄", "転送", "전달", "ส่งต่อ", "i̇lt", "ilt", "chuyển tiếp", "edasi", "pārs", "persiųsta",
    "trs", "redir", "forward", "forwarded", "yml", "videresendt", "vidarebefordrat", "reenviado", "transféré",
];

/// One of these stands in every line of [`SENT_FROM`]: a device or a program.
pub(super) const DEVICE: &[&str] = &[
    "iphone", "ipad", "android", "アンドロイド", "samsung", "galaxy", "huawei", "xiaomi", "pixel", "blackberry", "outlook",
    "gmail", "yahoo", "proton", "mobil", "móvil", "movil", "phone", "handy", "telefon", "teléfono", "téléphone",
    "telefono", "mail", "spark", "tablet", "device", "appareil", "portable", "cellulare", "celular", "smartphone",
    "スマートフォン", "ios", "app", "puhelin", "téléphone", "windows", "mac", "gmx", "web.de", "superhuman", "puhelimesta",
    "айфон", "телефон", "смартфон", "手机", "手機", "휴대", "tutanota", "hey", "linkedin", "redmi", "oneplus", "bluemail",
    "nokia",
];
