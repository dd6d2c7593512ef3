//! Carriers by their names.

use std::collections::BTreeMap;

use domain::shortened;
use store::{Store, StoreError};

use crate::{AskError, parameters::CARRIERS};

/// Most names that are proposed for one that is unknown.
const PROPOSED_MAX: usize = 5;

/// Why carriers cannot be found.
#[derive(Debug, thiserror::Error)]
pub enum CarriersError {
    #[error(transparent)]
    Ask(#[from] AskError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Whether a carrier is named otherwise than by its id: then [`carriers_by_id`] has something to do.
pub fn names_carrier(name: &str, text: &str) -> bool {
    CARRIERS.contains(&name) && !text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Puts ids in the place of carriers' names. The database is asked only if there are such.
pub async fn carriers_by_id<'p>(
    store: &Store,
    said: impl Iterator<Item = (&'p str, &'p mut String)> + Send,
) -> Result<(), CarriersError> {
    let named: Vec<_> = said.filter(|(name, text)| names_carrier(name, text)).collect();
    if named.is_empty() {
        return Ok(());
    }
    let carriers = store.carriers().await?;
    for (name, text) in named {
        *text = find(&carriers, name, text)?.to_string();
    }
    Ok(())
}

/// A carrier by its name, or by one that only differs in small and capital letters if no other does.
fn find(carriers: &BTreeMap<i64, String>, parameter: &str, wanted: &str) -> Result<i64, AskError> {
    let exact = carriers.iter().find(|(_, name)| *name == wanted);
    let mut alike = carriers.iter().filter(|(_, name)| name.to_lowercase() == wanted.to_lowercase());
    let only = alike.next().filter(|_| alike.next().is_none());
    exact.or(only).map(|(id, _)| *id).ok_or_else(|| unknown(carriers, parameter, wanted))
}

fn unknown(carriers: &BTreeMap<i64, String>, parameter: &str, wanted: &str) -> AskError {
    let shown = shortened(wanted);
    let likeness = |name: &str| strsim::jaro_winkler(&shown.to_lowercase(), &name.to_lowercase());
    let mut known: Vec<_> = carriers.values().map(|name| (likeness(name), name.clone())).collect();
    known.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    AskError {
        parameter: parameter.to_owned(),
        reason: format!("there is no carrier `{shown}`"),
        allowed: known.into_iter().take(PROPOSED_MAX).map(|(_, name)| name).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn carriers_are_found_by_name() {
        let names = [(1, "westcall"), (2, "Voxbeam"), (3, "twin"), (4, "TWIN")];
        let carriers = names.map(|(id, name)| (id, name.to_owned())).into();
        let of = |wanted| find(&carriers, "provider", wanted);
        assert_eq!((of("westcall"), of("voxbeam"), of("TWIN")), (Ok(1), Ok(2), Ok(4)));
        let error = of("Twin").unwrap_err();
        assert_eq!((error.parameter.as_str(), error.allowed.len()), ("provider", 4));
        assert_eq!(of("westcal").unwrap_err().allowed[0], "westcall");
        assert!(names_carrier("provider_in", "westcall") && !names_carrier("provider", "12"));
        assert!(!names_carrier("node", "westcall"));
    }
}
