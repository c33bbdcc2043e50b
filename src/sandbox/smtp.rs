//! The SMTP side of one connection: reads requests, asks the faults, takes and routes mail.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use smtp_proto::request::receiver::{DataReceiver, DummyDataReceiver};
use smtp_proto::{AUTH_LOGIN, AUTH_PLAIN, Error, Request};
use tokio::net::TcpStream;

use super::faults::{self, SmtpEffect, SmtpStage};
use super::log::{EventKind, Outcome, Received};
use super::message;
use super::model::{SentCopy, SpecialUse, World};
use super::shared::SharedWorld;
use super::wire::{Gone, Wire};

/// Recipients of one mail (RFC 5321 §4.5.3.1.8 asks for at least 100).
const MAX_RECIPIENTS: usize = 100;

/// Serves one SMTP client until it leaves, is sent away, or a fault ends it.
pub(super) async fn serve(stream: TcpStream, world: SharedWorld) {
    let client = world.edit(|world| world.log.new_client());
    let mut wire = Wire::new(stream);
    let mut connection = Connection { wire: &mut wire, world: &world, client, user: None, mail: None };
    let _why = connection.run().await;
    world.edit(|world| world.log.push(client, EventKind::SmtpClosed));
    wire.close().await;
}

struct Connection<'a> {
    wire: &'a mut Wire,
    world: &'a SharedWorld,
    client: u64,
    /// Login name, once logged in.
    user: Option<String>,
    mail: Option<Mail>,
}

/// The mail being handed over.
#[derive(Debug, Clone, Default)]
struct Mail {
    from: String,
    to: Vec<String>,
}

/// What is left to do at a stage once the faults have had their say.
enum Go {
    On,
    Instead(String),
}

/// How the body ended.
enum Body {
    Whole(Vec<u8>),
    TooLarge,
}

