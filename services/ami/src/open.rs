//! From nothing to a session that stands: connect, greet, log in.

use std::{io, net::SocketAddr, time::Duration};

use asterisk::ami::{Action, ActionError, ActionId, Classes, Frame, FrameError, Login, Response};
use runtime::now_us;
use socket2::{SockRef, TcpKeepalive};
use tls::TlsError;
use tokio::{
    io::AsyncWriteExt,
    net::{TcpStream, lookup_host},
    time::timeout,
};

use crate::{
    Host, Opened, Target,
    wire::{Line, Wire},
};

/// Most characters that are kept of what a node says: it ends up in logs.
const MESSAGE_CHARS_MAX: usize = 200;

/// Why there is no session.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OpenError {
    #[error("{host} cannot be looked up")]
    Unknown {
        host: String,
        #[source]
        source: io::Error,
    },
    #[error("no connection to {address}")]
    Unreachable {
        address: String,
        #[source]
        source: io::Error,
    },
    #[error("no connection to {address} within {} s", limit.as_secs_f32())]
    ConnectTooSlow { address: String, limit: Duration },
    #[error("no connection over TLS to {address}")]
    Tls {
        address: String,
        #[source]
        source: TlsError,
    },
    #[error("{peer} is no manager port")]
    Garbled {
        peer: SocketAddr,
        #[source]
        source: FrameError,
    },
    #[error("{peer} closed the connection before the login was over")]
    Closed { peer: SocketAddr },
    #[error("the connection to {peer} broke before the login was over")]
    Broken {
        peer: SocketAddr,
        #[source]
        source: io::Error,
    },
    #[error("{peer} did not answer the login within {} s", limit.as_secs_f32())]
    LoginTooSlow { peer: SocketAddr, limit: Duration },
    #[error("{peer} refuses `{username}`: {message}")]
    Refused { peer: SocketAddr, username: String, message: String },
    #[error(
        "{peer} takes no login by challenge ({message}), and the secret itself goes over TLS or to this machine only"
    )]
    WouldShowSecret { peer: SocketAddr, message: String },
    #[error("nobody can log in like this")]
    Impossible(#[source] ActionError),
}

impl OpenError {
    pub(crate) const KINDS: [&str; 5] = ["unreachable", "tls", "garbled", "login", "refused"];

    pub(crate) const fn kind(&self) -> &'static str {
        match self {
            Self::Unknown { .. } | Self::Unreachable { .. } | Self::ConnectTooSlow { .. } => "unreachable",
            Self::Tls { .. } => "tls",
            Self::Garbled { .. } => "garbled",
            Self::Closed { .. } | Self::Broken { .. } | Self::LoginTooSlow { .. } => "login",
            Self::Refused { .. } | Self::WouldShowSecret { .. } | Self::Impossible(_) => "refused",
        }
    }

    /// Whether somebody must change a configuration before it can get better.
    pub(crate) fn is_refusal(&self) -> bool {
        self.kind() == "refused"
    }
}

/// Opens a session with the node.
pub(crate) async fn open(target: &Target) -> Result<(Wire, Opened), OpenError> {
    let limit = target.timings.connect;
    let connected = timeout(limit, connect(target)).await;
    let too_slow = || OpenError::ConnectTooSlow { address: target.address.to_string(), limit };
    let mut wire = connected.map_err(|_| too_slow())??;
    let (peer, limit) = (wire.peer, target.timings.login);
    let entered = timeout(limit, Entrance { wire: &mut wire, target, protocol: "".into() }.enter()).await;
    let protocol = entered.map_err(|_| OpenError::LoginTooSlow { peer, limit })??;
    let opened = Opened { at_us: now_us(), protocol, peer, is_encrypted: wire.is_encrypted };
    Ok((wire, opened))
}

async fn connect(target: &Target) -> Result<Wire, OpenError> {
    let address = &target.address;
    let shown = || address.to_string();
    let connection = match &address.host {
        Host::Ip(ip) => TcpStream::connect((*ip, address.port)).await,
        Host::Name(name) => {
            let found = lookup_host((name.as_str(), address.port)).await;
            let found = found.map_err(|source| OpenError::Unknown { host: name.to_string(), source })?;
            TcpStream::connect(&*found.collect::<Vec<_>>()).await
        }
    };
    let unreachable = |source| OpenError::Unreachable { address: shown(), source };
    let connection = connection.map_err(unreachable)?;
    let peer = connection.peer_addr().map_err(unreachable)?;
    tune(&connection, target.timings.silence).map_err(unreachable)?;
    let Some(tls) = &target.tls else { return Ok(Wire::new(Box::new(connection), peer, false)) };
    let name = tls.server_name.clone().unwrap_or_else(|| address.host.to_string());
    let encrypted = tls::encrypt(tls.ca_file.as_deref(), &name, connection).await;
    let line = encrypted.map_err(|source| OpenError::Tls { address: shown(), source })?;
    Ok(Wire::new(Box::new(line) as Box<dyn Line>, peer, true))
}

