//! A server under measurement, in a process of its own.

use std::{
    fs,
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU8, Ordering},
};

pub(crate) struct Server {
    process: Child,
    pub(crate) address: String,
}

impl Server {
    /// Every server gets a loopback address of its own, so that closed connections of one run never stand in the way
    /// of the next.
    pub(crate) fn start(kind: &str, arguments: &[String]) -> Self {
        static NEXT: AtomicU8 = AtomicU8::new(10);
        let address = format!("127.0.0.{}:18060", NEXT.fetch_add(1, Ordering::Relaxed));
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.arg(kind).arg(&address).args(arguments).stdout(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let mut ready = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut ready).unwrap();
        assert_eq!(ready, "ready\n");
        Self { process, address }
    }

    /// Time its threads have spent on a processor (`schedstat`: nanoseconds, far finer than clock ticks).
    pub(crate) fn cpu_microseconds(&self) -> f64 {
        let threads = fs::read_dir(format!("/proc/{}/task", self.process.id())).unwrap();
        let nanoseconds = threads.map(|thread| {
            let stat = fs::read_to_string(thread.unwrap().path().join("schedstat")).unwrap();
            stat.split(' ').next().unwrap().parse::<f64>().unwrap()
        });
        nanoseconds.sum::<f64>() / 1_000.0
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}
