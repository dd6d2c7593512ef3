//! A node's packet filter: loaded without a packet lost, taken back, mended, and left alone when there is nobody to ask.

mod probe;
mod reloads;

use libtest_mimic::Trial;

pub(crate) fn trials() -> Vec<Trial> {
    reloads::trials()
}
