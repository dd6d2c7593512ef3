use std::{fmt, str::FromStr};

use crate::{
    Invalid,
    text::{text_form, words},
};

words! {
    /// The tariff class of a call: whether the carrier guarantees that the caller's number arrives.
    Class, "a class", "cli, noncli or premium", {
        NonCli = "noncli",
        Cli = "cli",
        Premium = "premium",
    }
}

words! {
    /// Whether the called party may see the caller's number (RFC 3323, Q.931 §4.5.10).
    Presentation, "a presentation", "allowed or prohib", {
        Allowed = "allowed",
        Prohibited = "prohib",
    }
}

impl Presentation {
    /// Reads Asterisk's `CALLERID(pres)` words too: everything that is not plainly allowed is withheld.
    /// An empty text means the phone said nothing, which is allowed.
    pub fn from_asterisk(text: &str) -> Self {
        if text.is_empty() || text.starts_with("allowed") { Self::Allowed } else { Self::Prohibited }
    }
}

words! {
    /// The value of `DIALSTATUS` after Asterisk's Dial application.
    DialStatus, "a dial status", "one of Asterisk's DIALSTATUS words", {
        Answer = "ANSWER",
        Busy = "BUSY",
        NoAnswer = "NOANSWER",
        Cancel = "CANCEL",
        Congestion = "CONGESTION",
        ChanUnavail = "CHANUNAVAIL",
        DontCall = "DONTCALL",
        Torture = "TORTURE",
        InvalidArgs = "INVALIDARGS",
    }
}

macro_rules! code {
    ($(#[$doc:meta])* $name:ident, $what:literal, $rule:literal, $min:literal ..= $max:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(u16);

        impl $name {
            /// The code, if it lies in the legal range.
            pub const fn new(code: u16) -> Option<Self> {
                let range: std::ops::RangeInclusive<u16> = $min..=$max;
                if *range.start() <= code && code <= *range.end() { Some(Self(code)) } else { None }
            }

            pub const fn get(self) -> u16 {
                self.0
            }
        }
        impl FromStr for $name {
            type Err = Invalid;
            fn from_str(text: &str) -> Result<Self, Invalid> {
                text.parse().ok().and_then(Self::new).ok_or_else(|| Invalid::new($what, $rule, text))
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

code! {
    /// A hangup cause of ITU-T Q.850; 0 is what Asterisk reports when nobody said anything.
    Cause, "a cause", "a Q.850 cause from 0 to 127", 0..=127
}
code! {
    /// A SIP response code (RFC 3261 §21).
    SipCode, "a SIP code", "a response code from 100 to 699", 100..=699
}

impl Cause {
    pub const UNALLOCATED: Self = Self(1);
    pub const NORMAL_CLEARING: Self = Self(16);
    pub const NO_ROUTE: Self = Self(3);
    pub const SUBSCRIBER_ABSENT: Self = Self(20);
    pub const REJECTED: Self = Self(21);
    pub const EXCHANGE_ROUTING_ERROR: Self = Self(25);
    pub const INVALID_NUMBER: Self = Self(28);
    pub const NO_CIRCUIT: Self = Self(34);
    /// What Asterisk says as SIP 500; 41 would be 603, as if the person had declined.
    pub const NETWORK_OUT_OF_ORDER: Self = Self(38);
}

/// One outcome after which no other carrier is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StopToken {
    /// The leg ended with this SIP response.
    Sip(SipCode),
    /// The leg ended with this Q.850 cause and gave no SIP response.
    Q850(Cause),
    /// The phone rang until the time was over.
    RangOut,
}

impl FromStr for StopToken {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let invalid = || Invalid::new("a stop token", "s<SIP code>, q<Q.850 cause> or rang", text);
        match text.split_at_checked(1) {
            _ if text == "rang" => Ok(Self::RangOut),
            Some(("s", code)) => code.parse().map(Self::Sip).map_err(|_| invalid()),
            Some(("q", cause)) => cause.parse().map(Self::Q850).map_err(|_| invalid()),
            _ => Err(invalid()),
        }
    }
}

impl fmt::Display for StopToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sip(code) => write!(f, "s{code}"),
            Self::Q850(cause) => write!(f, "q{cause}"),
            Self::RangOut => f.write_str("rang"),
        }
    }
}

/// The outcomes that end a call instead of moving on to the next carrier, in the order they were written.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct StopRule(Box<[StopToken]>);

impl StopRule {
    /// Most tokens one rule may hold: every attempt repeats its rule in the reply.
    pub const MAX_TOKENS: usize = 16;

    /// The rule for carriers where none is written: the called person's verdict ends the call (busy, rejected,
    /// unallocated number, rang out); a carrier's own trouble (401, 403, 408, 5xx, silence) does not.
    pub const CARRIER_DEFAULT: &str = "s486,s600,s603,s404,s484,s480,rang,q17,q19";

    /// The rule for calls handed over to another server of ours. Over IAX2 only a Q.850 cause comes back; a node ends
    /// with these for a person's verdict, and with 34 for a carrier's trouble. 403 is how PJSIP says 21.
    pub const HOP_DEFAULT: &str = "s486,s600,s603,s404,s484,s480,s403,rang,q1,q17,q19,q21,q28";

    /// The rule for hops, parsed.
    pub fn for_hops() -> Self {
        Self::HOP_DEFAULT.parse().unwrap_or(Self::never())
    }

    /// The rule that never ends a call before the last attempt.
    pub fn never() -> Self {
        Self([].into())
    }

    pub fn tokens(&self) -> &[StopToken] {
        &self.0
    }
}

impl Default for StopRule {
    fn default() -> Self {
        Self::CARRIER_DEFAULT.parse().unwrap_or(Self::never())
    }
}

impl FromStr for StopRule {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        if text.is_empty() {
            return Ok(Self::never());
        }
        let tokens = text.split(',').map(str::parse).collect::<Result<Box<[_]>, _>>()?;
        if tokens.len() > Self::MAX_TOKENS {
            return Err(Invalid::new("a stop rule", "at most 16 comma-separated tokens", text));
        }
        Ok(Self(tokens))
    }
}

impl fmt::Display for StopRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, token) in self.0.iter().enumerate() {
            write!(f, "{}{token}", if position == 0 { "" } else { "," })?;
        }
        Ok(())
    }
}

text_form!(StopRule);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stop_rules_read_back_equal() {
        assert_eq!(StopRule::default().to_string(), StopRule::CARRIER_DEFAULT);
        assert_eq!(StopRule::for_hops().to_string(), StopRule::HOP_DEFAULT);
        assert_eq!("".parse::<StopRule>().unwrap().tokens(), []);
        for bad in ["x", "s99", "s700", "q128", "s486,", "rung", "s486;q17", "s", "é"] {
            assert!(bad.parse::<StopRule>().is_err(), "{bad:?}");
        }
        assert!(["s486"; 17].join(",").parse::<StopRule>().is_err());
    }

    #[test]
    fn what_is_not_plainly_allowed_is_withheld() {
        assert_eq!(Presentation::from_asterisk("allowed_not_screened"), Presentation::Allowed);
        assert_eq!(Presentation::from_asterisk(""), Presentation::Allowed);
        for withheld in ["prohib", "prohib_passed_screen", "unavailable", "?"] {
            assert_eq!(Presentation::from_asterisk(withheld), Presentation::Prohibited);
        }
    }
}
