//! Work that takes a while, off the threads that answer questions.

use std::{future::pending, panic::resume_unwind};

/// Does the work on a thread of its own kind; a panic goes on here. The thread goes back to its pool as one that stands
/// back: whoever else uses that is in no more of a hurry.
pub(crate) async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let patiently = move || {
        runtime::stand_back();
        work()
    };
    match tokio::task::spawn_blocking(patiently).await.map_err(tokio::task::JoinError::try_into_panic) {
        Ok(done) => done,
        Err(Ok(panic)) => resume_unwind(panic),
        // The runtime is going down before the work began; nobody waits for it.
        Err(Err(_)) => pending().await,
    }
}
