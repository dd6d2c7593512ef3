//! Calls as they are told and as they are read back.

use calls::{CallId, CallRecord, CallUpdate, Direction, Disposition, Flaw, GapReason, HangupBy, Party};
use domain::NodeName;
use store::{CallBatch, LeaseOutcome, NodeGap, NodeLease, Store, Written};

use super::{
    database::Database,
    sample_calls::{NOW_US, call, ended, id, node},
};

/// What the laboratory's machine needs at most.
pub(super) const TTL: std::time::Duration = std::time::Duration::from_hours(1);

pub(super) async fn lease(store: &Store) -> NodeLease {
    match store.lease_node(&node(), "collector 1", TTL).await.unwrap() {
        LeaseOutcome::Ours { lease, .. } => lease,
        theirs @ LeaseOutcome::Theirs { .. } => panic!("{theirs:?}"),
    }
}

pub(super) async fn write(store: &Store, updates: &[CallUpdate]) -> Written {
    let batch = CallBatch { updates, gaps: &[], written_us: None };
    store.write_calls(&lease(store).await, &batch).await.unwrap()
}

/// A call of which nothing is known but that it was.
fn bare(id: CallId) -> CallRecord {
    let none = call(0);
    CallRecord {
        id,
        root: None,
        decision: None,
        generation: None,
        direction: None,
        caller: None,
        called: None,
        start_us: None,
        first_ring_us: None,
        answer_us: None,
        end_us: None,
        wait_us: None,
        ring_us: None,
        talk_us: None,
        disposition: None,
        cause: None,
        sip: None,
        hangup_by: None,
        legs: Vec::new(),
        attempts: Vec::new(),
        ..none
    }
}

/// Texts somebody may send as an id or a number, none of which the databases may cut, fold, trim or run.
fn hostile() -> Vec<String> {
    let mut texts: Vec<_> =
        ["", " ", "A", "a", "a ", "Ä", "ä", "'; DROP TABLE calls; --", "\\", "%_", "\u{fffd}\r\n\t"]
            .map(str::to_owned)
            .into();
    texts.extend(["🔔".repeat(512), "x".repeat(150), "x".repeat(512)]);
    texts
}

fn hostile_call(at: i64, text: &str) -> CallRecord {
    let mut record = call(at);
    let some = || Some(Box::from(text));
    record.id.unique_id = text.into();
    (record.root, record.decision) = (some(), some());
    record.caller = Some(Party { raw: text.into(), e164: "999999999999999".parse().ok() });
    let leg = &mut record.legs[1];
    (leg.unique_id, leg.linked_id, leg.channel) = (text.into(), some(), text.into());
    let attempt = &mut record.attempts[0];
    (attempt.dial, attempt.leg, attempt.caller_leg) = (some(), text.into(), some());
    (attempt.decision, attempt.dialstatus) = (some(), some());
    record
}

/// Every word of every column, every number at its ends.
fn extremes() -> Vec<CallRecord> {
    let directions = [Direction::Inbound, Direction::Outbound].map(Some);
    let dispositions = [
        Disposition::Answered,
        Disposition::Cancelled,
        Disposition::Busy,
        Disposition::NoAnswer,
        Disposition::Rejected,
        Disposition::Unavailable,
        Disposition::Congestion,
        Disposition::Failed,
    ]
    .map(Some);
    let parties =
        [HangupBy::Caller, HangupBy::Callee, HangupBy::Dialplan, HangupBy::Ami, HangupBy::NodeLost].map(Some);
    let records = (0..8).map(|nth| {
        let mut record = call(100 + nth);
        let nth = usize::try_from(nth).unwrap();
        record.direction = directions[nth % 2];
        record.disposition = dispositions[nth];
        record.hangup_by = parties[nth % 5];
        record.flaws = FLAWS[nth..].to_vec();
        record.revision = u32::MAX;
        record.generation = Some(i64::MAX.unsigned_abs());
        (record.start_us, record.end_us, record.talk_us) = (Some(i64::MIN), Some(i64::MAX), Some(-1));
        (record.cause, record.sip) = (Some(0), Some(u16::MAX));
        record.attempts[1].position = u32::MAX;
        record.attempts[1].decision_attempt = Some(u32::MAX);
        record.legs[2].hangup_by = parties[(nth + 1) % 5];
        record
    });
    records.collect()
}

const FLAWS: [Flaw; 8] = [
    Flaw::Gap(GapReason::Disconnected),
    Flaw::Gap(GapReason::JournalLost),
    Flaw::Gap(GapReason::Damaged),
    Flaw::BeginningUnseen,
    Flaw::EndUnseen,
    Flaw::NodeLost,
    Flaw::Expired,
    Flaw::Overflow,
];

