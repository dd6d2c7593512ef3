//! CPU that one HTTP answer costs, beside a bare axum handler that sends as many bytes: with a new connection for every
//! question, as Asterisk asks, and with connections kept.
//!
//! Each server runs in a process of its own (this program again), and its CPU time is read from the kernel, so what the
//! load costs does not count. Pairs alternate, and the ratio is the median of the pairs.

#![expect(clippy::unwrap_used, reason = "a measurement that cannot go on has failed")]

mod bare;
#[path = "../common/mod.rs"]
mod common;
mod load;

fn main() {
    let mut arguments = std::env::args().skip(1);
    match arguments.next().as_deref() {
        Some("ours") => common::ours(&arguments.next().unwrap(), router::serve),
        Some("bare") => bare::serve(&arguments.next().unwrap(), arguments.next().unwrap().parse().unwrap()),
        _ => measure(),
    }
}

fn measure() {
    let reply_bytes = load::reply_bytes(&common::server::Server::start("ours", &[]).address);
    println!("reply: {reply_bytes} bytes of body");
    for mode in [load::Mode::NewConnection, load::Mode::KeepAlive] {
        let load = |address: &str, questions| load::run(address, mode, questions);
        common::compare(&format!("{mode:?}"), "bare axum", &[reply_bytes.to_string()], load);
    }
}
