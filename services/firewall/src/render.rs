//! One module for each format.

mod address_list;
mod aws;
mod csv;
mod fail2ban;
mod freepbx;
mod ipset;
mod iptables;
mod kamailio;
mod mikrotik;
mod nftables;
mod opensips;
mod pf;
mod pjsip;
mod plain;
mod terraform;
mod text;

use crate::{AddressSet, Format, Refused, RenderOptions};

/// The file for one program: equal sets of one generation and equal options give equal bytes. Refused where the set has
/// nothing the format could hold.
pub fn render(set: &AddressSet, format: Format, options: &RenderOptions) -> Result<String, Refused> {
    match format {
        Format::Nftables => Ok(nftables::render(set, options)),
        Format::Ipset => Ok(ipset::render(set, options)),
        Format::Iptables => Ok(iptables::render(set, options)),
        Format::Pf => Ok(pf::render(set, options)),
        Format::Mikrotik => Ok(mikrotik::render(set, options)),
        Format::Freepbx => Ok(freepbx::render(set, options)),
        Format::Pjsip => pjsip::render(set, options),
        Format::Kamailio => kamailio::render(set),
        Format::Opensips => opensips::render(set),
        Format::Fail2ban => Ok(fail2ban::render(set)),
        Format::Aws => Ok(aws::render(set)),
        Format::Terraform => Ok(terraform::render(set)),
        Format::Json => Ok(set.to_json()),
        Format::Csv => Ok(csv::render(set)),
        Format::Plain => Ok(plain::render(set)),
    }
}
