//! Questions without end while the configuration changes under them: every answer is of one generation.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

use laboratory::{
    asking::{Answer, Line},
    fleet::{Fleet, LIMIT, Member},
    wait_until,
};
use libtest_mimic::Trial;
use tokio::time::Instant;

use super::{ask, count, dialled, generations, newest, on_every_database, with_article};

/// How often the configuration changes meanwhile.
const ACTIVATIONS: u64 = 20;
/// Connections to each of the two routers.
const LINES: usize = 2;
/// One database after the other: this takes all the processors there are from the other stories.
static ALONE: Mutex<()> = Mutex::new(());

pub(crate) fn trials() -> Vec<Trial> {
    on_every_database("mixing::no_answer_is_of_two_generations", |url| {
        let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        // A router that finds no processor for a tenth of a second says `not_ready`, and a connection ends after four
        // times the idle time; those are other stories.
        let fleet = with_article(
            Fleet::on(url).with("ROUTER__DEADLINE_MS", "10000").with("ROUTER__KEEP_ALIVE_S", "300"),
        );
        // The two configurations differ in number shown, gate and time limit.
        let first = newest(&fleet);
        fleet.by_hand(
            "BEGIN; UPDATE extensions SET number_id = 280 WHERE id = 1; \
             UPDATE gates SET gatename = 'other' WHERE id = 9; \
             UPDATE providers SET dial_timeout_s = 41 WHERE id = 7; COMMIT",
        );
        fleet.must(&["activate"]);
        let ways = [
            Way { generation: first, dial: "westcall", shown: "74951815000", seconds: "60" },
            Way { generation: newest(&fleet), dial: "other", shown: "74951815001", seconds: "41" },
        ];
        let routers = [fleet.router("one"), fleet.router("two")];
        told(&fleet, &routers, &ways);
    })
}

/// What a configuration answers, in three fields.
struct Way {
    generation: u64,
    dial: &'static str,
    shown: &'static str,
    seconds: &'static str,
}

/// What is in an answer of a generation.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Seen {
    generation: u64,
    status: String,
    dial: String,
    shown: String,
    seconds: String,
}

impl Seen {
    fn of(answer: &Answer) -> Self {
        let field = |name: &str| answer.get(name).to_owned();
        Self {
            generation: answer.get("gen").parse().unwrap_or_default(),
            status: field("status"),
            dial: field("dial1"),
            shown: field("cid1"),
            seconds: field("tmo1"),
        }
    }
}

#[derive(Default)]
struct Tally {
    asked: AtomicU64,
    /// As many questions belong to the changes so far. Beyond them the lines ask at leisure: at full speed they would
    /// take the processors from the very change they wait for.
    due: AtomicU64,
    done: AtomicBool,
}

const LEISURE: Duration = Duration::from_millis(5);

fn told(fleet: &Fleet, routers: &[Member; 2], ways: &[Way; 2]) {
    let questions = count(100_000, 1_000_000) as u64 / 3;
    let tally = Tally::default();
    let begun = Instant::now();
    let (seen, slowest) = thread::scope(|scope| {
        let lines: Vec<_> = routers
            .iter()
            .flat_map(|router| (0..LINES).map(move |_| router.port))
            .map(|port| {
                scope.spawn({
                    let tally = &tally;
                    move || asks(port, questions, tally)
                })
            })
            .collect();
        change(fleet, routers, ways, questions, &tally);
        tally.done.store(true, Ordering::Relaxed);
        let answers = lines.into_iter().map(|line| line.join().expect("every question is answered"));
        answers.fold((BTreeSet::new(), Duration::ZERO), |(mut seen, slowest), (more, slow)| {
            seen.extend(more);
            (seen, slowest.max(slow))
        })
    });
    eprintln!(
        "{} questions, {}, {} activations: {:.1?}, the slowest answer after {slowest:.1?}",
        tally.asked.load(Ordering::Relaxed),
        &fleet.url[..6],
        ACTIVATIONS,
        begun.elapsed(),
    );
    check(fleet, ways, &seen);
}

/// Asks until everything is over; gives what was seen, and the longest that an answer took.
fn asks(port: u16, questions: u64, tally: &Tally) -> (BTreeSet<Seen>, Duration) {
    let mut line = Line::open(port).expect("the router listens");
    let (mut seen, mut slowest) = (BTreeSet::new(), Duration::ZERO);
    let form = ask();
    while !tally.done.load(Ordering::Relaxed) || tally.asked.load(Ordering::Relaxed) < questions {
        let begun = Instant::now();
        let answer = line.ask(&form).expect("no connection breaks");
        slowest = slowest.max(begun.elapsed());
        seen.insert(Seen::of(&answer));
        if tally.asked.fetch_add(1, Ordering::Relaxed) >= tally.due.load(Ordering::Relaxed) {
            thread::sleep(LEISURE);
        }
    }
    (seen, slowest)
}

/// Changes the configuration by turns, evenly among the questions: by edits that a router activates, and by rollbacks.
fn change(fleet: &Fleet, routers: &[Member], ways: &[Way; 2], questions: u64, tally: &Tally) {
    for turn in 0..ACTIVATIONS {
        tally.due.store(questions * (turn + 1) / ACTIVATIONS, Ordering::Relaxed);
        wait_until("the questions go on", LIMIT * 10, || {
            (tally.asked.load(Ordering::Relaxed) >= questions * turn / ACTIVATIONS).then_some(())
        });
        let way = &ways[usize::try_from(turn % 2).unwrap()];
        let back = way.generation.to_string();
        if turn % 4 < 2 {
            fleet.must(&["restore", &back]);
        } else {
            fleet.must(&["rollback", "--restore", &back]);
        }
        for router in routers {
            router.wait_answers(&ask(), way.dial, |answer| answer.get("dial1") == dialled(way.dial));
        }
    }
}

fn check(fleet: &Fleet, ways: &[Way; 2], seen: &BTreeSet<Seen>) {
    let all = generations(fleet);
    let checksums: BTreeMap<u64, &str> =
        all.iter().map(|row| (row["number"].as_u64().unwrap(), row["checksum"].as_str().unwrap())).collect();
    for answer in seen {
        let way = ways.iter().find(|way| checksums[&way.generation] == checksums[&answer.generation]);
        let way = way.unwrap_or_else(|| panic!("a generation of neither configuration: {answer:?}"));
        let wanted = Seen {
            generation: answer.generation,
            status: "ok".into(),
            dial: dialled(way.dial),
            shown: way.shown.into(),
            seconds: way.seconds.into(),
        };
        assert_eq!(*answer, wanted);
    }
    let numbers: BTreeSet<_> = seen.iter().map(|answer| answer.generation).collect();
    assert!(numbers.len() as u64 > ACTIVATIONS, "answers of all generations: {numbers:?}");
}
