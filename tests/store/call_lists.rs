//! Calls as analysts ask for them, beside what a loop over all of them finds.

use std::{collections::BTreeSet, time::Duration};

use calls::{CallRecord, Direction, Disposition, Flaw, Party};
use domain::{NodeName, ProviderId};
use futures_util::TryStreamExt;
use store::{
    CallBatch, CallFilter, CallKey, CallParts, CallQuestion, CallSort, LeaseOutcome, ListCallsError,
    NumberMatch, Options, Store, StoredCall,
};
use traffic::{AttemptFacts, Outcome};

use super::{
    call_records::TTL,
    database::Database,
    sample_calls::{NOW_US, call, ended},
};

const SECOND_US: i64 = 1_000_000;
const NODES: [&str; 3] = ["ekb", "msk", "spb"];
const NUMBERS: [&str; 6] =
    ["12025550100", "12025550101", "12025550199", "442079460001", "442079460999", "9999999"];

/// Numbers that look random and are the same every time.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn below(&mut self, end: u64) -> u64 {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % end
    }

    fn one_of<T: Clone>(&mut self, all: &[T]) -> T {
        all[usize::try_from(self.below(all.len() as u64)).unwrap()].clone()
    }

    fn maybe<T>(&mut self, value: impl FnOnce(&mut Self) -> T) -> Option<T> {
        (self.below(3) > 0).then(|| value(self))
    }

    fn us(&mut self, seconds: u64) -> i64 {
        i64::try_from(self.below(seconds)).unwrap() * SECOND_US
    }
}

const DISPOSITIONS: [Disposition; 4] =
    [Disposition::Answered, Disposition::Busy, Disposition::NoAnswer, Disposition::Failed];

/// A call in which anything may be known or not; times come in few values, so that many are equal.
fn some_call(dice: &mut Dice, number: i64) -> CallRecord {
    let mut record = call(number);
    record.id.node = dice.one_of(&NODES).parse().unwrap();
    record.id.created_us = NOW_US + dice.us(100);
    let near = CallRecord::CREATION_FROM_START_US;
    record.start_us = dice.maybe(|dice| match dice.below(4) {
        0 => record.id.created_us - near,
        1 => record.id.created_us + near,
        _ => record.id.created_us + dice.us(2),
    });
    record.end_us = dice.maybe(|dice| NOW_US + dice.us(200));
    record.wait_us = dice.maybe(|dice| dice.us(4));
    record.talk_us = dice.maybe(|dice| dice.us(5));
    record.direction = dice.maybe(|dice| dice.one_of(&[Direction::Inbound, Direction::Outbound]));
    record.disposition = dice.maybe(|dice| dice.one_of(&DISPOSITIONS));
    record.cause = dice.maybe(|dice| dice.one_of(&[0, 16, 17, 127]));
    record.sip = dice.maybe(|dice| dice.one_of(&[200, 486, 503]));
    record.flaws = if dice.below(3) == 0 { vec![Flaw::EndUnseen] } else { Vec::new() };
    record.root = dice.maybe(|dice| dice.one_of(&["r-1", "r-2", "R-1"]).into());
    record.decision = dice.maybe(|dice| dice.one_of(&["r-1", "d-2"]).into());
    record.revision = u32::try_from(1 + dice.below(4)).unwrap();
    record.generation = dice.maybe(|dice| dice.below(3));
    let party = |dice: &mut Dice| {
        let number = dice.one_of(&NUMBERS);
        let e164 = number.parse().ok().filter(|_| dice.below(4) > 0);
        Party { raw: format!("+{number}").into(), e164 }
    };
    record.caller = dice.maybe(party);
    record.called = dice.maybe(party);
    record
}

/// Carriers, countries and outcomes stand in rows that nobody but the closing of calls writes to.
const CARRIERS: &str = "UPDATE calls SET provider_in = generation, provider_out = revision, \
     country = CASE WHEN sip = 200 THEN 'US' WHEN sip IS NOT NULL THEN 'GB' END, \
     outcome = CASE WHEN cause = 16 THEN 'answered' WHEN cause IS NOT NULL THEN 'network' END";

fn stored(record: CallRecord) -> StoredCall {
    let provider = |id: i64| Some(ProviderId(id));
    StoredCall {
        provider_in: record.generation.and_then(|number| provider(number.cast_signed())),
        provider_out: provider(record.revision.into()),
        country: record.sip.map(|sip| if sip == 200 { "US" } else { "GB" }.into()),
        outcome: record.cause.map(|cause| if cause == 16 { Outcome::Answered } else { Outcome::Network }),
        ..bare(record)
    }
}

