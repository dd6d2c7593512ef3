//! What each file means by the grammar of the program that reads it, names and checksums aside. Where the program itself can
//! be had, stories load the files into it; these readers follow the manuals and sources of the others.

mod configuration;
mod data;
mod rules;

use std::net::IpAddr;

use firewall::{Format, RenderOptions, render};
use ipnet::IpNet;

use super::sample::rich;

/// Statements as words. Panics where the program would refuse the file.
pub(crate) fn read(format: Format, text: &str) -> Vec<Vec<String>> {
    match format {
        Format::Nftables => rules::nftables(text),
        Format::Ipset => rules::ipset(text),
        Format::Iptables => rules::iptables(text),
        Format::Pf => rules::pf(text),
        Format::Mikrotik => rules::mikrotik(text),
        Format::Freepbx => rules::freepbx(text),
        Format::Pjsip => configuration::pjsip(text),
        Format::Kamailio => configuration::kamailio(text),
        Format::Opensips => configuration::opensips(text),
        Format::Fail2ban => configuration::fail2ban(text),
        Format::Aws => data::aws(text),
        Format::Terraform => data::terraform(text),
        Format::Json => data::json(text),
        Format::Csv => data::csv(text),
        Format::Plain => data::plain(text),
    }
}

#[test]
fn every_file_is_what_its_program_reads() {
    for format in Format::ALL {
        let text = render(&rich(), format, &RenderOptions::default()).unwrap();
        let statements = read(format, &text);
        let says = |address: &str| statements.iter().flatten().any(|word| word.contains(address));
        assert!(says("195.94.225.2"), "{format}: {statements:?}");
        assert_eq!(says("2001:db8:53::"), !format.is_of_one_family(), "{format}: {statements:?}");
        // What is only media is no business of a proxy's.
        let is_of_sip = matches!(format, Format::Pjsip | Format::Kamailio | Format::Opensips);
        let is_of_v4 = format.is_of_one_family();
        assert_eq!(says("2001:db8:54::8"), !is_of_sip && !is_of_v4, "{format}: {statements:?}");
    }
}

fn words(line: &str) -> Vec<String> {
    line.split_whitespace().map(str::to_owned).collect()
}

fn network(text: &str) -> String {
    let net = text.parse::<IpNet>().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
    let net = net.unwrap_or_else(|_| panic!("no network: {text:?}"));
    assert_eq!(net, net.trunc(), "host bits");
    text.to_owned()
}
