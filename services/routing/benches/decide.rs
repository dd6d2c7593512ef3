//! `decide` at the size of a large operator.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use domain::Presentation;
use routing::{Generation, NoTrace, Request, Snapshot, Verb, decide};

mod operator;

use operator::{parsed, scattered};

fn benches(criterion: &mut Criterion) {
    let snapshot =
        Snapshot::compile(operator::tables().into(), Generation::number(1)).expect("the tables fit together");
    let node = parsed("node-1");
    let questions: Vec<(String, String, String)> = (0..4096)
        .map(|call| {
            let endpoint = format!("phone-{}", scattered(call) % 10_000);
            let to = format!("+{}", 10_000_000_000 + scattered(call + 7) % 80_000_000_000);
            (call.to_string(), endpoint, to)
        })
        .collect();
    let routed = questions.iter().filter(|question| answered(&snapshot, &node, question) > 0).count();
    println!("{routed} of {} questions find a route", questions.len());
    let mut next = questions.iter().cycle();
    criterion.bench_function("decide/1M numbers, 10k addresses", |bencher| {
        bencher.iter(|| answered(&snapshot, &node, next.next().expect("a cycle has no end")));
    });
}

fn answered(snapshot: &Snapshot, node: &domain::NodeName, question: &(String, String, String)) -> usize {
    let (call, endpoint, to) = question;
    let request = Request {
        verb: Verb::Outbound,
        node,
        call,
        endpoint,
        source: None,
        to,
        from: "",
        cli: None,
        presentation: Presentation::Allowed,
        class: None,
        hops: None,
    };
    match black_box(decide(snapshot, black_box(&request), &mut NoTrace)).outcome {
        routing::Outcome::Dial { attempts, .. } => attempts.len(),
        _ => 0,
    }
}

criterion_group!(decisions, benches);
criterion_main!(decisions);