pub(super) async fn every_field_is_read_back(database: Database) {
    let database = database.with_tables().await;
    let store = &database.store;
    // One id at two times, one time for two ids.
    let mut records = vec![call(1), bare(id(2)), bare(CallId { created_us: id(3).created_us, ..id(2) })];
    records.push(bare(CallId { created_us: id(2).created_us, ..id(1) }));
    records.extend((10..).zip(hostile()).map(|(at, text)| hostile_call(at, &text)));
    // Ids that differ in what a careless collation leaves out, at one time.
    records.extend(hostile().iter().map(|text| hostile_call(50, text)).map(|mut record| {
        record.id.created_us = id(50).created_us;
        record
    }));
    records.extend(extremes());
    let updates: Vec<_> = records.iter().map(ended).collect();
    let written = write(store, &updates).await;
    assert_eq!(written, Written { calls: records.len() as u64, ..Written::default() });
    for record in &records {
        assert!(store.call(&record.id).await.unwrap().as_ref() == Some(record), "{record:?}");
    }
    assert_eq!(store.call(&CallId { unique_id: "X".into(), ..id(1) }).await.unwrap(), None);
    assert_eq!(store.call(&CallId { node: "spb".parse().unwrap(), ..id(1) }).await.unwrap(), None);

    let mut listed = store.calls_of(&node(), i64::MIN, i64::MAX, 1_000).await.unwrap();
    listed.sort_by(|one, other| one.id.cmp(&other.id));
    records.sort_by(|one, other| one.id.cmp(&other.id));
    assert!(listed == records);
    let some = store.calls_of(&node(), id(2).created_us, id(50).created_us, 2).await.unwrap();
    assert_eq!(some.len(), 2);
    assert!(some.iter().all(|record| record.id.created_us == id(2).created_us));
}

pub(super) async fn a_batch_twice_changes_nothing(database: Database) {
    let database = database.with_tables().await;
    let store = &database.store;
    let mut joined = call(3);
    joined.aliases = vec![id(4), id(5)];
    let superseded = CallUpdate::Superseded { id: id(6), by: id(3) };
    let updates = [ended(&call(1)), ended(&call(2)), ended(&joined), superseded];
    let gap = NodeGap { from_us: 10, to_us: 20, reason: GapReason::Damaged };
    let batch = CallBatch { updates: &updates, gaps: &[gap], written_us: Some(NOW_US) };
    let lease = lease(store).await;
    let first = store.write_calls(&lease, &batch).await.unwrap();
    assert_eq!(first, Written { calls: 3, superseded: 3, ..Written::default() });
    let before = everything(&database).await;
    let again = store.write_calls(&lease, &batch).await.unwrap();
    assert_eq!(again, Written { outdated: 3, ..Written::default() });
    assert!(everything(&database).await == before);
}

/// All calls of the node, its gaps, and how many rows there are.
pub(super) async fn everything(database: &Database) -> (Vec<CallRecord>, Vec<NodeGap>, Vec<u64>) {
    let store = &database.store;
    let mut rows = Vec::new();
    for table in ["calls", "call_legs", "call_attempts", "call_aliases", "call_gaps", "calls_set_aside"] {
        rows.push(database.count(table).await);
    }
    let calls = store.calls_of(&node(), i64::MIN, i64::MAX, 10_000).await.unwrap();
    (calls, store.gaps_of(&node(), i64::MIN, i64::MAX).await.unwrap(), rows)
}

pub(super) async fn the_higher_revision_stays(database: Database) {
    let database = database.with_tables().await;
    let store = &database.store;
    let incomplete = CallRecord { flaws: vec![Flaw::EndUnseen], ..call(1) };
    let mut second = CallRecord { revision: 2, sip: Some(486), ..call(1) };
    second.legs.truncate(1);
    second.attempts.clear();
    let other_second = CallRecord { sip: Some(503), ..second.clone() };
    let third = CallRecord { revision: 3, flaws: vec![Flaw::Overflow], ..call(1) };
    // What comes, and what is there then.
    for (comes, stays) in [
        (&incomplete, &incomplete),
        (&call(1), &call(1)),
        (&incomplete, &call(1)),
        (&second, &second),
        (&call(1), &second),
        (&other_second, &second),
        (&third, &third),
        (&second, &third),
    ] {
        let changes = u64::from(comes == stays);
        let written = write(store, &[ended(comes)]).await;
        assert_eq!((written.calls, written.outdated), (changes, 1 - changes), "{comes:?}");
        assert!(store.call(&id(1)).await.unwrap().as_ref() == Some(stays), "{comes:?}");
        assert_eq!(database.count("call_legs").await, stays.legs.len() as u64);
        assert_eq!(database.count("call_attempts").await, stays.attempts.len() as u64);
    }
    // The same inside one batch, in any order.
    let batch = [&third, &call(2), &second, &CallRecord { revision: 9, ..call(2) }, &incomplete].map(ended);
    let written = write(store, &batch).await;
    assert_eq!((written.calls, written.outdated), (1, 4));
    assert!(store.call(&id(1)).await.unwrap() == Some(third));
    assert_eq!(store.call(&id(2)).await.unwrap().unwrap().revision, 9);
}

