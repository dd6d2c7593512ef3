//! Whole numbers, noted before they are shown.

use records::{Numbers, shown_of_question};
use store::Store;

use crate::{
    cli::{About, NumbersShown, Unmask},
    failure::Failure,
};

impl Unmask {
    pub(super) fn numbers(&self) -> Numbers {
        match self.numbers {
            NumbersShown::Masked => Numbers::Masked,
            NumbersShown::Whole => Numbers::Whole,
        }
    }

    /// Notes that whole numbers are about to be shown: of what, of how many calls where that is known, by whom and why.
    /// What cannot be noted is not shown.
    pub(super) async fn note(
        &self,
        store: &Store,
        command: &str,
        said: &[(&'static str, String)],
        calls: Option<usize>,
    ) -> Result<(), Failure> {
        let Some(reason) = self.reason.as_deref().filter(|_| self.numbers == NumbersShown::Whole) else {
            return Ok(());
        };
        let said = said.iter().map(|(name, text)| format!(" {name}={}", shown_of_question(name, text)));
        let subject = format!("{command}{}", said.collect::<Vec<_>>().concat());
        About::because(reason).sign(store).note_numbers_shown(&subject, calls, reason).await?;
        Ok(())
    }
}