/// What a recorder wrote and nobody else.
fn bare(record: CallRecord) -> StoredCall {
    StoredCall {
        provider_in: None,
        provider_out: None,
        country: None,
        outcome: None,
        is_masked: false,
        facts: vec![AttemptFacts::default(); record.attempts.len()],
        record,
    }
}

/// Writes calls of any nodes.
pub(crate) async fn write_all(store: &Store, records: &[CallRecord]) {
    for node in records.iter().map(|record| &record.id.node).collect::<BTreeSet<_>>() {
        let LeaseOutcome::Ours { lease, .. } = store.lease_node(node, "collector 1", TTL).await.unwrap()
        else {
            panic!("somebody else has {node}")
        };
        let own = records.iter().filter(|record| record.id.node == *node);
        let updates: Vec<_> = own.map(ended).collect();
        let batch = CallBatch { updates: &updates, gaps: &[], written_us: None };
        assert_eq!(store.write_calls(&lease, &batch).await.unwrap().calls, updates.len() as u64);
    }
}

async fn with_calls(database: Database, count: i64) -> (Database, Vec<StoredCall>) {
    let database = database.with_tables().await;
    let mut dice = Dice::new(1);
    let records: Vec<_> = (0..count).map(|number| some_call(&mut dice, number)).collect();
    write_all(&database.store, &records).await;
    database.by_hand(CARRIERS).await.unwrap();
    (database, records.into_iter().map(stored).collect())
}

/// What the row of a call tells.
fn row(call: &StoredCall) -> StoredCall {
    let mut call = call.clone();
    call.record.legs.clear();
    call.record.attempts.clear();
    call.facts.clear();
    call
}

fn some_number(dice: &mut Dice) -> NumberMatch {
    let number = dice.one_of(&NUMBERS);
    match dice.below(5) {
        0 => NumberMatch::Exact(number.parse().unwrap()),
        1 => NumberMatch::Dialled(number.into()),
        2 => NumberMatch::Dialled(format!("+{number}").into()),
        3 => NumberMatch::Prefix(number[..4].parse().unwrap()),
        _ => NumberMatch::Prefix(dice.one_of(&["", "9", "99", "44", "1202555019"]).parse().unwrap()),
    }
}

/// A filter with a few conditions.
fn some_filter(dice: &mut Dice) -> CallFilter {
    let mut filter = CallFilter::default();
    for _ in 0..=dice.below(3) {
        match dice.below(18) {
            0 => filter.from_us = Some(NOW_US + dice.us(120) - 10 * SECOND_US),
            1 => filter.to_us = Some(NOW_US + dice.us(120)),
            2 => filter.nodes = vec![dice.one_of(&NODES).parse().unwrap(), "nowhere".parse().unwrap()],
            3 => filter.direction = Some(dice.one_of(&[Direction::Inbound, Direction::Outbound])),
            4 => filter.provider_in = Some(ProviderId(dice.below(4).cast_signed())),
            5 => filter.provider_out = Some(ProviderId(dice.below(5).cast_signed())),
            6 => filter.provider = Some(ProviderId(dice.below(5).cast_signed())),
            7 => filter.caller = Some(some_number(dice)),
            8 => filter.called = Some(some_number(dice)),
            9 => filter.number = Some(some_number(dice)),
            10 => filter.dispositions = vec![dice.one_of(&DISPOSITIONS), dice.one_of(&DISPOSITIONS)],
            11 => filter.cause = Some(dice.one_of(&[0, 16, 17, 34])),
            12 => filter.sip = Some(dice.one_of(&[200, 486, 600])),
            13 => {
                (filter.talk_min_us, filter.talk_max_us) = (Some(dice.us(3)), dice.maybe(|dice| dice.us(6)));
            }
            14 => filter.complete = Some(dice.below(2) == 0),
            15 => filter.country = dice.one_of(&["US", "GB", "RU"]).parse().ok(),
            16 => {
                filter.outcomes = vec![dice.one_of(&[Outcome::Answered, Outcome::Network, Outcome::Policy])];
            }
            _ => {
                (filter.root, filter.decision) = (
                    Some(dice.one_of(&["r-1", "r-2", "r-3"]).into()),
                    dice.maybe(|dice| dice.one_of(&["r-1", "d-2"]).into()),
                );
            }
        }
    }
    filter
}

