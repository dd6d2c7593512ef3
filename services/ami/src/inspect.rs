//! Finds out what the account of a session may not do: by asking where that is allowed, else by what events show.

use std::{collections::BTreeSet, convert::Infallible, time::Duration};

use asterisk::ami::{Action, Block, Response};
use tokio::{sync::watch, time::sleep};
use tracing::{debug, warn};

use crate::{Finding, LinkState, ReadClass, Reply, manager::Desk, rights::manager_conf, session::Session};

/// How long an answer may take; what is not answered stays unknown.
const ANSWER_LIMIT: Duration = Duration::from_secs(10);
/// How much later than a list the event may come that should have come before it.
const LATE_EVENT: Duration = Duration::from_secs(2);
/// What a collector asks for that takes a right.
const NEEDED: [&str; 3] = ["CoreShowChannels", "CoreStatus", "Status"];
/// What is asked for here where it is allowed.
const USEFUL: [&str; 5] = ["Command", "CoreSettings", "CoreShowChannels", "Filter", "QueueStatus"];

/// One session's.
pub(crate) struct Inspector<'a> {
    session: &'a Session<'a>,
    desk: Desk,
    states: &'a watch::Sender<LinkState>,
    findings: Vec<Finding>,
    /// Those that are in the log.
    told: &'a mut Vec<Finding>,
    /// Those of [`USEFUL`] that the account may send.
    may: Vec<&'static str>,
    channels: Option<BTreeSet<Vec<u8>>>,
    queues: Option<BTreeSet<Vec<u8>>>,
}

impl<'a> Inspector<'a> {
    pub(crate) fn new(
        session: &'a Session<'a>,
        desk: Desk,
        states: &'a watch::Sender<LinkState>,
        told: &'a mut Vec<Finding>,
    ) -> Self {
        Self {
            session,
            desk,
            states,
            findings: Vec::new(),
            told,
            may: Vec::new(),
            channels: None,
            queues: None,
        }
    }

    /// As long as the session lasts.
    pub(crate) async fn work(mut self) -> Infallible {
        self.ask_rights().await;
        self.keep_out().await;
        self.ask_configuration().await;
        self.publish();
        self.await_boot().await;
        loop {
            self.look_for_calls().await;
            self.look_for_queues().await;
            self.publish();
            let pause = sleep(self.session.target.timings.inspect);
            tokio::select! {
                () = pause => {}
                () = self.session.news.notified() => self.publish(),
            }
        }
    }

    /// A list of the actions this account may send, each a header.
    async fn ask_rights(&mut self) {
        let Ok(Reply { response, .. }) = self.desk.ask(ANSWER_LIMIT, Action::list_commands).await else {
            return;
        };
        let may = |action: &&str| response.block().value(action).is_some();
        self.may = USEFUL.into_iter().filter(may).collect();
        let refused = NEEDED.into_iter().filter(|action| !may(action)).collect();
        self.session.witness().refused(refused);
    }

    fn may(&self, action: &str) -> bool {
        self.may.contains(&action)
    }

    /// Where the account may, events nobody wants are kept out at their source.
    async fn keep_out(&mut self) {
        if !self.may("Filter") {
            return;
        }
        let version = self.version().await;
        for exclusion in self.session.target.watch.exclusions(&version) {
            let filter = exclusion.filter();
            if let Err(error) = self.desk.ask(ANSWER_LIMIT, |id| Action::filter(id, filter)).await {
                debug!(node = %self.session.target.node, %error, "asterisk takes no filter");
            }
        }
    }

    async fn version(&self) -> String {
        if !self.may("CoreSettings") {
            return String::new();
        }
        let reply = self.desk.ask(ANSWER_LIMIT, Action::core_settings).await;
        let version = reply
            .ok()
            .and_then(|reply| Some(reply.response.block().value("AsteriskVersion")?.to_text().into_owned()));
        version.unwrap_or_default()
    }

    /// An account that may use the command line is told everything there.
    async fn ask_configuration(&mut self) {
        let username = &self.session.target.username;
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
        if !self.may("Command") || !username.bytes().all(plain) {
            return;
        }
        if let Some(user) = self.command(&format!("manager show user {username}")).await {
            self.read_user(&user);
        }
        if let Some(settings) = self.command("manager show settings").await {
            self.read_settings(&settings);
        }
    }

    async fn command(&self, command: &str) -> Option<Response> {
        let reply = self.desk.ask(ANSWER_LIMIT, |id| Action::command(id, command)).await;
        reply.ok().map(|reply| reply.response)
    }

