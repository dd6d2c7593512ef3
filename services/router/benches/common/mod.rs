//! What the measurements share: the router as it runs in production over the article's tables, servers in processes of
//! their own, and pairs that alternate.

use std::{future::Future, sync::Arc, time::Duration};

use router::{Metrics, Service, snapshots};
use routing::{
    Generation, Snapshot,
    tables::{NodeToken, Tables},
};
use runtime::{CancellationToken, Health, RouterConfig};
use tokio::net::TcpListener;

pub(crate) mod server;

const PAIRS: usize = 7;
const QUESTIONS: usize = 12_000;
const TOKEN_SHA256: &str = "d69530cd89543644aec5a8e164b1c42dc852845d80271280e1339cc77e4945c2";

/// A question as the shipped dialplan writes it.
pub(crate) const QUESTION: &str = "node=asterisk-macomnet\
     &token=dpn_0000000000000000000000000000000000000000000000000000000000000000\
     &dp=1&call=asterisk-macomnet-1700000000.42&endpoint=1000&tech=SIP&source=192.0.2.10&from=1000\
     &pres=allowed_not_screened&to=84957777777";

/// Runs a server until it is killed.
pub(crate) fn run(server: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap().block_on(server);
}

/// Has one of the router's listeners answer at the address.
pub(crate) fn ours<S: Future<Output = ()>>(
    address: &str,
    serve: impl FnOnce(TcpListener, Service, RouterConfig, CancellationToken) -> S,
) {
    run(async {
        let metrics = Arc::new(Metrics::new(&prometheus::Registry::new()).unwrap());
        let (mut publisher, snapshots) = snapshots(Arc::clone(&metrics), Health::default());
        publisher.publish(Snapshot::compile(&tables(), Generation::of_working_copy(1)).unwrap());
        let service = Service::new(snapshots, metrics, Duration::from_millis(100));
        let listener = TcpListener::bind(address).await.unwrap();
        println!("ready");
        serve(listener, service, RouterConfig::default(), CancellationToken::new()).await;
    });
}

fn tables() -> Tables {
    let mut tables: Tables = toml::from_str(store::ARTICLE).unwrap();
    tables.node_tokens.push(NodeToken {
        id: domain::NodeTokenId(1),
        server_id: tables.servers[0].id,
        token_sha256: TOKEN_SHA256.into(),
        comment: None,
    });
    tables
}

/// Measures pairs of servers, ours and a bare one started with `arguments`, under the same load.
pub(crate) fn compare(name: &str, bare: &str, arguments: &[String], load: impl Fn(&str, usize)) {
    let microseconds = |kind: &str, arguments: &[String]| {
        let server = server::Server::start(kind, arguments);
        load(&server.address, QUESTIONS / 10);
        let before = server.cpu_microseconds();
        load(&server.address, QUESTIONS);
        (server.cpu_microseconds() - before) / f64::from(u32::try_from(QUESTIONS).unwrap())
    };
    let pairs: Vec<_> =
        (0..PAIRS).map(|_| (microseconds("ours", &[]), microseconds("bare", arguments))).collect();
    let sorted = |of: fn(&(f64, f64)) -> f64| {
        let mut values: Vec<_> = pairs.iter().map(of).collect();
        values.sort_by(f64::total_cmp);
        values
    };
    let (ours, theirs, ratios) =
        (sorted(|pair| pair.0), sorted(|pair| pair.1), sorted(|pair| pair.0 / pair.1));
    println!(
        "{name}: ours {:.1} us, {bare} {:.1} us, ratio {:.2} (median of {PAIRS} alternating pairs of {QUESTIONS} \
         questions, {:.2} to {:.2})",
        ours[PAIRS / 2],
        theirs[PAIRS / 2],
        ratios[PAIRS / 2],
        ratios[0],
        ratios[PAIRS - 1],
    );
}
