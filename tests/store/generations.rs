use std::{collections::BTreeSet, error::Error};

use store::{ActivationError, ChunkHash, Edit, GenerationSummary, Marks, NewGeneration, Store, StoreError};

use super::database::{Database, cells};

/// A hash that is nobody's.
pub(super) fn hash(of: u64) -> ChunkHash {
    let mut hash = [0xa5; 32];
    hash[..8].copy_from_slice(&of.to_be_bytes());
    hash
}

/// Any bytes, zeros and a NUL-terminated look among them.
pub(super) fn packed(of: u64) -> Vec<u8> {
    (0..1_000).map(|at| u8::try_from((of * 7 + at * 13) % 256).unwrap()).collect()
}

/// A manifest of the tests: the hashes one after another.
pub(super) fn manifest(hashes: &[ChunkHash]) -> Vec<u8> {
    hashes.concat()
}

pub(super) fn named(manifest: &[u8]) -> Result<Vec<ChunkHash>, Box<dyn Error + Send + Sync>> {
    Ok(manifest.chunks(32).map(ChunkHash::try_from).collect::<Result<_, _>>()?)
}

/// Activates a configuration of these chunks, all of them brought along.
pub(super) async fn activate(
    store: &Store,
    parent: Option<u64>,
    chunks: impl IntoIterator<Item = u64>,
    consumed: &Marks,
) -> Result<GenerationSummary, ActivationError> {
    let chunks: Vec<_> = chunks.into_iter().map(|of| (hash(of), packed(of))).collect();
    let hashes: Vec<_> = chunks.iter().map(|(hash, _)| *hash).collect();
    let chunks: Vec<_> = chunks.iter().map(|(hash, packed)| (*hash, packed.as_slice())).collect();
    store
        .activate(NewGeneration {
            held: false,
            parent,
            actor: "tester",
            comment: None,
            checksum: hash(hashes.len() as u64),
            manifest: &manifest(&hashes),
            hashes: &hashes,
            chunks: &chunks,
            consumed,
        })
        .await
}

/// Every generation is whole: all chunks its manifest names are there and hold what they should.
pub(super) async fn all_whole(store: &Store) {
    for summary in store.generations(1_000).await.unwrap() {
        let stored = store.generation(summary.number).await.unwrap().unwrap();
        assert_eq!(stored.summary, summary);
        let hashes = named(&stored.manifest).unwrap();
        let chunks = store.chunks(&hashes).await.unwrap();
        assert_eq!(chunks.len(), hashes.len(), "generation {} misses chunks", summary.number);
        for (hash, bytes) in chunks {
            let of = u64::from_be_bytes(hash[..8].try_into().unwrap());
            assert!(bytes == packed(of), "chunk {of} is not what was stored");
        }
    }
}

pub(super) async fn what_was_activated_is_read_back(database: Database) {
    let database = database.with_tables().await;
    let store = &database.store;
    assert_eq!(store.latest_generation().await.unwrap(), None);
    assert_eq!(store.generations(10).await.unwrap(), []);
    let hashes = [hash(1), hash(2)];
    let (every_byte, comment) = ((0..=u8::MAX).collect::<Vec<u8>>(), "перенос 🪙".repeat(90));
    let first = store
        .activate(NewGeneration {
            held: false,
            parent: None,
            actor: "иван",
            comment: Some(&comment),
            checksum: hash(77),
            manifest: &every_byte,
            hashes: &hashes,
            chunks: &[(hash(1), &[]), (hash(2), &every_byte), (hash(1), b"the first one stays")],
            consumed: &Marks::default(),
        })
        .await
        .unwrap();
    assert_eq!((first.number, first.parent, first.manifest_bytes), (1, None, 256));
    let stored = store.generation(1).await.unwrap().unwrap();
    assert_eq!((&stored.summary, &stored.manifest), (&first, &every_byte));
    assert_eq!(stored.summary.comment.as_deref(), Some(comment.as_str()));
    let mut chunks = store.chunks(&[hash(2), hash(9), hash(1)]).await.unwrap();
    chunks.sort();
    assert_eq!(chunks, [(hash(1), Vec::new()), (hash(2), every_byte)]);
    let second = activate(store, Some(1), 1..=3, &Marks::default()).await.unwrap();
    assert_eq!((second.number, second.parent), (2, Some(1)));
    let head = store.latest_generation().await.unwrap().unwrap();
    assert_eq!((head.number, head.checksum), (2, second.checksum));
    assert_eq!(store.generations(1).await.unwrap(), std::slice::from_ref(&second));
    assert_eq!(store.generations(10).await.unwrap(), [second, first]);
    assert_eq!(store.generation(3).await.unwrap(), None);
    // What was stored once is not stored again.
    assert_eq!(store.chunks(&[hash(1)]).await.unwrap(), [(hash(1), Vec::new())]);
}

