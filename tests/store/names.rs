//! What names of carriers stand for: kept on every database, asked of a name server that lies when it is told to.

use std::{net::IpAddr, time::Duration};

use domain::ProviderAddressId;
use laboratory::dns::{NameServer, Says};
use names::{Condition, Failure, Found, Sight, State, Suspicion};
use resolver::{Dns, Done, Round};
use routing::{
    ChunkedTables,
    tables::{ProviderAddress, Tables},
};
use runtime::ResolverConfig;
use store::{Author, HeardName, KeptName, QuarantineState, Store};
use tokio::time::{Instant, sleep};

use super::database::{Database, article};

const NAME: ProviderAddressId = ProviderAddressId(900);
const NOW_US: i64 = 1_795_269_600_000_000;
const LIMIT: Duration = Duration::from_mins(1);

fn address(text: &str) -> IpAddr {
    text.parse().unwrap()
}

/// The article, and one carrier more of whom only the name is known.
fn tables() -> Tables {
    let mut tables = article();
    let row = ProviderAddress {
        id: NAME,
        domainname: "sip.example.net".parse().unwrap(),
        ipaddress: None,
        endpoint: None,
        direction: "IN/OUT".parse().unwrap(),
        ..tables.provider_addresses[0].clone()
    };
    // The others are not asked about: their names are real ones.
    tables.provider_addresses.retain(|row| row.ipaddress.is_some());
    tables.provider_addresses.push(row);
    tables
}

/// An installation with a name server of its own.
struct Site {
    store: Store,
    server: NameServer,
    config: ResolverConfig,
    tables: ChunkedTables,
}

impl Site {
    async fn new(database: &Database, tables: Tables) -> Self {
        let server = NameServer::start();
        let servers = vec![server.address()];
        let config = ResolverConfig { servers, ttl_floor_s: 1, hold_down_s: 1, ..ResolverConfig::default() };
        Self { store: database.again().await, server, config, tables: tables.into() }
    }

    /// Asks about every name now.
    async fn asks(&self) -> Done {
        self.store.ask_names_now().await.unwrap();
        let dns = Dns::new(&self.config).unwrap();
        let round = Round::new(&self.store, &dns, &self.config, "this one");
        Box::pin(round.make(&self.tables)).await.unwrap().expect("nobody else asks")
    }

    async fn stands_for(&self) -> Vec<String> {
        let rows = self.store.resolved_addresses().await.unwrap();
        let place = |port: Option<u16>| port.map(|port| format!(":{port}")).unwrap_or_default();
        let mut all: Vec<_> = rows.iter().map(|row| format!("{}{}", row.network, place(row.port))).collect();
        all.sort_unstable();
        all
    }

    /// Asks until the name stands for these.
    async fn comes_to(&self, wanted: &[&str]) {
        let until = Instant::now() + LIMIT;
        while self.stands_for().await != wanted {
            assert!(Instant::now() < until, "{:?} and not {wanted:?}", self.stands_for().await);
            sleep(Duration::from_millis(200)).await;
            self.asks().await;
        }
    }
}

fn heard(sights: Vec<Sight>, suspects: Vec<(IpAddr, Suspicion)>) -> HeardName {
    let state = State {
        sights,
        asked_us: Some(NOW_US),
        good_us: Some(NOW_US - 1),
        changed_us: None,
        next_us: NOW_US + 60_000_000,
        failures: u32::MAX,
        failure: Some(Failure::Server),
    };
    HeardName { kept: KeptName { address: NAME, question: "sip.example.net".into(), state }, suspects }
}

fn sight(text: &str, port: Option<u16>, in_use: bool) -> Sight {
    Sight { found: Found { address: address(text), port }, in_use, seen_us: NOW_US, missing_us: Some(NOW_US) }
}

