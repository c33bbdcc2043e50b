//! The IMAP side of one connection: reads commands, asks the faults, carries out, answers.

use std::sync::Arc;

use imap_codec::decode::Decoder;
use imap_codec::encode::Encoder;
use imap_codec::{CommandCodec, ResponseCodec};
use imap_next::server::{Error, Event, Options as ServerOptions, Server};
use imap_next::{Interrupt, Io, State};
use imap_types::IntoStatic;
use imap_types::auth::{AuthMechanism, AuthenticateData};
use imap_types::command::{Command, CommandBody};
use imap_types::core::{Tag, Text};
use imap_types::response::{CommandContinuationRequest, Greeting, GreetingKind, Response, Status, StatusKind};
use tokio::net::TcpStream;
use tokio::sync::watch;

use super::faults::{self, Hook, ImapEffect, Moment, Verb};
use super::log::{CommandSeen, EventKind};
use super::model::World;
use super::shared::SharedWorld;
use super::wire::{Gone, Wire};
use session::{Answer, Session};

mod command;
mod fetch;
mod folders;
mod search;
mod session;
mod structure;

/// Largest literal (an appended mail) taken.
const MAX_LITERAL: u32 = 30 * 1024 * 1024;
/// How many commands a client may get wrong before it is sent away.
const MAX_BAD: u32 = 50;
/// Characters of a command kept in the log.
const MAX_TEXT: usize = 400;

/// Serves one IMAP client until it leaves, is sent away, or a fault ends it.
pub(super) async fn serve(stream: TcpStream, world: SharedWorld) {
    let client = world.edit(|world| {
        let client = world.log.new_client();
        world.log.push(client, EventKind::ImapConnected);
        client
    });
    let changes = world.changes();
    let mut wire = Wire::new(stream);
    let _why = greet(&mut wire, &world, client, changes).await;
    world.edit(|world| world.log.push(client, EventKind::ImapClosed));
    wire.close().await;
}

async fn greet(wire: &mut Wire, world: &SharedWorld, client: u64, changes: watch::Receiver<u64>) -> Result<(), Gone> {
    let options = world.look(|world| world.options.clone());
    let code = folders::capabilities(&options).map(imap_types::response::Code::Capability);
    let greeting = Greeting { kind: GreetingKind::Ok, code, text: text("checkback sandbox ready") };
    let mut server_options = ServerOptions::default();
    server_options.max_literal_size = MAX_LITERAL;
    server_options.max_command_size = MAX_LITERAL + 64 * 1024;
    let mut connection = Connection {
        wire,
        world,
        changes,
        server: Server::new(server_options, greeting),
        session: Session::new(client),
        idle: None,
        auth: None,
        bad: 0,
    };
    // A refusal has no tag to bear yet: it ends the connection as BYE.
    let plan = connection.prepare(Verb::Connect, None, "").await?;
    if let Some((_, text)) = plan.instead {
        connection.wire.write(format!("* BYE {text}\r\n").as_bytes()).await?;
        return Err(Gone::Server);
    }
    connection.run().await
}

struct Connection<'a> {
    wire: &'a mut Wire,
    world: &'a SharedWorld,
    changes: watch::Receiver<u64>,
    server: Server,
    session: Session,
    /// The tag of the IDLE that runs.
    idle: Option<Tag<'static>>,
    /// The tag of an AUTHENTICATE that waits for its data.
    auth: Option<Tag<'static>>,
    bad: u32,
}

/// What the faults say about one command, once those that end the connection are dealt with.
#[derive(Default)]
struct Plan {
    instead: Option<(StatusKind, String)>,
    withhold: Vec<u32>,
    no_after: Option<usize>,
    after: Vec<Hook>,
}

