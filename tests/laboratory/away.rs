//! A database that can be made unable to work, and able again.

use std::{
    io::{BufRead, BufReader, Write},
    process::{Child, Stdio},
};

use crate::{
    databases::sqlite,
    servers::{Server, sqlite3_on},
};

/// What becomes of the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Its server ends.
    Stopped,
    /// Its server keeps all connections open and does nothing.
    Hung,
}

/// A database of somebody's own.
#[derive(Debug)]
pub enum Frail {
    Server(Server, Fault),
    /// A file; somebody else writes to it and does not come to an end.
    File(String, Option<Locker>),
}

/// Begins one; the URL of an empty database in it, and what takes it away.
pub type Begin = fn() -> (String, Frail);

impl Frail {
    pub fn postgres(fault: Fault) -> (String, Self) {
        Self::of(Server::postgres(), fault)
    }

    pub fn mariadb(fault: Fault) -> (String, Self) {
        Self::of(Server::mariadb(), fault)
    }

    pub fn sqlite() -> (String, Self) {
        let url = sqlite();
        (url.clone(), Self::File(url, None))
    }

    fn of(server: Server, fault: Fault) -> (String, Self) {
        (server.fresh(), Self::Server(server, fault))
    }

    pub fn take_away(&mut self) {
        match self {
            Self::Server(server, Fault::Stopped) => server.stop(),
            Self::Server(server, Fault::Hung) => server.hang(),
            Self::File(url, locker) => *locker = Some(Locker::of(url)),
        }
    }

    pub fn bring_back(&mut self) {
        match self {
            Self::Server(server, Fault::Stopped) => server.start_again(),
            Self::Server(server, Fault::Hung) => server.go_on(),
            Self::File(_, locker) => *locker = None,
        }
    }
}

/// A person who began to write to an embedded database and went away; comes back when this value ends.
#[derive(Debug)]
pub struct Locker(Child);

impl Locker {
    fn of(url: &str) -> Self {
        let file = url.strip_prefix("sqlite://").expect("a file");
        let mut child = sqlite3_on(file).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        child.stdin.as_mut().unwrap().write_all(b"BEGIN IMMEDIATE;\nSELECT 'locked';\n").unwrap();
        let mut lines = BufReader::new(child.stdout.as_mut().unwrap()).lines();
        assert_eq!(lines.next().unwrap().unwrap(), "locked");
        Self(child)
    }
}

impl Drop for Locker {
    fn drop(&mut self) {
        // Already ended is as good as killed.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
