//! Stored calls on their way into exports.

use exports::Recorded;
use store::StoredCall;

/// A stored call as exports take it.
pub fn recorded(call: StoredCall) -> Recorded {
    let StoredCall { record, provider_in, provider_out, country, outcome, facts, .. } = call;
    Recorded { record, provider_in, provider_out, country, outcome, facts }
}
