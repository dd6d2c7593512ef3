//! Sessions over a pipe in memory, where no time passes but the one that is waited for.

use std::{sync::Arc, time::Duration};

use asterisk::ami::{Action, Block};
use tokio::{
    io::{AsyncReadExt, DuplexStream, duplex},
    time::timeout,
};

use super::*;
use crate::{AskError, LinkState, Manager, Metrics, ReadClass, Timings, Watch, manager};

const BANNER: &str = "Asterisk Call Manager/11.0.0\r\n";
/// Longer than anything here may last.
const LIMIT: Duration = Duration::from_mins(10);

/// Keeps the names of what it hears.
#[derive(Clone, Default)]
struct Notes(Arc<Mutex<Vec<String>>>);

impl Listener for Notes {
    fn opened(&mut self, _: &Opened) {}

    fn frame(&mut self, frame: &Frame, _: i64) {
        let name = |block: &Block| block.name().unwrap_or_default().to_text().into_owned();
        let note = match frame {
            Frame::Event(block) => name(block),
            Frame::Response(response) => format!("response {}", name(response.block())),
            Frame::Damaged(damaged) => format!("damaged: {}", damaged.fault),
            Frame::Banner(_) => return,
        };
        self.0.lock().unwrap().push(note);
    }

    fn closed(&mut self, _: &Closed, _: i64) {}
}