impl Connection<'_> {
    async fn run(&mut self) -> Result<(), Gone> {
        loop {
            match self.server.next() {
                Ok(event) => self.on_event(event).await?,
                Err(Interrupt::Io(Io::Output(bytes))) => self.wire.write(&bytes).await?,
                Err(Interrupt::Io(Io::NeedMoreInput)) => self.wait().await?,
                Err(Interrupt::Error(error)) => self.on_malformed(error).await?,
            }
        }
    }

    /// Waits for the client; in IDLE for changes of the world too.
    async fn wait(&mut self) -> Result<(), Gone> {
        if self.idle.is_some() {
            self.changes.borrow_and_update();
            let updates = self.world.look(|world| self.session.updates(world, true));
            self.write_all(updates).await?;
        }
        self.wire.flush().await?;
        let bytes = if self.idle.is_some() {
            tokio::select! {
                bytes = self.wire.read() => bytes?,
                changed = self.changes.changed() => return changed.map_err(|_| Gone::Server),
            }
        } else {
            self.wire.read().await?
        };
        self.server.enqueue_input(&bytes);
        Ok(())
    }

    async fn on_event(&mut self, event: Event) -> Result<(), Gone> {
        match event {
            Event::CommandReceived { command } => self.on_command(command).await,
            Event::CommandAuthenticateReceived { command_authenticate } => {
                let plan = self.prepare(Verb::Login, None, "AUTHENTICATE").await?;
                let tag = command_authenticate.tag;
                let plain = command_authenticate.mechanism == AuthMechanism::Plain;
                match command_authenticate.initial_response {
                    _ if plan.instead.is_some() || !plain => {
                        let refusal = (StatusKind::No, "only PLAIN is offered".to_owned());
                        self.finish_auth(tag, Err(plan.instead.unwrap_or(refusal)));
                    }
                    Some(data) => self.authenticate(tag, data.declassify()),
                    None => {
                        self.auth = Some(tag);
                        let empty = CommandContinuationRequest::base64(Vec::new());
                        // Refused only when no data is awaited, and imap-next has just begun to await it.
                        let _handle = self.server.authenticate_continue(empty);
                    }
                }
                Ok(())
            }
            Event::AuthenticateDataReceived { authenticate_data } => {
                let Some(tag) = self.auth.take() else { return Err(Gone::Server) };
                match authenticate_data {
                    AuthenticateData::Continue(data) => self.authenticate(tag, data.declassify()),
                    AuthenticateData::Cancel => {
                        self.finish_auth(tag, Err((StatusKind::Bad, "cancelled".to_owned())));
                    }
                }
                Ok(())
            }
            Event::IdleCommandReceived { tag } => self.on_idle(tag).await,
            Event::IdleDoneReceived => {
                let Some(tag) = self.idle.take() else { return Err(Gone::Server) };
                let updates = self.world.look(|world| self.session.updates(world, true));
                self.write_all(updates).await?;
                self.write(&status(Some(tag), StatusKind::Ok, None, "IDLE ended")).await
            }
            Event::GreetingSent { .. } | Event::ResponseSent { .. } => Ok(()),
        }
    }

    async fn on_command(&mut self, command: Command<'static>) -> Result<(), Gone> {
        let verb = command::verb(&command.body);
        let folder = command::folder(&command.body);
        let seen = match verb {
            Verb::Login => "LOGIN".to_owned(),
            _ => command_text(&command),
        };
        let plan = self.prepare(verb, folder, &seen).await?;
        let Command { tag, body } = command;
        self.carry_out(tag, body, plan, false).await
    }

    async fn carry_out(
        &mut self,
        tag: Tag<'static>,
        body: CommandBody<'static>,
        plan: Plan,
        as_xlist: bool,
    ) -> Result<(), Gone> {
        if let Some((kind, text)) = plan.instead {
            return self.write(&status(Some(tag), kind, None, &text)).await;
        }
        let session = &mut self.session;
        let (answer, updates) = self.world.edit(|world| {
            let answer = command::execute(world, session, body);
            // EXPUNGE must not come while the client counts by sequence number (RFC 3501 §7.4.1).
            let updates = if answer.opened { Ok(Vec::new()) } else { session.updates(world, !answer.by_number) };
            plan.after.iter().for_each(|hook| hook(world));
            (answer, updates)
        });
        let Answer { lines, kind, code, text, fetch, ends, .. } = answer;
        for line in &lines {
            let line = ResponseCodec::default().encode(line).dump();
            match line.strip_prefix(b"* LIST".as_slice()) {
                Some(rest) if as_xlist => self.wire.write(&[b"* XLIST", rest].concat()).await?,
                _ => self.wire.write(&line).await?,
            }
        }
        if let Some(mut fetch) = fetch {
            fetch.numbers.retain(|(_, uid)| !plan.withhold.contains(uid));
            for (given, &(number, uid)) in fetch.numbers.iter().enumerate() {
                if plan.no_after == Some(given) {
                    break;
                }
                let line = self.world.look(|world| fetch::line(world, &mut self.session, &fetch, number, uid));
                if let Some(line) = line {
                    self.write(&line).await?;
                }
            }
            if plan.no_after.is_some() {
                return self.write(&status(Some(tag), StatusKind::No, None, "[SERVERBUG] could not fetch all")).await;
            }
        }
        self.write_all(updates).await?;
        self.write(&status(Some(tag), kind, code, &text)).await?;
        if ends { Err(Gone::Server) } else { Ok(()) }
    }

    async fn on_idle(&mut self, tag: Tag<'static>) -> Result<(), Gone> {
        let plan = self.prepare(Verb::Idle, None, "IDLE").await?;
        let offered = self.world.look(|world| world.options.idle);
        let refusal = match plan.instead {
            Some(refusal) => Some(refusal),
            None if !offered => Some((StatusKind::Bad, "unknown command".to_owned())),
            None if self.session.user.is_none() => Some((StatusKind::Bad, "log in first".to_owned())),
            None => None,
        };
        // Neither is refused: imap-next waits for exactly one of the two after this event.
        if let Some((kind, text)) = refusal {
            if let Response::Status(status) = status(Some(tag), kind, None, &text) {
                let _handle = self.server.idle_reject(status);
            }
        } else if let Ok(ready) = CommandContinuationRequest::basic(None, text("idling")) {
            let _handle = self.server.idle_accept(ready);
            self.idle = Some(tag);
            self.world.edit(|world| plan.after.iter().for_each(|hook| hook(world)));
        }
        Ok(())
    }

    fn authenticate(&mut self, tag: Tag<'static>, data: &[u8]) {
        // RFC 4616 §2: authorization identity, NUL, name, NUL, password.
        let mut parts = data.splitn(3, |&byte| byte == 0).skip(1);
        let (name, password) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let logged_in = self.world.look(|world| self.session.log_in(world, name, password));
        let refusal = (StatusKind::No, session::WRONG_PASSWORD.to_owned());
        self.finish_auth(tag, if logged_in { Ok(()) } else { Err(refusal) });
    }

    fn finish_auth(&mut self, tag: Tag<'static>, outcome: Result<(), (StatusKind, String)>) {
        let (kind, text) = outcome.err().unwrap_or((StatusKind::Ok, "logged in".to_owned()));
        if let Response::Status(status) = status(Some(tag), kind, None, &text) {
            // Refused only when no authentication runs, and one does.
            let _handle = self.server.authenticate_finish(status);
        }
    }

    /// A command the codec does not know. Two that old clients need are answered here, the rest gets BAD.
    async fn on_malformed(&mut self, error: Error) -> Result<(), Gone> {
        let discarded = match error {
            // imap-next answers this one itself.
            Error::LiteralTooLong { .. } => return Ok(()),
            Error::MalformedMessage { discarded_bytes }
            | Error::ExpectedCrlfGotLf { discarded_bytes }
            | Error::CommandTooLong { discarded_bytes } => discarded_bytes,
        };
        let line = String::from_utf8_lossy(discarded.declassify()).into_owned();
        let mut words = line.trim_end().splitn(3, ' ');
        let tag = words.next().and_then(|tag| Tag::try_from(tag.to_owned()).ok());
        let word = words.next().unwrap_or_default().to_ascii_uppercase();
        let options = self.world.look(|world| world.options.clone());
        match (tag, word.as_str()) {
            (Some(tag), "NAMESPACE") if options.namespace => {
                let plan = self.prepare(Verb::Namespace, None, &word).await?;
                if plan.instead.is_none() {
                    let line = format!("* NAMESPACE ((\"\" \"{}\")) NIL NIL\r\n", options.delimiter);
                    self.wire.write(line.as_bytes()).await?;
                }
                let (kind, text) = plan.instead.unwrap_or((StatusKind::Ok, "done".to_owned()));
                self.write(&status(Some(tag), kind, None, &text)).await
            }
            (Some(tag), "XLIST") if options.xlist => {
                let plan = self.prepare(Verb::List, None, &word).await?;
                let as_list = format!("{} LIST {}\r\n", tag.as_ref(), words.next().unwrap_or_default());
                match CommandCodec::default().decode(as_list.as_bytes()) {
                    Ok((_, command)) => self.carry_out(tag, command.into_static().body, plan, true).await,
                    Err(_) => self.write(&status(Some(tag), StatusKind::Bad, None, "not understood")).await,
                }
            }
            (tag, _) => {
                let plan = self.prepare(Verb::Unknown, None, &word).await?;
                self.bad += 1;
                if self.bad > MAX_BAD {
                    self.wire.write(b"* BYE too many bad commands\r\n").await?;
                    return Err(Gone::Server);
                }
                let refusal = (StatusKind::Bad, "unknown command or bad arguments".to_owned());
                let (kind, text) = plan.instead.unwrap_or(refusal);
                self.write(&status(tag, kind, None, &text)).await
            }
        }
    }

    /// Logs a command and applies the faults due: what remains to be done about it is in the plan.
    async fn prepare(&mut self, verb: Verb, folder: Option<String>, seen: &str) -> Result<Plan, Gone> {
        let session = &self.session;
        let folder = folder.or_else(|| session.selected.as_ref().map(|selected| selected.folder.clone()));
        let effects = self.world.edit(|world| {
            if verb != Verb::Connect {
                world.log.push(session.client, EventKind::Imap(self.seen(verb, folder.clone(), seen)));
            }
            let due = faults::due_imap(&mut world.faults, verb, folder.as_deref(), session.user.as_deref());
            run_before(world, &due);
            due
        });
        let mut plan = Plan::default();
        for effect in effects {
            match effect {
                ImapEffect::No(text) => plan.refuse(StatusKind::No, text),
                ImapEffect::Bad(text) => plan.refuse(StatusKind::Bad, text),
                ImapEffect::EmptyOk => plan.refuse(StatusKind::Ok, "done".to_owned()),
                ImapEffect::Bye(text) => {
                    self.wire.write(format!("* BYE {text}\r\n").as_bytes()).await?;
                    return Err(Gone::Server);
                }
                ImapEffect::Cut => return Err(Gone::Server),
                ImapEffect::CutAfter(bytes) => {
                    self.wire.flush().await?;
                    self.wire.cut_after(bytes);
                }
                ImapEffect::Silence => return Err(self.fall_silent().await),
                ImapEffect::Delay(time) => tokio::time::sleep(time).await,
                ImapEffect::Garbage(bytes) => self.wire.write(&bytes).await?,
                ImapEffect::HugeLiteral(size) => {
                    let line = format!("* 1 FETCH (UID 1 BODY[] {{{size}}}\r\nabc");
                    self.wire.write(line.as_bytes()).await?;
                    return Err(self.fall_silent().await);
                }
                ImapEffect::Withhold(uids) => plan.withhold.extend(uids),
                ImapEffect::NoAfter(count) => plan.no_after = Some(count),
                ImapEffect::Run(Moment::After, hook) => plan.after.push(hook),
                ImapEffect::Run(Moment::Before, _) => {}
            }
        }
        Ok(plan)
    }

    fn seen(&self, verb: Verb, folder: Option<String>, text: &str) -> CommandSeen {
        let text = text.chars().take(MAX_TEXT).collect();
        CommandSeen { seq: 0, client: self.session.client, user: self.session.user.clone(), verb, folder, text }
    }

    async fn fall_silent(&mut self) -> Gone {
        match self.wire.flush().await {
            Ok(()) => self.wire.fall_silent().await,
            Err(gone) => gone,
        }
    }

    async fn write(&mut self, line: &Response<'static>) -> Result<(), Gone> {
        self.wire.write(&ResponseCodec::default().encode(line).dump()).await
    }

    /// Writes the news of the open folder, or sends the client away when the folder is no longer what it was.
    async fn write_all(&mut self, updates: Result<Vec<Response<'static>>, session::Void>) -> Result<(), Gone> {
        match updates {
            Ok(lines) => {
                for line in &lines {
                    self.write(line).await?;
                }
                Ok(())
            }
            Err(session::Void) => {
                self.wire.write(b"* BYE the open folder is void\r\n").await?;
                Err(Gone::Server)
            }
        }
    }
}

