//! Telling systemd how the service stands (sd_notify(3)): ready, in one line how it is, alive, about to
//! stop. Without systemd, and where there are no such sockets, it tells nobody.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

/// Speaks to the service manager, if there is one.
#[derive(Debug, Clone, Default)]
pub struct Speaker {
    socket: Option<Arc<Socket>>,
    /// How often it wants to hear that the service lives.
    alive_every: Option<Duration>,
    told_alive: Option<Instant>,
    status: String,
}

impl Speaker {
    /// Speaks to nobody.
    pub fn mute() -> Self {
        Self::default()
    }

    /// As systemd says in the environment: NOTIFY_SOCKET, WATCHDOG_USEC, WATCHDOG_PID.
    pub fn from_environment() -> Self {
        let get = |name| std::env::var(name).ok().filter(|value: &String| !value.is_empty());
        let pid = std::process::id().to_string();
        let meant = get("WATCHDOG_PID").is_none_or(|wanted| wanted == pid);
        let micros = get("WATCHDOG_USEC").filter(|_| meant).and_then(|text| text.parse().ok());
        Self {
            socket: get("NOTIFY_SOCKET").and_then(|path| Socket::open(&path)).map(Arc::new),
            // half of it, as sd_watchdog_enabled(3) asks
            alive_every: micros.map(|micros| Duration::from_micros(micros) / 2),
            ..Self::default()
        }
    }

    /// The service has begun.
    pub fn ready(&self) {
        self.say("READY=1");
    }

    /// How it stands; said when it is another line than before.
    pub fn tell(&mut self, status: &str) {
        if self.status != status {
            let line: String = status.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
            self.say(&format!("STATUS={line}"));
            status.clone_into(&mut self.status);
        }
    }

    /// It lives; said as often as is asked for.
    pub fn alive(&mut self) {
        let Some(every) = self.alive_every else { return };
        if self.told_alive.is_none_or(|told| told.elapsed() >= every) {
            self.told_alive = Some(Instant::now());
            self.say("WATCHDOG=1");
        }
    }

    /// It is about to end.
    pub fn stopping(&self) {
        self.say("STOPPING=1");
    }

    fn say(&self, text: &str) {
        if let Some(socket) = &self.socket {
            socket.send(text);
        }
    }
}

#[cfg(unix)]
#[derive(Debug)]
struct Socket {
    socket: std::os::unix::net::UnixDatagram,
    address: std::os::unix::net::SocketAddr,
}

#[cfg(unix)]
impl Socket {
    /// A path, or a name behind `@` in the abstract namespace of Linux.
    fn open(path: &str) -> Option<Self> {
        use std::os::unix::net::{SocketAddr, UnixDatagram};
        let address = match path.strip_prefix('@') {
            None => SocketAddr::from_pathname(path).ok()?,
            Some(name) => abstract_address(name)?,
        };
        let socket = UnixDatagram::unbound().ok()?;
        // the service never waits for its manager
        socket.set_nonblocking(true).ok()?;
        Some(Self { socket, address })
    }

    fn send(&self, text: &str) {
        if let Err(error) = self.socket.send_to_addr(text.as_bytes(), &self.address) {
            tracing::debug!("The service manager does not listen: {error}");
        }
    }
}

#[cfg(target_os = "linux")]
fn abstract_address(name: &str) -> Option<std::os::unix::net::SocketAddr> {
    use std::os::linux::net::SocketAddrExt as _;
    std::os::unix::net::SocketAddr::from_abstract_name(name).ok()
}

#[cfg(all(unix, not(target_os = "linux")))]
fn abstract_address(_name: &str) -> Option<std::os::unix::net::SocketAddr> {
    None
}

#[cfg(not(unix))]
#[derive(Debug)]
struct Socket;

#[cfg(not(unix))]
impl Socket {
    fn open(_path: &str) -> Option<Self> {
        None
    }

    fn send(&self, _text: &str) {}
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::net::UnixDatagram;

    use super::*;

    #[test]
    fn the_service_manager_hears_each_state_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notify");
        let manager = UnixDatagram::bind(&path).unwrap();
        manager.set_nonblocking(true).unwrap();
        let heard = || {
            let mut bytes = [0; 200];
            manager.recv(&mut bytes).ok().map(|n| String::from_utf8_lossy(&bytes[..n]).into_owned())
        };
        let socket = Socket::open(path.to_str().unwrap()).map(Arc::new);
        let every = Some(Duration::from_secs(3600));
        let mut speaker = Speaker { socket, alive_every: every, ..Speaker::default() };
        speaker.ready();
        speaker.tell("all is\nwell");
        speaker.tell("all is\nwell");
        speaker.alive();
        speaker.alive();
        speaker.stopping();
        let said: Vec<String> = std::iter::from_fn(heard).collect();
        assert_eq!(said, ["READY=1", "STATUS=all is well", "WATCHDOG=1", "STOPPING=1"]);
    }
}
