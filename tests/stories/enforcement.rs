//! A node's packet filter: loaded without a packet lost, taken back, mended, and left alone when there is nobody to ask.

mod commands;
mod probe;
mod reloads;
mod scene;

use libtest_mimic::Trial;

pub(crate) fn trials() -> Vec<Trial> {
    reloads::trials().into_iter().chain(commands::trials()).collect()
}