/// More chunks and more bytes than one statement takes.
pub(super) async fn many_chunks_are_stored_in_parts(database: Database) {
    let database = database.with_tables().await;
    activate(&database.store, None, 0..2_500, &Marks::default()).await.unwrap();
    all_whole(&database.store).await;
    let hashes: Vec<_> = (1_500..4_000).map(hash).collect();
    let there = database.store.which_chunks_exist(&hashes).await.unwrap();
    assert_eq!(there.len(), 1_000);
    assert!(there.contains(&hash(2_499)) && !there.contains(&hash(2_500)));

    let large = vec![0x5a; 3 << 20];
    let new = NewGeneration {
        held: false,
        parent: Some(1),
        actor: "tester",
        comment: None,
        checksum: hash(0),
        manifest: b"",
        hashes: &[hash(5_000), hash(5_001), hash(5_002)],
        chunks: &[(hash(5_000), b"small"), (hash(5_001), &large), (hash(5_002), &large)],
        consumed: &Marks::default(),
    };
    database.store.activate(new).await.unwrap();
    assert!(database.store.chunks(&[hash(5_002)]).await.unwrap() == [(hash(5_002), large)]);
}

pub(super) async fn whoever_was_overtaken_changes_nothing(database: Database) {
    let database = database.with_article().await;
    let store = &database.store;
    let marks = store.edited().await.unwrap();
    assert!(!marks.is_empty());
    for stale in [Some(1), Some(7)] {
        let overtaken = activate(store, stale, 1..3, &marks).await.unwrap_err();
        assert!(matches!(overtaken, ActivationError::Overtaken { active: None }), "{overtaken:?}");
    }
    activate(store, None, 1..3, &Marks::default()).await.unwrap();
    for stale in [None, Some(2)] {
        let overtaken = activate(store, stale, 3..5, &marks).await.unwrap_err();
        assert!(matches!(overtaken, ActivationError::Overtaken { active: Some(1) }), "{overtaken:?}");
    }
    assert_eq!(store.generations(10).await.unwrap().len(), 1);
    assert!(store.which_chunks_exist(&[hash(3), hash(4)]).await.unwrap().is_empty());
    assert_eq!(store.edited().await.unwrap(), marks);
}

pub(super) async fn a_manifest_names_no_missing_chunk(database: Database) {
    let database = database.with_tables().await;
    activate(&database.store, None, [1], &Marks::default()).await.unwrap();
    let bytes = packed(2);
    let mut new = NewGeneration {
        held: false,
        parent: Some(1),
        actor: "tester",
        comment: None,
        checksum: hash(0),
        manifest: b"",
        hashes: &[hash(1), hash(2), hash(3)],
        chunks: &[(hash(2), &bytes), (hash(4), &bytes)],
        consumed: &Marks::default(),
    };
    let missing = database.store.activate(new).await.unwrap_err();
    assert!(matches!(missing, ActivationError::MissingChunk { hash: of } if of == hash(3)), "{missing:?}");
    assert!(database.store.which_chunks_exist(&[hash(2)]).await.unwrap().is_empty());
    new.hashes = &new.hashes[..2];
    database.store.activate(new).await.unwrap();
    // Nobody named it, so nobody would ever collect it.
    assert!(database.store.which_chunks_exist(&[hash(4)]).await.unwrap().is_empty());
    (new.parent, new.actor) = (Some(2), "");
    let refused = database.store.activate(new).await.unwrap_err();
    let ActivationError::Store(StoreError::Refused { table, row, constraint }) = &refused else {
        panic!("{refused:?}")
    };
    assert_eq!((*table, row.as_str()), ("generations", "number 3"));
    assert!(constraint.contains("generations_actor_length"), "{constraint}");
}

pub(super) async fn of_many_at_once_one_activates(database: Database) {
    let database = database.with_tables().await;
    let (one, two) = (&database.store, &database.again().await);
    let none = Marks::default();
    let mut parent = None;
    for round in 1..=20 {
        let own = |of: u64| [0, round, 1_000 + round * 10 + of];
        let outcomes = tokio::join!(
            activate(one, parent, own(1), &none),
            activate(two, parent, own(2), &none),
            activate(one, parent, own(3), &none),
            activate(two, parent, own(4), &none),
            activate(one, parent, own(5), &none),
        );
        let mut won = 0;
        for outcome in [outcomes.0, outcomes.1, outcomes.2, outcomes.3, outcomes.4] {
            match outcome {
                Ok(summary) => {
                    won += 1;
                    assert_eq!((summary.number, summary.parent), (round, parent));
                }
                Err(ActivationError::Overtaken { active }) => assert_eq!(active, Some(round)),
                Err(error) => panic!("round {round}: {error:?}"),
            }
        }
        assert_eq!(won, 1, "round {round}");
        parent = Some(round);
    }
    all_whole(one).await;
    let losers = (1..=20).flat_map(|round| (1..=5).map(move |of| hash(1_000 + round * 10 + of)));
    let stored = one.which_chunks_exist(&losers.collect::<Vec<_>>()).await.unwrap();
    assert_eq!(stored.len(), 20, "only winners leave chunks");
}

