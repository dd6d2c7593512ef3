//! Asterisk's side of a session: one command, one reply.

use std::{collections::BTreeMap, net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
    time::timeout,
};

use super::res_agi::Channel;

/// The header in the order of 16 and 22.
pub(crate) fn header(verb: &str, form: &str) -> String {
    format!(
        "agi_network: yes\nagi_network_script: v1/{verb}\nagi_request: agi://127.0.0.1:4573/v1/{verb}\n\
         agi_channel: PJSIP/1000-00000001\nagi_language: en\nagi_type: PJSIP\nagi_uniqueid: ast22-1700000000.1\n\
         agi_version: 22.10.1\nagi_callerid: 1000\nagi_calleridname: Ivan Petrov\nagi_callingpres: 0\n\
         agi_callingani2: 0\nagi_callington: 0\nagi_callingtns: 0\nagi_dnid: 84957777777\nagi_rdnis: unknown\n\
         agi_context: service\nagi_extension: ask\nagi_priority: 20\nagi_enhanced: 0.0\nagi_accountcode: \n\
         agi_threadid: 139872\nagi_arg_1: {form}\n\n"
    )
}

pub(crate) struct Peer {
    stream: BufReader<TcpStream>,
    channel: Channel,
}

impl Peer {
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream: BufReader::new(stream), channel: Channel::default() }
    }

    /// Connects and asks.
    pub(crate) async fn ask(address: SocketAddr, verb: &str, form: &str) -> Self {
        let mut peer = Self::connect(address).await;
        peer.send(header(verb, form).as_bytes()).await;
        peer
    }

    /// Gives the channel a variable.
    pub(crate) fn set(&mut self, variable: &str, value: &str) {
        self.channel.variables.insert(variable.into(), value.into());
    }

    /// Sends bytes; the router may have closed already.
    pub(crate) async fn send(&mut self, bytes: &[u8]) {
        let _ = self.stream.get_mut().write_all(bytes).await;
    }

    /// The next command; nothing once the router has closed.
    pub(crate) async fn command(&mut self) -> Option<String> {
        let mut line = String::new();
        let read = timeout(Duration::from_secs(3), self.stream.read_line(&mut line)).await;
        let read = read.expect("a session ends by itself").unwrap_or(0);
        (read > 0).then(|| line.strip_suffix('\n').unwrap().to_owned())
    }

    /// Takes one command, makes sure that nothing follows before its reply, and replies.
    pub(crate) async fn obey(&mut self) -> bool {
        let Some(line) = self.command().await else { return false };
        let more = timeout(Duration::from_millis(3), self.stream.fill_buf()).await;
        assert!(more.is_err(), "a second command would hang Asterisk");
        self.replay(&line).await;
        true
    }

    /// Does a command that was taken before, and replies.
    pub(crate) async fn replay(&mut self, line: &str) {
        let reply = self.channel.command(line);
        self.send(reply.as_bytes()).await;
    }

    /// Obeys until the router closes; `HASH(DP)` as the dialplan finds it.
    pub(crate) async fn finish(mut self) -> BTreeMap<String, String> {
        while !self.channel.hash("DP").contains_key("status") {
            if !self.obey().await {
                return self.channel.hash("DP");
            }
        }
        assert_eq!(self.command().await, None, "status comes last");
        self.channel.hash("DP")
    }
}