/// Whether a filter lets a call through, in as plain words as there are.
fn lets_through(filter: &CallFilter, call: &StoredCall) -> bool {
    let record = &call.record;
    let [caller, called] = [record.caller.as_ref(), record.called.as_ref()];
    let is = |wanted: &NumberMatch, party: Option<&Party>| {
        let e164 = party.and_then(|party| party.e164);
        match wanted {
            NumberMatch::Exact(wanted) => e164 == Some(*wanted),
            NumberMatch::Prefix(prefix) => e164.is_some_and(|number| prefix.matches(number)),
            NumberMatch::Dialled(text) => {
                party.is_some_and(|party| party.raw == *text)
                    || e164.is_some_and(|number| *number.to_string() == **text)
            }
        }
    };
    let same = |wanted: &Option<Box<str>>, found: &Option<Box<str>>| wanted.is_none() || wanted == found;
    filter.from_us.is_none_or(|from_us| record.began_us() >= from_us)
        && filter.to_us.is_none_or(|to_us| record.began_us() < to_us)
        && (filter.nodes.is_empty() || filter.nodes.contains(&record.id.node))
        && filter.direction.is_none_or(|direction| record.direction == Some(direction))
        && filter.provider.is_none_or(|id| [call.provider_in, call.provider_out].contains(&Some(id)))
        && filter.provider_in.is_none_or(|id| call.provider_in == Some(id))
        && filter.provider_out.is_none_or(|id| call.provider_out == Some(id))
        && filter.caller.as_ref().is_none_or(|wanted| is(wanted, caller))
        && filter.called.as_ref().is_none_or(|wanted| is(wanted, called))
        && filter.number.as_ref().is_none_or(|wanted| is(wanted, caller) || is(wanted, called))
        && (filter.dispositions.is_empty()
            || record.disposition.is_some_and(|disposition| filter.dispositions.contains(&disposition)))
        && filter.cause.is_none_or(|cause| record.cause == Some(cause))
        && filter.sip.is_none_or(|sip| record.sip == Some(sip))
        && filter.talk_min_us.is_none_or(|us| record.talk_us.is_some_and(|talk_us| talk_us >= us))
        && filter.talk_max_us.is_none_or(|us| record.talk_us.is_some_and(|talk_us| talk_us <= us))
        && filter.complete.is_none_or(|complete| record.is_complete() == complete)
        && filter.country.is_none_or(|wanted| call.country.as_deref() == Some(wanted.to_string().as_str()))
        && (filter.outcomes.is_empty()
            || call.outcome.is_some_and(|outcome| filter.outcomes.contains(&outcome)))
        && same(&filter.root, &record.root)
        && same(&filter.decision, &record.decision)
}

/// The calls a filter lets through, in order.
fn wanted(calls: &[StoredCall], filter: &CallFilter, sort: CallSort) -> Vec<StoredCall> {
    let key = |call: &StoredCall| {
        let record = &call.record;
        let us = match sort.key {
            CallKey::Start => Some(record.began_us()),
            CallKey::End => record.end_us,
            CallKey::Wait => record.wait_us,
            CallKey::Talk => record.talk_us,
        };
        (us, record.id.node.to_string(), record.id.created_us, record.id.unique_id.clone())
    };
    let mut wanted: Vec<_> = calls.iter().filter(|call| lets_through(filter, call)).map(row).collect();
    wanted.sort_by_key(key);
    if sort.descending {
        wanted.reverse();
    }
    wanted
}

fn question<'q>(
    filter: &'q CallFilter,
    sort: CallSort,
    limit: u32,
    cursor: Option<&'q str>,
) -> CallQuestion<'q> {
    CallQuestion { filter, sort, limit, cursor, parts: CallParts::Row }
}

/// All pages, one after the other.
async fn paged(store: &Store, filter: &CallFilter, sort: CallSort, limit: u32) -> Vec<StoredCall> {
    let (mut found, mut cursor) = (Vec::new(), None::<String>);
    loop {
        let page = store.list_calls(question(filter, sort, limit, cursor.as_deref())).await.unwrap();
        assert!(page.calls.len() <= limit as usize && (page.next.is_none() || !page.calls.is_empty()));
        found.extend(page.calls);
        cursor = page.next;
        if cursor.is_none() {
            return found;
        }
    }
}