impl Connection<'_> {
    async fn run(&mut self) -> Result<(), Gone> {
        match self.stage(SmtpStage::Connect, "", Vec::new()).await? {
            Go::On => self.say("220 sandbox.example ESMTP checkback sandbox").await?,
            Go::Instead(reply) => self.say(&reply).await?,
        }
        loop {
            let Some(line) = self.wire.read_line().await? else {
                self.say("500 5.5.2 line too long").await?;
                continue;
            };
            match Request::parse(&mut line.iter()).map(Request::into_owned) {
                Ok(request) => self.on_request(request).await?,
                Err(error) => self.say(refusal(&error)).await?,
            }
        }
    }

    async fn on_request(&mut self, request: Request<String>) -> Result<(), Gone> {
        match request {
            Request::Ehlo { host } => self.on_hello(&host, true).await,
            Request::Helo { host } => self.on_hello(&host, false).await,
            Request::Auth { mechanism, initial_response } => self.on_auth(mechanism, initial_response).await,
            Request::Mail { from } => self.on_mail(from.address, from.size).await,
            Request::Rcpt { to } => self.on_rcpt(to.address).await,
            Request::Data => self.on_data().await,
            Request::Rset => {
                self.mail = None;
                self.say("250 2.0.0 ok").await
            }
            Request::Noop { .. } => self.say("250 2.0.0 ok").await,
            Request::Quit => {
                match self.stage(SmtpStage::Quit, "", Vec::new()).await? {
                    Go::On => self.say("221 2.0.0 bye").await?,
                    Go::Instead(reply) => self.say(&reply).await?,
                }
                Err(Gone::Server)
            }
            Request::Vrfy { .. } => self.say("252 2.1.5 send some mail and see").await,
            _ => self.say("502 5.5.1 not implemented").await,
        }
    }

    async fn on_hello(&mut self, host: &str, extended: bool) -> Result<(), Gone> {
        self.mail = None;
        if let Go::Instead(reply) = self.stage(SmtpStage::Ehlo, host, Vec::new()).await? {
            return self.say(&reply).await;
        }
        if !extended {
            return self.say("250 sandbox.example").await;
        }
        let size = self.world.look(|world| world.options.max_message_size);
        let offers = format!(
            "250-sandbox.example\r\n250-8BITMIME\r\n250-ENHANCEDSTATUSCODES\r\n250-PIPELINING\r\n250-SIZE {size}\r\n250 AUTH PLAIN LOGIN"
        );
        self.say(&offers).await
    }

    async fn on_auth(&mut self, mechanism: u64, initial_response: String) -> Result<(), Gone> {
        let (name, password) = match mechanism {
            AUTH_PLAIN => {
                let data =
                    if initial_response.is_empty() { self.ask("334 ").await? } else { decode(&initial_response) };
                // RFC 4616 §2: authorization identity, NUL, name, NUL, password.
                let data = data.unwrap_or_default();
                let mut parts = data.splitn(3, |&byte| byte == 0).skip(1).map(<[u8]>::to_vec);
                (parts.next(), parts.next())
            }
            AUTH_LOGIN => {
                let name = match decode(&initial_response) {
                    Some(name) if !name.is_empty() => Some(name),
                    _ => self.ask("334 VXNlcm5hbWU6").await?,
                };
                (name, self.ask("334 UGFzc3dvcmQ6").await?)
            }
            _ => return self.say("504 5.5.4 only PLAIN and LOGIN").await,
        };
        let name = name.and_then(|name| String::from_utf8(name).ok()).unwrap_or_default();
        if let Go::Instead(reply) = self.stage(SmtpStage::Auth, &name, Vec::new()).await? {
            return self.say(&reply).await;
        }
        let right = self.world.look(|world| {
            let user = world.users.get(&name);
            user.is_some_and(|user| Some(user.password.as_bytes()) == password.as_deref())
        });
        if !right {
            return self.say("535 5.7.8 authentication credentials invalid").await;
        }
        self.user = Some(name);
        self.say("235 2.7.0 authentication successful").await
    }

    async fn on_mail(&mut self, from: String, size: usize) -> Result<(), Gone> {
        let (required, limit) =
            self.world.look(|world| (world.options.smtp_auth_required, world.options.max_message_size));
        match self.stage(SmtpStage::Mail, &from, bracketed(std::slice::from_ref(&from))).await? {
            Go::Instead(reply) => self.say(&reply).await,
            Go::On if required && self.user.is_none() => self.say("530 5.7.0 authentication required").await,
            Go::On if self.mail.is_some() => self.say("503 5.5.1 a mail is under way").await,
            Go::On if size != usize::MAX && size > limit => self.say("552 5.3.4 message too big").await,
            Go::On => {
                self.mail = Some(Mail { from, to: Vec::new() });
                self.say("250 2.1.0 ok").await
            }
        }
    }

    async fn on_rcpt(&mut self, to: String) -> Result<(), Gone> {
        let unknown = self.world.look(|world| {
            world.options.refuse_unknown_recipients && world.is_local(&to) && world.owner_of(&to).is_none()
        });
        let go = self.stage(SmtpStage::Rcpt, &to, bracketed(std::slice::from_ref(&to))).await?;
        let reply = match (go, &mut self.mail) {
            (Go::Instead(reply), _) => return self.say(&reply).await,
            (Go::On, None) => "503 5.5.1 MAIL first",
            (Go::On, Some(_)) if unknown => "550 5.1.1 no such user here",
            (Go::On, Some(mail)) if mail.to.len() >= MAX_RECIPIENTS => "452 4.5.3 too many recipients",
            (Go::On, Some(mail)) => {
                mail.to.push(to);
                "250 2.1.5 ok"
            }
        };
        self.say(reply).await
    }

    async fn on_data(&mut self) -> Result<(), Gone> {
        let Some(mail) = self.mail.take_if(|mail| !mail.to.is_empty()) else {
            return self.say("503 5.5.1 MAIL and RCPT first").await;
        };
        let addresses = bracketed(&mail.to);
        match self.stage(SmtpStage::Data, "", addresses.clone()).await {
            Ok(Go::On) => {}
            Ok(Go::Instead(reply)) => {
                self.record(&mail, Vec::new(), Outcome::Refused(reply.clone()));
                return self.say(&reply).await;
            }
            Err(gone) => {
                self.record(&mail, Vec::new(), Outcome::Cut);
                return Err(gone);
            }
        }
        self.say("354 go ahead").await?;
        let mut data = Vec::new();
        match self.read_body(&mut data, &addresses).await {
            Ok(Body::Whole(data)) => self.on_body(mail, data, addresses).await,
            Ok(Body::TooLarge) => {
                let reply = "552 5.3.4 message too big";
                self.record(&mail, Vec::new(), Outcome::Refused(reply.to_owned()));
                self.say(reply).await
            }
            Err(gone) => {
                self.record(&mail, data, Outcome::Cut);
                Err(gone)
            }
        }
    }

    /// Reads up to the final dot. When the connection ends first, `data` keeps what had come.
    async fn read_body(&mut self, data: &mut Vec<u8>, addresses: &[String]) -> Result<Body, Gone> {
        let limit = self.world.look(|world| world.options.max_message_size);
        let mut receiver = DataReceiver::new();
        // The line break before the body ends DATA's own line: without it a dot that opens the body would not count.
        receiver.ingest(&mut b"\r\n".iter(), &mut Vec::new());
        let mut marks = self.world.look(|world| faults::body_marks(&world.faults));
        let mut whole = false;
        loop {
            while let Some(mark) = marks.first().copied().filter(|&mark| mark <= data.len()) {
                marks.remove(0);
                // No reply has a place inside a body, so one on order only ends the connection.
                if !matches!(self.stage(SmtpStage::Body(mark), "", addresses.to_vec()).await, Ok(Go::On)) {
                    data.truncate(mark);
                    return Err(Gone::Server);
                }
            }
            if whole {
                return Ok(if data.len() > limit { Body::TooLarge } else { Body::Whole(std::mem::take(data)) });
            }
            if data.len() > limit {
                data.clear();
                return self.pass_over_body(&receiver).await;
            }
            let bytes = self.wire.read().await?;
            let mut rest = bytes.iter();
            whole = receiver.ingest(&mut rest, data);
            if whole {
                self.wire.unread(rest.as_slice());
            }
        }
    }

    async fn pass_over_body(&mut self, receiver: &DataReceiver) -> Result<Body, Gone> {
        let mut receiver = DummyDataReceiver::new_data(receiver);
        loop {
            let bytes = self.wire.read().await?;
            let mut rest = bytes.iter();
            if receiver.ingest(&mut rest) {
                self.wire.unread(rest.as_slice());
                return Ok(Body::TooLarge);
            }
        }
    }

    async fn on_body(&mut self, mail: Mail, data: Vec<u8>, addresses: Vec<String>) -> Result<(), Gone> {
        let effects = self.due(SmtpStage::AfterBody, "", &addresses);
        let accepting =
            |effect: &SmtpEffect| matches!(effect, SmtpEffect::AcceptThenCut | SmtpEffect::AcceptThenSilence);
        if effects.iter().any(accepting) {
            self.accept(mail, data, Outcome::AcceptedReplyLost);
            return Err(match self.apply(effects).await {
                Ok(_) => Gone::Server,
                Err(gone) => gone,
            });
        }
        match self.apply(effects).await {
            Ok(Go::On) => {
                self.accept(mail, data, Outcome::Accepted);
                self.say("250 2.0.0 taken").await
            }
            Ok(Go::Instead(reply)) => {
                self.record(&mail, data, Outcome::Refused(reply.clone()));
                self.say(&reply).await
            }
            Err(gone) => {
                self.record(&mail, data, Outcome::Cut);
                Err(gone)
            }
        }
    }

    /// Takes the mail: into the log, the local inboxes and, where the server does so, the sender's Sent folder.
    fn accept(&self, mail: Mail, data: Vec<u8>, outcome: Outcome) {
        self.world.edit(|world| {
            let seq = world.log.push(self.client, EventKind::SmtpAccepted);
            let sender = self.user.clone().or_else(|| world.owner_of(&mail.from));
            route(world, seq, sender.as_deref(), &mail, &data);
            let Mail { from: mail_from, to: rcpt_to } = mail;
            world.log.push_received(Received { at_seq: seq, client: self.client, mail_from, rcpt_to, data, outcome });
        });
    }

    fn record(&self, mail: &Mail, data: Vec<u8>, outcome: Outcome) {
        let Mail { from: mail_from, to: rcpt_to } = mail.clone();
        self.world.edit(|world| {
            let at_seq = world.log.push(self.client, EventKind::Smtp(SmtpStage::AfterBody, "not taken".to_owned()));
            world.log.push_received(Received { at_seq, client: self.client, mail_from, rcpt_to, data, outcome });
        });
    }

    async fn stage(&mut self, stage: SmtpStage, about: &str, addresses: Vec<String>) -> Result<Go, Gone> {
        let effects = self.due(stage, about, &addresses);
        self.apply(effects).await
    }

    /// Logs the stage, runs the hooks due, and gives the other effects due.
    fn due(&self, stage: SmtpStage, about: &str, addresses: &[String]) -> Vec<SmtpEffect> {
        self.world.edit(|world| {
            world.log.push(self.client, EventKind::Smtp(stage, about.to_owned()));
            let due = faults::due_smtp(&mut world.faults, stage, addresses);
            for effect in &due {
                if let SmtpEffect::Run(hook) = effect {
                    hook(world);
                }
            }
            due
        })
    }

    async fn apply(&mut self, effects: Vec<SmtpEffect>) -> Result<Go, Gone> {
        for effect in effects {
            match effect {
                SmtpEffect::Reply(reply) => return Ok(Go::Instead(reply)),
                SmtpEffect::ReplyThenCut(reply) => {
                    self.say(&reply).await?;
                    return Err(Gone::Server);
                }
                SmtpEffect::Cut | SmtpEffect::AcceptThenCut => return Err(Gone::Server),
                SmtpEffect::Silence | SmtpEffect::AcceptThenSilence => return Err(self.wire.fall_silent().await),
                SmtpEffect::Delay(time) => tokio::time::sleep(time).await,
                SmtpEffect::Run(_) => {}
            }
        }
        Ok(Go::On)
    }

    /// Sends a challenge and gives the decoded answer; `None` when it is no base64 (or `*`, the client's way out).
    async fn ask(&mut self, challenge: &str) -> Result<Option<Vec<u8>>, Gone> {
        self.say(challenge).await?;
        let line = self.wire.read_line().await?.unwrap_or_default();
        Ok(decode(&String::from_utf8_lossy(&line)))
    }

    async fn say(&mut self, reply: &str) -> Result<(), Gone> {
        self.wire.write(format!("{reply}\r\n").as_bytes()).await?;
        self.wire.flush().await
    }
}

