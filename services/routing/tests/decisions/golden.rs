//! Every provider × number form × class × driver, against a file. `GOLDEN=write` writes the file anew.

use std::{fmt::Write, fs, path::Path};

use crate::common::article;
use domain::{Class, Prefix, SipDriver};
use routing::{listing, tables::Tables};

/// One Moscow number in four spellings, one in London, one reserved in Washington.
const FORMS: &[&str] =
    &["74957777777", "+7 (495) 777-77-77", "84957777777", "4957777777", "810442038070121", "+12025550143"];

fn rendered(tables: &Tables) -> String {
    let rules = tables.countries.iter().find(|country| country.iso.to_string() == "RU").unwrap().dial_rules();
    let mut lines = String::new();
    for form in FORMS {
        let number = rules.normalise(form).unwrap();
        for class in Class::ALL {
            for driver in SipDriver::ALL {
                for row in listing(tables).iter().filter(|row| row.address.direction.allows_out()) {
                    let string = row.dial_string(number, *class, *driver);
                    let string = string.as_deref().unwrap_or("-");
                    let name = &row.provider.providername;
                    writeln!(lines, "{form:<20} {class:<8} {driver:<6} {name:<10} {string}").unwrap();
                }
            }
        }
    }
    lines
}

#[test]
fn dial_strings_are_those_of_the_file() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/decisions/dial_strings.txt");
    let rendered = rendered(&article());
    if std::env::var_os("GOLDEN").is_some_and(|value| value == "write") {
        fs::write(&path, &rendered).unwrap();
    }
    assert!(rendered.lines().count() >= 200);
    assert_eq!(fs::read_to_string(&path).unwrap(), rendered);
}

#[test]
fn the_articles_five_among_exactly_six() {
    let tables = article();
    let number = "74957777777".parse().unwrap();
    let mut strings: Vec<_> = listing(&tables)
        .iter()
        .filter_map(|row| row.dial_string(number, Class::Cli, SipDriver::ChanSip))
        .collect();
    strings.sort();
    assert_eq!(
        strings,
        [
            "SIP/209.124.34.104/74957777777",
            "SIP/sbc.voxbeam.com/001110174957777777",
            "SIP/sip.n1.ipport.net/+74957777777",
            "SIP/sip.voicebuy.com/999274957777777",
            "SIP/sip.zadarma.com/74957777777",
            "SIP/westcall/74957777777",
        ]
    );
    assert!("7495".parse::<Prefix>().unwrap().matches(number));
}