impl Notes {
    fn taken(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

/// The other side of a session: what the node would see and say.
struct Peer {
    line: DuplexStream,
    notes: Notes,
    manager: Manager,
    stop: CancellationToken,
}

impl Peer {
    async fn say(&mut self, text: &str) {
        self.line.write_all(text.replace('\n', "\r\n").as_bytes()).await.unwrap();
    }

    /// The next action as (name, id).
    async fn asked(&mut self) -> (String, String) {
        let mut text = String::new();
        while !text.ends_with("\r\n\r\n") {
            text.push(char::from(self.line.read_u8().await.unwrap()));
        }
        let value =
            |name: &str| text.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default().to_owned();
        (value("Action: "), value("ActionID: "))
    }

    /// The next action of this name; others are answered with a refusal.
    async fn asked_for(&mut self, wanted: &str) -> String {
        loop {
            let (name, id) = self.asked().await;
            if name == wanted {
                return id;
            }
            self.say(&format!("Response: Error\nActionID: {id}\nMessage: Permission denied\n\n")).await;
        }
    }
}

/// A session that is over, and how long it took.
struct Over {
    closed: Closed,
    after: Duration,
    findings: Vec<Finding>,
    pings_lost: u64,
}

async fn session<F: Future<Output = ()>>(watch: Watch, peer: impl FnOnce(Peer) -> F) -> Over {
    session_over(64 * 1_024, watch, peer).await
}

async fn session_over<F: Future<Output = ()>>(
    pipe_bytes: usize,
    watch: Watch,
    peer: impl FnOnce(Peer) -> F,
) -> Over {
    let (ours, line) = duplex(pipe_bytes);
    let (manager, mut requests) = manager();
    let secret = domain::Secret::new("x");
    let metrics = Metrics::new().unwrap();
    let mut target =
        Target::new("n".parse().unwrap(), "192.0.2.1".parse().unwrap(), "u", secret, metrics.clone());
    target.watch = watch;
    assert_eq!(target.timings, Timings::default(), "what is shipped is what is tested");
    let opened = Opened {
        at_us: 0,
        protocol: "11.0.0".into(),
        peer: "192.0.2.1:5038".parse().unwrap(),
        is_encrypted: false,
    };
    let metrics = metrics.of(&target.node);
    let session = Session::new(&target, &metrics, opened.clone());
    requests.now(LinkState::Listening { opened, findings: Arc::default() });
    let (notes, stop, mut told) = (Notes::default(), CancellationToken::new(), Vec::new());
    let mut peer_has = Peer { line, notes: notes.clone(), manager, stop: stop.clone() };
    peer_has.line.write_all(BANNER.as_bytes()).await.unwrap();
    let wire = Wire::new(Box::new(ours), session.opened.peer, false);
    let began = Instant::now();
    let mut listener = notes;
    let attended = session.attend(wire, &mut listener, &mut requests, &mut told, &stop);
    let (closed, ()) = timeout(LIMIT, async { tokio::join!(attended, peer(peer_has)) }).await.unwrap();
    let findings = session.witness().findings();
    Over { closed, after: began.elapsed(), findings, pings_lost: metrics.pings_lost.get() }
}

fn deaf() -> Watch {
    Watch { classes: vec![], ..Watch::default() }
}

#[tokio::test(start_paused = true)]
async fn a_line_that_broke_without_a_word_is_noticed_in_time() {
    let over = session(deaf(), async |mut peer| {
        let mut all = Vec::new();
        peer.line.read_to_end(&mut all).await.unwrap();
        assert!(String::from_utf8(all).unwrap().contains("Action: Ping"));
    })
    .await;
    assert!(matches!(over.closed, Closed::Silent { .. }), "{}", over.closed);
    assert!(over.after <= Duration::from_secs(15), "{:?}", over.after);
    assert_eq!(over.pings_lost, 2);
}

#[tokio::test(start_paused = true)]
async fn a_node_that_takes_nothing_is_noticed_as_fast() {
    let over = session_over(64, deaf(), async |peer| {
        // Nobody reads: even a ping cannot be sent.
        tokio::time::sleep(Duration::from_secs(20)).await;
        drop(peer);
    })
    .await;
    assert!(matches!(over.closed, Closed::Silent { .. }), "{}", over.closed);
    assert!(over.pings_lost > 0);
}

#[tokio::test(start_paused = true)]
async fn any_sign_of_life_keeps_a_session() {
    let mut heard = None;
    let over = session(deaf(), async |mut peer| {
        for _ in 0..30 {
            tokio::time::sleep(Duration::from_secs(8)).await;
            peer.say("Event: X\n").await;
            peer.say("\n").await;
        }
        heard = Some(peer.notes.clone());
    })
    .await;
    assert_eq!(heard.unwrap().taken().len(), 30);
    assert!(matches!(over.closed, Closed::ByNode), "{}", over.closed);
    assert!(over.after >= Duration::from_mins(4));
}

#[tokio::test(start_paused = true)]
async fn pongs_are_enough_and_nobodys_business() {
    let over = session(deaf(), async |mut peer| {
        for _ in 0..20 {
            let id = peer.asked_for("Ping").await;
            peer.say(&format!("Response: Success\nActionID: {id}\nPing: Pong\n\n")).await;
        }
        assert_eq!(peer.notes.taken(), Vec::<String>::new());
        peer.stop.cancel();
        let mut rest = Vec::new();
        peer.line.read_to_end(&mut rest).await.unwrap();
    })
    .await;
    assert!(matches!(over.closed, Closed::Stopped), "{}", over.closed);
    assert!(over.after >= Duration::from_secs(95), "{:?}", over.after);
    assert_eq!(over.pings_lost, 0);
}

#[tokio::test(start_paused = true)]
async fn who_does_not_read_is_read_all_the_same() {
    let over = session_over(4_096, deaf(), async |mut peer| {
        let long = "x".repeat(900);
        let manager = peer.manager.clone();
        let variables: Vec<_> = (0..100).map(|_| ("V", &*long)).collect();
        // More than the pipe takes: the one who writes has to wait.
        let asked = manager.ask(|id| Action::user_event(id, "Big", &variables));
        let heard = async {
            for _ in 0..1_000 {
                peer.say("Event: X\n\n").await;
            }
            while peer.notes.taken().len() < 1_000 {
                tokio::task::yield_now().await;
            }
            drop(peer);
        };
        let (answer, ()) = tokio::join!(asked, heard);
        assert_eq!(answer, Err(AskError::Closed));
    })
    .await;
    assert!(matches!(over.closed, Closed::ByNode), "{}", over.closed);
}

#[tokio::test(start_paused = true)]
async fn a_question_that_is_never_answered_ends_in_time_and_is_forgotten() {
    let over = session(deaf(), async |mut peer| {
        let manager = peer.manager.clone();
        let asking = async {
            let first = manager.ask(Action::core_status).await;
            assert!(matches!(first, Err(AskError::TimedOut { .. })), "{first:?}");
            // An answer that comes too late answers nothing else.
            manager.ask(Action::bridge_list).await
        };
        let answering = async {
            let late = peer.asked_for("CoreStatus").await;
            let id = loop {
                let (name, id) = peer.asked().await;
                if name == "BridgeList" {
                    break id;
                }
                peer.say(&format!("Response: Success\nActionID: {id}\n\n")).await;
            };
            peer.say(&format!("Response: Success\nActionID: {late}\nToo: late\n\n")).await;
            peer.say("Response: Success\nActionID: 4711\n\n").await;
            peer.say(&format!("Response: Success\nActionID: {id}\nRight: one\n\n")).await;
        };
        let (reply, ()) = tokio::join!(asking, answering);
        assert_eq!(reply.unwrap().response.block().value("Right").unwrap().as_bytes(), b"one");
        let heard = peer.notes.taken();
        assert_eq!(heard.iter().filter(|note| *note == "response Success").count(), 3, "{heard:?}");
    })
    .await;
    assert!(matches!(over.closed, Closed::ByNode), "{}", over.closed);
}

/// The last words are heard even if nothing can be said any more.
#[tokio::test(start_paused = true)]
async fn a_farewell_is_no_crash() {
    let over = session(deaf(), async |mut peer| {
        peer.say("Event: Shutdown\nPrivilege: system,all\nShutdown: Cleanly\nRestart: False\n\n").await;
    })
    .await;
    assert!(matches!(over.closed, Closed::Shutdown), "{}", over.closed);
    let torn = session(deaf(), async |mut peer| peer.say("Event: Hangup\nUniqueid: 1").await).await;
    assert!(matches!(torn.closed, Closed::ByNode), "{}", torn.closed);
}

/// Answers what a session asks about its rights, for as long as it stands.
async fn answer_for(peer: &mut Peer, lasts: Duration, mut answer: impl FnMut(&str, &str) -> String) {
    let answering = async {
        loop {
            let (name, id) = peer.asked().await;
            let text = answer(&name, &id);
            peer.say(&text).await;
        }
    };
    let _ = timeout(lasts, answering).await;
}

fn refused(id: &str) -> String {
    format!("Response: Error\nActionID: {id}\nMessage: Permission denied\n\n")
}

#[tokio::test(start_paused = true)]
async fn an_account_without_rights_is_told_what_it_lacks() {
    let over = session(Watch::default(), async |mut peer| {
        let states = peer.manager.states();
        answer_for(&mut peer, Duration::from_mins(2), |name, id| match name {
            "ListCommands" => {
                format!("Response: Success\nActionID: {id}\nPing: Keepalive.  (Priv: <none>)\n\n")
            }
            "Ping" => format!("Response: Success\nActionID: {id}\n\n"),
            _ => refused(id),
        })
        .await;
        let LinkState::Listening { findings, .. } = &*states.borrow() else { panic!("it stands") };
        assert_eq!(findings.len(), 2, "{findings:?}");
    })
    .await;
    let actions = vec!["CoreShowChannels", "CoreStatus", "Status"];
    assert_eq!(over.findings, [Finding::Read(ReadClass::System), Finding::Actions(actions)]);
}

#[tokio::test(start_paused = true)]
async fn channels_and_queues_that_come_and_go_unheard_tell_what_is_not_read() {
    let over = session(Watch::default(), async |mut peer| {
        peer.say("Event: FullyBooted\nPrivilege: system,all\n\n").await;
        let mut next = 0;
        answer_for(&mut peer, Duration::from_mins(3), |name, id| {
            next += 1;
            match name {
                "ListCommands" => format!(
                    "Response: Success\nActionID: {id}\nCoreShowChannels: x\nCoreStatus: x\nStatus: x\nQueueStatus: x\n\n"
                ),
                "CoreShowChannels" => format!(
                    "Response: Success\nActionID: {id}\nEventList: start\n\nEvent: CoreShowChannel\nActionID: {id}\n\
                     Channel: PJSIP/a\nUniqueid: 1.{next}\nLinkedid: 1.1\n\n\
                     Event: CoreShowChannelsComplete\nActionID: {id}\nEventList: Complete\n\n"
                ),
                "QueueStatus" => format!(
                    "Response: Success\nActionID: {id}\nEventList: start\n\nEvent: QueueParams\nActionID: {id}\nQueue: q\n\
                     Completed: {next}\n\nEvent: QueueStatusComplete\nActionID: {id}\nEventList: Complete\n\n"
                ),
                "Ping" => format!("Response: Success\nActionID: {id}\n\n"),
                _ => refused(id),
            }
        })
        .await;
        assert_eq!(peer.notes.taken(), ["FullyBooted"], "lists of its own are nobody's business");
    })
    .await;
    let names = ["DP_ROOT", "DP_ID", "DP_N", "DP_VERB"].map(Into::into).to_vec();
    let wanted = [Finding::Read(ReadClass::Call), Finding::Read(ReadClass::Agent), Finding::Variables(names)];
    assert_eq!(over.findings, wanted);
}

#[tokio::test(start_paused = true)]
async fn a_late_boot_takes_its_finding_back() {
    let over = session(Watch::default(), async |mut peer| {
        answer_for(&mut peer, Duration::from_secs(30), |_, id| refused(id)).await;
        peer.say("Event: FullyBooted\nPrivilege: system,all\n\n").await;
        answer_for(&mut peer, Duration::from_secs(1), |_, id| refused(id)).await;
        let states = peer.manager.states();
        assert!(matches!(&*states.borrow(), LinkState::Listening { findings, .. } if findings.is_empty()));
    })
    .await;
    assert_eq!(over.findings, []);
}

#[tokio::test(start_paused = true)]
async fn events_without_a_time_are_noticed() {
    let untimed = "Event: Newchannel\nPrivilege: call,all\nUniqueid: 1.1\nChanVariable: DP_ROOT=\n\n";
    let mut watch = Watch { variables: vec!["DP_ROOT".into()], ..Watch::default() };
    watch.classes.retain(|class| *class == ReadClass::Call);
    let over = session(watch.clone(), async |mut peer| peer.say(untimed).await).await;
    assert_eq!(over.findings, [Finding::Timestamps]);
    let timed = untimed.replace("Uniqueid", "Timestamp: 1795244857.240552\nUniqueid");
    let over = session(watch, async |mut peer| peer.say(&timed).await).await;
    assert_eq!(over.findings, []);
}

/// An account with a console is told all of it there.
#[tokio::test(start_paused = true)]
async fn a_console_tells_at_once() {
    let over = session(Watch::default(), async |mut peer| {
        let output = |id: &str, lines: &[&str]| {
            let lines: String = lines.iter().map(|line| format!("Output: {line}\n")).collect::<Vec<_>>().concat();
            format!("Response: Success\nActionID: {id}\nMessage: Command output follows\n{lines}\n")
        };
        let mut commands = 0;
        answer_for(&mut peer, Duration::from_secs(1), |name, id| match name {
            "ListCommands" => format!("Response: Success\nActionID: {id}\nCommand: x\nCoreShowChannels: x\nCoreStatus: x\nStatus: x\n\n"),
            "Command" => {
                commands += 1;
                match commands {
                    1 => output(id, &["", "         read perm: call,user,reporting", "        write perm: command"]),
                    _ => output(id, &["  Timestamp events:          No", "  Channel vars:              DP_ROOT,DP_N, DP_VERB"]),
                }
            }
            _ => refused(id),
        })
        .await;
    })
    .await;
    let wanted = [
        Finding::Read(ReadClass::System),
        Finding::Read(ReadClass::Agent),
        Finding::Variables(vec!["DP_ID".into()]),
        Finding::Timestamps,
    ];
    assert_eq!(over.findings, wanted);
}
