//! The addresses carriers use, as sets that firewalls and proxies load. Pure: tables in, text out.
//!
//! [`select`] takes from the tables what is valid at a moment; [`AddressSet::new`] refuses what must never be let through;
//! [`render`] writes the set for one program. Equal sets give equal bytes, whatever order their rows had: there is no time
//! in a file, only the number of the generation and the set's checksum.
//!
//! A file with rules only ever narrows: strangers are dropped at the guarded ports, and whoever is in the set goes on to the
//! rules that were there before. FreePBX is the exception, whose own rules are closed where ours do not open.

mod changes;
mod entry;
mod format;
mod guard;
mod json;
mod networks;
mod options;
mod render;
mod select;
mod set;

pub use changes::{Change, Changes};
pub use entry::{Entry, Origin, OriginField, OriginTable, Ports, Who};
pub use format::{Family, Format};
pub use guard::{Floors, Refused, Rule, check_loss};
pub use json::Damaged;
pub use networks::{Networks, Service};
pub use options::{Guarded, PortRange, RenderOptions, Rules, Wire};
pub use render::render;
pub use select::{NoSuchServer, Question, Selection, select};
pub use set::{AddressSet, Checksum};
