//! Exit codes: 0 done, 1 negative answer, 2 usage or configuration, 3 dependency unavailable, 4 refused by a guard; and 128
//! and its number where a signal ended what would have gone on.

use std::{fmt, process::ExitCode};

use activation::{DraftError, LoadError, Refusal};
use store::StoreError;

/// Everything asked for was done.
pub(crate) const DONE: ExitCode = ExitCode::SUCCESS;

/// Something this process depends on does not answer.
const UNAVAILABLE: u8 = 3;

/// The question was answered, and the answer is no.
pub(crate) fn negative() -> ExitCode {
    ExitCode::from(1)
}

/// Why a command could not do its work.
#[derive(Debug)]
pub(crate) struct Failure {
    code: u8,
    error: anyhow::Error,
}

impl Failure {
    /// The question was answered, and the answer is no.
    pub(crate) fn negative(error: impl Into<anyhow::Error>) -> Self {
        Self { code: 1, error: error.into() }
    }

    /// The command line, the configuration or the data given is wrong.
    pub(crate) fn usage(error: impl Into<anyhow::Error>) -> Self {
        Self { code: 2, error: error.into() }
    }

    /// Something this process depends on does not answer.
    pub(crate) fn unavailable(error: impl Into<anyhow::Error>) -> Self {
        Self { code: UNAVAILABLE, error: error.into() }
    }

    /// Whether something this process depends on did not answer.
    pub(crate) fn is_unavailable(&self) -> bool {
        self.code == UNAVAILABLE
    }

    /// A rule that protects what is there.
    pub(crate) fn refused(error: impl Into<anyhow::Error>) -> Self {
        Self { code: 4, error: error.into() }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        if error.is_unavailable() { Self::unavailable(error) } else { Self::usage(error) }
    }
}

impl From<firewall::Refused> for Failure {
    fn from(refused: firewall::Refused) -> Self {
        Self::refused(refused)
    }
}

impl From<nodes::NodesError> for Failure {
    fn from(error: nodes::NodesError) -> Self {
        Self::usage(error)
    }
}

impl From<LoadError> for Failure {
    fn from(error: LoadError) -> Self {
        match error {
            LoadError::Store(error) => error.into(),
            LoadError::TooSlow => Self::unavailable(error),
            _ => Self::usage(error),
        }
    }
}

impl From<DraftError> for Failure {
    fn from(error: DraftError) -> Self {
        match error {
            DraftError::Store(error) => error.into(),
            DraftError::TooSlow => Self::unavailable(error),
        }
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Load(error) => error.into(),
            Refusal::Draft(error) => error.into(),
            Refusal::Store(error) => error.into(),
            Refusal::Shrunk(_) | Refusal::OlderThanTables { .. } => Self::refused(refusal),
            _ => Self::negative(refusal),
        }
    }
}

/// The error with its causes, on one line.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        runtime::chain(self.error.as_ref()).fmt(f)
    }
}

/// Prints the error with its causes and gives the exit code.
pub(crate) fn report(failure: &Failure) -> ExitCode {
    eprintln!("dialplane: {failure}");
    ExitCode::from(failure.code)
}
