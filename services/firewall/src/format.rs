use std::{fmt, str::FromStr};

use domain::Invalid;

/// A program, and the file it loads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    Nftables,
    Ipset,
    Iptables,
    Pf,
    Mikrotik,
    Freepbx,
    Pjsip,
    Kamailio,
    Opensips,
    Fail2ban,
    Aws,
    Terraform,
    Json,
    Csv,
    Plain,
}

impl Format {
    pub const ALL: [Self; 15] = [
        Self::Nftables,
        Self::Ipset,
        Self::Iptables,
        Self::Pf,
        Self::Mikrotik,
        Self::Freepbx,
        Self::Pjsip,
        Self::Kamailio,
        Self::Opensips,
        Self::Fail2ban,
        Self::Aws,
        Self::Terraform,
        Self::Json,
        Self::Csv,
        Self::Plain,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Nftables => "nftables",
            Self::Ipset => "ipset",
            Self::Iptables => "iptables",
            Self::Pf => "pf",
            Self::Mikrotik => "mikrotik",
            Self::Freepbx => "freepbx",
            Self::Pjsip => "pjsip",
            Self::Kamailio => "kamailio",
            Self::Opensips => "opensips",
            Self::Fail2ban => "fail2ban",
            Self::Aws => "aws",
            Self::Terraform => "terraform",
            Self::Json => "json",
            Self::Csv => "csv",
            Self::Plain => "plain",
        }
    }

    /// What a server says the file is (RFC 9110 §8.3).
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Aws | Self::Terraform | Self::Json => "application/json",
            Self::Csv => "text/csv; charset=utf-8",
            _ => "text/plain; charset=utf-8",
        }
    }

    /// Whether a file holds one family of addresses only, since the program has one tool for each.
    pub const fn is_of_one_family(self) -> bool {
        matches!(self, Self::Iptables | Self::Freepbx)
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Format {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        const RULE: &str = "nftables, ipset, iptables, pf, mikrotik, freepbx, pjsip, kamailio, opensips, fail2ban, aws, \
            terraform, json, csv or plain";
        let found = Self::ALL.into_iter().find(|format| format.as_str() == text);
        found.ok_or_else(|| Invalid::new("a format", RULE, text))
    }
}

/// Which addresses a file holds whose program has one tool for each family.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Family {
    #[default]
    V4,
    V6,
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::V4 => "4",
            Self::V6 => "6",
        })
    }
}

impl FromStr for Family {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        match text {
            "4" => Ok(Self::V4),
            "6" => Ok(Self::V6),
            _ => Err(Invalid::new("a family", "4 or 6", text)),
        }
    }
}
