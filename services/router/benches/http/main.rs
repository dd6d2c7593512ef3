//! CPU that one HTTP answer costs, beside a bare axum handler that sends as many bytes: with a new connection for every
//! question, as Asterisk asks, and with connections kept.
//!
//! Each server runs in a process of its own (this program again), and its CPU time is read from the kernel, so what the
//! load costs does not count. Pairs alternate, and the ratio is the median of the pairs.

#![expect(clippy::unwrap_used, reason = "a measurement that cannot go on has failed")]

mod bare;
mod load;
mod ours;
mod server;

use server::Server;

const PAIRS: usize = 7;
const QUESTIONS: usize = 12_000;

fn main() {
    let mut arguments = std::env::args().skip(1);
    match arguments.next().as_deref() {
        Some("ours") => ours::serve(&arguments.next().unwrap()),
        Some("bare") => bare::serve(&arguments.next().unwrap(), arguments.next().unwrap().parse().unwrap()),
        _ => measure(),
    }
}

fn measure() {
    let reply_bytes = load::reply_bytes(&Server::start("ours", &[]).address);
    println!("reply: {reply_bytes} bytes of body; {QUESTIONS} questions a run, {PAIRS} alternating pairs");
    for mode in [load::Mode::NewConnection, load::Mode::KeepAlive] {
        let mut ratios = Vec::new();
        let (mut ours, mut bare) = (Vec::new(), Vec::new());
        for _ in 0..PAIRS {
            let a = microseconds_per_question("ours", &[], mode);
            let b = microseconds_per_question("bare", &[reply_bytes.to_string()], mode);
            ratios.push(a / b);
            ours.push(a);
            bare.push(b);
        }
        println!(
            "{mode:?}: ours {:.1} us, bare axum {:.1} us, ratio {:.2} (median of {PAIRS} pairs, {:.2} to {:.2})",
            median(&mut ours),
            median(&mut bare),
            median(&mut ratios),
            ratios[0],
            ratios[PAIRS - 1],
        );
    }
}

fn microseconds_per_question(kind: &str, arguments: &[String], mode: load::Mode) -> f64 {
    let server = Server::start(kind, arguments);
    load::run(&server.address, mode, QUESTIONS / 10);
    let before = server.cpu_microseconds();
    load::run(&server.address, mode, QUESTIONS);
    (server.cpu_microseconds() - before) / f64::from(u32::try_from(QUESTIONS).unwrap())
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