    fn read_user(&self, user: &Response) {
        let Some(rights) = setting(user, "read perm") else { return };
        let rights: Vec<&str> = rights.split(',').map(str::trim).collect();
        let mut witness = self.session.witness();
        for class in &self.session.target.watch.classes {
            witness.conclude(*class, rights.contains(&class.name()) || rights.contains(&"all"));
        }
    }

    fn read_settings(&self, settings: &Response) {
        let mut witness = self.session.witness();
        if let Some(timestamps) = setting(settings, "Timestamp events") {
            witness.conclude_timestamps(timestamps.eq_ignore_ascii_case("yes"));
        }
        if let Some(variables) = setting(settings, "Channel vars") {
            let configured: Vec<&str> = variables.split(',').map(str::trim).collect();
            witness.conclude_variables(&configured);
        }
    }

    /// A node that has booted says so to every session that reads the class, right after its login.
    async fn await_boot(&mut self) {
        let boot = sleep(self.session.target.timings.booted);
        tokio::pin!(boot);
        while self.session.witness().awaits(ReadClass::System) {
            tokio::select! {
                () = &mut boot => self.session.witness().conclude(ReadClass::System, false),
                () = self.session.news.notified() => self.publish(),
            }
        }
    }

    /// Channels that came or went without any event of their class: it is not read.
    async fn look_for_calls(&mut self) {
        if !self.may("CoreShowChannels") || !self.session.witness().awaits(ReadClass::Call) {
            return;
        }
        let Ok(reply) = self.desk.ask(ANSWER_LIMIT, Action::core_show_channels).await else { return };
        let seen = marks(&reply, "CoreShowChannel", &["Uniqueid"]);
        let before = self.channels.replace(seen.clone());
        self.compare(ReadClass::Call, before, &seen).await;
    }

    /// The same with queues and those who wait in them.
    async fn look_for_queues(&mut self) {
        if !self.may("QueueStatus") || !self.session.witness().awaits(ReadClass::Agent) {
            return;
        }
        let Ok(reply) = self.desk.ask(ANSWER_LIMIT, |id| Action::queue_status(id, None)).await else {
            return;
        };
        let seen = marks(&reply, "QueueParams", &["Queue", "Calls", "Completed", "Abandoned"]);
        let before = self.queues.replace(seen.clone());
        self.compare(ReadClass::Agent, before, &seen).await;
    }

    async fn compare(&self, class: ReadClass, before: Option<BTreeSet<Vec<u8>>>, seen: &BTreeSet<Vec<u8>>) {
        if before.is_some_and(|before| before != *seen) {
            sleep(LATE_EVENT).await;
            self.session.witness().conclude(class, false);
        }
    }

    /// Shows what is known, and logs what is new.
    fn publish(&mut self) {
        let findings = self.session.witness().findings();
        if findings == self.findings {
            return;
        }
        let node = &self.session.target.node;
        let news: Vec<_> = findings.iter().filter(|finding| !self.told.contains(finding)).cloned().collect();
        for finding in &news {
            warn!(node = %node, missing = %finding, "asterisk tells less than it could");
        }
        if !news.is_empty() {
            let lines = manager_conf(&self.session.target.username, &self.session.target.watch);
            warn!(node = %node, manager_conf = lines, "what the manager.conf of the node should say");
        }
        self.told.extend(news);
        self.session.metrics.findings.set(i64::try_from(findings.len()).unwrap_or(i64::MAX));
        self.findings.clone_from(&findings);
        let (opened, findings) = (self.session.opened.clone(), findings.into());
        self.states.send_replace(LinkState::Listening { opened, findings });
    }
}

/// `name: value` in the output of a command, whatever stands before the name.
fn setting(output: &Response, name: &str) -> Option<String> {
    let lines = output.output().map(|line| line.to_text().into_owned());
    let mut pairs = lines.filter_map(|line| {
        let (key, value) = line.split_once(':')?;
        (key.trim() == name).then(|| value.trim().to_owned())
    });
    pairs.next()
}

/// What tells the items of a list apart.
fn marks(reply: &Reply, event: &str, headers: &[&str]) -> BTreeSet<Vec<u8>> {
    let items = reply.items.iter().filter(|item| item.name().is_some_and(|name| name.is(event)));
    let mark = |item: &Block| {
        let values = headers.iter().filter_map(|header| item.value(header));
        values.flat_map(|value| [value.as_bytes(), b"\n"].concat()).collect()
    };
    items.map(mark).collect()
}
