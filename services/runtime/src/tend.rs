use std::{error::Error, time::Duration};

use tokio::time::sleep;
use tracing::warn;

use crate::chain;

const EVERY: Duration = Duration::from_hours(6);
const AGAIN: Duration = Duration::from_mins(5);

/// Does what has to be done now and then, such as making room for the coming months: every six hours, and five minutes
/// after a failure. For ever; to be dropped.
pub async fn tend<T, E: Error + 'static, F: Future<Output = Result<T, E>>>(
    chore: &'static str,
    work: impl Fn() -> F,
) {
    loop {
        let pause = match work().await {
            Ok(_) => EVERY,
            Err(error) => {
                warn!(chore, error = %chain(&error), "not done");
                AGAIN
            }
        };
        sleep(pause).await;
    }
}
