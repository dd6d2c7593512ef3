//! A dialplan that asks over FastAGI dials what one that asks over HTTP dials: each story of a list is told twice by the
//! same phone or carrier, and what carriers, phones and the caller saw of it is compared.

use std::{
    collections::BTreeSet,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::Duration,
};

use laboratory::{
    asterisk::{Node, PLANS},
    carriers::{Answer, CARRIERS, Carrier},
    node,
    phones::{self, Call, Outcome},
    sipp::Message,
    wait_until,
};
use libtest_mimic::Trial;

use super::{inbound::asked, on_every_node};

mod list;

use list::{By, Key, Story};

/// What a called number begins with that is asked for over FastAGI.
const OVER_AGI: &str = "**";
/// Stories of one node that are told at the same time.
const AT_ONCE: usize = 4;
/// The phones that ring in these stories, and how.
const PHONES: [(&str, Answer); 3] =
    [("1010", Answer::Answers), ("1011", Answer::Refuses(486)), ("1012", Answer::Answers)];

pub(crate) fn trials() -> Vec<Trial> {
    on_every_node("agi::fifty_stories_go_as_over_http", |name| {
        let stories = list::stories(name);
        assert!(stories.len() >= 50);
        for plan in &PLANS {
            node(plan.name);
            for (phone, answer) in PHONES {
                phones::register(plan, phone, answer);
            }
        }
        let told = tell(name, &stories);
        let witnesses = witnesses();
        let wrong = stories.iter().zip(told).filter_map(|(story, told)| verdict(story, &told, &witnesses));
        assert_eq!(wrong.collect::<Vec<_>>(), [""; 0]);
        let asked =
            wait_until("every second call was asked for over FastAGI", Duration::from_secs(5), || {
                let asked = asked_over_agi(node(name));
                (asked.len() >= stories.len()).then_some(asked)
            });
        assert_eq!(asked.len(), stories.len(), "and no other");
        assert!(asked.iter().all(|line| !line.contains("token")), "the token is not in the log");
    })
}

/// The questions, as the node wrote them into its log.
fn asked_over_agi(node: &Node) -> Vec<String> {
    let log = node.log();
    let asked = log.lines().filter(|line| line.contains(" AGI(\"") && line.contains("agi://"));
    asked.map(str::to_owned).collect()
}

/// The same story over HTTP, and then over FastAGI.
struct Told {
    http: Outcome,
    agi: Outcome,
}

fn tell(node: &str, stories: &[Story]) -> Vec<Told> {
    let next = AtomicUsize::new(0);
    let some = || {
        let mut told = vec![];
        while let Some(story) = stories.get(next.fetch_add(1, Ordering::Relaxed)) {
            let [http, agi] =
                ["", OVER_AGI].map(|prefix| place(node, story, &format!("{prefix}{}", story.to)));
            told.push((story.place, Told { http, agi }));
        }
        told
    };
    let mut told: Vec<_> = thread::scope(|scope| {
        let tellers = [(); AT_ONCE].map(|()| scope.spawn(some));
        tellers.into_iter().flat_map(|teller| teller.join().unwrap()).collect()
    });
    told.sort_by_key(|(place, _)| *place);
    told.into_iter().map(|(_, told)| told).collect()
}

fn place(name: &str, story: &Story, to: &str) -> Outcome {
    let (By::Phone(caller) | By::Carrier(caller)) = story.by;
    let mut call = Call::new(&node(name).plan, caller, to);
    call.from.clone_from(&story.from);
    call.headers.extend(story.header.map(str::to_owned));
    if matches!(story.by, By::Carrier(_)) {
        call.secret = None;
        call.address = Some(Carrier::named(caller).address());
    }
    asked(|| call.place())
}

/// Somebody who is called, and the calls received.
type Witness = (String, Vec<Message>);

fn witnesses() -> Vec<Witness> {
    let carriers = CARRIERS.iter().map(|carrier| (carrier.name.to_owned(), carrier.received()));
    let phones = PLANS.iter().flat_map(|plan| {
        PHONES.map(|(phone, _)| (format!("{phone} of {}", plan.name), phones::rung(plan, phone, "")))
    });
    carriers.chain(phones).map(|(name, messages)| (name, calls(messages))).collect()
}

/// The INVITEs, without those sent again.
fn calls(messages: Vec<Message>) -> Vec<Message> {
    let mut seen = BTreeSet::new();
    let invites = messages.into_iter().filter(|message| message.method() == Some("INVITE"));
    invites.filter(|invite| seen.insert(invite.header("Call-ID").map(str::to_owned))).collect()
}

/// One INVITE that a call led to: who got it, the user called there, and the caller as shown.
#[derive(Debug, PartialEq)]
struct Leg<'w> {
    who: &'w str,
    called: &'w str,
    from: &'w str,
}

fn legs<'w>(story: &Story, when: impl Fn(Duration) -> bool, witnesses: &'w [Witness]) -> Vec<Leg<'w>> {
    let all = witnesses.iter().flat_map(|(who, invites)| invites.iter().map(move |invite| (who, invite)));
    let mut of_story: Vec<_> =
        all.filter(|(_, invite)| when(invite.at) && is_of(&story.key, invite)).collect();
    of_story.sort_by_key(|(_, invite)| invite.at);
    let leg = |(who, invite): (&'w String, &'w Message)| {
        // Tags, and what a phone's contact is called, differ from call to call.
        let from = invite.header("From").unwrap();
        Leg { who, called: invite.uri_user(), from: from.split_once(";tag=").unwrap().0 }
    };
    of_story.into_iter().map(leg).collect()
}

fn is_of(key: &Key, invite: &Message) -> bool {
    match key {
        Key::Called(number) => invite.uri_user().ends_with(number),
        Key::CalledFrom(number, node) => {
            invite.uri_user() == *number && invite.header("Via").is_some_and(|via| via.contains(node))
        }
        Key::Caller(text) => invite.header("From").is_some_and(|from| from.contains(text)),
    }
}

/// What is wrong with a story, if anything is.
fn verdict(story: &Story, told: &Told, witnesses: &[Witness]) -> Option<String> {
    let second = told.agi.invite().at;
    let http = (legs(story, |at| at < second, witnesses), told.http.status(), told.http.cause());
    let agi = (legs(story, |at| at >= second, witnesses), told.agi.status(), told.agi.cause());
    let tried: Vec<_> = http.0.iter().map(|leg| leg.who).collect();
    let as_told = tried == story.ends.tried && http.1 == story.ends.heard;
    (http != agi || !as_told)
        .then(|| format!("{:?} to {}: over HTTP {http:?}, over FastAGI {agi:?}", story.by, story.to))
}
