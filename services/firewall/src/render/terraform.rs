//! Local values for Terraform and OpenTofu, `dialplane.tf.json` beside the files of a module: lists of networks for whatever
//! resource wants them.

use serde_json::{Map, Value, json};

use crate::{AddressSet, Networks, Service};

pub(super) fn render(set: &AddressSet) -> String {
    let services: Map<_, _> = Service::ALL
        .into_iter()
        .map(|service| (service.as_str().to_owned(), lists(&set.networks_of(service))))
        .collect();
    let file = json!({
        "//": set.label(),
        "locals": {
            "dialplane_generation": set.generation(),
            "dialplane_networks": lists(&set.networks()),
            "dialplane_services": services,
        },
    });
    format!("{file:#}\n")
}

fn lists(networks: &Networks) -> Value {
    let v4: Vec<_> = networks.v4.iter().map(ToString::to_string).collect();
    let v6: Vec<_> = networks.v6.iter().map(ToString::to_string).collect();
    json!({ "ipv4": v4, "ipv6": v6 })
}
