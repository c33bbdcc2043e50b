//! The byte stream to a server: TCP, plain or under TLS, the same for IMAP and SMTP.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use rustls::pki_types::ServerName;
use socket2::{SockRef, TcpKeepalive};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::tls::client_config;
use crate::config::{Server, Tls};

/// Why there is no stream to the server.
#[derive(Debug, thiserror::Error)]
pub enum WireError {
    /// No address of the host could be reached.
    #[error("{host}:{port} cannot be reached: {source}; check host and port, and the network")]
    Connect {
        /// As in the config.
        host: String,
        /// As in the config.
        port: u16,
        /// Of the last address that was tried.
        source: io::Error,
    },
    /// The handshake failed, mostly because the certificate is not trusted.
    #[error(
        "no safe connection to {host}: {reason}; a self-signed server needs its certificate's SHA-256 in pin_sha256"
    )]
    Tls {
        /// As in the config.
        host: String,
        /// What TLS says.
        reason: String,
    },
    /// `tls = "none"` and the host is another machine.
    #[error(
        "{host} is not this machine: without TLS the password would travel in the open; set tls to implicit or starttls"
    )]
    PlainAbroad {
        /// As in the config.
        host: String,
    },
}

/// A connected stream.
#[derive(Debug)]
pub struct Wire {
    inner: Inner,
    loopback: bool,
}

#[derive(Debug)]
enum Inner {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

impl Wire {
    /// Connects, and begins TLS where the server expects it from the first byte.
    pub async fn connect(server: &Server, limit: Duration) -> Result<Self, WireError> {
        let failed = |source| WireError::Connect { host: server.host.clone(), port: server.port, source };
        let addresses = resolve(server, limit).await.map_err(failed)?;
        // decided on the addresses, before any byte goes out
        if server.tls == Tls::None && !addresses.iter().all(is_loopback) {
            return Err(WireError::PlainAbroad { host: server.host.clone() });
        }
        let tcp = connect_tcp(&addresses, limit).await.map_err(failed)?;
        let loopback = is_loopback(&tcp.peer_addr().map_err(failed)?);
        let wire = Self { loopback, inner: Inner::Plain(tcp) };
        match server.tls {
            Tls::None | Tls::StartTls => Ok(wire),
            Tls::Implicit => wire.start_tls(server, limit).await,
        }
    }

    /// Begins TLS on a plain stream. Whatever the caller read ahead must be thrown away: it was not
    /// protected.
    pub async fn start_tls(self, server: &Server, limit: Duration) -> Result<Self, WireError> {
        let failed = |reason: String| WireError::Tls { host: server.host.clone(), reason };
        let Inner::Plain(tcp) = self.inner else {
            return Ok(self);
        };
        let config = client_config(server.pin_sha256).map_err(|error| failed(error.to_string()))?;
        let host = server.host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let name = ServerName::try_from(host).map_err(|error| failed(error.to_string()))?;
        let stream = match timeout(limit, TlsConnector::from(config).connect(name, tcp)).await {
            Ok(result) => result.map_err(|error| failed(error.to_string()))?,
            Err(_) => return Err(failed("the handshake took too long".to_owned())),
        };
        Ok(Self { inner: Inner::Tls(Box::new(stream)), loopback: self.loopback })
    }

    /// Whether the server runs on this machine.
    pub fn is_loopback(&self) -> bool {
        self.loopback
    }
}

async fn resolve(server: &Server, limit: Duration) -> io::Result<Vec<SocketAddr>> {
    let host = server.host.trim_start_matches('[').trim_end_matches(']');
    let found = timeout(limit, tokio::net::lookup_host((host, server.port))).await.map_err(|_| slow())??;
    Ok(found.collect())
}

/// Tries each address in turn.
async fn connect_tcp(addresses: &[SocketAddr], limit: Duration) -> io::Result<TcpStream> {
    let mut last = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
    for address in addresses {
        match timeout(limit, TcpStream::connect(address)).await.unwrap_or_else(|_| Err(slow())) {
            Ok(tcp) => {
                tcp.set_nodelay(true)?;
                // a peer that is gone without a word is found within two minutes, also while nothing is said
                let keepalive = TcpKeepalive::new()
                    .with_time(Duration::from_secs(60))
                    .with_interval(Duration::from_secs(20))
                    .with_retries(3);
                SockRef::from(&tcp).set_tcp_keepalive(&keepalive)?;
                return Ok(tcp);
            }
            Err(error) => last = error,
        }
    }
    Err(last)
}

fn slow() -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, "no answer in time")
}

fn is_loopback(address: &SocketAddr) -> bool {
    address.ip().to_canonical().is_loopback()
}

impl AsyncRead for Wire {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match &mut self.get_mut().inner {
            Inner::Plain(tcp) => Pin::new(tcp).poll_read(cx, buf),
            Inner::Tls(tls) => Pin::new(tls.as_mut()).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for Wire {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match &mut self.get_mut().inner {
            Inner::Plain(tcp) => Pin::new(tcp).poll_write(cx, bytes),
            Inner::Tls(tls) => Pin::new(tls.as_mut()).poll_write(cx, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.get_mut().inner {
            Inner::Plain(tcp) => Pin::new(tcp).poll_flush(cx),
            Inner::Tls(tls) => Pin::new(tls.as_mut()).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.get_mut().inner {
            Inner::Plain(tcp) => Pin::new(tcp).poll_shutdown(cx),
            Inner::Tls(tls) => Pin::new(tls.as_mut()).poll_shutdown(cx),
        }
    }
}
