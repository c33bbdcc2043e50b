//! A wire between the program and a server that notes when what passed by, and that can go dead.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Listens on a port of its own and carries every connection on to a server.
pub struct Proxy {
    /// Where it listens.
    pub port: u16,
    shared: Arc<Shared>,
}

struct Shared {
    /// What passed, from either side, with its time.
    seen: Mutex<Vec<(Instant, Vec<u8>)>>,
    /// Raised by one for each time the wires went dead; a wire made before that carries nothing any more.
    dead: Mutex<u64>,
    closed: AtomicBool,
}

impl Proxy {
    pub fn to(server: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Shared { seen: Mutex::default(), dead: Mutex::new(0), closed: AtomicBool::new(false) });
        let wires = Arc::clone(&shared);
        std::thread::spawn(move || {
            for client in listener.incoming() {
                let (Ok(client), Ok(server)) = (client, TcpStream::connect(("127.0.0.1", server))) else { return };
                if wires.closed.load(Ordering::Relaxed) {
                    return;
                }
                client.set_nodelay(true).unwrap();
                server.set_nodelay(true).unwrap();
                let made = *wires.dead.lock().unwrap();
                for (from, to) in [(client.try_clone(), server.try_clone()), (Ok(server), Ok(client))] {
                    let (from, to, wires) = (from.unwrap(), to.unwrap(), Arc::clone(&wires));
                    std::thread::spawn(move || wires.carry(from, to, made));
                }
            }
        });
        Self { port, shared }
    }

    /// Every connection that exists stays open and carries nothing any more; new ones work.
    pub fn go_dead(&self) {
        *self.shared.dead.lock().unwrap() += 1;
    }

    /// When something passed that this holds of.
    pub fn when(&self, is: impl Fn(&[u8]) -> bool) -> Vec<Instant> {
        let seen = self.shared.seen.lock().unwrap();
        seen.iter().filter(|(_, bytes)| is(bytes)).map(|(at, _)| *at).collect()
    }

    /// Forgets what passed.
    pub fn forget(&self) {
        self.shared.seen.lock().unwrap().clear();
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.closed.store(true, Ordering::Relaxed);
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

impl Shared {
    fn carry(&self, mut from: TcpStream, mut to: TcpStream, made: u64) {
        let mut block = [0; 16 * 1024];
        while let Ok(n) = from.read(&mut block) {
            let at = Instant::now();
            if *self.dead.lock().unwrap() > made {
                // held open, and silent
                while !self.closed.load(Ordering::Relaxed) {
                    std::thread::sleep(Duration::from_millis(100));
                }
                return;
            }
            if n == 0 || to.write_all(&block[..n]).is_err() {
                break;
            }
            self.seen.lock().unwrap().push((at, block[..n].to_vec()));
        }
        let _ = to.shutdown(Shutdown::Write);
    }
}