pub(super) async fn every_condition_lets_the_right_calls_through(database: Database) {
    let (database, calls) = with_calls(database, 300).await;
    let mut dice = Dice::new(2);
    let mut not_empty = 0;
    for round in 0..150 {
        let (filter, sort) = (some_filter(&mut dice), dice.one_of(&CallSort::ALL));
        let wanted = wanted(&calls, &filter, sort);
        not_empty += usize::from(!wanted.is_empty());
        assert!(paged(&database.store, &filter, sort, 60).await == wanted, "{round}: {filter:?} {sort}");
    }
    assert!(not_empty > 60, "{not_empty}");
}

pub(super) async fn every_sort_pages_through_without_loss(database: Database) {
    let (database, calls) = with_calls(database, 60).await;
    let filter = CallFilter::default();
    for sort in CallSort::ALL {
        let wanted = wanted(&calls, &filter, sort);
        for limit in [1, 7, 60, 1_000_000] {
            assert!(paged(&database.store, &filter, sort, limit).await == wanted, "{sort} by {limit}");
        }
    }
}

/// Whatever comes in between, what was there is told once.
pub(super) async fn pages_go_on_while_calls_are_written(database: Database) {
    let (database, calls) = with_calls(database, 60).await;
    let (store, filter) = (&database.store, CallFilter::default());
    let mut dice = Dice::new(3);
    for (round, sort) in (1..).zip(CallSort::ALL) {
        let (mut told, mut cursor, mut late) = (Vec::new(), None::<String>, 0);
        loop {
            let page = store.list_calls(question(&filter, sort, 9, cursor.as_deref())).await.unwrap();
            told.extend(page.calls.into_iter().map(|call| call.record.id));
            let record = some_call(&mut dice, round * 1_000 + late);
            write_all(store, &[record]).await;
            late += 1;
            cursor = page.next;
            if cursor.is_none() || late > 60 {
                break;
            }
        }
        let once: BTreeSet<_> = told.iter().collect();
        assert_eq!(once.len(), told.len(), "{sort}: one was told twice");
        assert!(calls.iter().all(|call| once.contains(&call.record.id)), "{sort}: one was missed");
    }
}

pub(super) async fn all_calls_are_read_lot_by_lot(database: Database) {
    let (database, calls) = with_calls(database, 1_200).await;
    let filter = CallFilter { complete: Some(true), ..CallFilter::default() };
    let rows: Vec<_> = database.store.all_calls(filter.clone(), CallParts::Row).try_collect().await.unwrap();
    assert!(rows == wanted(&calls, &filter, CallSort::OLDEST));
    let whole: Vec<_> =
        database.store.all_calls(CallFilter::default(), CallParts::Whole).try_collect().await.unwrap();
    let mut sorted = calls;
    sorted.sort_by_key(|call| (call.record.began_us(), call.record.id.clone()));
    assert_eq!(whole.len(), 1_200);
    let by_id = |calls: &[StoredCall]| {
        calls
            .iter()
            .map(|call| (call.record.id.to_string(), call.clone()))
            .collect::<std::collections::BTreeMap<_, _>>()
    };
    assert!(by_id(&whole) == by_id(&sorted));
    // Whoever has enough may go; the connection is good for others.
    let mut some = Box::pin(database.store.all_calls(CallFilter::default(), CallParts::Row));
    assert!(some.try_next().await.unwrap().is_some());
    drop(some);
    assert_eq!(paged(&database.store, &CallFilter::default(), CallSort::NEWEST, 1_000).await.len(), 1_200);
}

pub(super) async fn one_call_is_read_whole(database: Database) {
    let database = database.with_tables().await;
    let store = &database.store;
    let (winner, mut hop) = (call(1), call(2));
    let loser = call(3);
    hop.id.node = "spb".parse::<NodeName>().unwrap();
    hop.root.clone_from(&winner.decision);
    // By its clock it began before the call it belongs to.
    hop.start_us = winner.start_us.map(|us| us - SECOND_US);
    let first = CallRecord { root: winner.decision.clone(), aliases: vec![loser.id.clone()], ..winner };
    write_all(store, &[first.clone(), hop.clone()]).await;
    database.by_hand("UPDATE calls SET provider_out = 5 WHERE node = 'msk'").await.unwrap();
    let told = "UPDATE call_attempts SET provider = 5, kind = 'carrier', prefix = '1202', country = 'US', \
         outcome = 'policy' WHERE node = 'msk' AND position = 2";
    assert_eq!(database.by_hand(told).await.unwrap(), 1);
    let mut stored = StoredCall { provider_out: Some(ProviderId(5)), ..bare(first.clone()) };
    stored.facts[1] = AttemptFacts {
        provider: Some(ProviderId(5)),
        kind: Some("carrier".into()),
        prefix: Some("1202".into()),
        country: Some("US".into()),
        outcome: Some(Outcome::Policy),
    };
    for id in [&first.id, &loser.id] {
        assert!(store.stored_call(id).await.unwrap().as_ref() == Some(&stored), "{id}");
    }
    assert!(store.stored_call(&call(9).id).await.unwrap().is_none());
    let of_root = store.calls_of_root(first.decision.as_deref().unwrap()).await.unwrap();
    assert!(of_root == [stored, bare(hop)], "whoever decided is the first");
    assert!(store.calls_of_root("nobody's").await.unwrap().is_empty());
}

