//! The table `address` of OpenSIPS's module permissions, as a file of `db_text`: columns first, then a row on each line. It
//! knows no comments, so the generation stands beside whose the network is, in `context_info`.

use std::fmt::Write;

use super::kamailio::{Row, rows};
use crate::{AddressSet, Format, Refused};

const COLUMNS: &str = "id(int,auto) grp(int) ip(string) mask(int) port(int) proto(string) pattern(string,null) \
    context_info(string,null)";

pub(super) fn render(set: &AddressSet) -> Result<String, Refused> {
    let rows = rows(set);
    if rows.is_empty() {
        return Err(Refused::EmptyFile(Format::Opensips));
    }
    let generation = set.generation();
    let mut text = format!("{COLUMNS}\n");
    for (id, Row { group, net, who }) in (1..).zip(rows) {
        // Colons part the fields.
        let (address, bits) = (net.addr().to_string().replace(':', "\\:"), net.prefix_len());
        // Writing into a String does not fail.
        let _ = writeln!(text, "{id}:{group}:{address}:{bits}:0:any::{who} generation-{generation}");
    }
    Ok(text)
}
