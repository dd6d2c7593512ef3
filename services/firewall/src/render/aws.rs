//! A CloudFormation template of managed prefix lists: `aws cloudformation deploy --template-file FILE --stack-name …`. That
//! makes them where there are none, brings those that are there to what the file says, and goes back when it cannot; the
//! calls of EC2 itself make another list each time, and know only how to add and to remove.

use ipnet::IpNet;
use serde_json::{Map, Value, json};

use crate::{AddressSet, Networks, Service};

/// Most entries a list may have.
const LIST_ENTRIES_MAX: usize = 1000;
/// Fewest places a list is made with. The places of a list count as so many rules in every security group that names it, so
/// they grow by doubling, not with each address.
const LIST_PLACES_MIN: usize = 16;

pub(super) fn render(set: &AddressSet) -> String {
    let mut resources = Map::new();
    let mut outputs = Map::new();
    for service in Service::ALL {
        let Networks { v4, v6 } = set.networks_of(service);
        let v4: Vec<_> = v4.into_iter().map(IpNet::V4).collect();
        let v6: Vec<_> = v6.into_iter().map(IpNet::V6).collect();
        for (family, networks) in [("IPv4", v4), ("IPv6", v6)] {
            for (at, part) in networks.chunks(LIST_ENTRIES_MAX).enumerate() {
                let id = logical_id(service, family, at);
                resources.insert(id.clone(), list(&id, family, part));
                outputs.insert(id.clone(), json!({ "Value": { "Ref": id } }));
            }
        }
    }
    let template = json!({
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": set.label(),
        "Resources": resources,
        "Outputs": outputs,
    });
    format!("{template:#}\n")
}

/// Letters and digits only.
fn logical_id(service: Service, family: &str, at: usize) -> String {
    let (initial, rest) = service.as_str().split_at(1);
    format!("Dialplane{}{rest}{family}Part{}", initial.to_ascii_uppercase(), at + 1)
}

fn list(id: &str, family: &str, networks: &[IpNet]) -> Value {
    let entries: Vec<_> = networks.iter().map(|net| json!({ "Cidr": net.to_string() })).collect();
    let places = networks.len().next_power_of_two().clamp(LIST_PLACES_MIN, LIST_ENTRIES_MAX);
    json!({
        "Type": "AWS::EC2::PrefixList",
        "Properties": {
            "PrefixListName": id,
            "AddressFamily": family,
            "MaxEntries": places,
            "Entries": entries,
        },
    })
}
