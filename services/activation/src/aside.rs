//! Work that takes a while, off the threads that answer questions.

use std::{future::pending, panic::resume_unwind};

/// How far such work stands back where processors are scarce, in the kernel's steps of 0 to 19.
const NICE: i32 = 10;

/// Does the work on a thread of its own kind; a panic goes on here.
pub(crate) async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let patiently = move || {
        stand_back();
        work()
    };
    match tokio::task::spawn_blocking(patiently).await.map_err(tokio::task::JoinError::try_into_panic) {
        Ok(done) => done,
        Err(Ok(panic)) => resume_unwind(panic),
        // The runtime is going down before the work began; nobody waits for it.
        Err(Err(_)) => pending().await,
    }
}

/// Lets threads that answer go first. The kernel keeps this per thread, and threads started from here inherit it. The
/// thread goes back to its pool with it: whoever else uses that, such as who reads a journal, stands back from then on
/// too, and is in no more of a hurry.
fn stand_back() {
    // Where it is forbidden, the work competes as an equal.
    let _ = rustix::process::setpriority_process(None, NICE);
}