pub(super) async fn only_marks_that_were_seen_are_consumed(database: Database) {
    let database = database.with_article().await;
    let store = &database.store;
    let seen = store.tables_chunked().await.unwrap();
    assert_eq!(seen.marks, store.edited().await.unwrap());
    let edit = Edit::Update {
        table: routing::TableName::Number,
        key: 279,
        cells: cells(&[("enabled", false.into())]),
    };
    // The same chunk that is in the marks already.
    store.edit(&edit).await.unwrap();
    activate(store, None, [1], &seen.marks).await.unwrap();
    let left = store.edited().await.unwrap();
    assert_eq!(left.len(), 1);
    assert_eq!(left.places().iter().map(|place| place.table.as_str()).collect::<Vec<_>>(), ["numbers"]);
    assert!(left.newest() > seen.marks.newest());
    activate(store, Some(1), [1], &left).await.unwrap();
    assert!(store.edited().await.unwrap().is_empty());
    // Consuming what is gone is no error: two may have seen the same marks.
    activate(store, Some(2), [1], &seen.marks).await.unwrap();
}

pub(super) async fn what_nobody_names_is_collected(database: Database) {
    let database = database.with_tables().await;
    let store = &database.store;
    assert_eq!(store.collect(3, named).await.unwrap(), store::Collected::default());
    for number in 1..=10 {
        let parent = (number > 1).then(|| number - 1);
        // One chunk for ever, one for three generations, many of its own.
        let own = (number * 1_000)..(number * 1_000 + 300);
        activate(store, parent, own.chain([0, number / 3]), &Marks::default()).await.unwrap();
    }
    let broken = store.collect(3, |manifest| {
        let of_nine = manifest.starts_with(&hash(9_000));
        if of_nine { Err("not a manifest".into()) } else { named(manifest) }
    });
    let broken = broken.await.unwrap_err();
    assert!(matches!(broken, StoreError::Manifest { number: 9, .. }), "{broken:?}");
    assert_eq!(store.generations(100).await.unwrap().len(), 10);

    let collected = store.collect(3, named).await.unwrap();
    // Seven times 300, and chunk 1; chunk 2 belongs to the eighth, chunk 0 to all.
    assert_eq!((collected.generations, collected.chunks), (7, 7 * 300 + 1));
    let numbers: Vec<_> = store.generations(100).await.unwrap().iter().map(|kept| kept.number).collect();
    assert_eq!(numbers, [10, 9, 8]);
    all_whole(store).await;
    assert_eq!(store.collect(3, named).await.unwrap(), store::Collected::default());
    // The active one is never collected.
    assert_eq!(store.collect(0, named).await.unwrap().generations, 2);
    all_whole(store).await;
    activate(store, Some(10), [0], &Marks::default()).await.unwrap();
}

/// Every generation names chunks that the ones before do not, and goes back to older ones again and again.
pub(super) async fn collecting_and_activating_exclude_each_other(database: Database) {
    let database = database.with_tables().await;
    let (one, two) = (&database.store, &database.again().await);
    let (none, seen) = (Marks::default(), std::cell::Cell::new(0));
    activate(one, None, [0], &none).await.unwrap();
    let activating = async {
        for parent in 1..=60 {
            // However fast this one is, somebody collects in between, again and again.
            while seen.get() + 12 < parent {
                tokio::task::yield_now().await;
            }
            activate(one, Some(parent), [0, 1 + parent % 7, 100 + parent], &none).await.unwrap();
        }
    };
    let collecting = async {
        let mut numbers = BTreeSet::new();
        while numbers.last() != Some(&61) {
            two.collect(2, named).await.unwrap();
            all_whole_now(two).await;
            numbers.extend(two.latest_generation().await.unwrap().map(|head| head.number));
            seen.set(numbers.last().copied().unwrap_or_default());
        }
        assert!(numbers.len() > 3, "the collector saw {numbers:?} only");
    };
    tokio::join!(activating, collecting);
    one.collect(1, named).await.unwrap();
    all_whole(one).await;
    let all: Vec<_> = (0..200).map(hash).collect();
    assert_eq!(one.which_chunks_exist(&all).await.unwrap().len(), 3);
}

/// The newest generation is whole; older ones may be collected while we look.
async fn all_whole_now(store: &Store) {
    let Some(head) = store.latest_generation().await.unwrap() else { return };
    let Some(stored) = store.generation(head.number).await.unwrap() else { return };
    let hashes = named(&stored.manifest).unwrap();
    let chunks = store.chunks(&hashes).await.unwrap();
    // Overtaken by two since, its chunks may be gone.
    if store.latest_generation().await.unwrap().is_some_and(|now| now.number <= head.number + 1) {
        assert_eq!(chunks.len(), hashes.len(), "generation {} misses chunks", head.number);
    }
}
