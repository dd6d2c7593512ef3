use std::{error::Error, fmt};

/// Shows an error with all of its causes in one line. Each error type tells only its own part; this is the one place
/// that joins them, where the error is handled.
pub fn chain<'e>(error: &'e (dyn Error + 'static)) -> impl fmt::Display + 'e {
    fmt::from_fn(move |f| {
        write!(f, "{error}")?;
        let mut cause = error.source();
        while let Some(inner) = cause {
            write!(f, ": {inner}")?;
            cause = inner.source();
        }
        Ok(())
    })
}
