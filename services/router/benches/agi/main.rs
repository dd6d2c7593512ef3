//! CPU that one FastAGI session costs, beside a bare tokio server that has the same exchange: as many commands of as
//! many bytes, each waiting for its reply, a new connection for every session.
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
        Some("ours") => common::ours(&arguments.next().unwrap(), router::serve_agi),
        Some("bare") => {
            let address = arguments.next().unwrap();
            bare::serve(&address, arguments.map(|bytes| bytes.parse().unwrap()));
        }
        _ => measure(),
    }
}

fn measure() {
    let commands = load::ask(&common::server::Server::start("ours", &[]).address);
    println!("commands: {commands:?} bytes");
    let arguments: Vec<_> = commands.iter().map(ToString::to_string).collect();
    common::compare("Session", "bare tokio", &arguments, load::run);
}
