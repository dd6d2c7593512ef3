//! What one answer costs the thread that gives it, without and with somebody who keeps the decisions.

#![expect(clippy::unwrap_used, reason = "a measurement that cannot go on has failed")]

use std::{hint::black_box, sync::Arc, thread, time::Duration};

use criterion::{Criterion, criterion_group, criterion_main};
use prometheus::{IntCounter, Registry};
use router::{DecisionSink, Decisions, Metrics, Service, decisions, snapshots};
use routing::{Generation, Snapshot};
use runtime::Health;

#[path = "common/question.rs"]
mod question;

use question::{QUESTION, TOKEN, tables};

fn service(sink: Option<DecisionSink>) -> Service {
    let metrics = Arc::new(Metrics::new(&Registry::new()).unwrap());
    let (mut publisher, snapshots) = snapshots(Arc::clone(&metrics), Health::default());
    publisher.publish(Snapshot::compile(tables().into(), Generation::number(1)).unwrap());
    Service::new(snapshots, metrics, Duration::from_millis(100), sink)
}

/// Fetches as the process does, a few thousand at a time; the decisions end on the other thread.
fn fetch(mut decided: Decisions) {
    loop {
        match decided.try_recv() {
            Ok(record) => drop(black_box(record)),
            Err(_) if decided.is_closed() => return,
            Err(_) => thread::sleep(Duration::from_millis(2)),
        }
    }
}

fn benches(criterion: &mut Criterion) {
    let asked = format!("{QUESTION}&token={TOKEN}");
    let lost = IntCounter::new("lost", "Decisions lost.").unwrap();
    let (sink, decided) = decisions(lost.clone());
    let fetching = thread::spawn(|| fetch(decided));
    for (name, sink) in [("nobody keeps it", None), ("kept", Some(sink))] {
        let service = service(sink);
        criterion.bench_function(&format!("answer/{name}"), |bencher| {
            bencher.iter(|| black_box(service.answer("outbound", black_box(asked.as_bytes()), None)));
        });
    }
    fetching.join().unwrap();
    println!("{} decisions found no room", lost.get());
}

criterion_group!(answers, benches);
criterion_main!(answers);