pub(super) async fn one_at_a_time_has_its_turn(database: Database) {
    let database = database.with_tables().await;
    let (store, other) = (&database.store, database.again().await);
    let minute = Duration::from_mins(1);
    assert!(store.take_resolver_turn("one", minute).await.unwrap());
    assert!(store.take_resolver_turn("one", minute).await.unwrap(), "who has it may have it for longer");
    assert!(!other.take_resolver_turn("two", minute).await.unwrap());
    let lot = [heard(vec![sight("192.0.2.1", None, true)], Vec::new())];
    assert!(!other.keep_names("two", &lot, NOW_US).await.unwrap(), "it is not its turn");
    assert!(other.kept_names().await.unwrap().is_empty() && other.edited().await.unwrap().is_empty());
    store.end_resolver_turn("one").await.unwrap();
    assert!(other.take_resolver_turn("two", Duration::ZERO).await.unwrap());
    let until = Instant::now() + LIMIT;
    while !store.take_resolver_turn("one", minute).await.unwrap() {
        assert!(Instant::now() < until, "a turn that is over is nobody's");
        sleep(Duration::from_millis(10)).await;
    }
}

pub(super) async fn what_is_known_is_read_back(database: Database) {
    let database = database.with_tables().await;
    let store = &database.store;
    assert!(store.take_resolver_turn("one", LIMIT).await.unwrap());
    let sights = vec![
        sight("192.0.2.1", None, true),
        sight("192.0.2.1", Some(5062), true),
        sight("2001:db8::1", None, true),
        sight("192.0.2.9", None, false),
    ];
    let suspects = vec![(address("127.0.0.1"), Suspicion::Never), (address("10.0.0.1"), Suspicion::Private)];
    let lot = heard(sights, suspects);
    assert!(store.keep_names("one", std::slice::from_ref(&lot), NOW_US).await.unwrap());
    assert_eq!(store.kept_names().await.unwrap(), std::slice::from_ref(&lot.kept));
    let mut rows: Vec<_> = store
        .resolved_addresses()
        .await
        .unwrap()
        .into_iter()
        .map(|row| (row.network.to_string(), row.port))
        .collect();
    rows.sort_unstable();
    let both = [("192.0.2.1", None), ("192.0.2.1", Some(5062)), ("2001:db8::1", None)];
    assert_eq!(rows, both.map(|(network, port)| (network.to_owned(), port)));
    let marks = store.edited().await.unwrap();
    assert!(
        marks.places().iter().all(|place| place.table.as_str() == "resolved_addresses") && !marks.is_empty()
    );

    // The same again marks nothing; another set does.
    store.forget(&marks).await.unwrap();
    let again = HeardName { suspects: vec![(address("10.0.0.1"), Suspicion::Far)], ..lot.clone() };
    assert!(store.keep_names("one", std::slice::from_ref(&again), NOW_US + 1).await.unwrap());
    assert!(store.edited().await.unwrap().is_empty());
    let quarantine = store.quarantined_addresses().await.unwrap();
    let seen: Vec<_> = quarantine.iter().map(|row| (row.suspicion, row.first_us, row.last_us)).collect();
    assert_eq!(seen, [(Suspicion::Never, NOW_US, NOW_US), (Suspicion::Far, NOW_US, NOW_US + 1)]);

    let officer = store.signed(Author { actor: "an officer".into(), comment: String::new() });
    let approved =
        officer.decide_quarantined(quarantine[1].id, QuarantineState::Approved, "their mail").await.unwrap();
    assert_eq!(
        approved.map(|row| (row.state, row.decided_us.is_some())),
        Some((QuarantineState::Approved, true))
    );
    assert!(officer.decide_quarantined(99, QuarantineState::Rejected, "").await.unwrap().is_none());
    let entry = store.audit(1).await.unwrap().remove(0);
    assert_eq!(
        (&*entry.actor, &*entry.action, &*entry.reason),
        ("an officer", "address_approved", "their mail")
    );
    assert_eq!(store.kept_names().await.unwrap()[0].state.next_us, 0, "it is asked about at once");

    store.forget_quarantined(NOW_US + 1).await.unwrap();
    assert_eq!(store.quarantined_addresses().await.unwrap().len(), 1, "what was decided stays");
    assert!(store.forget_names("one", &[NAME]).await.unwrap());
    assert!(
        store.kept_names().await.unwrap().is_empty() && store.resolved_addresses().await.unwrap().is_empty()
    );
}

