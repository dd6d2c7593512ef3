//! What routers decide stands in rows, joined to the calls that came of it: every decision once, whatever becomes of the
//! database and the router, and whether or not anything was dialled.

mod real;
mod survival;

use libtest_mimic::Trial;

pub(crate) fn trials() -> Vec<Trial> {
    real::trials().into_iter().chain(survival::trials()).collect()
}
