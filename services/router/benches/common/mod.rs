//! What the measurements share: the router as it runs in production over the article's tables, servers in processes of
//! their own, and pairs that alternate.

use std::{future::Future, sync::Arc, time::Duration};

use router::{Metrics, Service, snapshots};
use routing::{Generation, Snapshot};
use runtime::{CancellationToken, Health, RouterConfig};
use tokio::net::TcpListener;

mod question;
pub(crate) mod server;

use question::tables;
pub(crate) use question::{QUESTION, TOKEN};
use server::Server;

const STARTS: usize = 5;
const PAIRS: usize = 15;
const QUESTIONS: usize = 1_000;

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
        publisher.publish(Snapshot::compile(tables().into(), Generation::of_working_copy(1)).unwrap());
        let service = Service::new(snapshots, metrics, Duration::from_millis(100), None);
        let listener = TcpListener::bind(address).await.unwrap();
        println!("ready");
        serve(listener, service, RouterConfig::default(), CancellationToken::new()).await;
    });
}

/// Compares ours with a bare server started with `arguments`, under the same load. Short runs alternate, so that
/// whatever else this machine does meets both; servers are started anew every few pairs, as some are luckier.
pub(crate) fn compare(name: &str, bare: &str, arguments: &[String], load: impl Fn(&str, usize)) {
    let microseconds = |server: &Server| {
        let before = server.cpu_microseconds();
        load(&server.address, QUESTIONS);
        (server.cpu_microseconds() - before) / f64::from(u32::try_from(QUESTIONS).unwrap())
    };
    let mut pairs = Vec::with_capacity(STARTS * PAIRS);
    for _ in 0..STARTS {
        let servers = (Server::start("ours", &[]), Server::start("bare", arguments));
        load(&servers.0.address, QUESTIONS);
        load(&servers.1.address, QUESTIONS);
        pairs.extend((0..PAIRS).map(|_| (microseconds(&servers.0), microseconds(&servers.1))));
    }
    let (ours, theirs, ratio) = (
        quartiles(&pairs, |pair| pair.0),
        quartiles(&pairs, |pair| pair.1),
        quartiles(&pairs, |pair| pair.0 / pair.1),
    );
    println!(
        "{name}: ours {:.1} us, {bare} {:.1} us, ratio {:.2} (median of {} alternating pairs of {QUESTIONS} questions, \
         half of them {:.2} to {:.2})",
        ours[1],
        theirs[1],
        ratio[1],
        pairs.len(),
        ratio[0],
        ratio[2],
    );
}

fn quartiles(pairs: &[(f64, f64)], of: impl Fn(&(f64, f64)) -> f64) -> [f64; 3] {
    let mut values: Vec<_> = pairs.iter().map(of).collect();
    values.sort_by(f64::total_cmp);
    [1, 2, 3].map(|quarter| values[values.len() * quarter / 4])
}
