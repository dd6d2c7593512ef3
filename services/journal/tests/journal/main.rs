//! The journal from the outside: real files, a real full disk, real kills, and disks that fail on demand.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod backlog;
mod checkpoints;
mod common;
mod damage;
mod faults;
mod full_disk;
mod hostile;
mod kill;
mod power;
mod records;
mod retention;
