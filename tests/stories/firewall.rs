//! What is exported for firewalls, loaded into the programs it is for, and asked for over HTTP.

mod http;
mod pjsip;
mod tools;

use laboratory::{fleet::Fleet, sqlite};
use libtest_mimic::Trial;

pub(crate) fn trials() -> Vec<Trial> {
    let stories: [(&str, fn()); 10] = [
        ("firewall::pjsip_of_a_real_asterisk", pjsip::story),
        ("firewall::over_http", http::story),
        ("firewall::nftables", tools::nftables),
        ("firewall::nftables_sets_only", tools::sets_only),
        ("firewall::ipset", tools::ipset),
        ("firewall::iptables", tools::iptables),
        ("firewall::ip6tables", tools::ip6tables),
        ("firewall::freepbx", tools::freepbx),
        ("firewall::fail2ban", tools::fail2ban),
        ("firewall::kamailio", tools::kamailio),
    ];
    let told = stories.into_iter().map(|(name, story)| {
        Trial::test(name, move || {
            story();
            Ok(())
        })
    });
    told.collect()
}

/// More carriers than the example's: over IPv6, in networks, and one whose name says too much.
const CARRIERS: &str = r#"
[[providers]]
id = 99
providername = "x\n}\n[evil]\ntype=endpoint ; # \" $(reboot)"
currency_id = 96
cli_allowed = false
dynamic_calls = false
append_plus = false
sells_outgoing = false

[[provider_addresses]]
id = 901
provider_id = 99
domainname = "203.0.113.0/25"
endpoint = "lab"
direction = "IN"
proto = "SIP"
comment = "a\n1 0.0.0.0 0 0 x"

[[provider_addresses]]
id = 902
provider_id = 99
domainname = "2001:db8:53::/64"
endpoint = "lab"
direction = "IN"
proto = "SIP"

[[provider_addresses]]
id = 903
provider_id = 99
domainname = "203.0.113.200"
endpoint = "lab"
direction = "IN"
proto = "IAX2"
"#;

/// An installation with the example and these.
fn installation() -> Fleet {
    let fleet = Fleet::on(&sqlite());
    fleet.must(&["migrate"]);
    fleet.must(&["example", "load"]);
    let said = fleet.import(CARRIERS);
    assert_eq!(said.code, 0, "{said:?}");
    fleet
}

fn export(fleet: &Fleet, format: &str, more: &[&str]) -> String {
    fleet.must(&[&["firewall", "export", "--format", format], more].concat())
}
