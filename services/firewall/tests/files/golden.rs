//! The files of the published example, as they were once looked at by a person.

use std::{env, fs, path::Path};

use firewall::{AddressSet, Family, Floors, Format, Question, RenderOptions, Rules, render};

use super::sample::{article, rich, selected};

/// Compares with a file; `DIALPLANE_GOLDEN=write` writes it instead.
fn compare(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if env::var_os("DIALPLANE_GOLDEN").is_some_and(|wish| wish == "write") {
        fs::write(&path, text).unwrap();
    }
    let golden = fs::read_to_string(&path).unwrap();
    assert!(golden == text, "{name} is not as it was:\n{text}");
}

fn phones() -> RenderOptions {
    RenderOptions { also_allow: vec!["192.0.2.0/25".parse().unwrap()], ..RenderOptions::default() }
}

#[test]
fn the_example_in_every_format() {
    let set = AddressSet::new(7, selected(article(), &Question::default()), Floors::default()).unwrap();
    for format in Format::ALL {
        compare(&format!("article.{format}"), &render(&set, format, &RenderOptions::default()).unwrap());
    }
}

#[test]
fn every_kind_of_address_in_every_format() {
    for format in Format::ALL {
        compare(&format!("rich.{format}"), &render(&rich(), format, &phones()).unwrap());
    }
    for format in [Format::Iptables, Format::Freepbx] {
        let options = RenderOptions { family: Family::V6, ..phones() };
        compare(&format!("rich.{format}6"), &render(&rich(), format, &options).unwrap());
    }
    for format in [Format::Nftables, Format::Pf, Format::Pjsip] {
        let options = RenderOptions { rules: Rules::SetsOnly, ..phones() };
        compare(&format!("rich-sets.{format}"), &render(&rich(), format, &options).unwrap());
    }
}