/// The kernel notices too when the other side is gone: what we sent stays unconfirmed, or nobody is there any more.
fn tune(connection: &TcpStream, silence: Duration) -> io::Result<()> {
    connection.set_nodelay(true)?;
    let socket = SockRef::from(connection);
    // It counts in whole seconds, and takes no 0.
    let part = |parts: u32| (silence / parts).max(Duration::from_secs(1));
    let probes = TcpKeepalive::new().with_time(part(2)).with_interval(part(4)).with_retries(2);
    socket.set_tcp_keepalive(&probes)?;
    socket.set_tcp_user_timeout(Some(silence))
}

/// A connection on which nobody is logged in yet.
struct Entrance<'a> {
    wire: &'a mut Wire,
    target: &'a Target,
    protocol: Box<str>,
}

impl Entrance<'_> {
    /// The version of the protocol, once the node has let us in.
    async fn enter(mut self) -> Result<Box<str>, OpenError> {
        let ids = [ActionId::from(1), ActionId::from(2)];
        let asked = self.ask(&Action::challenge(&ids[0]).map_err(OpenError::Impossible)?).await?;
        let challenge = asked.block().value("Challenge").filter(|_| asked.is_success());
        let challenge = challenge.map(|challenge| challenge.to_text().into_owned());
        if challenge.is_none() && !self.wire.is_private() {
            return Err(OpenError::WouldShowSecret { peer: self.wire.peer, message: message(&asked) });
        }
        let classes: Vec<&str> = self.target.watch.classes.iter().map(|class| class.name()).collect();
        let login = Login {
            username: &self.target.username,
            secret: self.target.secret.expose(),
            challenge: challenge.as_deref(),
            events: if classes.is_empty() { Classes::None } else { Classes::Of(&classes) },
        };
        let answer = self.ask(&Action::login(&ids[1], &login).map_err(OpenError::Impossible)?).await?;
        if answer.is_success() {
            return Ok(self.protocol);
        }
        let username = self.target.username.clone();
        Err(OpenError::Refused { peer: self.wire.peer, username, message: message(&answer) })
    }

    async fn ask(&mut self, action: &Action) -> Result<Response, OpenError> {
        let peer = self.wire.peer;
        let broken = |source| OpenError::Broken { peer, source };
        self.wire.writer.write_all(action.as_bytes()).await.map_err(broken)?;
        self.wire.writer.flush().await.map_err(broken)?;
        loop {
            let frame = self.wire.reader.frame();
            match frame.map_err(|source| OpenError::Garbled { peer, source })? {
                Some(Frame::Banner(banner)) => self.protocol = banner.version().to_text().into(),
                // Nobody else asks here: whatever answers, answers this.
                Some(Frame::Response(response)) => return Ok(response),
                Some(Frame::Event(_) | Frame::Damaged(_)) => {}
                None => match self.wire.reader.fill().await {
                    Ok(0) => return Err(OpenError::Closed { peer }),
                    Ok(_) => {}
                    Err(source) => return Err(broken(source)),
                },
            }
        }
    }
}

/// What a node says, fit for a log.
pub(crate) fn message(response: &Response) -> String {
    let text = response.message().map(|message| message.to_text().into_owned()).unwrap_or_default();
    text.chars().take(MESSAGE_CHARS_MAX).flat_map(char::escape_debug).collect()
}

#[cfg(test)]
mod tests {
    use domain::Secret;
    use tokio::io::{AsyncReadExt, duplex};

    use super::*;
    use crate::Metrics;

    #[tokio::test]
    async fn the_secret_goes_to_no_other_machine_in_the_clear() {
        let (ours, mut line) = duplex(64 * 1_024);
        let target = Target::new(
            "n".parse().unwrap(),
            "192.0.2.1".parse().unwrap(),
            "u",
            Secret::new("geheim"),
            Metrics::new().unwrap(),
        );
        let mut wire = Wire::new(Box::new(ours), "192.0.2.1:5038".parse().unwrap(), false);
        line.write_all(b"Asterisk Call Manager/1.0\r\nResponse: Error\r\nMessage: no\r\n\r\n").await.unwrap();
        let entered = Entrance { wire: &mut wire, target: &target, protocol: "".into() }.enter().await;
        assert!(matches!(entered, Err(OpenError::WouldShowSecret { .. })));
        drop(wire);
        let mut sent = String::new();
        line.read_to_string(&mut sent).await.unwrap();
        assert!(sent.starts_with("Action: Challenge") && !sent.contains("geheim"), "{sent}");
        assert!(!format!("{target:?}").contains("geheim"));
    }

    #[test]
    fn privacy_is_tls_or_this_machine() {
        let is_private = |peer: &str, is_encrypted| {
            Wire::new(Box::new(duplex(1).0), peer.parse().unwrap(), is_encrypted).is_private()
        };
        assert!(is_private("127.0.0.1:1", false) && is_private("[::1]:1", false));
        assert!(is_private("[::ffff:127.0.0.1]:1", false) && is_private("192.0.2.1:1", true));
        assert!(!is_private("192.0.2.1:1", false) && !is_private("[2001:db8::1]:1", false));
    }
}
