//! A database that is gone, frozen or somewhere else: the store goes on by itself.

use std::{
    io::{Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    sync::{Arc, Condvar, Mutex},
    thread,
    time::Duration,
};

use store::{Connections, Options, Store};
use tokio::time::timeout;

use super::database::{Database, article};

/// What lies between a store and its database, and may freeze or break like a network or a stopped server.
#[derive(Clone, Default)]
struct Wire {
    state: Arc<(Mutex<State>, Condvar)>,
}

#[derive(Default)]
struct State {
    connections: Vec<[TcpStream; 2]>,
    /// Connections with smaller numbers carry nothing.
    frozen_below: usize,
}

impl Wire {
    /// Listens for the store, and gives the URL that leads through here.
    fn to(url: &str) -> (Self, String) {
        let wire = Self::default();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = if url.starts_with("postgres") { "127.0.0.1:5432" } else { "127.0.0.1:3306" };
        let through = url.replace(server, &format!("127.0.0.1:{port}"));
        assert_ne!(through, url);
        let accepting = wire.clone();
        thread::spawn(move || {
            for store in listener.incoming().flatten() {
                accepting.carry(store, TcpStream::connect(server).unwrap());
            }
        });
        (wire, through)
    }

    fn carry(&self, store: TcpStream, server: TcpStream) {
        let number = {
            let mut state = self.state.0.lock().unwrap();
            state.connections.push([store.try_clone().unwrap(), server.try_clone().unwrap()]);
            state.connections.len() - 1
        };
        let [back, forth] = [self.clone(), self.clone()];
        let [from, to] = [server.try_clone().unwrap(), store.try_clone().unwrap()];
        thread::spawn(move || back.pump(number, from, to));
        thread::spawn(move || forth.pump(number, store, server));
    }

    fn pump(&self, number: usize, mut from: TcpStream, mut to: TcpStream) {
        let mut bytes = [0; 4096];
        while let Ok(read @ 1..) = from.read(&mut bytes) {
            let state = self.state.0.lock().unwrap();
            drop(self.state.1.wait_while(state, |state| number < state.frozen_below).unwrap());
            if to.write_all(&bytes[..read]).is_err() {
                break;
            }
        }
        // A frozen connection does not even tell that it ended.
        let state = self.state.0.lock().unwrap();
        drop(self.state.1.wait_while(state, |state| number < state.frozen_below).unwrap());
        let _ = to.shutdown(Shutdown::Both);
    }

    fn freeze(&self, below: impl FnOnce(usize) -> usize) {
        let mut state = self.state.0.lock().unwrap();
        state.frozen_below = below(state.connections.len());
        self.state.1.notify_all();
    }

    fn cut(&self) {
        for [store, server] in self.state.0.lock().unwrap().connections.drain(..) {
            let _ = store.shutdown(Shutdown::Both);
            let _ = server.shutdown(Shutdown::Both);
        }
    }
}

const CONNECTIONS: u32 = 2;

/// A store behind a wire, its pool filled; none where the database is a file.
async fn behind_a_wire(database: &Database) -> Option<(Wire, Store)> {
    if database.url.starts_with("sqlite") {
        return None;
    }
    let (wire, url) = Wire::to(&database.url);
    let options = Options { connections_max: CONNECTIONS, ..Options::default() };
    let store = Store::connect(&url, options).await.unwrap();
    let (one, two) = tokio::join!(store.tables_chunked(), store.tables_chunked());
    assert!(one.is_ok() && two.is_ok());
    all_idle(&store).await;
    Some((wire, store))
}

/// A connection is tested once more before it is idle again.
async fn all_idle(store: &Store) {
    while store.connections() != (Connections { open: CONNECTIONS, idle: CONNECTIONS }) {
        tokio::task::yield_now().await;
    }
}

/// More callers than connections, each of which gives up.
async fn callers_give_up(store: &Store) {
    let impatient = || timeout(Duration::from_millis(300), Box::pin(store.tables_chunked()));
    let gave_up = tokio::join!(impatient(), impatient(), impatient());
    assert!(gave_up.0.is_err() && gave_up.1.is_err() && gave_up.2.is_err());
}

/// A server that was stopped and goes on, as after `kill -STOP` and `-CONT`.
pub(super) async fn a_server_that_froze_is_used_again(database: Database) {
    let database = database.with_article().await;
    let Some((wire, store)) = behind_a_wire(&database).await else { return };
    wire.freeze(|_| usize::MAX);
    callers_give_up(&store).await;
    callers_give_up(&store).await;
    wire.freeze(|_| 0);
    assert_eq!(store.tables().await.unwrap(), article());
}

/// The server is somewhere else now, and what was sent to the old one is never answered: a failover, a firewall that
/// forgot.
pub(super) async fn connections_nobody_answers_are_given_up(database: Database) {
    let database = database.with_article().await;
    let Some((wire, store)) = behind_a_wire(&database).await else { return };
    // Idle ones.
    wire.freeze(|connections| connections);
    assert_eq!(store.tables().await.unwrap(), article());
    // Busy ones: the lock they wait for is held by somebody else.
    let holder = database.hold_activation_lock().await;
    let none = store::Marks::default();
    let activate = || super::generations::activate(&store, None, [1], &none);
    let freezing = async {
        database.waiting_for_locks(2).await;
        wire.freeze(|connections| connections);
    };
    tokio::select! {
        done = async { tokio::join!(activate(), activate()) } => panic!("the lock is held: {done:?}"),
        () = freezing => {}
    }
    assert_eq!(store.tables().await.unwrap(), article());
    drop(holder);
    wire.freeze(|_| 0);
    activate().await.unwrap();
}

/// A server that was restarted.
pub(super) async fn connections_that_broke_are_replaced(database: Database) {
    let database = database.with_article().await;
    let Some((wire, store)) = behind_a_wire(&database).await else { return };
    for _ in 0..3 {
        wire.cut();
        assert_eq!(store.tables().await.unwrap(), article());
        super::generations::activate(&store, active(&store).await, [0], &store::Marks::default())
            .await
            .unwrap();
    }
}

async fn active(store: &Store) -> Option<u64> {
    store.latest_generation().await.unwrap().map(|head| head.number)
}

/// Somebody else is in the middle of a long write; who waits may give up and come again.
pub(super) async fn who_gives_up_waiting_may_come_again(database: Database) {
    let database = database.with_article().await;
    let holder = database.hold_activation_lock().await;
    let none = store::Marks::default();
    for _ in 0..5 {
        let waiting = super::generations::activate(&database.store, None, [1], &none);
        assert!(timeout(Duration::from_millis(100), waiting).await.is_err(), "the lock is held");
    }
    drop(holder);
    super::generations::activate(&database.store, None, [1], &none).await.unwrap();
    super::generations::all_whole(&database.store).await;
}

/// A mistyped path is an error, not an empty database.
pub(super) async fn a_missing_file_is_created_only_on_request(database: Database) {
    if !database.url.starts_with("sqlite") {
        return;
    }
    let missing = database.url.replace(".db", "/deeper/missing.db");
    let path = missing.trim_start_matches("sqlite://").trim_end_matches("?mode=rwc").to_owned();
    let careful = Options { create: false, ..Options::default() };
    let store = Store::connect(&missing, careful).await.unwrap();
    let error = store.ping().await.unwrap_err();
    assert!(error.is_unavailable(), "{error:?}");
    assert!(!std::path::Path::new(&path).parent().unwrap().exists());
    Store::connect(&missing, Options::default()).await.unwrap().ping().await.unwrap();
    Store::connect(&missing, careful).await.unwrap().ping().await.unwrap();
}
