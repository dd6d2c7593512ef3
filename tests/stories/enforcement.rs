//! A node's packet filter: loaded without a packet lost, taken back, mended, and left alone when there is nobody to ask.

mod commands;
mod crossing;
mod probe;
mod reloads;
mod scene;
mod sources;

use libtest_mimic::Trial;

pub(crate) fn trials() -> Vec<Trial> {
    let told = [reloads::trials(), commands::trials(), sources::trials(), crossing::trials()];
    told.into_iter().flatten().collect()
}
