//! Time zones, moments and stretches of time as people write them. Inside, as everywhere, times are microseconds of UTC.
//!
//! Whatever asks for a time asks by these: lists and exports of calls, ratios, decisions, holds. So one text means the same
//! moment everywhere, and an end that is left open is closed in one place.

mod moment;
mod range;
mod zone;

pub use moment::{duration_us, instant_or_ago};
pub use range::{Cap, RANGE_MAX_DAYS, Range};
pub use zone::{NoSuchZone, Zone, date};
