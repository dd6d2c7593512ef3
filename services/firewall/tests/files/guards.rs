//! What never gets out, and what is said instead.

use domain::{Network, ProviderId};
use firewall::{AddressSet, Entry, Floors, Format, Refused, RenderOptions, Rule, Who, render};

use super::sample::{entry, of_network, rich};

const FLOORS: Floors = Floors { v4: 8, v6: 16 };

fn refused(network: &str, floors: Floors) -> String {
    let entries = vec![entry(1, "192.0.2.1"), entry(7, network)];
    AddressSet::new(1, entries, floors).unwrap_err().to_string()
}

#[test]
fn nothing_is_never_written() {
    assert_eq!(AddressSet::new(1, Vec::new(), FLOORS), Err(Refused::Empty));
    let mut iax2 = entry(1, "192.0.2.1");
    iax2.protocol = "IAX2".parse().unwrap();
    let set = AddressSet::new(1, vec![iax2], FLOORS).unwrap();
    for format in [Format::Pjsip, Format::Kamailio, Format::Opensips] {
        assert_eq!(render(&set, format, &RenderOptions::default()), Err(Refused::EmptyFile(format)));
    }
}

#[test]
fn a_network_that_is_refused_is_named_by_row_field_and_rule() {
    assert_eq!(
        refused("64.0.0.0/15", Floors::default()),
        "provider_addresses 7, ipaddress: 64.0.0.0/15 is wider than /16"
    );
    assert_eq!(
        refused("2001:db8::/31", Floors::default()),
        "provider_addresses 7, ipaddress: 2001:db8::/31 is wider than /32"
    );
    for special in ["240.0.0.1", "250.0.0.0/24", "64:ff9b::c000:201", "100::1"] {
        assert!(refused(special, FLOORS).contains("is, or overlaps, the "), "{special}");
    }
    for fine in ["64.0.0.0/16", "10.0.0.0/16", "100.64.0.1", "169.254.7.7", "fe80::1", "2001:db8::/32"] {
        assert!(AddressSet::new(1, vec![entry(1, fine)], Floors::default()).is_ok(), "{fine}");
    }
}

#[test]
fn a_floor_of_nothing_still_keeps_everybody_out() {
    let none = Floors { v4: 0, v6: 0 };
    assert!(AddressSet::new(1, vec![entry(1, "128.0.0.0/2")], none).is_ok());
    for network in ["192.0.0.0/2", "8000::/1"] {
        if let Ok(network) = network.parse::<Network>() {
            let set = AddressSet::new(1, vec![of_network(1, network)], none);
            assert!(matches!(set, Err(Refused::Network { rule: Rule::Special(_), .. })), "{network}");
        }
    }
}

fn hosts(count: u8) -> Vec<Entry> {
    // Every second one, so that nothing is aggregated.
    (0..count).map(|host| entry(i64::from(host), &format!("192.0.2.{}", host * 2))).collect()
}

fn set(entries: Vec<Entry>) -> AddressSet {
    AddressSet::new(2, entries, FLOORS).unwrap()
}

#[test]
fn a_set_that_shrinks_by_a_third_is_refused() {
    let last = set(hosts(100));
    for (left, is_refused) in [(100, false), (70, false), (69, true), (1, true)] {
        let checked = set(hosts(left)).check_shrink(&last);
        assert_eq!(checked.is_err(), is_refused, "{left} of 100 are left: {checked:?}");
    }
    let few = set(hosts(21));
    assert!(set(hosts(2)).check_shrink(&few).is_ok(), "19 are not yet many");
    let error = set(hosts(1)).check_shrink(&few).unwrap_err();
    assert_eq!(
        error.to_string(),
        "20 of 21 networks of the last set are missing; --force writes it with the 1 there are"
    );
}

#[test]
fn what_lies_in_a_wider_network_is_not_missing_and_what_moved_is() {
    let last = set(hosts(100));
    assert!(set(vec![entry(1, "192.0.2.0/24")]).check_shrink(&last).is_ok());
    let moved = (0..100).map(|host| entry(host, &format!("198.51.100.{host}"))).collect();
    assert!(set(moved).check_shrink(&last).is_err(), "as many, but others");
}

#[test]
fn changes_are_named_with_whose_they_are() {
    let last = set(vec![entry(1, "192.0.2.1"), entry(2, "192.0.2.2")]);
    let now = set(vec![entry(2, "192.0.2.2"), entry(3, "2001:db8::3"), entry(4, "192.0.2.0")]);
    let changes = now.changes(&last);
    let shown =
        |entries: &[&Entry]| -> Vec<_> { entries.iter().map(|entry| entry.network.to_string()).collect() };
    assert_eq!(shown(&changes.added), ["192.0.2.0", "2001:db8::3"]);
    assert_eq!((shown(&changes.removed), changes.unchanged), (vec!["192.0.2.1".to_owned()], 1));
    let lines: Vec<_> = changes.lines().iter().map(|line| line.entry().network.to_string()).collect();
    assert_eq!(lines, ["192.0.2.0", "192.0.2.1", "2001:db8::3"]);
    assert!(now.changes(&now).is_empty());
}

#[test]
fn a_kept_set_reads_back_and_a_damaged_one_does_not() {
    let text = render(&rich(), Format::Json, &RenderOptions::default()).unwrap();
    assert_eq!(AddressSet::from_json(&text).unwrap(), rich());
    let other = text.replace("203.0.113.0/26", "203.0.112.0/26");
    assert_eq!(
        AddressSet::from_json(&other).unwrap_err().to_string(),
        "its entries do not match its checksum"
    );
    let forged = text.replace("\"IN/OUT\"", "\"IN\"");
    assert!(AddressSet::from_json(&forged).is_err());
    for cut in [0, 1, text.len() / 2, text.len() - 3] {
        assert!(AddressSet::from_json(&text[..cut]).is_err(), "{cut}");
    }
}

fn of_purpose(id: i64, network: &str, provider: i64, purpose: &str) -> Entry {
    let who = Who::Provider { id: ProviderId(provider), name: "Lab".into() };
    Entry { who, purpose: purpose.parse().unwrap(), ..entry(id, network) }
}

/// The port range of media is guarded as soon as it is known of every carrier where its media comes from.
#[test]
fn media_is_guarded_when_all_of_it_is_known() {
    let is_guarded = |entries: Vec<Entry>| {
        let text = render(&set(entries), Format::Nftables, &RenderOptions::default()).unwrap();
        text.contains("udp dport 10000-20000 goto media")
    };
    let signalling = of_purpose(1, "192.0.2.1", 1, "SIGNALLING");
    assert!(!is_guarded(vec![signalling.clone()]), "nobody said anything");
    let media = of_purpose(2, "192.0.2.2", 1, "MEDIA");
    assert!(is_guarded(vec![signalling.clone(), media.clone()]));
    let silent = of_purpose(3, "192.0.2.3", 2, "SIGNALLING");
    assert!(!is_guarded(vec![signalling, media.clone(), silent]), "the other carrier's audio would be cut");
    assert!(is_guarded(vec![media, of_purpose(3, "192.0.2.3", 2, "BOTH")]));
}
