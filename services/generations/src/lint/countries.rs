use domain::Digits;
use routing::TableName;
use rustc_hash::FxHashSet;

use super::{Findings, Known, Rule};

static NESTED: Rule = Rule::warning("calling-code-nested", TableName::Country);

pub(super) fn check(known: &Known<'_>, findings: &mut Findings) {
    let codes: FxHashSet<Digits> = known.tables.countries.rows().map(|row| row.calling_code).collect();
    for row in known.tables.countries.rows() {
        let code = row.calling_code.as_str();
        let starts = (1..code.len()).filter_map(|length| code[..length].parse().ok());
        if let Some(start) = starts.into_iter().find(|start: &Digits| codes.contains(start)) {
            let message = format_args!(
                "has the calling code {code}, which starts with another country's, {start}: its numbers are taken \
                 for that country's where the shown number is chosen"
            );
            findings.add(&NESTED, row.id, message);
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::CountryId;
    use routing::tables::{Country, Tables};

    use crate::lint::tests::found;

    #[test]
    fn nested_calling_codes() {
        let country = |t: &mut Tables, calling_code: &str| {
            let (id, iso) = (CountryId(9), "CH".parse().unwrap());
            let calling_code = calling_code.parse().unwrap();
            t.countries.push(Country { id, iso, calling_code, ..t.countries[1].clone() });
        };
        assert_eq!(found(|t| country(t, "1242")), ["calling-code-nested 9"]);
        assert_eq!(found(|t| country(t, "4")), ["calling-code-nested 2"]);
        assert!(found(|t| country(t, "1")).is_empty() && found(|t| country(t, "41")).is_empty());
    }
}
