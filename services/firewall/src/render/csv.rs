//! CSV (RFC 4180): one entry on each line, as the tables have them. There are no comments, so the generation is a column.

use std::fmt::{Display, Write};

use super::text::legible;
use crate::{AddressSet, Entry};

const HEADER: &str = "network,purpose,direction,protocol,transport,ports,who,name,endpoint,comment,valid_from_us,valid_to_us,\
    table,row,field,generation\r\n";

pub(super) fn render(set: &AddressSet) -> String {
    let mut text = String::from(HEADER);
    for entry in set.entries() {
        push(&mut text, entry);
        // Writing into a String does not fail.
        let _ = write!(text, "{}\r\n", set.generation());
    }
    text
}

/// Names and comments are shown without what a spreadsheet would compute; all else is numbers and words without commas.
fn push(text: &mut String, entry: &Entry) {
    let Entry { network, who, purpose, direction, protocol, transport, origin, .. } = entry;
    let _ = write!(text, "{network},{purpose},{direction},{protocol},");
    push_if(text, transport.as_ref());
    push_if(text, entry.ports.as_ref());
    let _ = write!(text, "{who},{},", legible(who.name()));
    push_if(text, entry.endpoint.as_ref());
    push_if(text, entry.comment.as_deref().map(legible).as_ref());
    push_if(text, entry.valid_from_us.as_ref());
    push_if(text, entry.valid_to_us.as_ref());
    let _ = write!(text, "{},{},{},", origin.table.as_str(), origin.id, origin.field.as_str());
}

fn push_if(text: &mut String, value: Option<&impl Display>) {
    if let Some(value) = value {
        let _ = write!(text, "{value}");
    }
    text.push(',');
}