/// As ids of decisions, which whoever asks writes as he likes.
pub(super) async fn texts_are_compared_and_never_run(database: Database) {
    let database = database.with_tables().await;
    let texts = [
        "' OR 1=1 --",
        "\\' OR 1=1 #",
        "\"; DROP TABLE calls; --",
        "$1",
        "?",
        "%",
        "_",
        "r ",
        "R",
        "r",
        "\u{1f514}",
    ];
    let records: Vec<_> = (0..)
        .zip(texts)
        .map(|(number, text)| CallRecord {
            root: Some(text.into()),
            decision: Some(text.into()),
            ..call(number)
        })
        .collect();
    write_all(&database.store, &records).await;
    let asked = texts.into_iter().chain(["", "r\0", "'", "\u{0}", "1; DELETE FROM calls"]);
    for text in asked {
        let count = usize::from(texts.contains(&text));
        let of_root = CallFilter { root: Some(text.into()), ..CallFilter::default() };
        let of_decision = CallFilter { decision: Some(text.into()), ..CallFilter::default() };
        for filter in [of_root, of_decision] {
            let found = paged(&database.store, &filter, CallSort::NEWEST, 5).await;
            assert_eq!(found.len(), count, "{text:?}");
        }
        assert_eq!(database.store.calls_of_root(text).await.unwrap().len(), count, "{text:?}");
    }
    assert_eq!(database.count("calls").await, texts.len() as u64);
}

pub(super) async fn cursors_are_good_for_one_question(database: Database) {
    let (database, _) = with_calls(database, 20).await;
    let store = &database.store;
    let (filter, other) = (CallFilter::default(), CallFilter { sip: Some(200), ..CallFilter::default() });
    let page = store.list_calls(question(&filter, CallSort::NEWEST, 5, None)).await.unwrap();
    let next = page.next.unwrap();
    store.list_calls(question(&filter, CallSort::NEWEST, 7, Some(&next))).await.unwrap();
    let cut = &next[1..];
    for (filter, sort, cursor) in [
        (&other, CallSort::NEWEST, &*next),
        (&filter, CallSort::OLDEST, &*next),
        (&filter, CallSort::NEWEST, cut),
        (&filter, CallSort::NEWEST, ""),
        (&filter, CallSort::NEWEST, "' OR 1=1 --"),
    ] {
        let refused = store.list_calls(question(filter, sort, 5, Some(cursor))).await.unwrap_err();
        assert!(matches!(refused, ListCallsError::Cursor(_)), "{refused}");
    }
}

/// On a server somebody holds the table; a file is asked for more than can be done in no time.
pub(super) async fn statements_that_take_too_long_end(database: Database) {
    let (database, _) = with_calls(database, 300).await;
    let (limit, lock) = match database.url.split(':').next() {
        Some("postgres") => (Duration::from_millis(200), Some("LOCK TABLE calls IN ACCESS EXCLUSIVE MODE")),
        Some("mysql") => (Duration::from_millis(200), Some("LOCK TABLES calls WRITE")),
        _ => (Duration::ZERO, None),
    };
    let hasty = Options {
        statement_limit: Some(limit),
        acquire_timeout: Duration::from_mins(1),
        ..Options::default()
    };
    let hasty = Store::connect(&database.url, hasty).await.unwrap();
    let held = match lock {
        Some(lock) => Some(database.hold(lock).await),
        None => None,
    };
    let filter = CallFilter::default();
    let refused = hasty.list_calls(question(&filter, CallSort::ALL[7], 1_000, None)).await.unwrap_err();
    let ListCallsError::Store(error) = refused else { panic!("{refused}") };
    assert!(error.is_overdue() && !error.is_unavailable(), "{error:?}");
    drop(held);
}
