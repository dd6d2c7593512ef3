//! `decide` at the size of a large operator.

use std::{hint::black_box, net::IpAddr};

use criterion::{Criterion, criterion_group, criterion_main};
use domain::{NodeName, Presentation};
use routing::{Generation, NoTrace, Request, Snapshot, Verb, decide};

mod operator;

use operator::{parsed, scattered};

const QUESTIONS: i64 = 4096;

/// What a question holds that changes from one to the next.
struct Question {
    verb: Verb,
    call: String,
    endpoint: String,
    source: Option<IpAddr>,
    to: String,
    from: String,
}

/// A phone calls any number there is.
fn outbound(call: i64) -> Question {
    Question {
        verb: Verb::Outbound,
        call: call.to_string(),
        endpoint: format!("phone-{}", scattered(call) % 10_000),
        source: None,
        to: format!("+{}", 10_000_000_000 + scattered(call + 7) % 80_000_000_000),
        from: String::new(),
    }
}

/// A carrier calls a number of its own from one of its addresses; one caller in two is known.
fn inbound(call: i64) -> Question {
    let number = operator::answered(i64::try_from(scattered(call) % 1_000_000).unwrap_or(0));
    let provider = number % operator::PROVIDERS;
    let address = provider * operator::ADDRESSES_EACH + 1;
    let from = if call % 2 == 0 { operator::caller(call).to_string() } else { "anonymous".into() };
    Question {
        verb: Verb::Inbound,
        call: call.to_string(),
        endpoint: format!("sbc-{address}"),
        source: Some(operator::source(address)),
        to: operator::leased(number).to_string(),
        from,
    }
}

fn benches(criterion: &mut Criterion) {
    let snapshot =
        Snapshot::compile(operator::tables().into(), Generation::number(1)).expect("the tables fit together");
    let node = parsed("node-1");
    for (name, question) in [("outbound", outbound as fn(i64) -> Question), ("inbound", inbound)] {
        let questions: Vec<_> = (0..QUESTIONS).map(question).collect();
        let answered = questions.iter().filter(|question| attempts(&snapshot, &node, question) > 0).count();
        println!("{answered} of {QUESTIONS} {name} questions find somebody to dial");
        let mut next = questions.iter().cycle();
        criterion.bench_function(&format!("decide/{name}, 1M numbers, 10k addresses"), |bencher| {
            bencher.iter(|| attempts(&snapshot, &node, next.next().expect("a cycle has no end")));
        });
    }
}

fn attempts(snapshot: &Snapshot, node: &NodeName, question: &Question) -> usize {
    let request = Request {
        verb: question.verb,
        node,
        call: &question.call,
        endpoint: &question.endpoint,
        source: question.source,
        to: &question.to,
        from: &question.from,
        cli: None,
        presentation: Presentation::Allowed,
        class: None,
        hops: None,
        asked_us: Some(1_795_291_200_000_000),
    };
    match black_box(decide(snapshot, black_box(&request), &mut NoTrace)).outcome {
        routing::Outcome::Dial { attempts, .. } => attempts.len(),
        _ => 0,
    }
}

criterion_group!(decisions, benches);
criterion_main!(decisions);