pub(super) async fn names_follow_dns_and_outlive_it(database: Database) {
    let database = database.with_tables().await;
    let site = Site::new(&database, tables()).await;
    site.server.has("sip.example.net", &["192.0.2.1", "2001:db8::1"]);
    let done = site.asks().await;
    assert_eq!((done.changed, done.conditions), (vec!["sip.example.net".to_owned()], vec![Condition::Good]));
    assert_eq!(site.stands_for().await, ["192.0.2.1", "2001:db8::1"]);
    let marks = site.store.edited().await.unwrap();
    assert_eq!(marks.authors()[0].comment, "DNS: sip.example.net");

    for failure in [Says::ServerFailure, Says::NoSuchName, Says::Silence, Says::Addresses(Vec::new(), 60)] {
        site.server.says("sip.example.net", failure);
        let done = site.asks().await;
        assert!(done.changed.is_empty() && done.heard.iter().all(Option::is_some), "{:?}", done.heard);
        assert_eq!(site.stands_for().await.len(), 2);
    }
    // Whoever asks next, with nothing in memory and no DNS, leaves it as it is.
    let other = Site { store: database.again().await, ..Site::new(&database, tables()).await };
    other.server.says("sip.example.net", Says::Silence);
    assert_eq!(other.asks().await.conditions, [Condition::Failing]);
    assert_eq!(other.stands_for().await.len(), 2);

    site.server.has("sip.example.net", &["192.0.2.2"]);
    site.comes_to(&["192.0.2.2"]).await;
}

pub(super) async fn what_is_odd_waits_for_a_person(database: Database) {
    let database = database.with_tables().await;
    let site = Site::new(&database, tables()).await;
    site.server.has("sip.example.net", &["192.0.2.1", "192.0.2.2"]);
    site.asks().await;
    for round in 0..100_u8 {
        let poison: Vec<_> = (0..50).map(|host| format!("203.0.{round}.{host}")).collect();
        let poison: Vec<_> = poison.iter().map(String::as_str).collect();
        site.server.has("sip.example.net", &poison);
        let done = site.asks().await;
        assert!(done.changed.is_empty() && done.heard == [Some(Failure::Quarantined)], "{done:?}");
    }
    assert_eq!(site.stands_for().await, ["192.0.2.1", "192.0.2.2"]);
    let waiting = site.store.quarantined_addresses().await.unwrap();
    assert_eq!(waiting.len(), 64, "there is room for so many, the others are counted only");

    let chosen = &waiting[7];
    let approved = site.store.decide_quarantined(chosen.id, QuarantineState::Approved, "their mail").await;
    assert!(approved.unwrap().is_some());
    let new = chosen.address.to_string();
    site.server.has("sip.example.net", &["192.0.2.1", "192.0.2.2", &new, "203.0.113.200"]);
    site.comes_to(&["192.0.2.1", "192.0.2.2", &new]).await;
}

pub(super) async fn services_name_hosts_and_ports(database: Database) {
    let database = database.with_tables().await;
    let mut rows = tables();
    rows.provider_addresses.last_mut().unwrap().lookup = domain::Lookup::Srv;
    let site = Site::new(&database, rows).await;
    let services = vec![(5062, "a.example.net".to_owned()), (5060, "b.example.net".to_owned())];
    site.server.says("_sip._udp.sip.example.net", Says::Services(services, 60));
    site.server.has("a.example.net", &["192.0.2.1"]);
    site.server.has("b.example.net", &["192.0.2.2", "2001:db8::2"]);
    assert_eq!(site.asks().await.conditions, [Condition::Good]);
    assert_eq!(site.stands_for().await, ["192.0.2.1:5062", "192.0.2.2:5060", "2001:db8::2:5060"]);
    // A host that says nothing takes nothing away.
    site.server.says("b.example.net", Says::ServerFailure);
    site.asks().await;
    site.asks().await;
    assert_eq!(site.stands_for().await.len(), 3);
}
