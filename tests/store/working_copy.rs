use std::{env, sync::Arc};

use domain::{NumberId, ServerId};
use routing::{
    Chunk, Chunked, ChunkedTables, KEYS_PER_CHUNK, Row, TableName,
    tables::{Number, Tables},
};
use store::{Edit, Marks, WorkingCopy};

use super::database::{Database, article, cells};

/// How many chunks of a table are the very same in both.
fn shared<R: Row>(one: &Chunked<R>, two: &Chunked<R>) -> usize {
    let same = |chunk: &&Arc<_>| one.chunk(range(chunk)).is_some_and(|known| Arc::ptr_eq(known, chunk));
    two.chunks().iter().filter(same).count()
}

fn range<R: Row>(chunk: &Chunk<R>) -> i64 {
    chunk.range()
}

fn numbers(count: i64) -> Vec<Number> {
    let sample = article().numbers[0].clone();
    (0..count)
        .map(|offset| Number {
            id: NumberId(1_000 + offset),
            number: (79_000_000_000 + offset).to_string().parse().unwrap(),
            server_id: [None, Some(ServerId(1))][usize::from(offset % 3 == 0)],
            ..sample.clone()
        })
        .collect()
}

fn places(marks: &Marks) -> Vec<(&'static str, i64)> {
    marks.places().iter().map(|place| (place.table.as_str(), place.range)).collect()
}

/// `DIALPLANE_NUMBERS` says how many; a million take their time.
pub(super) async fn many_numbers_are_read_in_chunks(database: Database) {
    let database = database.with_article().await;
    let count = env::var("DIALPLANE_NUMBERS").map_or(100_000, |count| count.parse().unwrap());
    let added = Tables { numbers: numbers(count), ..Tables::default() };
    database.store.insert(&added).await.unwrap();
    let WorkingCopy { tables, marks } = database.store.tables_chunked().await.unwrap();
    assert_eq!(tables.numbers.len(), added.numbers.len() + 12);
    assert!(tables == ChunkedTables::from(database.tables().await), "not what the tables hold");
    let ranges = marks.places().iter().filter(|place| place.table == TableName::Number).count();
    assert_eq!(ranges, tables.numbers.chunks().len());

    let edit =
        Edit::Update { table: TableName::Number, key: 5_000, cells: cells(&[("echotest", true.into())]) };
    database.store.edit(&edit).await.unwrap();
    let again = database.store.scan(&tables, &TableName::ALL).await.unwrap();
    assert_eq!(shared(&tables.numbers, &again.tables.numbers), tables.numbers.chunks().len() - 1);
    assert!(again.tables.numbers.get(5_000).is_some_and(|row| row.echotest));
}

pub(super) async fn every_edit_through_the_store_is_marked(database: Database) {
    let database = database.with_tables().await;
    let store = &database.store;
    assert!(store.edited().await.unwrap().is_empty());
    store.insert(&article()).await.unwrap();
    let base = store.tables_chunked().await.unwrap();
    let tables: Vec<_> = base.marks.places().iter().map(|place| place.table).collect();
    // The article has no customers, no tokens, and no names that were resolved.
    assert_eq!(tables.len(), TableName::ALL.len() - 4);
    super::generations::activate(store, None, [0], &base.marks).await.unwrap();

    let server = "asterisk-msm".parse().unwrap();
    let id = store.add_node_token(&server, &"0".repeat(64), None).await.unwrap();
    assert_eq!(places(&store.edited().await.unwrap()), [("node_tokens", 0)]);
    let api = store.add_api_token(domain::ApiRole::Viewer, &"0".repeat(64), None).await.unwrap();
    let both = [("node_tokens", 0), ("api_tokens", 0)];
    assert_eq!(places(&store.edited().await.unwrap()), both);
    let seen = store.reread(&base.tables, &[TableName::ApiToken]).await.unwrap();
    // Only what was in scope is in, and only its marks are consumed.
    assert_eq!((seen.tables.api_tokens.len(), seen.tables.node_tokens.len()), (1, 0));
    super::generations::activate(store, Some(1), [0], &seen.marks).await.unwrap();
    assert_eq!(places(&store.edited().await.unwrap()), both[..1]);
    assert!(!store.revoke_api_token(domain::ApiTokenId(api.0 + 1)).await.unwrap());
    assert_eq!(places(&store.edited().await.unwrap()), both[..1], "nothing was revoked");
    store.revoke_api_token(api).await.unwrap();
    store.revoke_node_token(id).await.unwrap();
    let last = store.reread(&seen.tables, &TableName::ALL).await.unwrap();
    assert_eq!(last.marks.len(), 3);
    assert!(last.tables == store.tables_chunked().await.unwrap().tables);
    assert!(last.tables.providers.same_chunks(&base.tables.providers));
}