/// Who fills in the carriers does so in the same row.
pub(super) async fn carriers_outlive_a_revision(database: Database) {
    let database = database.with_tables().await;
    write(&database.store, &[ended(&call(1))]).await;
    database.by_hand("UPDATE calls SET provider_in = 3, provider_out = 4").await.unwrap();
    write(&database.store, &[ended(&CallRecord { revision: 2, ..call(1) })]).await;
    assert_eq!(database.count("calls WHERE revision = 2 AND provider_in = 3 AND provider_out = 4").await, 1);
}

pub(super) async fn two_thousand_calls_are_one_batch(database: Database) {
    let database = database.with_tables().await;
    let records: Vec<_> = (0..2_000).map(call).collect();
    let updates: Vec<_> = records.iter().map(ended).collect();
    assert_eq!(write(&database.store, &updates).await.calls, 2_000);
    assert!(everything(&database).await == (records.clone(), vec![], vec![2_000, 6_000, 4_000, 0, 0, 0]));
    let newer: Vec<_> = records.into_iter().map(|record| CallRecord { revision: 2, ..record }).collect();
    let updates: Vec<_> = newer.iter().map(ended).collect();
    assert_eq!(write(&database.store, &updates).await.calls, 2_000);
    assert!(everything(&database).await == (newer, vec![], vec![2_000, 6_000, 4_000, 0, 0, 0]));
}

pub(super) async fn gaps_grow_and_do_not_double(database: Database) {
    let database = database.with_tables().await;
    let store = &database.store;
    let lease = lease(store).await;
    let gap = |from_us, to_us, reason| NodeGap { from_us, to_us, reason };
    let (lost, cut) = (GapReason::JournalLost, GapReason::Disconnected);
    for gaps in [
        &[gap(10, 20, cut), gap(10, 15, cut), gap(10, 12, lost)][..],
        &[gap(10, 18, cut), gap(40, 50, cut)],
        &[gap(10, 30, cut)],
    ] {
        let batch = CallBatch { updates: &[], gaps, written_us: None };
        assert_eq!(store.write_calls(&lease, &batch).await.unwrap(), Written::default());
    }
    let all = [gap(10, 30, cut), gap(10, 12, lost), gap(40, 50, cut)];
    assert_eq!(store.gaps_of(&node(), 0, 100).await.unwrap(), all);
    assert_eq!(store.gaps_of(&node(), 12, 40).await.unwrap(), [all[0]]);
    assert_eq!(store.gaps_of(&"spb".parse().unwrap(), 0, 100).await.unwrap(), []);
}

/// A call that went over two nodes is two records that one decision led to.
pub(super) async fn calls_of_all_nodes_meet_in_their_root(database: Database) {
    let database = database.with_tables().await;
    let store = &database.store;
    write(store, &[ended(&call(1)), ended(&call(2)), ended(&bare(id(3)))]).await;
    let spb: NodeName = "spb".parse().unwrap();
    let LeaseOutcome::Ours { lease, .. } = store.lease_node(&spb, "collector 1", TTL).await.unwrap() else {
        panic!("somebody else has it")
    };
    let mut hop = CallRecord { root: call(1).root, ..call(2) };
    hop.id.node = spb;
    let batch = CallBatch { updates: &[ended(&hop)], gaps: &[], written_us: None };
    assert_eq!(store.write_calls(&lease, &batch).await.unwrap().calls, 1);
    assert_eq!(database.count("calls_by_root").await, 3);
    assert_eq!(database.count("calls_by_root WHERE root = 'r-1' AND hop = 1 AND node = 'msk'").await, 1);
    assert_eq!(database.count("calls_by_root WHERE root = 'r-1' AND hop = 2 AND node = 'spb'").await, 1);

    let foreign = CallBatch { updates: &[ended(&call(9))], gaps: &[], written_us: None };
    let refused = store.write_calls(&lease, &foreign).await.unwrap_err();
    assert!(refused.to_string().contains("the lease is of spb"), "{refused}");
}