fn route(world: &mut World, seq: u64, sender: Option<&str>, mail: &Mail, data: &[u8]) {
    let copy = sender.and_then(|name| world.users.get(name)).and_then(|user| user.sent_copy);
    let renamed = matches!(copy, Some(SentCopy::NewMessageId))
        .then(|| message::with_message_id(data, &format!("renamed-{seq}@sandbox.example")));
    let data = renamed.as_deref().unwrap_or(data);
    if let (Some(sender), Some(_)) = (sender, copy) {
        let folders = world.users.get(sender).map(|user| user.folders.as_slice()).unwrap_or_default();
        let sent = folders.iter().find(|folder| folder.special_use == Some(SpecialUse::Sent));
        let sent = sent.map_or_else(|| "Sent".to_owned(), |folder| folder.name.clone());
        // A user without such a folder has no copy.
        let _uid = world.deliver_with_flags(sender, &sent, data, None, &["\\Seen"]);
    }
    let now = world.now();
    let mut owners: Vec<String> = mail.to.iter().filter_map(|to| world.owner_of(to)).collect();
    owners.sort_unstable();
    owners.dedup();
    let traced = message::with_trace(data, &mail.from, seq, now);
    for owner in owners {
        // A user whose INBOX a test has removed gets nothing.
        let _uid = world.deliver(&owner, "INBOX", &traced, None);
    }
}

/// Each address in lower case and angle brackets, so that an order can say `<` or `>` to mark its ends.
fn bracketed(addresses: &[String]) -> Vec<String> {
    addresses.iter().map(|address| format!("<{}>", address.to_ascii_lowercase())).collect()
}

fn decode(base64: &str) -> Option<Vec<u8>> {
    STANDARD.decode(base64.trim_end()).ok()
}

fn refusal(error: &Error) -> &'static str {
    match error {
        Error::UnknownCommand => "500 5.5.1 unknown command",
        Error::InvalidSenderAddress => "501 5.1.7 bad sender address",
        Error::InvalidRecipientAddress => "501 5.1.3 bad recipient address",
        Error::UnsupportedParameter { .. } => "555 5.5.4 unsupported parameter",
        _ => "501 5.5.4 not understood",
    }
}
