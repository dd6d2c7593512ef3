//! The stories.

use libtest_mimic::Trial;

mod databases;

pub(crate) fn all() -> Vec<Trial> {
    databases::trials()
}