impl Plan {
    /// The first refusal counts.
    fn refuse(&mut self, kind: StatusKind, text: String) {
        self.instead.get_or_insert((kind, text));
    }
}

fn run_before(world: &mut World, due: &[ImapEffect]) {
    let hooks = due.iter().filter_map(|effect| match effect {
        ImapEffect::Run(Moment::Before, hook) => Some(Arc::clone(hook)),
        _ => None,
    });
    hooks.for_each(|hook| hook(world));
}

/// A status line; the text is cut down to what the grammar allows.
fn status(
    tag: Option<Tag<'static>>,
    kind: StatusKind,
    code: Option<imap_types::response::Code<'static>>,
    words: &str,
) -> Response<'static> {
    Response::Status(match Status::new(tag, kind, code, text(words)) {
        Ok(status) => status,
        // `Text` to `Text` cannot fail.
        Err(never) => match never {},
    })
}

fn text(words: &str) -> Text<'static> {
    let words: String = words.chars().filter(|c| c.is_ascii() && !c.is_ascii_control()).collect();
    Text::try_from(words).unwrap_or_else(|_| Text::unvalidated("-"))
}

/// The command without its tag and without what is in literals.
fn command_text(command: &Command<'static>) -> String {
    let mut text = String::new();
    for fragment in CommandCodec::default().encode(command) {
        if let imap_codec::encode::Fragment::Line { data } = fragment {
            text.push_str(&String::from_utf8_lossy(&data));
        }
    }
    let text = text.trim_end().replace("\r\n", " ");
    text.split_once(' ').map(|(_, text)| text.to_owned()).unwrap_or(text)
}