pub(super) async fn only_marked_chunks_are_read_again(database: Database) {
    let database = database.with_article().await;
    let store = &database.store;
    store.insert(&Tables { numbers: numbers(4_000), ..Tables::default() }).await.unwrap();
    let base = store.tables_chunked().await.unwrap();
    super::generations::activate(store, None, [0], &base.marks).await.unwrap();

    // By hand, and hence unmarked.
    assert_eq!(database.by_hand("UPDATE numbers SET echotest = TRUE WHERE id = 1500").await.unwrap(), 1);
    let (first, last) = (2 * KEYS_PER_CHUNK, 3 * KEYS_PER_CHUNK - 1);
    let edits = [first, last].map(|key| Edit::Remove { table: TableName::Number, key });
    assert_eq!(store.edit_all(&edits).await.unwrap(), [first, last]);
    let seen = store.reread(&base.tables, &TableName::ALL).await.unwrap();
    assert_eq!((seen.marks.len(), places(&seen.marks)), (1, vec![("numbers", 2)]));
    assert_eq!(seen.tables.numbers.len(), base.tables.numbers.len() - 2);
    assert!(seen.tables.numbers.get(first).is_none() && seen.tables.numbers.get(last - 1).is_some());
    assert!(seen.tables.numbers.get(1_500).is_some_and(|row| !row.echotest));
    let chunks = base.tables.numbers.chunks().len();
    assert_eq!(shared(&base.tables.numbers, &seen.tables.numbers), chunks - 1);

    let scanned = store.scan(&seen.tables, &[TableName::Number]).await.unwrap();
    assert!(scanned.tables.numbers.get(1_500).is_some_and(|row| row.echotest));
    assert_eq!(shared(&seen.tables.numbers, &scanned.tables.numbers), chunks - 1);
    assert!(scanned.tables.gates.same_chunks(&base.tables.gates));
    assert!(scanned.tables == store.tables_chunked().await.unwrap().tables);

    // The last row of a chunk takes its chunk along.
    store.edit(&Edit::Insert { table: TableName::Currency, cells: gbp(9 * KEYS_PER_CHUNK) }).await.unwrap();
    let seen = store.reread(&scanned.tables, &TableName::ALL).await.unwrap();
    assert_eq!(seen.tables.currencies.chunks().len(), 2);
    store.edit(&Edit::Remove { table: TableName::Currency, key: 9 * KEYS_PER_CHUNK }).await.unwrap();
    let seen = store.reread(&seen.tables, &TableName::ALL).await.unwrap();
    assert!(seen.tables.currencies.same_chunks(&base.tables.currencies));
}

pub(super) fn gbp(id: i64) -> serde_json::Map<String, serde_json::Value> {
    cells(&[
        ("id", id.into()),
        ("iso", "GBP".into()),
        ("numcode", 826.into()),
        ("name", "Pound sterling".into()),
    ])
}

/// A newer program may know tables that this one does not.
pub(super) async fn marks_of_unknown_tables_are_left_alone(database: Database) {
    let database = database.with_tables().await;
    let far = "INSERT INTO edited_chunks (table_name, key_range, edited_us) VALUES ";
    database.by_hand(&format!("{far} ('moons', 1, 0)")).await.unwrap();
    assert!(database.store.edited().await.unwrap().is_empty());
    // Nobody writes such a range, and nothing breaks by it.
    for range in [i64::MAX, i64::MIN, -1] {
        database.by_hand(&format!("{far} ('numbers', {range}, 0)")).await.unwrap();
    }
    let seen = database.store.reread(&ChunkedTables::default(), &TableName::ALL).await.unwrap();
    assert_eq!((seen.marks.len(), seen.tables), (3, ChunkedTables::default()));
    super::generations::activate(&database.store, None, [0], &seen.marks).await.unwrap();
    assert_eq!(database.count("edited_chunks").await, 1);
}

/// Readers that look while others write: what they have seen of a write, and its marks, belong together.
pub(super) async fn marks_and_rows_are_of_one_moment(database: Database) {
    let database = database.with_article().await;
    let (one, two) = (&database.store, &database.again().await);
    let (done, looks) = (std::cell::Cell::new(false), std::cell::Cell::new(0));
    let writing = async {
        for id in 1..=60 {
            // However fast this one is, somebody looks in between, again and again.
            while looks.get() < id / 15 {
                tokio::task::yield_now().await;
            }
            let edit = Edit::Insert { table: TableName::Currency, cells: currency(id) };
            one.edit(&edit).await.unwrap();
        }
        done.set(true);
    };
    let reading = async {
        let (mut base, mut parent) = (ChunkedTables::default(), None);
        while !done.get() || !two.edited().await.unwrap().is_empty() {
            let seen = two.reread(&base, &TableName::ALL).await.unwrap();
            base = seen.tables;
            parent = Some(super::generations::activate(two, parent, [0], &seen.marks).await.unwrap().number);
            looks.set(looks.get() + 1);
        }
        base
    };
    let ((), base) = tokio::join!(writing, reading);
    assert!(base == one.tables_chunked().await.unwrap().tables, "an edit was lost");
    assert!(looks.get() > 4, "what was written after the last wait was not looked at");
}

fn currency(id: i64) -> serde_json::Map<String, serde_json::Value> {
    let letter = |at: i64| char::from(b'A' + u8::try_from(at % 26).unwrap());
    let iso = format!("X{}{}", letter(id / 26), letter(id));
    cells(&[("iso", iso.into()), ("numcode", 999.into()), ("name", "a coin".into())])
}
