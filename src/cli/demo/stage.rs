//! What the demo plays on: the mail server with the sample mailbox, and a workspace in a scratch folder.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use jiff::Zoned;

use super::sample::{self, Place, SampleMail};
use crate::clock::{self, Clock};
use crate::config::Config;
use crate::mail::compose::Templates;
use crate::sandbox::{Options, Sandbox, World, hand_in};
use crate::service::Workspace;

/// Login name of the sample mailbox.
pub const USER: &str = "dana";
/// The mailbox of a recruiter, for trying it out.
pub const RECRUITER: (&str, &str) = ("recruiter", "recruiter@agency.example");
/// Password of both: they live as long as the demo, on this machine.
pub const PASSWORD: &str = "demo";
/// Ports with `--serve`, if they are free: IMAP, SMTP.
const PORTS: (u16, u16) = (1143, 1025);

/// The server and the workspace. Dropping it closes the one and removes the other.
#[derive(Debug)]
pub struct Stage {
    /// The mail server.
    pub sandbox: Sandbox,
    /// checkback's own data.
    pub workspace: Workspace,
    /// Mails that are handed in later.
    pub arriving: Vec<SampleMail>,
    _scratch: Scratch,
}

impl Stage {
    /// Starts the server with the sample mailbox as of now. `known_ports`: on the ports of the documentation if they are
    /// free.
    ///
    /// # Errors
    /// If a port or the scratch folder can't be had.
    pub async fn set(clock: &Clock, known_ports: bool) -> anyhow::Result<Self> {
        let scratch = Scratch::make()?;
        let mut world = World::new(clock::now);
        world.options = Options {
            imap_port: if known_ports { free(PORTS.0) } else { 0 },
            smtp_port: if known_ports { free(PORTS.1) } else { 0 },
            // strangers hand in mail without signing in
            smtp_auth_required: false,
            ..Options::default()
        };
        world.add_user(USER, PASSWORD, &[sample::ADDRESS]).add_user(RECRUITER.0, PASSWORD, &[RECRUITER.1]);
        world.add_usual_folders(USER)?;
        world.add_usual_folders(RECRUITER.0)?;
        let zone = jiff::tz::TimeZone::system();
        let (arriving, mut before): (Vec<SampleMail>, Vec<SampleMail>) = sample::mails(&Zoned::new(clock.now(), zone))?
            .into_iter()
            .partition(|mail| matches!(mail.place, Place::Round(_)));
        before.sort_by_key(|mail| mail.at.timestamp());
        for mail in before {
            let folder = match mail.place {
                Place::Sent => "Sent",
                Place::Junk => "Junk",
                Place::Inbox | Place::Round(_) => "INBOX",
            };
            world.deliver_with_flags(USER, folder, &mail.bytes, Some(mail.at.timestamp()), &["\\Seen"])?;
        }
        let sandbox = Sandbox::start(world).await.context("the mail server of the demo does not start")?;
        let account = account_config(&sandbox, &format!("password_command = \"echo {PASSWORD}\""), "0s");
        let config = Config::parse(&account, Path::new("the demo's config"))?;
        let templates = Templates::shipped();
        let workspace = Workspace::open(config, &scratch.0, templates, clock.clone())?;
        Ok(Self { sandbox, workspace, arriving, _scratch: scratch })
    }

    /// Hands in the mails of a round by SMTP, each as its sender's server would. Returns how many.
    ///
    /// # Errors
    /// If the server refuses one.
    pub async fn hand_in(&self, round: u8) -> anyhow::Result<usize> {
        let mut count = 0;
        for mail in self.arriving.iter().filter(|mail| mail.place == Place::Round(round)) {
            hand_in(self.sandbox.smtp_addr(), &mail.from, sample::ADDRESS, &mail.bytes)
                .await
                .with_context(|| format!("handing in {}", mail.message_id))?;
            count += 1;
        }
        Ok(count)
    }
}

impl Stage {
    /// Closes the server and removes the scratch folder.
    pub async fn close(self) {
        self.sandbox.stop().await;
    }
}

/// The config of an account on this server, as a user would write it.
pub fn account_config(sandbox: &Sandbox, password: &str, delay: &str) -> String {
    let (imap, smtp) = (sandbox.imap_addr(), sandbox.smtp_addr());
    let server =
        |address: SocketAddr| format!("host = \"{}\"\nport = {}\ntls = \"none\"", address.ip(), address.port());
    format!(
        "[[account]]\nname = \"demo\"\nemail = \"{}\"\ndisplay_name = \"{}\"\n[account.imap]\n{}\n[account.smtp]\n{}\n\
         [account.auth]\nusername = \"{USER}\"\n{password}\n[auto_reply]\nmode = \"send\"\ndelay = \"{delay}\"\n\
         [outreach]\nlog_sent = \"all-new-threads\"\n",
        sample::ADDRESS,
        sample::NAME,
        server(imap),
        server(smtp),
    )
}

/// The port if it is free, else 0 for any.
fn free(port: u16) -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_or(0, |_| port)
}

/// A folder of its own that goes when it is dropped.
#[derive(Debug)]
struct Scratch(PathBuf);

impl Scratch {
    fn make() -> anyhow::Result<Self> {
        let mut name = [0; 8];
        getrandom::fill(&mut name).map_err(|error| anyhow::anyhow!("the system gives no random bytes: {error}"))?;
        let path = std::env::temp_dir().join(format!("checkback-demo-data-{:016x}", u64::from_le_bytes(name)));
        Ok(Self(path))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What can't be removed is a few files in the system's temporary folder.
        let _left = std::fs::remove_dir_all(&self.0);
    }
}
