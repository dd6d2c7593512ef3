use std::cell::Cell;

use domain::{NumberId, ProviderId};
use routing::tables::{Number, Provider, Tables};

use super::database::{Database, article};

const BATCHES: i64 = 40;
const NUMBERS: i64 = 25;

/// One provider and the numbers leased from it. The provider is written first and read first, so a reader that looks
/// twice would find numbers of a provider it did not see.
fn batch(of: i64) -> Tables {
    let id = ProviderId(1_000 + of);
    let sample = article();
    let provider = Provider { id, providername: format!("provider {of}"), ..sample.providers[0].clone() };
    let numbers = (0..NUMBERS).map(|offset| Number {
        id: NumberId(id.0 * NUMBERS + offset),
        number: (79_000_000_000 + id.0 * NUMBERS + offset).to_string().parse().unwrap(),
        provider_id: id,
        ..sample.numbers[0].clone()
    });
    Tables { providers: vec![provider], numbers: numbers.collect(), ..Tables::default() }
}

fn batches(tables: &Tables) -> (usize, usize) {
    (tables.providers.len() - 6, (tables.numbers.len() - 12) / 25)
}

pub(super) async fn readers_see_all_of_a_write_or_nothing(database: Database) {
    let database = database.with_article().await;
    let writing = Cell::new(true);
    let write = async {
        for of in 0..BATCHES {
            database.store.insert(&batch(of)).await.unwrap();
        }
        writing.set(false);
    };
    let read = async {
        while writing.get() {
            let (providers, numbers) = batches(&database.tables().await);
            assert_eq!(providers, numbers);
        }
    };
    tokio::join!(write, read, read_again(&database, &writing));
    assert_eq!(batches(&database.tables().await), (40, 40));
}

/// Another program on the same database.
async fn read_again(database: &Database, writing: &Cell<bool>) {
    let other = database.again().await;
    while writing.get() {
        let (providers, numbers) = batches(&other.tables().await.unwrap());
        assert_eq!(providers, numbers);
    }
}

pub(super) async fn writers_wait_for_each_other(database: Database) {
    let database = database.with_article().await;
    let other = database.again().await;
    for of in (0..20).step_by(4) {
        let [one, two, three, four] = [0, 1, 2, 3].map(|offset| batch(of + offset));
        let (one, two, three, four) = tokio::join!(
            database.store.insert(&one),
            other.insert(&two),
            database.store.insert(&three),
            other.insert(&four),
        );
        [one, two, three, four].into_iter().for_each(Result::unwrap);
    }
    assert_eq!(batches(&database.tables().await), (20, 20));
}
